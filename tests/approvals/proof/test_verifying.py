"""Whoever gets a proof can check it, and whoever changes a byte is found out."""

import base64
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from approvals.proof import keys, verify_evidence
from approvals.proof.drawing import drawn
from approvals.proof.record import Evidence
from approvals.proof.signing import sealed, with_signature
from approvals.proof.verify_evidence import (
    FITS,
    LARGEST,
    LINE_LENGTH,
    STRANGER,
    WRONG,
    canonical,
    check,
    fingerprint,
    in_groups,
    verify,
)
from tests.approvals.proof.made_up import evidence

OURS = "d3ee1fa10f3cf41d89bd7291aaf3a29467a61d7f8b263c51fc1325abbacfa3f7"
OTHER_SEED = b"Another installation's key, 32 b"
BASE = Path(settings.BASE_DIR)


def pdf(said: Evidence) -> bytes:
    """The proof as a signed PDF."""
    return with_signature(drawn(said, sealed(said), fingerprint=fingerprint(keys.public_keys()[0])))


@pytest.fixture(scope="module")
def whole() -> dict[str, bytes]:
    """The same proof, both ways."""
    said = evidence(pictures=2)
    return {"json": sealed(said), "pdf": pdf(said)}


def problems(data: bytes) -> list[str]:
    """What is wrong, for somebody who knows our keys."""
    return verify(data, trusted=keys.own()).problems


def test_it_says_what_it_is(whole: dict[str, bytes]) -> None:
    digest = evidence(pictures=2)["subject"]["digest"]
    assert verify(whole["pdf"], trusted=keys.own()).text("proof.pdf").splitlines() == [
        "proof.pdf: a proof of approval, PDF, the agency's own",
        "  of        post “Vendemmia”, version 2, of Cantina Roero",
        "  by        Studio Filo, https://filo.example",
        "  outcome   approved at 2026-11-20T10:15:30.250000+01:00",
        "  made      2026-11-20T10:15:30.250000+01:00",
        f"  signed by this installation's own key, fingerprint {in_groups(OURS)}",
        f"  digest    {digest}, recomputed: it fits",
        "  pictures  2, each with the SHA-256 that it says",
        "  approvals 3 in 3 steps",
        f"  event     {'ab' * 32}, the last one of this review, for verify_audit",
        "Everything fits: not a byte was changed since it was signed.",
    ]


@pytest.mark.parametrize("kind", ["json", "pdf"])
def test_both_are_whole(whole: dict[str, bytes], kind: str) -> None:
    report = verify(whole[kind], trusted=keys.own())
    assert (report.status, report.problems, report.signer, report.vouched) == (FITS, [], OURS, keys.OWN)


def test_every_changed_byte_of_the_json_is_told(whole: dict[str, bytes]) -> None:
    data, unnoticed = whole["json"], []
    for at in range(len(data)):
        for bits in (1, 32):  # 32: a letter's case
            changed = data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :]
            if verify(changed, trusted=keys.own()).status != WRONG:
                unnoticed.append((at, bits))
    assert unnoticed == []


def test_every_eleventh_byte_of_the_pdf_and_each_of_its_last_is_told(whole: dict[str, bytes]) -> None:
    data, unnoticed = whole["pdf"], []
    last = range(len(data) - LINE_LENGTH - 20, len(data))
    for at in {*range(0, len(data), 11), *last}:
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        if verify(changed, trusted=keys.own()).status != WRONG:
            unnoticed.append(at)
    assert unnoticed == []


@pytest.mark.parametrize("kind", ["json", "pdf"])
def test_what_is_cut_off_or_put_after_it_is_told(whole: dict[str, bytes], kind: str) -> None:
    data = whole[kind]
    cuts = [data[:length] for length in range(0, len(data), 97)]
    more = [data + extra for extra in (b"\n", b" ", b"%%EOF\n", b"\0", data)]
    assert [len(changed) for changed in [*cuts, *more] if verify(changed, trusted=keys.own()).status != WRONG] == []


def test_the_same_words_written_otherwise_are_told(whole: dict[str, bytes]) -> None:
    content = json.loads(whole["json"])
    otherwise = [
        json.dumps(content).encode(),
        json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1).encode(),
        b"\xef\xbb\xbf" + whole["json"],
    ]
    assert [verify(data, trusted=keys.own()).status for data in otherwise] == [WRONG] * 3
    assert problems(otherwise[0]) == [
        "It is not written as Filo writes it (RFC 8785): bytes were changed, even if its words look the same."
    ]


@pytest.mark.parametrize("name", ["key", "signature"])
def test_base64_has_one_way_to_be_written(whole: dict[str, bytes], name: str) -> None:
    content = json.loads(whole["json"])
    text = content["signature"][name]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = text.rstrip("=")[-1]
    other = text.rstrip("=")[:-1] + alphabet[alphabet.index(last) ^ 1] + "=" * (len(text) - len(text.rstrip("=")))
    assert base64.b64decode(other) == base64.b64decode(text)
    content["signature"][name] = other
    assert problems(canonical(content)) == ["Its signature is not one that Filo makes."]


@pytest.mark.parametrize("kind", ["json", "pdf"])
def test_another_installation_s_key_is_a_stranger_until_it_is_vouched_for(settings: Any, kind: str) -> None:
    settings.FILO_EVIDENCE_KEYS = [OTHER_SEED]
    data = {"json": sealed(evidence()), "pdf": pdf(evidence())}[kind]
    public = Ed25519PrivateKey.from_private_bytes(OTHER_SEED).public_key().public_bytes_raw()
    ours = {OURS: "ours"}
    assert verify(data, trusted=ours).status == STRANGER
    assert verify(data, trusted=ours).text("x").splitlines()[-1] == (
        "But nobody has vouched for the key. Compare its fingerprint with the one that the agency shows at "
        "/evidence-key/, and say it with --key."
    )
    assert verify(data, trusted={fingerprint(public): "the agency's"}).status == FITS


def test_signed_by_a_stranger_and_sold_as_ours(whole: dict[str, bytes], settings: Any) -> None:
    content = json.loads(whole["json"])
    settings.FILO_EVIDENCE_KEYS = [OTHER_SEED]
    forged = json.loads(sealed(content["evidence"] | {"made_at": "2020-01-01T00:00:00+00:00"}))
    forged["signature"]["key"] = content["signature"]["key"]
    assert verify(canonical(forged), trusted={OURS: "ours"}).problems == [
        "The signature does not fit: bytes were changed after it was signed."
    ]


def test_a_pdf_around_somebody_else_s_json(settings: Any) -> None:
    mine = settings.FILO_EVIDENCE_KEYS
    settings.FILO_EVIDENCE_KEYS = [OTHER_SEED]
    theirs = sealed(evidence())
    settings.FILO_EVIDENCE_KEYS = mine
    data = with_signature(drawn(evidence(), theirs, fingerprint=OURS))
    assert problems(data) == ["The file attached to it was signed by another key."]


@pytest.mark.parametrize("kind", ["json", "pdf"])
def test_after_a_rotation_the_old_ones_are_still_ours(settings: Any, whole: dict[str, bytes], kind: str) -> None:
    settings.FILO_EVIDENCE_KEYS = [OTHER_SEED, *settings.FILO_EVIDENCE_KEYS]
    report = verify(whole[kind], trusted=keys.own())
    assert (report.status, report.vouched) == (FITS, "an earlier key of this installation")
    assert verify(sealed(evidence()), trusted=keys.own()).vouched == "this installation's own key"


def one_step_short(said: Evidence) -> Evidence:
    said["steps"][1]["seats"][0]["decision"] = None
    return said


def taken_back(said: Evidence) -> Evidence:
    said["steps"][1]["seats"][0]["ended"] = {"why": "taken_back", "reason": "", "at": said["made_at"], "by": None}
    return said


def twice_the_same(said: Evidence) -> Evidence:
    step = said["steps"][0]
    step["needed"], step["seats"] = 2, step["seats"] * 2
    return said


def of_other_words(said: Evidence) -> Evidence:
    decision = said["steps"][2]["seats"][0]["decision"]
    assert decision
    decision["digest"] = "0" * 64
    return said


def by_its_author(said: Evidence) -> Evidence:
    decision = said["steps"][2]["seats"][0]["decision"]
    assert decision
    said["review"]["author"] = decision["by"]
    return said


def waiting(said: Evidence) -> Evidence:
    said["steps"][2]["state"] = "waiting"
    return said


def other_content(said: Evidence) -> Evidence:
    said["subject"]["content"] = said["subject"]["content"].replace("Oggi", "Ieri")
    said["parts"][0]["text"] = "Ieri si vendemmia."
    return said


def other_picture(said: Evidence) -> Evidence:
    next(iter(said["pictures"].values()))["data"] = "AAAA"
    return said


def drawn_beyond(said: Evidence) -> Evidence:
    said["parts"][0]["drawn"] = {
        "at_once": 18,
        "goes_out": 19,
        "used": 19,
        "limit": 500,
        "counted": "19 of 500 characters",
        "card": "",
    }
    return said


@pytest.mark.parametrize(
    ("forge", "told"),
    [
        (one_step_short, "Step 2, Passaggio 2: it is said to have passed, but has too few approvals."),
        (taken_back, "Step 2, Passaggio 2: it is said to have passed, but has too few approvals."),
        (twice_the_same, "Step 1, Passaggio 1: it is said to have passed, but has too few approvals."),
        (of_other_words, "Step 3, Passaggio 3: a decision is about another digest."),
        (by_its_author, "Step 3, Passaggio 3: who wrote it has approved it."),
        (waiting, "It is said to be approved, but not every step has passed."),
        (
            lambda said: said | {"parts": [{**said["parts"][0], "text": "Altro"}]},
            "Part 1, Cantina Roero su Instagram, shows what is not in the content of the digest.",
        ),
        (drawn_beyond, "Part 1, Cantina Roero su Instagram, is drawn with more words than it has."),
        (lambda said: said | {"pictures": {}}, "The pictures are not those that its parts name."),
        (lambda said: said | {"what": "an invoice"}, "It is signed, but it is no proof of approval."),
        (lambda said: said | {"format": 9}, "It is of format 9; this command knows 1. Get a newer one."),
        (lambda said: said | {"steps": 5}, "What it says is not laid out as a proof of approval is."),
    ],
)
def test_a_signature_does_not_make_it_true(forge: Any, told: str) -> None:
    assert problems(sealed(forge(evidence(pictures=1)))) == [told]


def test_the_digest_and_each_picture_are_recomputed() -> None:
    said = evidence(pictures=1)
    digest, found = said["subject"]["digest"], other_content(said)["subject"]["content"]
    assert problems(sealed(said)) == [
        f"The digest of its content is {hashlib.sha256(found.encode()).hexdigest()}, not {digest} as it says."
    ]
    said = evidence(pictures=1)
    sha256 = next(iter(said["pictures"]))
    assert problems(sealed(other_picture(said))) == [f"The picture {sha256} has another SHA-256 than it says."]


def test_tacit_left_out_and_carried_steps_need_no_count() -> None:
    said = evidence()
    said["steps"][0]["tacit"] = {"at": said["made_at"], "agreed_on": "2026-01-01", "document": "ab" * 32}
    said["steps"][0]["seats"][0]["decision"] = None
    skipped, carried = said["steps"][1], said["steps"][2]
    skipped["state"], skipped["skipped"], skipped["seats"] = "skipped", {"codes": {}, "words": "x"}, []
    carried["carried_from"] = {"round": 1, "version": 1, "digest": "0" * 64, "seats": carried["seats"]}
    carried["seats"] = []
    report = verify(sealed(said), trusted=keys.own())
    assert (report.problems, dict(report.facts)["approvals"]) == ([], "0 in 3 steps; 1 passed by tacit consent")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "It is empty."),
        (b"\x89PNG\r\n\x1a\n", "It is neither a PDF nor JSON: not a proof of approval."),
        (b"PK\x03\x04", "It is neither a PDF nor JSON: not a proof of approval."),
        (b'{"a": 1}', "It is JSON, but no proof of approval."),
        (b'{"evidence":{},"signature":{}}', "Its signature is not one that Filo makes."),
        (b'{"evidence":1.5}}', "It can't be read as JSON: bytes were changed, or it never was one of ours."),
        (b'{"evidence":{}', "It can't be read as JSON: it was cut off."),
        (b'{"a":' * 100_000, "It can't be read as JSON: it was cut off."),
        (
            b'{"a":' + b"9" * 10_000 + b"}}",
            "It can't be read as JSON: bytes were changed, or it never was one of ours.",
        ),
        (b'{"a":"\xff"}', "It is not UTF-8: bytes were changed."),
        (
            b"%PDF-1.7\n%%EOF\n",
            "It is a PDF without a signature of Filo's as its last line: it was cut off, something was put after it, or it never had one.",
        ),
    ],
)
def test_files_of_another_kind(tmp_path: Path, data: bytes, told: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(data)
    assert check(file, None, {}) == (f"{file}\n  WRONG     {told}\nDon't rely on this file.", WRONG)


def test_a_file_too_large_one_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    file = tmp_path / "large"
    with file.open("wb") as large:
        large.truncate(2 * LARGEST)
    said = [check(path, None, {})[0].splitlines()[1] for path in (file, tmp_path / "none", tmp_path)]
    assert said == [
        "  WRONG     It is larger than 100 MB: Filo makes no proof of approval that large.",
        "  WRONG     It can't be read: No such file or directory.",
        "  WRONG     It can't be read: Is a directory.",
    ]


def test_an_attachment_that_never_ends(settings: Any) -> None:
    bomb = drawn(evidence(), b" " * (LARGEST + 1), fingerprint=OURS)
    assert len(bomb) < LARGEST // 100
    assert problems(with_signature(bomb)) == ["The proof attached to it is larger than any that Filo makes."]


def test_what_is_said_moves_no_cursor() -> None:
    said = evidence()
    said["subject"]["title"] = "\x1b[2J\u202eroerO\nfine"
    text = verify(sealed(said), trusted=keys.own()).text("x")
    assert text.splitlines()[1] == "  of        post “\\u001b[2J\\u202eroerO\\u000afine”, version 2, of Cantina Roero"


WORDS = st.text(st.characters(codec="utf-8"))
CONTENT = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | WORDS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=126)), inner),
)


@given(CONTENT)
def test_our_canonical_json_is_rfc_8785_s(content: Any) -> None:
    assert canonical(content) == rfc8785.dumps(content)


@pytest.mark.parametrize(
    "given",
    [
        OURS,
        OURS.upper(),
        "SHA256:" + OURS,
        " ".join(OURS[at : at + 4] for at in range(0, 64, 4)),
        "jPzZC3Z5eMk4nGkY3RUnNdSTIpYRQxYTHDYKQxTQ0yY=",
    ],
)
def test_keys_as_people_say_them(given: str) -> None:
    expected = OURS if "=" not in given else fingerprint(base64.b64decode(given))
    assert verify_evidence.read_key(given) == expected


@pytest.mark.parametrize("given", ["", "abc", OURS[:-1], OURS + "0", "jPzZ", "é" * 44])
def test_keys_that_are_none(given: str) -> None:
    with pytest.raises(ValueError, match=r"^$|.*"):
        verify_evidence.read_key(given)


# The command, as people start it

NO_NETWORK = """
import runpy, sys
def watch(event, _arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.sendmsg"}:
        raise SystemExit(f"it went to the network: {event}")
sys.addaudithook(watch)
sys.argv = sys.argv[1:]
sys.path.insert(0, "")
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def started(*command: str, cwd: Path, **variables: str) -> tuple[int, str, str]:
    """The exit status and what was said, with no network."""
    done = subprocess.run(
        [sys.executable, "-c", NO_NETWORK, *command],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", **variables},
        check=False,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_command_needs_neither_database_nor_network(whole: dict[str, bytes], tmp_path: Path) -> None:
    nowhere = {
        "DATABASE_URL": "postgresql://nobody:x@192.0.2.1:1/none",
        "SECRET_KEY": "x" * 50,
        "FILO_KEYS": "Rm9yIHRoZSB0ZXN0cyBhbG9uZSwgMzIgYnl0ZXMhISE=",
        "FILO_EVIDENCE_KEY": base64.b64encode(settings.FILO_EVIDENCE_KEYS[0]).decode(),
    }
    file = tmp_path / "proof.pdf"
    file.write_bytes(whole["pdf"])
    status, said, complaints = started("manage.py", "verify_evidence", str(file), cwd=BASE, **nowhere)
    assert (status, said.splitlines()[-1], complaints) == (
        0,
        "Everything fits: not a byte was changed since it was signed.",
        "",
    )
    file.write_bytes(whole["pdf"][:-1])
    status, said, complaints = started("manage.py", "verify_evidence", str(file), cwd=BASE, **nowhere)
    assert (status, said.splitlines()[-1], complaints) == (1, "Don't rely on this file.", "")
    file.write_bytes(whole["pdf"])
    status, said, complaints = started(
        "manage.py", "verify_evidence", str(file), "--key", "0" * 64, cwd=BASE, **nowhere
    )
    assert (status, complaints) == (3, "")
    status, said, complaints = started("manage.py", "verify_evidence", str(file), "--key", "x", cwd=BASE, **nowhere)
    assert (status, said, complaints) == (2, "", f"CommandError: {verify_evidence.NO_KEY}\n")


def test_the_program_stands_alone(whole: dict[str, bytes], tmp_path: Path) -> None:
    program = tmp_path / "verify_evidence.py"
    program.write_bytes(Path(verify_evidence.__file__).read_bytes())
    for kind in ("json", "pdf"):
        (tmp_path / kind).write_bytes(whole[kind])
        status, said, complaints = started(program.name, kind, "--key", OURS, cwd=tmp_path)
        assert (status, said.splitlines()[5][:34], complaints) == (0, "  signed by the key that you gave,", "")
        status, said, complaints = started(program.name, kind, cwd=tmp_path)
        assert (status, complaints) == (3, "")
    status, said, complaints = started(program.name, "json", "--key", "x", cwd=tmp_path)
    assert (status, said) == (2, "")
    assert complaints.splitlines()[-1] == f"verify_evidence.py: error: {verify_evidence.NO_KEY}"
