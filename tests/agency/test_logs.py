"""Log lines: the request they belong to, as text or as JSON."""

import json
import logging
import logging.config
import sys
from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from agency.logs import RequestId, logging_config, request_id


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
