"""What a person sees of an uncertain outcome; and which outcomes touch the channel, whatever the network."""

import pkgutil
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone, translation

from notifications.models import Notification
from social import networks
from social.knowing import what_we_know
from social.mails import _publication_unknown
from social.models import Channel, Publication
from social.networks.base import (
    Account,
    CredentialsRefused,
    NotReady,
    NotSent,
    Published,
    Refused,
    Throttled,
    Unknown,
)
from social.services import asking, create_channel, take_down
from social.services.connections import wake_waiting
from tests.rest.caller import Caller
from tests.social.publishing.stepwise import Stepwise, fails_once
from tests.social.test_publishing import run, wake
from tests.world import World, approve, short_chain_for_corrections


def fresh(publication: Publication) -> Publication:
    found = Publication.objects.select_related("channel", "client", "version").prefetch_related("attempts")
    return found.get(pk=publication.pk)


def test_a_person_is_told_what_we_know_and_has_both_buttons(world: World, channel: Channel, stepwise: Stepwise) -> None:
    stepwise.before = fails_once("publish", Unknown("Nessuna risposta", said="HTTP 502"))
    publication = fresh(run(world.due(channels=[channel], text="Oggi si vendemmia.")))
    with translation.override("en"):
        sent, back, asked, words = what_we_know(publication)
    assert sent.startswith("Sent on ")
    assert sent.endswith(", as @roero on Stepwise.")
    assert back == "What came back: Nessuna risposta (HTTP 502)"
    assert asked == "Filo asks the network up to 3 times more within ten minutes. You need do nothing yet."
    assert words == "Look there for a post that begins with “Oggi si vendemmia.”."

    def unreachable(call: str) -> None:
        raise NotSent(call)

    stepwise.before = unreachable
    for _question in range(3):
        assert not Caller(world.vito).get(f"publications/{publication.pk}/")["asks_person"]
        wake(publication)
        asking.ask(publication_id=publication.pk)
    publication = fresh(publication)
    with translation.override("en"):
        assert what_we_know(publication)[2] == "The network was asked 3 times, and could not tell."
    told = Caller(world.vito).get(f"publications/{publication.pk}/")
    assert (told["state"], told["asked"], told["asks_person"]) == ("unknown", 3, True)
    assert told["attempts"][0]["sent_at"] is not None

    browser = Browser()
    browser.force_login(world.vito)
    known = ("Inviato: ", "HTTP 502", "Lo abbiamo chiesto 3 volte", "Oggi si vendemmia.")
    page = browser.get(f"/admin/social/post/{publication.post_id}/").content.decode()
    assert [words for words in known if words not in page] == []
    page = browser.get(f"/admin/social/post/publication/{publication.pk}/resolve/").content.decode()
    assert [words for words in known if words not in page] == []
    assert [value for value in ('value="published"', 'value="not_published"') if value not in page] == []
    letter = _publication_unknown(Notification.objects.filter(kind="publication_unknown").latest("pk"))
    assert letter is not None
    assert "Lo abbiamo chiesto 3 volte alla rete, che non lo sa dire." in letter.paragraphs


def test_a_refused_token_answers_no_question(world: World, channel: Channel, stepwise: Stepwise) -> None:
    """Who asks with it asks for a new connection, with which the network is asked again: no question is lost on it."""
    stepwise.before = fails_once("publish", Unknown("no answer"))
    publication = run(world.due(channels=[channel]))
    stepwise.before = fails_once("find", CredentialsRefused("no"))
    wake(publication)
    asking.ask(publication_id=publication.pk)
    publication, told = (
        fresh(publication),
        Notification.objects.filter(kind__in=["channel_broken", "publication_unknown"]),
    )
    assert (publication.state, publication.asked) == ("unknown", 0)
    assert publication.wake_at is not None
    assert publication.wake_at > timezone.now() + timedelta(hours=5)
    channel.refresh_from_db()
    assert (channel.status, set(told.values_list("kind", flat=True))) == ("broken", {"channel_broken"})
    wake(publication)
    asking.ask(publication_id=publication.pk)
    assert (stepwise.calls.count("find"), fresh(publication).asked) == (0, 0)  # nobody asks without one
    Channel.objects.filter(pk=channel.pk).update(status="connected")
    wake_waiting(channel, timezone.now())
    assert fresh(publication).wake_at <= timezone.now()  # type: ignore[operator]
    assert run(publication).state == "scheduled"
    assert run(publication).state == "published"


LATER = timezone.now() + timedelta(hours=1)


@pytest.mark.parametrize(
    ("error", "channel_is", "state"),
    [
        (CredentialsRefused("no"), "broken", "scheduled"),
        (Refused("no", code="permission_missing"), "connected", "failed"),
        (Refused("no"), "connected", "failed"),
        (NotSent("no"), "connected", "scheduled"),
        (Throttled("no", retry_at=LATER), "connected", "scheduled"),
        (NotReady("no", retry_at=LATER), "connected", "scheduled"),
        (Unknown("no"), "connected", "unknown"),
        (OSError("no"), "connected", "unknown"),
    ],
)
def test_only_refused_credentials_disconnect_a_channel_and_what_waits_is_kept(
    world: World, channel: Channel, stepwise: Stepwise, error: Any, channel_is: str, state: str
) -> None:
    publication = world.due(channels=[channel])
    stepwise.before = fails_once("publish", error)
    run(publication)
    channel.refresh_from_db()
    assert channel.status == channel_is
    publication.refresh_from_db()
    assert publication.state == state
    if channel_is == "broken":
        after = run(world.due(channels=[channel], text="Poi"))
        assert (after.state, after.tries) == ("scheduled", 0)
        Channel.objects.filter(pk=channel.pk).update(status="connected")
        for waiting in (publication, after):
            wake(waiting)
            assert run(waiting).state == "published"


def test_what_follows_a_post_and_is_not_permitted_shuts_nothing_out(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    """The post itself has just gone out: connecting anew would not help, and all that waits would wait for it."""
    stepwise.parts = 2
    stepwise.before = fails_once("part:1", Refused("no", code="permission_missing"))
    half = run(world.due(channels=[channel]))
    channel.refresh_from_db()
    assert (half.state, half.live_posts, channel.status) == ("failed", 1, "connected")
    assert run(world.due(channels=[channel], text="Poi")).state == "published"


@pytest.mark.parametrize("slug", sorted(slug for slug, network in networks.NETWORKS.items() if not network.retired))
def test_every_network_says_what_its_errors_mean(slug: str) -> None:
    """A table with outcomes, in the package itself or where it says that they stand."""
    home = import_module(type(networks.get(slug)).__module__)
    told = [home]
    if hasattr(home, "__path__"):
        told += [import_module(f"{home.__name__}.{found.name}") for found in pkgutil.iter_modules(home.__path__)]
    if "social.networks.meta" in (home.__doc__ or ""):
        told.append(import_module("social.networks.meta"))
    assert any("Refused" in row for row in rows(told))
    if any("social.networks.wire" in (module.__doc__ or "") for module in told):
        told.append(import_module("social.networks.wire"))
    assert [word for word in ("Refused", "NotSent", "Throttled") if not any(word in row for row in rows(told))] == []


def rows(modules: list[Any]) -> list[str]:
    """The rows of the tables in what they say of themselves."""
    return [line for module in modules for line in (module.__doc__ or "").splitlines() if line.startswith("|")]


class Working(Stepwise):
    """It works on what is out, and its first answer to a deletion is lost."""

    slug = "working"
    deletes = True

    def __init__(self) -> None:
        super().__init__()
        self.deleted: list[str] = []
        self.lost = [Unknown("Nessuna risposta")]

    def delete(self, account: Account, live: Published) -> None:
        """Take it down."""
        if self.lost:
            raise self.lost.pop()
        self.deleted.append(live.remote_id)

    def read_back(self, account: Account, live: Published) -> Published | None:
        """It is there."""
        raise NotReady("Al lavoro", retry_at=timezone.now())


def test_what_the_network_still_works_on_is_there_and_is_taken_down(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_chain_for_corrections(world)
    working = Working()
    monkeypatch.setitem(networks.NETWORKS, working.slug, working)
    channel = create_channel(user=world.marta, client=world.winery, network=working.slug, handle="roero", name="Roero")
    live = run(world.due(channels=[channel]))
    post = take_down(user=world.vito, publication=live, because="Anno sbagliato.")
    approve(post, world.marta)
    publication = post.publications.get()
    assert run(publication).state == "unknown"
    wake(publication)
    assert run(publication).state == "scheduled"
    wake(publication)
    assert (run(publication).state, working.deleted) == ("published", [live.remote_id])
