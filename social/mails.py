"""What publishing says by mail: only what somebody must act on."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from clients.moments import spoken
from notifications import letters
from notifications.letters import Letter
from notifications.models import Notification
from social import networks
from social.knowing import what_we_know
from social.models import Occurrence, Post, PostState, Publication, PublicationState, Recurrence, Seen


def register() -> None:
    """Say which writer writes which kind of mail. Its time is now: none of this waits for a morning."""
    now: dict[str, bool] = {"duty": True, "quiet": False, "staff": True}
    letters.register("post_late", _post_late, gettext_lazy("Missed its time"), **now)
    letters.register("publication_failed", _publication_failed, gettext_lazy("Not published"), **now)
    letters.register("publication_unknown", _publication_unknown, gettext_lazy("Outcome uncertain"), **now)
    letters.register("publication_lacking", _publication_lacking, gettext_lazy("Out, but not all of it"), **now)
    letters.register("publication_held", _publication_held, gettext_lazy("Beyond the month’s ceiling"), **now)
    letters.register("network_unpaid", _network_unpaid, gettext_lazy("A network has to be paid"), **now)
    letters.register("series_problem", _series_problem, gettext_lazy("A post of a series needs somebody"), **now)
    letters.register("series_ended", _series_ended, gettext_lazy("A series has ended by itself"), **now)
    letters.register("series_skipped", _series_skipped, gettext_lazy("Times of a series have passed"), **now)


def _letter(reader: User, post: Post, subject: str, paragraphs: list[str]) -> Letter:
    page = settings.BASE_URL.rstrip("/") + reverse("admin:social_post_page", args=[post.pk])
    return Letter(
        language=reader.language,
        subject=f"{subject} · {post.client.name}: {post}",
        client_name=post.client.name,
        client_colour=post.client.colour,
        paragraphs=tuple(paragraphs),
        button=(_("Open the post"), page),
    )


def _post_late(notification: Notification) -> Letter | None:
    post = Post.objects.select_related("client").get(pk=notification.context["post"])
    if post.state not in {PostState.LATE, PostState.PARTLY_PUBLISHED, PostState.PUBLISHING}:
        return None
    reader = notification.user
    with translation.override(reader.language):
        when = spoken(datetime.fromisoformat(notification.context["due_at"]), ZoneInfo(reader.timezone))
        if post.state == PostState.PARTLY_PUBLISHED:
            said = [
                _("It was to go out on %(when)s, and only a part of it did.") % {"when": when},
                _("The rest does not go out by itself: open the post, and send it now or leave it."),
            ]
        else:
            said = [
                _("It was to go out on %(when)s and did not.") % {"when": when},
                _("It will not go out by itself: send it now, give it another time, or cancel it."),
            ]
        return _letter(reader, post, _("Missed its time"), said)


def _publication(notification: Notification, state: PublicationState) -> Publication | None:
    found = Publication.objects.select_related("post__client", "channel", "client", "version")
    publication = found.get(pk=notification.context["publication"])
    return publication if publication.state == state else None


def _publication_failed(notification: Notification) -> Letter | None:
    publication = _publication(notification, PublicationState.FAILED)
    if publication is None:
        return None
    with translation.override(notification.user.language):
        said = [
            _("It did not go out on %(channel)s.") % {"channel": publication.channel},
            publication.detail,
            _("Nothing is tried again by itself. Put right what is wrong, then send it again."),
        ]
        return _letter(notification.user, publication.post, _("Not published"), said)


def _publication_unknown(notification: Notification) -> Letter | None:
    publication = _publication(notification, PublicationState.UNKNOWN)
    if publication is None:
        return None
    with translation.override(notification.user.language):
        said = [
            _("We don't know whether it went out on %(channel)s: the network does not tell.")
            % {"channel": publication.channel},
            *what_we_know(publication),
            _("Look there. Then say here whether it is live, or is to be sent. It is never sent again blindly."),
        ]
        return _letter(notification.user, publication.post, _("Outcome uncertain"), said)


def _publication_lacking(notification: Notification) -> Letter | None:
    publication = _publication(notification, PublicationState.PUBLISHED)
    if publication is None or publication.taken_down_at:
        return None
    watch = getattr(publication, "watch", None)  # an answer has none
    why = watch.detail if watch and watch.seen == Seen.LACKING else publication.detail
    if not why:
        return None  # they do by now
    with translation.override(notification.user.language):
        said = [
            _("It is out on %(channel)s, but its readers don’t get all of it.") % {"channel": publication.channel},
            why,
            _("Look there. If it stays so, correct it, or take it down and send it once more."),
        ]
        return _letter(notification.user, publication.post, _("Out, but not all of it"), said)


def _publication_held(notification: Notification) -> Letter | None:
    publication = _publication(notification, PublicationState.SCHEDULED)
    if publication is None or not publication.held:
        return None
    with translation.override(notification.user.language):
        said = [
            _("It does not go out on %(channel)s yet.") % {"channel": publication.channel},
            publication.detail,
            _("Let this one go beyond the ceiling, or raise the ceiling. Until then nothing goes out by itself."),
        ]
        return _letter(notification.user, publication.post, _("Beyond the month’s ceiling"), said)


def _network_unpaid(notification: Notification) -> Letter | None:
    publication = _publication(notification, PublicationState.SCHEDULED)
    if publication is None:
        return None
    with translation.override(notification.user.language):
        words = {"network": networks.get(publication.network).name}
        said = [
            _("It does not go out on %(channel)s yet.") % {"channel": publication.channel},
            publication.detail,
            _(
                "Tell who runs Filo. What is due on %(network)s waits until it has missed its time, and goes out by itself as "
                "soon as that is done."
            )
            % words,
        ]
        return _letter(notification.user, publication.post, _("%(network)s has to be paid") % words, said)


def _series_problem(notification: Notification) -> Letter | None:
    found = Occurrence.objects.select_related("post__client")
    occurrence = found.get(pk=notification.context["occurrence"])
    if occurrence.post.state != PostState.DRAFT:
        return None  # somebody has seen to it
    reader = notification.user
    with translation.override(reader.language):
        said = [
            _("It was made for a series, for %(when)s, and could not be submitted for approval.")
            % {"when": spoken(occurrence.at, ZoneInfo(reader.timezone))},
            occurrence.problem,
            _("It is a draft. Put right what is wrong and submit it, or cancel it: it does not go out by itself."),
        ]
        return _letter(reader, occurrence.post, _("A post of a series needs you"), said)


def _series(notification: Notification) -> Recurrence:
    return Recurrence.objects.select_related("pattern", "client").get(pk=notification.context["recurrence"])


def _series_letter(reader: User, series: Recurrence, subject: str, paragraphs: list[str]) -> Letter:
    page = settings.BASE_URL.rstrip("/") + reverse("admin:social_recurrence_change", args=[series.pk])
    return Letter(
        language=reader.language,
        subject=f"{subject} · {series.client.name}: {series}",
        client_name=series.client.name,
        client_colour=series.client.colour,
        paragraphs=tuple(paragraphs),
        button=(_("Open the series"), page),
    )


def _series_ended(notification: Notification) -> Letter | None:
    series = _series(notification)
    with translation.override(notification.user.language):
        said = [
            _("Why: %(why)s.") % {"why": series.get_why_ended_display()},
            _("No more posts of it are made. Those that are made stay as they are."),
        ]
        return _series_letter(notification.user, series, _("A series has ended"), said)


def _series_skipped(notification: Notification) -> Letter | None:
    series, reader, context = _series(notification), notification.user, notification.context
    with translation.override(reader.language):
        when = spoken(datetime.fromisoformat(context["last"]), ZoneInfo(reader.timezone))
        text = ngettext(
            "One time of it passed before its post was made: %(when)s.",
            "%(many)d times of it passed before their posts were made, the last one: %(when)s.",
            context["many"],
        )
        said = [
            text % {"many": context["many"], "when": when},
            _("They are left out: nothing goes out late by itself. The series goes on with its next time."),
        ]
        return _series_letter(reader, series, _("Times of a series have passed"), said)
