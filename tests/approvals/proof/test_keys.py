"""The installation's key: made where nobody gave one, read strictly, shown to whoever wants to compare it."""

import base64
import stat
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser

from accounts.errors import Conflict
from agency.environment import Environment
from agency.installation import Installation
from approvals.proof import keys, verify_evidence
from approvals.proof.origin import agency_name

OURS = "d3ee1fa10f3cf41d89bd7291aaf3a29467a61d7f8b263c51fc1325abbacfa3f7"
ONE, OTHER = b"1" * 32, b"2" * 32


def given(value: str) -> Environment:
    """The environment with this key."""
    return Environment({"FILO_EVIDENCE_KEY": value})


def text(*seeds: bytes) -> str:
    """Keys as they stand in the environment."""
    return ", ".join(base64.b64encode(seed).decode() for seed in seeds)


def test_several_keys_rotate(tmp_path: Path) -> None:
    assert given(text(ONE)).evidence_keys(tmp_path / "none", embedded=False) == [ONE]
    assert given(text(OTHER, ONE)).evidence_keys(tmp_path / "none", embedded=True) == [OTHER, ONE]


@pytest.mark.parametrize("value", ["short", text(b"1" * 31), text(ONE) + ",x", text(ONE) + ",é"])
def test_what_is_no_key_stops_the_start(tmp_path: Path, value: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        given(value).evidence_keys(tmp_path / "none", embedded=False)
    assert str(stopped.value) == (
        "filo: FILO_EVIDENCE_KEY must be Ed25519 private keys (32 bytes in base64), separated by commas; "
        "the first one signs."
    )


def test_without_one_everything_else_starts(tmp_path: Path) -> None:
    assert Environment({}).evidence_keys(tmp_path / "none", embedded=True) == []
    assert Environment({}).evidence_keys(tmp_path / "none", embedded=False) == []


def test_the_embedded_installation_makes_its_own_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = Environment({"FILO_HOME": str(home)})
    Installation(environment).make_home()
    kept = home / "evidence_key"
    first = environment.evidence_keys(kept, embedded=True)
    assert [len(key) for key in first] == [32]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    Installation(environment).make_home()
    assert environment.evidence_keys(kept, embedded=True) == first


def test_one_of_its_own_servers_is_given_it(tmp_path: Path) -> None:
    environment = Environment({"FILO_HOME": str(tmp_path / "home"), "DATABASE_URL": "postgresql://db/filo"})
    Installation(environment).make_home()
    assert not (tmp_path / "home" / "evidence_key").exists()


def test_without_a_key_nothing_is_signed(settings: Any) -> None:
    settings.FILO_EVIDENCE_KEYS = []
    with pytest.raises(Conflict) as refused:
        keys.sign(b"")
    assert refused.value.code == "no_evidence_key"


def test_the_agency_is_called_as_it_signs_its_mails(settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Studio Filo <filo@studio.example>"
    assert agency_name() == "Studio Filo"
    settings.DEFAULT_FROM_EMAIL, settings.BASE_URL = "filo@studio.example", "https://filo.studio.example"
    assert agency_name() == "filo.studio.example"


def test_everybody_may_see_the_public_keys(settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Studio Filo <filo@studio.example>"
    settings.FILO_EVIDENCE_KEYS = [ONE, *settings.FILO_EVIDENCE_KEYS]
    answer = Browser().get("/evidence-key/", headers={"accept-language": "en"})
    now, before = keys.public_keys()
    assert (answer.status_code, answer["content-type"]) == (200, "text/plain; charset=utf-8")
    assert answer.content.decode().splitlines() == [
        "The keys with which Studio Filo signs proofs of approval (Ed25519)",
        "",
        "Signs now",
        f"    SHA-256     {verify_evidence.in_groups(verify_evidence.fingerprint(now))}",
        f"    base64      {base64.b64encode(now).decode()}",
        "",
        "Signed before",
        f"    SHA-256     {verify_evidence.in_groups(OURS)}",
        f"    base64      {base64.b64encode(before).decode()}",
    ]
    secrets = [base64.b64encode(seed).decode() for seed in settings.FILO_EVIDENCE_KEYS]
    assert [secret for secret in secrets if secret in answer.content.decode()] == []


def test_an_installation_without_one_says_so(settings: Any) -> None:
    settings.FILO_EVIDENCE_KEYS = []
    answer = Browser().get("/evidence-key/", headers={"accept-language": "en"})
    assert answer.content.decode().splitlines()[-1] == "There is none yet: this installation signs nothing."


def test_everybody_may_have_the_program() -> None:
    answer = Browser().get("/evidence-key/verify_evidence.py")
    assert b"".join(answer.streaming_content) == Path(verify_evidence.__file__).read_bytes()  # type: ignore[attr-defined]
    assert answer["content-disposition"] == 'attachment; filename="verify_evidence.py"'
    assert Browser().post("/evidence-key/verify_evidence.py").status_code == 405
