"""What can be reviewed: anything that has a digest. Posts (and later strategies, quotes) register themselves here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from accounts.models import User
from approvals import kinds
from approvals.models import Comment, Review
from approvals.proof.exhibits import Exhibit
from clients.models import Client

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What conditions of steps ask about a version, and who wrote any version of the same thing.

    ``changed`` are the words for what differs from what was agreed before (all that there are where nothing was).
    ``time_field`` is the name under which people set ``goes_out_at``. ``labels`` and ``pillars`` are names; ``parts`` has the
    digest of each part that is looked at by itself, such as a channel's, and ``part_networks`` the network on which it goes
    out.
    """

    networks: frozenset[str] = frozenset()
    channels: frozenset[int] = frozenset()
    labels: frozenset[str] = frozenset()
    pillars: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()
    links: bool = False
    changed: frozenset[str] = frozenset()
    goes_out_at: datetime | None = None
    time_field: str = "goes_out_at"
    parts: Mapping[int, str] = field(default_factory=dict)
    part_networks: Mapping[int, str] = field(default_factory=dict)
    writers: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a condition may name, each with the words for it."""

    networks: Sequence[tuple[str, str]] = ()
    channels: Sequence[tuple[int, str]] = ()
    labels: Sequence[tuple[str, str]] = ()
    pillars: Sequence[tuple[str, str]] = ()
    changes: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class Passage:
    """One part of a version whose words people comment on: ``key`` names it for good, ``pictures`` are keys with alt texts."""

    key: str
    name: str
    text: str
    pictures: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What people read of things of one kind: that somebody is asked (``who``, ``client``, ``step``), what a link is for, that a
    vote counts no more (``counted_same`` where the words are the same), what follows from taking one back.
    """

    asks: "StrOrPromise"
    link: "StrOrPromise"
    counted: "StrOrPromise"
    counted_same: "StrOrPromise"
    taken_back: "StrOrPromise"


@dataclass(frozen=True, kw_only=True)
class Overtaken:
    """How a thing was changed while it was under review, or after that: in a sentence.

    ``same``: what was put before people is as it was, and something else takes their votes back.
    """

    who: str
    said: str
    same: bool = False


class Candidate(Protocol):
    """One thing that is or could be under review."""

    @property
    def client(self) -> Client:
        """Whose it is."""

    @property
    def title(self) -> str:
        """What people call it."""

    @property
    def author(self) -> User:
        """Who wrote the version: never sits on its review."""

    def facts(self) -> Facts:
        """What conditions ask about the version that stands now."""


class Subject(Candidate, Protocol):
    """One thing under review, its row locked until the end of the transaction."""

    @property
    def pk(self) -> int:
        """Its number."""

    @property
    def version(self) -> int:
        """The number of the version that stands now."""

    @property
    def digest(self) -> str:
        """The digest of that version, SHA-256 in hex."""

    def review_closed(self, review: Review, by: User | None) -> None:
        """Do what follows from the end of its review, in the same transaction. ``by`` is None where nobody did it (tacit consent)."""

    def review_reopened(self, review: Review, by: User) -> None:
        """An approval was taken back: what followed from it is undone, in the same transaction.

        Raises ``Conflict`` where that is too late.
        """


class Excerpt(Protocol):
    """What a mail shows of a version."""

    def excerpts(self, review: Review) -> list[tuple[str, str]]:
        """Where it goes, and the words there."""


class SubjectType(Excerpt, Protocol):
    """One kind of things that can be reviewed: ``kind`` for programs, such as ``post``, ``name`` for people."""

    kind: str

    @property
    def name(self) -> "StrOrPromise":
        """What people call things of this kind."""

    @property
    def wording(self) -> Wording:
        """What mails say of them."""

    def lock(self, pk: int) -> Subject:
        """Take the lock of the thing itself, before any other: edit, start, decide, withdraw and claim all do."""

    def choices(self, client: Client | None) -> Choices:
        """What conditions of this client's chains may name; of the agency's own chains without a client."""

    def recent(self, user: User, client: Client, limit: int = 3) -> list[Candidate]:
        """The latest things of this client, to show what a chain would ask of them."""

    def passages(self, review: Review) -> list[Passage]:
        """The parts of the version under review, with their words and pictures."""

    def exhibit(self, review: Review) -> Exhibit:
        """The version under review as a proof of approval shows it."""

    def overtaken(self, because: str, who: str, number: int) -> Overtaken:
        """What ``who`` did to the thing after its version ``number``; ``because`` is what ``supersede`` was told."""

    def take_over(self, *, user: User, comment: Comment, submit: bool) -> None:
        """Put the words that the comment suggests in the place of its passage, credited to both.

        Raises ``Conflict`` where the passage is no longer there, ``PermissionDenied`` for who may not write.
        """


_types: dict[tuple[str, str], SubjectType] = {}
_purposes: dict[str, SubjectType] = {}


def register(app_label: str, model: str, subject_type: SubjectType, *, usual: bool = False) -> None:
    """Make the model's rows reviewable. ``usual``: chains are for them where nothing else is said."""
    _types[app_label, model] = subject_type
    kinds.make_known(subject_type.kind, subject_type.name, usual=usual)


def register_purpose(kind: str, name: "StrOrPromise", subject_type: SubjectType) -> None:
    """Let chains be for some of a registered kind's things alone, which are told apart by whoever submits them."""
    _purposes[kind] = subject_type
    kinds.make_known(kind, name, usual=False)


def type_of(review: Review) -> SubjectType:
    """The registered kind of what this review is about."""
    content_type = ContentType.objects.get_for_id(review.subject_type_id)
    return _types[content_type.app_label, content_type.model]


def model_of(review: Review) -> type[Model]:
    """The model whose row this review is about."""
    content_type = ContentType.objects.get_for_id(review.subject_type_id)
    return apps.get_model(content_type.app_label, content_type.model)


def of_kind(kind: str) -> SubjectType:
    """The registered kind with this word, such as ``post``; of a purpose, the kind whose things it is for."""
    return _purposes.get(kind) or next(subject_type for subject_type in _types.values() if subject_type.kind == kind)


def is_known(kind: str) -> bool:
    """Whether anything of this kind can be reviewed here."""
    return kind in _purposes or any(subject_type.kind == kind for subject_type in _types.values())


def kind_of(content_type_id: int) -> str:
    """The word for this kind, such as ``post``."""
    content_type = ContentType.objects.get_for_id(content_type_id)
    return _types[content_type.app_label, content_type.model].kind


def content_types(kind: str) -> list[int]:
    """The ids of the content types of this kind."""
    named = [key for key, subject_type in _types.items() if subject_type.kind == kind]
    return [ContentType.objects.get_by_natural_key(*key).pk for key in named]
