"""The document, read from its first section to its last, with all that is to be known of it; and what is done with the whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponseBase
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.staff_admin import Question
from clients.models import Role
from clients.selectors import role_of
from strategy import selectors, services
from strategy.admin.beginning import SettingsForm
from strategy.admin.desk import Desk, Page
from strategy.content import Material, material_of
from strategy.models import Horizon, PillarShare, Section, SectionKind, Strategy, StrategyState
from strategy.models.plans import WHOLE
from strategy.services.checks import Problem, problems_of
from strategy.services.texts import today
from strategy.shown import shown

OTHER_PAGES = {
    "pillars": "plan",
    "objectives": "plan",
    "channels": "plan",
}  # where what a problem speaks of is put right


@dataclass(frozen=True, kw_only=True)
class Part:
    """A section with all that stands around its text."""

    section: Section
    text: SafeString
    in_it: User | None
    mine: bool  # it is oneself who is in it
    overdue: bool
    beside: bool
    first: bool
    last: bool
    rows: str  # which rows of the plan stand in it

    @property
    def kind(self) -> str:
        """What it is about, where its title does not say it already."""
        label = str(SectionKind(self.section.kind).label)
        return "" if self.section.kind == SectionKind.FREE or label == self.section.title else label

    @property
    def horizon(self) -> str:
        """In words."""
        return str(Horizon(self.section.horizon).label)


def document_page(desk: Desk) -> HttpResponseBase:
    """All sections as they read now."""
    strategy = desk.strategy
    found = selectors.with_talk(selectors.sections(desk.user, removed=True), desk.user).filter(strategy=strategy)
    everything = list(found.order_by("position", "pk"))
    living = [section for section in everything if section.removed_at is None]
    material = material_of(strategy, living)
    problems = problems_of(strategy, material) if strategy.state == StrategyState.DRAFT else []
    context = {
        "parts": _parts(desk, living, problems),
        "removed": [section for section in everything if section.removed_at is not None],
        "problems": [(problem.text, _where(desk, living, problem)) for problem in problems],
        "material": material,
        **plan_told(material),
        "pillars": _pillars(strategy, material),
        "kinds": _kinds(living),
        "leads": role_of(desk.user, strategy.client_id) in {Role.MANAGER, Role.EDITOR},
    }
    return desk.show("admin/strategy.html", context)


def plan_told(material: Material) -> dict[str, Any]:
    """What the tables of the plan show beside its rows."""
    total = sum(row.percent for row in material.shares)
    cadences = [(row, material.channels.get(row.channel) if row.channel else None) for row in material.cadences]
    return {"total": total, "whole": total == WHOLE, "cadences": cadences}


def _pillars(strategy: Strategy, material: Material) -> list[tuple[PillarShare, str, str]]:
    """Each with its reason as it stands in the version in review or agreed, if there is one, and what it reads since then.

    A reason can be rewritten without anybody being asked; the version is read only where that may have happened.
    """
    said: dict[int, str] = {}
    if (version := strategy.version) and any(row.pillar.updated_at > version.created_at for row in material.shares):
        said = {pillar["id"]: pillar["why"] for pillar in version.content["pillars"]}
    found = []
    for row in material.shares:
        why = row.pillar.why
        then = said.get(row.pillar_id, why)
        found.append((row, then, why if why != then else ""))
    return found


def _parts(desk: Desk, living: Sequence[Section], problems: Sequence[Problem]) -> list[Part]:
    texts = shown(desk.strategy.client_id, [section.body for section in living], below=3)
    beside = {problem.field for problem in problems if problem.code == "beside"}
    day = today(desk.strategy)
    parts = []
    for number, (section, text) in enumerate(zip(living, texts, strict=True)):
        who = services.is_in(section)
        parts.append(
            Part(
                section=section,
                text=text,
                in_it=who,
                mine=who == desk.user,
                overdue=section.due_on < day,
                beside=f"sections.{number}" in beside,
                first=number == 0,
                last=number == len(living) - 1,
                rows=section.kind if section.kind in {"objectives", "channels", "calendar", "pillars"} else "",
            )
        )
    return parts


def _where(desk: Desk, living: Sequence[Section], problem: Problem) -> str:
    """Where it is put right."""
    what, _dot, rest = problem.field.partition(".")
    if what == "sections" and rest:
        section = living[int(rest.partition(".")[0])]
        page = "merge" if problem.code == "beside" else "write"
        return desk.address(page, section.pk)
    return desk.address(OTHER_PAGES[what]) if what in OTHER_PAGES else "#add"


def _kinds(living: Sequence[Section]) -> list[tuple[str, str]]:
    """What can be added: each kind once, free sections as often as one likes."""
    there = {section.kind for section in living} - {SectionKind.FREE}
    return [(value, str(label)) for value, label in SectionKind.choices if value not in there]


def settings_page(desk: Desk) -> HttpResponseBase:
    """Title, dates, who keeps it, its chain."""
    typed = {"data": desk.request.POST} if desk.posted else {}
    form = SettingsForm(user=desk.user, record=desk.strategy, client=desk.strategy.client, **typed)
    if desk.posted and form.try_save() is not None:
        desk.tell(_("Saved."))
        return desk.go("change")
    return desk.show("admin/strategy_settings.html", {"form": form})


def share_page(desk: Desk) -> HttpResponseBase:
    """Let the client's people know of it, after asking once more."""
    named = {"title": desk.strategy.title, "client": desk.strategy.client}
    return desk.ask(
        Question(
            sentences=[
                _("“%(title)s” is then known to the people of %(client)s: they read it, suggest and remark.") % named,
                _("It can't be taken back. What is said within the agency stays there."),
            ],
            button=_("Share it with the client"),
            back=desk.address("change"),
            act=lambda: services.share_strategy(user=desk.user, strategy=desk.strategy),
            done=_("Shared: the client’s people read it from now on."),
            dangerous=False,
        )
    )


def close_page(desk: Desk) -> HttpResponseBase:
    """It is over, after asking once more."""
    return desk.ask(
        Question(
            sentences=[
                _("“%(title)s” is over then: nobody writes in it any more. It stays to be read.")
                % {"title": desk.strategy.title},
                _("It can't be undone. A new strategy can be begun from it."),
            ],
            button=_("This strategy is over"),
            back=desk.address("change"),
            act=lambda: services.close_strategy(user=desk.user, strategy=desk.strategy),
            done=_("It is over. It stays to be read."),
        )
    )


PAGES = (
    Page("settings/", "settings", settings_page, tab="change"),
    Page("share/", "share", share_page, tab="change"),
    Page("close/", "close", close_page, tab="change"),
)
