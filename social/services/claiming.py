"""Who may send what now: the sweep hands out what is due, and a worker claims one row before it calls the network."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.prepared import Prepared, PreparedInsert, PreparedUpdate
from clients.models import Status
from social import networks
from social.models import Act, Attempt, ChannelStatus, PostState, Publication, PublicationState
from social.networks.base import Content, Refused
from social.services import acting, budgets, clock, lanes, spending
from social.services.connections import waits_for_renewal
from social.services.contents import content_of_version, entry_of
from social.services.giving_up import give_up
from social.services.journal import lease
from social.services.lateness import is_late, late_at
from social.services.locks import lock_post
from social.services.meant_for import is_meant_for, other_account_reason
from social.services.outbox import is_approved, record_publication, retired_reason, tell_people
from social.services.repeating import LOOK_AGAIN, Obstacle, in_the_way_of
from social.services.retiring import left_reason
from social.services.scheduling import tell_late
from social.services.sending_rest import acted_on, ends_next
from social.services.states import refresh_state, set_post

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

HAND_OUT = lanes.HAND_OUT
BATCH = 500  # rows that one sweep looks after, beside those that begin
QUEUE = 100  # rows of one network that wait at the workers, at most: whoever comes next need not wait for more
MESSAGES = 25  # in which what begins on one network is handed out, at most: its places in five workers
DEEP = 50_000  # due rows among which the sweep finds whose turn it is

# What begins: in turns between the clients of a network, those first that have the fewest at work, and of each network no
# more than can be sent soon. In a turn, whose window (the client's ``lateness_minutes``) ends first is first: it is the
# most urgent. Where each client has a server of its own, no client has more than the share under way: its server may hang.
BEGIN = """
WITH early AS (
    SELECT id, network, client_id, due_at FROM social_publication
    WHERE state = 'scheduled' AND wake_at <= %(now)s ORDER BY wake_at LIMIT %(deep)s
), begun AS MATERIALIZED (
    SELECT network, client_id, count(*) AS busy, count(*) FILTER (WHERE going) AS going FROM (
        SELECT network, client_id, true AS going FROM social_publication WHERE state = 'publishing'
        UNION ALL
        SELECT network, client_id, false FROM social_publication
        WHERE state = 'scheduled' AND wake_at > %(now)s AND wake_at <= %(again)s AND handed_at > %(before)s
    ) each GROUP BY network, client_id
), due AS MATERIALIZED (
    SELECT early.*, early.due_at + client.lateness_minutes * interval '1 minute' AS ends, coalesce(begun.busy, 0)
        + row_number() OVER (PARTITION BY early.network, early.client_id ORDER BY early.due_at, early.id) AS turn
    FROM early JOIN clients_client client ON client.id = early.client_id AND client.frozen_at IS NULL
    LEFT JOIN begun ON begun.network = early.network AND begun.client_id = early.client_id
), standing AS MATERIALIZED (
    SELECT known.*, coalesce(sum(going), 0) AS going, coalesce(sum(busy - going), 0) AS handed
    FROM unnest(%(networks)s::text[], %(slots)s::int[], %(shares)s::int[]) AS known (network, slots, share)
    LEFT JOIN begun USING (network) GROUP BY known.network, slots, share
), chosen AS MATERIALIZED (
    SELECT id, place FROM (
        SELECT due.id, row_number() OVER (PARTITION BY network ORDER BY turn, ends, id) AS place, going, slots, handed
        FROM due JOIN standing USING (network) WHERE turn <= share
    ) placed
    WHERE place <= %(queue)s - handed AND going < slots
), mine AS (
    -- As a list, so that each is found by its number, whatever the planner thinks of how many there are.
    SELECT id FROM social_publication
    WHERE id = ANY(ARRAY(SELECT id FROM chosen)) AND state = 'scheduled' AND wake_at <= %(now)s FOR UPDATE SKIP LOCKED
), handed AS (
    UPDATE social_publication SET wake_at = %(again)s, handed_at = %(now)s FROM mine WHERE social_publication.id = mine.id
    RETURNING social_publication.id, state, network
)
SELECT id, state, network FROM handed JOIN chosen USING (id) ORDER BY place
"""

# What is under way: leases that have ended, questions to ask.
LOOK_AFTER = """
UPDATE social_publication SET wake_at = %(again)s
WHERE id IN (
    SELECT id FROM social_publication WHERE state IN ('publishing', 'unknown') AND wake_at <= %(now)s
    ORDER BY wake_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
)
AND state IN ('publishing', 'unknown')
RETURNING id, state, network
"""

# A claim is made for each publication, and its questions are always the same ones.
_TOLD = Prepared(
    lambda publication: Publication.objects.filter(pk=publication).values_list("post_id", "act", "target__post_id")
)
_ROW = Prepared(
    lambda publication: Publication.objects.filter(pk=publication).select_related("channel", "client", "version")
)
_CLAIMED = PreparedUpdate(
    lambda publication, until, **fields: (
        Publication.objects.filter(pk=publication, state=PublicationState.SCHEDULED, wake_at__lte=until),
        {"state": PublicationState.PUBLISHING, "handed_at": None, "held": False, "detail": "", **fields},
    )
)
_TRIED = PreparedInsert(Attempt)


def hand_out(now: datetime) -> list[tuple[int, str]]:
    """The publications that have something to do now, with their states."""
    return [(one, state) for one, state, _network in handed_out(now)]


def bundles(rows: Iterable[tuple[int, str, str]]) -> Iterator[tuple[str, list[int]]]:
    """What is handed out by one message each, with its state.

    A message costs about a third of what a publication does. So what begins on a network goes out one by one only as long as
    there are few; beyond that each takes along one or more, of which those are sent on that find a place (see ``lanes``).
    Whoever is first in its turn is first in its message.
    """
    begins: dict[str, list[int]] = defaultdict(list)
    for one, state, network in rows:
        if state == PublicationState.SCHEDULED:
            begins[network].append(one)
        else:
            yield state, [one]
    for ids in begins.values():
        for first in range(min(MESSAGES, len(ids))):
            yield PublicationState.SCHEDULED, ids[first::MESSAGES]


def handed_out(now: datetime) -> list[tuple[int, str, str]]:
    """The publications that have something to do now, with their states and networks: two queries on partial indexes.

    What is handed out wakes again after ``HAND_OUT``, in case whoever got it dies. Several sweeps share the rows.
    """
    known = networks.NETWORKS
    values: dict[str, Any] = {
        "now": now,
        "again": now + HAND_OUT,
        "before": now - HAND_OUT,
        "deep": DEEP,
        "queue": QUEUE,
        "batch": BATCH,
        "networks": list(known),
        "slots": [network.at_once for network in known.values()],
        "shares": [lanes.share_of(network.at_once) if network.many_servers else DEEP for network in known.values()],
    }
    rows: list[tuple[int, str, str]] = []
    with connection.cursor() as cursor:
        for statement in (LOOK_AFTER, BEGIN):
            cursor.execute(statement, values)
            rows += cursor.fetchall()
    return rows


def put_back(publication_id: int) -> None:
    """Whoever was given this row is too busy: somebody else has it in a second. One that was moved meanwhile keeps its time."""
    mine = Publication.objects.filter(pk=publication_id, state=PublicationState.SCHEDULED, handed_at__isnull=False)
    mine.update(handed_at=None, wake_at=clock.now() + timedelta(seconds=1))


@dataclass(frozen=True)
class Claim:
    """One publication that is ours until the lease ends. ``refused``: why the network would not have it, which it is not asked."""

    publication: Publication
    attempt: Attempt
    content: Content
    refused: Refused | None = None


@transaction.atomic
def claim(*, publication_id: int, now: datetime | None = None) -> Claim | None:
    """Take the publication for one try, or say why not by leaving it (None). ``now`` is the outbox's, where it isn't given.

    True only if its version is the post's current one and names the account that the channel is, the review is approved
    with the same digest, the client is not stopped and the time has come, all under the post's lock; the attempt is
    committed with it.
    """
    now = now or clock.now()
    post_id, act, above = _TOLD.get(publication=publication_id)
    if act == Act.TAKE_DOWN:
        lock_post(above)  # of two the older one comes first, always
    post = lock_post(post_id, "review")
    share_client(post.client_id)
    publication = _ROW.get(publication=publication_id)
    publication.post, client = post, publication.client
    if publication.state != PublicationState.SCHEDULED or publication.due_at > now or client.frozen:
        return None
    if not is_approved(post, publication) or _is_pointless(publication):
        return None
    if is_late(publication, client, now):
        _be_late(publication)
        return None
    acting.give_up_rest(publication)
    content = content_of_version(publication)
    taken = acting.counted_by(publication, content)
    # What is changed or taken down says nothing a second time.
    says_anew = not acting.repeats(publication)
    obstacle = in_the_way_of(publication, entry_of(publication), now) if says_anew else None
    if _has_to_wait(publication, taken, now, obstacle):
        return None
    network = networks.get(publication.network)
    # Fixed before the first try and kept over all others; not at the approval, since networks show them as the post's time.
    publication.keys = publication.keys or network.new_keys(now, content)
    publication.progress = acting.first_progress(publication)
    claimed = _CLAIMED(
        publication=publication.pk,
        until=now + HAND_OUT,
        tries=publication.tries + 1,
        keys=publication.keys,
        progress=publication.progress,
        wake_at=lease(publication.network, now),
        updated_at=now,
    )
    if not claimed:
        return None  # a retry with its own time, or somebody got there first
    publication.tries += 1
    refused = obstacle.refused if obstacle else None
    attempt = Attempt(
        publication=publication,
        client_id=publication.client_id,
        number=publication.tries,
        started_at=now,
        sent_at=None if (network.prepares and says_anew) or refused else now,
    )
    attempt.pk = _TRIED(
        publication_id=publication.pk,
        client_id=attempt.client_id,
        number=attempt.number,
        started_at=now,
        sent_at=attempt.sent_at,
    )
    if post.state != PostState.PUBLISHING:
        set_post(post, state=PostState.PUBLISHING)
    if refused is None and taken is not None:
        budgets.take(publication, taken, now)
        if publication.act != Act.TAKE_DOWN:
            spending.charge(publication, attempt, taken)
    return Claim(publication, attempt, content, refused)


def _is_pointless(publication: Publication) -> bool:
    """Whether it makes no sense any more to send it: then it is given up, and its people are told."""
    with translation.override(publication.client.language):
        detail = str(_over(publication))
    if not detail:
        return False
    state = give_up(publication, detail, was=[PublicationState.SCHEDULED])
    if state:
        refresh_state(publication.post)
        tell_people(publication, "publication_failed")
        record_publication(publication, f"publication.{state}", because=detail)
    return True


def _over(publication: Publication) -> "StrOrPromise":
    """Why nothing of this can go out any more: client or channel are gone or another account, or what it acts on is not as it was."""
    if publication.client.status == Status.ENDED:
        return left_reason(publication.client)
    if publication.channel.retired:
        return retired_reason(publication.channel)
    entry = entry_of(publication)
    if not is_meant_for(entry, publication.channel):
        return other_account_reason(entry, publication.channel)
    if publication.taken_down_at:
        return _("What was live of this has been taken down: nothing more of it goes out.")
    target = publication.target = acting.target_of(publication)
    return acting.obstacle(publication, target) if target else ""


def _has_to_wait(publication: Publication, content: Content | None, now: datetime, obstacle: Obstacle | None) -> bool:
    """Whether the channel, another post, a limit or the client's ceiling keeps it from going out now; then it says so, and until when.

    ``content`` is what it takes of limits and money, None where that is nothing.
    """
    channel, client = publication.channel, publication.client
    late = late_at(publication, client)
    if acting.is_busy(publication) or (publication.begun and (acted_on(publication) or ends_next(publication))):
        until = now + acting.AGAIN
        with translation.override(client.language):
            reason = _("Something else is being done to the same post. Its end is waited for.")
    elif channel.status == ChannelStatus.BROKEN:
        # Nobody can send it before somebody connects the account anew, which wakes it; until it has missed its time.
        until = late
        with translation.override(client.language):
            reason = _("%(channel)s needs a new connection.") % {"channel": channel.name}
    elif (renewed := waits_for_renewal(channel, now)) is not None:
        until = renewed
        with translation.override(client.language):
            reason = _("The connection of %(channel)s is being renewed.") % {"channel": channel.name}
    elif obstacle:
        if obstacle.refused:
            return False  # its try ends with that
        until, reason = now + LOOK_AGAIN, obstacle.reason
    elif content is None:
        return False
    else:
        found = budgets.free_at(publication, content, now)
        if found is None and publication.act == Act.TAKE_DOWN:
            return False
        if found is None:
            beyond = spending.is_beyond(publication, client, content, now)
            if beyond:
                spending.hold(publication, beyond, until=late)
            return bool(beyond)
        until, reason = min(found[0], late), found[1]
    Publication.objects.filter(pk=publication.pk, state=PublicationState.SCHEDULED).update(
        wake_at=max(until, now + timedelta(seconds=1)), handed_at=None, held=False, detail=reason[:500]
    )
    return True


def share_client(client_id: int) -> None:
    """Let nobody stop the client before this transaction ends; read it after this."""
    # FOR SHARE: claims of one client go side by side, a freeze waits for them and they for a freeze.
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM clients_client WHERE id = %s FOR SHARE", [client_id])


def _be_late(publication: Publication) -> None:
    post = publication.post
    rows = Publication.objects.filter(pk=publication.pk, state=PublicationState.SCHEDULED)
    if rows.update(state=PublicationState.LATE, wake_at=None, updated_at=timezone.now()):
        refresh_state(post)
        tell_late(post, publication.due_at)
        record_publication(publication, "publication.late", due_at=publication.due_at.isoformat())
