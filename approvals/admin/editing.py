"""The editor of one chain. Every button sends the whole form, so it needs no JavaScript and nothing typed is lost."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import Conflict
from accounts.models import User
from accounts.staff_admin import take_errors
from approvals import chain_words, kinds, services
from approvals.admin.steps import INPUT, StepForm
from approvals.models import Chain, DefaultScope, Restart
from approvals.services import StepPlan, plans_of
from approvals.services.chains import choices_of
from approvals.services.plans import MOST_STEPS
from clients.admin.scoped import ClientForm, ids
from clients.models import DECIDING_ROLES, STAFF_ROLES, Client, Membership
from clients.selectors import memberships, staff_clients

COUNT = "steps-TOTAL_FORMS"
RESTARTS = [
    (Restart.FIRST, gettext_lazy("At the first step: everybody looks again.")),
    (Restart.REFUSED, gettext_lazy("At the step that asked for changes: what was approved before it stands.")),
    (
        Restart.UNCHANGED,
        gettext_lazy(
            "Where something changed: a step for certain channels keeps its approval while they stay the same."
        ),
    ),
]


class ChainForm(ClientForm):
    """A chain with its steps. ``origin`` is the chain that a new one is a copy of, if it is one."""

    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput())
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, widget=forms.TextInput(attrs=INPUT))
    subject = forms.ChoiceField(label=gettext_lazy("For"), required=False, widget=forms.Select(attrs=INPUT))
    restart = forms.ChoiceField(
        label=gettext_lazy("After changes, the next review begins"),
        choices=RESTARTS,
        initial=Restart.FIRST,
        required=False,
        widget=forms.RadioSelect(),
    )
    is_default = forms.BooleanField(
        label=gettext_lazy("Used where no other chain is chosen"), required=False, widget=forms.CheckboxInput()
    )
    default_channels = forms.TypedMultipleChoiceField(
        label=gettext_lazy("For these channels"),
        coerce=int,
        empty_value=[],
        required=False,
        widget=forms.CheckboxSelectMultiple(),
    )
    default_labels = forms.MultipleChoiceField(
        label=gettext_lazy("For posts with these labels"), required=False, widget=forms.CheckboxSelectMultiple()
    )
    try_with = forms.ChoiceField(
        label=gettext_lazy("Try it on the posts of"), required=False, widget=forms.Select(attrs=INPUT)
    )

    def __init__(self, *args: Any, origin: Chain | None = None, data: Any = None, **kwargs: Any) -> None:
        self.data: Any
        self.origin, self.preview, self.preview_problem = origin, list[chain_words.SaidSubject](), ""
        self.do = data.get("do", "save") if data is not None else ""
        self.saved_meanwhile = list[str]()
        self.unclear = self.told = (
            False  # whether a step can't be understood; whether the service has spoken of the steps
        )
        if data is not None:
            data = rearranged(data, self.do)
        record: Chain | None = kwargs.get("record")
        super().__init__(*args, data=data, initial=_initial(record or origin, is_copy=record is None), **kwargs)
        self.kind = self._kind()
        self.choices = choices_of(self.kind, self.client)
        self._offer()
        self.people = nameable(self.user, self.client)
        self.steps = self._steps()

    # What there is to choose

    def _kind(self) -> str:
        if self.record or self.origin:
            return str((self.record or self.origin).subject)  # type: ignore[union-attr]  # one of them
        typed = self.data.get("subject", "") if self.is_bound else ""
        return typed if typed in dict(kinds.choices()) else kinds.usual()

    def _offer(self) -> None:
        """Only what there is: no labels, no field for them."""
        offered: dict[str, list[Any]] = {
            "subject": [] if self.record or self.origin or not kinds.choices()[1:] else kinds.choices(),
            "default_channels": list(self.choices.channels),
            "default_labels": list(self.choices.labels),
            "try_with": [] if self.client else [(c.pk, c.name) for c in staff_clients(self.user)],
        }
        for name, found in offered.items():
            field = self.fields[name]
            if not found:
                del self.fields[name]
            elif isinstance(field, forms.ChoiceField):
                field.choices = found
        if "subject" in self.fields:
            self.fields["subject"].initial = kinds.usual()

    def _steps(self) -> list[StepForm]:
        shared: dict[str, Any] = {"people": self.people, "choices": self.choices}
        if self.is_bound:
            return [StepForm(self.data, number=n, **shared) for n in range(count(self.data))]
        source = self.record or self.origin
        if source is None:
            return [StepForm(number=0, **shared)]
        return [
            StepForm(number=number, plan=plan, notes=notes, **shared)
            for number, (plan, notes) in enumerate(self._known(plan) for plan in plans_of(source))
        ]

    def _known(self, plan: StepPlan) -> tuple[StepPlan, list[str]]:
        """The step as it can be here, and who it names that can't be asked here."""
        there = {person.pk for person, _words in self.people}
        gone = [person for person in [*plan.users, *plan.escalate_to] if person.pk not in there]
        if not gone:
            return plan, []
        text = _("Named so far, and with no say here: %(names)s. Choose who is asked instead; saving leaves them out.")
        names = ", ".join(dict.fromkeys(str(person) for person in gone))
        kept = {
            name: [person for person in getattr(plan, name) if person.pk in there] for name in ("users", "escalate_to")
        }
        return StepPlan(**{**vars(plan), **kept}), [text % {"names": names}]

    # What was typed

    def is_valid(self) -> bool:
        """The chain and each of its steps."""
        wrong = [step.number for step in self.steps if not step.is_valid()]
        valid = super().is_valid()
        self.unclear = bool(wrong)
        if wrong:
            self.add_error(None, _look_at(wrong))
        return valid and not wrong

    def plans(self) -> list[StepPlan]:
        """The steps in their order; those in which nothing was typed are none."""
        return [step.plan() for step in self.steps if not (step.is_bound and step.is_empty)]

    def try_save(self) -> Any:
        """The record; None where something is wrong, or where another button than “Save” was pressed."""
        if self.do == "save":
            saved = super().try_save()
        else:
            saved = None
            self._arranged() if self.do != "foresee" else self.is_valid()
        if saved is None:
            self.foresee()
        return saved

    def save(self) -> Chain:
        """The chain, new or changed. Raises ``ValidationError`` for what is not of one step alone."""
        typed = self.cleaned_data
        fields = {name: typed.get(name) for name in ("default_channels", "default_labels") if name in self.fields}
        try:
            return services.save_chain(
                user=self.user,
                client=self.client,
                chain=self.record,
                seen=_moment(typed["seen"]) if self.record else None,
                name=typed["name"],
                subject=self.kind,
                steps=self.plans(),
                restart=typed["restart"] or Restart.FIRST,
                is_default=typed["is_default"],
                active=self.record.active if self.record else True,
                copied_from=self.origin,
                **fields,
            )
        except ValidationError as error:
            raise self._placed(error) from error
        except Conflict as conflict:
            if conflict.code == "changed_meanwhile":
                self._look_again()
            raise

    def _placed(self, error: ValidationError) -> ValidationError:
        """What is of one step goes to its form; the rest is given back."""
        self.told = True
        rest: dict[str, list[ValidationError]] = {}
        steps = [step for step in self.steps if not (step.is_bound and step.is_empty)]
        wrong = []
        for field, errors in error.error_dict.items():
            head, _dot, tail = field.partition(".")
            number, _dot, name = tail.partition(".")
            if head == "steps" and number:
                steps[int(number)].take(name, errors)
                wrong.append(steps[int(number)].number)
            else:
                rest[field if field in self.fields else NON_FIELD_ERRORS] = errors
        if wrong:
            rest.setdefault(NON_FIELD_ERRORS, []).append(ValidationError(_look_at(sorted(set(wrong)))))
        return ValidationError(rest)

    def _look_again(self) -> None:
        """The next save means the chain as it stands now."""
        now = Chain.objects.get(pk=self.record.pk)
        self.saved_meanwhile = [step.name for step in now.steps.all()]
        self.data = self.data.copy()
        self.data["seen"] = now.updated_at.isoformat()

    def _arranged(self) -> None:
        """A step was added, moved or removed: what is not finished yet is not wrong yet."""
        self.is_valid()
        too_many = count(self.data) > MOST_STEPS
        self._errors = forms.utils.ErrorDict()
        for step in self.steps:
            step.hush()
        if too_many:
            self.add_error(None, _("A chain has at most %(limit)d steps.") % {"limit": MOST_STEPS})

    # What would happen

    @property
    def tried_on(self) -> Client | None:
        """The client on whose posts it is tried."""
        if self.client is not None or "try_with" not in self.fields:
            return self.client
        found = staff_clients(self.user)
        return found.filter(pk__in=ids([str(self["try_with"].value() or "")])).first() or found.first()

    def foresee(self) -> None:
        """Fill ``preview`` with what the steps as they stand in the form would do, where that can be said."""
        client = self.tried_on
        if client is None or self.unclear or not self.plans():
            return
        try:
            found = services.foresee(
                user=self.user, client=client, subject=self.kind, steps=self.plans(), template=self.client is None
            )
        except ValidationError as error:
            self._unforeseen(error)
            return
        self.preview = [chain_words.said(item, self.choices) for item in found]
        if not found:
            text = _("%(client)s has nothing yet on which it could be tried.")
            self.preview_problem = text % {"client": client.name}

    def _unforeseen(self, error: ValidationError) -> None:
        if not self.is_bound:
            self.preview_problem = " ".join(error.messages)
        elif self.do in {"save", "foresee"} and not self.told:
            take_errors(self, self._placed(error))


def _look_at(numbers: Sequence[int]) -> str:
    return _("Look at step %(numbers)s.") % {"numbers": ", ".join(str(number + 1) for number in numbers)}


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _initial(source: Chain | None, *, is_copy: bool) -> dict[str, Any]:
    if source is None:
        return {}
    if is_copy:
        return {"name": source.name if source.client_id is None else "", "restart": source.restart}
    scopes: dict[str, list[str]] = {scope: [] for scope in DefaultScope.values}
    for row in source.defaults.all():
        scopes[row.scope].append(row.value)
    return {
        "seen": source.updated_at.isoformat(),
        "name": source.name,
        "restart": source.restart,
        "is_default": source.is_default,
        "default_channels": ids(scopes[DefaultScope.CHANNEL]),
        "default_labels": scopes[DefaultScope.LABEL],
    }


def count(data: QueryDict) -> int:
    """How many steps were sent; one more than there can be, at most, so that it is said."""
    sent = str(data.get(COUNT, ""))
    return min(int(sent), MOST_STEPS + 1) if sent.isdecimal() and len(sent) < 9 else 0  # noqa: PLR2004 - a number's length


def rearranged(data: QueryDict, do: str) -> QueryDict:
    """The same words with a step more, moved or gone, as the button ``do`` says: ``add``, ``up-2``, ``down-0``, ``remove-1``."""
    verb, _dash, place = do.partition("-")
    if verb not in {"add", "up", "down", "remove"}:
        return data
    order: list[int | None] = list(range(count(data)))
    at = int(place) if place.isdecimal() and len(place) < 3 else -1  # noqa: PLR2004 - a number's length
    if verb == "add":
        order.append(None)
    elif 0 <= at < len(order):
        step = order.pop(at)
        if verb != "remove":
            order.insert(max(0, at - 1) if verb == "up" else at + 1, step)
    made = data.copy()
    for name in [name for name in made if name.startswith("steps-")]:
        del made[name]
    made[COUNT] = str(len(order))
    for now, before in enumerate(order):
        for name in data:
            if before is not None and name.startswith(f"steps-{before}-"):
                made.setlist(f"steps-{now}-{name.split('-', 2)[2]}", data.getlist(name))
    return made


def nameable(user: User, client: Client | None) -> list[tuple[User, str]]:
    """Who may be named in a step, each with what they are here: who decides for the client, and agency admins.

    For the agency's own: its staff everywhere. One query.
    """
    roles = DECIDING_ROLES if client else STAFF_ROLES
    found = memberships(user).filter(role__in=roles)
    if client:
        found = found.filter(client=client)
    people = User.objects.filter(Q(is_agency_admin=True) | Q(pk__in=found.values("user")), is_active=True)
    known: dict[int, str] = {}
    if client:
        members = Membership.objects.filter(client=client, role__in=roles)
        known = {member.user_id: str(member.get_role_display()) for member in members}
    return [(person, _with_role(person, known)) for person in people.order_by("name", "pk")]


def _with_role(person: User, known: dict[int, str]) -> str:
    role = known.get(person.pk) or (_("agency admin") if person.is_agency_admin else "")
    return f"{person} · {role}" if role else str(person)
