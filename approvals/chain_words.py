"""Chains in words: the settings of a step, and what it would do for one post."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from approvals import conditions
from approvals.models import OnDeadline, Rule
from approvals.services.foreseeing import Foreseen, ForeseenStep
from approvals.services.plans import StepPlan
from approvals.subjects import Choices
from clients.moments import spoken

IN_TEXT = [
    (conditions.LINK, gettext_lazy("a link")),
    (conditions.PRICE, gettext_lazy("a price")),
    (conditions.NAME, gettext_lazy("a name that the client watches")),
]


@dataclass(frozen=True, kw_only=True)
class SaidStep:
    """One step as it would run, in words. ``state`` is that of a mark (see ``clients.marks``), ``mark`` its word."""

    name: str
    state: str
    mark: str
    sentences: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class SaidSubject:
    """What would happen to one post. ``refusal`` is what no single step says."""

    title: str
    refusal: str
    steps: Sequence[SaidStep]


def typed_hours(minutes: int) -> str:
    """Minutes as people type them: 24, or 1:30."""
    hours, rest = divmod(minutes, 60)
    return f"{hours}:{rest:02}" if rest else f"{hours}"


def working_hours(minutes: int) -> str:
    """So many hours of work, such as "8 working hours"."""
    text = ngettext("%(hours)s working hour", "%(hours)s working hours", -(-minutes // 60))
    return text % {"hours": typed_hours(minutes)}


def hours(minutes: int) -> str:
    """So many hours on any clock."""
    return ngettext("%(hours)s hour", "%(hours)s hours", -(-minutes // 60)) % {"hours": typed_hours(minutes)}


def settings(plan: StepPlan, choices: Choices) -> list[str]:
    """What a step says beyond its people and its rule."""
    said = []
    only = conditions.in_words(plan.only, choices)
    if only:
        said.append(_("only for %(what)s") % {"what": only})
    if plan.four_eyes:
        said.append(_("four eyes"))
    if plan.due_after_minutes:
        said.append(_("%(hours)s after its turn") % {"hours": working_hours(plan.due_after_minutes)})
    if plan.due_before_minutes:
        said.append(_("%(hours)s before it goes out") % {"hours": hours(plan.due_before_minutes)})
    if plan.on_deadline == OnDeadline.ESCALATE and plan.escalate_to:
        said.append(_("then also %(names)s") % {"names": _names(plan.escalate_to)})
    if plan.on_deadline == OnDeadline.TACIT:
        said.append(_("then tacit consent"))
    if plan.never_tacit:
        said.append(_("never tacit"))
    return said


def said(foreseen: Foreseen, choices: Choices) -> SaidSubject:
    """What would happen to this one."""
    refusal = ""
    if foreseen.refusal and not any(step.refusal for step in foreseen.steps):
        refusal = " ".join(foreseen.refusal.messages)
    steps = [_step(step, choices) for step in foreseen.steps]
    return SaidSubject(title=foreseen.subject.title, refusal=refusal, steps=steps)


def _step(step: ForeseenStep, choices: Choices) -> SaidStep:
    if step.skipped:
        text = _("It is asked only for %(what)s.") % {"what": conditions.in_words(step.step.only, choices)}
        return SaidStep(name=step.step.name, state="skipped", mark=_("Left out"), sentences=[text])
    if step.refusal:
        text = " ".join(step.refusal.messages)
        return SaidStep(name=step.step.name, state="blocked", mark=_("Nobody could pass it"), sentences=[text])
    sentences = [_asked(step), *_time(step)]
    return SaidStep(name=step.step.name, state="turn", mark=_("Asked"), sentences=sentences)


def _asked(step: ForeseenStep) -> str:
    names, many = _names(step.people), len(step.people)
    if many == 1:
        return _("%(name)s is asked.") % {"name": names}
    if step.step.rule == Rule.ALL:
        return _("%(names)s are asked. All of them must approve.") % {"names": names}
    text = ngettext(
        "%(names)s are asked. One of them must approve.",
        "%(names)s are asked. At least %(needed)d of them must approve.",
        step.needed,
    )
    return text % {"names": names, "needed": step.needed}


def _time(step: ForeseenStep) -> list[str]:
    template, sentences = step.step, []
    if step.due_at is None and template.due_after_minutes:
        sentences.append(_("It has %(hours)s from its turn.") % {"hours": working_hours(template.due_after_minutes)})
    elif step.due_at is None and template.due_before_minutes:
        sentences.append(
            _("It has until %(hours)s before it goes out; no time is set yet.")
            % {"hours": hours(template.due_before_minutes)}
        )
    elif step.is_over and step.due_at:
        sentences.append(
            _("Its time would be up before anybody was asked: on %(when)s.")
            % {"when": spoken(step.due_at, step.client.zone)}
        )
    elif step.due_at:
        sentences.append(_("At the latest %(when)s.") % {"when": spoken(step.due_at, step.client.zone)})
    if step.further:
        sentences.append(_("Then %(names)s would be asked as well.") % {"names": _names(step.further)})
    if step.silence_counts:
        sentences.append(_("Then silence counts as consent."))
    if step.silence_counts is False and step.client.tacit_consent:
        sentences.append(_("Silence does not count then: nobody had time to speak. It reminds instead."))
    elif step.silence_counts is False:
        text = _("Silence does not count: %(client)s has not agreed to that in writing. It reminds instead.")
        sentences.append(text % {"client": step.client.name})
    return sentences


def _names(people: Iterable[User]) -> str:
    return ", ".join(str(person) for person in people)
