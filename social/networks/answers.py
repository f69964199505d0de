"""What came back from a network: bounded, and taken apart with care, since nobody vouches for it."""

import json
import math
import re
from typing import Any

import httpx

from social.networks.failing import Failing
from social.networks.outcomes import NetworkError
from social.networks.text import unspeakable

MAX_DEPTH = 64
MAX_WORD = 2_000
_MISSING, _BROKEN = object(), object()
_PIECE = 65_536
_ESCAPED = re.compile(r"(?<!\\)\\(?:u00[01][0-9a-f]|[bfnrt])")  # control characters, as JSON writes them

Step = str | int


class Answer:
    """One answer of a network. `status` is HTTP's; `headers` know no upper and lower case; `content` is bounded.

    Digging deeper is for `json`, `get`, and the functions below, which give the right outcome where something is not
    there or is of another kind: after a visible call Unknown, since the post may be out, else NotSent.
    """

    __slots__ = ("_failing", "_parsed", "content", "headers", "status")

    def __init__(self, status: int, headers: httpx.Headers, content: bytes, failing: Failing) -> None:
        self.status = status
        self.headers = headers
        self.content = content
        self._failing = failing
        self._parsed: Any = _MISSING

    def __repr__(self) -> str:
        return f"<Answer {self.status}>"

    @property
    def ok(self) -> bool:
        """Whether the status says that it worked."""
        return httpx.codes.is_success(self.status)

    @property
    def is_own(self) -> bool:
        """Whether it is the network that says this no, and not the page of somebody between us and it.

        Networks answer with an object of JSON; and only who knows tokens asks for one anew (RFC 6750 §3).
        """
        asks_for_token = self.headers.get("www-authenticate", "").lower().startswith("bearer")
        return isinstance(self.get(), dict) or (self.status == httpx.codes.UNAUTHORIZED and asks_for_token)

    def json(self) -> Any:
        """Return the body, read as JSON.

        Raises:
            NotSent, Unknown: it is none, or nested deeper than anybody means it.
        """
        if self._parsed is _MISSING:
            try:
                self._parsed = _parsed(self.content)
            except (ValueError, RecursionError):
                self._parsed = _BROKEN
        if self._parsed is _BROKEN:
            raise self.unreadable(_kind(self.headers))
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
        return self._failing.secrets.said(f"HTTP {self.status} {self._words()}")

    def unreadable(self, why: str = "") -> NetworkError:
        """Return the outcome where the answer is not what was asked for; `why` is for the log."""
        return self._failing.unreadable(self._failing.secrets.said(f"HTTP {self.status} {why}"))

    def _words(self) -> str:
        if "html" in self.headers.get("content-type", ""):
            text = self.content[:_PIECE].decode("utf-8", "replace")
            text = re.sub(r"(?is)<(script|style)\b.*?(</\1\s*>|$)", " ", text)
            return re.sub(r"<[^>]*>?", " ", text)
        body = self.get()
        if body is not None and len(self.content) <= _PIECE:
            # What was escaped is plain now, and can be hidden if it is a secret.
            return _ESCAPED.sub(" ", json.dumps(body, ensure_ascii=False))
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
