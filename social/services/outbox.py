"""What a publication's row says of itself, for the evidence and for its people. The caller holds the post's lock."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from approvals.models import ReviewState
from audit.services import record
from notifications.services import tell
from social.models import Channel, Post, Publication
from social.selectors import people_in_charge
from social.services.connections import managers_of
from social.services.contents import version_of

LACKING = "publication_lacking"  # it is out, and its readers don't get all of it


def is_approved(post: Post, publication: Publication) -> bool:
    """Whether the post's current version is this publication's, and approved with the same digest."""
    return (
        post.version_id == publication.version_id
        and post.review is not None
        and post.review.state == ReviewState.APPROVED
        and post.review.digest == publication.version.digest
    )


def record_publication(publication: Publication, verb: str, by: User | None = None, **data: object) -> None:
    """Append what happened to a publication, with the digest of what goes out by it; ``by`` is None where no person did it."""
    record(
        client_id=publication.client_id,
        actor=by,
        verb=verb,
        subject_type="publication",
        subject_id=publication.pk,
        digest=version_of(publication).digest,
        **data,
    )


def tell_people(publication: Publication, kind: str) -> None:
    tell(
        users=people_in_charge(publication.post),
        client_id=publication.client_id,
        kind=kind,
        key=f"publication:{publication.pk}:{publication.tries}",
        publication=publication.pk,
    )


def tell_unpaid(publication: Publication) -> None:
    """Its network waits for who runs Filo to pay: the client's managers hear of it, once a day."""
    tell(
        users=managers_of(publication.client_id),
        client_id=publication.client_id,
        kind="network_unpaid",
        key=f"unpaid:{publication.network}:{publication.client_id}:{timezone.now().date()}",
        publication=publication.pk,
    )


def retired_reason(channel: Channel) -> str:
    """Why a publication of a retired channel was cancelled, as people read it."""
    return _("%(channel)s is retired.") % {"channel": channel.name}
