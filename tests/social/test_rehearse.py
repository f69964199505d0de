"""A rehearsal on a sandbox, on a real Bluesky server, on X at the wire; and on an X that is not as documented."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.models import Event
from clients.services import freeze
from social.models import Channel, Use
from social.services import create_channel, retire_channel
from tests.chaos.outside import X
from tests.servers.bad_days import Answer, AnswerLost
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


@pytest.fixture
def x(world: World) -> Iterator[FakeX]:
    with X() as server:
        yield server


def test_on_x_all_is_as_expected_and_nothing_is_left(world: World, x: FakeX) -> None:
    channel = on_x(world, x)
    said, wrong = rehearse(channel)
    assert wrong == "", said
    assert (x.posts, x.uploads()) == ([], 1)
    assert "costs: 0.015 US dollars" in said
    assert names(said)[:4] == ["  identity", "  preflight", "  preflight, one more", "  publish"]
    assert names(said)[-3:] == ["  delete", "  read back, deleted", "  delete again"]
    assert {"  find", "  read back", "  edit", "  numbers"} <= set(names(said))
    assert said.splitlines()[-1] == "Everything was as expected, and nothing is left."
    verbs = list(Event.objects.filter(subject_type="channel", subject_id=channel.pk).values_list("verb", flat=True))
    assert verbs[-2:] == ["channel.rehearsal_began", "channel.rehearsed"]
    assert (f"x:posts:{channel.pk}", 1) in [(use.key, use.cost) for use in Use.objects.all()]


def test_an_x_that_differs_is_told_step_by_step(world: World) -> None:
    with OtherX() as server:
        said, wrong = rehearse(on_x(world, server), "--no-picture")
    marked = [name for name in names(said) if name.startswith(("!", "?"))]
    assert "! read back, deleted" in marked
    assert any("find" in name for name in marked), said
    assert wrong.startswith("Differs: ")
    data = Event.objects.filter(verb="channel.rehearsed").get().data
    assert data["differs"] == len([name for name in marked if name[0] == "!"])


def test_what_was_published_without_an_answer_is_found_and_deleted(world: World, x: FakeX) -> None:
    x.on("POST /2/tweets", AnswerLost(), None)
    said, wrong = rehearse(on_x(world, x), "--no-picture")
    assert (names(said)[3], names(said)[4], x.posts) == ("! publish", "  find, after no clear answer", [])
    assert wrong == "Differs: publish."


def test_on_bluesky_s_own_server(world: World, pds: Pds, new_person: Callable[[], Person]) -> None:
    person = new_person()
    fields: dict[str, Any] = {"credentials": {"app_password": person.app_password}, "server": pds.url}
    channel = create_channel(
        user=world.marta, client=world.winery, network="bluesky", handle=person.handle, name="R", **fields
    )
    said, wrong = rehearse(channel)
    assert (said.splitlines()[-1], wrong) == ("Everything was as expected, and nothing is left.", "")
    assert pds.posts(person) == []
    assert {"  identity", "  preflight", "  preflight, one more", "  publish", "  find"} <= set(names(said))


def test_on_a_sandbox_nothing_is_left(world: World) -> None:
    said, wrong = rehearse(world.page)
    assert (said.splitlines()[-1], wrong) == ("Everything was as expected, and nothing is left.", "")


def test_a_bad_day_of_the_sandbox_differs(world: World) -> None:
    from social.services import edit_channel

    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "refuse"})
    said, wrong = rehearse(world.page)
    assert wrong == "Differs: publish."
    assert "Left behind" not in said


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


def test_it_asks_before_it_posts(world: World, x: FakeX, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))  # nobody's terminal
    with pytest.raises(CommandError, match="--yes"):
        call_command("rehearse", f"x:{on_x(world, x).handle}", stdout=io.StringIO())
    assert x.posts == []


def test_a_channel_that_is_not_there() -> None:
    with pytest.raises(CommandError, match="There is no channel x:nobody"):
        call_command("rehearse", "x:nobody", stdout=io.StringIO())
