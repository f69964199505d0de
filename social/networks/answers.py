"""What came back from a network: bounded, and taken apart with care, since nobody vouches for it."""

import json
import math
import re
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
from django.utils.translation import gettext_lazy as _

from social.networks.hiding import Secrets
from social.networks.outcomes import NetworkError, NotSent, Unknown
from social.networks.text import unspeakable

MAX_DEPTH = 64
MAX_WORD = 2_000
_MISSING = object()
_PIECE = 65_536

Step = str | int


class Unreadable(Exception):  # noqa: N818 - caught within this package
    """The body is not what it says it is, or more than is allowed."""


class Answer:
    """One answer of a network. `status` is HTTP's; `headers` know no upper and lower case; `content` is bounded.

    Digging deeper is for `json`, `get`, and the functions below, which give the right outcome where something is not
    there or is of another kind: after a visible call Unknown, since the post may be out, else NotSent.
    """

    __slots__ = ("_network", "_parsed", "_secrets", "_visible", "content", "headers", "status")

    def __init__(
        self,
        status: int,
        headers: httpx.Headers,
        content: bytes,
        *,
        network: str,
        secrets: Secrets,
        visible: bool,
    ) -> None:
        self.status = status
        self.headers = headers
        self.content = content
        self._network = network
        self._secrets = secrets
        self._visible = visible
        self._parsed: Any = _MISSING

    def __repr__(self) -> str:
        return f"<Answer {self.status}>"

    @property
    def ok(self) -> bool:
        """Whether the status says that it worked."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own classes

    def json(self) -> Any:
        """Return the body, read as JSON.

        Raises:
            NotSent, Unknown: it is none, or nested deeper than anybody means it.
        """
        if self._parsed is _MISSING:
            try:
                self._parsed = _parsed(self.content)
            except (ValueError, RecursionError):
                self._parsed = None
                raise self.unreadable(_kind(self.headers)) from None
        return self._parsed

    def get(self, *path: Step) -> Any:
        """Return what stands at the path (`answer.get("error", "code")`), None where there is nothing. Never raises."""
        try:
            return _dug(self.json(), path)
        except (NetworkError, LookupError):
            return None

    @property
    def said(self) -> str:
        """What the network said, as it may be kept and shown: status and body, cut, without secrets."""
        return self._secrets.said(f"HTTP {self.status} {self._words()}")

    def unreadable(self, why: str = "") -> NetworkError:
        """Return the outcome where the answer is not what was asked for; `why` is for the log."""
        said = self._secrets.said(f"HTTP {self.status} {why}")
        return unreadable(self._network, visible=self._visible, said=said)

    def _words(self) -> str:
        if "html" in self.headers.get("content-type", ""):
            text = self.content[:_PIECE].decode("utf-8", "replace")
            text = re.sub(r"(?is)<(script|style)\b.*?(</\1\s*>|$)", " ", text)
            return re.sub(r"<[^>]*>?", " ", text)
        body = self.get()
        if body is not None and len(self.content) <= _PIECE:
            return json.dumps(body, ensure_ascii=False)  # what was escaped is plain now, and hidden if it is a secret
        return self.content[:_PIECE].decode("utf-8", "replace")


def text(answer: Answer, *path: Step, most: int = MAX_WORD, empty: bool = False) -> str:
    """Return the text at the path of the answer's JSON; `most` is in characters.

    Raises:
        NotSent, Unknown: there is none, or nothing that can be kept as text.
    """
    found = _found(answer, path)
    if not isinstance(found, str) or not (found or empty) or len(found) > most or unspeakable(found):
        raise answer.unreadable(_named(path, "text"))
    return found


def number(answer: Answer, *path: Step) -> int:
    """Return the whole number at the path; `"12"` and `12.0` count as numbers, true does not.

    Raises:
        NotSent, Unknown: there is none.
    """
    found = _found(answer, path)
    if isinstance(found, str) and re.fullmatch(r"-?[0-9]{1,18}", found):
        return int(found)
    if isinstance(found, float) and math.isfinite(found) and found.is_integer() and abs(found) < 2**53:
        return int(found)
    if isinstance(found, int) and not isinstance(found, bool) and abs(found) < 2**63:
        return found
    raise answer.unreadable(_named(path, "number"))


def word(answer: Answer, *path: Step) -> str:
    """Return a name or id that some networks give as text and some as a number.

    Raises:
        NotSent, Unknown: there is neither.
    """
    found = _found(answer, path)
    return str(number(answer, *path)) if isinstance(found, int) else text(answer, *path)


def items(answer: Answer, *path: Step) -> list[Any]:
    """Return the list at the path.

    Raises:
        NotSent, Unknown: there is none.
    """
    found = _found(answer, path)
    if not isinstance(found, list):
        raise answer.unreadable(_named(path, "list"))
    return found


def mapping(answer: Answer, *path: Step) -> dict[str, Any]:
    """Return the object at the path.

    Raises:
        NotSent, Unknown: there is none.
    """
    found = _found(answer, path)
    if not isinstance(found, dict):
        raise answer.unreadable(_named(path, "object"))
    return found


def unreadable(network: str, *, visible: bool, said: str) -> NetworkError:
    """Return the outcome where something came back that can't be read."""
    if visible:
        return Unknown(
            _("%(network)s gave no clear answer. We don't know yet whether the post went out."),
            code="answer_not_readable",
            params={"network": network},
            said=said,
        )
    return NotSent(
        _("%(network)s answered something that can't be read. Nothing was published."),
        code="answer_not_readable",
        params={"network": network},
        said=said,
    )


def unpacked(pieces: Iterator[bytes], encoding: str, *, most: int) -> Iterator[bytes]:
    """Give the body as it was before it was compressed, in pieces of bounded size, at most so many bytes in all.

    Raises:
        Unreadable: it is more, broken off, or compressed in a way that was not asked for.
    """
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        plain = pieces
    elif encoding in {"gzip", "x-gzip"}:
        plain = _inflated(pieces)
    else:
        raise Unreadable("an encoding that was not asked for")
    size = 0
    for piece in plain:
        size += len(piece)
        if size > most:
            raise Unreadable("larger than allowed")
        yield piece


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    inflating = zlib.decompressobj(zlib.MAX_WBITS | 16)
    started = False
    try:
        for piece in pieces:
            rest = piece
            while rest and not inflating.eof:
                started = True
                yield inflating.decompress(rest, _PIECE)
                rest = inflating.unconsumed_tail
    except zlib.error as error:
        raise Unreadable("not compressed as it says") from error
    if started and not inflating.eof:
        raise Unreadable("broken off")


def _parsed(content: bytes) -> Any:
    found = json.loads(content, parse_constant=_no_constant)
    if _depth_over(found, MAX_DEPTH):
        raise ValueError("nested too deep")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity, which JSON does not have (RFC 8259 §6)


def _depth_over(found: Any, most: int) -> bool:
    level = [found]
    for _turn in range(most + 1):
        level = [
            inner
            for value in level
            if isinstance(value, (dict, list))
            for inner in (value.values() if isinstance(value, dict) else value)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def _found(answer: Answer, path: tuple[Step, ...]) -> Any:
    try:
        return _dug(answer.json(), path)
    except LookupError:
        raise answer.unreadable(_named(path, "anything")) from None


def _dug(found: Any, path: tuple[Step, ...]) -> Any:
    for step in path:
        fits = isinstance(found, dict) if isinstance(step, str) else isinstance(found, list)
        if not fits:
            raise LookupError(step)
        found = found[step]
    return found


def _named(path: tuple[Step, ...], kind: str) -> str:
    return f"no {kind} at {'.'.join(map(str, path)) or 'the top'}"


def _kind(headers: httpx.Headers) -> str:
    return f"not JSON: {headers.get('content-type', '')}"
