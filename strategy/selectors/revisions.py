"""The revisions of sections."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Lead

from strategy.models import Revision, Section

PAUSE = timedelta(minutes=10)


def revisions(section: Section) -> QuerySet[Revision]:
    """All revisions of a section that the person may see, the newest first."""
    return section.revisions.select_related("author", "credit", "owner", "client").order_by("-number")


def sittings(section: Section) -> QuerySet[Revision]:
    """The last revision of each time that somebody sat down to write in the section, the newest first.

    What is saved as one types is many revisions. One after which its author went on within ``PAUSE`` is left out here, unless
    it stands beside the line, or somebody else's words came in with it.
    """
    following: dict[str, Any] = {"order_by": "number", "partition_by": "section"}
    found = revisions(section).annotate(
        next_author=Window(Lead("author_id"), **following),
        next_at=Window(Lead("created_at"), **following),
        next_beside=Window(Lead("beside"), **following),
    )
    left = Q(next_author=None) | ~Q(next_author=F("author_id")) | Q(next_at__gt=F("created_at") + PAUSE)
    return found.filter(left | Q(next_beside=True) | Q(beside=True) | Q(credit__isnull=False) | ~Q(merges=[]))


def open_beside(section: Section) -> QuerySet[Revision]:
    """What stands beside the section and waits for somebody to merge it.

    Whoever goes on typing beside the line has one text there: the last.
    """
    return _waiting(section.revisions.all()).order_by("number")


def waiting_in(strategy_id: int) -> QuerySet[Revision]:
    """The same in all sections of a strategy."""
    found = Revision.objects.filter(section__strategy=strategy_id, section__removed_at=None)
    return _waiting(found).order_by("section__position", "section", "number")


def _waiting(found: QuerySet[Revision]) -> QuerySet[Revision]:
    others = Revision.objects.filter(section=OuterRef("section"))
    merged = others.filter(merges__contains=[OuterRef("number")])
    gone_on = others.filter(beside=True, begun_from=OuterRef("number"), author=OuterRef("author"))
    return found.filter(~Exists(merged), ~Exists(gone_on), beside=True).annotate(now=F("section__revision"))
