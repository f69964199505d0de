"""What is known of a publication whose outcome is uncertain: for whoever has to look, in the active language."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.moments import spoken
from social import networks
from social.models import Attempt, Publication, PublicationState
from social.services.contents import content_of_version
from social.services.settling import ASK_AFTER

EXCERPT = 80  # characters of the text that one looks for


def what_we_know(publication: Publication) -> list[str]:
    """When it was sent and as whom, what came back, how often the network was asked, what to look for; empty for others.

    ``attempts``, ``version``, ``channel`` and ``client`` are to be loaded.
    """
    if publication.state != PublicationState.UNKNOWN:
        return []
    attempts = list(publication.attempts.all())
    return [*_sent(publication, attempts[-1] if attempts else None), *_asked(publication), *_to_look_for(publication)]


def asks_person(publication: Publication) -> bool:
    """Whether somebody has to look: the network was asked in vain, and may be asked on."""
    if publication.state != PublicationState.UNKNOWN:
        return False
    return publication.wake_at is None or publication.asked >= len(ASK_AFTER)


def _sent(publication: Publication, attempt: Attempt | None) -> list[str]:
    if attempt is None:
        return []
    words = {
        "when": spoken(attempt.sent_at or attempt.started_at, publication.client.zone),
        "handle": publication.channel.handle,
        "network": networks.get(publication.network).name,
    }
    said = [_("Sent on %(when)s, as @%(handle)s on %(network)s.") % words]
    if attempt.detail:
        said.append(_("What came back: %(detail)s") % {"detail": attempt.detail})
    if publication.begun:
        said.append(_("What stands before it in this thread, or the post above this comment, is live."))
    return said


def _asked(publication: Publication) -> list[str]:
    if not asks_person(publication):
        left = len(ASK_AFTER) - publication.asked
        text = ngettext(
            "Filo asks the network %(n)d time more within ten minutes. You need do nothing yet.",
            "Filo asks the network up to %(n)d times more within ten minutes. You need do nothing yet.",
            left,
        )
        return [text % {"n": left}]
    text = ngettext(
        "The network was asked %(n)d time, and could not tell.",
        "The network was asked %(n)d times, and could not tell.",
        publication.asked,
    )
    on = [_("Filo goes on asking it every hour, for a day.")] if publication.wake_at else []
    return [text % {"n": publication.asked}, *on]


def _to_look_for(publication: Publication) -> list[str]:
    text = " ".join(content_of_version(publication).text.split())
    if not text:
        return []
    begins = text if len(text) <= EXCERPT else f"{text[:EXCERPT].rstrip()}…"
    return [_("Look there for a post that begins with “%(words)s”.") % {"words": begins}]
