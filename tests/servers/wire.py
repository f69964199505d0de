"""A network that is not here, at the wire: an HTTP server in a thread that does what the network's documents say.

    class Pins(FakeNetwork):
        spec = OpenApi("pinterest.json")

        def __init__(self) -> None:
            super().__init__()
            self.pins: dict[str, Any] = {}

        @route("POST /v5/pins")
        def create(self, request: Request) -> Answer:
            ...
            return Answer(201, {"id": "1"})

    with Pins() as network:
        network.on("POST /v5/pins", AnswerLost(), None)

What was published stands in the fake's own memory, where tests count it. Every request is kept, and held against the
network's specification where SPECS_DIR has it: a wrong one is answered 400, and fails the test at the end of the `with`.
So does a call that the fake has no route for (404), and a fake that breaks (500).
"""

import datetime as dt
import inspect
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

from tests.servers.bad_days import (
    HTML,
    After,
    Answer,
    AnswerLost,
    Between,
    Bomb,
    Call,
    Cut,
    Drip,
    Echo,
    Endless,
    Fault,
    Slow,
    matches,
)
from tests.servers.requests import Request, Upload
from tests.servers.specs import MetaFields, OpenApi, Specification

__all__ = [
    "HTML",
    "After",
    "Answer",
    "AnswerLost",
    "Bomb",
    "Call",
    "Cut",
    "Drip",
    "Echo",
    "Endless",
    "FakeNetwork",
    "Fault",
    "MetaFields",
    "OpenApi",
    "Request",
    "Slow",
    "Upload",
    "route",
]

Handler = TypeVar("Handler", bound=Callable[..., Any])


def route(pattern: str, *, outside: str = "") -> Callable[[Handler], Handler]:
    """Say which calls a method of the fake answers: `POST /v5/pins/{pin}`; it gives an `Answer`, or a dict for a 200.

    `outside`: why the specification does not know this call, which is then not held against it.
    """

    def told(handler: Handler) -> Handler:
        routes = [*getattr(handler, "routes", []), (pattern, outside)]
        handler.routes = routes  # type: ignore[attr-defined]
        return handler

    return told


NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)


class FakeNetwork(Between):
    """A network at the wire. `calls` are the routes that were asked, in order; `requests` all that came, whole."""

    spec: Specification | None = None

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.requests: list[Request] = []
        self.wrong: list[str] = []
        found = inspect.getmembers(type(self), lambda member: hasattr(member, "routes"))
        self._routes = sorted(
            ((pattern, outside, name) for name, handler in found for pattern, outside in handler.routes),
            key=lambda one: (one[0].count("{"), -len(one[0])),
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if kind is None:
            self.require_right()

    def require_right(self) -> None:
        """Fail where a request was not as the specification says; the fakes that live long are asked after each test.

        Raises:
            AssertionError: with all that was wrong.
        """
        wrong, self.wrong = self.wrong, []
        assert not wrong, f"{type(self).__name__} was asked what the network does not take:\n" + "\n".join(wrong)

    def count(self, name: str) -> int:
        """How often that route was asked."""
        return self.calls.count(name)

    def heard(self, word: str) -> bool:
        """Whether that word came over the wire in any request."""
        return any(word in request.call.words for request in self.requests)

    def time(self) -> float:
        """The fakes live on one morning, and so do their posts."""
        return NOW.timestamp()

    def hear(self, call: Call) -> None:
        """Keep the request."""
        with self._turn:
            self.requests.append(Request(call))

    def answer(self, call: Call) -> Answer:
        """Do what the network would, if the request is right."""
        found = self._found(call.method, call.path)
        if found is None:
            self.wrong.append(f"{call.method} {call.path}: the fake has no such call")
            return Answer(404, {"error": {"message": "no such call"}})
        _, outside, handler, args = found
        request = Request(call, args)
        problems = [] if outside or self.spec is None else self.spec.problems(request)
        if problems:
            self.wrong.extend(f"{call.method} {call.path}: {problem}" for problem in problems)
            return Answer(400, {"error": {"message": "; ".join(problems)}})
        return self._asked(handler, request)

    def _asked(self, handler: str, request: Request) -> Answer:
        try:
            with self._turn:
                given = getattr(self, handler)(request)
        except Exception:  # noqa: BLE001 - the fake itself is broken, which no network's answer may hide
            self.wrong.append(f"{request.method} {request.path}: {traceback.format_exc()}")
            return Answer(500, {"error": {"message": "the fake is broken"}})
        return given if isinstance(given, Answer) else Answer(200, given)

    def _found(self, method: str, path: str) -> tuple[str, str, str, Any] | None:
        for pattern, outside, handler in self._routes:
            args = matches(pattern, method, path)
            if args is not None:
                return pattern, outside, handler, args
        return None

    def _note(self, method: str, path: str) -> None:
        found = self._found(method, path)
        self.calls.append(found[0] if found else f"{method} {path}")
