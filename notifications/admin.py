"""The outbox, to be read by agency admins: what was to be told to whom, and whether it went."""

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from accounts.models import User
from accounts.staff_admin import StaffAdmin
from notifications import letters
from notifications.models import Notification


@admin.register(Notification)
class NotificationAdmin(StaffAdmin):
    """Mails that went out, wait, or could not be delivered; of an error its class alone."""

    list_display = ("created_at", "user", "kind_shown", "state", "tries", "sent_at", "subject", "error")
    list_display_links = None
    list_select_related = ("user",)
    search_fields = ("user__email", "kind", "error")
    ordering = ("-id",)
    show_full_result_count = False  # it grows for ever, and is counted once a page already

    def visible(self, user: User) -> QuerySet[Notification]:
        return Notification.objects.all() if user.is_agency_admin else Notification.objects.none()

    @admin.display(description=gettext_lazy("kind"), ordering="kind")
    def kind_shown(self, notification: Notification) -> StrOrPromise:
        """What it is about."""
        return letters.name_of(notification.kind)

    def may_enter(self, user: User) -> bool:
        return user.is_agency_admin
