"""What was understood of a file, as a form: each section with its texts, what stands in it in numbers, and what was strange."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.models import Language, User
from clients.models import Client
from clients.moments import spoken_day
from strategy.admin.section_rows import SectionRow, rows_of
from strategy.models import Strategy, StrategyKind
from strategy.models.strategies import TITLE_LENGTH
from strategy.readable import in_short
from strategy.reading import Understood
from strategy.services import WantedSection, WantedShare, importing
from strategy.services.importing import BroughtSection, Facts, Plan, channels_by_name, met
from strategy.services.texts import Texts

DAY = {"type": "date", "class": "filo-input"}


class Json(forms.CharField):
    """What travels with the form: read again, and nothing where somebody wrote something else there."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput())

    def clean(self, value: Any) -> Any:
        """The thing itself."""
        return loaded(super().clean(value))


def loaded(text: Any) -> Any:
    """What the text is of; None for what is no JSON."""
    try:
        return json.loads(text) if text else None
    except (TypeError, ValueError):
        return None


@dataclass(frozen=True)
class InNumbers:
    """One thing that stands in a section in numbers: its name, what was understood of it, and why it is not taken in, if so."""

    name: str
    told: str = ""
    stays_out: str = ""


def _told(kind: str, row: Mapping[str, Any]) -> str:
    try:
        return in_short(kind, row)
    except (KeyError, TypeError, ValueError, InvalidOperation):
        return ""  # somebody wrote something else there; the service will say so


class BroughtRow(SectionRow):
    """One section that was understood."""

    review_by = forms.DateField(label=gettext_lazy("Review by"), required=False, widget=forms.DateInput(attrs=DAY))
    with_facts = forms.BooleanField(
        label=gettext_lazy("With what stands in it in numbers"),
        required=False,
        initial=True,
        widget=forms.CheckboxInput(),
    )
    owner = forms.CharField(required=False, widget=forms.HiddenInput())
    facts = Json()
    told = Json()
    preview: Any = ""
    meets: Any = None
    in_numbers: Sequence[InNumbers] = ()
    keeper: User | None = None
    today: date

    @property
    def notes(self) -> list[str]:
        """What was not understood, in words."""
        found = [str(line) for line in loaded(self["told"].value()) or [] if line]
        if self["owner"].value() and self.keeper is None:
            found.append(
                _("It names an owner, %(name)s: say so in the section itself.") % {"name": self["owner"].value()}
            )
        return found

    def look(self, client: Client, strategy: Strategy | None, people: Mapping[str, User]) -> None:
        """What stands in it in numbers, what of that can't be taken in today or is there already; and who keeps it."""
        self.keeper = people.get(str(self["owner"].value() or "").lower())
        self.today = timezone.now().astimezone(client.zone).date()
        there = importing.there_already(strategy) if strategy else {}
        found = []
        for kind, rows in facts_in(loaded(self["facts"].value())).items():
            for row in rows:
                name, why = str(row.get("name", "")), ""
                if name.lower() in there.get(kind, ()):
                    why = _("It is in the strategy already, and stays as it is there: change it on the plan.")
                elif kind == "objectives" and (day := importing.passed(row, self.today)):
                    why = _("Its day, %(day)s, has passed: it stays out. Enter it on the plan, with a day to come.")
                    why %= {"day": spoken_day(day, client.zone)}
                found.append(InNumbers(name, _told(kind, row), why))
        self.in_numbers = found

    def brought(self) -> BroughtSection:
        """What was typed and chosen."""
        texts: Texts = {**self.wanted(), "review_by": self.cleaned_data["review_by"]}  # type: ignore[typeddict-item]  # and the kind
        kind = str(texts.pop("kind"))  # type: ignore[typeddict-item]  # see above
        texts["horizon"] = texts["horizon"] or "evergreen"
        if self.keeper is not None:
            texts["owner"] = self.keeper
        facts = facts_in(self.cleaned_data["facts"]) if self.cleaned_data["with_facts"] else {}
        facts = {
            kind: [row for row in rows if kind != "objectives" or not importing.passed(row, self.today)]
            for kind, rows in facts.items()
        }
        return BroughtSection(wanted=WantedSection(kind=kind, texts=texts), facts=facts)


def facts_in(given: Any) -> Facts:
    """Rows by their names, and nothing else."""
    if not isinstance(given, Mapping):
        return {}
    return {
        str(name): [row for row in rows if isinstance(row, Mapping)]
        for name, rows in given.items()
        if isinstance(rows, list)
    }


class FrameForm(forms.Form):
    """The strategy itself, and what travels along."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=TITLE_LENGTH, widget=UnfoldAdminTextInputWidget())
    kind = forms.ChoiceField(
        label=gettext_lazy("What it is for"), choices=StrategyKind.choices, widget=UnfoldAdminSelectWidget()
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=Language.choices, widget=UnfoldAdminSelectWidget()
    )
    starts_on = forms.DateField(label=gettext_lazy("Begins on"), widget=forms.DateInput(attrs=DAY))
    ends_on = forms.DateField(label=gettext_lazy("Ends on"), required=False, widget=forms.DateInput(attrs=DAY))


class Carried(forms.Form):
    """What travels along with the form."""

    token = forms.CharField(max_length=64, widget=forms.HiddenInput())
    edition = forms.IntegerField(required=False, widget=forms.HiddenInput())
    with_pillars = forms.BooleanField(
        label=gettext_lazy("With the shares of the pillars"), required=False, widget=forms.CheckboxInput()
    )
    pillars = Json()
    told = Json()
    pictures = Json()

    def show(self, edition: int) -> None:
        """The edition that stands now, also where another one was sent: what is shown beside it is of this one."""
        self.initial["edition"] = edition
        if self.is_bound:
            self.data = {**self.data, "edition": str(edition)}


class Brought:
    """The whole form; ``form`` is of the strategy itself, where it is a new one."""

    def __init__(self, *, form: FrameForm | None, carried: Carried, rows: Any) -> None:
        self.form, self.carried, self.rows = form, carried, rows
        self.notice: list[str] = []

    def is_valid(self) -> bool:
        """Each part of it."""
        parts = [self.carried, self.rows, *([self.form] if self.form else [])]
        wrong = [part for part in parts if not part.is_valid()]  # each says what is wrong with it, not the first alone
        return not wrong

    def look(self, user: User, client: Client, strategy: Strategy | None) -> None:
        """At what stands in the rows in numbers, and whom they name."""
        people = importing.people_by_name(user, client)
        for row in self.rows:
            row.look(client, strategy, people)

    @property
    def stayed_out(self) -> list[InNumbers]:
        """What of those that were taken in could not be."""
        taken = [row for row in self.rows.taken if row.cleaned_data["with_facts"]]
        return [fact for row in taken for fact in row.in_numbers if fact.stays_out]

    def say(self, text: str) -> None:
        """Above everything."""
        self.notice.append(text)

    def take(self, error: ValidationError) -> None:
        """What a service said, beside what it speaks of."""
        for name, errors in self.rows.take(error).items():
            if self.form is not None and name in self.form.fields:
                self.form.add_error(name, ValidationError(errors))
            else:
                self.notice += [text for each in errors for text in each.messages]

    @property
    def token(self) -> str:
        """By which a second click is known."""
        return str(self.carried.cleaned_data["token"])

    @property
    def edition(self) -> int | None:
        """Of the strategy that was looked at."""
        number: int | None = self.carried.cleaned_data["edition"]
        return number

    @property
    def pillars(self) -> list[Mapping[str, Any]]:
        """Those that the file has."""
        found = loaded(self.carried["pillars"].value())
        return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []

    @property
    def notes(self) -> list[str]:
        """What was not understood of the file as a whole."""
        return [str(line) for line in loaded(self.carried["told"].value()) or []]

    @property
    def pictures(self) -> list[str]:
        """Those that are not the client's, by their names."""
        return [str(name) for name in loaded(self.carried["pictures"].value()) or []]

    def frame(self) -> dict[str, Any]:
        """The strategy itself, as services take it."""
        return dict(self.form.cleaned_data) if self.form else {}

    def plan(self) -> Plan:
        """What is to be taken in. Raises ``ValidationError`` where nothing is."""
        sections = [row.brought() for row in self.rows.taken]
        if not sections:
            text = _("Nothing is chosen: leave at least one section in.")
            raise ValidationError({NON_FIELD_ERRORS: [ValidationError(text, code="required")]})
        return Plan(sections=sections, shares=self._shares())

    def _shares(self) -> list[WantedShare]:
        if not self.carried.cleaned_data["with_pillars"]:
            return []
        return [WantedShare(name=str(row.get("name", "")), percent=_percent(row.get("share"))) for row in self.pillars]

    def meet(self, strategy: Strategy) -> None:
        """For each row the section of the strategy whose texts it would replace."""
        there = list(strategy.sections.filter(removed_at=None).order_by("position", "pk"))
        self.carried.show(strategy.edition)
        for row in self.rows:
            texts: Texts = {"title": str(row["title"].value() or "")}
            row.meets = met(there, WantedSection(kind=str(row["kind"].value()), texts=texts))


def _percent(share: Any) -> int:
    return share if isinstance(share, int) and not isinstance(share, bool) else 0


def read_rows(found: Understood, client: Client, strategy: Strategy | None, *, token: str) -> Brought:
    """The form with what was understood in it."""
    form = None
    if strategy is None:
        today = {"starts_on": found.starts_on, "ends_on": found.ends_on}
        about = {"title": found.title, "kind": found.kind or StrategyKind.YEAR, "language": client.language}
        form = FrameForm(initial={**about, **today})
    carried = Carried(
        initial={
            "token": token,
            "with_pillars": bool(found.pillars),
            "pillars": json.dumps([dict(row) for row in found.pillars]),
            "told": json.dumps([str(line) for line in found.strange]),
            "pictures": json.dumps([picture.name for picture in found.pictures]),
        }
    )
    known = channels_by_name(client.pk)
    rows = rows_of((_row(asdict(section), known) for section in found.sections), row=BroughtRow)
    return Brought(form=form, carried=carried, rows=rows)


def _row(section: dict[str, Any], channels: Collection[str]) -> dict[str, Any]:
    told = [str(line) for line in section["strange"]]
    if section["guessed"]:
        told.insert(0, _("Its kind was guessed by its heading: look whether it is right."))
    for row in section["facts"].get("channels", ()):
        if not row["left_out"] and row["name"].lower() not in channels:
            text = _("“%(name)s” is none of the client’s channels: its cadence is not taken in.")
            told.append(text % {"name": row["name"]})
    kept = {name: section[name] for name in ("kind", "title", "body", "why", "source", "review_by", "owner")}
    return {
        **kept,
        "horizon": section["horizon"] or "evergreen",
        "with_facts": any(section["facts"].values()),
        "facts": json.dumps(section["facts"]),
        "told": json.dumps(told),
    }


def brought_rows(data: Mapping[str, Any], *, new: bool) -> Brought:
    """The form with what was sent in it."""
    form = FrameForm(data) if new else None
    return Brought(form=form, carried=Carried(data), rows=rows_of(data=data, row=BroughtRow))
