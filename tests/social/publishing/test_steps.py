"""What was done is not done again, whatever ends a worker in the middle."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.errors import Conflict
from notifications.letters import write
from notifications.models import Notification
from social.models import Channel, Post, Publication, SandboxPost, Upload, Watch
from social.networks.base import (
    Account,
    Content,
    CredentialsRefused,
    Journal,
    Keys,
    NetworkError,
    NotReady,
    NotSent,
    Published,
    Refused,
    Throttled,
    Unknown,
)
from social.services import (
    cancel_publication,
    create_channel,
    edit_channel,
    edit_post,
    publishing,
    retry_publication,
)
from social.services.content_rows import PartPlan
from social.services.journal import PublicationJournal
from tests.social.checked import check_channel
from tests.social.publishing.stepwise import Killed, Stepwise, fails_once
from tests.social.test_publishing import outcomes, run, wake
from tests.world import World


def killed(publication: Publication) -> Publication:
    """The worker dies in the middle, and its lease runs out."""
    with pytest.raises(Killed):
        publishing.publish(publication_id=publication.pk)
    wake(publication)
    return run(publication)


def test_all_at_once(world: World, channel: Channel, stepwise: Stepwise) -> None:
    publication = run(world.due(channels=[channel]))
    assert (publication.state, publication.begun, stepwise.calls) == ("published", True, ["upload", "publish"])
    assert publication.attempts.get().sent_at is not None


def test_what_the_network_left_out_is_said_and_told(world: World, channel: Channel, stepwise: Stepwise) -> None:
    stepwise.lacks = "It is there without 1 picture."
    publication = run(world.due(channels=[channel]))
    assert (publication.state, publication.detail) == ("published", "It is there without 1 picture.")
    told = Notification.objects.filter(kind="publication_lacking").order_by("user__name")
    assert [notice.user.name for notice in told] == ["Marta Gallo", "Vito Serra"]
    letter = write(told[0])
    assert letter is not None
    assert "It is there without 1 picture." in letter.paragraphs
    Watch.objects.filter(publication=publication).delete()  # as of an answer, which nobody reads back
    assert write(told[0]) == letter


def test_killed_before_anything_is_shown_it_goes_on_by_itself(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    stepwise.before = fails_once("publish", Killed())
    publication = world.due(channels=[channel])
    stepwise.after = fails_once("upload", Killed())
    publication = killed(publication)
    assert (publication.state, outcomes(publication)) == ("scheduled", ["not_sent"])
    publication = killed(run_ready(publication))  # now before it is shown, with the word that it is being sent
    assert (publication.state, outcomes(publication)) == ("unknown", ["not_sent", "unknown"])
    wake(publication)
    publication = run(publication)  # the network says that it is not there
    assert (publication.state, stepwise.live) == ("scheduled", [])
    publication = run(publication)
    # Uploaded twice, since the first answer was lost; shown once.
    assert (publication.state, stepwise.calls) == ("published", ["upload", "upload", "find", "publish"])


def run_ready(publication: Publication) -> Publication:
    """Its next try is due now."""
    wake(publication)
    return publication


def test_killed_after_it_was_shown_it_is_found_and_not_shown_again(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    stepwise.after = fails_once("publish", Killed())
    publication = killed(world.due(channels=[channel]))
    assert (publication.state, publication.progress["in_flight"]) == ("unknown", "publish")
    publication = run(run_ready(publication))
    assert (publication.state, stepwise.calls) == ("published", ["upload", "publish", "find"])
    assert "in_flight" not in publication.progress


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_thread_that_breaks_goes_on_where_it_was(
    world: World, channel: Channel, stepwise: Stepwise, moment: str
) -> None:
    stepwise.parts = 3
    setattr(stepwise, moment, fails_once("part:1", Killed()))
    publication = world.due(channels=[channel], text="Filo")
    publication = killed(publication)
    assert (publication.state, publication.begun) == ("unknown", True)
    publication = run(run_ready(publication))
    assert (publication.state, publication.post.state) == ("scheduled", "publishing")
    publication = run(publication)
    assert publication.state == "published"
    assert stepwise.live == [("roero", "Filo/0"), ("roero", "Filo/1"), ("roero", "Filo/2")]


def test_what_has_begun_can_neither_be_changed_nor_cancelled(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    stepwise.parts = 2
    stepwise.before = fails_once("part:1", Throttled("Wait.", retry_at=timezone.now() + timedelta(hours=1)))
    publication = run(world.due(channels=[channel]))
    assert (publication.state, publication.post.state, stepwise.live) == (
        "scheduled",
        "publishing",
        [("roero", "Oggi si vendemmia./0")],
    )
    with pytest.raises(Conflict):
        cancel_publication(user=world.marta, publication=publication)
    with pytest.raises(Conflict):
        edit_post(user=world.vito, post=publication.post, text="Altro")
    with pytest.raises(Conflict):
        edit_post(user=world.vito, post=publication.post, publish_at=timezone.now() + timedelta(days=1))
    publication = run(run_ready(publication))
    assert (publication.state, len(stepwise.live)) == ("published", 2)


def test_what_ends_in_the_middle_says_that_a_part_of_it_is_live(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    stepwise.parts = 2
    stepwise.before = fails_once("part:1", Refused("No."))
    publication = run(world.due(channels=[channel]))
    assert (publication.state, publication.post.state, publication.detail) == (
        "failed",
        "partly_published",
        "Una parte è già online. No.",
    )
    retry_publication(user=world.marta, publication=publication)
    publication = run(publication)
    assert (publication.state, publication.post.state, len(stepwise.live)) == ("published", "published", 2)


def test_work_of_the_network_is_waited_for_and_counts_as_no_try(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    at = timezone.now() + timedelta(minutes=2)
    publication = world.due(channels=[channel])
    for _look in range(12):
        stepwise.before = fails_once("publish", NotReady("It is working on it.", retry_at=at))
        publication = run(run_ready(publication))
        assert (publication.state, publication.wake_at) == ("scheduled", at)
    assert outcomes(publication) == ["waiting"] * 12
    publication = run(run_ready(publication))
    assert (publication.state, stepwise.calls) == ("published", ["upload", "publish"])


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Refused("No."), "failed"),
        (NotSent("No way."), "scheduled"),
        (Throttled("Wait.", retry_at=timezone.now()), "scheduled"),
        (Unknown("Gone."), "unknown"),
        (RuntimeError("ours"), "unknown"),
    ],
)
def test_only_what_is_uncertain_stays_in_flight(
    world: World, channel: Channel, stepwise: Stepwise, error: Exception, state: str
) -> None:
    stepwise.before = fails_once("publish", error)
    publication = run(world.due(channels=[channel]))
    assert publication.state == state
    assert publication.progress.get("in_flight") == ("publish" if state == "unknown" else None)


def test_who_has_lost_the_publication_sends_nothing(world: World, channel: Channel, stepwise: Stepwise) -> None:
    publication = world.due(channels=[channel])

    def lose(call: str) -> None:
        if call == "upload":  # while it hangs here, its lease runs out and another worker has it
            wake(publication)
            stepwise.after = lambda _call: None
            run(publication)
            run(publication)

    stepwise.after = lose
    publishing.publish(publication_id=publication.pk)
    publication.refresh_from_db()
    assert (publication.state, stepwise.live) == ("published", [("roero", "Oggi si vendemmia./0")])
    assert outcomes(publication) == ["not_sent", "published"]


def test_each_word_prolongs_the_lease(world: World, channel: Channel, stepwise: Stepwise) -> None:
    publication, ends = world.due(channels=[channel]), []

    def look(_call: str) -> None:
        ends.append(Publication.objects.values_list("wake_at", flat=True).get(pk=publication.pk))
        Publication.objects.filter(pk=publication.pk).update(wake_at=timezone.now() + timedelta(seconds=1))

    stepwise.before = look
    run(publication)
    assert len(ends) == 2
    assert all(end and timedelta(seconds=80) < end - timezone.now() <= timedelta(seconds=90) for end in ends)


def test_a_step_is_good_for_its_time(world: World, channel: Channel) -> None:
    publication = world.due(channels=[channel])
    Publication.objects.filter(pk=publication.pk).update(state="publishing")
    journal, done = PublicationJournal(publication), list[int]()

    def work() -> dict[str, int]:
        done.append(1)
        return {"n": len(done)}

    def ask(until: timedelta) -> dict[str, int]:
        given = dict(journal.once("x", work, good_for=timedelta(minutes=5)))
        publication.progress["steps"]["x"]["until"] = (timezone.now() + until).isoformat()
        return given

    assert [ask(until) for until in (timedelta(minutes=1), timedelta(0), timedelta(minutes=1))] == [
        {"n": 1},
        {"n": 1},
        {"n": 2},
    ]
    assert journal.given("x") == {"n": 2}
    publication.progress["steps"]["x"]["until"] = timezone.now().isoformat()
    assert (journal.given("x"), journal.given("x", ever=True)) == (None, {"n": 2})


def test_what_is_secret_of_a_step_is_sealed(world: World, channel: Channel, settings: Any) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    settings.FILO_KEYS = [old]
    publication = world.due(channels=[channel])
    mine = Publication.objects.filter(pk=publication.pk)
    mine.update(state="publishing")
    given = {"address": "https://canary.example/?upload=canary", "size": 7}
    PublicationJournal(publication).once("begun", lambda: given, secret="address")
    PublicationJournal(publication).once("other", lambda: {"n": 1})
    assert "canary" not in json.dumps(mine.values("progress").get())
    kept = PublicationJournal(mine.get())
    assert (kept.given("begun"), kept.given("other")) == (given, {"n": 1})
    settings.FILO_KEYS = [new, old]
    call_command("rotate_keys", stdout=StringIO())
    settings.FILO_KEYS = [new]
    assert PublicationJournal(mine.get()).given("begun") == given
    settings.FILO_KEYS = [old]
    assert PublicationJournal(mine.get()).given("begun") == {"size": 7}
    settings.FILO_KEYS = [new]
    PublicationJournal(publication := mine.get()).forget("begun")
    assert (publication.progress["steps"].keys(), "sealed" in mine.get().progress) == ({"other"}, False)


def test_what_opened_an_upload_is_forgotten_with_the_end(world: World, channel: Channel, stepwise: Stepwise) -> None:
    publish, kept = stepwise.publish, list[bool]()

    def secretly(account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        journal.once("begun", lambda: {"address": "canary"}, secret="address")
        kept.append("sealed" in Publication.objects.get().progress)
        return publish(account, content, keys, journal)

    stepwise.publish = secretly  # type: ignore[method-assign]
    publication = run(world.due(channels=[channel]))
    assert (publication.state, kept) == ("published", [True])
    assert "sealed" not in Publication.objects.get().progress


def test_what_is_forgotten_is_shared_no_more(world: World, channel: Channel) -> None:
    publication = world.due(channels=[channel])
    Publication.objects.filter(pk=publication.pk).update(state="publishing")
    journal, done = PublicationJournal(publication), list[int]()

    def upload() -> dict[str, int]:
        done.append(1)
        return {"id": len(done)}

    assert [journal.once("media:x", upload, shared="server-1") for _time in range(2)] == [{"id": 1}, {"id": 1}]
    journal.forget("media:x")
    assert journal.once("media:x", upload, shared="server-1") == {"id": 2}
    Upload.objects.update(given={"id": 3})  # somebody else has sent it anew meanwhile
    journal.forget("media:x")
    assert journal.once("media:x", upload, shared="server-1") == {"id": 3}


def test_ten_channels_of_one_server_upload_once(world: World, channel: Channel, stepwise: Stepwise) -> None:
    stepwise.shared = "server-1"
    others = [
        create_channel(user=world.marta, client=world.winery, network="stepwise", handle=f"r{n}", name=f"{n}")
        for n in range(9)
    ]
    post = world.approved(channels=[channel, *others], publish_at=timezone.now() + timedelta(hours=1))
    now = timezone.now()
    post.publications.update(due_at=now, wake_at=now)
    run(post.publications.order_by("pk")[0])
    assert set(post.publications.values_list("state", flat=True)) == {"published"}
    assert (stepwise.calls.count("upload"), len(set(stepwise.live)), len(stepwise.live)) == (1, 10, 10)


def test_who_uploads_for_all_may_die(world: World, channel: Channel, stepwise: Stepwise) -> None:
    stepwise.shared = "server-1"
    stepwise.after = fails_once("upload", Killed())
    publication = world.due(channels=[channel])
    publication = killed(publication)
    assert (
        not Upload.objects.exists()
    )  # a word of its own even then; a real kill leaves the claim, until its time is up
    Upload.objects.create(
        network="stepwise", scope="server-1", step="upload:Oggi si vendemmia.", given=None, until=timezone.now()
    )
    publication = run(publication)
    assert (publication.state, stepwise.calls.count("upload")) == ("published", 2)


def test_whoever_comes_while_another_uploads_looks_again(world: World, channel: Channel, stepwise: Stepwise) -> None:
    stepwise.shared = "server-1"
    busy = Upload.objects.create(
        network="stepwise",
        scope="server-1",
        step="upload:Oggi si vendemmia.",
        given=None,
        until=timezone.now() + timedelta(minutes=1),
    )
    publication = run(world.due(channels=[channel]))
    assert (publication.state, stepwise.calls, outcomes(publication)) == ("scheduled", [], ["waiting"])
    Upload.objects.filter(pk=busy.pk).update(given={"id": 7})
    publication = run(run_ready(publication))
    assert (publication.state, stepwise.calls) == ("published", ["publish"])


def test_refused_credentials_keep_what_waits_until_there_is_a_new_connection(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    stepwise.before = fails_once("upload", CredentialsRefused("Token revoked."))
    publication = run(world.due(channels=[channel]))
    channel.refresh_from_db()
    assert (channel.status, publication.state, outcomes(publication)) == ("broken", "scheduled", ["refused"])
    publication = run(run_ready(publication))
    assert (publication.state, publication.detail, stepwise.calls) == (
        "scheduled",
        "Roero ha bisogno di un nuovo collegamento.",
        [],
    )
    assert publication.wake_at is not None
    assert publication.wake_at > timezone.now() + timedelta(minutes=world.winery.lateness_minutes - 1)
    check_channel(user=world.marta, channel=channel)
    publication = run(publication)
    assert (publication.state, stepwise.live) == ("published", [("roero", "Oggi si vendemmia./0")])


def test_what_waits_for_a_connection_too_long_is_late(world: World, channel: Channel, stepwise: Stepwise) -> None:
    stepwise.before = fails_once("upload", CredentialsRefused("Token revoked."))
    publication = run(world.due(channels=[channel]))
    long_ago = timezone.now() - timedelta(minutes=world.winery.lateness_minutes + 1)
    wake(publication, due_at=long_ago)
    Post.objects.filter(pk=publication.post_id).update(publish_at=long_ago)
    publication = run(publication)
    assert (publication.state, publication.post.state, stepwise.live) == ("late", "late", [])


SAGA = [PartPlan(text="Due"), PartPlan(text="Tre")]


def saga(world: World) -> list[tuple[str, str, str]]:
    """What the winery's sandbox page shows: the step, the text, the text of what it answers."""
    shown = SandboxPost.objects.select_related("below").order_by("pk")
    return [(row.step, row.text, row.below.text if row.below else "") for row in shown]


WHOLE = [("publish", "Uno", ""), ("part:1", "Due", "Uno"), ("part:2", "Tre", "Due"), ("comment", "Fine", "Uno")]


def test_a_thread_that_was_written_breaks_in_the_middle_and_goes_on_from_there(world: World) -> None:
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "break_thread"})
    publication = run(world.due(text="Uno", parts=SAGA, comment="Fine"))
    assert (publication.state, publication.begun, publication.post.state) == ("scheduled", True, "publishing")
    assert (saga(world), outcomes(publication)) == (WHOLE[:1], ["not_sent"])
    with pytest.raises(Conflict) as refused:
        edit_post(user=world.vito, post=publication.post, parts=[])
    assert refused.value.code == "already_published"
    publication = run(run_ready(publication))
    assert (publication.state, publication.post.state) == ("published", "published")
    assert (saga(world), outcomes(publication)) == (WHOLE, ["not_sent", "published"])
    assert publication.permalink.endswith(f"/sandbox/cantina-roero/#{SandboxPost.objects.earliest('pk').pk}")


def test_a_thread_whose_every_answer_is_lost_is_asked_for_post_by_post(world: World) -> None:
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "drop_after_accept"})
    publication = run(world.due(text="Uno", parts=SAGA, comment="Fine"))
    for number in range(1, 4):
        assert (publication.state, saga(world)) == ("unknown", WHOLE[:number])
        publication = run(run_ready(publication))  # it is found: the rest has still to go out
        assert (publication.state, publication.begun) == ("scheduled", True)
        publication = run(publication)
    publication = run(run_ready(publication))
    assert (publication.state, saga(world)) == ("published", WHOLE)


@pytest.mark.parametrize("kind", [Refused, NotSent])
def test_where_a_part_is_live_it_is_never_said_that_nothing_was_published(
    world: World, channel: Channel, stepwise: Stepwise, kind: type[NetworkError]
) -> None:
    """As networks say of a call that readers see nothing of."""
    stepwise.parts = 3
    publication = world.due(channels=[channel], text="a", parts=[PartPlan(text="b"), PartPlan(text="c")])
    no = kind(gettext_lazy("%(network)s refused this. Nothing was published."), params={"network": "X"})
    stepwise.before = fails_once("part:1", no)
    publication = run(publication)
    assert publication.state == ("failed" if kind is Refused else "scheduled")
    for said in (publication.detail, publication.attempts.get().detail):
        assert "X" in said
        assert "Non è uscito niente" not in said
