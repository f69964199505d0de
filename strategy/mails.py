"""What people read of what is said of a strategy: words suggested, what became of them, remarks and answers, in one letter.

Each thing waits a while in the outbox (see ``strategy.services.telling``). The first whose time has come takes along all that
waits beside it for the same person and the same strategy; what has been settled by then is told to nobody any more.
"""

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from clients.models import STAFF_ROLES
from clients.selectors import reading_language, role_of
from notifications import letters
from notifications.letters import Letter
from notifications.models import Notification, State
from strategy.models import Remark, Strategy, Suggestion, SuggestionState
from strategy.selectors.strategies import remarks, strategies, suggestions
from strategy.services.telling import REMARKED, SETTLED, SUGGESTED, TALK

MOST = 20  # things in one letter
Event = tuple[str, int]
Told = tuple[str, str]


def register() -> None:
    """Say which writer writes it."""
    letters.register(TALK, _talk, gettext_lazy("What is said of strategies"), duty=False)


def _talk(notification: Notification) -> Letter | None:
    events = _all_that_waits(notification)
    reader = notification.user
    strategy = strategies(reader).filter(pk=notification.context["strategy"]).first()
    if strategy is None or not events:
        return None
    with translation.override(language := reading_language(reader, strategy.client)):
        told = list(_told(reader, events))
        if not told:
            return None
        return Letter(
            language=language,
            subject=_("Said of a strategy · %(client)s: %(title)s")
            % {"client": strategy.client.name, "title": strategy.title},
            client_name=strategy.client.name,
            client_colour=strategy.client.colour,
            paragraphs=tuple(_beginning(strategy, len(told))),
            quotes=tuple(told[:MOST]),
            button=(_("Open the strategy"), _address(reader, strategy)),
        )


def _all_that_waits(notification: Notification) -> list[Event]:
    """What this letter tells, the oldest first; the rest of it that waited is dropped. Empty where another letter took it along.

    It is written down with it, so that a second try tells the same. The caller's transaction holds.
    """
    beside = Notification.objects.select_for_update().filter(
        user=notification.user_id,
        kind=TALK,
        state__in=[State.QUEUED, State.SENDING],
        context__strategy=notification.context["strategy"],
    )
    rows = {row.pk: row for row in beside.order_by("pk")}
    own = rows.pop(notification.pk, None)
    if own is None:
        return []
    others = [row for row in rows.values() if not row.context.get("gathered")]
    found = [tuple(event) for row in sorted([own, *others], key=lambda row: row.pk) for event in row.context["events"]]
    context = {**own.context, "events": list(dict.fromkeys(found)), "gathered": True}
    Notification.objects.filter(pk__in=[row.pk for row in others]).update(state=State.DROPPED)
    Notification.objects.filter(pk=own.pk).update(context=context)
    return [(str(what), int(pk)) for what, pk in context["events"]]


def _told(reader: User, events: Sequence[Event]) -> Iterator[Told]:
    """Each thing that this person may still hear of, and that is no old hat; two queries."""
    suggested = suggestions(reader).in_bulk([pk for what, pk in events if what in {SUGGESTED, SETTLED}])
    remarked = remarks(reader).in_bulk([pk for what, pk in events if what == REMARKED])
    for what, pk in events:
        if what == SUGGESTED and pk in suggested and suggested[pk].state == SuggestionState.OPEN:
            yield _suggested(suggested[pk])
        elif what == SETTLED and pk in suggested and suggested[pk].settled_by is not None:
            yield _settled(suggested[pk])
        elif what == REMARKED and pk in remarked and remarked[pk].resolved_at is None:
            yield _remarked(remarked[pk])


def _suggested(row: Suggestion) -> Told:
    words = {"who": row.author.name, "section": row.section.title}
    said = [f"“{row.quote}” → “{row.words}”" if row.quote and row.words else row.words or f"“{row.quote}”", row.comment]
    if not row.words:
        head = _("%(who)s would leave out, in “%(section)s”") % words
    elif row.quote:
        head = _("%(who)s would write otherwise, in “%(section)s”") % words
    else:
        head = _("%(who)s would add, in “%(section)s”") % words
    return head, _lines(said)


def _settled(row: Suggestion) -> Told:
    words = {"who": row.settled_by.name if row.settled_by else "", "section": row.section.title}
    what = row.words.strip() or f"“{row.quote}”"
    if row.state == SuggestionState.ACCEPTED:
        return _("%(who)s has taken over what you suggested for “%(section)s”") % words, what
    return _("%(who)s has declined what you suggested for “%(section)s”") % words, _lines([what, row.reason])


def _remarked(row: Remark) -> Told:
    words = {"who": row.author.name, "section": row.section.title}
    head = _("%(who)s has answered, on “%(section)s”") if row.parent_id else _("%(who)s says of “%(section)s”")
    return head % words, _lines([f"“{row.quote}”" if row.quote else "", row.text])


def _lines(said: Sequence[str]) -> str:
    return "\n".join(filter(None, (one.strip() for one in said)))


def _beginning(strategy: Strategy, number: int) -> Iterator[str]:
    text = ngettext(
        "One thing was said of the strategy “%(title)s”.",
        "%(number)d things were said of the strategy “%(title)s”.",
        number,
    )
    yield text % {"number": number, "title": strategy.title}
    if number > MOST:
        yield _("Here are the first %(number)d; the rest is on the page.") % {"number": MOST}


def _address(reader: User, strategy: Strategy) -> str:
    """Staff at their desk, a client's people in the portal."""
    staff = role_of(reader, strategy.client_id) in STAFF_ROLES
    name = "admin:strategy_strategy_change" if staff else "portal:strategy"
    return settings.BASE_URL.rstrip("/") + reverse(name, args=[strategy.pk])
