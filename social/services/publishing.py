"""Publishing: a worker claims one row, calls the network, writes down the outcome.

No network is called inside a transaction. The attempt is committed before the call, so that a worker killed at any
point leaves a row that was never touched, one that goes on where it was (see ``journal``), or one whose lease runs out
as "unknown", never one that is lost.
"""

import logging
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.prepared import Prepared
from social import networks
from social.models import Act, Attempt, Publication
from social.networks import clocks, halfway, rules, signs
from social.networks.base import LeaseLost, Network, NetworkError, NotSent, Refused, Unknown
from social.services import acting, claiming, holding, letting_in, paid_reading
from social.services.channels import known_account
from social.services.claiming import Claim
from social.services.enduring import enduring
from social.services.journal import PublicationJournal, silence
from social.services.lanes import Lane, company_of, nobody, share_of
from social.services.settling import settle_failure, settle_published

log = logging.getLogger(__name__)

_WHOSE = Prepared(
    lambda publications: Publication.objects.filter(pk__in=publications).values_list("pk", "client", "network")
)


def publish(*, publication_id: int) -> None:
    """Claim the publication, call its network, write down how it ended. Somebody else's row is left alone.

    Where its network has all the threads that it may have, it is done by the first of them that is free (see ``lanes``).
    """
    publish_all(publication_ids=[publication_id], elsewhere=nobody)


def publish_all(*, publication_ids: Sequence[int], elsewhere: Callable[[int], Any]) -> None:
    """The same for several of one network. ``elsewhere`` is given those for which there is a place, but no thread in this call."""
    whose = {one: (client, slug) for one, client, slug in _WHOSE(publications=publication_ids)}
    _client, slug = whose[publication_ids[0]]
    work = partial(_publish, slug=slug)
    _lane(company_of(slug)).run_all([(one, whose[one][0], work) for one in publication_ids], elsewhere)


def stop_waiting() -> None:
    """This worker ends: what waits in it is for others, in a second."""
    for company in {company_of(slug) for slug in networks.NETWORKS}:
        for publication_id in _lane(company).clear():
            claiming.put_back(publication_id)


def _publish(publication_id: int, slug: str) -> None:
    with holding.holding(publication_id, silence(slug).total_seconds()) as ours:
        claimed = claiming.claim(publication_id=publication_id) if ours else None
        if claimed is not None:  # else another worker, an edit, a freeze or the window got there first
            _send(claimed)


def _send(claimed: claiming.Claim) -> None:
    publication, channel, attempt = claimed.publication, claimed.publication.channel, claimed.attempt
    network, journal = networks.get(channel.network), PublicationJournal(publication)
    try:
        if publication.act != Act.TAKE_DOWN:
            _require_fit(network, claimed)
        with (
            clocks.listening(),
            paid_reading.listening(publication),
            signs.given_by(journal.alive),
            halfway.asking(journal.going_on),
        ):
            live = acting.perform(network, known_account(channel), publication, claimed.content, journal)
    except LeaseLost:
        log.warning("somebody else goes on", extra={"publication": publication.pk})
    except NetworkError as error:
        _settle(publication, attempt, letting_in.weighed(publication, error, journal))
    except Exception as error:
        # Ours or the library's, and the log says where. It is uncertain, unless nothing that readers see was begun: then it is
        # a try like others that did not reach the network, of which there is an end.
        log.exception("publishing broke", extra={"publication": publication.pk})
        quiet = network.prepares and not acting.repeats(publication) and not journal.in_flight()
        outcome = NotSent if quiet else Unknown
        text, params = _("Something broke on our side: %(what)s."), {"what": type(error).__name__}
        _settle(publication, attempt, outcome(text, params=params))
    else:
        # The answer is here: a database that is away just now must not make it uncertain.
        enduring(lambda: settle_published(publication=publication, attempt=attempt, live=live))


def _settle(publication: Publication, attempt: Attempt, error: NetworkError) -> None:
    enduring(lambda: settle_failure(publication=publication, attempt=attempt, error=error))


@cache
def _lane(company: str) -> Lane:
    members = [network for slug, network in networks.NETWORKS.items() if company_of(slug) == company]
    places = min([max(1, settings.THREADS // 3), *(network.at_once for network in members)])
    return Lane(places, share=share_of(places) if any(network.many_servers for network in members) else None)


def _require_fit(network: Network, claimed: Claim) -> None:
    """The rules once more: a network may have changed them since the approval, and another post may say the same by now."""
    if claimed.refused:
        raise claimed.refused
    for problem in rules.checked(network, claimed.content).problems:
        if problem.level == "error":
            raise Refused(problem.template, code=problem.code, params=problem.params)
