"""Where a strategy stands on its way to being agreed: what keeps it from that, who is asked, and taking it back."""

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Conflict, Stale
from approvals import selectors as approval_selectors
from approvals.models import ReviewState
from approvals.services import chain_for
from approvals.step_words import steps_told
from approvals.talk import Reader
from clients.models import Role
from clients.selectors import role_of
from strategy import selectors, services
from strategy.admin.desk import Desk, Page
from strategy.content import material_of
from strategy.kind import STRATEGY
from strategy.models import StrategyState
from strategy.models.versions import NOTE_LENGTH
from strategy.services.checks import problems_of


@dataclass
class Asking:
    """What was typed to ask for agreement and must not be lost, and why nobody was asked."""

    remark: str = ""
    notice: str = ""
    errors: list[str] = field(default_factory=list)  # beside the remark
    refusals: list[str] = field(default_factory=list)


def page(desk: Desk, asking: Asking | None = None, status: int = 200) -> HttpResponseBase:
    """What stands in the way, who is asked, who is waited for; and what can be done now."""
    strategy = desk.strategy
    in_force = selectors.agreements(desk.user, strategy).filter(ended_at=None).first()
    draft = strategy.state == StrategyState.DRAFT
    context: dict[str, Any] = {
        "asking": asking or Asking(),
        "problems": problems_of(strategy, material_of(strategy)) if draft else [],
        "chain": _chain(desk) if draft else None,
        "in_force": in_force,
        "may_close": strategy.state in {StrategyState.DRAFT, StrategyState.AGREED} and _leads(desk),
        "longest": NOTE_LENGTH,
        **_running(desk),
    }
    return desk.show("admin/strategy_agreement.html", context, status=status)


def _running(desk: Desk) -> dict[str, Any]:
    """The review that it is in, or was in last, with its steps as the page of a post's review tells them."""
    number = desk.strategy.review_id
    found = approval_selectors.reviews(desk.user).filter(pk=number).first() if number else None
    if found is None:
        return {"review": None}
    review = approval_selectors.with_steps(approval_selectors.reviews(desk.user)).get(pk=found.pk)
    reader = Reader(desk.user, review, ZoneInfo(timezone.get_current_timezone_name()))
    return {
        "review": review,
        "steps": steps_told(reader, review),
        "seat": approval_selectors.my_seat(desk.user, review),
        "can_withdraw": desk.strategy.state == StrategyState.IN_REVIEW and review.state == ReviewState.OPEN,
        "may_replace": role_of(desk.user, review.client) == Role.MANAGER and review.closed_at is None,
    }


def _chain(desk: Desk) -> str:
    """By which chain people would be asked; empty where there is none."""
    try:
        return chain_for(client=desk.strategy.client, subject=STRATEGY, chosen=desk.strategy.chain).name
    except ValidationError:
        return ""


def _leads(desk: Desk) -> bool:
    return role_of(desk.user, desk.strategy.client) in {Role.MANAGER, Role.EDITOR}


def submit(desk: Desk) -> HttpResponseBase:
    """Ask for agreement; where that can't be, all that keeps it from being asked is said, and what was typed stays."""
    sent = desk.request.POST
    asking = Asking(remark=sent.get("remark", "").replace("\r\n", "\n"))
    number = sent.get("edition", "")
    edition = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None  # noqa: PLR2004 - far beyond any edition
    try:
        services.submit_strategy(user=desk.user, strategy=desk.strategy, remark=asking.remark, edition=edition)
    except ValidationError as error:
        known = {problem.text for problem in problems_of(desk.strategy, material_of(desk.strategy))}
        for name, texts in error.message_dict.items():
            beside = asking.errors if name == "note" else asking.refusals
            beside.extend(text for text in texts if text not in known)
        asking.notice = _("Nobody was asked yet: something has to change first.")
        return page(desk, asking, status=400)
    except Stale:
        asking.notice = _("Somebody has changed the strategy since you opened this page. Look at it again, then ask.")
        return page(desk, asking, status=409)
    except Conflict as conflict:
        asking.notice = str(conflict.detail)
        desk.strategy.refresh_from_db()
        return page(desk, asking, status=409)
    messages.success(desk.request, _("Asked. Whoever decides first has a mail."))
    return desk.go("agreement")


def withdraw(desk: Desk) -> HttpResponseBase:
    """It is a draft again."""
    done = _("Taken back. The strategy is a draft again, and whoever was asked is told.")
    desk.say(lambda: services.withdraw_strategy(user=desk.user, strategy=desk.strategy), done)
    return desk.go("agreement")


PAGES = (
    Page("agreement/", "agreement", page),
    Page("submit/", "submit", submit, tab="agreement", post=True),
    Page("withdraw/", "withdraw", withdraw, tab="agreement", post=True),
)
