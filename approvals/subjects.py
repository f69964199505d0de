"""What can be reviewed: anything that has a digest. Posts (and later strategies, quotes) register themselves here."""

from typing import Protocol

from django.contrib.contenttypes.models import ContentType

from accounts.models import User
from approvals.models import Review
from clients.models import Client


class Subject(Protocol):
    """One thing under review, its row locked until the end of the transaction."""

    @property
    def pk(self) -> int:
        """Its number."""

    @property
    def client(self) -> Client:
        """Whose it is."""

    @property
    def title(self) -> str:
        """What people call it."""

    @property
    def version(self) -> int:
        """The number of the version that stands now."""

    @property
    def digest(self) -> str:
        """The digest of that version, SHA-256 in hex."""

    @property
    def author(self) -> User:
        """Who wrote that version: never sits on its review."""

    def review_closed(self, review: Review, by: User) -> None:
        """Do what follows from the end of its review, in the same transaction."""


class Excerpt(Protocol):
    """What a mail shows of a version."""

    def excerpts(self, review: Review) -> list[tuple[str, str]]:
        """Where it goes, and the words there."""


class SubjectType(Excerpt, Protocol):
    """One kind of things that can be reviewed."""

    kind: str

    def lock(self, pk: int) -> Subject:
        """Take the lock of the thing itself, before any other: edit, start, decide, withdraw and claim all do."""


_types: dict[tuple[str, str], SubjectType] = {}


def register(app_label: str, model: str, subject_type: SubjectType) -> None:
    """Make the model's rows reviewable."""
    _types[app_label, model] = subject_type


def type_of(review: Review) -> SubjectType:
    """The registered kind of what this review is about."""
    content_type = ContentType.objects.get_for_id(review.subject_type_id)
    return _types[content_type.app_label, content_type.model]


def kind_of(content_type_id: int) -> str:
    """The word for this kind, such as ``post``."""
    content_type = ContentType.objects.get_for_id(content_type_id)
    return _types[content_type.app_label, content_type.model].kind


def content_types(kind: str) -> list[int]:
    """The ids of the content types of this kind."""
    named = [key for key, subject_type in _types.items() if subject_type.kind == kind]
    return [ContentType.objects.get_by_natural_key(*key).pk for key in named]
