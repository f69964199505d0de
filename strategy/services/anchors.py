"""A section reads otherwise: suggestions and remarks on it go along with their passages, or are overtaken."""

from django.utils import timezone

from strategy.models import Remark, Section, Suggestion, SuggestionState
from strategy.moving import changed_pieces, moved


def carry_anchors(section: Section, before: str, taken: int | None = None) -> None:
    """Move what is open on the passages of the text that was ``before``; two queries where nothing is.

    A suggestion whose passage has changed is outdated. ``taken`` is the one that is just being taken over.
    """
    if section.body == before:
        return
    suggestions = [row for row in section.suggestions.filter(state=SuggestionState.OPEN) if row.pk != taken]
    remarks = list(section.remarks.filter(place__isnull=False))
    if not suggestions and not remarks:
        return
    pieces, now = changed_pieces(before, section.body), timezone.now()
    for row in suggestions:
        place = moved(pieces, row.place, row.place + len(row.quote))
        row.updated_at = now
        if place is None:
            row.state = SuggestionState.OUTDATED
        else:
            row.place = place
    for remark in remarks:
        start = remark.place or 0
        remark.place = moved(pieces, start, start + len(remark.quote))
    Suggestion.objects.bulk_update(suggestions, ["place", "state", "updated_at"])
    Remark.objects.bulk_update(remarks, ["place"])
