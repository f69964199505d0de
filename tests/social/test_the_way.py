"""One post's whole way, through the services alone."""

from django.utils import timezone

from approvals.models import ReviewState
from audit.models import Event
from notifications.models import Notification
from social.models import PublicationState, SandboxPost
from social.services import claiming, publishing
from tests.world import World, review_of


def test_approved_by_three_goes_out_at_its_minute_once(world: World) -> None:
    publication = world.due()
    assert review_of(publication.post).state == ReviewState.APPROVED
    handed = claiming.hand_out(timezone.now())
    assert handed == [(publication.pk, "scheduled")]
    publishing.publish(publication_id=publication.pk)
    publishing.publish(publication_id=publication.pk)
    publication.refresh_from_db()
    publication.post.refresh_from_db()
    assert publication.state == PublicationState.PUBLISHED
    assert publication.post.state == "published"
    assert [entry.text for entry in SandboxPost.objects.all()] == ["Oggi si vendemmia."]
    assert claiming.hand_out(timezone.now()) == []
    assert sorted(Notification.objects.values_list("kind", flat=True)) == ["approved", "turn", "turn", "turn"]
    assert [event.verb for event in Event.objects.filter(client_id=world.winery.pk).order_by("seq")][-6:] == [
        "review.started",
        "review.approved",
        "review.approved",
        "review.approved",
        "post.scheduled",
        "publication.published",
    ]
