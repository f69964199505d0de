"""A rehearsal on a sandbox, on a real Bluesky server, on X at the wire; and on an X that is not as documented."""

import io
import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.models import Event
from clients.services import freeze
from social.models import Channel, SandboxPost, Use
from social.services import create_channel, edit_channel, retire_channel
from social.services.rehearsing import going_out, taking_down
from tests.chaos.outside import X
from tests.servers.bad_days import Answer, AnswerLost, Cut
from tests.servers.pds import Pds, Person
from tests.servers.wire import Request, route
from tests.servers.x import FakeX
from tests.social.networks.conftest import new_person, pds
from tests.world import World

__all__ = ["new_person", "pds"]
pytestmark = pytest.mark.django_db


def rehearse(channel: Channel, *options: str) -> tuple[str, str]:
    """What it said, and what was wrong."""
    out, wrong = io.StringIO(), ""
    try:
        call_command("rehearse", str(channel.pk), "--yes", *options, stdout=out)
    except CommandError as error:
        wrong = str(error)
    return out.getvalue(), wrong


def on_x(world: World, server: FakeX) -> Channel:
    fields: dict[str, Any] = {"credentials": {"access_token": server.token}, "server": server.url}
    return create_channel(user=world.marta, client=world.winery, network="x", handle="cantinaroero", **fields)


def names(said: str) -> list[str]:
    """The steps, in order, with their marks."""
    return [line.partition(": expected")[0] for line in said.splitlines() if ": expected" in line]


class OtherX(X):
    """Not as documented: it cuts what it is given, and says that it deletes."""

    @route("POST /2/tweets")
    def create(self, request: Request) -> Answer:
        answer = X.create(self, request)
        self.posts[-1].text = self.posts[-1].text[:40]
        return answer

    @route("DELETE /2/tweets/{post}")
    def delete(self, request: Request) -> Answer:
        return Answer(200, {"data": {"deleted": True}})


class Forgetful(X):
    """It says that it deletes, and keeps what stands below the first post."""

    @route("DELETE /2/tweets/{post}")
    def delete(self, request: Request) -> Any:
        below = any(post.answers for post in self.posts if request.args["post"] in post.ids)
        return Answer(200, {"data": {"deleted": True}}) if below else X.delete(self, request)


class Impatient(X):
    """Somebody ends the process while the second post of the thread is on its way."""

    @route("POST /2/tweets")
    def create(self, request: Request) -> Answer:
        answer = X.create(self, request)
        if len(self.posts) == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return answer

    @route("DELETE /2/tweets/{post}")
    def delete(self, request: Request) -> Any:
        os.kill(os.getpid(), signal.SIGINT)  # the same wish, passed on once more
        return FakeX.delete(self, request)


@pytest.fixture
def x(world: World) -> Iterator[FakeX]:
    with X() as server:
        yield server


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (going_out, taking_down):
        monkeypatch.setattr(module, "PAUSE", 0.0)


def test_on_x_all_is_as_expected_and_nothing_is_left(world: World, x: FakeX) -> None:
    channel = on_x(world, x)
    said, wrong = rehearse(channel, "--posts", "3")
    assert wrong == "", said
    assert (x.posts, x.uploads()) == ([], 1)
    [picture] = x.media.values()
    assert picture.alt_text == "Un colore a tinta unita, per una prova"
    assert "with: a picture (alt_text), a thread of 3, a first comment; " in said
    assert "seen by: everybody, as long as it is there" in said
    assert "takes: 4 of “X's 100 posts of an account in 15 minutes”, 0 used by now" in said
    assert "costs: 0.060 US dollars; asking, changing and deleting may cost more" in said
    begun = [
        "identity",
        "preflight",
        *(f"preflight, one more{where}" for where in ("", " in the thread", " in the comment")),
    ]
    assert names(said)[:6] == [f"  {name}" for name in [*begun, "publish"]]
    rest = [f"  read back {step}, deleted" for step in ("part:1", "part:2", "comment")]
    assert names(said)[-6:] == ["  delete", "  read back, deleted", *rest, "  delete again"]
    found = [f"  find{step}" for step in ("", " part:1", " part:2", " comment")]
    assert {*found, "  read back", "  edit", "  numbers"} <= set(names(said))
    assert "It cost 0.2" in said
    assert said.splitlines()[-1] == "Everything was as expected, and nothing is left."
    verbs = list(Event.objects.filter(subject_type="channel", subject_id=channel.pk).values_list("verb", flat=True))
    assert verbs[-2:] == ["channel.rehearsal_began", "channel.rehearsed"]
    assert (f"x:posts:{channel.pk}", 4) in [(use.key, use.cost) for use in Use.objects.all()]


def test_what_stays_below_a_post_that_was_deleted_is_told(world: World) -> None:
    with Forgetful() as server:
        said, wrong = rehearse(on_x(world, server), "--no-picture", "--posts", "2", "--without", "comment")
        assert len(server.posts) == 1
    assert ("! read back part:1, deleted" in names(said), "Left behind" in said) == (True, True), said
    assert wrong.startswith("Differs: ")


def test_an_x_that_differs_is_told_step_by_step(world: World) -> None:
    with OtherX() as server:
        said, wrong = rehearse(on_x(world, server), "--no-picture", "--without", "thread", "--without", "comment")
        [post] = server.posts
    marked = [name for name in names(said) if name.startswith(("!", "?"))]
    assert "! read back, deleted" in marked
    assert any("find" in name for name in marked), said
    assert wrong.startswith("Differs: ")
    assert f"Left behind, delete it by hand: https://x.com/cantinaroero/status/{post.ids[-1]}" in said
    data = Event.objects.filter(verb="channel.rehearsed").get().data
    assert data["differs"] == len([name for name in marked if name[0] == "!"])


def test_an_answer_that_is_lost_in_the_middle_is_asked_for_and_the_rest_goes_out(world: World, x: FakeX) -> None:
    x.on("POST /2/tweets", AnswerLost(), AnswerLost(), None)
    said, wrong = rehearse(on_x(world, x), "--no-picture")
    went = names(said)[5:10]
    asked = "  find, after no clear answer"
    assert went == ["! publish", asked, "! publish, the rest", asked, "  publish, the rest"], said
    assert (x.posts, wrong) == ([], "Differs: publish, publish, the rest.")
    assert {"  find", "  find part:1", "  find comment", "  read back", "  delete"} <= set(names(said))


def test_what_may_be_live_or_not_is_said_and_the_rest_taken_down(world: World, x: FakeX) -> None:
    x.on("POST /2/tweets", None, Cut(), None)
    said, wrong = rehearse(on_x(world, x), "--no-picture")
    assert (x.posts, wrong) == ([], "Differs: publish.")
    assert names(said)[-2:] == ["! publish", "  find, after no clear answer"]
    assert "More may be live than is known: look at cantinaroero for “Prova di Filo" in said
    assert Event.objects.filter(verb="channel.rehearsed").get().data["in_doubt"] is True


def test_whoever_ends_it_in_the_middle_leaves_nothing_behind(world: World) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Impatient() as server:
        said, wrong = rehearse(on_x(world, server), "--no-picture")
        assert (server.posts, wrong) == ([], "Stopped in the middle.")
        assert len(server.seen) == 2
    assert ("Left behind" in said, "More may be live" in said) == (False, False), said
    assert (names(said)[-1], signal.getsignal(signal.SIGTERM)) == ("  preflight, one more in the comment", before)


def test_what_can_t_be_deleted_is_said_with_its_link_and_tried_again_before(world: World, x: FakeX) -> None:
    channel = on_x(world, x)
    x.on("DELETE /2/tweets/{post}", Answer(503), Answer(503), None)
    said, wrong = rehearse(channel, "--no-picture")
    rest = "read back part:1, deleted, read back comment, deleted"
    assert (x.posts, "Left behind" in said) == ([], False)
    assert wrong == f"Differs: delete, read back, deleted, {rest}, delete again."
    x.on("DELETE /2/tweets/{post}", Answer(403, {"title": "Forbidden", "detail": "No.", "status": 403}))
    said, wrong = rehearse(channel, "--no-picture")
    first = x.posts[0].ids[-1]
    assert f"Left behind, delete it by hand: https://x.com/cantinaroero/status/{first}" in said


def test_on_bluesky_s_own_server(world: World, pds: Pds, new_person: Callable[[], Person]) -> None:
    person = new_person()
    fields: dict[str, Any] = {"credentials": {"app_password": person.app_password}, "server": pds.url}
    channel = create_channel(
        user=world.marta, client=world.winery, network="bluesky", handle=person.handle, name="R", **fields
    )
    said, wrong = rehearse(channel, "--posts", "3")
    assert (said.splitlines()[-1], wrong) == ("Everything was as expected, and nothing is left.", "")
    assert pds.posts(person) == []
    assert "a picture (alt_text), a thread of 3, a first comment" in said
    found = {f"  find {step}{end}" for step in ("part:1", "part:2", "comment") for end in ("", ", deleted")}
    assert {"  identity", "  preflight", "  preflight, one more", "  publish", "  find", *found} <= set(names(said))


@pytest.mark.parametrize("video", [False, True])
def test_on_a_sandbox_nothing_is_left(world: World, *, video: bool) -> None:
    options = ["--video", "--without", "thread", "--without", "comment"] if video else []
    said, wrong = rehearse(world.page, *options)
    assert (said.splitlines()[-1], wrong) == ("Everything was as expected, and nothing is left.", ""), said
    assert ("with: a video (cover, alt_text); no fields" in said, "  edit" in names(said)) == (video, video)


@pytest.mark.parametrize(
    ("behaviour", "differs"),
    [
        ("refuse", "publish"),
        ("unavailable", "identity."),
        ("break_thread", "publish"),
        ("drop_after_accept", "publish, publish, the rest, publish, the rest, delete, delete again"),
    ],
)
def test_a_bad_day_of_the_sandbox_differs_and_leaves_nothing(world: World, behaviour: str, differs: str) -> None:
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": behaviour})
    said, wrong = rehearse(world.page)
    assert wrong.startswith(f"Differs: {differs}"), said
    assert (SandboxPost.objects.count(), "Left behind" in said, "More may" in said) == (0, False, False)


def test_nothing_is_posted_for_a_client_that_is_stopped_or_a_channel_that_is_retired(world: World) -> None:
    freeze(user=world.marta, client=world.winery, reason="Prova")
    world.page.refresh_from_db()
    assert rehearse(world.page)[1].endswith("Nothing was posted.")
    retire_channel(user=world.bruno, channel=world.town_page)
    assert rehearse(world.town_page)[1].endswith("Nothing was posted.")
    assert Use.objects.count() == 0


def test_limits_that_are_used_up_count_here_too(world: World, x: FakeX) -> None:
    channel = on_x(world, x)
    Use.objects.create(key=f"x:posts:{channel.pk}", at=timezone.now(), cost=100, client=world.winery)
    said, wrong = rehearse(channel)
    assert (wrong.endswith("Nothing was posted."), x.posts, "publish" in said) == (True, [], False)


def test_as_somebody_else_nothing_is_posted(world: World, x: FakeX) -> None:
    channel = on_x(world, x)
    Channel.objects.filter(pk=channel.pk).update(handle="un_altro")
    said, wrong = rehearse(channel)
    assert (wrong, names(said), x.posts) == ("Differs: identity.", ["! identity"], [])
    assert Use.objects.count() == 0


def test_it_asks_before_it_posts(world: World, x: FakeX, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))  # nobody's terminal
    with pytest.raises(CommandError, match="--yes"):
        call_command("rehearse", f"x:{on_x(world, x).handle}", stdout=io.StringIO())
    assert x.posts == []


def test_a_channel_that_is_not_there() -> None:
    with pytest.raises(CommandError, match="There is no channel x:nobody"):
        call_command("rehearse", "x:nobody", stdout=io.StringIO())
