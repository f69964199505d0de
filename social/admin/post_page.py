"""What the page of one post shows, and what can be done there now."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminURLInputWidget

from accounts.models import User
from accounts.staff_admin import RecordForm
from approvals.models import Review, ReviewState
from approvals.selectors import reviews
from clients.models import STAFF_ROLES, Role
from clients.selectors import role_of, within
from social import selectors, services
from social.acts import act_told
from social.admin.after import can
from social.charts import Counted, counted
from social.credits import with_credits
from social.digest import content_of
from social.issues import with_issues
from social.knowing import what_we_know
from social.models import Act, Outcome, Post, PostState, Publication, PublicationState, Reading
from social.money import dollars
from social.previews import previews
from social.serves import serves
from social.services.contents import SEEN, more_was_to_follow
from social.services.forecasts import both, waits_of
from social.services.foreseeing import Wait, foresee
from social.services.posts import WRITABLE
from social.services.repeating import repeats
from social.services.reviewing import ASKABLE, WITHDRAWABLE
from social.services.spending import ALLOWED

RETRYABLE = frozenset({PublicationState.FAILED, PublicationState.LATE})
STOPPABLE = frozenset({PublicationState.SCHEDULED, PublicationState.LATE, PublicationState.FAILED})


def of_mine(user: User, found: QuerySet[Any]) -> QuerySet[Any]:
    """Only what belongs to clients this person is staff for."""
    return found.filter(within(user, "client", STAFF_ROLES))


class ResolveForm(RecordForm):
    """A person has looked: it is live, or it is not."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("What did you find?"),
        choices=[
            ("published", gettext_lazy("It is live")),
            ("not_published", gettext_lazy("It is not live: send it now")),
        ],
        widget=UnfoldAdminRadioSelectWidget(),
    )
    permalink = forms.CharField(
        label=gettext_lazy("Its address, if it is live"),
        required=False,
        max_length=1000,
        widget=UnfoldAdminURLInputWidget(),
    )

    tries = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["tries"] = self.record.tries
        if more_was_to_follow(self.record):
            outcome = self.fields["outcome"]
            assert isinstance(outcome, forms.ChoiceField)  # noqa: S101 - for the types
            outcome.choices = [
                ("published", _("The post in doubt is live: the rest stays unsent")),
                ("not_published", _("The post in doubt is not live: send it and the rest now")),
            ]

    def save(self) -> Publication:
        """The publication, no longer uncertain."""
        typed = self.cleaned_data
        # Where it was sent since, the page says so, and asks anew.
        self.data = {**{name: self.data[name] for name in self.data}, "tries": self.record.tries}
        return services.resolve_publication(
            user=self.user,
            publication=self.record,
            outcome=typed["outcome"],
            permalink=typed["permalink"] if typed["outcome"] == "published" else "",
            tries=typed["tries"],
        )


@dataclass(frozen=True, kw_only=True)
class Way:
    """One publication with what can be done with it."""

    publication: Publication
    can_retry: bool
    can_resolve: bool
    can_cancel: bool
    can_go_beyond: bool
    price: str
    wait: Wait | None
    known: list[str]
    found_later: bool
    can_correct: bool
    can_take_down: bool
    counted: Counted

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What was counted, a row for each time."""
        values = zip(*(column.values for column in self.counted.columns), strict=True)
        return [{"at": reading.at, "values": row} for reading, row in zip(self.counted.readings, values, strict=False)]


def context(user: User, post: Post) -> dict[str, Any]:
    """Everything of the post's page, in a fixed number of queries."""
    found = of_mine(user, selectors.publications(user)).filter(post=post).select_related("version")
    found = selectors.with_after(found, user).prefetch_related(Prefetch("readings", Reading.objects.order_by("pk")))
    content = post.version.content if post.version else content_of(post)
    said = {} if post.version else repeats(content, post=post, at=post.publish_at)
    rows = list(found.order_by("channel__name", "pk"))
    waits = foresee(rows)
    if not post.version:
        said = both(said, waits_of(post.client, content, post.publish_at, post))
    return {
        "post": post,
        "serves": str(serves(user, post, inside=True)),
        "labels": list(post.labels.order_by("name", "pk")),
        "previews": with_issues(previews(post.client_id, content, also=said, of=post), post.version or post),
        "act": act_told(post.version) if post.version else None,
        "target": post.corrects,
        "ways": [_way(user, publication, waits.get(publication.pk)) for publication in rows],
        "versions": list(with_credits(selectors.versions(user, post), user)),
        "reviews": _reviews(user, post),
        "can_edit": post.state in WRITABLE and post.act != Act.TAKE_DOWN,
        "can_submit": post.state in ASKABLE,
        "can_withdraw": _can_withdraw(post),
        "can_cancel": post.state in WRITABLE,
        "late": post.state == PostState.LATE,
    }


def _way(user: User, publication: Publication, wait: Wait | None) -> Way:
    state = PublicationState(publication.state)
    kept = publication.held or (wait is not None and wait.code == "ceiling")
    beyond = kept and state in ALLOWED and role_of(user, publication.client_id) == Role.MANAGER
    return Way(
        publication=publication,
        can_retry=state in RETRYABLE and not publication.taken_down_at and SEEN not in publication.progress,
        can_resolve=state == PublicationState.UNKNOWN,
        can_cancel=state in STOPPABLE,
        can_go_beyond=beyond,
        price=dollars(publication.dollars) if publication.dollars else "",
        wait=wait,
        known=what_we_know(publication),
        found_later=state == PublicationState.PUBLISHED and _was_uncertain(publication),
        counted=counted(list(publication.readings.all())),
        **can(publication),
    )


def _was_uncertain(publication: Publication) -> bool:
    attempts = list(publication.attempts.all())
    return bool(attempts) and attempts[-1].outcome == Outcome.UNKNOWN


def _can_withdraw(post: Post) -> bool:
    reviewed = post.review is not None and post.review.state in {ReviewState.OPEN, ReviewState.APPROVED}
    return reviewed and post.state in WITHDRAWABLE


def _reviews(user: User, post: Post) -> QuerySet[Review]:
    kind = ContentType.objects.get_for_model(Post)
    return reviews(user).filter(subject_type=kind, subject_id=post.pk).order_by("-round")
