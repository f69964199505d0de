"""Log lines: the request they belong to, as text or as JSON."""

import json
import logging
import logging.config
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import URLResolver, get_resolver

from agency.logs import RequestId, WithoutSecretAddresses, logging_config, request_id


def through(request: HttpRequest) -> tuple[str, HttpResponse]:
    """The id that the view saw, and the answer."""
    seen = []

    def view(_request: HttpRequest) -> HttpResponse:
        seen.append(request_id.get())
        return HttpResponse()

    answer = RequestId(view)(request)
    return seen[0], answer


def test_each_request_has_an_id_and_the_answer_says_it() -> None:
    one, answer = through(RequestFactory().get("/"))
    two, _ = through(RequestFactory().get("/"))
    assert answer["X-Request-ID"] == one
    assert one != two
    assert request_id.get() == "-"


def test_a_proxys_id_is_kept() -> None:
    assert through(RequestFactory().get("/", headers={"X-Request-ID": "edge-0123456789"}))[0] == "edge-0123456789"


@pytest.mark.parametrize("forged", ["short", "two words and more", "x" * 65, "12345678\x1b[31m"])
def test_a_forged_one_is_not(forged: str) -> None:
    assert through(RequestFactory().get("/", headers={"X-Request-ID": forged}))[0] != forged


def secret_addresses(patterns: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """Each address of ours that has a secret in it, with one put in; the secret beside it."""
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from secret_addresses(pattern.url_patterns, path)
        else:
            for name in {"token", "secret"} & set(pattern.pattern.converters):
                filled = re.sub(rf"<\w+:{name}>", "canary", path)
                yield re.sub(r"<\w+:\w+>", "1", filled), "canary"


def test_every_address_with_a_secret_in_it_is_said_without() -> None:
    found = list(secret_addresses(get_resolver().url_patterns))
    assert len(found) >= 10
    for path, secret in found:
        record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", (f"/{path}",), None)
        record.request = f"<WSGIRequest: PUT '/{path}'>"
        assert WithoutSecretAddresses().filter(record)
        assert secret not in record.getMessage() + record.request, path  # type: ignore[attr-defined]


class TestLines:
    @pytest.fixture(autouse=True)
    def _restored(self) -> Iterator[None]:
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        yield
        root.handlers[:] = handlers
        root.setLevel(level)

    def logged(self, capsys: pytest.CaptureFixture[str], *, as_json: bool) -> str:
        """What one event looks like."""
        config = logging_config(as_json=as_json, level="INFO")
        logging.config.dictConfig(config | {"loggers": {}})
        logging.getLogger().handlers[0].stream = sys.stderr  # type: ignore[attr-defined]
        token = request_id.set("abc")
        logging.getLogger("filo.test").info("claimed publication %s", 7)
        request_id.reset(token)
        return capsys.readouterr().err

    def test_for_machines(self, capsys: pytest.CaptureFixture[str]) -> None:
        line = json.loads(self.logged(capsys, as_json=True))
        line.pop("at")
        assert line == {
            "level": "INFO",
            "logger": "filo.test",
            "request_id": "abc",
            "message": "claimed publication 7",
        }

    def test_for_people(self, capsys: pytest.CaptureFixture[str]) -> None:
        line = self.logged(capsys, as_json=False)
        assert line.endswith(" INFO    filo.test [abc] claimed publication 7\n")
