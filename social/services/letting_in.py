"""Whether a network has shut out a channel, or has refused one post of it: “not permitted” may be said of either.

A board of somebody else's, a kind of video, an app without that product: what one post is not permitted may be permitted to
all others. So the network is asked, as it is daily, who we are. Who is refused that, too, is shut out, and what waits is kept
for the new connection; where we are known, the one post was refused, in the network's own words. Two in a row that are told
the same are no chance: a permission may be missing for all posts, and still let us ask who we are. One that has shut out its
channel so and is told the same once we are let in again has failed, as all others would wait for it anew. Where nobody
answers, nothing is known: the post is tried again, as often as what did not reach the network.

It is asked by the worker that heard the refusal, while the row is still its own, outside any transaction. Of a worker that
dies over it the row is uncertain, as of one that dies before it has written down what it heard.
"""

import logging

from django.utils import translation

from social import networks
from social.models import Act, Attempt, Outcome, Publication
from social.networks.base import CredentialsRefused, LeaseLost, NetworkError, NotSent, Refused
from social.services import budgets, clock
from social.services.connections import account_of
from social.services.journal import PublicationJournal

log = logging.getLogger(__name__)


def weighed(publication: Publication, error: NetworkError, journal: PublicationJournal) -> NetworkError:
    """What ended a try, as it is to be settled: the same, ``CredentialsRefused`` where it shuts out the whole channel, else ``NotSent``."""
    if not _may_shut_out(publication, error):
        return error
    kind: type[NetworkError] = CredentialsRefused
    try:
        journal.alive()  # asking takes its time
        budgets.note_check(publication.channel, clock.now())
        networks.get(publication.network).identity(account_of(publication.channel))
    except LeaseLost:
        return error  # somebody else has the row: nothing is settled here
    except Refused:
        pass
    except NetworkError:
        kind = NotSent
    except Exception:
        log.exception("asking who we are broke", extra={"publication": publication.pk})
        kind = NotSent
    else:
        if _was_let_in_since(publication) or not _was_said_before(publication, error):
            return error
    return kind(error.template, code=error.code, params=error.params, said=error.said)


def _may_shut_out(publication: Publication, error: NetworkError) -> bool:
    """Whether nothing else may go out of this channel, either.

    A permission that is missing for a change, or for what follows a post that has just gone out, may be there for what is new.
    """
    unsure = isinstance(error, Refused) and error.code == "permission_missing"
    is_new = publication.act in {Act.PUBLISH, Act.NEW_POST} and not publication.begun
    return unsure and is_new and not isinstance(error, CredentialsRefused)


def _was_said_before(publication: Publication, error: NetworkError) -> bool:
    """Whether the channel's last post that the network took or refused, another one, was refused in the same sentence."""
    others = Attempt.objects.filter(
        publication__channel=publication.channel_id, outcome__in=[Outcome.PUBLISHED, Outcome.REFUSED]
    )
    last = others.exclude(publication=publication.pk).order_by("-ended_at").first()
    if last is None or last.outcome != Outcome.REFUSED:
        return False
    with translation.override(publication.client.language):
        return last.detail.startswith(error.detail)


def _was_let_in_since(publication: Publication) -> bool:
    """Whether an earlier try of the same was refused, and the channel has been connected or let in again after that."""
    known = publication.channel.checked_at
    return publication.attempts.filter(outcome=Outcome.REFUSED, ended_at__lt=known).exists() if known else False
