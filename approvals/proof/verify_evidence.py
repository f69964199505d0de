"""Checks a proof of approval that Filo has made, PDF or JSON, with nothing of Filo's: no database, no network.

    python verify_evidence.py FILE --key FINGERPRINT

It stands alone: Python 3.10 or newer and the package ``cryptography`` are all it takes. The key's fingerprint is
what the agency told you, or what its Filo shows at /evidence-key/. docs/evidence.md describes the format.

Exit status: 0 the file is whole and signed by that key; 1 something is wrong with it; 2 the command was not
understood; 3 it is whole, but signed by a key that nobody vouched for.
"""

import argparse
import base64
import binascii
import hashlib
import json
import re
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WHAT = "proof of approval"
FORMAT = 1
LARGEST = 100 * 1024 * 1024  # bytes; Filo makes none that is larger
ALGORITHM = "Ed25519"
ATTACHMENT = "evidence.json"
ENVELOPE = {"evidence", "signature"}
SEAL = {"algorithm", "key", "signature"}

# The last line of a PDF, a comment to its readers. The signature is over every byte before it.
LINE = re.compile(
    rb"%Filo-evidence-1 Ed25519 (?P<key>[A-Za-z0-9+/]{43}=) (?P<signature>[A-Za-z0-9+/]{86}==)\n", re.ASCII
)
LINE_LENGTH = len(b"%Filo-evidence-1 Ed25519 ") + 44 + 1 + 88 + 1
PDF_MARK = b"%PDF-"
EMBEDDED = b"/Type/EmbeddedFile/"
STREAM = re.compile(rb"\bstream\r?\n")
# How far before its name the dictionary of an attached file may begin, and end after it, in bytes.
DICTIONARY = 400

EXACT = 2**53 - 1  # RFC 8785: whole numbers that every reader of JSON reads alike
FINGERPRINT = re.compile(r"[0-9a-f]{64}")
KEY_BYTES = 32

# What became of a picture's bytes, and what to say of it.
COPIES = {
    "whole": "",
    "reduced": "as smaller copies, since all together were too heavy",
    "missing": "not here: the agency no longer had the bytes that were approved",
}

FITS, WRONG, NOT_UNDERSTOOD, STRANGER = 0, 1, 2, 3
NO_KEY = "--key: say a fingerprint (64 hexadecimal digits) or a public key (44 characters of base64)."


class NotProofError(Exception):
    """What was given is no proof of approval, or not all of one. Its words say why."""


def canonical(content: Any) -> bytes:
    """``content`` by RFC 8785. It has whole numbers only and ASCII keys, for which sorting and writing are plain.

    Raises ``ValueError`` for what can't be written so.
    """
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def fingerprint(key: bytes) -> str:
    """What people compare of a public key (its 32 bytes): SHA-256, in hex."""
    return hashlib.sha256(key).hexdigest()


def in_groups(digits: str) -> str:
    """The same digits, readable aloud."""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def read_key(given: str) -> str:
    """The fingerprint meant by ``given``: itself (blanks and colons don't matter) or a public key in base64.

    Raises ``ValueError`` for anything else.
    """
    digits = re.sub(r"[\s:]", "", given).lower().removeprefix("sha256")
    if FINGERPRINT.fullmatch(digits):
        return digits
    return fingerprint(_unbase64(given.strip(), KEY_BYTES))


@dataclass(frozen=True)
class Sealed:
    """What a file says, who signed it, and whether that signature fits."""

    kind: str
    evidence: dict[str, Any]
    key: bytes
    signed: bool


@dataclass
class Report:
    """What was found: ``facts`` to be read, and ``problems``, each of which is enough to refuse the file."""

    facts: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    kind: str = ""
    signer: str = ""
    vouched: str = ""

    @property
    def status(self) -> int:
        """The exit status: 0, 1 or 3."""
        if self.problems:
            return WRONG
        return FITS if self.vouched else STRANGER

    def text(self, name: str) -> str:
        """All of it in plain words, about the file of this name."""
        lines = [f"{_printable(name)}: {self.kind}" if self.kind else _printable(name)]
        lines += [f"  {label:<9} {_printable(fact)}" for label, fact in self.facts]
        lines += [f"  WRONG     {_printable(problem)}" for problem in self.problems]
        if self.status == WRONG:
            return "\n".join([*lines, "Don't rely on this file."])
        whole = "Everything fits: not a byte was changed since it was signed."
        if self.status == FITS:
            return "\n".join([*lines, whole])
        doubt = (
            "But nobody has vouched for the key. Compare its fingerprint with the one that the agency shows at "
            "/evidence-key/, and say it with --key."
        )
        return "\n".join([*lines, whole, doubt])


def verify(data: bytes, *, trusted: Mapping[str, str]) -> Report:
    """Check all that can be checked of a file's bytes. ``trusted``: fingerprints of keys, and whose they are."""
    report = Report()
    try:
        sealed = _open_pdf(data) if data.startswith(PDF_MARK) else _open_json(data)
        _tell_signature(sealed, report, trusted)
        _check_content(sealed, report)
    except NotProofError as error:
        report.problems.append(str(error))
    except (KeyError, TypeError, AttributeError, IndexError, ValueError, RecursionError):
        report.problems.append("What it says is not laid out as a proof of approval is.")
    return report


def read(path: Path) -> bytes:
    """The bytes of a file. Raises ``NotProofError`` where it can't be read, is empty or can't be one of ours."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise NotProofError(f"It can't be read: {error.strerror or error}.") from error
    if not data:
        raise NotProofError("It is empty.")
    if len(data) > LARGEST:
        raise NotProofError(f"It is larger than {LARGEST // 1024**2} MB: Filo makes no proof of approval that large.")
    return data


# Opening: what was signed, by whom


def _open_json(data: bytes) -> Sealed:
    content = _parse(data)
    if not isinstance(content, dict) or set(content) != ENVELOPE or not isinstance(content["evidence"], dict):
        raise NotProofError("It is JSON, but no proof of approval.")
    seal = content["signature"]
    if not isinstance(seal, dict) or set(seal) != SEAL or seal["algorithm"] != ALGORITHM:
        raise NotProofError("Its signature is not one that Filo makes.")
    if canonical(content) != data:
        raise NotProofError(
            "It is not written as Filo writes it (RFC 8785): bytes were changed, even if its words look the same."
        )
    key, signature = _unsealed(seal["key"], seal["signature"])
    return Sealed("JSON", content["evidence"], key, _fits(key, signature, canonical(content["evidence"])))


def _parse(data: bytes) -> Any:
    if data.lstrip()[:1] != b"{":
        raise NotProofError("It is neither a PDF nor JSON: not a proof of approval.")
    try:
        return json.loads(
            data.decode(), parse_float=_not_ours, parse_constant=_not_ours, parse_int=_whole, object_pairs_hook=_once
        )
    except UnicodeDecodeError as error:
        raise NotProofError("It is not UTF-8: bytes were changed.") from error
    except (ValueError, RecursionError) as error:
        cut = not data.rstrip().endswith(b"}}")
        why = "it was cut off" if cut else "bytes were changed, or it never was one of ours"
        raise NotProofError(f"It can't be read as JSON: {why}.") from error


def _not_ours(_number: str) -> NoReturn:
    raise ValueError


def _whole(number: str) -> int:
    value = int(number)
    if abs(value) > EXACT:
        raise ValueError
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs) or not all(key.isascii() for key in found):
        raise ValueError
    return found


def _open_pdf(data: bytes) -> Sealed:
    line = LINE.fullmatch(data[-LINE_LENGTH:])
    if line is None:
        raise NotProofError(
            "It is a PDF without a signature of Filo's as its last line: it was cut off, something was put after it, "
            "or it never had one."
        )
    body = data[:-LINE_LENGTH]
    key, signature = _unsealed(line["key"].decode(), line["signature"].decode())
    if not _fits(key, signature, body):
        # What is in it is not looked at: it may be anything.
        raise NotProofError("The signature does not fit: bytes were changed after it was signed.")
    inner = _open_json(_attachment(body))
    if inner.key != key:
        raise NotProofError("The file attached to it was signed by another key.")
    return Sealed("PDF", inner.evidence, key, inner.signed)


def _attachment(body: bytes) -> bytes:
    """The JSON in the PDF: the one embedded file there is, compressed."""
    at = body.find(EMBEDDED)
    begin = body.rfind(b" obj", max(0, at - DICTIONARY), at)
    stream = STREAM.search(body, at, at + DICTIONARY)
    if at < 0 or begin < 0 or stream is None or body.find(EMBEDDED, at + 1) >= 0:
        raise NotProofError("It is a PDF, but without the proof itself attached.")
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(memoryview(body)[stream.end() :], LARGEST)
    except zlib.error as error:
        raise NotProofError("The proof attached to it can't be unpacked.") from error
    if not unpacking.eof:
        raise NotProofError("The proof attached to it is larger than any that Filo makes.")
    return content


def _unsealed(key: object, signature: object) -> tuple[bytes, bytes]:
    try:
        return _unbase64(key, KEY_BYTES), _unbase64(signature, 2 * KEY_BYTES)
    except ValueError as error:
        raise NotProofError("Its signature is not one that Filo makes.") from error


def _unbase64(text: object, length: int) -> bytes:
    """The bytes meant, of this length. There is one way to write them: what differs from it is a ``ValueError``."""
    if not isinstance(text, str) or not text.isascii():
        raise ValueError
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError from error
    if len(found) != length or base64.b64encode(found).decode() != text:
        raise ValueError
    return found


def _fits(key: bytes, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


# Telling: what it is, and whether it holds together


def _tell_signature(sealed: Sealed, report: Report, trusted: Mapping[str, str]) -> None:
    report.signer = fingerprint(sealed.key)
    if not sealed.signed:
        report.problems.append("The signature does not fit: bytes were changed after it was signed.")
        return
    report.vouched = trusted.get(report.signer, "")
    whose = report.vouched or "a key that is not known here"
    report.facts.append(("signed by", f"{whose}, fingerprint {in_groups(report.signer)}"))


def _check_content(sealed: Sealed, report: Report) -> None:
    said = sealed.evidence
    if said["what"] != WHAT:
        raise NotProofError("It is signed, but it is no proof of approval.")
    if said["format"] != FORMAT:
        raise NotProofError(f"It is of format {said['format']}; this command knows {FORMAT}. Get a newer one.")
    kinds = {"agency": "the agency's own", "client": "the client's, with nothing internal in it"}
    report.kind = f"a proof of approval, {sealed.kind}, {kinds[said['for']]}"
    subject, client, review = said["subject"], said["client"], said["review"]
    report.facts[:0] = [
        ("of", f"{subject['kind']} “{subject['title']}”, version {subject['version']}, of {client['name']}"),
        ("by", f"{said['agency']['name']}, {said['installation']['address']}"),
        ("outcome", f"{review['state']}" + (f" at {review['closed_at']}" if review["closed_at"] else "")),
        ("made", str(said["made_at"])),
    ]
    _check_digest(said, report)
    _check_pictures(said, report)
    _check_steps(said, report)
    report.facts.append(("event", f"{said['audit']['hash']}, the last one of this review, for verify_audit"))


def _check_digest(said: Mapping[str, Any], report: Report) -> None:
    subject = said["subject"]
    found = hashlib.sha256(subject["content"].encode()).hexdigest()
    if found != subject["digest"]:
        report.problems.append(f"The digest of its content is {found}, not {subject['digest']} as it says.")
    else:
        report.facts.append(("digest", f"{found}, recomputed: it fits"))
    for number, part in enumerate(said["parts"], 1):
        shown = [part["text"], part["link"]]
        for picture in part["pictures"]:
            shown += [picture["sha256"], picture["alt_text"]]
        shown += _strings([one["exact"] for one in part.get("asked", [])])
        if not _covers(subject["content"], {words for words in shown if words}):
            report.problems.append(f"Part {number}, {part['where']}, shows what is not in the content of the digest.")
        drawn = part.get("drawn")
        if drawn and not 0 <= drawn["at_once"] <= drawn["goes_out"] <= len(part["text"]):
            report.problems.append(f"Part {number}, {part['where']}, is drawn with more words than it has.")


def _covers(content: str, shown: set[str]) -> bool:
    """Whether all of this stands in the content: as texts of its JSON or, where it is none, as they are."""
    try:
        return shown <= set(_strings(json.loads(content)))
    except ValueError:
        return all(words in content for words in shown)


def _strings(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict | list):
        for inner in content.values() if isinstance(content, dict) else content:
            yield from _strings(inner)


def _check_pictures(said: Mapping[str, Any], report: Report) -> None:
    pictures = said["pictures"]
    copies = {kind: [sha for sha, one in pictures.items() if one["copy"] == kind] for kind in COPIES}
    for sha256 in copies["whole"]:
        if hashlib.sha256(base64.b64decode(pictures[sha256]["data"], validate=True)).hexdigest() != sha256:
            report.problems.append(f"The picture {sha256} has another SHA-256 than it says.")
    named = {picture["sha256"] for part in said["parts"] for picture in part["pictures"]}
    if named != set().union(*copies.values()):
        report.problems.append("The pictures are not those that its parts name.")
    fact = f"{len(copies['whole'])}, each with the SHA-256 that it says" if copies["whole"] else "none whole"
    for kind, why in COPIES.items():
        fact += f"; {len(copies[kind])} {why}" if why and copies[kind] else ""
    report.facts.append(("pictures", fact if pictures else "none"))


def _check_steps(said: Mapping[str, Any], report: Report) -> None:
    """Count again: what is called approved has every decision that it needs, on exactly this digest."""
    digest, counted = said["subject"]["digest"], 0
    for step in said["steps"]:
        living = [seat["decision"] for seat in step["seats"] if seat["decision"] and not seat["ended"]]
        yes = [decision for decision in living if decision["verdict"] == "approve"]
        counted += len(yes)
        name = f"Step {step['position']}, {step['name']}"
        if any(decision["digest"] != digest for decision in living):
            report.problems.append(f"{name}: a decision is about another digest.")
        people = {decision["by"]["id"] for decision in yes}
        if said["review"]["author"]["id"] in people:
            report.problems.append(f"{name}: who wrote it has approved it.")
        stands = step["tacit"] or step["carried_from"] or len(people) >= step["needed"]
        if step["state"] == "passed" and not stands:
            report.problems.append(f"{name}: it is said to have passed, but has too few approvals.")
    settled = all(step["state"] in {"passed", "skipped"} for step in said["steps"])
    if said["review"]["state"] == "approved" and not settled:
        report.problems.append("It is said to be approved, but not every step has passed.")
    silent = sum(1 for step in said["steps"] if step["tacit"])
    fact = f"{counted} in {len(said['steps'])} steps" + (f"; {silent} passed by tacit consent" if silent else "")
    report.facts.append(("approvals", fact))


def _printable(text: str) -> str:
    """Without what could move a terminal's cursor or lie about the order of letters."""
    return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text)


# The command


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("file", type=Path, help="the PDF or the JSON")
    parser.add_argument(
        "--key", metavar="KEY", help="the only key to believe: its fingerprint, or the public key itself"
    )


def check(file: Path, key: str | None, own: Mapping[str, str]) -> tuple[str, int]:
    """What is to be said of a file, and the exit status. Raises ``ValueError`` for a ``key`` that is none."""
    trusted = {read_key(key): "the key that you gave"} if key else own
    try:
        report = verify(read(file), trusted=trusted)
    except NotProofError as error:
        report = Report(problems=[str(error)])
    return report.text(str(file)), report.status


def main(given: Sequence[str] | None = None) -> int:
    """Run by itself, where no key is known but the one that is said."""
    parser = argparse.ArgumentParser(description="Checks a proof of approval made by Filo, PDF or JSON.")
    arguments(parser)
    options = parser.parse_args(given)
    try:
        text, status = check(options.file, options.key, {})
    except ValueError:
        parser.error(NO_KEY)
    sys.stdout.write(text + "\n")
    return status


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(main())
