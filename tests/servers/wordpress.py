"""A real WordPress for tests, of Debian's packages, with a MariaDB of its own; the fixture `wordpress` gives it.

The programs (php, mariadbd) have to be on the machine: `.ci/test` installs them on Debian, without the services that
Debian would start. WordPress itself is unpacked from its package, not installed, since that would bring a web server.
A site with an empty blog is made once; each run of the tests starts on a copy of it, in a folder that is thrown away.
"""

import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.install import InstallError, alone, home, run
from tests.servers.keeping import free_port, kept, listens

HERE = Path(__file__).resolve().parent / "wp"
PACKAGES = (
    "wordpress",
    "wordpress-theme-twentytwentythree",
    "php-getid3",
    "libjs-cropper",
    "libjs-prototype",
    "libjs-scriptaculous",
    "libjs-underscore",
)
ADMIN = "roero"
_PHP = ("-d", "display_errors=0", "-d", "memory_limit=256M", "-d", "opcache.enable_cli=1")
_UPLOADS = ("-d", "upload_max_filesize=64M", "-d", "post_max_size=64M")
_MISSING = "it needs Debian's php-cli, php-mysql, php-gd, mariadb-server-core and mariadb-client-core"


@dataclass(frozen=True)
class Author:
    """Somebody who writes on the site; `app_password` is what a channel would be given."""

    id: int
    name: str
    app_password: str

    @property
    def auth(self) -> tuple[str, str]:
        """For httpx."""
        return self.name, self.app_password


@dataclass(frozen=True)
class WordPress:
    """A running site, asked in its own words (REST, wp/v2) as its administrator, never through the code under test."""

    url: str
    admin: Author
    session: int
    content: Path

    @contextmanager
    def plugin(self, code: str) -> Iterator[None]:
        """Have these lines of PHP run in each request, as a plugin's would, for as long as the `with` lasts."""
        folder = self.content / "mu-plugins"
        folder.mkdir(exist_ok=True)
        file = folder / f"{secrets.token_hex(8)}.php"  # never the name of one before, which PHP may remember
        file.write_text(f"<?php\n{code}")
        try:
            yield
        finally:
            file.unlink()

    def create_author(self, name: str, role: str = "author") -> Author:
        """Make somebody who may write (`author`), publish for others (`editor`) or only hand in (`contributor`)."""
        person = {"username": name, "email": f"{name}@filo.example", "password": f"{name}'s own", "roles": [role]}
        made = self.ask("POST", "users", json=person)
        given = self.ask("POST", f"users/{made['id']}/application-passwords", json={"name": "filo"})
        return Author(made["id"], name, given["password"])

    def revoke_app_passwords(self, author: Author) -> None:
        """Take all application passwords back, as their owner would."""
        self.ask("DELETE", f"users/{author.id}/application-passwords")

    def posts(self, author: Author | None = None, **asked: Any) -> list[dict[str, Any]]:
        """Return the posts in any state, as an editor sees them; the oldest first."""
        params = {"context": "edit", "status": "any", "per_page": 100, "orderby": "id", "order": "asc", **asked}
        if author:
            params["author"] = author.id
        posts: list[dict[str, Any]] = self.ask("GET", "posts", params=params)
        return posts

    def media(self, author: Author | None = None) -> list[dict[str, Any]]:
        """Return what was uploaded, the oldest first."""
        params: dict[str, Any] = {"context": "edit", "per_page": 100, "orderby": "id", "order": "asc"}
        if author:
            params["author"] = author.id
        media: list[dict[str, Any]] = self.ask("GET", "media", params=params)
        return media

    def run_cron(self) -> None:
        """Publish what is due: nothing does it by itself here."""
        httpx.get(f"{self.url}/wp-cron.php", params={"doing_wp_cron": "1"}, timeout=20).raise_for_status()

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """Call `/wp-json/wp/v2/PATH` as the administrator and return its answer."""
        answer = httpx.request(method, f"{self.url}/wp-json/wp/v2/{path}", timeout=30, auth=self.admin.auth, **options)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()


def install() -> Path:
    """Unpack WordPress and make its site, where that has not been done; return the folder of both.

    Raises:
        InstallError: it is not possible here.
    """
    _require_programs()
    folder = home() / "wordpress"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder / "lock"):
            stamp = folder / "installed"
            if not stamp.exists() or stamp.read_text() != _wanted():
                stamp.unlink(missing_ok=True)
                _build(folder)
                stamp.write_text(_wanted())
    except OSError as error:
        raise InstallError(f"{error.strerror or error}: {error.filename or folder}") from error
    return folder


@contextmanager
def running() -> Iterator[WordPress]:
    """Install what is missing, start a site, stop it at the end."""
    try:
        folder = install()
    except InstallError as error:
        reason = f"WordPress can't be installed here: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="filo-wp-") as place, _site(folder, Path(place)) as (url, session):
        name, _, password = (folder / "app_password").read_text().partition(":")
        yield WordPress(url, Author(1, name, password), session, Path(place) / "web" / "wp-content")


@pytest.fixture(scope="session")
def wordpress() -> Iterator[WordPress]:
    """A site for all tests of this process; each test makes authors of its own."""
    with running() as server:
        yield server


@contextmanager
def _site(folder: Path, place: Path) -> Iterator[tuple[str, int]]:
    """The site on a copy of its data."""
    shutil.copytree(folder / "data", place / "data")
    web = _web_folder(folder / "site", place / "web")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {**_environment(place, url, web), "PHP_CLI_SERVER_WORKERS": "4"}
    server = ["php", *_PHP, *_UPLOADS, "-S", f"127.0.0.1:{port}", "-t", str(web), str(HERE / "router.php")]
    with (
        _database(place),
        kept(server, log=place / "php", ready=partial(listens, port), environment=environment) as session,
    ):
        yield url, session


@contextmanager
def _database(place: Path) -> Iterator[None]:
    """A MariaDB on the data in that place, reached by a socket there."""
    command = [
        _program("mariadbd"),
        "--no-defaults",
        *(["--user=root"] if os.geteuid() == 0 else []),
        f"--datadir={place / 'data'}",
        f"--socket={place / 'socket'}",
        f"--pid-file={place / 'pid'}",
        "--skip-networking",
        *_SMALL,
    ]
    with kept(command, log=place / "mariadb", ready=partial(_answers, place / "socket")):
        yield


# The data is thrown away: nothing has to be on the disk when a query returns.
_SMALL = ("--innodb-log-file-size=4M", "--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0")


def _answers(place: Path) -> bool:
    with suppress(OSError), socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(place))
        return True
    return False


def _web_folder(site: Path, web: Path) -> Path:
    """A folder that a web server shows: WordPress by links, and a `wp-content` of its own."""
    web.mkdir()
    for entry in site.iterdir():
        if entry.name != "wp-content":
            (web / entry.name).symlink_to(entry)
    content = web / "wp-content"
    content.mkdir()
    (content / "uploads").mkdir()
    for name in ("themes", "plugins", "languages"):
        (content / name).symlink_to(site / "wp-content" / name)
    return web


def _environment(place: Path, url: str, web: Path) -> dict[str, str]:
    return {
        "FILO_WP_SOCKET": str(place / "socket"),
        "FILO_WP_URL": url,
        "FILO_WP_CONTENT": str(web / "wp-content"),
        "FILO_WP_SITE": str(web),
    }


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if not found:
        raise InstallError(f"{_MISSING} ({name} is not here)")
    return found


def _require_programs() -> None:
    for name in ("mariadbd", "mariadb-install-db", "mariadb", "php"):
        _program(name)
    modules = set(_output(["php", "-m"]).split())
    for module in ("mysqli", "gd"):
        if module not in modules:
            raise InstallError(f"{_MISSING} (PHP has no {module})")


def _wanted() -> str:
    """What stands in the stamp of a whole installation: a digest of all that it is made from."""
    made_of = b"".join(path.read_bytes() for path in sorted(HERE.iterdir()))
    versions = _output([_program("mariadbd"), "--no-defaults", "--version"]) + " ".join(PACKAGES)
    return hashlib.sha256(made_of + versions.encode()).hexdigest()


def _build(folder: Path) -> None:
    for part in ("site", "data"):
        shutil.rmtree(folder / part, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="filo-wp-") as name:
        place = Path(name)
        _unpack(place, folder)
        root = ["--user=root"] if os.geteuid() == 0 else []
        new = ["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", *_SMALL, *root]
        run("MariaDB", [_program("mariadb-install-db"), *new, f"--datadir={place / 'data'}"], folder, os.environ)
        _make_site(folder, place)
        shutil.move(place / "data", folder / "data")


def _unpack(place: Path, folder: Path) -> None:
    """Get WordPress's packages and copy what is theirs into one folder without links."""
    root = place / "root"
    command = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *PACKAGES]
    try:
        run("WordPress", command, place, os.environ)
    except InstallError:
        if os.geteuid():
            raise
        run("the list of packages", ["apt-get", "-qq", "update"], place, os.environ)
        run("WordPress", command, place, os.environ)
    for package in place.glob("*.deb"):
        _output(["dpkg-deb", "-x", str(package), str(root)])
    copy = partial(shutil.copytree, ignore_dangling_symlinks=True)
    left_out = shutil.ignore_patterns("wp-content", "wp-config.php")
    site = copy(root / "usr/share/wordpress", folder / "site", ignore=left_out)
    content = root / "var/lib/wordpress/wp-content"
    copy(content, Path(site) / "wp-content", ignore=shutil.ignore_patterns("themes"))
    copy(root / "usr/share/wordpress/wp-content/themes", Path(site) / "wp-content" / "themes")
    shutil.copyfile(HERE / "wp-config.php", folder / "site" / "wp-config.php")


def _make_site(folder: Path, place: Path) -> None:
    web = _web_folder(folder / "site", place / "web")
    environment = {**os.environ, **_environment(place, "http://127.0.0.1", web)}
    ask = [_program("mariadb"), "--no-defaults", "-uroot", "-S", str(place / "socket"), "-e"]
    with _database(place):
        _output([*ask, "create database wordpress character set utf8mb4"])
        password = _output(["php", *_PHP, str(HERE / "install.php")], environment)
        _output([*ask, "shutdown"])
        while (place / "pid").exists():
            time.sleep(0.05)
        (folder / "app_password").write_text(f"{ADMIN}:{password}")


def _output(command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a command and return what it says.

    Raises:
        InstallError: it failed, with the last of its words.
    """
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise InstallError(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout)[-500:]}")
    return done.stdout.strip()
