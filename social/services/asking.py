"""Uncertain publications: the network is asked whether they are live, and where it can't tell, a person is.

What goes by a key of ours is there or is not. What is looked for in a list (``Network.certain``) may be there and not be
listed yet, or be worked on still: its “no” counts at the last question alone, ten minutes after it was sent.

A network that could not be reached, or broke, has not said that it can't tell: a person is asked after three such questions,
and the network every hour for a day more. Whoever has the answer first is right.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils import translation

from social import networks
from social.knowing import asks_person
from social.models import Act, ChannelStatus, Outcome, Publication, PublicationState
from social.networks.base import (
    Account,
    CannotTell,
    CredentialsRefused,
    Journal,
    LeaseLost,
    Network,
    NetworkError,
    NotReady,
    Published,
)
from social.services import acting, budgets, clock, paid_reading
from social.services.connections import LOCKED, account_of, refused_credentials, waits_for_renewal
from social.services.contents import answers_to, content_of_version, has_unsent, live_at, reply_step
from social.services.journal import PublicationJournal
from social.services.lanes import questions
from social.services.locks import lock_post
from social.services.outbox import record_publication, tell_people
from social.services.settling import ASK_AFTER, settle_published
from social.services.spending import give_back
from social.services.states import refresh_state

log = logging.getLogger(__name__)

LATER, MORE = timedelta(hours=1), 24  # between two questions when a person is asked already, and so many of them
UNCONNECTED = timedelta(hours=6)  # a new connection wakes it before (see ``connections.wake_waiting``)


def ask(*, publication_id: int) -> None:
    """Ask the network whether an uncertain publication is live; after three questions without an answer, ask a person.

    Where its network has all the threads that questions may have, one of them does it later (see ``lanes``).
    """
    slug, client = Publication.objects.values_list("network", "client").get(pk=publication_id)
    questions(slug, "ask").run(publication_id, _ask_one, whose=client)


def _ask_one(publication_id: int) -> None:
    publication = Publication.objects.select_related("channel", "version", "client", "post", "target__version").get(
        pk=publication_id
    )
    if publication.state != PublicationState.UNKNOWN:
        return
    if publication.channel.retired:
        _ask_person(publication)  # nobody lets us in there any more
        return
    until = _without_token(publication)
    if until is not None:
        _wait(publication, until)  # no question yet: nobody asks with a token that has ended
        return
    if has_unsent(publication):
        # Whoever found what was in doubt has died over it.
        send_again(publication=publication, stands=publication.progress)
        return
    if _was_tried_enough(publication):
        _ask_person(publication)
        return
    _ask(publication, networks.get(publication.network))


def _ask(publication: Publication, network: Network) -> None:
    journal = PublicationJournal(publication, [PublicationState.UNKNOWN])
    sent = journal.in_flight()
    budgets.note_question(publication, clock.now())
    try:
        with paid_reading.listening(publication):
            live = _find(network, account_of(publication.channel), publication, journal)
        # Of a thread, the post in doubt was found: what is missing now was never sent.
        sure = network.certain or acting.repeats(publication) or bool(sent and not journal.in_flight())
        _answered(publication, live, journal.stands, sure=sure)
    except LeaseLost:
        return  # a person has said what happened meanwhile
    except CannotTell:
        _ask_person(publication)
    except CredentialsRefused as error:
        _ask_for_connection(publication, error)
    except NetworkError:
        _ask_again(publication, unheard=True)
    except (OperationalError, InterfaceError):
        raise  # the database is away: the row wakes by itself, and nothing was asked
    except Exception:
        # Ours or the library's. A question without an answer like others, so that somebody hears of it.
        log.exception("asking broke", extra={"publication": publication.pk})
        _ask_again(publication)


def _answered(publication: Publication, live: Published | None, stands: dict[str, Any], *, sure: bool) -> None:
    if live:
        settle_published(publication=publication, attempt=None, live=live)
    elif sure or publication.asked + 1 >= len(ASK_AFTER):
        send_again(publication=publication, stands=stands)
    else:
        _ask_again(publication)


def _without_token(publication: Publication) -> datetime | None:
    """Until when nobody can ask; None where somebody can."""
    channel, now = publication.channel, clock.now()
    if channel.status == ChannelStatus.BROKEN:
        return now + UNCONNECTED
    return waits_for_renewal(channel, now)


def _ask_for_connection(publication: Publication, error: CredentialsRefused) -> None:
    """The network lets nobody in, which answers no question: it is asked again with a new connection, or a new token."""
    with translation.override(publication.client.language):
        detail = str(error)
    broken = refused_credentials(channel=publication.channel, detail=detail)
    _wait(publication, clock.now() + (UNCONNECTED if broken else LOCKED))


def _wait(publication: Publication, until: datetime) -> None:
    _asked_about(publication).filter(wake_at__isnull=False).update(wake_at=until)


def _find(network: Network, account: Account, publication: Publication, journal: Journal) -> Published | None:
    """Where it is; None where it is not, or where doing it once more does no harm."""
    target = publication.target
    if target is None or publication.act == Act.NEW_POST:
        return network.find(account, content_of_version(publication), publication.keys, journal)
    if publication.act == Act.REPLY:
        content = content_of_version(publication)
        found = network.find(account, content, publication.keys, journal)
        return acting.replied(target, journal, reply_step(network, content)) if found else None
    if publication.act == Act.TAKE_DOWN and target.remote_id and _is_alone(network, target):
        try:
            return None if network.read_back(account, live_at(target)) else Published("", "")
        except (CannotTell, NotReady):  # what is being worked on is there
            return None
    return None


def _is_alone(network: Network, target: Publication) -> bool:
    """Whether it is one post. Of several the first may be gone, and others still be there."""
    return "," not in target.remote_id and not answers_to(network, target)


def _was_tried_enough(publication: Publication) -> bool:
    """Whether a change was made so often without an answer that doing it once more says nothing new."""
    if not acting.repeats(publication):
        return False
    return publication.attempts.filter(outcome=Outcome.UNKNOWN).count() > len(ASK_AFTER)


@transaction.atomic
def send_again(*, publication: Publication, stands: dict[str, Any] | None = None) -> None:
    """It is surely not live: back to the outbox, to go out now (the claim still asks everything it asks).

    ``stands``: what was known of it when that was found out. Where somebody else has found more of it since, nothing is done.
    """
    post = lock_post(publication.post_id)
    rows = _asked_about(publication)
    rows = rows if stands is None else rows.filter(progress=stands)
    now = clock.now()
    publication.progress.pop("in_flight", None)
    if rows.update(state=PublicationState.SCHEDULED, wake_at=now, progress=publication.progress, updated_at=now):
        give_back(publication)
        refresh_state(post)
        record_publication(publication, "publication.not_live")


def _asked_about(publication: Publication) -> QuerySet[Publication]:
    """The row, as long as the try that was asked about is the last one: an answer that comes late is about no other."""
    return Publication.objects.filter(pk=publication.pk, state=PublicationState.UNKNOWN, tries=publication.tries)


def _ask_again(publication: Publication, *, unheard: bool = False) -> None:
    """At the next time, or in the end ask a person; beside that the network, where it was not to be had (``unheard``)."""
    asked = publication.asked + 1
    if asked >= len(ASK_AFTER):
        _ask_person(publication, clock.now() + LATER if unheard and asked < len(ASK_AFTER) + MORE else None)
        return
    rows = _asked_about(publication).filter(asked=publication.asked)
    rows.update(asked=asked, wake_at=clock.now() + ASK_AFTER[asked])


@transaction.atomic
def _ask_person(publication: Publication, again: datetime | None = None) -> None:
    """Tell its people, once. ``again``: when the network is asked beside them."""
    rows = _asked_about(publication).filter(asked=publication.asked, wake_at__isnull=False)
    told = asks_person(publication)
    if rows.update(asked=publication.asked + 1, wake_at=again, updated_at=clock.now()) and not told:
        tell_people(publication, "publication_unknown")
        record_publication(publication, "publication.asks_person")
