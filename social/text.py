"""What people type, before it is stored."""

import re
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


def has_words(text: str, words: str) -> bool:
    """Whether ``words`` stand in the text, none of them as a part of a longer one; line breaks are spaces. No words stand nowhere."""
    words = " ".join(words.split())
    if not words:
        return False
    begin, end = (r"\b" if re.match(r"\w", sign) else "" for sign in (words[0], words[-1]))
    return re.search(begin + re.escape(words) + end, " ".join(text.split())) is not None


def _error(field: str, text: "StrOrPromise", code: str) -> ValidationError:
    return ValidationError({field: ValidationError(text, code=code)})
