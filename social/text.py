"""What people type, before it is stored."""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TEXT_LENGTH = 100_000  # far above what any network takes; keeps a pasted book out of the database


def clean_text(text: str, field: str) -> str:
    """The text with plain line ends. Raises ``ValidationError`` on ``field`` for what no network could take."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in text:
        raise _error(field, _("The text holds a NUL character, which can't be published."), "null_character")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise _error(field, _("The text holds half a character (a lone surrogate). Type it again."), "surrogate")
    if len(text) > TEXT_LENGTH:
        raise _error(field, _("Too long: at most 100,000 characters."), "max_length")
    return text


def _error(field: str, text: "StrOrPromise", code: str) -> ValidationError:
    return ValidationError({field: ValidationError(text, code=code)})
