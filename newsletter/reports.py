"""What mail servers write back, read: whether it is about a copy of ours, and what became of it. It changes nothing.

Delivery reports as RFC 3464 has them in the multipart/report of RFC 6522 (which has taken the place of RFC 3462), complaints
as RFC 5965. Holiday notes, answers by people and whatever else arrives at such an address say nothing.

Of reports without that form two kinds can be told for certain: those that name whom they failed for in ``X-Failed-Recipients``
(Exim, which writes it into final failures alone), and qmail's, whose words are fixed (https://cr.yp.to/proto/qsbmf.txt).
All others say nothing: that no sender is given, and the address is one that only our copies bear, is true of holiday notes, too.

A reader is ended at once only by what speaks plainly of the address (``social.networks.newsletter.statuses``): what is said
of routing, protocol or quota, or of nothing in particular, came back for a reason that may pass. What is said of the sender
says nothing of the reader: a server that shuts the sender out writes such a report for each of them.
"""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.policy import default
from enum import StrEnum

from newsletter import tokens
from social.networks.newsletter.statuses import QUOTED, About, about

_TOKEN = r"([1-9][0-9]{0,18}\.[a-z2-7]{26})"  # noqa: S105 - a pattern
_RETURN_PATH = re.compile(rf"\bbounces\+{_TOKEN}@", re.IGNORECASE)
_MESSAGE_ID = re.compile(rf"<copy\.{_TOKEN}@", re.IGNORECASE)
_STATUS = re.compile(r"\s*([245]\.[0-9]{1,3}\.[0-9]{1,3})\b")
_QMAIL = re.compile(r"\s*Hi\. This is the ")
_BELOW = re.compile(r"(?m)^-{3,}.*(?:copy of the message|copy of your message|returned message).*$", re.IGNORECASE)
# Where a server says whom the report itself is for, and, in the mail that it returns, whose that was.
ADDRESSED = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "Return-Path", "Original-Mail-From")
ABUSE = {"abuse", "fraud", "opt-out", "opt-out-list"}
MOST_DETAIL = 300
MOST_PARTS = 50  # looked at


class Said(StrEnum):
    """What a report says of a copy."""

    HARD = "hard"  # there is no such address
    SOFT = "soft"  # given up for a reason that may pass, or that nobody says plainly
    OURS = "ours"  # given up for a fault of the sender's, or since it was too much at once
    COMPLAINT = "complaint"
    NOTHING = "nothing"


_MEANS = {About.GONE: Said.HARD, About.SENDER: Said.OURS, About.LIMIT: Said.OURS}
_MILDEST = (Said.OURS, Said.SOFT, Said.HARD)


@dataclass(frozen=True, kw_only=True)
class Report:
    """One message, read. ``copy`` is None where it names none of ours."""

    said: Said
    copy: int | None = None
    detail: str = ""

    @property
    def status(self) -> str:
        """The status that it quotes (“5.1.1”), the first where it quotes several; “5.0.0” where none."""
        return status_of(self.detail)


NOTHING = Report(said=Said.NOTHING)


def return_path(copy_id: int, domain: str) -> str:
    """Where the mail server sends what it can't deliver of this copy: at most 64 characters before the @ (RFC 5321)."""
    return f"bounces+{tokens.token(tokens.BOUNCE, copy_id)}@{domain}"


def message_id(copy_id: int, domain: str) -> str:
    """The Message-ID of this copy, the same at every try, by which a report is known even if its address was changed."""
    return f"<copy.{tokens.token(tokens.BOUNCE, copy_id)}@{domain}>"


def read(raw: bytes) -> Report:
    """What this message says. Whatever it is, it is read: broken ones say nothing."""
    try:
        message = email.message_from_bytes(raw, policy=default)
        parts = [part for _number, part in zip(range(MOST_PARTS), message.walk(), strict=False)]
        said, detail = _said(parts)
        if said == Said.NOTHING:
            return NOTHING
        return Report(said=said, copy=_copy(parts), detail=detail)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):  # the parser's own, over garbage
        return NOTHING


def _said(parts: list[EmailMessage]) -> tuple[Said, str]:
    kinds = {part.get_content_type(): part for part in reversed(parts)}
    if (feedback := kinds.get("message/feedback-report")) is not None:
        fields = "\n".join(_lines(feedback))
        kind = re.search(r"(?im)^feedback-type:\s*([\w-]+)", fields)
        return (Said.COMPLAINT, kind[1].lower()) if kind and kind[1].lower() in ABUSE else (Said.NOTHING, "")
    if (status := kinds.get("message/delivery-status")) is None:
        return _old_style(parts)
    failed = [block for block in _blocks(status) if str(block.get("Action", "")).strip().lower() == "failed"]
    found = [(_weight(block), block) for block in failed]
    # All recipients of a copy are one; where a list behind the address failed for several, the mildest word counts.
    told = [(said, block) for said, block in found if said != Said.NOTHING]
    if not told:
        return Said.NOTHING, ""
    said, block = min(told, key=lambda one: _MILDEST.index(one[0]))
    return said, _detail(block)


def _old_style(parts: list[EmailMessage]) -> tuple[Said, str]:
    """What a report without parts for programs says; see the module."""
    words = _BELOW.split(_text(parts[0]), maxsplit=1)[0]
    if not parts[0].get("X-Failed-Recipients") and not _QMAIL.match(words):
        return Said.NOTHING, ""
    # What failed stands last, below the letter's own words.
    last = " ".join(words.split())[-MOST_DETAIL:]
    return _weigh(last), last


def _text(part: EmailMessage) -> str:
    """The words of a message that is nothing but text; empty for any other."""
    return str(part.get_content()) if part.get_content_type() == "text/plain" else ""


def _lines(part: Message) -> Iterator[str]:
    """The text of a part, whether or not the parser took it for a message."""
    payload = part.get_payload()
    if isinstance(payload, list):
        for inner in payload:
            if isinstance(inner, Message):
                yield from (f"{name}: {value}" for name, value in inner.items())
                yield from _lines(inner)
    else:
        yield from str(payload).splitlines()


def _blocks(status: Message) -> list[Message]:
    payload = status.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _weight(block: Message) -> Said:
    """What a status and the other server's own words say of the address; nothing without a status, or where it arrived."""
    found = _STATUS.match(str(block.get("Status", "")))
    if found is None or found[1].startswith("2"):
        return Said.NOTHING
    return _weigh(str(block.get("Diagnostic-Code", "")), found[1])


def _weigh(words: str, *statuses: str) -> Said:
    return _MEANS.get(about(words, *statuses, *_noes(words)), Said.SOFT)


def _noes(words: str) -> list[str]:
    """The statuses that are quoted here, but those of what was taken."""
    return [status for status in QUOTED.findall(words) if not status.startswith("2")]


def status_of(words: str) -> str:
    """The first status of a no that is quoted here (“5.1.1”); “5.0.0”, which says nothing in particular, where none is."""
    return next(iter(_noes(words)), "5.0.0")


def is_ours(detail: str) -> bool:
    """Whether a report with this ``detail`` was about the sender."""
    return _weigh(detail) == Said.OURS


def _detail(block: Message) -> str:
    words = f"{block.get('Status', '')} {block.get('Diagnostic-Code', '')}"
    return " ".join(words.split())[:MOST_DETAIL]


def _copy(parts: list[EmailMessage]) -> int | None:
    """The copy that the report names and proves to be about."""
    for part in parts:
        for text in _said_of(part):
            for pattern in (_RETURN_PATH, _MESSAGE_ID):
                for found in pattern.findall(text):
                    if (number := tokens.read(tokens.BOUNCE, found)) is not None:
                        return number
    return None


def _said_of(part: EmailMessage) -> Iterator[str]:
    for name in (*ADDRESSED, "Message-ID"):
        yield from (str(value) for value in part.get_all(name, []))
    if part.get_content_type() in {"text/rfc822-headers", "message/feedback-report"}:
        yield "\n".join(_lines(part))
    if below := _BELOW.split(_text(part), maxsplit=1)[1:]:  # what an old report returns of ours
        yield from below
