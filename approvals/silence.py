"""Silence as a yes: in which steps it counts, by which writing of the client's, and how people are told so beforehand.

The writing is frozen when a step's turn comes, for that is when its people learn of it; and it must be in force still when
the time is up. So nobody's silence counts by what was agreed, or agreed anew, behind their back.
"""

from datetime import date, datetime

from babel.dates import format_date
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.models import OnDeadline, ReviewStep
from clients.models import Client
from clients.moments import locale

Writing = tuple[date | None, str]
NONE: Writing = (None, "")


def asks_for_silence(step: ReviewStep) -> bool:
    """Whether silence could count here, were that agreed."""
    return step.on_deadline == OnDeadline.TACIT and not step.never_tacit


def writing_at(step: ReviewStep, client: Client, turn: datetime) -> Writing:
    """By which writing silence counts in a step whose turn comes now: its day, and the SHA-256 of its document.

    By none where it is not asked for or not agreed, or where the deadline has passed: who had no time was not silent.
    """
    if not asks_for_silence(step) or not client.tacit_consent:
        return NONE
    if step.due_at is not None and step.due_at <= turn:
        return NONE
    return client.tacit_consent_agreed_on, client.tacit_consent_digest


def counts(step: ReviewStep, client: Client) -> bool:
    """Whether silence until its deadline lets this step pass, as its client's agreement stands now."""
    writing = (step.tacit_agreed_on, step.tacit_document)
    held = writing != NONE and client.tacit_consent
    return held and writing == (client.tacit_consent_agreed_on, client.tacit_consent_digest)


def to_who_is_asked(step: ReviewStep, client: Client) -> str:
    """What follows if they say nothing, after they were told by when; empty where nothing does, or the time is up."""
    if not counts(step, client):
        return ""
    words = {"date": _day(step)}
    if step.due_at is None:
        text = _(
            "It has no deadline yet. Once it has one, saying nothing until then counts as your yes, by the agreement of %(date)s."
        )
        return text % words
    if step.due_at <= timezone.now():
        return ""
    return _("If you say nothing by then, that counts as your yes, by the agreement of %(date)s.") % words


def to_whoever_reads(step: ReviewStep, client: Client) -> str:
    """The same, to whoever looks on."""
    if not counts(step, client) or (step.due_at is not None and step.due_at <= timezone.now()):
        return ""
    if step.due_at is None:
        text = _(
            "It has no deadline yet. Once it has one, silence until then counts as a yes, by the agreement of %(date)s."
        )
        return text % {"date": _day(step)}
    return _("Silence until then counts as a yes, by the agreement of %(date)s.") % {"date": _day(step)}


def _day(step: ReviewStep) -> str:
    return str(format_date(step.tacit_agreed_on, "d MMMM y", locale=locale()))
