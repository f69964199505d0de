"""The fakes of the networks: they answer, they have bad days, and they hold requests against a specification."""

import json
import socket
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.bad_days import matches
from tests.servers.requests import Upload
from tests.servers.wire import (
    HTML,
    After,
    Answer,
    AnswerLost,
    Bomb,
    Cut,
    Drip,
    Echo,
    Endless,
    FakeNetwork,
    Fault,
    MetaFields,
    OpenApi,
    Request,
    Slow,
    route,
)

DOCUMENT = {
    "openapi": "3.0.3",
    "servers": [{"url": "https://api.example/v5"}],
    "paths": {
        "/pins": {
            "post": {
                "parameters": [{"$ref": "#/components/parameters/Account"}],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pin"}}},
                },
            }
        },
        "/pins/{pin_id}": {
            "parameters": [{"name": "pin_id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {"parameters": [{"name": "size", "in": "query", "required": True, "schema": {"type": "integer"}}]},
        },
        "/media": {
            "post": {
                "requestBody": {
                    "content": {
                        "multipart/form-data": {
                            "schema": {
                                "type": "object",
                                "required": ["file"],
                                "properties": {"file": {"type": "string"}, "size": {"type": "integer"}},
                            }
                        }
                    }
                }
            }
        },
    },
    "components": {
        "parameters": {
            "Account": {"name": "account", "in": "query", "schema": {"type": "string", "pattern": "^[a-z]+$"}}
        },
        "schemas": {
            "Titled": {
                "type": "object",
                "properties": {"title": {"type": "string", "maxLength": 10, "nullable": True}},
            },
            "Pin": {
                "allOf": [
                    {"$ref": "#/components/schemas/Titled"},
                    {
                        "type": "object",
                        "required": ["id", "board"],
                        "properties": {
                            "id": {"type": "string", "readOnly": True},
                            "board": {"type": "string"},
                            "weight": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
                            "source": {
                                "oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]
                            },
                            "free": {"type": "object"},
                        },
                    },
                ]
            },
            "A": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
            "B": {"type": "object", "required": ["b"], "properties": {"b": {"type": "string"}}},
        },
    },
}
META = {
    "apis": [
        {
            "method": "POST",
            "endpoint": "media",
            "params": [
                {"name": "image_url", "required": True, "type": "string"},
                {"name": "is_carousel_item", "required": False, "type": "bool"},
                {"name": "children", "required": False, "type": "list<string>"},
            ],
        },
        {"method": "GET", "endpoint": None, "params": []},
    ],
    "fields": [{"name": "id", "type": "string"}, {"name": "caption", "type": "string"}],
}


class Pins(FakeNetwork):
    """A network of pins."""

    spec = OpenApi("pins.json")

    def __init__(self) -> None:
        super().__init__()
        self.pins: list[Any] = []

    @route("POST /v5/pins")
    def create(self, request: Request) -> Answer:
        self.pins.append(request.json)
        return Answer(201, {"id": str(len(self.pins))})

    @route("GET /v5/pins/{pin}")
    def pin(self, request: Request) -> dict[str, Any]:
        return {"id": request.args["pin"], "asked": dict(request.query)}

    @route("POST /v5/media")
    def media(self, request: Request) -> dict[str, Any]:
        file = request.files.get("file")
        return {"size": len(file.data) if file else 0, "mime": file.mime if file else ""}

    @route("POST /v5/broken")
    @route("PUT /token", outside="tokens are not in the document")
    def token(self, request: Request) -> dict[str, Any]:
        return {"given": request.fields["grant_type"]}


class Pictures(FakeNetwork):
    """Meta, with one account."""

    spec = MetaFields({"17": "IGUser"}.get, also={"media": {"alt_text"}})  # type: ignore[arg-type]

    @route("POST /v23.0/{node}/media")
    @route("POST /v23.0/{node}/medias")
    @route("GET /v23.0/{node}")
    def any(self, request: Request) -> dict[str, Any]:
        return {"id": "1"}


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPECS_DIR", str(tmp_path))
    (tmp_path / "pins.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "ig_IGUser.json").write_text(json.dumps(META))
    return tmp_path


RIGHT: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/v5/pins", {"json": {"board": "1"}}),
    ("POST", "/v5/pins?account=roero", {"json": {"board": "1", "title": None, "weight": 1, "free": {"any": "thing"}}}),
    ("POST", "/v5/pins", {"json": {"board": "1", "source": {"b": "x"}}}),
    ("GET", "/v5/pins/12?size=3", {}),
    ("POST", "/v5/media", {"files": {"file": ("a.png", b"\r\n--x\0", "image/png")}, "data": {"size": "3"}}),
]
WRONG: list[tuple[str, str, dict[str, Any], str]] = [
    ("POST", "/v5/pins", {}, "the body is missing"),
    ("POST", "/v5/pins", {"json": {}}, "body: 'board' is a required property"),
    ("POST", "/v5/pins", {"json": {"board": 1}}, "body.board: 1 is not of type 'string'"),
    ("POST", "/v5/pins", {"json": {"board": "1", "colour": "red"}}, "('colour' was unexpected)"),
    ("POST", "/v5/pins", {"json": {"board": "1", "title": "x" * 11}}, "body.title: "),
    ("POST", "/v5/pins", {"json": {"board": "1", "weight": 0}}, "body.weight: "),
    ("POST", "/v5/pins", {"json": {"board": "1", "id": "7"}}, "False schema does not allow '7'"),
    ("POST", "/v5/pins", {"json": {"board": "1", "source": {"b": "x", "c": 1}}}, "('c' was unexpected)"),
    ("POST", "/v5/pins", {"data": {"board": "1"}}, "the specification takes application/json"),
    ("POST", "/v5/pins?account=R1", {"json": {"board": "1"}}, "query parameter account: "),
    ("POST", "/v5/pins?acount=r", {"json": {"board": "1"}}, "query parameter acount is not in the specification"),
    ("GET", "/v5/pins/12", {}, "query parameter size is missing"),
    ("GET", "/v5/pins/12?size=many", {}, "query parameter size: 'many' is not of type 'integer'"),
    ("GET", "/v5/pins/x?size=1", {}, "path parameter pin_id: 'x' is not of type 'integer'"),
    ("POST", "/v5/media", {"files": {"file": b"x"}, "data": {"size": "x"}}, "body.size: 'x' is not of type 'integer'"),
    ("POST", "/v5/broken", {}, "POST /v5/broken is not in the specification"),
]


@pytest.mark.parametrize(("method", "target", "given"), RIGHT, ids=str)
def test_what_the_specification_takes_is_answered(specs: Path, method: str, target: str, given: dict[str, Any]) -> None:
    with Pins() as network:
        assert httpx.request(method, network.url + target, **given).is_success


@pytest.mark.parametrize(("method", "target", "given", "reason"), WRONG, ids=str)
def test_what_the_specification_does_not_take_fails_the_test(
    specs: Path, method: str, target: str, given: dict[str, Any], reason: str
) -> None:
    network = Pins()
    with pytest.raises(AssertionError) as failed, network:
        httpx.request(method, network.url + target, **given)
    assert reason in str(failed.value)
    assert network.pins == []


def test_without_specifications_only_the_fake_itself_can_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPECS_DIR", raising=False)
    with Pins() as network:
        assert httpx.post(f"{network.url}/v5/pins", json={"colour": "red"}).status_code == 201
        assert network.pins == [{"colour": "red"}]
    with pytest.raises(AssertionError, match="GET /v6: the fake has no such call"), Pins() as network:
        assert httpx.get(f"{network.url}/v6").status_code == 404
    with pytest.raises(AssertionError, match="KeyError: 'grant_type'"), Pins() as network:
        assert httpx.put(f"{network.url}/token").status_code == 500


def test_what_is_outside_of_the_specification_is_said_so(specs: Path) -> None:
    with Pins() as network:
        assert httpx.put(f"{network.url}/token", data={"grant_type": "x"}).json() == {"given": "x"}


@pytest.mark.parametrize(
    ("method", "target", "given", "reason"),
    [
        ("POST", "/v23.0/17/media", {"data": {"image_url": "https://a", "alt_text": "b", "access_token": "t"}}, ""),
        ("POST", "/v23.0/17/media?image_url=a", {"data": {"children": '["1"]', "is_carousel_item": "true"}}, ""),
        ("GET", "/v23.0/17?fields=id,caption", {}, ""),
        ("GET", "/v23.0/99?fields=status_code", {}, ""),
        ("POST", "/v23.0/17/media", {"data": {"alt_text": "b"}}, "parameter image_url is missing"),
        ("POST", "/v23.0/17/media", {"data": {"image_url": "a", "title": "b"}}, "parameter title is not in"),
        (
            "POST",
            "/v23.0/17/media",
            {"data": {"image_url": "a", "is_carousel_item": "x"}},
            "is_carousel_item is no bool",
        ),
        ("POST", "/v23.0/17/medias", {}, "IGUser has no POST medias"),
        ("GET", "/v23.0/17?fields=id,title", {}, "field title is not in the specification"),
    ],
    ids=str,
)
def test_metas_fields(specs: Path, method: str, target: str, given: dict[str, Any], reason: str) -> None:
    with Pictures() as network:
        httpx.request(method, network.url + target, **given)
        wrong = network.wrong
        network.wrong = []
    assert [reason in said for said in wrong] == ([True] if reason else [])


def ask(network: FakeNetwork, seconds: float = 20.0) -> httpx.Response:
    return httpx.post(f"{network.url}/v5/pins", json={"board": "1"}, timeout=seconds)


def read_for_a_second(network: FakeNetwork) -> None:
    until = time.monotonic() + 1
    with httpx.stream("POST", f"{network.url}/v5/pins", json={"board": "1"}, timeout=3) as answer:
        for _ in answer.iter_raw():
            if time.monotonic() > until:
                raise TimeoutError


BROKEN = [
    (Cut(), 0),
    (Cut(unread=True), 0),
    (AnswerLost(), 1),
    (Slow(60), 0),
    (Endless(10**12), 0),
    (After(Endless()), 1),
]


@pytest.mark.parametrize(("fault", "taken"), BROKEN, ids=str)
def test_a_day_on_which_no_answer_comes(fault: Fault, taken: int) -> None:
    started = time.monotonic()
    with Pins() as network:
        network.on("POST /v5/pins", fault, None)
        with pytest.raises((httpx.TransportError, TimeoutError)):
            read_for_a_second(network)
        assert len(network.pins) == taken
        assert ask(network).status_code == 201
        assert (len(network.pins), network.count("POST /v5/pins")) == (taken + 1, 2)
    assert time.monotonic() - started < 25


@pytest.mark.parametrize(("fault", "taken"), [(Drip(), 0), (Drip(passed_on=True), 1), (After(Drip()), 1)], ids=str)
def test_a_day_on_which_each_byte_takes_its_time(fault: Fault, taken: int) -> None:
    with Pins() as network, socket.create_connection(("127.0.0.1", network.port), timeout=20) as connection:
        network.on("pins", fault)
        connection.sendall(b"POST /v5/pins HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
        pieces = [connection.recv(100) for _ in range(5)]
        assert len(network.pins) == taken
    assert b"".join(pieces) == b"HTTP/"


@pytest.mark.parametrize("half", [b"Content-Length: 20\r\n\r\n{}", b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"])
def test_half_a_request_is_none(half: bytes) -> None:
    """As of a worker that is killed while it sends."""
    with Pins() as network:
        with socket.create_connection(("127.0.0.1", network.port), timeout=20) as connection:
            connection.sendall(b"POST /v5/pins HTTP/1.1\r\n" + half)
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(100) == b""
        assert (network.requests, len(network.pins)) == ([], 0)


def test_days_on_which_the_answer_is_another() -> None:
    with Pins() as network:
        network.on(
            "pins", HTML, Answer(429, {}, {"Retry-After": "7"}), After(Answer(500)), Echo(403), Bomb(10_000_000), None
        )
        html, throttled, after, echo, bomb, good = (ask(network) for _ in range(6))
    assert (html.status_code, html.headers["content-type"]) == (200, "text/html")
    assert (throttled.status_code, throttled.headers["retry-after"]) == (429, "7")
    assert (after.status_code, good.status_code, len(network.pins)) == (500, 201, 2)
    assert echo.status_code == 403
    assert '"board"' in echo.json()["message"]
    assert len(bomb.content) > 9_000_000
    assert network.heard('"board"')


def test_a_day_for_every_call_and_for_the_third() -> None:
    with Pins() as network:
        network.on("*", None, None, Answer(503), None)
        assert [ask(network).status_code for _ in range(4)] == [201, 201, 503, 201]
        network.on("*", Cut())
        network.good_day()
        assert ask(network).status_code == 201


def test_a_body_in_pieces_is_read_whole() -> None:
    with Pins() as network:
        pieces = (piece for piece in [b'{"boa', b"", b'rd":"1"}'])
        httpx.post(f"{network.url}/v5/pins", content=pieces, headers={"Content-Type": "application/json"})
        assert network.pins == [{"board": "1"}]


def test_files_of_a_form_are_told_from_its_fields() -> None:
    with Pins() as network:
        data = bytes(range(256)) + b"\r\n"
        answer = httpx.post(f"{network.url}/v5/media", files={"file": ("é.png", data, "image/png")}, data={"size": "3"})
        assert answer.json() == {"size": 258, "mime": "image/png"}
        fields = network.requests[0].fields
    assert fields == {"size": "3", "file": Upload("é.png", "image/png", data)}


def test_when_it_ends_its_port_is_free() -> None:
    with Pins() as network:
        network.on("pins", Slow(60))
        with pytest.raises(httpx.ReadTimeout):
            ask(network, 0.2)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", network.port), timeout=1).close()


@pytest.mark.parametrize(
    ("pattern", "method", "path", "parts"),
    [
        ("*", "GET", "/a", {}),
        ("b", "GET", "/a/b", {}),
        ("a", "GET", "/a/b", None),
        ("GET /a/{one}", "GET", "/a/b", {"one": "b"}),
        ("GET /a/{one}", "POST", "/a/b", None),
        ("GET /a/{one}", "GET", "/a/b/c", None),
        ("GET /a/{rest...}", "GET", "/a/b/c", {"rest": "b/c"}),
        ("GET /a.b/{one}:go", "GET", "/a.b/1:go", {"one": "1"}),
        ("GET /a.b", "GET", "/axb", None),
    ],
)
def test_patterns(pattern: str, method: str, path: str, parts: dict[str, str] | None) -> None:
    assert matches(pattern, method, path) == parts
