"""What a post serves and is sorted by, as the composer asks for it: what is in use, and what the post has though it is not."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from clients.admin.scoped import ids
from social import selectors
from social.services.serving import NAMES
from strategy.selectors import pillars, served_objectives, served_occasions, to_choose

if TYPE_CHECKING:
    from social.admin.composing import ComposerForm


class Kept(forms.ModelChoiceField[Any]):
    """A choice among what is in use, and the retired one that the post has."""

    def label_from_instance(self, obj: Any) -> str:
        """Its name; a retired one says so."""
        return str(obj.named)


class Aimed(Kept):
    """The same of what stands in a strategy, which is named with it."""

    def label_from_instance(self, obj: Any) -> str:
        """Its name, and of which strategy."""
        return f"{obj.named} · {obj.strategy.title}"


class KeptAll(Kept, forms.ModelMultipleChoiceField[Any]):
    """The same, several."""


def add_serving(form: "ComposerForm") -> None:
    """Its pillar, and of strategies that are not over an objective and an occasion."""
    had = {name: getattr(form.record, f"{name}_id") if form.record else None for name in NAMES}
    served = Q(retired_at=None) | Q(pk=had["pillar"])
    themes = pillars(form.user).filter(served, client=form.client).order_by("name")
    form.fields["pillar"] = _choice(Kept, _("Pillar"), themes)
    aims = to_choose(served_objectives(form.user), form.client, had["objective"])
    form.fields["objective"] = _choice(
        Aimed, _("Objective"), aims.order_by("strategy__title", "strategy", "due_on", "pk")
    )
    days = to_choose(served_occasions(form.user), form.client, had["occasion"])
    form.fields["occasion"] = _choice(Aimed, _("Occasion"), days.order_by("strategy__title", "strategy", "on", "pk"))


def _choice(kind: type[Kept], label: str, found: Any) -> Kept:
    return kind(label=label, queryset=found, required=False, empty_label=_("none"), widget=UnfoldAdminSelectWidget())


def serving(form: "ComposerForm") -> dict[str, Any]:
    """Pillar, objective and occasion as they are chosen now, of those that can be; None where none is."""
    chosen: dict[str, Any] = {}
    for name in NAMES:
        numbers = ids([str(form.typed(name))])
        field: Any = form.fields[name]
        chosen[name] = field.queryset.filter(pk__in=numbers).first() if numbers else None
    return chosen


def add_labels(form: "ComposerForm") -> bool:
    """Its labels; whether there are any to choose."""
    worn = Q(retired_at=None) | Q(pk__in=form.initial.get("labels", []))
    labels = selectors.labels(form.user).filter(worn, client=form.client).order_by("name")
    field = KeptAll(
        label=_("Labels"), queryset=labels, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget()
    )
    there = bool(labels)
    field.choices = [(label.pk, field.label_from_instance(label)) for label in labels]
    form.fields["labels"] = field
    return there
