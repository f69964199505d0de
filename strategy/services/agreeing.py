"""A version is agreed, and in force from then on until the next one is. The caller holds the strategy's lock."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Review
from strategy.models import Agreement, Strategy, StrategyState, StrategyVersion
from strategy.services.changing import note, set_strategy


def agree(strategy: Strategy, review: Review, by: User | None) -> None:
    """The version in review is in force, in the place of the one before."""
    version = strategy.version
    if version is None:
        raise StrategyVersion.DoesNotExist
    before, now = _in_force(strategy), timezone.now()
    if before:
        before.ended_at = now
        before.save(update_fields=["ended_at"])
    Agreement.objects.create(
        strategy=strategy, client_id=strategy.client_id, version=version, review=review, before=before, began_at=now
    )
    set_strategy(strategy, state=StrategyState.AGREED, agreed_version=version)
    instead = {"instead_of": before.version_id} if before else {}
    note(strategy, by, "agreed", version.digest, number=version.number, **instead)


def take_back(strategy: Strategy, review: Review, by: User) -> None:
    """Somebody who agreed does so no more: what was in force before is again, and people are asked on.

    Raises ``Conflict`` once somebody has written on since.
    """
    here = _in_force(strategy)
    if strategy.state != StrategyState.AGREED or here is None or here.review_id != review.pk:
        text = _(
            "It is too late to take this back: the strategy was written on since. Ask for changes in its next version."
        )
        raise Conflict("written_on", text)
    here.ended_at, here.taken_back = timezone.now(), True
    here.save(update_fields=["ended_at", "taken_back"])
    before = here.before
    if before:
        before.ended_at = None
        before.save(update_fields=["ended_at"])
    set_strategy(strategy, state=StrategyState.IN_REVIEW, agreed_version_id=before.version_id if before else None)
    note(strategy, by, "agreement_taken_back", review.digest, number=review.version)


def _in_force(strategy: Strategy) -> Agreement | None:
    return strategy.agreements.filter(ended_at=None).select_related("before").first()
