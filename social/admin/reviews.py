"""The review page: what would go out, what is new in it, who decided what; and one's own decision."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.views import ChangeList

from accounts.errors import Conflict
from accounts.models import User
from accounts.staff_admin import person
from approvals import kinds, selectors, showing, subjects
from approvals.eyes import barred
from approvals.models import Review, ReviewState, ReviewStep, Seat, StepState, Verdict, Via
from approvals.overtaken import overtaken
from approvals.services import decide, revoke_links
from approvals.step_words import why_not_asked
from clients.admin.scoped import ClientFilter, choice_filter
from clients.marks import state_mark
from social.admin.proofs import proof_answer
from social.admin.seats import SeatPages
from social.admin.talking import IN_THREAD, Talking, Typed, talk_context, typed_in

# What one is told when the words under one's eyes are no longer those under review.
CHANGED = frozenset({"stale_digest", "review_closed"})


class KindFilter(SimpleListFilter):
    """What is reviewed."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:  # noqa: ARG002
        """The kinds that chains are for, each with reviews of its own."""
        return [(kind, name) for kind, name in kinds.choices() if subjects.content_types(kind)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Review]) -> QuerySet[Review]:  # noqa: ARG002
        """Those of the chosen one; a word that is none finds nothing."""
        value = self.value()
        return queryset.filter(subject_type__in=subjects.content_types(value)) if value else queryset


class ReviewList(ChangeList):  # type: ignore[misc]  # unfold ships no types
    """A review in the list leads to its page."""

    def url_for_result(self, result: Review) -> str:
        """The page of this review."""
        return reverse("admin:approvals_review_page", args=[result.pk])


@admin.register(Review)
class ReviewAdmin(Talking, SeatPages):
    """Reviews of the clients one is staff for."""

    list_display = ("title", "of_kind", "of_client", "version", "state_shown", "waits_for", "asked_by", "opened_at")
    list_filter = (ClientFilter, KindFilter, choice_filter("state", ReviewState, gettext_lazy("state")))
    search_fields = ("title", "digest")
    ordering = ("-opened_at", "-id")

    def visible(self, user: User) -> QuerySet[Review]:
        return self.of_mine(user, selectors.reviews(user))

    def may_add(self, user: User) -> bool:  # noqa: ARG002
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """In the list with whose decision is asked now."""
        found = super().get_queryset(request)
        seats = Seat.objects.filter(~Q(barred()), decision=None, ended_at=None).select_related("user").order_by("pk")
        steps = ReviewStep.objects.filter(state=StepState.ACTIVE).prefetch_related(Prefetch("seats", seats))
        match = request.resolver_match
        in_list = match is not None and (match.url_name or "").endswith("_changelist")
        return found.prefetch_related(Prefetch("steps", steps)) if in_list else found

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ReviewList]:  # noqa: ARG002
        return ReviewList

    @admin.display(description=gettext_lazy("kind"))
    def of_kind(self, review: Review) -> str:
        """What is reviewed: a post, a strategy."""
        return str(capfirst(subjects.model_of(review)._meta.verbose_name))  # noqa: SLF001 - Django documents it

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_shown(self, review: Review) -> SafeString:
        """Where it stands."""
        return state_mark(review.state, review.get_state_display())

    @admin.display(description=gettext_lazy("waits for"))
    def waits_for(self, review: Review) -> str:
        """Whose decision is asked now."""
        if review.state != ReviewState.OPEN:
            return ""
        return ", ".join(seat.user.name for step in review.steps.all() for seat in step.seats.all())

    def own_urls(self) -> Iterable[tuple[str, Callable[..., HttpResponseBase], str]]:
        yield "<int:review_id>/", self.page_view, "approvals_review_page"
        yield "<int:review_id>/evidence.pdf", self.pdf_view, "approvals_review_pdf"
        yield "<int:review_id>/evidence.json", self.json_view, "approvals_review_json"
        yield from super().own_urls()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponseBase:
        """A review is begun by submitting something; it has a page and no form."""
        if object_id is None:
            raise Http404
        return redirect("admin:approvals_review_page", self.require(request, object_id).pk)

    def pdf_view(self, request: HttpRequest, review_id: int) -> HttpResponseBase:
        """The proof of it, to be read."""
        return proof_answer(request, self.require(request, review_id), "pdf")

    def json_view(self, request: HttpRequest, review_id: int) -> HttpResponseBase:
        """The proof of it, for programs."""
        return proof_answer(request, self.require(request, review_id), "json")

    # The page

    def page_view(self, request: HttpRequest, review_id: int) -> HttpResponseBase:
        """The review; a POST decides, comments or takes it back."""
        review = self.require(request, review_id)
        typed = typed_in(request)
        if request.method != "POST":
            return self._page(request, review, typed)
        verbs = {
            "approve": self._decide,
            "request_changes": self._decide,
            "comment": self._comment,
            "revoke": self._revoke,
            "withdraw": self._withdraw,
            **dict.fromkeys(IN_THREAD, self._in_thread),
        }
        verb = verbs.get(typed.do)
        if verb is None:
            return self._page(request, review, typed, status=400)
        return verb(request, review, typed)

    def _page(self, request: HttpRequest, review: Review, typed: Typed, status: int = 200) -> HttpResponseBase:
        user = person(request)
        shown = showing.shown(user, review)
        whole = selectors.with_steps(selectors.reviews(user)).get(pk=review.pk)
        seat = selectors.my_seat(user, review)
        context = {
            "review": whole,
            "shown": shown,
            "seat": seat,
            "why_not_asked": "" if seat else why_not_asked(user, whole),
            "links": selectors.living_links(user, review),
            "typed": typed,
            **talk_context(user, whole, shown),
            **self.seat_context(user, review),
            "newer": shown.newer(review),
            "can_withdraw": review.state == ReviewState.OPEN and shown.is_withdrawable(review),
            **shown.context,
        }
        return self.show(request, review, context, template="admin/review.html", status=status)

    def _decide(self, request: HttpRequest, review: Review, typed: Typed) -> HttpResponseBase:
        verdict = Verdict(request.POST["do"])
        digest = request.POST.get("digest", "")
        try:
            decide(
                review=review,
                user=person(request),
                digest=digest,
                verdict=verdict,
                comment=typed.comment,
                via=Via.ADMIN,
            )
        except ValidationError as error:
            typed.comment_errors = error.messages
            return self._page(request, review, typed)
        except Conflict as conflict:
            return self._refused(request, review, typed, conflict)
        approved = verdict == Verdict.APPROVE
        words = _("Approved. Your yes is for exactly these words.") if approved else _("Sent back. Its author is told.")
        messages.success(request, words)
        return redirect("admin:approvals_review_page", review.pk)

    def _refused(self, request: HttpRequest, review: Review, typed: Typed, conflict: Conflict) -> HttpResponseBase:
        """It can't be decided any more: say what happened, keep what was typed, show what stands now."""
        user = person(request)
        review = self.require(request, review.pk)
        if conflict.code != "four_eyes" and selectors.has_said(user, review, typed.do):
            messages.info(request, _("You have decided already. It was counted once."))
            return redirect("admin:approvals_review_page", review.pk)
        newer = showing.shown(user, review).newer(review)
        typed.notice = str(conflict.detail)
        if conflict.code in CHANGED and review.state == ReviewState.SUPERSEDED:
            change = overtaken(review)
            said = _(
                "While you were reading, %(who)s has changed the text. Look at what is new: your yes counts only for "
                "what you see."
            )
            typed.notice = change.said if change.same else said % {"who": change.who}
            if newer is not None and selectors.my_seat(user, newer):
                review = self.require(request, newer.pk)
        return self._page(request, review, typed, status=409)

    def _revoke(self, request: HttpRequest, review: Review, typed: Typed) -> HttpResponseBase:
        number = request.POST.get("seat", "")
        links = selectors.living_links(person(request), review)
        link = links.filter(seat=int(number)).first() if number.isdecimal() and number.isascii() else None
        if link is None:
            typed.notice = _("There is no such link any more.")
            return self._page(request, review, typed, status=409)
        revoke_links(seat=link.seat, user=person(request))
        messages.success(
            request, _("The link opens nothing any more. %(who)s can still sign in.") % {"who": link.seat.user}
        )
        return redirect("admin:approvals_review_page", review.pk)

    def _withdraw(self, request: HttpRequest, review: Review, typed: Typed) -> HttpResponseBase:
        user, kind = person(request), showing.showing_of(review)
        if kind is None or not kind.shown(user, review).is_withdrawable(review):
            messages.warning(request, _("This review is already closed."))
            return redirect("admin:approvals_review_page", review.pk)
        try:
            done = kind.withdraw(user, review)
        except Conflict as conflict:
            typed.notice = str(conflict.detail)
            return self._page(request, self.require(request, review.pk), typed, status=409)
        messages.success(request, done)
        return redirect("admin:approvals_review_page", review.pk)
