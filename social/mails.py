"""What publishing says by mail: only what somebody must act on."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from clients.moments import spoken
from notifications import letters
from notifications.letters import Letter
from notifications.models import Notification
from social.knowing import what_we_know
from social.models import Post, PostState, Publication, PublicationState


def register() -> None:
    """Say which writer writes which kind of mail. Its time is now: none of this waits for a morning."""
    now: dict[str, bool] = {"duty": True, "quiet": False, "staff": True}
    letters.register("post_late", _post_late, gettext_lazy("Missed its time"), **now)
    letters.register("publication_failed", _publication_failed, gettext_lazy("Not published"), **now)
    letters.register("publication_unknown", _publication_unknown, gettext_lazy("Outcome uncertain"), **now)
    letters.register("publication_held", _publication_held, gettext_lazy("Beyond the month’s ceiling"), **now)


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
