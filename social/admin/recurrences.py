"""Series in the staff's admin: the list, the page of one, a new one of a post, its end."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.errors import Conflict
from accounts.models import User
from accounts.once import once
from accounts.staff_admin import person, take_errors
from clients.admin.scoped import ClientFilter, ClientScopedAdmin
from clients.marks import band_of, state_mark
from clients.models import STAFF_ROLES
from clients.moments import spoken
from social import selectors
from social.admin.recurring import SHOWN, EndForm, SeriesForm, proposed_form
from social.models import Occurrence, Post, PostState, Recurrence
from social.recurrence import coming, rule_of
from social.recurrence_words import in_words

MADE = 50  # posts that the page shows, the latest


@admin.register(Recurrence)
class RecurrenceAdmin(ClientScopedAdmin):
    """The series of the clients one is staff for."""

    list_display = ("post", "of_client", "said", "comes_next", "stands")
    list_filter = (ClientFilter,)
    ordering = ("ended_at", "next_at", "id")
    writing_roles = STAFF_ROLES

    def visible(self, user: User) -> QuerySet[Recurrence]:
        return selectors.recurrences(user)

    def may_add(self, user: User) -> bool:  # noqa: ARG002 - a series begins on the page of its post
        return False

    @admin.display(description=gettext_lazy("post"))
    def post(self, record: Recurrence) -> str:
        """What comes again."""
        return str(record.pattern)

    @admin.display(description=gettext_lazy("series"))
    def said(self, record: Recurrence) -> str:
        """How often, and until when."""
        return in_words(rule_of(record), record.first)

    when_empty = gettext_lazy("No post comes again by itself yet. Open a post, then choose “Repeat it”.")

    @admin.display(description=gettext_lazy("next"), ordering="next_at", empty_value="—")
    def comes_next(self, record: Recurrence) -> str | None:
        """The next time of which no post is made yet."""
        return spoken(record.next_at, record.client.zone) if record.next_at else None

    @admin.display(description=gettext_lazy("state"))
    def stands(self, record: Recurrence) -> SafeString:
        """Whether it goes on; if not, why."""
        if record.ended_at is None:
            return state_mark("scheduled", _("Goes on"))
        return format_html("{}", state_mark("cancelled", record.get_why_ended_display()))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponseBase:
        """The page of one series: nothing of it changes but its end."""
        if object_id is None or request.method != "GET":
            raise Http404
        record: Recurrence = self.require(request, object_id)
        rows = Occurrence.objects.filter(recurrence=record).select_related("post").order_by("-at")
        zone = record.client.zone
        context = {
            "said": self.said(record),
            "next_times": [spoken(at, zone) for at in coming(record)[:SHOWN]],
            "rows": [(spoken(row.at, zone), row) for row in rows[:MADE]],
            "stands": self.stands(record),
            "may_end": record.ended_at is None and self.may_change(person(request), record),
        }
        return self.show(request, record, context, template="admin/recurrence.html")

    def own_urls(self) -> Iterable[tuple[str, Any, str]]:
        yield "of/<int:post_id>/", self.new_view, "social_recurrence_new"
        yield "of/<int:post_id>/times/", require_POST(self.times_view), "social_recurrence_times"
        yield "<int:recurrence_id>/end/", self.end_view, "social_recurrence_end"

    def _pattern(self, request: HttpRequest, post_id: int) -> Post:
        post = selectors.planned_posts(person(request)).filter(pk=post_id).first()
        if post is None:
            raise Http404
        return post

    def new_view(self, request: HttpRequest, post_id: int) -> HttpResponseBase:
        """A new series of this post; its next times are shown before it is saved."""
        post = self._pattern(request, post_id)
        if post.state == PostState.CANCELLED:
            messages.warning(request, _("This post is cancelled. Duplicate it to use its text again."))
            return redirect(reverse("admin:social_post_page", args=[post.pk]))
        if request.method != "POST":
            return self._show_form(request, post, proposed_form(person(request), post), new=True)
        form = SeriesForm(user=person(request), record=post, data=request.POST)
        if form.is_valid() and request.POST.get("do") == "save":
            try:
                token = form.cleaned_data["token"]
                number, _first = once(request, f"series:{token}", lambda: form.save().pk)
            except Conflict as conflict:
                take_errors(form, conflict)
            else:
                messages.success(request, _("Saved. Its posts are made ahead of time, and each is approved by itself."))
                return redirect(self.address("change", number))
        return self._show_form(request, post, form)

    def _show_form(self, request: HttpRequest, post: Post, form: SeriesForm, *, new: bool = False) -> HttpResponseBase:
        form.errors  # noqa: B018 - reads what is typed
        # What is proposed may not be possible, such as a text that a network does not take so often: that is said at once.
        context = {
            "form": form,
            **form.meaning(),
            "new": new,
            "post": post,
            "band": band_of(post.client),
            "title": _("Repeat “%(post)s”") % {"post": post},
            "times_url": reverse("admin:social_recurrence_times", args=[post.pk]),
        }
        return self.show(request, None, context, template="admin/new_series.html")

    def times_view(self, request: HttpRequest, post_id: int) -> HttpResponseBase:
        """The times of what is being typed, without the page around them. Writes nothing."""
        form = SeriesForm(user=person(request), record=self._pattern(request, post_id), data=request.POST)
        form.errors  # noqa: B018 - reads what is typed
        return TemplateResponse(request, "admin/series_times.html", form.meaning())

    def end_view(self, request: HttpRequest, recurrence_id: int) -> HttpResponseBase:
        """No more posts of it, after asking once more."""
        record: Recurrence = self.require(request, recurrence_id)
        if record.ended_at is not None:
            messages.info(request, _("This series has ended already."))
            return redirect(self.address("change", record.pk))
        typed = {"data": request.POST} if request.method == "POST" else {}
        form = EndForm(user=person(request), record=record, **typed)
        context = {
            "sentences": [_("No more posts of “%(post)s” are made. Those that are made stay.") % {"post": record}],
            "button": _("End this series"),
            "back": self.address("change", record.pk),
            "dangerous": True,
        }
        return self.ask_in_words(request, record, form, context, _("The series has ended."))
