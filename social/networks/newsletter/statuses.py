"""What a mail server's no is about: the address, or who sends. It is believed of an address only where it says so plainly.

The enhanced status codes of RFC 3463 with what was registered since (RFC 5248;
https://www.iana.org/assignments/smtp-enhanced-status-codes/), and what large providers mean by theirs:

| status                                     | is about                                                            |
|--------------------------------------------|---------------------------------------------------------------------|
| x.1.1, x.1.2, x.1.3, x.1.6, x.1.10 (RFC 7505), x.2.1 | the address: there is none                                |
| x.1.4, x.2.2, x.2.3, x.2.4, x.6.7, Exchange's x.2.121 and x.2.122 | the address, and it may pass: full, too much at once |
| x.1.7, x.1.8, x.7.20 to x.7.29             | the sender (addresses, DKIM, SPF, DMARC, reverse DNS)               |
| Exchange's x.7.57, x.7.60, x.7.64, x.7.5xx to x.7.7xx | the sender: may not send as this one, is blocked         |
| x.4.5, x.7.28, Exchange's x.1.90, x.2.25x, x.7.705 | the sender's limits                                         |
| x.0.x, x.1.0, x.2.0, x.3.0, x.4.0, x.5.x   | nothing in particular: as its words say, where they say it plainly  |
| all others, with routing (x.4.x) and policy (x.7.x) | nothing that could be believed of either                   |

Words come first where they name the sender or its limits: Postfix turns 5.1.1 into 5.1.0 for a sender, Exchange says both under
5.2.0, Gmail its relay's limits under 4.2.1 (https://support.google.com/a/answer/3726730), and 5.2.1 of somebody who gets too
much at once. x.4.1 is Exchange's “Access denied”, for addresses that it does not know as for domains that it has just moved.
Read 2026-11-30.
"""

import re
from enum import StrEnum
from typing import Final

MOST_WORDS: Final = 2000  # characters that are looked at
QUOTED: Final = re.compile(r"(?<![\w.])([245]\.\d{1,3}\.\d{1,3})(?![\w.]*\d)")


class About(StrEnum):
    """Whom or what a no is about."""

    GONE = "gone"  # the address: there is none, and there will be none
    MAILBOX = "mailbox"  # the address, for now, or for a reason of its own
    SENDER = "sender"  # who sends, until somebody mends it
    LIMIT = "limit"  # who sends, since it was too much for now
    UNSAID = "unsaid"


_BY_NUMBER: Final[dict[tuple[int, int], About]] = {
    **dict.fromkeys([(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)], About.GONE),
    **dict.fromkeys([(1, 4), (2, 2), (2, 3), (2, 4), (2, 121), (2, 122), (6, 7)], About.MAILBOX),
    **dict.fromkeys([(1, 7), (1, 8), (7, 57), (7, 60), (7, 64)], About.SENDER),
    **{(7, detail): About.SENDER for detail in (*range(20, 30), *range(500, 800))},
    **{(2, detail): About.LIMIT for detail in range(250, 260)},
    **dict.fromkeys([(1, 90), (4, 5), (7, 28), (7, 705)], About.LIMIT),
}
_GENERIC: Final = {(subject, 0) for subject in range(1, 5)}  # beside x.0.x and x.5.x
_MILDEST: Final = (About.SENDER, About.LIMIT, About.UNSAID, About.MAILBOX, About.GONE)

# What may hold any word and says nothing: addresses, names of machines, where to read more.
_NAMES: Final = re.compile(r"https?://\S+|\S*@\S+|\b[\w-]+(?:\.[\w-]+)*\.[a-z][\w-]+\b")
_SENDER: Final = re.compile(
    r"\bsender(?: address| domain| verify)?:? (?:is )?(?:was )?(?:rejected|denied|refused|blocked|banned|failed|restricted)"
    r"|\bbad outbound sender|\bbanned send(?:er|ing)|send ?as ?denied|\bsend as this sender"
    r"|\brelay(?:ing)?(?: access)? (?:is )?(?:denied|prohibited|not)\b|\bunable to relay"
    r"|\bnot (?:permitted|allowed|authori[sz]ed) to (?:relay|send)|\bnot owned by user"
    r"|\b(?:from|sender) address (?:is )?not (?:verified|allowed|authori[sz]ed|permitted)"
    r"|\bauthentication (?:is )?required|\b(?:dkim|spf|dmarc)\b",
    re.IGNORECASE,
)
_LIMIT: Final = re.compile(
    r"submission ?quota|\bsender (?:is )?throttled|\bthrottling failure"
    r"|\b(?:relay|sending|submission|daily|hourly|message rate|recipient rate|session)(?: \w+){0,2} (?:limit|quota)\b"
    r"|\b(?:messages?|e?-?mails?|recipients?) (?:per|a|an) (?:second|minute|hour|day|session|connection)\b",
    re.IGNORECASE,
)
_FOR_NOW: Final = re.compile(r"\btoo (?:quickly|fast|many|much)\b|\bat a rate\b|\blimit\b|\btemporar", re.IGNORECASE)
_PLAIN: Final = re.compile(
    r"\b(?:user|recipient|mailbox|account|address)(?: is)? unknown|\bunknown (?:local |virtual )?(?:user|recipient|mailbox)"
    r"|\bno such (?:local )?(?:user|recipient|mailbox|account|address|person)"
    r"|\b(?:user|recipient|mailbox|account|address)(?: \w+){0,6} (?:does not|doesn[’']t) exist"
    r"|\b(?:user|recipient|mailbox|account)(?: was| is)? ?not found|\bno mailbox (?:here )?by that name",
    re.IGNORECASE,
)
_VEILED: Final = re.compile(
    r"\bspam|\bblock|\bblack ?list|\bpolic|\breputation|\bquota|\bfull\b|\bdenied\b|\bsender\b|\brelay|\btemporar|\blimit",
    re.IGNORECASE,
)


def about(words: str, *statuses: str, final: bool = True) -> About:
    """What a no is about that has these words and these statuses (“5.1.1”); of several the mildest that says something counts.

    ``final`` is False where it may be asked again, by its reply code: then nobody is gone for it.
    """
    told = _NAMES.sub(" ", words[:MOST_WORDS])
    if _LIMIT.search(told):
        return About.LIMIT
    if _SENDER.search(told):
        return About.SENDER
    found = {_by_number(status) for status in statuses} - {None}
    if not found:
        found = {About.GONE if _PLAIN.search(told) and not _VEILED.search(told) else About.UNSAID}
    mildest = next(one for one in _MILDEST if one in found)
    for_now = not final or any(status.startswith("4") for status in statuses) or _FOR_NOW.search(told)
    return About.MAILBOX if mildest == About.GONE and for_now else mildest


def _by_number(status: str) -> About | None:
    """None where the number says nothing in particular."""
    _group, subject, detail = (int(number) for number in status.split("."))
    if subject in {0, 5} or (subject, detail) in _GENERIC:
        return None
    return _BY_NUMBER.get((subject, detail), About.UNSAID)
