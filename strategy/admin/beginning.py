"""A strategy is begun, from nothing or from what there is already; and what stands above its sections is changed."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from accounts.models import Language, User
from approvals.models import Chain
from approvals.selectors import chains
from clients.admin.scoped import ClientForm
from clients.models import Client
from strategy import selectors, services
from strategy.admin.stamped import StampedForm
from strategy.kind import STRATEGY
from strategy.models import Strategy, StrategyKind
from strategy.models.strategies import TITLE_LENGTH
from strategy.services.strategies import StrategyFields
from strategy.starts import start, starts

OLDER = 50  # strategies, the latest first, that a new one can be like


def day_input() -> forms.Widget:
    """The browser's own way to choose a day."""
    made: forms.Widget = UnfoldAdminTextInputWidget(attrs={"type": "date"})
    return made


class StrategyForm(ClientForm):
    """What a strategy is called, what it is for, how long it lasts, who keeps it, who agrees to it."""

    client: Client
    field_order = (
        "begin", "title", "kind", "language", "starts_on", "ends_on", "owner", "chain", "contacts_write"
    )  # fmt: skip
    title = forms.CharField(
        label=gettext_lazy("Title"), max_length=TITLE_LENGTH, widget=UnfoldAdminTextInputWidget(attrs={"dir": "auto"})
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What it is for"), choices=StrategyKind.choices, widget=UnfoldAdminSelectWidget()
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the document"), choices=Language.choices, widget=UnfoldAdminSelectWidget()
    )
    starts_on = forms.DateField(label=gettext_lazy("Begins on"), widget=day_input())
    ends_on = forms.DateField(
        label=gettext_lazy("Ends on"),
        required=False,
        widget=day_input(),
        help_text=gettext_lazy("Empty: it has no end yet."),
    )
    contacts_write = forms.BooleanField(
        label=gettext_lazy("The client’s approvers write in its sections, too"),
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text=gettext_lazy(
            "Else they suggest other words and remark on passages. Everybody does so once it is shared."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = self._owner(self.record)
        self.fields["chain"] = self._chain()
        self.order_fields(self.field_order)

    def _owner(self, strategy: Strategy | None) -> forms.ModelChoiceField[User]:
        also = strategy.owner_id if strategy else None
        return forms.ModelChoiceField(
            label=_("Who keeps it"),
            queryset=selectors.people(self.user, self.client, staff=True, also=also),
            empty_label=None,
            widget=UnfoldAdminSelectWidget(),
            help_text=_("They are reminded of what has to be looked at again."),
        )

    def _chain(self) -> forms.ModelChoiceField[Chain]:
        found = chains(self.user).filter(Q(client=self.client) | Q(client=None), active=True, subject=STRATEGY)
        return forms.ModelChoiceField(
            label=_("Approval chain"),
            queryset=found.prefetch_related(None).order_by("client__name", "name"),
            required=False,
            empty_label=_("The usual one"),
            widget=UnfoldAdminSelectWidget(),
        )

    def fields_for_service(self) -> StrategyFields:
        """What was typed, as the services take it."""
        typed = self.cleaned_data
        return {
            "title": typed["title"],
            "kind": typed["kind"],
            "language": typed["language"],
            "starts_on": typed["starts_on"],
            "ends_on": typed["ends_on"],
            "owner": typed["owner"],
            "chain": typed["chain"],
            "contacts_write": typed["contacts_write"],
        }


class SettingsForm(StampedForm, StrategyForm):
    """The same of a strategy that there is."""

    def before(self, record: Strategy) -> dict[str, Any]:
        names = ("title", "kind", "language", "starts_on", "ends_on", "contacts_write")
        own = {name: getattr(record, name) for name in names}
        return {**own, "owner": record.owner_id, "chain": record.chain_id}

    def save(self) -> Strategy:
        """The strategy, described anew."""
        return services.edit_strategy(user=self.user, strategy=self.record, **self.fields_for_service())


class NewForm(StrategyForm):
    """A new one, and what it begins from."""

    token = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        client: Client = kwargs["client"]
        kwargs["initial"] = {
            "language": client.language,
            "owner": kwargs["user"].pk,
            "starts_on": timezone.localdate(timezone=client.zone),
            "token": uuid.uuid4().hex,
        }
        super().__init__(*args, **kwargs)
        self.fields["begin"] = forms.ChoiceField(
            label=_("Begin from"),
            choices=self._beginnings(),
            required=False,
            widget=UnfoldAdminSelectWidget(),
            help_text=_(
                "From a strategy of this client all is copied. From another client’s only how it is built: its sections, with whys and questions that have no names or figures in them. Look through them before you share it."
            ),
        )
        self.order_fields(self.field_order)

    def _beginnings(self) -> list[Any]:
        """Nothing, our own questions, the agency's templates, older strategies of this client, then of others."""
        languages = dict(Language.choices)
        ours = [
            (f"start|{one.client_kind}|{one.language}", f"{one.name} ({languages[one.language]})") for one in starts()
        ]
        own = sorted(ours, key=lambda pair: not pair[0].endswith(self.client.language))
        templates = [(f"template|{row.pk}", f"{row.name} ({row.get_language_display()})") for row in self.templates]
        older = list(self.older[:OLDER])
        mine = [(f"like|{row.pk}", row.title) for row in older if row.client_id == self.client.pk]
        others = [(f"like|{row.pk}", f"{row.client}: {row.title}") for row in older if row.client_id != self.client.pk]
        groups = [
            (_("Questions to begin with"), own),
            (_("The agency’s templates"), templates),
            (_("Strategies of this client"), mine),
            (_("How another client’s strategy is built"), others),
        ]
        return [("", _("nothing: an empty document")), *((name, rows) for name, rows in groups if rows)]

    @property
    def templates(self) -> Any:
        """The agency's library."""
        return selectors.templates(self.user)

    @property
    def older(self) -> Any:
        """What it can be like."""
        return selectors.staff_strategies(self.user).order_by("-starts_on", "-pk")

    def save(self) -> Strategy:
        """The new draft."""
        fields = self.fields_for_service()
        what, _bar, rest = self.cleaned_data["begin"].partition("|")
        begin: dict[str, Callable[[], Strategy]] = {
            "start": lambda: self._from_questions(rest, fields),
            "template": lambda: services.create_strategy(
                user=self.user, client=self.client, template=self.templates.get(pk=rest), **fields
            ),
            "like": lambda: services.create_strategy(
                user=self.user, client=self.client, like=self.older.get(pk=rest), **fields
            ),
        }
        if what in begin:
            return begin[what]()
        return services.create_strategy(user=self.user, client=self.client, **fields)

    def _from_questions(self, whose: str, fields: StrategyFields) -> Strategy:
        client_kind, _bar, language = whose.partition("|")
        entries = start(client_kind, language).entries()
        sections = [services.WantedSection(kind=entry.pop("kind"), texts=entry) for entry in entries]  # type: ignore[arg-type]  # the names of ``Texts``
        return services.create_document(user=self.user, client=self.client, sections=sections, **fields)
