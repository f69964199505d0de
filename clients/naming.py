"""The names that people give to a client's things and then refer to them by: one line, short, the same however it is typed."""

import unicodedata
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NAME_LENGTH = 60  # characters
# Line ends and other controls, line and paragraph separators, halves of characters.
UNNAMEABLE = frozenset({"Cc", "Zl", "Zp", "Cs"})


def clean_name(name: str, *, commas: bool = True) -> str:
    """The name without white space around it, composed (Unicode's NFC), so that it equals itself wherever it was typed.

    Raises ``ValidationError`` on ``name``: ``required``, ``max_length``, ``line_break``, and ``comma`` where commas are not
    taken.
    """
    name = unicodedata.normalize("NFC", name).strip()
    if not name:
        raise refused_name(_("Give it a name."), "required")
    if any(unicodedata.category(character) in UNNAMEABLE for character in name):
        raise refused_name(_("A name is one line, of whole characters."), "line_break")
    if not commas and "," in name:
        raise refused_name(_("This name can't have a comma: lists of such names are written with commas."), "comma")
    if len(name) > NAME_LENGTH:
        raise refused_name(_("A name has at most %(limit)d characters."), "max_length", limit=NAME_LENGTH)
    return name


def refused_name(text: "StrOrPromise", code: str, **params: object) -> ValidationError:
    """The error that stands beside the name."""
    return ValidationError({"name": ValidationError(text, code=code, params=params)})
