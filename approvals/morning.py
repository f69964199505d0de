"""The morning mail: all that waits for one person, over all clients, in one letter.

Its sections come from whoever has any: an app above this one registers its own, and puts people into the outbox by
``approvals.services.reminding.tell_morning`` when something of theirs is due. A letter with nothing due in it is not sent.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from approvals import silence
from approvals.eyes import open_to
from approvals.mails import way_in
from approvals.models import Reminder, ReminderKind, ReviewState, Seat
from approvals.selectors import speakable
from approvals.services.reminding import MORNING
from approvals.waiting import deputies_of
from clients.models import DECIDING_ROLES, Membership, Role
from clients.moments import spoken
from clients.selectors import own_language, within
from notifications import letters
from notifications.letters import Group, Item, Letter
from notifications.models import Notification

MOST = 50  # things in one letter, the most urgent ones; mail programs cut what is longer


@dataclass(frozen=True, kw_only=True)
class Section:
    """What one app has to say this morning: ``due`` where it is the reason for the mail, ``more`` what it had no room for."""

    groups: tuple[Group, ...]
    due: bool
    more: int = 0


Source = Callable[[User, datetime], Section | None]
_sources: list[Source] = []


def add_section(source: Source) -> None:
    """``source`` says, in the active language, what waits for a person; given the moment at which the mail was claimed."""
    _sources.append(source)


def register() -> None:
    """Say who writes it, and what approvals say in it."""
    letters.register(MORNING, _morning, gettext_lazy("The morning mail"))
    add_section(decisions)


def _morning(notification: Notification) -> Letter | None:
    reader, at = notification.user, datetime.fromisoformat(notification.context["at"])
    with translation.override(language := own_language(reader)):
        found = [section for source in _sources if (section := source(reader, at)) is not None]
        if not any(section.due for section in found):
            return None
        groups = tuple(group for section in found for group in section.groups)
        more = sum(section.more for section in found)
        number = sum(len(group.items) for group in groups) + more
        said = [ngettext("One thing waits for you.", "%(number)d things wait for you.", number) % {"number": number}]
        if more:
            said.append(
                ngettext(
                    "Here are the most urgent ones; one more is not in it.",
                    "Here are the most urgent ones; %(more)d more are not in it.",
                    more,
                )
                % {"more": more}
            )
        return Letter(
            language=language,
            subject=said[0].rstrip("."),
            client_name="",
            client_colour="",
            paragraphs=tuple(said),
            groups=groups,
            footer=_("Each link is for you alone. Opening it decides nothing."),
        )


# What approvals say in it


def decisions(reader: User, at: datetime) -> Section | None:
    """The decisions that are asked of this person now, on their own seats and on those they stand in for, by client."""
    asked = _asked_of(reader)
    if not asked:
        return None
    away = deputies_of(seat for seat in asked if seat.user_id == reader.pk)
    own_turn = [seat.pk for seat in asked if seat.pk not in away]
    sent = Reminder.objects.filter(seat__in=own_turn, kind=ReminderKind.MORNING, at__gte=at)
    roles = _roles(reader)
    shown = sorted(asked[:MOST], key=lambda seat: (seat.client.name, seat.client_id))
    groups = tuple(
        Group(heading=client.name, items=tuple(_item(reader, seat, roles, away) for seat in seats))
        for client, seats in groupby(shown, key=lambda seat: seat.client)
    )
    return Section(groups=groups, due=sent.exists(), more=len(asked) - len(shown))


def _asked_of(reader: User) -> list[Seat]:
    """One seat of each review, where they would be heard. The most urgent first: what is due, what goes out, what waits longest."""
    found = Seat.objects.filter(
        speakable(reader),
        open_to(reader),
        within(reader, "client", DECIDING_ROLES),
        step__review__state=ReviewState.OPEN,
    )
    found = found.select_related("client", "user", "step__review__client").annotate(
        since=Greatest("step__activated_at", "created_at")
    )
    by_time = F("step__due_at").asc(nulls_last=True), F("step__review__goes_out_at").asc(nulls_last=True)
    first: dict[int, Seat] = {}
    for seat in found.order_by(*by_time, "since", "pk"):  # who stands in for two of a step speaks for one of them
        first.setdefault(seat.step_id, seat)
    return list(first.values())


def _roles(reader: User) -> dict[int, str]:
    return dict(Membership.objects.filter(user=reader).values_list("client", "role"))


def _item(reader: User, seat: Seat, roles: dict[int, str], away: dict[int, User]) -> Item:
    review, client = seat.step.review, seat.client
    role = Role.MANAGER if reader.is_agency_admin else roles.get(client.pk, "")
    (button, address), _footer = way_in(reader, seat, role)
    said = [_("Step: %(step)s.") % {"step": seat.step.name}]
    if reader.pk != seat.user_id:
        said.append(_("You stand in for %(who)s.") % {"who": seat.user.name})
    elif seat.pk in away:
        said.append(_("%(who)s stands in for you.") % {"who": away[seat.pk].name})
    return Item(
        client_name="",
        client_colour=client.colour,
        title=review.title,
        words=" ".join(said),
        since="\n".join(_times(reader, seat)),
        address=address,
        button=button,
    )


def _times(reader: User, seat: Seat) -> Iterable[str]:
    """Since when, until when, and when it goes out."""
    zone, now, review = ZoneInfo(reader.timezone), timezone.now(), seat.step.review
    yield _("Waits since %(when)s.") % {"when": spoken(seat.since, zone)}  # type: ignore[attr-defined]  # annotated
    if seat.step.due_at is not None:
        late = seat.step.due_at <= now
        text = _("Was due on %(when)s.") if late else _("Due on %(when)s.")
        yield text % {"when": spoken(seat.step.due_at, zone)}
    if silent := silence.to_who_is_asked(seat.step, seat.client):
        yield silent
    if review.goes_out_at is not None:
        late = review.goes_out_at <= now
        text = _("Was to go out on %(when)s.") if late else _("Goes out on %(when)s.")
        yield text % {"when": spoken(review.goes_out_at, zone)}
