"""What can't go out any more, since its channel is retired or its client has left. The caller holds the post's lock."""

from collections.abc import Collection

from django.utils import timezone

from social.models import Publication, PublicationState
from social.services.how_far import with_what_is_live


def give_up(publication: Publication, because: str, was: Collection[str]) -> PublicationState | None:
    """Cancel it; where a part of it is live already, it is not published as a whole, and says so: it is never as if it had not been.

    The state that it has now; None where it ``was`` something else meanwhile.
    """
    state = PublicationState.FAILED if publication.begun else PublicationState.CANCELLED
    rows = Publication.objects.filter(pk=publication.pk, state__in=was)
    detail = with_what_is_live(publication, because)[:500]
    given_up = rows.update(state=state, wake_at=None, detail=detail, updated_at=timezone.now())
    return state if given_up else None
