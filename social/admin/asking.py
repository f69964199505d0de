"""What a network asks beside the text, as fields of the composer's form."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from social import networks
from social.models import Variant
from social.networks.base import Field

LONGEST = 110_000  # characters that the form takes; the network says where the end is


def form_field(field: Field) -> forms.Field:
    """How it is typed. Nothing is required of a draft: preflight says what is missing."""
    label = f"{field.label} *" if field.required else str(field.label)
    told: dict[str, Any] = {"label": label, "required": False, "help_text": field.help}
    if field.kind == "yes":
        return forms.BooleanField(**told, widget=UnfoldBooleanWidget())
    if field.kind == "choice":
        empty = [] if any(value == "" for value, _label in field.choices) else [("", "—")]
        choices = [*empty, *field.choices]
        return forms.ChoiceField(**told, choices=choices, widget=UnfoldAdminSelectWidget())
    if field.kind == "line":
        widget: forms.Widget = UnfoldAdminTextInputWidget(attrs={"dir": "auto"})
        return forms.CharField(**told, max_length=LONGEST, widget=widget)
    if field.kind == "words":
        told["help_text"] = " ".join(filter(None, [_("One on each line."), str(field.help)]))
    widget = UnfoldAdminTextareaWidget(attrs={"rows": 3, "dir": "auto"})
    return forms.CharField(**told, strip=False, max_length=LONGEST, widget=widget)


def initial(variants: Iterable[Variant]) -> Mapping[str, Any]:
    """What stands in these fields, by the names that they have in the form."""
    found = {}
    for variant in variants:
        for field in networks.get(variant.channel.network).fields:
            value = variant.fields.get(field.name)
            if value is not None:
                name = f"field_{variant.channel_id}_{field.name}"
                found[name] = "\n".join(value) if isinstance(value, list) else value
    return found


def given(field: Field, typed: Any) -> Any:
    """What was typed, as the service takes it."""
    if field.kind == "yes":
        return bool(typed)
    if field.kind == "words":
        return str(typed).splitlines()
    return str(typed)
