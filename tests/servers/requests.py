"""A request as a fake network reads it: its query, its form or JSON, its files, who sent it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from tests.servers.bad_days import Call


@dataclass(frozen=True)
class Upload:
    """A file in a multipart form."""

    name: str
    mime: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Request:
    """One request. `args` are the parts of its path, by the names in the route; of headers in small letters."""

    call: Call
    args: Mapping[str, str] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return self.call.method

    @property
    def path(self) -> str:
        return self.call.path

    @property
    def headers(self) -> Mapping[str, str]:
        return self.call.headers

    @property
    def body(self) -> bytes:
        return self.call.body

    @property
    def content_type(self) -> str:
        """The kind of the body, without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def token(self) -> str:
        """What follows `Bearer` in the header Authorization."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token if kind.lower() == "bearer" else ""

    @cached_property
    def query(self) -> Mapping[str, str]:
        """What follows the question mark; of a name that comes twice, both, with a comma."""
        return _joined(self.call.target.partition("?")[2])

    @cached_property
    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @cached_property
    def fields(self) -> Mapping[str, Any]:
        """The fields of a form (text), and the files of a multipart one (`Upload`)."""
        if self.content_type == "application/x-www-form-urlencoded":
            return _joined(self.body.decode())
        if self.content_type == "multipart/form-data":
            return _parts(self.headers["content-type"], self.body)
        return {}

    @property
    def files(self) -> Mapping[str, Upload]:
        """The files alone."""
        return {name: value for name, value in self.fields.items() if isinstance(value, Upload)}


def _joined(text: str) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        given[name] = f"{given[name]},{value}" if name in given else value
    return given


def _parts(kind: str, body: bytes) -> dict[str, Any]:
    found = re.search(r'boundary="?([^";]+)"?', kind)
    if not found:
        return {}
    given: dict[str, Any] = {}
    for piece in (b"\r\n" + body).split(b"\r\n--" + found[1].encode())[1:-1]:
        head, _, data = piece.partition(b"\r\n\r\n")
        words = head.decode("utf-8", "replace")
        name = re.search(r'[; ]name="([^"]*)"', words)
        file = re.search(r'filename="([^"]*)"', words)
        mime = re.search(r"(?i)^content-type: *(\S+)", words, re.MULTILINE)
        if name:
            value: Any = data.decode("utf-8", "replace")
            if file:
                value = Upload(file[1], mime[1] if mime else "", data)
            given[name[1]] = value
    return given
