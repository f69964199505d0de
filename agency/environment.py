"""The environment, read strictly: what is unknown, misspelt or malformed stops the start and is named, in one line."""

import base64
import difflib
import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

import environ
from cryptography.fernet import Fernet

from agency.home import Home

T = TypeVar("T")

# Each variable that the settings read; docs/operating.md says what each is for.
PLAIN = (
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "DATABASE_URL",
    "CELERY_BROKER_URL",
    "EMAIL_URL",
    "ALLOWED_HOSTS",
    "PORT",
)
OURS = (
    "FILO_HOME",
    "FILO_KEYS",
    "FILO_BASE_URL",
    "FILO_BIND",
    "FILO_EVIDENCE_KEY",
    "FILO_INSIDE_ADDRESSES",
    "FILO_LINKEDIN_VERSION",
    "FILO_LOG_JSON",
    "FILO_LOG_LEVEL",
    "FILO_MAIL_FROM",
    "FILO_MEDIA_STORAGE",
    "FILO_META_VERSION",
    "FILO_METRICS_TOKEN",
    "FILO_PAID_READS",
    "FILO_THREADS",
    "FILO_VIDEO_MB",
    "FILO_WORKERS",
    "FILO_X_ENTERPRISE",
    "FILO_X_LINK_POST_DOLLARS",
    "FILO_X_POST_DOLLARS",
    "FILO_YOUTUBE_UNITS",
    "FILO_YOUTUBE_UPLOADS",
)
# Settings of the tests' own servers.
OF_THE_TESTS = "FILO_TEST_"
# Near enough to be meant: DATABSE_URL is, REDIS_URL is not.
NEAR = 0.88
LONG_ENOUGH_TO_MISSPELL = 8
HIGHEST_PORT = 65535
ED25519_BYTES = 32

POSTGRES_SCHEMES = {"postgres", "postgresql"}
BROKER_SCHEMES = {"redis", "rediss", "amqp", "amqps"}
EMAIL_SCHEMES = {"smtp", "smtp+tls", "smtp+ssl", "smtps"}


def refuse(problem: str) -> NoReturn:
    """Stop the start with one line on the standard error stream and exit status 1."""
    message = f"filo: {problem}"
    raise SystemExit(message)


def _bucket(value: str) -> dict[str, str]:
    """What an object store is reached by. Raises ValueError for what is no s3:// address of one."""
    parts = urlsplit(value)
    asked = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    endpoint, region = asked.pop("endpoint", "").rstrip("/"), asked.pop("region", "")
    bucket = parts.netloc.rpartition("@")[2]
    if parts.scheme != "s3" or not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket):
        raise ValueError
    if asked or parts.fragment or bool(parts.username) != bool(parts.password):
        raise ValueError
    if endpoint and not re.fullmatch(r"https?://[^/?#@\s]+", endpoint):
        raise ValueError
    options = {
        "bucket_name": bucket,
        "location": parts.path.strip("/"),
        "region_name": region,
        "endpoint_url": endpoint,
        "access_key": unquote(parts.username or ""),
        "secret_key": unquote(parts.password or ""),
    }
    return {name: option for name, option in options.items() if option}


class Environment:
    """The variables of one process. Each reader gives the value, or stops the start naming the variable."""

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self.variables = os.environ if variables is None else variables
        self.env = environ.Env()
        self.env.ENVIRON = dict(self.variables)

    def refuse_unknown(self) -> None:
        """Stop if there is a FILO_… variable nobody reads, or a name one slip away from one that is read."""
        for name in sorted(self.variables):
            if name in PLAIN or name in OURS or name.startswith(OF_THE_TESTS):
                continue
            near = difflib.get_close_matches(name, [*PLAIN, *OURS], n=1, cutoff=NEAR)
            if name.startswith("FILO_"):
                hint = f" Did you mean {near[0]}?" if near else " See docs/operating.md for those that are."
                refuse(f"{name} is not a variable that Filo knows.{hint}")
            if near and len(name) >= LONG_ENOUGH_TO_MISSPELL:
                refuse(f"{name} looks like {near[0]}, misspelt. Rename it, or remove it.")

    def given(self, name: str) -> bool:
        """Whether the variable is there and not empty."""
        return bool(self.variables.get(name, "").strip())

    def read(self, name: str, reader: Callable[[str], T], expected: str) -> T:
        """What ``reader`` makes of the variable; its ValueError becomes a refusal that says what was ``expected``."""
        try:
            return reader(self.variables[name].strip())
        except (ValueError, KeyError, environ.ImproperlyConfigured):
            refuse(f"{name} must be {expected}.")  # never the value: it may be a secret

    def text(self, name: str, default: str = "") -> str:
        """The variable as it stands."""
        return self.variables[name].strip() if self.given(name) else default

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A yes or no."""
        words = {
            "1": True,
            "true": True,
            "yes": True,
            "on": True,
            "0": False,
            "false": False,
            "no": False,
            "off": False,
        }
        return self.read(name, lambda value: words[value.lower()], "yes or no") if self.given(name) else default

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``."""

        def reader(value: str) -> int:
            number = int(value)
            if not low <= number <= high:
                raise ValueError
            return number

        return self.read(name, reader, f"a whole number from {low} to {high}") if self.given(name) else default

    def month(self, name: str, default: str) -> str:
        """A year and a month, such as 202607."""

        def reader(value: str) -> str:
            if not re.fullmatch(r"20\d\d(0[1-9]|1[0-2])", value, re.ASCII):
                raise ValueError
            return value

        return self.read(name, reader, "a year and a month, such as 202607") if self.given(name) else default

    def dollars(self, name: str, default: str) -> Decimal:
        """A price in US dollars, such as 0.015."""

        def reader(value: str) -> Decimal:
            if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", value, re.ASCII):
                raise ValueError
            return Decimal(value)

        return self.read(name, reader, "a price in dollars, such as 0.015") if self.given(name) else Decimal(default)

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """One of the ``allowed`` words, in capitals."""

        def reader(value: str) -> str:
            if value.upper() not in allowed:
                raise ValueError
            return value.upper()

        return self.read(name, reader, f"one of {', '.join(allowed)}") if self.given(name) else default

    def words(self, name: str, default: list[str]) -> list[str]:
        """Words separated by commas."""
        if not self.given(name):
            return default
        return [word.strip() for word in self.variables[name].split(",") if word.strip()]

    def inside(self, name: str) -> list[str]:
        """Networks, addresses and names of hosts, separated by commas."""

        def reader(value: str) -> list[str]:
            found = [word.strip() for word in value.split(",") if word.strip()]
            for word in found:
                if re.search(r"[:/]|^[0-9.]+$", word):
                    ipaddress.ip_network(word)
                elif not re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?", word):
                    raise ValueError
            return found

        expected = "networks, addresses or host names, separated by commas, such as 10.0.0.0/8, wordpress.studio.lan"
        return self.read(name, reader, expected) if self.given(name) else []

    def url(self, name: str, schemes: set[str]) -> str:
        """An address with one of the ``schemes``."""

        def reader(value: str) -> str:
            parts = urlsplit(value)
            if parts.scheme not in schemes or (parts.port is not None and not 0 < parts.port <= HIGHEST_PORT):
                raise ValueError
            return value

        return self.read(name, reader, f"an address that begins with {' or '.join(f'{s}://' for s in sorted(schemes))}")

    def web_address(self, name: str, default: str) -> str:
        """Where people reach us: scheme, host and port, nothing after them."""
        expected = "an address such as https://filo.example, with no path"
        address = self.url(name, {"http", "https"}).rstrip("/") if self.given(name) else default
        if not re.fullmatch(r"https?://[^/?#@\s]+", address):
            refuse(f"{name} must be {expected}.")
        return address

    def database(self) -> dict[str, Any]:
        """DATABASE_URL as Django wants it; PostgreSQL only."""
        expected = "an address such as postgresql://user:password@host:5432/name"

        def reader(value: str) -> dict[str, Any]:
            config: dict[str, Any] = self.env.db_url_config(value)
            if not config["NAME"]:
                raise ValueError
            return config

        self.url("DATABASE_URL", POSTGRES_SCHEMES)
        return self.read("DATABASE_URL", reader, expected)

    def email(self) -> dict[str, Any]:
        """EMAIL_URL as Django's EMAIL_… settings."""
        self.url("EMAIL_URL", EMAIL_SCHEMES)
        config: dict[str, Any] = self.read(
            "EMAIL_URL", self.env.email_url_config, "an address such as smtp+tls://user:password@host:587"
        )
        if not config.get("EMAIL_HOST"):
            refuse("EMAIL_URL must be an address such as smtp+tls://user:password@host:587.")
        return config

    def storage(self) -> dict[str, Any]:
        """FILO_MEDIA_STORAGE as Django's storage of files: a bucket of an object store, or the disk where none is given."""
        if not self.given("FILO_MEDIA_STORAGE"):
            return {"BACKEND": "django.core.files.storage.FileSystemStorage"}

        expected = "an address such as s3://key:secret@bucket?region=eu-south-1, with &endpoint=https://… where it is not Amazon's"
        options = self.read("FILO_MEDIA_STORAGE", _bucket, expected)
        return {"BACKEND": "social.object_store.ObjectStore", "OPTIONS": options}

    def home(self, base: Path) -> Home:
        """FILO_HOME, which is ``base``/var where nothing else is said."""
        root = Path(self.text("FILO_HOME", str(base / "var"))).expanduser()
        if not root.is_absolute():
            refuse("FILO_HOME must be an absolute path.")
        return Home(root)

    def secret(self, name: str, kept: Path, *, embedded: bool) -> str:
        """The variable, or on the embedded default what ``kept`` holds."""
        if self.given(name):
            return self.variables[name].strip()
        if not embedded:
            refuse(f"{name} must be given where DATABASE_URL is. docs/operating.md says how to make one.")
        try:
            return kept.read_text().strip()
        except FileNotFoundError:
            refuse(
                f"{name} is not given and {kept} is not there yet: start with `make run` or `make manage`, which create it."
            )
        except OSError as error:
            refuse(f"{name} is not given and {kept} cannot be read: {error.strerror}.")

    def keys(self, kept: Path, *, embedded: bool) -> list[str]:
        """The Fernet keys for secrets at rest; the first one encrypts, all of them decrypt."""
        keys = [key.strip() for key in self.secret("FILO_KEYS", kept, embedded=embedded).split(",") if key.strip()]
        try:
            for key in keys:
                Fernet(key)
        except ValueError:
            keys = []
        if not keys:
            refuse(
                "FILO_KEYS must be Fernet keys (32 bytes in URL-safe base64), separated by commas; the first one encrypts."
            )
        return keys

    def evidence_keys(self, kept: Path, *, embedded: bool) -> list[bytes]:
        """The Ed25519 private keys (32 bytes each) for proofs of approval; the first one signs, all of them are our own.

        None where none was given: then proofs can't be made, and everything else can.
        """
        given = self.text("FILO_EVIDENCE_KEY")
        if not given and embedded and kept.exists():
            given = self.secret("FILO_EVIDENCE_KEY", kept, embedded=True)
        try:
            keys = [base64.b64decode(key.strip(), validate=True) for key in given.split(",") if key.strip()]
        except ValueError:
            keys = [b""]
        if any(len(key) != ED25519_BYTES for key in keys):
            refuse(
                "FILO_EVIDENCE_KEY must be Ed25519 private keys (32 bytes in base64), separated by commas; the first one signs."
            )
        return keys
