"""The staff's menu: everything one works with, in the order of a day."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User


def menu(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of the menu for whoever asks."""
    work = [
        _item(_("Today"), "today", reverse("admin:index")),
        _item(_("Calendar"), "calendar_month", reverse("admin:social_calendars")),
        _item(_("Posts"), "article", reverse("admin:social_post_changelist")),
        _item(_("New post"), "edit_square", reverse("admin:social_post_add")),
        _item(_("Silences ahead"), "volume_off", reverse("admin:social_silence_changelist")),
        _item(_("Series"), "event_repeat", reverse("admin:social_recurrence_changelist")),
        _item(_("Reviews"), "rule", reverse("admin:approvals_review_changelist")),
        _item(_("Waiting"), "hourglass_top", reverse("admin:approvals_seat_changelist")),
        _item(_("Pictures"), "photo_library", reverse("admin:social_media_changelist")),
    ]
    house = [
        _item(_("Clients"), "storefront", reverse("admin:clients_client_changelist")),
        _item(_("Roles"), "badge", reverse("admin:clients_membership_changelist")),
        _item(_("Deputies"), "sync_alt", reverse("admin:approvals_deputy_changelist")),
        _item(_("Channels"), "podcasts", reverse("admin:social_channel_changelist")),
        _item(_("Newsletters"), "mail", reverse("admin:newsletter_mailinglist_changelist")),
        _item(_("Strategies"), "explore", reverse("admin:strategy_strategy_changelist")),
        _item(_("Pillars"), "account_balance", reverse("admin:strategy_pillar_changelist")),
        _item(_("Strategy templates"), "library_books", reverse("admin:strategy_template_changelist")),
        _item(_("Labels"), "label", reverse("admin:social_label_changelist")),
        _item(_("Approval chains"), "account_tree", reverse("admin:approvals_chain_changelist")),
        _item(_("What happened"), "history_edu", reverse("admin:audit_event_changelist")),
    ]
    groups: list[dict[str, Any]] = [
        {"title": "", "items": work},
        {"title": _("Clients"), "separator": True, "items": house},
    ]
    if isinstance(request.user, User) and request.user.is_agency_admin:
        agency = [
            _item(_("People"), "group", reverse("admin:accounts_user_changelist")),
            _item(_("Apps at networks"), "key", reverse("admin:social_networkapp_changelist")),
            _item(_("Outbox"), "outgoing_mail", reverse("admin:notifications_notification_changelist")),
        ]
        groups.append({"title": _("Agency"), "separator": True, "items": agency})
    _mark_where_one_is(groups, request)
    return groups


def _mark_where_one_is(groups: list[dict[str, Any]], request: HttpRequest) -> None:
    """One entry at most: that of the page, or of the pages around it; what a month costs is looked up from the calendar."""
    items = [item for group in groups for item in group["items"]]
    path = request.path
    if request.resolver_match and request.resolver_match.url_name == "social_spending":
        path = reverse("admin:social_calendars")
    index = reverse("admin:index")
    around = [
        item["link"] for item in items if path.startswith(item["link"]) and (item["link"] != index or path == index)
    ]
    here = max(around, key=len, default="")
    for item in items:
        item["active"] = item["link"] == here


def _item(title: str, icon: str, link: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": link}


def account(request: HttpRequest) -> list[dict[str, Any]]:
    """What concerns oneself."""
    return [
        {"title": _("Myself"), "link": reverse("admin:accounts_user_settings")}
        if isinstance(request.user, User)
        else {"title": _("Sign in"), "link": reverse("account_login")},
        {"title": _("API tokens"), "link": reverse("admin:accounts_apitoken_changelist")},
        {"title": _("Change password"), "link": reverse("account_change_password")},
    ]


def style(request: HttpRequest) -> str:  # noqa: ARG001 - unfold's signature
    """Our own style sheet, beside unfold's."""
    return static("filo/admin.css")


def files(request: HttpRequest) -> str:  # noqa: ARG001 - unfold's signature
    """What keeps unfold's hands off our inputs for files."""
    return static("filo/files.js")


def icon(request: HttpRequest) -> str:  # noqa: ARG001 - unfold's signature
    """The thread, beside the name and in the browser's tab."""
    return static("filo/icon.svg")
