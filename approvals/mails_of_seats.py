"""What people read when a seat changes hands: an approval is taken back, somebody stands in or is replaced, a code is asked."""

from dataclasses import replace
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.sealing import unseal
from approvals import subjects
from approvals.mails import letter_about, staff_button
from approvals.models import Deputy, LinkCode, Seat
from approvals.selectors import waiting_for
from clients.moments import spoken
from clients.selectors import reading_language
from notifications import letters
from notifications.letters import Letter
from notifications.models import Notification


def register() -> None:
    """Say which writer writes which kind of mail."""
    letters.register("taken_back", _taken_back, gettext_lazy("An approval was taken back"), staff=True)
    letters.register("replaced", _replaced, gettext_lazy("Somebody else decides in your place"), duty=False)
    letters.register("deputy", _deputy, gettext_lazy("Somebody stands in"))
    letters.register("deputy_ended", _deputy_ended, gettext_lazy("Nobody stands in any more"), duty=False)
    letters.register("link_code", _link_code, gettext_lazy("Code to decide"), quiet=False, secret=True)


def _taken_back(notification: Notification) -> Letter:
    seat = Seat.objects.select_related("step__review__client", "user").get(pk=notification.context["seat"])
    review, reader = seat.step.review, notification.user
    with translation.override(reading_language(reader, review.client)):
        who = User.objects.get(pk=notification.context["by"]).name
        words = {"who": who, "number": review.version}
        said = [
            _("%(who)s has taken back an approval of version %(number)d.") % words,
            str(subjects.type_of(review).wording.taken_back),
        ]
        quotes = [(who, seat.reason)]
        return letter_about(reader, review, _("Approval taken back"), said, quotes, staff_button(reader, review))


def _replaced(notification: Notification) -> Letter:
    seat = Seat.objects.select_related("step__review__client").get(pk=notification.context["seat"])
    review, reader = seat.step.review, notification.user
    with translation.override(reading_language(reader, review.client)):
        said = _("Somebody else decides in your place here. Nothing waits for you any more.")
        return letter_about(reader, review, _("Nothing to decide any more"), [said])


def _named(notification: Notification) -> Deputy:
    found = Deputy.objects.select_related("client", "principal", "deputy", "named_by", "cancelled_by")
    return found.get(pk=notification.context["deputy"])


def _deputy(notification: Notification) -> Letter | None:
    named, reader = _named(notification), notification.user
    if named.cancelled_at is not None:
        return None
    with translation.override(reading_language(reader, named.client)):
        words = {
            "principal": named.principal.name,
            "deputy": named.deputy.name,
            "client": named.client.name,
            "from": _day(named.from_at, named),
            "until": _day(named.until, named),
        }
        if reader.pk == named.deputy_id:
            said = [
                _("You stand in for %(principal)s at %(client)s, from %(from)s until %(until)s.") % words,
                _("What %(principal)s is asked to decide, you may decide. Both names are kept.") % words,
            ]
            waiting = waiting_for(reader).filter(client=named.client).count()
            if waiting:
                number = ngettext("One decision waits already.", "%(number)d decisions wait already.", waiting)
                said.append(number % {"number": waiting})
        else:
            said = [_("%(deputy)s stands in for you at %(client)s, from %(from)s until %(until)s.") % words]
        return _plain(reader, named, _("Somebody stands in"), said)


def _deputy_ended(notification: Notification) -> Letter:
    named, reader = _named(notification), notification.user
    with translation.override(reading_language(reader, named.client)):
        words = {"principal": named.principal.name, "deputy": named.deputy.name, "client": named.client.name}
        if reader.pk == named.deputy_id:
            said = _("You no longer stand in for %(principal)s at %(client)s. What you decided stands.") % words
        else:
            said = _("%(deputy)s no longer stands in for you at %(client)s. What was decided stands.") % words
        return _plain(reader, named, _("Nobody stands in any more"), [said])


def _day(moment: datetime, named: Deputy) -> str:
    return spoken(moment, named.client.zone)


def _plain(reader: User, named: Deputy, subject: str, paragraphs: list[str]) -> Letter:
    return Letter(
        language=reading_language(reader, named.client),
        subject=f"{subject} · {named.client.name}",
        client_name=named.client.name,
        client_colour=named.client.colour,
        paragraphs=tuple(paragraphs),
    )


def _link_code(notification: Notification) -> Letter | None:
    found = LinkCode.objects.select_related("link__seat__step__review__client")
    row = found.get(pk=notification.context["code"])
    if row.used_at is not None:
        return None
    review, reader = row.link.seat.step.review, notification.user
    with translation.override(reading_language(reader, review.client)):
        said = [
            _("Type this code on the page where you were deciding. It opens nothing else, and is good for 15 minutes."),
            _("If you did not ask for it, do nothing: without the code nobody decides in your name."),
        ]
        code: str = unseal(notification.context["sealed"])["code"]
        return replace(letter_about(reader, review, _("Your code"), said), code=code)
