"""What a network asks beside the text, as people give it: cleaned, each of its kind."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from social import networks
from social.networks.base import Field
from social.text import clean_text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST_WORDS = 100  # entries of a list
ON = "variants"  # the field of a post under which they are given


def clean_fields(slug: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields by their names, without those that say nothing (empty texts and lists, false, null).

    Whether all that is required is there, and nothing too long, preflight says: a draft may be unfinished. Raises
    ``ValidationError`` on ``variants`` for names that the network does not ask, and for values of another kind.
    """
    network = networks.get(slug)
    known = {field.name: field for field in network.fields}
    for name in given.keys() - known.keys():
        text = _("%(network)s does not ask for “%(field)s”.")
        raise _refused(text, "unknown_field", network=network.name, field=str(name)[:50])
    found = {name: _value(network.name, field, given.get(name)) for name, field in known.items()}
    return {name: value for name, value in found.items() if value}


def _value(network: str, field: Field, value: Any) -> str | list[str] | bool:
    params = {"network": network, "field": field.label}
    if value is None:
        return ""
    if field.kind == "yes":
        if not isinstance(value, bool):
            raise _refused(_("%(network)s, %(field)s: this is true or false."), "field_kind", **params)
        return value
    if field.kind == "words":
        if not isinstance(value, list | tuple) or not all(isinstance(word, str) for word in value):
            raise _refused(_("%(network)s, %(field)s: this is a list of texts."), "field_kind", **params)
        if len(value) > MOST_WORDS:
            most = _("%(network)s, %(field)s: at most %(most)d.")
            raise _refused(most, "too_many", **params, most=MOST_WORDS)
        return list(dict.fromkeys(word for word in map(_line, value) if word))
    if not isinstance(value, str):
        raise _refused(_("%(network)s, %(field)s: this is a text."), "field_kind", **params)
    return clean_text(value, ON).strip() if field.kind == "text" else _line(value)


def _line(text: str) -> str:
    return " ".join(clean_text(text, ON).split())


def _refused(text: "StrOrPromise", code: str, **params: Any) -> ValidationError:
    return ValidationError({ON: ValidationError(text, code=code, params=params)})
