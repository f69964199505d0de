"""A strategy on the page of its review: what would be agreed, what is new in it, and what that means for the steps."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from approvals import showing
from approvals.models import Review, StepState
from approvals.showing import Shown
from strategy.changes import in_words
from strategy.kind import STRATEGY
from strategy.models import Strategy, StrategyVersion
from strategy.readable import document_of
from strategy.rewritten import rewritten
from strategy.selectors import staff_strategies
from strategy.services import withdraw_strategy
from strategy.services.exhibiting import version_under


class StrategyShowing:
    """Reviews of strategies."""

    def shown(self, user: User, review: Review) -> Shown:
        """The version to the letter, and against which it stands."""
        version = version_under(review)
        strategy = staff_strategies(user).filter(pk=review.subject_id).first()
        against, seen = version.against, _asked_before(review, version)
        skipped = review.steps.filter(state=StepState.SKIPPED).order_by("position")
        return Shown(
            head="admin/review_strategy_head.html",
            body="admin/review_strategy.html",
            context={
                "strategy": strategy,
                "version": version,
                "document": document_of(version.client_id, version.content, below=3),
                "changes": rewritten(against.content, version.content) if against else [],
                "seen": seen.number if seen else None,
                "since_seen": rewritten(seen.content, version.content) if seen else [],
                "kinds": in_words(version.changed),
                "skipped": [f"“{name}”" for name in skipped.values_list("name", flat=True)],
            },
            stands=strategy.review if strategy else None,
            compare=reverse("admin:strategy_strategy_differences", args=[strategy.pk]) if strategy else "",
        )

    def withdraw(self, user: User, review: Review) -> str:
        """It is a draft again; what was agreed stays in force."""
        withdraw_strategy(user=user, strategy=Strategy.objects.get(pk=review.subject_id))
        return _("Taken back. The strategy is a draft again, and whoever was asked is told.")

    def taking_back(self) -> str:
        """It is not agreed any more."""
        return _("What was in force before is in force again until you have approved.")


def _asked_before(review: Review, version: StrategyVersion) -> StrategyVersion | None:
    """The version of the review before this one, where that is another than what is in force."""
    same = Review.objects.filter(subject_type=review.subject_type_id, subject_id=review.subject_id)
    before = same.filter(round__lt=review.round).order_by("-round").first()
    known = {version.number, version.against.number if version.against else None}
    if before is None or before.version in known:
        return None
    return StrategyVersion.objects.filter(strategy=version.strategy_id, number=before.version).first()


showing.register(STRATEGY, StrategyShowing())
