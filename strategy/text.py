"""What people type into a strategy, before it is stored."""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def clean_text(text: str, field: str, longest: int) -> str:
    """The text with plain line ends, as it was typed. Raises ``ValidationError`` on ``field``."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in text):
        raise refused(
            field, _("The text holds something that is no character. Type that part again."), "not_a_character"
        )
    if len(text) > longest:
        raise refused(field, _("Too long: at most %(limit)d characters."), "max_length", limit=longest)
    return text


def clean_line(text: str, field: str, longest: int, *, required: bool = False) -> str:
    """The same in one line, without white space around it; ``required``: it has to say something."""
    line = " ".join(clean_text(text, field, 10 * longest).split())
    if len(line) > longest:
        raise refused(field, _("Too long: at most %(limit)d characters."), "max_length", limit=longest)
    if required and not line:
        raise refused(field, _("This can't be empty."), "required")
    return line


def refused(field: str, text: "StrOrPromise", code: str, **params: object) -> ValidationError:
    """The error that stands beside the field."""
    return ValidationError({field: ValidationError(text, code=code, params=params)})
