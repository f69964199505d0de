"""What is due goes out once, or the table says truly why not."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import Conflict
from approvals.models import Verdict
from approvals.services import decide
from clients.services import edit_client, freeze, unfreeze
from notifications.models import Notification
from social.models import Attempt, Channel, Post, Publication, SandboxPost
from social.services import (
    asking,
    cancel_publication,
    claiming,
    edit_channel,
    edit_post,
    publishing,
    resolve_publication,
    retire_channel,
    retry_publication,
    scheduling,
    settling,
    submit_post,
    withdraw_post,
)
from tests.world import World, approve, review_of, sandbox

DOORS: dict[str, Callable[..., None]] = {
    "scheduled": publishing.publish,
    "publishing": settling.end_lease,
    "unknown": asking.ask,
}


def run(publication: Publication) -> Publication:
    """What a sweep and the workers would do with it now."""
    for pk, state in claiming.hand_out(timezone.now()):
        DOORS[state](publication_id=pk)
    publication.refresh_from_db()
    publication.post.refresh_from_db()
    return publication


def rehearse(world: World, behaviour: str) -> Publication:
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": behaviour})
    return run(world.due())


def heal(world: World) -> None:
    edit_channel(user=world.marta, channel=world.page, credentials={})


def outcomes(publication: Publication) -> list[str]:
    return list(publication.attempts.order_by("number").values_list("outcome", flat=True))


def told(kind: str) -> list[str]:
    found = Notification.objects.filter(kind=kind).select_related("user")
    return sorted(notification.user.name for notification in found)


def wake(publication: Publication, **fields: Any) -> None:
    """As if the clock had gone on to the next time that this row is looked at."""
    Publication.objects.filter(pk=publication.pk).update(wake_at=timezone.now(), **fields)


def test_refused_is_failed_and_is_not_tried_again(world: World) -> None:
    publication = rehearse(world, "refuse")
    assert (publication.state, publication.post.state, publication.wake_at) == ("failed", "failed", None)
    assert outcomes(publication) == ["refused"]
    assert told("publication_failed") == ["Marta Gallo", "Vito Serra"]
    assert claiming.hand_out(timezone.now() + timedelta(days=1)) == []
    heal(world)
    retry_publication(user=world.marta, publication=publication)
    assert run(publication).state == "published"
    assert SandboxPost.objects.count() == 1


def test_throttled_waits_as_long_as_it_is_told(world: World) -> None:
    before = timezone.now()
    publication = rehearse(world, "throttle")
    assert (publication.state, publication.post.state, outcomes(publication)) == (
        "scheduled",
        "scheduled",
        ["throttled"],
    )
    assert publication.wake_at is not None
    assert timedelta(seconds=59) < publication.wake_at - before < timedelta(seconds=75)
    assert claiming.hand_out(timezone.now()) == []


def test_not_sent_is_tried_again_with_growing_distance_and_then_fails(world: World) -> None:
    publication = rehearse(world, "unavailable")
    waits = []
    while publication.state == "scheduled":
        assert publication.wake_at is not None
        waits.append((publication.wake_at - timezone.now()).total_seconds())
        wake(publication)
        publication = run(publication)
    assert publication.state == "failed"
    assert outcomes(publication) == ["not_sent"] * settling.MOST_TRIES
    assert all(later > earlier for earlier, later in pairwise(waits))
    assert not SandboxPost.objects.exists()


def test_uncertain_is_asked_and_never_sent_again_blindly(world: World) -> None:
    publication = rehearse(world, "drop_after_accept")
    assert (publication.state, publication.post.state, outcomes(publication)) == ("unknown", "publishing", ["unknown"])
    assert claiming.hand_out(timezone.now()) == []  # the network is given a moment
    wake(publication)
    publication = run(publication)
    assert (publication.state, publication.post.state) == ("published", "published")
    assert publication.permalink.endswith(f"/sandbox/cantina-roero/#{SandboxPost.objects.get().pk}")
    assert outcomes(publication) == ["unknown"]


def uncertain(world: World) -> Publication:
    """Nobody knows: the network took three questions and answered none."""
    publication = rehearse(world, "drop_after_accept")
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "unavailable"})
    for _question in settling.ASK_AFTER:
        assert told("publication_unknown") == []
        wake(publication)
        publication = run(publication)
    return publication


def test_after_three_questions_a_person_is_asked(world: World) -> None:
    publication = uncertain(world)
    assert (publication.state, publication.asked) == ("unknown", 3)
    assert told("publication_unknown") == ["Marta Gallo", "Vito Serra"]
    # It was away, which is no answer: it is asked on beside the person.
    assert claiming.hand_out(timezone.now() + timedelta(minutes=59)) == []
    assert claiming.hand_out(timezone.now() + timedelta(minutes=61)) == [(publication.pk, "unknown")]


def test_a_person_says_it_is_live(world: World) -> None:
    publication = uncertain(world)
    with pytest.raises(Conflict):
        retry_publication(user=world.marta, publication=publication)
    live = resolve_publication(
        user=world.marta, publication=publication, outcome="published", permalink="https://example.org/1"
    )
    assert (live.state, live.permalink) == ("published", "https://example.org/1")
    assert Post.objects.get().state == "published"


def test_a_person_says_it_is_not_live_and_it_is_sent(world: World) -> None:
    publication = uncertain(world)
    SandboxPost.objects.all().delete()
    heal(world)
    resolve_publication(user=world.marta, publication=publication, outcome="not_published")
    assert run(publication).state == "published"
    assert SandboxPost.objects.count() == 1


def test_a_bug_of_ours_while_sending_is_uncertain_not_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(SandboxPost.objects, "create", broken)
    publication = run(world.due())
    assert (publication.state, outcomes(publication)) == ("unknown", ["unknown"])
    assert "RuntimeError" in publication.detail
    assert "disk" not in publication.detail


def test_later_than_the_window_asks_a_person_and_never_fires_by_itself(world: World) -> None:
    publication = world.due()
    past = timezone.now() - timedelta(minutes=world.winery.lateness_minutes, seconds=1)
    wake(publication, due_at=past)
    publication = run(publication)
    assert (publication.state, publication.post.state, publication.wake_at) == ("late", "late", None)
    assert told("post_late") == ["Marta Gallo", "Vito Serra"]
    assert not SandboxPost.objects.exists()
    retry_publication(user=world.vito, publication=publication)
    assert run(publication).state == "published"


def test_within_the_window_it_still_goes_out(world: World) -> None:
    edit_client(user=world.marta, client=world.winery, lateness_minutes=10)
    publication = world.due()
    wake(publication, due_at=timezone.now() - timedelta(minutes=9))
    assert run(publication).state == "published"


def test_a_review_that_reaches_the_hour_never_publishes(world: World) -> None:
    post = world.submitted(publish_at=timezone.now() + timedelta(hours=1))
    Post.objects.filter(pk=post.pk).update(publish_at=timezone.now() - timedelta(seconds=1))
    assert scheduling.mark_late() == 1
    assert scheduling.mark_late() == 0
    post.refresh_from_db()
    assert post.state == "late"
    for user in (world.elena, world.marta, world.cliente):
        approve(post, user)
    post.refresh_from_db()
    publication = post.publications.get()
    assert (post.state, publication.state) == ("late", "late")
    assert claiming.hand_out(timezone.now() + timedelta(days=1)) == []
    edit_post(user=world.vito, post=post, publish_at=timezone.now() + timedelta(hours=2))
    publication.refresh_from_db()
    post.refresh_from_db()
    assert (post.state, publication.state, publication.due_at) == ("scheduled", "scheduled", post.publish_at)


def test_a_late_post_in_review_gets_another_time(world: World) -> None:
    post = world.submitted(publish_at=timezone.now() + timedelta(hours=1))
    Post.objects.filter(pk=post.pk).update(publish_at=timezone.now() - timedelta(seconds=1))
    scheduling.mark_late()
    post = edit_post(user=world.vito, post=post, publish_at=timezone.now() + timedelta(hours=1))
    assert (post.state, review_of(post).state) == ("in_review", "open")


def test_nothing_of_a_stopped_client_goes_out_and_lifting_asks_again(world: World) -> None:
    publication = world.due()
    freeze(user=world.vito, client=world.winery, reason="Notizia da verificare")
    assert run(publication).state == "scheduled"
    publishing.publish(publication_id=publication.pk)  # a worker that was handed it just before
    publication.refresh_from_db()
    assert (publication.state, publication.tries) == ("scheduled", 0)
    unfreeze(user=world.marta, client=world.winery)
    wake(publication)
    publication = run(publication)
    assert (publication.state, publication.post.state) == ("late", "late")
    assert told("post_late") == ["Marta Gallo", "Vito Serra"]
    retry_publication(user=world.marta, publication=publication)
    assert run(publication).state == "published"


def test_what_is_due_after_the_stop_was_lifted_goes_out(world: World) -> None:
    freeze(user=world.marta, client=world.winery, reason="Prova")
    unfreeze(user=world.marta, client=world.winery)
    assert run(world.due()).state == "published"


def test_the_other_client_goes_on(world: World) -> None:
    post = world.town_post(publish_at=timezone.now() + timedelta(hours=1))
    approve(post, world.sindaco)
    publication = post.publications.get()
    wake(publication, due_at=timezone.now())
    freeze(user=world.marta, client=world.winery, reason="Prova")
    assert run(publication).state == "published"


def test_an_edit_after_the_last_approval_publishes_nothing(world: World) -> None:
    publication = world.due()
    edit_post(user=world.vito, post=publication.post, text="Parole che nessuno ha approvato.")
    publishing.publish(publication_id=publication.pk)
    publication.refresh_from_db()
    assert (publication.state, SandboxPost.objects.count()) == ("cancelled", 0)
    assert told("superseded") == ["Elena Riva", "Marta Gallo", "Piero Roero"]


def test_taking_an_approval_back_cancels_what_was_scheduled(world: World) -> None:
    publication = world.due()
    post = withdraw_post(user=world.vito, post=publication.post)
    publication.refresh_from_db()
    assert (post.state, publication.state) == ("draft", "cancelled")


def test_the_time_alone_moves_and_the_approval_stays(world: World) -> None:
    publication = world.due()
    later = timezone.now() + timedelta(hours=3)
    post = edit_post(user=world.vito, post=publication.post, publish_at=later)
    publication.refresh_from_db()
    assert (post.state, publication.state, publication.due_at, publication.wake_at) == (
        "scheduled",
        "scheduled",
        later,
        later,
    )
    assert review_of(post).state == "approved"


def test_without_a_time_it_waits_for_one(world: World) -> None:
    post = world.approved()
    assert (post.state, post.publications.count()) == ("approved", 0)
    post = edit_post(user=world.vito, post=post, publish_at=timezone.now() + timedelta(hours=1))
    assert (post.state, post.publications.get().state) == ("scheduled", "scheduled")
    post = edit_post(user=world.vito, post=post, publish_at=None)
    assert (post.state, post.publications.get().state) == ("approved", "cancelled")


def two_channels(world: World) -> tuple[Channel, Post]:
    second = sandbox(world.marta, world.winery, "roero-due", behaviour="refuse")
    post = world.approved(channels=[world.page, second], publish_at=timezone.now() + timedelta(hours=1))
    now = timezone.now()
    post.publications.update(due_at=now, wake_at=now)
    return second, post


def test_one_channel_of_two_is_partly_published(world: World) -> None:
    second, post = two_channels(world)
    run(post.publications.first() or Publication())
    post.refresh_from_db()
    assert dict(post.publications.values_list("channel__handle", "state")) == {
        "cantina-roero": "published",
        "roero-due": "failed",
    }
    assert post.state == "partly_published"
    with pytest.raises(Conflict) as refused:
        edit_post(user=world.vito, post=post, text="Troppo tardi")
    assert refused.value.code == "already_published"
    edit_channel(user=world.marta, channel=second, credentials={})
    failed = post.publications.get(state="failed")
    retry_publication(user=world.marta, publication=failed)
    run(failed)
    post.refresh_from_db()
    assert post.state == "published"
    assert SandboxPost.objects.count() == 2


def test_one_channel_given_up(world: World) -> None:
    _second, post = two_channels(world)
    cancel_publication(user=world.marta, publication=post.publications.get(channel__handle="roero-due"))
    publication = run(post.publications.get(channel=world.page))
    assert publication.post.state == "published"
    with pytest.raises(Conflict) as refused:
        cancel_publication(user=world.marta, publication=publication)
    assert refused.value.code == "not_cancellable"


def test_a_retired_channel_publishes_nothing_and_keeps_its_history(world: World) -> None:
    publication = world.due()
    channel = retire_channel(user=world.marta, channel=world.page)
    publication.refresh_from_db()
    assert (channel.status, channel.credentials, publication.state) == ("retired", "", "cancelled")
    assert publication.detail == "Cantina Roero (prova) è dismesso."
    assert Attempt.objects.count() == 0


def test_two_approvals_of_other_words_never_share_a_publication(world: World) -> None:
    first = world.due()
    post = edit_post(user=world.vito, post=first.post, text="Versione due")
    assert post.publish_at is not None

    Post.objects.filter(pk=post.pk).update(publish_at=timezone.now() + timedelta(hours=1))
    post = submit_post(user=world.vito, post=post)
    for user in (world.elena, world.marta, world.cliente):
        review = review_of(post)
        decide(review=review, user=user, digest=review.digest, verdict=Verdict.APPROVE)
    states = dict(post.publications.values_list("version__number", "state"))
    assert states == {1: "cancelled", 2: "scheduled"}
