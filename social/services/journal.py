"""The journal of one publication, in the database: what its steps gave, and what was being sent.

Every word is one conditional UPDATE of its own, which also prolongs the lease: a step may take as long as the network's
``patience``, the whole as long as it needs. Who has lost the publication meanwhile finds no row and stops.
"""

from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from django.db import connection
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from psycopg.types.json import Jsonb

from clients.models import Client
from social import networks
from social.credentials import seal, unseal
from social.models import Publication, PublicationState, Upload
from social.networks import clocks
from social.networks.base import LeaseLost, NotReady, Stopped
from social.services import clock, holding
from social.services.enduring import enduring
from social.services.taken import is_anothers

LEASE_MARGIN = timedelta(seconds=30)  # beyond the longest that a step may take
LOOK_AGAIN = timedelta(seconds=3)  # while another worker uploads the same
SEALED = "sealed"  # of ``Publication.progress``: what is secret of what the steps gave

# The last look before readers could see it: whose it is, and whether its client is stopped or gone, or its channel retired.
# The client's row is shared before the publication's is written, as in a claim: a stop waits for this word, and no word
# comes after it.
SENDING = """
WITH going AS MATERIALIZED (
    SELECT id FROM clients_client WHERE id = %(client)s AND frozen_at IS NULL AND status <> 'ended' FOR SHARE
), mine AS (
    UPDATE social_publication
    SET progress = %(progress)s, begun = %(begun)s, wake_at = coalesce(%(until)s, social_publication.wake_at)
    FROM going, social_channel channel
    WHERE social_publication.id = %(id)s AND state = ANY(%(states)s) AND tries = %(tries)s
        AND channel.id = social_publication.channel_id AND channel.status <> 'retired'
    RETURNING social_publication.id
), said AS (
    UPDATE social_attempt SET sent_at = %(now)s FROM mine
    WHERE publication_id = mine.id AND number = %(tries)s AND sent_at IS NULL
)
SELECT id FROM mine
"""


def silence(network: str) -> timedelta:
    """For how long a worker may be silent at most; for so long it holds what it is at (see ``holding``)."""
    return timedelta(seconds=networks.get(network).patience) + LEASE_MARGIN


def lease(network: str, now: datetime) -> datetime:
    """When somebody looks whether a worker that says something now still lives; where nobody holds it then, it has died."""
    found = networks.get(network)
    return now + timedelta(seconds=found.pulse or found.patience) + LEASE_MARGIN


class PublicationJournal:
    """See ``social.networks.journal``. ``states`` are those in which the publication is still ours.

    A claim counts the tries, which says whose it is. Whoever only asks may be one of two who ask at once: for them it is
    ours for as long as ``stands`` is what is written down of it, so that neither forgets what the other has found.
    """

    def __init__(self, publication: Publication, states: Collection[str] = (PublicationState.PUBLISHING,)) -> None:
        self._publication = publication
        self._states = states
        self.stands: dict[str, Any] = deepcopy(publication.progress)

    def once(
        self,
        step: str,
        work: Callable[[], Mapping[str, Any]],
        *,
        good_for: timedelta | None = None,
        shared: str = "",
        secret: str = "",
    ) -> Mapping[str, Any]:
        """Give what the step gave before, else do it."""
        found = self.given(step)
        if found is not None:
            return found
        given, until = self._shared(step, work, good_for, shared) if shared else (dict(work()), _until(good_for))
        plain = {name: value for name, value in given.items() if name != secret}
        self._steps[step] = {"given": plain, "until": until.isoformat() if until else None}
        if shared:
            self._steps[step]["shared"] = shared
        if secret:
            self._seal({**self._sealed(), step: {secret: given[secret]}})
        self._write()
        return given

    def given(self, step: str, *, ever: bool = False) -> Mapping[str, Any] | None:
        """What the step gave, if it is still good, or whenever that was."""
        found = self._progress.get("steps", {}).get(step)
        until = parse_datetime(found["until"]) if found and found["until"] else None
        if found is None or (until and until <= clock.now() and not ever):
            return None
        secrets: Mapping[str, Any] = self._sealed().get(step, {}) if SEALED in self._progress else {}
        return {**found["given"], **secrets}

    def sending(self, step: str = "publish") -> None:
        """Readers could see it from now on."""
        self._progress["in_flight"] = step
        if clocks.STEP not in self._steps and (theirs := clocks.last_heard()):
            self._steps[clocks.STEP] = {"given": {"at": theirs.isoformat()}, "until": None}
        enduring(self._write_sending)
        self._prolong()

    def going_on(self) -> None:
        """The next of several things may be done to what is live. Raises ``Stopped``, ``LeaseLost``."""
        enduring(self._write_sending)
        self._prolong()

    def sent(self, step: str, given: Mapping[str, Any]) -> None:
        """It is live."""
        known = step in self._steps  # whoever looks for it once more finds it once more
        self._steps[step] = {"given": dict(given), "until": None}
        self._progress.pop("in_flight", None)
        self._progress["live"] = self._progress.get("live", 0) + (not known)
        self._publication.begun = True
        self._write()

    def in_flight(self) -> str:
        """What was being sent."""
        return str(self._progress.get("in_flight", ""))

    def is_another(self, number: str) -> bool:
        """Whether another publication of ours is called so there. Raises ``CannotTell``."""
        return is_anothers(self._publication, number)

    def forget(self, *steps: str) -> None:
        """Do these again; what they share with other channels is no more use to those either."""
        for step in steps:
            found = self._steps.pop(step, {})
            if "shared" in found:
                where = {"network": self._publication.network, "scope": found["shared"], "step": step}
                Upload.objects.filter(**where, given=found["given"]).delete()
        if SEALED in self._progress:
            self._seal({step: secrets for step, secrets in self._sealed().items() if step not in steps})
        self._write()

    def alive(self) -> None:
        """We are still at it, and nothing is new. Raises ``LeaseLost`` where somebody else is."""
        self._write()

    def _sealed(self) -> dict[str, Any]:
        """The secrets that steps gave; none where the key is gone that they were sealed with."""
        try:
            return unseal(str(self._progress.get(SEALED, "")))
        except InvalidToken:
            return {}

    def _seal(self, secrets: Mapping[str, Any]) -> None:
        self._progress.pop(SEALED, None)
        if secrets:
            self._progress[SEALED] = seal(secrets)

    @property
    def _progress(self) -> dict[str, Any]:
        progress: dict[str, Any] = self._publication.progress
        return progress

    @property
    def _steps(self) -> dict[str, Any]:
        steps: dict[str, Any] = self._progress.setdefault("steps", {})
        return steps

    def _write_sending(self) -> None:
        mine, now = self._publication, clock.now()
        values: dict[str, Any] = {
            "id": mine.pk,
            "client": mine.client_id,
            "states": [str(state) for state in self._states],
            "tries": mine.tries,
            "progress": Jsonb(mine.progress),
            "begun": mine.begun,
            "until": self._until_silent(now),
            "now": now,
        }
        with connection.cursor() as cursor:
            cursor.execute(SENDING, values)
            said = cursor.fetchone()
        if said is None:
            self._progress.pop("in_flight", None)
            raise self._why_not()

    def _why_not(self) -> Exception:
        if not self._rows().exists():
            return LeaseLost()
        if Client.objects.filter(pk=self._publication.client_id).exclude(frozen_at=None).exists():
            return Stopped(_("Everything of this client is stopped. What is not out yet waits."), code="stopped")
        return Stopped(_("The channel is retired, or the work with the client has ended."), code="ended")

    def _write(self) -> None:
        enduring(self._write_once)
        self._prolong()

    def _prolong(self) -> None:
        holding.prolong(self._publication.pk, silence(self._publication.network).total_seconds())

    def _write_once(self) -> None:
        mine = self._publication
        fields: dict[str, Any] = {"progress": mine.progress, "begun": mine.begun}
        until = self._until_silent(clock.now())
        if until:
            fields["wake_at"] = until
        rows = self._rows() if until else self._rows().filter(progress=self.stands)
        if not rows.update(**fields):
            raise LeaseLost
        self.stands = deepcopy(mine.progress)

    def _until_silent(self, now: datetime) -> datetime | None:
        return lease(self._publication.network, now) if PublicationState.PUBLISHING in self._states else None

    def _rows(self) -> QuerySet[Publication]:
        """The row, while it is ours. ``tries`` says whose it is: each claim counts it up."""
        mine = self._publication
        return Publication.objects.filter(pk=mine.pk, state__in=self._states, tries=mine.tries)

    def _shared(
        self, step: str, work: Callable[[], Mapping[str, Any]], good_for: timedelta | None, scope: str
    ) -> tuple[dict[str, Any], datetime]:
        """Do the step's work once for all who share it; whoever comes meanwhile looks again soon."""
        now = clock.now()
        where = {"network": self._publication.network, "scope": scope, "step": step}
        busy = lease(self._publication.network, now)
        row, ours = Upload.objects.get_or_create(**where, defaults={"given": None, "until": busy})
        if not ours and row.until <= now:  # gone at the network, or whoever had it died
            ours = bool(Upload.objects.filter(pk=row.pk, until=row.until).update(given=None, until=busy))
        if not ours:
            if row.given is None or row.until <= now:
                text = _("The same picture or video is being uploaded for another channel.")
                raise NotReady(text, code="upload_shared", retry_at=now + LOOK_AGAIN)
            return row.given, row.until
        try:
            given = dict(work())
        except BaseException:
            Upload.objects.filter(pk=row.pk, until=busy).delete()
            raise
        until = _until(good_for) or now + timedelta(days=365)
        Upload.objects.filter(pk=row.pk, until=busy).update(given=given, until=until)
        return given, until


def _until(good_for: timedelta | None) -> datetime | None:
    return clock.now() + good_for if good_for else None
