"""The connection to a mail server: who may be called, in which time, with whose certificate, and what may not leak."""

import dataclasses
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from newsletter.models import Copy
from social import networks
from social.networks.base import (
    Account,
    Content,
    CredentialsRefused,
    NetworkError,
    NotSent,
    Refused,
    Throttled,
)
from social.networks.newsletter import conversation, wire
from social.networks.newsletter.sender import sender_of
from tests.newsletter.mailing import Mailing
from tests.servers.smtp import MOST_BYTES, MailServer, _mail_server, mail_server
from tests.social.networks.case import said_by
from tests.social.networks.conftest import NOW
from tests.social.notebook import Notebook
from tests.world import World

__all__ = ["_mail_server", "mail_server"]
pytestmark = pytest.mark.django_db
network = networks.get("newsletter")
POST = Content("Sabato si vendemmia.", link="https://cantina.example/visite", fields={"subject": "Vendemmia"})
THREE = ("anna@example.org", "bea@example.org", "carla@example.org")


@pytest.fixture
def mailing(world: World, mail_server: MailServer) -> Mailing:
    return Mailing(world, mail_server)


@pytest.mark.parametrize(
    ("fields", "kind", "code"),
    [
        ({"password": "wrong wrong wrong"}, CredentialsRefused, "credentials_refused"),
        ({"security": "starttls"}, Refused, "no_starttls"),
        ({"security": "ssl"}, Refused, "credentials_not_valid"),
        ({"port": "smtp"}, Refused, "credentials_not_valid"),
        ({"port": "99999"}, Refused, "credentials_not_valid"),
        ({"from_address": "notizie"}, Refused, "credentials_not_valid"),
        ({"from_address": "a@b.example\r\nBcc: c@d.example"}, Refused, "credentials_not_valid"),
        ({"host": ""}, CredentialsRefused, "not_connected"),
        ({"host": "169.254.169.254"}, Refused, "inside_address"),
        ({"host": "localhost.evil\r\n"}, NotSent, "unreachable"),
        ({"host": "10.0.0.1", "security": "tls"}, Refused, "inside_address"),
        ({"host": "::ffff:10.0.0.1"}, Refused, "inside_address"),
        ({"host": "0x7f.0.0.2"}, Refused, "inside_address"),
        ({"host": "9.9.9.9"}, Refused, "plain_smtp"),
        ({"bounce_domain": "not a domain"}, Refused, "credentials_not_valid"),
        ({"most_an_hour": "-3"}, Refused, "credentials_not_valid"),
    ],
)
def test_what_a_person_types(mailing: Mailing, fields: dict[str, str], kind: type[NetworkError], code: str) -> None:
    account = mailing.account()
    account = dataclasses.replace(account, credentials={**account.credentials, **fields})
    with pytest.raises(NetworkError) as error:
        network.identity(account)
    assert isinstance(error.value, kind)
    assert error.value.code == code
    for secret in (mailing.server.password, "wrong wrong wrong"):
        assert secret not in said_by(error.value)


def test_a_name_that_leads_inside_is_not_called(mailing: Mailing, settings: Any) -> None:
    settings.FILO_INSIDE_ADDRESSES = []
    sender = sender_of(mailing.account())
    sender = dataclasses.replace(sender, host="mail.example", security="tls")
    answers = [["93.184.216.34", "127.0.0.1"]]
    with pytest.raises(Refused) as refused:
        wire.MailServer(sender, resolver=lambda _host, _port: answers[0]).__enter__()
    assert refused.value.code == "inside_address"
    assert mailing.server.connections == 0


@contextmanager
def speaking(says: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does what it likes with each connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)

        def serve() -> None:
            try:
                while True:
                    peer, _where = listening.accept()
                    with peer:
                        says(peer)
            except OSError:
                pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]


def _endless(peer: socket.socket) -> None:
    while True:
        peer.sendall(b"220-" + b"x" * 500 + b"\r\n")


def _dripping(peer: socket.socket) -> None:
    while True:
        peer.sendall(b"2")
        threading.Event().wait(0.05)


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        (_endless, NotSent),
        (_dripping, NotSent),
        (lambda peer: peer.close(), NotSent),
        (lambda peer: peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), NotSent),
        (lambda peer: peer.sendall(b"421 4.3.2 Not now\r\n"), Throttled),
        (lambda peer: peer.sendall(b"554 5.7.1 Not you\r\n"), Refused),
    ],
)
def test_servers_that_are_none(
    mailing: Mailing, says: Callable[[socket.socket], None], kind: type[NetworkError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "ANSWER_SECONDS", 0.5)
    with speaking(says) as port:
        account = mailing.account()
        account = dataclasses.replace(account, credentials={**account.credentials, "port": str(port)})
        with pytest.raises(NetworkError) as error:
            network.identity(account)
    assert type(error.value) is kind, repr(error.value)


def test_another_sender_is_another_account(mailing: Mailing) -> None:
    mailing.readers(*THREE)
    account: Account = dataclasses.replace(mailing.account(), identity="altri@cantinaroero.example")
    with pytest.raises(Refused) as refused:
        network.publish(account, POST, network.new_keys(NOW, POST), Notebook())
    assert refused.value.code == "wrong_account"
    assert (mailing.server.connections, Copy.objects.count()) == (0, 0)


def test_who_it_is_and_what_the_list_lacks(mailing: Mailing) -> None:
    mailing.readers(*THREE)
    found = network.identity(mailing.account())
    assert (found.id, found.name) == ("notizie@cantinaroero.example", "Cantina Roero")
    assert found.allows == {"readers": 3, "imprint": True, "mail_bytes": MOST_BYTES}
    lacking = dataclasses.replace(POST, allows={"readers": 0, "imprint": False})
    assert [problem.code for problem in network.preflight(lacking).problems] == ["no_imprint", "no_readers"]
