"""Strategies are begun, described, shared with the client, and closed."""

from datetime import date
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Chain
from approvals.services import chain_for
from clients.models import STAFF_ROLES, Client, Role
from clients.selectors import require
from strategy.kind import STRATEGY
from strategy.models import Strategy, StrategyKind, StrategyState, Template
from strategy.models.strategies import TITLE_LENGTH
from strategy.services.beginning import Beginning, begin_sections, of_strategy, of_template
from strategy.services.changing import content_changed, lock_for_staff, note, note_writers, set_strategy
from strategy.services.texts import owner_id
from strategy.text import clean_line, refused

SPOKEN = frozenset({"title", "kind", "language", "starts_on", "ends_on"})  # what of these is among what is agreed

PLAIN = frozenset({"kind", "language", "starts_on", "ends_on", "owner", "contacts_write", "chain"})


class StrategyFields(TypedDict, total=False):
    """What can be written of a strategy itself; what is not named stays."""

    title: str
    kind: str
    language: str
    starts_on: date
    ends_on: date | None
    owner: User
    chain: Chain | None
    contacts_write: bool


@transaction.atomic
def create_strategy(
    *,
    user: User,
    client: Client,
    template: Template | None = None,
    like: Strategy | None = None,
    **fields: Unpack[StrategyFields],
) -> Strategy:
    """A new draft: empty, from a template of the agency's, or ``like`` an older strategy.

    Of the same client's strategy all is copied; of another client's only how it is built (kinds, and of titles, whys and
    questions what tells nothing of it). Raises ``ValidationError`` by field, ``DoesNotExist`` for a strategy to begin from
    that this person does not see.
    """
    require(user, client, STAFF_ROLES)
    if template and like:
        raise refused("template", _("Begin from a template or from a strategy, not from both."), "both")
    strategy = Strategy(client=client, owner=user, written_by=user, copied_from=like)
    strategy.starts_on = timezone.now().astimezone(client.zone).date()
    beginning = Beginning()
    if template:
        strategy.kind, strategy.language = template.kind, template.language
        beginning = of_template(template)
    elif like:
        strategy.kind, strategy.language = like.kind, like.language
        beginning = of_strategy(user, like, client)
    else:
        strategy.language = client.language
    _write(strategy, fields, new=True)
    strategy.save(force_insert=True)
    note_writers(strategy, [user.pk])
    begin_sections(user, strategy, beginning)
    begun: dict[str, Any] = {"template": template.pk} if template else {"like": like.pk} if like else {}
    note(strategy, user, "created", **begun)
    return strategy


@transaction.atomic
def edit_strategy(
    *, user: User, strategy: Strategy, edition: int | None = None, **fields: Unpack[StrategyFields]
) -> Strategy:
    """Change what is named. Title, kind, language and dates are among what is agreed: then it is a draft again.

    Raises ``ValidationError`` by field, ``Stale`` where ``edition`` is not the one that stands.
    """
    strategy = lock_for_staff(user, strategy.pk, edition)
    before = {name: getattr(strategy, name) for name in fields}
    _write(strategy, fields, new=False)
    changed = sorted(name for name in fields if getattr(strategy, name) != before[name])
    if not changed:
        return strategy
    values = {name: getattr(strategy, name) for name in changed}
    if SPOKEN & set(changed):
        content_changed(strategy, user, **values)
    else:
        set_strategy(strategy, **values)
    note(strategy, user, "edited", fields=changed)
    return strategy


@transaction.atomic
def share_strategy(*, user: User, strategy: Strategy) -> Strategy:
    """From now on the client's people read it, suggest and remark. It can't be taken back: they have seen it."""
    strategy = lock_for_staff(user, strategy.pk)
    if not strategy.shared:
        set_strategy(strategy, shared_at=timezone.now())
        note(strategy, user, "shared")
    return strategy


@transaction.atomic
def close_strategy(*, user: User, strategy: Strategy) -> Strategy:
    """It is over: nobody writes in it any more, and it stays to be read. Managers and editors.

    Raises ``Conflict`` while it is in review.
    """
    strategy = lock_for_staff(user, strategy.pk)
    require(user, strategy.client_id, {Role.MANAGER, Role.EDITOR})
    if strategy.state == StrategyState.IN_REVIEW:
        raise Conflict("in_review", _("People are asked about it just now. Withdraw that first."))
    set_strategy(strategy, state=StrategyState.SUPERSEDED)
    note(strategy, user, "closed")
    return strategy


def _write(strategy: Strategy, fields: StrategyFields, *, new: bool) -> None:
    if "title" in fields or new:
        strategy.title = clean_line(fields.get("title", ""), "title", TITLE_LENGTH, required=True)
    if "kind" in fields and fields["kind"] not in StrategyKind.values:
        raise refused("kind", _("There is no such kind of strategy."), "invalid_choice")
    if "owner" in fields:
        owner_id(strategy, fields["owner"], strategy.owner_id)
    for name in PLAIN & fields.keys():
        setattr(strategy, name, fields[name])  # type: ignore[literal-required]  # it is among them
    if strategy.ends_on and strategy.ends_on < strategy.starts_on:
        raise refused("ends_on", _("It can't end before it begins."), "order")
    if fields.get("chain"):
        chain_for(client=strategy.client, subject=STRATEGY, chosen=fields["chain"])
    strategy.clean_fields(exclude=["client", "owner", "written_by", "chain", "version", "agreed_version", "review"])
