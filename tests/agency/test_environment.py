"""What is unknown, misspelt or malformed in the environment stops the start and is named, in one line."""

import subprocess
import sys
from pathlib import Path

import pytest

from agency.environment import Environment
from tests.agency.started import BASE, environment

SECRET = "a" * 50
KEY = "Rm9yIHRoZSB0ZXN0cyBhbG9uZSwgMzIgYnl0ZXMhISE="
NETWORKS = "networks, addresses or host names, separated by commas, such as 10.0.0.0/8, wordpress.studio.lan"
OWN = {"DATABASE_URL": "postgresql://filo:pw@db/filo", "SECRET_KEY": SECRET, "FILO_KEYS": KEY}


def load(**variables: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of their own, and print some."""
    show = (
        "from agency import settings as s; "
        "print(s.PORT, s.BASE_URL, s.DATABASES['default']['NAME'], len(s.FILO_KEYS), s.SECURE_SSL_REDIRECT, s.DEFAULT_FROM_EMAIL)"
    )
    return subprocess.run(
        [sys.executable, "-c", show],
        cwd=BASE,
        env=environment(**variables),
        check=False,
        capture_output=True,
        text=True,
    )


def test_well_formed() -> None:
    loaded = load(**OWN, PORT="9000", FILO_BASE_URL="https://filo.example")
    assert (loaded.stdout, loaded.stderr) == ("9000 https://filo.example filo 1 True Filo <filo@localhost>\n", "")


def test_the_sample_agency_writes_in_its_own_name(tmp_path: Path) -> None:
    names = {"SECRET_KEY": SECRET, "FILO_KEYS": KEY, "FILO_EVIDENCE_KEY": KEY, "FILO_HOME": str(tmp_path)}
    assert load(**names).stdout.endswith(" Studio Filo <filo@localhost>\n")
    assert load(**names, EMAIL_URL="smtp://mail.studio.lan").stdout.endswith(" Filo <filo@localhost>\n")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"DATABSE_URL": "postgresql://db/filo"},
            "DATABSE_URL looks like DATABASE_URL, misspelt. Rename it, or remove it.",
        ),
        ({"FILO_HOMES": "/srv/filo"}, "FILO_HOMES is not a variable that Filo knows. Did you mean FILO_HOME?"),
        (
            {"FILO_COLOUR": "red"},
            "FILO_COLOUR is not a variable that Filo knows. See docs/operating.md for those that are.",
        ),
        ({"PORT": "eighty"}, "PORT must be a whole number from 1 to 65535."),
        ({"PORT": "65536"}, "PORT must be a whole number from 1 to 65535."),
        ({"FILO_HOME": "relative/folder"}, "FILO_HOME must be an absolute path."),
        ({"FILO_LOG_JSON": "perhaps"}, "FILO_LOG_JSON must be yes or no."),
        ({"FILO_LOG_LEVEL": "LOUD"}, "FILO_LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR."),
        ({"FILO_BASE_URL": "filo.example"}, "FILO_BASE_URL must be an address that begins with http:// or https://."),
        (
            {"FILO_BASE_URL": "https://filo.example/team"},
            "FILO_BASE_URL must be an address such as https://filo.example, with no path.",
        ),
        (
            {"DATABASE_URL": "mysql://db/filo"},
            "DATABASE_URL must be an address that begins with postgres:// or postgresql://.",
        ),
        (
            {"DATABASE_URL": "postgresql://db"},
            "DATABASE_URL must be an address such as postgresql://user:password@host:5432/name.",
        ),
        (
            {"CELERY_BROKER_URL": "kafka://broker"},
            "CELERY_BROKER_URL must be an address that begins with amqp:// or amqps:// or redis:// or rediss://.",
        ),
        (
            {"EMAIL_URL": "mail.example"},
            "EMAIL_URL must be an address that begins with smtp:// or smtp+ssl:// or smtp+tls:// or smtps://.",
        ),
        ({"EMAIL_URL": "smtp://"}, "EMAIL_URL must be an address such as smtp+tls://user:password@host:587."),
        (
            {"FILO_KEYS": "short"},
            "FILO_KEYS must be Fernet keys (32 bytes in URL-safe base64), separated by commas; the first one encrypts.",
        ),
        *(
            ({"FILO_X_POST_DOLLARS": wrong}, "FILO_X_POST_DOLLARS must be a price in dollars, such as 0.015.")
            for wrong in ("-1", "1e3", "0,2", "$1")
        ),
        *(
            (
                {"FILO_INSIDE_ADDRESSES": wrong},
                f"FILO_INSIDE_ADDRESSES must be {NETWORKS}.",
            )
            for wrong in (
                "10.0.0.1/8",
                "10.0.0",
                "256.0.0.1",
                "fd00::/129",
                "https://wordpress.studio.lan",
                "a b",
                "*.lan",
            )
        ),
        ({"FILO_KEYS": ""}, "FILO_KEYS must be given where DATABASE_URL is. docs/operating.md says how to make one."),
        ({"SECRET_KEY": ""}, "SECRET_KEY must be given where DATABASE_URL is. docs/operating.md says how to make one."),
    ],
)
def test_refused_in_one_line(wrong: dict[str, str], said: str) -> None:
    loaded = load(**OWN | wrong)
    assert (loaded.returncode, loaded.stdout, loaded.stderr) == (1, "", f"filo: {said}\n")


@pytest.mark.parametrize("name", ["DATABASE_URL", "EMAIL_URL", "CELERY_BROKER_URL"])
def test_a_refusal_never_shows_the_value(name: str) -> None:
    loaded = load(**OWN | {name: "wrong://filo:hunter2@host:port/name"})
    assert loaded.returncode == 1
    assert "hunter2" not in loaded.stdout + loaded.stderr


def test_secrets_that_nobody_made_yet(tmp_path: Path) -> None:
    loaded = load(FILO_HOME=str(tmp_path))
    assert loaded.stderr == (
        f"filo: SECRET_KEY is not given and {tmp_path / 'secret_key'} is not there yet: "
        "start with `make run` or `make manage`, which create it.\n"
    )


def test_what_may_be_reached_inside() -> None:
    given = "10.0.0.0/8, 192.168.1.20,fd00::/8,::1 , WordPress.studio.lan,"
    assert Environment({"FILO_INSIDE_ADDRESSES": given}).inside("FILO_INSIDE_ADDRESSES") == [
        "10.0.0.0/8",
        "192.168.1.20",
        "fd00::/8",
        "::1",
        "WordPress.studio.lan",
    ]
    assert Environment({}).inside("FILO_INSIDE_ADDRESSES") == []


def test_variables_of_others_are_left_alone() -> None:
    Environment({"REDIS_URL": "x", "DATABASE_HOST": "x", "REPORT": "x", "EMAIL": "x"}).refuse_unknown()


def test_keys_rotate(tmp_path: Path) -> None:
    other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    keys = Environment({"FILO_KEYS": f"{other}, {KEY}"}).keys(tmp_path / "keys", embedded=False)
    assert keys == [other, KEY]
