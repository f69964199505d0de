"""What managers are told where so much of an issue came back that nobody is taken off for it by itself."""

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsletter.models import Doubt, DoubtState
from newsletter.selectors import doubts
from newsletter.speaking import figures_of
from notifications import letters
from notifications.letters import Letter
from notifications.models import Notification


def register() -> None:
    """Say who writes it."""
    letters.register("newsletter_doubt", _doubt, gettext_lazy("Much of a newsletter came back"), staff=True)


def _doubt(notification: Notification) -> Letter | None:
    found: Doubt | None = doubts(notification.user).filter(pk=notification.context["doubt"]).first()
    if found is None or found.state != DoubtState.OPEN:
        return None
    mailing_list = found.issue.mailing_list
    page = reverse("admin:newsletter_mailinglist_change", args=[mailing_list.pk])
    with translation.override(notification.user.language):
        return Letter(
            language=notification.user.language,
            subject=f"{_('Much of a newsletter came back')} · {found.client.name}: {mailing_list.channel.name}",
            client_name=found.client.name,
            client_colour=found.client.colour,
            paragraphs=(
                figures_of(found),
                _(
                    "So many at once may be a fault of the sender’s, or of one large provider: nobody is taken off the list for it. If the list is old, they may be right."
                ),
                _("Look at what the servers wrote, and decide whether these readers get nothing more or stay."),
            ),
            button=(_("Open the list"), settings.BASE_URL.rstrip("/") + page),
        )
