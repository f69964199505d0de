"""A strategy of the town's, agreed, with one of everything in it and the canary in every word."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import User
from approvals.models import Rule, Verdict, Via
from approvals.services import StepPlan, decide, save_chain
from clients.models import Client
from social.models import Channel
from strategy.models import Pillar
from strategy.services import (
    add_objective,
    add_occasion,
    add_remark,
    add_section,
    create_strategy,
    save_as_template,
    set_cadence,
    set_shares,
    submit_strategy,
    suggest,
)


def strategy_of(
    word: str, staff: User, approver: User, client: Client, pillar: Pillar, channel: Channel
) -> dict[str, Any]:
    """The strategy with its parts, by their kinds."""
    save_chain(
        user=staff,
        client=client,
        name=f"Strategie {word}",
        subject="strategy",
        is_default=True,
        steps=[StepPlan(name=f"Sindaco {word}", users=[approver], rule=Rule.ALL)],
    )
    strategy = create_strategy(user=staff, client=client, title=f"Strategia {word}")
    texts: dict[str, Any] = {"body": f"Testo {word}", "why": f"Perché {word}", "source": f"Fonte {word}"}
    section = add_section(user=staff, strategy=strategy, kind="tone", title=f"Tono {word}", **texts)
    set_shares(user=staff, strategy=strategy, shares=[(pillar, 100)])
    soon = timezone.now().date() + timedelta(days=90)
    aim: dict[str, Any] = {
        "name": f"Traguardo {word}",
        "measure": f"Misura {word}",
        "target": Decimal(9),
        "due_on": soon,
    }
    objective = add_objective(user=staff, strategy=strategy, **aim)
    how: dict[str, Any] = {"per_week": Decimal(3), "reason": f"Motivo {word}"}
    cadence = set_cadence(user=staff, strategy=strategy, channel=channel.pk, **how)
    occasion = add_occasion(user=staff, strategy=strategy, name=f"Fiera {word}", on=soon)
    strategy = submit_strategy(user=staff, strategy=strategy, remark=f"Nota {word}")
    assert strategy.review is not None
    review = strategy.review
    decide(review=review, user=approver, digest=review.digest, verdict=Verdict.APPROVE, via=Via.LINK)
    place: dict[str, Any] = {"revision": 1, "kind": "insert", "start": 0, "words": f"Parole {word}"}
    return {
        "strategy": strategy,
        "section": section,
        "objective": objective,
        "cadence": cadence,
        "occasion": occasion,
        "template": save_as_template(user=staff, strategy=strategy, name="Enti pubblici"),
        "suggestion": suggest(user=approver, section=section, **place),
        "remark": add_remark(user=approver, section=section, text=f"Osservazione {word}"),
    }
