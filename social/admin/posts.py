"""Posts: the list, the way to their composer and page, and what is done with them there."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST
from unfold.views import ChangeList

from accounts.models import User
from accounts.staff_admin import Question, person, say
from approvals.models import ReviewStep, Seat, StepState
from clients.admin.scoped import ClientFilter, ClientFirstAdmin, choice_filter, ids
from clients.marks import state_mark
from clients.models import STAFF_ROLES
from clients.moments import spoken
from social import selectors, services
from social.admin import composer, months, post_page
from social.admin.after import AfterPages
from social.admin.filters import ChannelFilter, LabelFilter, ObjectiveFilter, OccasionFilter, PillarFilter, TimeFilter
from social.admin.thumbnails import thumbnail
from social.comparing import choosing
from social.credits import with_credits
from social.knowing import what_we_know
from social.models import Post, PostState, Publication
from social.outdated import warned
from social.services.serving import NAMES


class PostList(ChangeList):  # type: ignore[misc]  # unfold ships no types
    """A post in the list leads to its page."""

    def url_for_result(self, result: Post) -> str:
        """The page of this post."""
        return reverse("admin:social_post_page", args=[result.pk])


@admin.register(Post)
class PostAdmin(AfterPages, ClientFirstAdmin):
    """Posts of the clients one is staff for."""

    list_display = ("picture", "words", "of_client", "on_channels", "goes_out", "state_shown", "waits_for")
    list_display_links = ("picture", "words")
    list_filter = (
        ClientFilter,
        choice_filter("state", PostState, gettext_lazy("state")),
        ChannelFilter,
        PillarFilter,
        ObjectiveFilter,
        OccasionFilter,
        LabelFilter,
        TimeFilter,
    )
    search_fields = ("title", "text", "parts", "comment", "variants__text", "variants__parts", "variants__comment")
    ordering = ("-updated_at", "-id")
    writing_roles = STAFF_ROLES

    def visible(self, user: User) -> QuerySet[Post]:
        return self.of_mine(user, selectors.posts(user))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """In the list with all that a row shows, in a fixed number of queries."""
        found = super().get_queryset(request)
        match = request.resolver_match
        if match is None or not (match.url_name or "").endswith("_changelist"):
            return found
        seats = Seat.objects.filter(decision=None).select_related("user").order_by("pk")
        steps = ReviewStep.objects.filter(state=StepState.ACTIVE).prefetch_related(Prefetch("seats", seats))
        shown = selectors.with_labels(selectors.with_content(found), person(request)).select_related(*NAMES)
        return shown.prefetch_related(Prefetch("review__steps", steps))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[PostList]:  # noqa: ARG002
        return PostList

    @admin.display(description=gettext_lazy("picture"))
    def picture(self, post: Post) -> SafeString | str:
        """Its first picture, small."""
        rows = post.media_rows.all()
        if not rows:
            return "—"
        item = rows[0].media
        return thumbnail(item, item.alt_text)

    @admin.display(description=gettext_lazy("post"), ordering="title")
    def words(self, post: Post) -> SafeString:
        """Its title or first words, and below them what it serves, and its labels."""
        sorting = [row.name for row in (post.pillar, post.objective, post.occasion) if row]
        sorting += [label.name for label in post.labels.all()]
        below = format_html('<br><span class="filo-soft">{}</span>', " · ".join(sorting)) if sorting else ""
        return format_html("{}{}", str(post), below)

    @admin.display(description=gettext_lazy("channels"))
    def on_channels(self, post: Post) -> str:
        """Where it goes."""
        return ", ".join(variant.channel.name for variant in post.variants.all())

    @admin.display(description=gettext_lazy("goes out"), ordering="publish_at")
    def goes_out(self, post: Post) -> str:
        """When, on the client's clock."""
        return spoken(post.publish_at, post.client.zone) if post.publish_at else "—"

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_shown(self, post: Post) -> SafeString:
        """Where it stands."""
        return state_mark(post.state, post.get_state_display())

    @admin.display(description=gettext_lazy("waits for"))
    def waits_for(self, post: Post) -> str:
        """Whose decision is asked now."""
        if post.review is None or post.state not in {PostState.IN_REVIEW, PostState.LATE}:
            return ""
        return ", ".join(seat.user.name for step in post.review.steps.all() for seat in step.seats.all())

    # Writing

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponseBase:
        """The composer; for a new post after the choice of its client."""
        if object_id is not None:
            post = self.require(request, object_id)
            return composer.Composer(self, request, post.client, post).answer()
        chosen, client = self.chosen(request)
        if client is None:
            return self.show_choice(request) if not chosen else redirect(self.address("add"))
        return composer.Composer(self, request, client, None).answer()

    def own_urls(self) -> Iterable[tuple[str, Callable[..., HttpResponseBase], str]]:
        yield "<int:post_id>/", self.page_view, "social_post_page"
        yield (
            "preview/<int:client_id>/",
            xframe_options_sameorigin(require_POST(self.preview_view)),
            "social_post_preview",
        )
        yield "<int:post_id>/differences/", self.differences_view, "social_post_differences"
        yield "<int:post_id>/submit/", require_POST(self.submit_view), "social_post_submit"
        yield "<int:post_id>/withdraw/", require_POST(self.withdraw_view), "social_post_withdraw"
        yield "<int:post_id>/duplicate/", require_POST(self.duplicate_view), "social_post_duplicate"
        yield "<int:post_id>/cancel/", self.cancel_view, "social_post_cancel"
        yield "publication/<int:publication_id>/retry/", require_POST(self.retry_view), "social_publication_retry"
        yield "publication/<int:publication_id>/resolve/", self.resolve_view, "social_publication_resolve"
        yield "publication/<int:publication_id>/cancel/", self.stop_view, "social_publication_cancel"
        yield "publication/<int:publication_id>/beyond/", require_POST(self.beyond_view), "social_publication_beyond"
        yield "calendar/", self.calendars_view, "social_calendars"
        yield "calendar/<int:client_id>/", self.calendar_view, "social_calendar"
        yield "spending/<int:client_id>/", self.spending_view, "social_spending"
        yield from self.after_urls()

    def preview_view(self, request: HttpRequest, client_id: int) -> HttpResponseBase:
        """What is being typed, as its readers would get it. Writes nothing."""
        client = composer.writable_clients(person(request)).filter(pk=client_id).first()
        if client is None:
            raise Http404
        number = ids([request.GET.get("post", "")])
        post = self.get_queryset(request).filter(pk__in=number, client=client).first() if number else None
        writing, issue = composer.Composer(self, request, client, post), ids([request.GET.get("issue", "")])
        return writing.issue_alone(issue[0]) if issue else writing.previews_alone()

    # The page of one post

    def page_address(self, post: Post) -> str:
        """Where the post's page is."""
        return reverse("admin:social_post_page", args=[post.pk])

    def page_view(self, request: HttpRequest, post_id: int) -> HttpResponseBase:
        """Where the post stands, its versions, its publications and what can be done now."""
        post = self.require(request, post_id)
        return self.show(request, post, post_page.context(person(request), post), template="admin/post.html")

    def differences_view(self, request: HttpRequest, post_id: int) -> HttpResponseBase:
        """Two of its versions beside each other."""
        post = self.require(request, post_id)
        found = list(with_credits(selectors.versions(person(request), post), person(request)))
        chosen = choosing(found, request.GET.get("from", ""), request.GET.get("to", ""))
        return self.show(request, post, {"post": post, "choosing": chosen}, template="admin/differences.html")

    def submit_view(self, request: HttpRequest, post_id: int) -> HttpResponseBase:
        """Ask for approval of the post as it is saved."""
        post = self.require(request, post_id)
        if post.state == PostState.IN_REVIEW:
            messages.info(request, _("It has been submitted already. It was asked once."))
        else:
            words = _("Submitted. Whoever has to approve it is told.")
            if say(request, lambda: services.submit_post(user=person(request), post=post), words):
                for warning in warned(post):
                    messages.warning(request, warning)
        return redirect(self.page_address(post))

    def withdraw_view(self, request: HttpRequest, post_id: int) -> HttpResponseBase:
        """Take the question, or the approval, back."""
        post = self.require(request, post_id)
        words = _("Taken back. The post is a draft again, and whoever was asked is told.")
        say(request, lambda: services.withdraw_post(user=person(request), post=post), words)
        return redirect(self.page_address(post))

    def duplicate_view(self, request: HttpRequest, post_id: int) -> HttpResponseBase:
        """A new draft with the same words."""
        post = self.require(request, post_id)
        made: list[Post] = []
        words = _("This is the copy: a draft, without a time.")
        if say(request, lambda: made.append(services.duplicate_post(user=person(request), post=post)), words):
            return redirect(self.address("change", made[0].pk))
        return redirect(self.page_address(post))

    def cancel_view(self, request: HttpRequest, post_id: int) -> HttpResponseBase:
        """Give the post up, after asking once more."""
        post = self.require(request, post_id)
        words = {"post": post, "client": post.client}
        question = Question(
            sentences=[
                _("“%(post)s” for %(client)s does not go out, on any channel.") % words,
                _("Its text stays here and can be duplicated. It can't be undone."),
            ],
            button=_("Cancel this post"),
            back=self.page_address(post),
            act=lambda: services.cancel_post(user=person(request), post=post),
            done=_("“%(post)s” is cancelled.") % words,
        )
        return self.ask(request, post, question)

    def _publication(self, request: HttpRequest, publication_id: int) -> Publication:
        found = post_page.of_mine(person(request), selectors.publications(person(request)))
        publication: Publication | None = found.filter(pk=publication_id).first()
        if publication is None:
            raise Http404
        return publication

    def retry_view(self, request: HttpRequest, publication_id: int) -> HttpResponseBase:
        """Send what failed or missed its time, now."""
        publication = self._publication(request, publication_id)
        words = _("It is being sent on %(channel)s now.") % {"channel": publication.channel.name}
        say(request, lambda: services.retry_publication(user=person(request), publication=publication), words)
        return redirect(self.page_address(publication.post))

    def resolve_view(self, request: HttpRequest, publication_id: int) -> HttpResponseBase:
        """Say whether an uncertain one is live."""
        publication = self._publication(request, publication_id)
        typed = {"data": request.POST} if request.method == "POST" else {}
        form = post_page.ResolveForm(user=person(request), record=publication, **typed)
        context = {
            "sentences": [
                _("We don't know whether it went out on %(channel)s.") % {"channel": publication.channel.name},
                *what_we_know(publication),
                _("Look there first. If it is to be sent, it is sent at once."),
            ],
            "button": _("That is how it is"),
            "back": self.page_address(publication.post),
        }
        return self.ask_in_words(request, publication.post, form, context, _("Noted."))

    def stop_view(self, request: HttpRequest, publication_id: int) -> HttpResponseBase:
        """Give one channel's publication up, after asking once more."""
        publication = self._publication(request, publication_id)
        words = {"post": publication.post, "channel": publication.channel}
        question = Question(
            sentences=[_("“%(post)s” does not go out on %(channel)s. It can't be undone.") % words],
            button=_("Cancel this publication"),
            back=self.page_address(publication.post),
            act=lambda: services.cancel_publication(user=person(request), publication=publication),
            done=_("It does not go out on %(channel)s.") % words,
        )
        return self.ask(request, publication.post, question)

    def beyond_view(self, request: HttpRequest, publication_id: int) -> HttpResponseBase:
        """Let one go beyond the month's ceiling."""
        publication = self._publication(request, publication_id)
        words = _("It may go beyond the ceiling on %(channel)s, this once.") % {"channel": publication.channel.name}
        say(request, lambda: services.go_beyond(user=person(request), publication=publication), words)
        return redirect(self.page_address(publication.post))

    # A client's month

    def calendars_view(self, request: HttpRequest) -> HttpResponseBase:
        """Whose month?"""
        return months.choose(self, request)

    def calendar_view(self, request: HttpRequest, client_id: int) -> HttpResponseBase:
        """What goes out when."""
        return months.calendar_page(self, request, client_id)

    def spending_view(self, request: HttpRequest, client_id: int) -> HttpResponseBase:
        """What it costs."""
        return months.spending_page(self, request, client_id)
