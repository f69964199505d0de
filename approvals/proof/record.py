"""What a proof of approval says, key by key; docs/evidence.md tells it to its readers.

Times are ISO 8601 with the offset of the client's zone. Keys are ASCII, numbers whole (see ``verify_evidence.canonical``).
"""

from typing import Any, Literal, NotRequired, TypedDict

Kind = Literal["agency", "client"]
KINDS: tuple[Kind, ...] = ("agency", "client")


class Person(TypedDict):
    """Somebody. ``email`` is empty where the reader has no business with it."""

    id: int
    name: str
    email: str


class Token(TypedDict):
    """Which key to the API: what it is called, and how it begins."""

    name: str
    prefix: str


class Way(TypedDict):
    """How a decision came in: ``admin``, ``portal``, ``link`` (with the address it was mailed to) or ``api``."""

    kind: str
    mailed_to: str
    token: Token | None


class DecisionRecord(TypedDict):
    """What one seat said. ``by`` pressed the button; another person than the seat's is their deputy."""

    verdict: str
    by: Person
    deputy: bool
    comment: str
    digest: str
    at: str
    way: Way


class End(TypedDict):
    """Why a seat counts no more: ``replaced`` or ``taken_back``, by whom and with which reason, where the reader may know."""

    why: str
    reason: str
    at: str
    by: Person | None


class SeatRecord(TypedDict):
    """One person's place in a step: from the chain, an escalation, a replacement or asked again."""

    person: Person
    source: str
    instead_of: Person | None
    ended: End | None
    decision: DecisionRecord | None


class Carried(TypedDict):
    """The earlier round whose approval stands for a step whose part did not change."""

    round: int
    version: int
    digest: str
    seats: list[SeatRecord]


class Tacit(TypedDict):
    """A step that passed by silence, the day on which its client agreed to that in writing, and the document's SHA-256."""

    at: str
    agreed_on: str
    document: str


class Skipped(TypedDict):
    """Why a step was left out: as codes, and in words. For the client without codes where it is the agency's own reason."""

    codes: Any
    words: str


class StepRecord(TypedDict):
    """One step as it was when the review began. ``needed``: how many people's approval it takes."""

    position: int
    name: str
    rule: str
    needed: int
    state: str
    four_eyes: bool
    due_at: str
    skipped: Skipped | None
    carried_from: Carried | None
    tacit: Tacit | None
    seats: list[SeatRecord]


class PictureRecord(TypedDict):
    """A picture's bytes in base64, under the SHA-256 of what was approved.

    ``copy`` is ``whole``; or ``reduced``, a smaller one, where all pictures together are too heavy, and one picture of a
    video in its place; or ``missing``, with no data, where the bytes are lost or are no longer those that were approved.
    ``size``: of the whole one, in bytes.
    """

    copy: str
    mime: str
    size: int
    data: str


class PartPicture(TypedDict):
    """A picture where it stands."""

    name: str
    alt_text: str
    sha256: str


class AskedRecord(TypedDict):
    """One thing more that is told there: in words, and exactly as the content has it."""

    label: str
    words: str
    exact: str | list[str] | bool


class DrawnRecord(TypedDict):
    """How it is drawn there: see ``exhibits.Drawn``."""

    at_once: int
    goes_out: int
    used: int
    limit: int
    counted: str
    card: str


class PartRecord(TypedDict):
    """What goes to one place. ``asked`` only where there is any, ``drawn`` only where it is known."""

    where: str
    network: str
    text: str
    link: str
    pictures: list[PartPicture]
    asked: NotRequired[list[AskedRecord]]
    drawn: NotRequired[DrawnRecord]


class SubjectRecord(TypedDict):
    """What was under review. ``content`` is the text whose SHA-256 is ``digest``."""

    kind: str
    id: int
    title: str
    version: int
    digest: str
    recipe: str
    content: str


class ReviewRecord(TypedDict):
    """The review itself. ``words_by``: whose suggested words its version holds beside its author's."""

    id: int
    chain: str
    round: int
    state: str
    author: Person
    words_by: list[Person]
    asked_by: Person
    opened_at: str
    closed_at: str


class Anchor(TypedDict):
    """Of what a comment speaks: of a passage, or of a point of a picture (in thousandths of its width and height)."""

    part: str
    quote: str
    start: int | None
    end: int | None
    picture: str
    x: int | None
    y: int | None


class CommentRecord(TypedDict):
    """Something said. ``answers`` is the number, from 1, of the comment that it answers; 0 for none."""

    number: int
    answers: int
    by: Person
    audience: str
    text: str
    suggestion: str | None
    fate: str
    resolved: bool
    anchor: Anchor | None
    at: str


class AuditRecord(TypedDict):
    """The last event of this review in the client's chain of events, for ``verify_audit``."""

    seq: int
    verb: str
    at: str
    hash: str


class ClientRecord(TypedDict):
    """Whose it is."""

    id: int
    name: str
    colour: str
    zone: str


Evidence = TypedDict(
    "Evidence",
    {
        "what": str,
        "format": int,
        "for": Kind,
        "made_at": str,
        "language": str,
        "installation": dict[str, str],
        "agency": dict[str, str],
        "client": ClientRecord,
        "subject": SubjectRecord,
        "parts": list[PartRecord],
        "pictures": dict[str, PictureRecord],
        "review": ReviewRecord,
        "steps": list[StepRecord],
        "comments": list[CommentRecord],
        "audit": AuditRecord,
    },
)
