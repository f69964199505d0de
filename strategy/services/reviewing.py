"""A strategy is put before people: its version is fixed, a review of that version begins; and it is taken back."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import ReviewState
from approvals.services import chain_for, start, withdraw
from strategy.changes import changed_since
from strategy.content import Content, content_from, digest_of, material_of
from strategy.kind import STRATEGY
from strategy.models import Strategy, StrategyState, StrategyVersion
from strategy.models.versions import NOTE_LENGTH
from strategy.services.changing import lock_for_staff, note, set_strategy
from strategy.services.checks import require_ready
from strategy.services.subject import StrategySubject
from strategy.text import clean_line


@transaction.atomic
def submit_strategy(*, user: User, strategy: Strategy, remark: str = "", edition: int | None = None) -> Strategy:
    """Fix all that it says as a version and start its review; the client's people know of it from now on.

    ``remark`` is for whoever is asked: what is new, and why. What is in force stays so until this version is agreed. Raises
    ``ValidationError`` with all that keeps it from being agreed, each at its field, and for a chain that nobody could pass;
    ``Conflict`` where there is nothing to ask.
    """
    strategy = lock_for_staff(user, strategy.pk, edition)
    if strategy.state != StrategyState.DRAFT:
        raise Conflict("not_a_draft", _("This strategy is no draft: people are asked about it, or have agreed to it."))
    material = material_of(strategy)
    require_ready(strategy, material)
    content = content_from(strategy, material)
    digest = digest_of(content)
    if strategy.agreed_version and strategy.agreed_version.digest == digest:
        raise Conflict("already_agreed", _("This is word by word what was agreed already: there is nothing to ask."))
    chain = chain_for(client=strategy.client, subject=STRATEGY, chosen=strategy.chain)
    strategy.version = _version(strategy, content, digest, clean_line(remark, "note", NOTE_LENGTH))
    review = start(subject=StrategySubject(strategy), subject_type=Strategy, chain=chain, asked_by=user)
    fields: dict[str, Any] = {"version": strategy.version, "review": review, "state": StrategyState.IN_REVIEW}
    set_strategy(strategy, **fields, shared_at=strategy.shared_at or timezone.now())
    return strategy


@transaction.atomic
def withdraw_strategy(*, user: User, strategy: Strategy) -> Strategy:
    """Take the question back: it is a draft again. What was agreed stays in force; that is for whoever agreed to take back."""
    strategy = lock_for_staff(user, strategy.pk)
    review = strategy.review
    if strategy.state != StrategyState.IN_REVIEW or review is None or review.state != ReviewState.OPEN:
        raise Conflict("nothing_to_withdraw", _("There is nothing to take back: nobody is asked about it."))
    withdraw(review=review, user=user)
    set_strategy(strategy, state=StrategyState.DRAFT)
    return strategy


def _version(strategy: Strategy, content: Content, digest: str, remark: str) -> StrategyVersion:
    """The last version where it says just this, else the next."""
    last = strategy.versions.select_related("author").order_by("number").last()
    agreed = strategy.agreed_version
    same = last and (last.digest, last.author_id, last.against_id) == (
        digest,
        strategy.written_by_id,
        strategy.agreed_version_id,
    )
    if last and same and last.note == (remark or last.note):
        return last
    version = StrategyVersion.objects.create(
        strategy=strategy,
        client_id=strategy.client_id,
        number=last.number + 1 if last else 1,
        author_id=strategy.written_by_id,
        digest=digest,
        content=content,
        note=remark,
        changed=sorted(changed_since(agreed.content if agreed else None, content)),
        against=agreed,
    )
    note(strategy, version.author, "version", digest, number=version.number, changed=version.changed)
    return version
