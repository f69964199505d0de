"""The sample agency as a newcomer has it: started by `make run`, reached by its addresses, its mails and its commands."""

import email.policy
import re
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests import template
from tests.agency.started import BASE, Started, eventually
from tests.e2e.commands import Commands, listening
from tests.servers.keeping import free_port
from tests.servers.pds import Person


class Agency:
    """One running installation with its sample agency."""

    def __init__(self, filo: Started, callers: ExitStack) -> None:
        self.filo, self._callers = filo, callers
        self.url = f"http://127.0.0.1:{filo.port}"
        found = re.search(r"with the password (\S+)", filo.output())
        assert found, filo.output()
        self.password = found[1]

    @cached_property
    def _commands(self) -> Commands:
        return self._callers.enter_context(listening(self.filo.home, PORT=str(self.filo.port)))

    def run(self, command: str) -> str:
        """What a management command prints."""
        return self._commands.run(command)

    def login_link(self, who: str) -> str:
        """A one-time address that signs this person in."""
        return self.run(f"login_link {address(who)}").strip().splitlines()[-1]

    def api(self, who: str) -> httpx.Client:
        """The API in the name of this person."""
        key = self.run(f"create_token {address(who)} --name tests").strip().splitlines()[-1]
        headers = {"Authorization": f"Token {key}"}
        return self._callers.enter_context(httpx.Client(base_url=f"{self.url}/api/v1/", headers=headers, timeout=30))

    def mails_to(self, who: str) -> list[EmailMessage]:
        """The mails that this person got."""
        parser = BytesParser(policy=email.policy.default)
        mails = [parser.parsebytes(path.read_bytes()) for path in (self.filo.home / "mail").glob("*.eml")]
        return [m for m in mails if m["To"] == address(who) and isinstance(m, EmailMessage)]

    def link_in_mail(self, who: str, title: str) -> str:
        """The path of the one link in the mail to this person about the post with this title; waits for the mail."""

        def look() -> str | None:
            for mail in self.mails_to(who):
                body = mail.get_body(("plain",))
                if title in mail["Subject"] and body:
                    return urlsplit(str(re.findall(r"https?://\S+", body.get_content())[-1])).path
            return None

        return str(eventually(look, f"a mail to {who} about {title}"))

    def code_in_mail(self, who: str, title: str, old: Collection[str] = ()) -> str:
        """The code that this person got by mail, other than the old ones; waits for it."""

        def look() -> str | None:
            mails = [mail for mail in self.mails_to(who) if title in mail["Subject"]]
            bodies = [body.get_content() for mail in mails if (body := mail.get_body(("plain",)))]
            codes = {code for body in bodies for code in re.findall(r"^\s*(\d{6})\s*$", body, re.MULTILINE)}
            return next(iter(codes - set(old)), None)

        return str(eventually(look, f"a code for {who}"))


def address(who: str) -> str:
    """Somebody's e-mail; the part before the @ is enough for those of the agency."""
    return who if "@" in who else f"{who}@filo.example"


@contextmanager
def sample_agency(home: Path) -> Iterator[Agency]:
    """Started anew, with the sample agency in it."""
    template.move_in(home)
    filo = Started(home, free_port(), {"FILO_INSIDE_ADDRESSES": "127.0.0.1"}, base=BASE)  # where the PDS listens
    try:
        with ExitStack() as callers:
            yield Agency(filo.ready(), callers)
    finally:
        filo.stop()


def connect(api: httpx.Client, client: int, network: str, handle: str, name: str, **account: Any) -> dict[str, Any]:
    """A channel of the client, checked with its network; ``account`` are its server and credentials."""
    made = api.post("channels/", json={"client": client, "network": network, "handle": handle, "name": name, **account})
    assert made.status_code == 201, made.text
    channel: dict[str, Any] = made.json()
    checked = api.post(f"channels/{channel['id']}/check/")
    assert (checked.status_code, checked.json()["status"]) == (200, "connected")
    assert "credentials" not in checked.json()
    return channel


def connect_bluesky(api: httpx.Client, client: int, person: Person, server: str) -> dict[str, Any]:
    """A channel of the client on a Bluesky server, checked with it."""
    credentials = {"app_password": person.app_password}
    return connect(
        api, client, "bluesky", person.handle, "Cantina Roero su Bluesky", server=server, credentials=credentials
    )
