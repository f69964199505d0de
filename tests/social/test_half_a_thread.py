"""What broke off in the middle: the part of it that is live is taken down or corrected by the same acts as the whole."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone, translation

from accounts.errors import Conflict
from audit.models import Event
from social.acts import act_told
from social.models import Post, Publication, SandboxPost
from social.networks.base import Network, Published
from social.networks.bluesky import Bluesky
from social.networks.facebook import Facebook
from social.networks.mastodon import Mastodon
from social.networks.threads import Threads
from social.networks.x import X
from social.services import (
    correct_publication,
    edit_channel,
    edit_post,
    publishing,
    retry_publication,
    submit_post,
    take_down,
    withdraw_post,
)
from social.services.content_rows import PartPlan
from social.services.correctable import possible
from tests.rest.caller import Caller
from tests.social.test_publishing import run
from tests.social.test_retiring import half_a_thread
from tests.world import World, approve

PART = "È online 1 dei suoi 3 post."


def agreed(world: World, post: Post) -> Publication:
    """Everybody approves it; what then is to be done, now."""
    for user in (world.elena, world.marta, world.cliente):
        approve(post, user)
    found = post.publications.latest("pk")
    Publication.objects.filter(pk=found.pk).update(wake_at=timezone.now())
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "ok"})
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["failed", "late"])
def test_its_live_part_is_taken_down_once_everybody_agrees(world: World, state: str) -> None:
    half = half_a_thread(world, state)
    assert [act.value for act in possible(half)] == ["reply", "edit", "new_post", "take_down"]
    assert SandboxPost.objects.count() == 1
    asked = take_down(user=world.vito, publication=half, because="Il terzo post non esce più.")
    with translation.override("it"):
        told = act_told(asked.version)
    assert told is not None
    assert told.meaning.startswith(PART)
    with pytest.raises(Conflict) as again:
        take_down(user=world.vito, publication=half, because="Ancora.")
    assert again.value.code == "already_asked"
    down = run(agreed(world, asked))
    half.refresh_from_db()
    assert (down.state, half.state, SandboxPost.objects.count()) == ("published", state, 0)
    assert half.taken_down_at is not None
    assert Event.objects.get(verb="publication.taken_down").data["of"] == half.pk
    # Nothing more of it goes out, whichever way it is tried.
    with pytest.raises(Conflict) as refused:
        retry_publication(user=world.marta, publication=half)
    assert refused.value.code == "taken_down"
    Publication.objects.filter(pk=half.pk).update(state="scheduled", due_at=timezone.now(), wake_at=timezone.now())
    given_up = run(half)
    assert (given_up.state, SandboxPost.objects.count()) == ("failed", 0)
    assert "è stata tolta" in given_up.detail
    assert possible(half) == []


@pytest.mark.django_db
def test_it_is_corrected_below_its_last_live_post(world: World) -> None:
    half = half_a_thread(world, "failed")
    post = correct_publication(
        user=world.vito, publication=half, act="reply", because="È uscito a metà.", text="Il resto è qui."
    )
    done = run(agreed(world, submit_post(user=world.vito, post=post)))
    root, answer = SandboxPost.objects.order_by("pk")
    assert (done.state, answer.text, answer.below) == ("published", "Il resto è qui.", root)
    half.refresh_from_db()
    assert (half.state, half.taken_down_at) == ("failed", None)
    # The rest would begin a second branch beside the answer, until that is gone.
    told = Caller(world.marta).post(f"publications/{half.pk}/retry/", {}, 409)
    assert (told["code"], "“Il resto è qui.”" in told["detail"]) == ("answered", True)
    assert [act.value for act in possible(done)] == ["take_down"]
    for act in ("edit", "reply", "new_post"):
        Caller(world.vito).post(f"publications/{done.pk}/correct/", {"act": act, "text": "Altro."}, 409)
    run(agreed(world, take_down(user=world.vito, publication=done, because="Basta.")))
    assert list(SandboxPost.objects.all()) == [root]
    retry_publication(user=world.marta, publication=half)
    assert (run(half).state, SandboxPost.objects.count()) == ("published", 3)
    other = correct_publication(user=world.vito, publication=half, act="reply", text="E ancora.")
    run(agreed(world, submit_post(user=world.vito, post=other)))
    down = run(agreed(world, take_down(user=world.vito, publication=half, because="Basta.")))
    assert (down.state, SandboxPost.objects.count()) == ("published", 0)  # and the answer with it


@pytest.mark.django_db
def test_an_answer_that_was_tried_before_the_rest_came_stands_below_all_of_it(world: World) -> None:
    half = half_a_thread(world, "failed")
    draft = correct_publication(user=world.vito, publication=half, act="reply", text="Scusate.")
    answer = agreed(world, submit_post(user=world.vito, post=draft))
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "unavailable"})
    assert (run(answer).state, answer.tries) == ("scheduled", 1)
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "ok"})
    retry_publication(user=world.marta, publication=half)
    assert run(half).state == "published"
    Publication.objects.filter(pk=answer.pk).update(wake_at=timezone.now())
    assert run(answer).state == "published"
    texts = list(SandboxPost.objects.order_by("pk").values_list("text", "below__text"))
    assert texts == [("Uno", None), ("Due", "Uno"), ("Tre", "Due"), ("Scusate.", "Tre")]


@pytest.mark.django_db
def test_it_is_corrected_by_a_post_of_its_own(world: World) -> None:
    half = half_a_thread(world, "failed")
    post = correct_publication(
        user=world.vito, publication=half, act="new_post", because="È uscito a metà.", text="Ecco come continua."
    )
    done = run(agreed(world, submit_post(user=world.vito, post=post)))
    assert (done.state, SandboxPost.objects.count()) == ("published", 2)
    half.refresh_from_db()
    assert (half.state, half.taken_down_at) == ("failed", None)
    assert retry_publication(user=world.marta, publication=half).state == "scheduled"


@pytest.mark.django_db
def test_while_the_rest_is_still_to_come_it_waits(world: World) -> None:
    half = half_a_thread(world, "scheduled")
    with pytest.raises(Conflict) as refused:
        take_down(user=world.vito, publication=half, because="Basta.")
    assert (refused.value.code, possible(half)) == ("partly_live", [])
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "refuse"})
    Publication.objects.filter(pk=half.pk).update(wake_at=timezone.now())
    half = run(half)
    asked = take_down(user=world.vito, publication=half, because="Basta.")
    retry_publication(user=world.marta, publication=half)  # somebody sends the rest meanwhile, and a worker is at it
    Publication.objects.filter(pk=half.pk).update(state="publishing", wake_at=timezone.now() + timedelta(minutes=1))
    waits = run(agreed(world, asked))
    assert (waits.state, waits.detail) == (
        "scheduled",
        "Sullo stesso post è in corso un’altra operazione. Si aspetta che finisca.",
    )
    Publication.objects.filter(pk=half.pk).update(state="scheduled", due_at=timezone.now())
    wait = {"wake_at": timezone.now() + timedelta(hours=1)}  # the network asks to wait
    Publication.objects.filter(pk=half.pk).update(**wait)
    Publication.objects.filter(pk=waits.pk).update(wake_at=timezone.now())
    assert (run(waits).state, SandboxPost.objects.count()) == ("published", 0)
    half.refresh_from_db()
    assert (half.state, half.post.state, half.wake_at) == ("failed", "partly_published", None)
    assert half.detail == f"{PART} Quello che ne è online viene tolto: non ne esce più niente."


@pytest.mark.django_db
def test_once_its_taking_down_is_agreed_the_rest_is_not_sent(world: World) -> None:
    half = half_a_thread(world, "failed")
    asked = take_down(user=world.vito, publication=half, because="Basta.")
    later = timezone.now() + timedelta(days=1)
    edit_post(user=world.vito, post=asked, publish_at=later)
    end = agreed(world, asked)
    told = Caller(world.marta).post(f"publications/{half.pk}/retry/", {}, 409)
    assert (told["code"], f"{asked.pk}" in told["detail"]) == ("taking_down", True)
    Publication.objects.filter(pk=end.pk).update(state="late", wake_at=None)
    Caller(world.marta).post(f"publications/{half.pk}/retry/", {}, 409)
    Publication.objects.filter(pk=end.pk).update(state="scheduled", wake_at=later)
    withdraw_post(user=world.vito, post=Post.objects.get(pk=asked.pk))
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "refuse"})
    retry_publication(user=world.marta, publication=half)
    assert run(half).state == "failed"
    # What was to be sent before stays behind a taking down whose hour has come.
    again = edit_post(user=world.vito, post=Post.objects.get(pk=asked.pk), publish_at=None)
    again = submit_post(user=world.vito, post=again)
    retry_publication(user=world.marta, publication=half)
    Publication.objects.filter(pk=agreed(world, again).pk).update(wake_at=later)
    assert (run(half).state, SandboxPost.objects.count()) == ("scheduled", 1)


@pytest.mark.django_db
def test_a_change_whose_rest_would_stand_beside_an_answer_is_refused(world: World) -> None:
    half = half_a_thread(world, "failed")
    fields: dict[str, Any] = {"text": "Uno.", "parts": [PartPlan(text="Due.")]}
    change = correct_publication(user=world.vito, publication=half, act="edit", because="È uscito a metà.", **fields)
    waits = agreed(world, submit_post(user=world.vito, post=change))
    Publication.objects.filter(pk=waits.pk).update(wake_at=timezone.now() + timedelta(minutes=1))
    draft = correct_publication(user=world.vito, publication=half, act="reply", text="Scusate.")
    assert run(agreed(world, submit_post(user=world.vito, post=draft))).state == "published"
    Publication.objects.filter(pk=waits.pk).update(wake_at=timezone.now())
    waits = run(waits)
    assert (waits.state, "“Scusate.”" in waits.detail) == ("cancelled", True)
    other = correct_publication(user=world.vito, publication=half, act="edit", because="È uscito a metà.", **fields)
    with pytest.raises(Conflict) as refused:
        submit_post(user=world.vito, post=other)
    assert refused.value.code == "answered"
    edit_post(user=world.vito, post=other, parts=[])  # what has no rest is in nobody's way
    assert run(agreed(world, submit_post(user=world.vito, post=other))).state == "published"
    half = run(half)
    texts = list(SandboxPost.objects.order_by("pk").values_list("text", "below__text"))
    assert (half.state, texts) == ("published", [("Uno.", None), ("Scusate.", "Uno.")])


@pytest.mark.django_db(transaction=True)
def test_two_who_send_the_rest_and_take_down_at_once_do_one_after_the_other(world: World) -> None:
    half = half_a_thread(world, "failed")
    asked = agreed(world, take_down(user=world.vito, publication=half, because="Basta."))
    at_once, errors = threading.Barrier(2), []

    def both(work: Any) -> None:
        at_once.wait()
        try:
            work()
        except Conflict as conflict:
            errors.append(conflict.code)
        finally:
            connection.close()

    works = [
        lambda: publishing.publish(publication_id=asked.pk),
        lambda: publishing.publish(publication_id=retry_publication(user=world.marta, publication=half).pk),
    ]
    threads = [threading.Thread(target=both, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    half.refresh_from_db()
    asked.refresh_from_db()
    live = SandboxPost.objects.count()
    # The rest is refused, since its end is agreed: never a rest without its beginning.
    assert (asked.state, live, half.taken_down_at is not None) == ("published", 0, True)
    assert errors in (["taken_down"], ["taking_down"])


def test_each_network_says_by_its_steps_where_the_live_part_is() -> None:
    def so_far(network: Network, **steps: dict[str, str]) -> Published | None:
        return network.so_far(lambda step: steps.get(step.replace(":", "_")))

    numbers = {"publish": {"id": "7"}, "part_1": {"id": "8"}, "part_3": {"id": "10"}, "comment": {"id": "9"}}
    for network in (X(), Mastodon(), Threads()):
        assert so_far(network, **numbers) == Published("7,8,9", "")
    assert so_far(Facebook(), publish={"id": "7_8"}, comment={"id": "9"}) == Published("7_8", "")
    address = "https://one.example/@roero/7"
    assert so_far(Mastodon(), publish={"id": "7", "url": address}) == Published("7", address)
    here = "at://did:plc:roero/app.bsky.feed.post/"
    sky = so_far(Bluesky(), publish={"id": f"{here}3aaa"}, part_1={"id": f"{here}3bbb"})
    assert sky == Published(f"{here}3aaa,3bbb", "")
    assert so_far(X()) is None
