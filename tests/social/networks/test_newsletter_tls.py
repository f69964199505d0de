"""Mail servers with a certificate: believed only if it is theirs, and no password is said before."""

import dataclasses
import ssl
from collections.abc import Iterator
from typing import Any

import pytest

from social import networks
from social.networks.base import NetworkError, NotSent, Refused
from social.networks.newsletter import conversation
from tests.newsletter.mailing import Mailing
from tests.servers.smtp import MailServer, mail_server_running
from tests.social.networks.test_transport import certificate, tls
from tests.world import World

__all__ = ["certificate", "tls"]
pytestmark = pytest.mark.django_db
network = networks.get("newsletter")


@pytest.fixture
def trusting(certificate: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whoever made this certificate is believed."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    conversation._trusted.cache_clear()
    yield
    conversation._trusted.cache_clear()


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    conversation._trusted.cache_clear()
    yield
    conversation._trusted.cache_clear()


@pytest.fixture(params=["starttls", "tls"])
def server(request: pytest.FixtureRequest, tls: ssl.SSLContext) -> Iterator[tuple[MailServer, str]]:
    with mail_server_running(tls, implicit=request.param == "tls") as running:
        yield running, request.param


def asked(world: World, server: MailServer, **fields: str) -> Any:
    """Who it is, by these credentials."""
    mailing = Mailing(world, server)
    account = mailing.account()
    return network.identity(dataclasses.replace(account, credentials={**account.credentials, **fields}))


def test_a_certificate_that_is_believed(world: World, server: tuple[MailServer, str], trusting: None) -> None:
    running, security = server
    assert asked(world, running, security=security).id == "notizie@cantinaroero.example"
    assert running.sign_ins == 1


def test_a_certificate_that_nobody_vouches_for(world: World, server: tuple[MailServer, str]) -> None:
    running, security = server
    with pytest.raises(Refused) as refused:
        asked(world, running, security=security)
    assert refused.value.code == "certificate"
    assert (running.sign_ins, running.refused_sign_ins) == (0, 0)


def test_tls_to_a_server_that_speaks_none(world: World) -> None:
    with mail_server_running() as running:
        with pytest.raises(NetworkError) as error:
            asked(world, running, security="tls")
        assert type(error.value) is NotSent
        assert (running.sign_ins, running.refused_sign_ins) == (0, 0)
