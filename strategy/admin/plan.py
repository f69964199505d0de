"""The plan of a strategy: shares of pillars, objectives, cadences, occasions, beside each other; each is changed on its own page."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseBase
from django.utils.translation import gettext as _

from accounts.errors import Conflict
from accounts.staff_admin import Question, RecordForm, take_errors
from strategy import selectors, services
from strategy.admin.desk import Desk, Page
from strategy.admin.document import plan_told
from strategy.admin.plan_forms import CadenceForm, NumberForm, ObjectiveForm, OccasionForm, SharesForm
from strategy.content import Material, material_of
from strategy.models import StrategyState
from strategy.services.checks import problems_of
from strategy.surroundings import channels, living_channels


def plan_page(desk: Desk) -> HttpResponseBase:
    """All of it; the shares are written here."""
    strategy = desk.strategy
    material = material_of(strategy)
    form = _shares(desk, material)
    if desk.posted and form.try_save() is not None:
        desk.tell(_("Saved."))
        return desk.go("plan", anchor="pillars")
    planned = {row.channel for row in material.cadences}
    problems = problems_of(strategy, material) if strategy.state == StrategyState.DRAFT else []
    context = {
        "form": form,
        "material": material,
        **plan_told(material),
        "unplanned": [one for one in living_channels(strategy.client_id) if one.pk not in planned],
        "problems": [problem.text for problem in problems if not problem.field.startswith("sections")],
    }
    return desk.show("admin/strategy_plan.html", context)


def _shares(desk: Desk, material: Material) -> SharesForm:
    """The pillars that have a share in their order, then the others."""
    there = [row.pillar for row in material.shares]
    others = selectors.pillars(desk.user).filter(client=desk.strategy.client_id, retired_at=None).order_by("name", "pk")
    pillars = [*there, *(pillar for pillar in others if pillar not in there)]
    return SharesForm(
        user=desk.user,
        record=desk.strategy,
        strategy=desk.strategy,
        shares=material.shares,
        pillars=pillars,
        **_typed(desk),
    )


def _typed(desk: Desk) -> dict[str, Any]:
    return {"data": desk.request.POST} if desk.posted else {}


def _row_page(desk: Desk, form: RecordForm, anchor: str, **context: Any) -> HttpResponseBase:
    """The form over one row, or back to the plan once it is saved."""
    if desk.posted and _saved(desk, form):
        desk.tell(_("Saved."))
        return desk.go("plan", anchor=anchor)
    return desk.show("admin/strategy_row.html", {"form": form, "anchor": anchor, **context})


def _saved(desk: Desk, form: RecordForm) -> bool:
    """Whether it is. A new row that is sent twice is made once."""
    if form.record is not None:
        return form.try_save() is not None
    if not form.is_valid():
        return False
    try:
        desk.once("row", form.save)
    except (ValidationError, Conflict) as error:
        take_errors(form, error)
        return False
    return True


def _remove_page(desk: Desk, anchor: str, name: str, act: Callable[[], object]) -> HttpResponseBase:
    return desk.ask(
        Question(
            sentences=[_("“%(name)s” is taken out of the strategy.") % {"name": name}],
            button=_("Take it out"),
            back=f"{desk.address('plan')}#{anchor}",
            act=act,
            done=_("“%(name)s” is taken out.") % {"name": name},
        )
    )


# Objectives


def objective_add_page(desk: Desk) -> HttpResponseBase:
    """A new one."""
    form = ObjectiveForm(user=desk.user, strategy=desk.strategy, **_typed(desk))
    return _row_page(desk, form, "objectives", heading=_("New objective"))


def objective_page(desk: Desk, objective_id: int) -> HttpResponseBase:
    """One of them, with how it stood month by month."""
    objective = desk.find(selectors.objectives(desk.user), objective_id)
    numbers = desk.posted and desk.request.POST.get("do") == "number"
    form = ObjectiveForm(user=desk.user, strategy=desk.strategy, record=objective, **({} if numbers else _typed(desk)))
    number_form = NumberForm(user=desk.user, record=objective, **(_typed(desk) if numbers else {}))
    if numbers and number_form.try_save() is not None:
        desk.tell(_("Saved."))
        return desk.go("objective", objective.pk, anchor="numbers")
    if desk.posted and not numbers and form.try_save() is not None:
        desk.tell(_("Saved."))
        return desk.go("plan", anchor="objectives")
    context = {
        "form": form,
        "number_form": number_form,
        "objective": objective,
        "numbers": list(selectors.numbers(objective))[::-1],
        "heading": objective.name,
        "anchor": "objectives",
        "remove": desk.address("objective_remove", objective.pk),
    }
    return desk.show("admin/strategy_objective.html", context)


def objective_remove_page(desk: Desk, objective_id: int) -> HttpResponseBase:
    """Out with it, after asking once more."""
    objective = desk.find(selectors.objectives(desk.user), objective_id)
    act = partial(services.remove_objective, user=desk.user, objective=objective)
    return _remove_page(desk, "objectives", objective.name, act)


# Cadences


def channel_page(desk: Desk, channel_id: int) -> HttpResponseBase:
    """The cadence of one of the client's channels, or why it is left out."""
    told = channels(desk.strategy.client_id, [channel_id]).get(channel_id)
    cadence = selectors.cadences(desk.user).filter(strategy=desk.strategy, channel=channel_id).first()
    if told is None and cadence is None:
        raise Http404
    form = CadenceForm(user=desk.user, strategy=desk.strategy, channel=channel_id, record=cadence, **_typed(desk))
    name = told.name if told else str(channel_id)
    remove = desk.address("cadence_remove", cadence.pk) if cadence else ""
    return _row_page(desk, form, "channels", heading=name, remove=remove)


def left_out_add_page(desk: Desk) -> HttpResponseBase:
    """A network on which the client is not, and why."""
    form = CadenceForm(user=desk.user, strategy=desk.strategy, channel=None, **_typed(desk))
    return _row_page(desk, form, "channels", heading=_("A network that is left out"))


def left_out_page(desk: Desk, cadence_id: int) -> HttpResponseBase:
    """One that is there."""
    cadence = desk.find(selectors.cadences(desk.user), cadence_id, channel=None)
    form = CadenceForm(user=desk.user, strategy=desk.strategy, channel=None, record=cadence, **_typed(desk))
    remove = desk.address("cadence_remove", cadence.pk)
    return _row_page(desk, form, "channels", heading=cadence.name, remove=remove)


def cadence_remove_page(desk: Desk, cadence_id: int) -> HttpResponseBase:
    """The strategy says nothing of it any more."""
    cadence = desk.find(selectors.cadences(desk.user), cadence_id)
    told = channels(desk.strategy.client_id, [cadence.channel]) if cadence.channel else {}
    name = told[cadence.channel].name if cadence.channel in told else cadence.channel_id_or_name
    act = partial(services.remove_cadence, user=desk.user, cadence=cadence)
    return _remove_page(desk, "channels", name, act)


# Occasions


def occasion_add_page(desk: Desk) -> HttpResponseBase:
    """A new one."""
    form = OccasionForm(user=desk.user, strategy=desk.strategy, **_typed(desk))
    return _row_page(desk, form, "calendar", heading=_("New occasion"))


def occasion_page(desk: Desk, occasion_id: int) -> HttpResponseBase:
    """One of them."""
    occasion = desk.find(selectors.occasions(desk.user), occasion_id)
    form = OccasionForm(user=desk.user, strategy=desk.strategy, record=occasion, **_typed(desk))
    remove = desk.address("occasion_remove", occasion.pk)
    return _row_page(desk, form, "calendar", heading=occasion.name, remove=remove)


def occasion_remove_page(desk: Desk, occasion_id: int) -> HttpResponseBase:
    """Out with it, after asking once more."""
    occasion = desk.find(selectors.occasions(desk.user), occasion_id)
    act = partial(services.remove_occasion, user=desk.user, occasion=occasion)
    return _remove_page(desk, "calendar", occasion.name, act)


PAGES = (
    Page("plan/", "plan", plan_page),
    Page("plan/objectives/add/", "objective_add", objective_add_page, tab="plan"),
    Page("plan/objectives/<int:objective_id>/", "objective", objective_page, tab="plan"),
    Page("plan/objectives/<int:objective_id>/remove/", "objective_remove", objective_remove_page, tab="plan"),
    Page("plan/channels/<int:channel_id>/", "channel", channel_page, tab="plan"),
    Page("plan/left-out/add/", "left_out_add", left_out_add_page, tab="plan"),
    Page("plan/left-out/<int:cadence_id>/", "left_out", left_out_page, tab="plan"),
    Page("plan/cadences/<int:cadence_id>/remove/", "cadence_remove", cadence_remove_page, tab="plan"),
    Page("plan/occasions/add/", "occasion_add", occasion_add_page, tab="plan"),
    Page("plan/occasions/<int:occasion_id>/", "occasion", occasion_page, tab="plan"),
    Page("plan/occasions/<int:occasion_id>/remove/", "occasion_remove", occasion_remove_page, tab="plan"),
)
