"""What a network says, made fit to be kept: short, on one line, and without the secrets that it may say back."""

import html
import json
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

SAID_LENGTH = 300
_READ_AT_MOST = 20_000  # far more than is kept, so that what is cut off was looked at too
_RUN = 12  # so many characters of a secret in a row are a part of it, not chance
_SHORTEST = 4
_ESCAPED_AT_MOST = 2  # a message that is HTML in a page that is, too
_HIDDEN = "…"


class Secrets:
    """The secrets of one account: never repeated, whole or in part, as they are or encoded for an address or JSON."""

    __slots__ = ("_known",)

    def __init__(self, secrets: Iterable[Any] = ()) -> None:
        self._known: set[str] = set()
        for secret in secrets:
            self.add(secret)

    def __repr__(self) -> str:
        return f"<Secrets: {len(self._known)}>"

    def add(self, secret: Any) -> None:
        """Hide this from now on; of a mapping or a list, each value."""
        if isinstance(secret, Mapping):
            for value in secret.values():
                self.add(value)
        elif isinstance(secret, (list, tuple, set, frozenset)):
            for value in secret:
                self.add(value)
        elif secret is not None and not isinstance(secret, (bool, float)):
            self._learn(secret.decode("latin-1") if isinstance(secret, bytes) else str(secret))

    def hidden(self, text: str) -> str:
        """Return the text with every secret in it, and every long part of one, replaced."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, _HIDDEN)
        return self._without_parts(text)

    def said(self, text: str) -> str:
        """Return the text as it may be kept: one line, no control characters, no secrets, at most 300 characters."""
        return self.hidden(_one_line(_plain(text[:_READ_AT_MOST])))[:SAID_LENGTH]

    def _learn(self, secret: str) -> None:
        for known in {secret, secret.strip(), _one_line(secret), _one_line(_plain(secret))}:  # usually one and the same
            if len(known) >= _SHORTEST:
                lenient = known.encode("utf-8", "replace").decode()
                self._known |= {known, quote(lenient), quote(lenient, safe=""), quote_plus(lenient)}
                self._known |= {json.dumps(known)[1:-1], json.dumps(known, ensure_ascii=False)[1:-1]}

    def _without_parts(self, text: str) -> str:
        long = [secret for secret in self._known if len(secret) >= _RUN]
        kept, start = [], 0
        while start < len(text):
            end = start + _RUN
            if end <= len(text) and any(text[start:end] in secret for secret in long):
                while end < len(text) and any(text[end - _RUN + 1 : end + 1] in secret for secret in long):
                    end += 1
                kept.append(_HIDDEN)
                start = end
            else:
                kept.append(text[start])
                start += 1
        return "".join(kept)


def _plain(text: str) -> str:
    """The text as a reader sees it who is shown a page of it: sites write `&`, `<` and quotes of what they say back as HTML has them."""
    for _turn in range(_ESCAPED_AT_MOST):
        text = html.unescape(text)
    return text


def _one_line(text: str) -> str:
    """The text without control, format, private and half characters, white space made single spaces."""
    shown = (" " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in text)
    return " ".join("".join(char for char in shown if unicodedata.category(char)[0] != "C").split())
