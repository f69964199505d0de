"""The same text twice where a network forbids it: refused before anybody is asked, and once more at the claim."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from social.digest import content_of
from social.models import Channel, Post, Publication
from social.services import claiming, create_channel, edit_post, publishing, retry_publication, submit_post
from social.services.content_rows import PartPlan
from social.services.repeating import repeats
from tests.rest.caller import Caller
from tests.social.publishing.stepwise import Stepwise
from tests.social.test_publishing import outcomes, run, wake
from tests.world import World, approve

TEXT = "Oggi si vendemmia."
SOON, LATER = timedelta(hours=1), timedelta(days=3)


@pytest.fixture(autouse=True)
def _minds(stepwise: Stepwise) -> None:
    stepwise.repeats_after = timedelta(days=1)  # type: ignore[misc]  # of this one alone


def at(ahead: timedelta) -> Any:
    return timezone.now() + ahead


def said(world: World, post: Post) -> list[str]:
    """What a submission is refused for."""
    with translation.override("en"), pytest.raises(ValidationError) as refused:
        submit_post(user=world.vito, post=post)
    return refused.value.messages


def test_what_is_planned_or_out_is_not_said_again_within_the_time(world: World, channel: Channel) -> None:
    first = world.submitted(title="Il primo", channels=[channel], publish_at=at(SOON))
    again = world.draft(title="Il secondo", channels=[channel], text=f"  {TEXT}\n", publish_at=at(2 * SOON))
    (message,) = said(world, again)
    assert message.startswith(
        "Roero: Stepwise refuses the same text within 24 hours: “Il primo” is to go out here on"
    ), message
    # Elsewhere, later, or in other words it is fine; so it is where the first one is given up.
    for fields in ({"channels": [world.page]}, {"publish_at": at(LATER)}, {"text": "Si vendemmia."}):
        submit_post(user=world.vito, post=world.draft(**{"channels": [channel], "publish_at": at(SOON), **fields}))
    for user in (world.elena, world.marta, world.cliente):
        approve(first, user)
    now = timezone.now()
    first.publications.update(due_at=now, wake_at=now)
    assert run(first.publications.get()).state == "published"
    edit_post(user=world.vito, post=again, publish_at=at(3 * SOON))
    (message,) = said(world, again)
    assert "“Il primo” went out here on" in message
    edit_post(user=world.vito, post=again, publish_at=None)
    (problem,) = repeats(content_of(Post.objects.get(pk=again.pk)), post=again, at=None).pop(channel.pk)
    assert problem.level == "warning"


def test_what_was_given_up_or_failed_may_be_said(world: World, channel: Channel, stepwise: Stepwise) -> None:
    first = world.draft(channels=[channel], publish_at=at(SOON))
    submit_post(user=world.vito, post=first)
    edit_post(user=world.vito, post=first, text="Altro.")
    second = world.submitted(channels=[channel], publish_at=at(SOON))
    assert second.state == "in_review"


def test_two_posts_of_one_thread_can_be_the_same_nowhere_that_minds(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    stepwise.words = lambda content: (content.text, *(part.text for part in content.parts))  # type: ignore[method-assign]
    post = world.draft(channels=[channel], parts=[PartPlan(text="Poi."), PartPlan(text=TEXT)])
    (message,) = said(world, post)
    assert message == "Roero: Stepwise refuses the same text twice: two posts of this thread are the same."


def test_programs_and_the_clients_people_are_told_what_they_may_know(world: World, channel: Channel) -> None:
    world.submitted(title="Segreto", channels=[channel], publish_at=at(SOON))
    post = world.approved(channels=[channel], text=TEXT, publish_at=at(LATER))
    edit_post(user=world.vito, post=post, publish_at=at(SOON))

    def problem(user: Any) -> str:
        (check,) = Caller(user).get(f"posts/{post.pk}/preflight/")
        (found,) = check["problems"]
        assert (check["ok"], found["code"], found["level"]) == (False, "repeated", "error")
        return str(found["detail"])

    assert "“Segreto”" in problem(world.vito)
    assert "Segreto" not in problem(world.cliente)


def test_it_is_one_query_by_an_index(world: World, channel: Channel) -> None:
    other = create_channel(
        user=world.marta, client=world.winery, network="stepwise", handle="altro", name="Altro", credentials={}
    )
    post = world.draft(channels=[channel, other], publish_at=at(SOON))
    for number in range(3):
        world.submitted(title=f"{number}", channels=[channel], publish_at=at(SOON + number * LATER))
    content = content_of(post)
    with CaptureQueriesContext(connection) as asked, connection.cursor() as cursor:
        found = repeats(content, post=post, at=post.publish_at)
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {asked.captured_queries[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert (len(found[channel.pk]), len(asked.captured_queries)) == (1, 3)
    assert "ix_variant_says" in plan


def both_due(world: World, channel: Channel) -> list[Publication]:
    """Two approved posts that say the same, both due now: the second was moved there after its approval."""
    first = world.due(title="Il primo", channels=[channel])
    second = world.approved(title="Il secondo", channels=[channel], publish_at=at(LATER))
    now = timezone.now()
    second.publications.update(due_at=now, wake_at=now)
    return [first, second.publications.get()]


def test_at_the_claim_the_second_waits_for_the_first_and_is_refused(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    first, second = both_due(world, channel)
    claimed = claiming.claim(publication_id=first.pk, now=timezone.now())
    assert claimed is not None
    assert claiming.claim(publication_id=second.pk, now=timezone.now()) is None
    second.refresh_from_db()
    assert (second.state, "Il primo" in second.detail) == ("scheduled", True)
    assert second.wake_at is not None
    assert second.wake_at > timezone.now()
    # The first one's worker ends; the second one is refused without its network being asked.
    Publication.objects.filter(pk=first.pk).update(state="scheduled", wake_at=timezone.now())
    publishing.publish(publication_id=first.pk)
    wake(second)
    publishing.publish(publication_id=second.pk)
    second.refresh_from_db()
    first.refresh_from_db()
    assert (first.state, second.state, outcomes(second)) == ("published", "failed", ["refused"])
    assert "“Il primo”" in second.detail
    assert second.attempts.get().sent_at is None
    assert stepwise.live == [("roero", f"{TEXT}/0")]
    # A day later it may be said again.
    Publication.objects.filter(pk=first.pk).update(published_at=timezone.now() - timedelta(days=1, seconds=1))
    retry_publication(user=world.marta, publication=second)
    assert run(second).state == "published"


def test_where_the_first_one_fails_the_second_goes_out(world: World, channel: Channel, stepwise: Stepwise) -> None:
    first, second = both_due(world, channel)
    claiming.claim(publication_id=first.pk, now=timezone.now())
    publishing.publish(publication_id=second.pk)
    Publication.objects.filter(pk=first.pk).update(state="failed", wake_at=None)
    wake(second)
    publishing.publish(publication_id=second.pk)
    second.refresh_from_db()
    assert second.state == "published"
