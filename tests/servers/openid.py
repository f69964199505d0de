"""A real OpenID provider for tests (npm's oidc-provider), which is as strict with apps as the RFCs: the fixture `openid`."""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from tests.servers.install import InstallError, Servers, alone, home, run, with_npm
from tests.servers.install import install as install_node
from tests.servers.keeping import free_port, kept, listens

HERE = Path(__file__).resolve().with_name("oidc")
MOST_PAGES = 12  # from the first address to the way back


@dataclass(frozen=True)
class OpenId:
    """A running provider."""

    url: str

    def say_yes(self, address: str, name: str) -> str:
        """Sign in there by this name and allow everything, as a browser does; the address that it sends us back to."""
        with httpx.Client(follow_redirects=False, timeout=20) as browser:
            answer = browser.get(address)
            for _page in range(MOST_PAGES):
                if answer.is_redirect:
                    address = urljoin(self.url, answer.headers["Location"])
                    if not address.startswith(self.url):
                        return address
                    answer = browser.get(address)
                    continue
                action = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
                prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)
                assert action, f"no page of a provider: {answer.status_code} {answer.text[:1000]}"
                assert prompt, answer.text[:1000]
                form = {"prompt": prompt[1], "login": name, "password": "whatever"}
                answer = browser.post(urljoin(self.url, action[1]), data=form)
        message = f"the provider never sent us back: {answer.text[:1000]}"
        raise AssertionError(message)


def install() -> Path:
    """Install what is missing and return the folder with its packages; safe to call from several processes at once.

    Raises:
        InstallError: it is not possible here.
    """
    servers = install_node()
    folder = home() / "openid"
    stamp = folder / "installed"
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder / "lock"):
            if not (stamp.exists() and stamp.read_text() == wanted):
                stamp.unlink(missing_ok=True)
                _build(servers, folder)
                stamp.write_text(wanted)
    except OSError as error:
        raise InstallError(f"{error.strerror or error}: {error.filename or folder}") from error
    return folder


def _build(servers: Servers, folder: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, folder / name)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--omit=dev"]
    run("the OpenID provider", command, folder, with_npm(servers))


@contextmanager
def running(port: int, *, client_id: str, client_secret: str, redirect: str) -> Iterator[OpenId]:
    """Start a provider that knows one app, stop it at the end."""
    try:
        folder = install()
    except InstallError as error:
        reason = f"The OpenID provider can't be installed here: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    app = [str(port), client_id, client_secret, redirect]
    with tempfile.TemporaryDirectory(prefix="filo-openid-") as place:
        command: list[str | Path] = [Servers(home()).node, HERE / "openid.mjs", folder, *app]
        with kept(command, log=Path(place, "log"), ready=partial(listens, port)):
            yield OpenId(f"http://127.0.0.1:{port}")


__all__ = ["OpenId", "free_port", "install", "running"]
