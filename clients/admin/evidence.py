"""The evidence, to be read. It is written by services and never changed."""

import json
from typing import Any

from babel.dates import format_datetime
from django.contrib import admin
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.staff_admin import StaffAdmin
from audit.models import Event
from clients.admin.scoped import ClientFilter
from clients.moments import locale
from clients.selectors import events


@admin.register(Event)
class EventAdmin(StaffAdmin):
    """Who did what to what, when, of which words: of the clients one is staff for."""

    list_display = ("moment", "actor", "verb", "subject", "short_digest", "details")
    list_display_links = None
    list_filter = (ClientFilter,)
    search_fields = ("verb", "digest")
    search_help_text = gettext_lazy("What was done, such as review.approved, or a digest.")
    ordering = ("-id",)
    show_full_result_count = False  # it grows for ever, and is counted once a page already

    def visible(self, user: User) -> QuerySet[Event]:
        return events(user)

    @admin.display(description=gettext_lazy("at"), ordering="id")
    def moment(self, event: Event) -> SafeString:
        """When, on the reader's clock, to the second."""
        local = timezone.localtime(event.at)
        return format_html(
            '<span class="filo-nowrap">{}</span>', format_datetime(local, "d MMM y, HH:mm:ss", locale=locale())
        )

    @admin.display(description=gettext_lazy("of what"))
    def subject(self, event: Event) -> str:
        """Its kind and number."""
        return f"{event.subject_type} {event.subject_id}"

    @admin.display(description=gettext_lazy("digest"))
    def short_digest(self, event: Event) -> SafeString | str:
        """Its first figures; the whole of it on hovering and for copying."""
        if not event.digest:
            return ""
        return format_html('<code title="{}">{}…</code>', event.digest, event.digest[:12])

    @admin.display(description=gettext_lazy("details"))
    def details(self, event: Event) -> SafeString | str:
        """What else was written down."""
        return _compact(event.data)


def _compact(data: dict[str, Any]) -> SafeString | str:
    return format_html("<code>{}</code>", json.dumps(data, ensure_ascii=False)[:300]) if data else ""
