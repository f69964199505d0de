"""The revisions of sections."""

from django.db.models import Exists, F, OuterRef, QuerySet

from strategy.models import Revision, Section


def revisions(section: Section) -> QuerySet[Revision]:
    """All revisions of a section that the person may see, the newest first."""
    return section.revisions.select_related("author", "credit", "owner", "client").order_by("-number")


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
