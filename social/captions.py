"""Captions of videos, as SubRip: checked, and written anew in one form."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

MOST_BYTES = 200_000
AFTER_THE_END = 1.0  # seconds that the first word of a caption may come late: clocks of tools differ
_TIMES = re.compile(
    r"^\s*(\d{1,3}):([0-5]\d):([0-5]\d)[,.](\d{3})\s*-->\s*(\d{1,3}):([0-5]\d):([0-5]\d)[,.](\d{3})(?:\s.*)?$"
)


def clean_captions(given: str | bytes, seconds: float) -> str:
    """The captions, numbered from 1, each line ended as on Unix; empty where none are given.

    Raises ``ValidationError`` on ``captions`` for what is no SubRip, and for words after the end of a video of so many
    ``seconds``.
    """
    text = _decoded(given).replace("\r\n", "\n").replace("\r", "\n").strip("\ufeff\n ")
    if not text:
        return ""
    cues: list[str] = []
    last = 0
    for number, block in enumerate(re.split(r"\n\s*\n", text), start=1):
        lines = [line.rstrip() for line in block.strip("\n").split("\n")]
        if lines and lines[0].strip().isdecimal() and len(lines) > 1:
            lines = lines[1:]
        times = _TIMES.match(lines[0])
        if times is None:
            raise _refused(_("Caption %(number)d has no times such as 00:00:01,000 --> 00:00:03,500."), number)
        start, end = _moment(times.groups()[:4]), _moment(times.groups()[4:])
        if end <= start or start < last:
            raise _refused(_("Caption %(number)d ends before it begins, or begins before the one above it."), number)
        if start > (seconds + AFTER_THE_END) * 1000:
            raise _refused(_("Caption %(number)d begins after the end of the video."), number)
        words = "\n".join(line for line in lines[1:] if line.strip())
        last = start
        if words:
            cues.append(f"{len(cues) + 1}\n{_clock(start)} --> {_clock(end)}\n{words}\n")
    return "\n".join(cues)


def _decoded(given: str | bytes) -> str:
    data = given.encode("utf-8", "surrogatepass") if isinstance(given, str) else given
    if len(data) > MOST_BYTES:
        heavy = _("These captions are too heavy: at most %(limit)d KB.")
        raise _error(heavy, "too_heavy", limit=MOST_BYTES // 1000)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _error(
            _("These captions are not text in UTF-8. Save them as UTF-8 and send them again."), "encoding"
        ) from None
    if "\0" in text:
        raise _error(_("This is no SubRip file (.srt)."), "not_captions")
    return text


def _moment(parts: tuple[str, ...]) -> int:
    hours, minutes, seconds, thousandths = map(int, parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def _clock(moment: int) -> str:
    seconds, thousandths = divmod(moment, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02},{thousandths:03}"


def _refused(text: StrOrPromise, number: int) -> ValidationError:
    return _error(text, "not_captions", number=number)


def _error(text: StrOrPromise, code: str, **params: int) -> ValidationError:
    return ValidationError({"captions": ValidationError(text, code=code, params=params)})
