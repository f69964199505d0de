"""The table of outcomes, on real sockets, and that nothing of a token is repeated."""

import datetime as dt
import gzip
import io
import itertools
import json
import logging
import socket
import threading
import time
import traceback
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from social.networks.failing import Failing
from social.networks.hiding import Secrets
from social.networks.outcomes import (
    CredentialsRefused,
    NetworkError,
    NotSent,
    Refused,
    Throttled,
    Unknown,
)
from social.networks.throttling import moment, reset_header, retry_at
from social.networks.wire import Answer, Wire, items, mapping, number, text, word
from tests.servers.raw import Raw, Say, answer

TOKEN = "EAABwzLixnjYBO7ZCZA-q9/secret+token=="
PASSWORD = "correct horse battery"


def wire_to(server: Raw, **more: Any) -> Wire:
    return Wire("Mastodon", server.url, secrets=[PASSWORD], **more)


def outcome(*says: Say, visible: bool = False, seconds: float = 3.0, **call: Any) -> NetworkError:
    """How a call ends that this is said to."""
    with Raw(*says) as server, wire_to(server) as wire, pytest.raises(NetworkError) as raised:
        wire.call("POST", "/api/v1/statuses", seconds=seconds, visible=visible, token=TOKEN, json={"a": 1}, **call)
    return raised.value


def both(*says: Say, **call: Any) -> list[tuple[type[NetworkError], str]]:
    """How it ends when quiet and when visible."""
    ends = [outcome(*says, visible=visible, **call) for visible in (False, True)]
    return [(type(end), end.code) for end in ends]


def given_answer(body: Any, *, visible: bool = False) -> Answer:
    """A good answer with this body."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    with Raw(answer(raw)) as server, wire_to(server) as wire:
        return wire.call("GET", "/", seconds=3, visible=visible)


# What each answer means


@pytest.mark.parametrize(
    ("status", "quiet", "visible", "code"),
    [
        (301, Refused, Refused, "redirected"),
        (302, NotSent, Unknown, "redirected"),
        (303, NotSent, Unknown, "redirected"),
        (304, NotSent, Unknown, "redirected"),
        (307, NotSent, Unknown, "redirected"),
        (308, Refused, Refused, "redirected"),
        (400, Refused, Refused, "refused"),
        (401, CredentialsRefused, CredentialsRefused, "credentials_refused"),
        (403, Refused, Refused, "refused"),
        (404, Refused, Refused, "refused"),
        (408, NotSent, Unknown, "no_answer"),
        (413, Refused, Refused, "refused"),
        (422, Refused, Refused, "refused"),
        (429, Throttled, Throttled, "throttled"),
        (451, Refused, Refused, "refused"),
        (500, NotSent, Unknown, "server_error"),
        (501, Refused, Refused, "refused"),
        (502, NotSent, Unknown, "server_error"),
        (503, NotSent, Unknown, "server_error"),
        (504, NotSent, Unknown, "server_error"),
        (999, NotSent, Unknown, "server_error"),
    ],
)
def test_what_a_status_means(status: int, quiet: type[NetworkError], visible: type[NetworkError], code: str) -> None:
    said = answer(b'{"error": "no"}', f"{status} Whatever", Location="http://127.0.0.1:9/")
    said = answer(b"", f"{status} Not") if status == 304 else said
    assert both(said) == [(quiet, code), (visible, code)]


# What somebody between says: a firewall, a proxy, a server's attack mode, a gate for people

PAGE = b"<!doctype html><title>Attention Required! | Cloudflare</title>"
NOBODYS = [
    (PAGE, "text/html"),
    (b"Forbidden", "text/plain"),
    (b"", "application/json"),
    (b'["no"]', "application/json"),
]


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 406, 410, 418, 421, 451, 501])
def test_a_no_that_is_not_the_networks_own_is_nobodys_word(status: int) -> None:
    for body, kind in NOBODYS:
        said = answer(body, f"{status} Whatever", kind)
        assert both(said) == [(NotSent, "not_the_network"), (Unknown, "not_the_network")], (body, kind)


@pytest.mark.parametrize(
    ("status", "quiet", "visible", "code"),
    [
        (408, NotSent, Unknown, "no_answer"),
        (413, Refused, Refused, "refused"),
        (429, Throttled, Throttled, "throttled"),
    ],
)
def test_what_means_the_same_whoever_says_it(
    status: int, quiet: type[NetworkError], visible: type[NetworkError], code: str
) -> None:
    for body, kind in NOBODYS:
        assert both(answer(body, f"{status} Whatever", kind)) == [(quiet, code), (visible, code)]


def test_a_network_that_asks_for_a_token_needs_no_words() -> None:
    """RFC 6750 §3; a gate that asks people for name and password is somebody else."""
    for kept in (b"", PAGE):
        said = answer(kept, "401 Unauthorized", "text/html", WWW_Authenticate='Bearer error="invalid_token"')
        assert both(said) == [(CredentialsRefused, "credentials_refused")] * 2
        gate = answer(kept, "401 Unauthorized", "text/html", WWW_Authenticate='Basic realm="Staging"')
        assert both(gate) == [(NotSent, "not_the_network"), (Unknown, "not_the_network")]


def test_the_networks_own_codes_are_not_read_from_a_page_of_somebody_between() -> None:
    def judge(_answer: Answer) -> NetworkError:
        return Refused("No permission.", code="permission_missing")

    with Raw(answer(PAGE, "403 Forbidden", "text/html")) as server, wire_to(server) as wire:
        with pytest.raises(NotSent) as ended:
            wire.call("GET", "/", seconds=3, judge=judge)
        assert (ended.value.code, ended.value.said) == (
            "not_the_network",
            "HTTP 403 Attention Required! | Cloudflare",
        )
    with Raw(answer(PAGE, "403 Forbidden", "text/html")) as server, wire_to(server) as wire:
        with pytest.raises(Refused) as refused:
            wire.call("GET", "/", seconds=3, judge=judge, theirs=lambda no: no.status == 403)
        assert refused.value.code == "permission_missing"
    with Raw(answer(b"", "403 Forbidden")) as server, wire_to(server) as wire, pytest.raises(Refused):
        wire.call("HEAD", "/", seconds=3)


def test_a_good_answer_is_given() -> None:
    with Raw(answer(b'{"id": "7", "n": [1]}', X_Limit="3")) as server, wire_to(server) as wire:
        got = wire.call("POST", "/api/v1/statuses", seconds=3, token=TOKEN, json={"status": "Sì"}, params={"a": "b c"})
        assert (got.status, got.json(), got.headers["x-limit"]) == (200, {"id": "7", "n": [1]}, "3")
    assert server.heads[0].startswith("POST /api/v1/statuses?a=b+c HTTP/1.1\r\n")
    assert f"Authorization: Bearer {TOKEN}\r\n" in server.heads[0]
    assert server.bodies == ['{"status":"Sì"}'.encode()]


def test_nobody_there() -> None:
    with Raw(b"") as server:
        pass
    with Wire("Mastodon", server.url) as wire:
        for visible in (False, True):
            with pytest.raises(NotSent) as ended:
                wire.call("POST", "/", seconds=3, visible=visible)
            assert ended.value.code == "unreachable"


def test_without_time_nothing_is_sent() -> None:
    with Raw(answer()) as server, wire_to(server, total=0.0) as wire, pytest.raises(NotSent) as ended:
        wire.call("POST", "/", seconds=3, visible=True)
    assert (ended.value.code, server.connections) == ("no_time_left", 0)


def test_the_whole_work_has_an_end() -> None:
    ends = threading.Event()

    def never() -> Iterator[bytes]:
        ends.wait(60)
        yield b""

    started = time.monotonic()
    with Raw(answer(), never) as server, wire_to(server, total=2) as wire:
        wire.call("GET", "/", seconds=60)
        with pytest.raises(NotSent):
            wire.call("GET", "/", seconds=60)
        ends.set()
        assert time.monotonic() - started < 20
        assert wire.seconds_left() == 0


# What comes back and is no answer


def drip() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nX-Slow: "
    for _ in range(400):
        yield b"x"
        time.sleep(0.05)


def drip_of_body() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    for _ in range(400):
        yield b" "
        time.sleep(0.05)


def gigabyte() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n"
    for _ in range(1024):
        yield b"x" * 1_048_576


def endless_chunks() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    while True:
        yield b"10000\r\n" + b"x" * 65_536 + b"\r\n"


def endless_headers() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    for turn in itertools.count():
        yield f"X-{turn}: {'x' * 1000}\r\n".encode()


def one_endless_header() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nX: "
    while True:
        yield b"x" * 10_000


def endless_interim() -> Iterator[bytes]:
    while True:
        yield b"HTTP/1.1 100 Continue\r\n\r\n" * 1000


def broken_off() -> Iterator[bytes]:
    yield b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id": "7"'


def broken_chunk() -> Iterator[bytes]:
    yield b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"id"\r\n'


def hung_up() -> Iterator[bytes]:
    return iter(())


def half_a_head() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 O"


def bomb(levels: int, encoding: str) -> bytes:
    packed = b" " * 200_000_000
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    packed = packer.compress(packed) + packer.flush()
    for _ in range(levels - 1):
        packed = gzip.compress(packed)
    return answer(packed, Content_Encoding=encoding)


@pytest.mark.parametrize(
    ("says", "code"),
    [
        (hung_up, "no_answer"),
        (half_a_head, "no_answer"),
        (drip, "no_answer"),
        (drip_of_body, "no_answer"),
        (gigabyte, "answer_not_readable"),
        (endless_chunks, "answer_not_readable"),
        (endless_headers, "answer_not_readable"),
        (one_endless_header, "answer_not_readable"),
        (endless_interim, "no_answer"),
        (broken_off, "no_answer"),
        (broken_chunk, "no_answer"),
        (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", "answer_not_readable"),
        (b"220 mail.example ESMTP\r\n\r\n", "answer_not_readable"),
        (b"HTTP/1.1 abc OK\r\n\r\n", "answer_not_readable"),
        (b"HTTP/9.9 200 OK\r\nA\r\n\r\n", "answer_not_readable"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "answer_not_readable"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "answer_not_readable"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "answer_not_readable"),
        (b"HTTP/1.1 200 OK\r\nBad Header\x00: x\r\n\r\n", "answer_not_readable"),
        (b"\x16\x03\x01\x02\x00\x01" * 20 + b"\r\n\r\n", "answer_not_readable"),
        (answer(b"not packed at all", Content_Encoding="gzip"), "answer_not_readable"),
        (answer(gzip.compress(b'{"id": "7"}')[:-9], Content_Encoding="gzip"), "answer_not_readable"),
        (answer(b"{}", Content_Encoding="br"), "answer_not_readable"),
        (answer(gzip.compress(gzip.compress(b"{}")), Content_Encoding="gzip, gzip"), "answer_not_readable"),
    ],
)
def test_what_is_no_answer(says: Say, code: str) -> None:
    started = time.monotonic()
    assert both(says, seconds=2) == [(NotSent, code), (Unknown, code)]
    assert time.monotonic() - started < 15


def test_of_a_gigabyte_little_is_read() -> None:
    with Raw(gigabyte) as server, wire_to(server) as wire, pytest.raises(NotSent):
        wire.call("GET", "/", seconds=5)
    assert server.sent < 20_000_000  # five million, and what the system keeps between the two


@pytest.mark.parametrize(("levels", "encoding"), [(1, "gzip"), (2, "gzip, gzip"), (1, "x-gzip")])
def test_a_bomb_does_not_go_off(levels: int, encoding: str) -> None:
    said = bomb(levels, encoding)
    assert len(said) < 400_000
    with Raw(said) as server, wire_to(server) as wire:
        tracemalloc.start()
        try:
            with pytest.raises(Unknown) as ended:
                wire.call("POST", "/", seconds=5, visible=True)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert ended.value.code == "answer_not_readable"
    assert peak < 15_000_000


def test_an_error_counts_though_its_body_is_too_much() -> None:
    """The status was heard: what comes after it changes nothing. A no whose words are missing is nobody's."""

    def endless() -> Iterator[bytes]:
        yield b"HTTP/1.1 413 Too Large\r\nTransfer-Encoding: chunked\r\n\r\n"
        while True:
            yield b"10000\r\n" + b"x" * 65_536 + b"\r\n"

    def cut() -> Iterator[bytes]:
        yield b"HTTP/1.1 401 No\r\nContent-Length: 1000\r\n\r\n{"

    assert both(endless) == [(Refused, "refused")] * 2
    assert both(cut) == [(NotSent, "not_the_network"), (Unknown, "not_the_network")]


def test_packed_answers_are_unpacked() -> None:
    body = json.dumps({"id": "7", "more": "x" * 300_000}).encode()
    with Raw(answer(gzip.compress(body), Content_Encoding="gzip")) as server, wire_to(server) as wire:
        assert wire.call("GET", "/", seconds=3).json() == json.loads(body)
    assert "Accept-Encoding: gzip\r\n" in server.heads[0]


@pytest.mark.parametrize("status", ["204 No Content", "200 OK", "304 Not Modified"])
def test_an_empty_body_is_an_answer(status: str) -> None:
    with Raw(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()) as server, wire_to(server) as wire:
        if status.startswith("304"):
            with pytest.raises(NotSent):
                wire.call("DELETE", "/", seconds=3)
        else:
            assert wire.call("DELETE", "/", seconds=3).content == b""


# Bodies that are not what was asked for


@pytest.mark.parametrize(
    "body",
    [
        b"<!doctype html><title>Sign in</title>",
        b"",
        b"{",
        b'{"id": ',
        b"\xff\xfe\xfa",
        b'{"id": NaN}',
        b'{"id": Infinity}',
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"[" * 200 + b"]" * 200,
        b'{"id": ' + b"9" * 5_000 + b"}",
        b'{"id": "7"} and more',
    ],
)
def test_a_body_that_is_not_json(body: bytes) -> None:
    for visible, kind in ((False, NotSent), (True, Unknown)):
        got = given_answer(body, visible=visible)
        for _turn in range(2):
            with pytest.raises(kind) as ended:
                got.json()
            assert ended.value.code == "answer_not_readable"
        assert got.get("id") is None


@pytest.mark.parametrize("found", [None, 7, True, 1.5, [], {}, ["7"], {"id": "7"}, "", "a\x00b", "\ud800", "x" * 2_001])
def test_what_is_no_text(found: Any) -> None:
    for visible, kind in ((False, NotSent), (True, Unknown)):
        with pytest.raises(kind) as ended:
            text(given_answer({"data": {"id": found}}, visible=visible), "data", "id")
        assert (ended.value.code, ended.value.said) == ("answer_not_readable", "HTTP 200 no text at data.id")


@pytest.mark.parametrize("body", [None, 7, "data", [], [{"id": "7"}], {}, {"data": None}, {"data": []}, {"data": "id"}])
def test_a_path_that_leads_nowhere(body: Any) -> None:
    got = given_answer(body)
    for dig in (text, number, word, items, mapping):
        with pytest.raises(NotSent):
            dig(got, "data", "id")
    assert got.get("data", "id") is None


def test_what_is_there() -> None:
    got = given_answer({"id": "7", "n": 7, "many": ["a", {"b": 2}], "empty": "", "s": "12", "f": 12.0})
    assert (text(got, "id"), word(got, "n"), word(got, "id"), text(got, "many", 0)) == ("7", "7", "7", "a")
    assert (number(got, "n"), number(got, "s"), number(got, "f"), number(got, "many", 1, "b")) == (7, 12, 12, 2)
    assert (items(got, "many"), mapping(got, "many", 1)) == (["a", {"b": 2}], {"b": 2})
    assert (text(got, "empty", empty=True), got.get("many", 1, "b"), got.get("many", 5)) == ("", 2, None)


@pytest.mark.parametrize("found", [None, True, "seven", "", "1.5", 1.5, 1e300, 2**63, [], {}, "1" * 19])
def test_what_is_no_number(found: Any) -> None:
    with pytest.raises(NotSent):
        number(given_answer({"n": found}), "n")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["data", "id", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON)
def test_whatever_comes_back_is_an_outcome(body: Any) -> None:
    got = _answer_of(json.dumps(body).encode())
    for dig in (text, number, word, items, mapping):
        with suppress(NotSent):
            dig(got, "data", "id")


@given(st.binary(max_size=200))
def test_whatever_bytes_come_back_are_an_outcome(body: bytes) -> None:
    got = _answer_of(body)
    with suppress(NotSent):
        got.json()
    assert len(got.said) <= 300


def _answer_of(body: bytes, status: int = 200, secrets: tuple[str, ...] = ()) -> Answer:
    return Answer(status, httpx.Headers(), body, Failing("X", Secrets(secrets)))


# A network's own codes


def test_a_network_decides_first() -> None:
    def judge(got: Answer) -> NetworkError | None:
        if got.get("error", "code") == 190:
            return CredentialsRefused("Sign in again.", code="expired", said=f"{got.get('error', 'message')}")
        return None

    expired = answer(
        json.dumps({"error": {"code": 190, "message": f"The token {TOKEN} has expired"}}).encode(), "400 No"
    )
    ended = outcome(expired, judge=judge)
    assert (type(ended), ended.code, ended.said) == (CredentialsRefused, "expired", "The token … has expired")
    assert both(answer(b'{"error": {"code": 1}}', "400 No"), judge=judge) == [(Refused, "refused")] * 2
    ended = outcome(answer(b'{"error": {"code": 190}}', "200 OK"), judge=judge)
    assert (type(ended), ended.code) == (CredentialsRefused, "expired")


def test_a_judge_that_stumbles_leaves_it_to_the_table() -> None:
    def careless(got: Answer) -> NetworkError | None:
        return Refused("No.") if got.json()["error"]["code"] == 1 else None

    for body in (b"<html>", b"[]", b"{}", b'{"error": "x"}', b'{"error": null}'):
        assert both(answer(body, "502 Bad Gateway"), judge=careless) == [
            (NotSent, "server_error"),
            (Unknown, "server_error"),
        ]
        assert both(answer(body), judge=careless) == [
            (NotSent, "answer_not_readable"),
            (Unknown, "answer_not_readable"),
        ]


# When to come back

SOON = dt.timedelta(seconds=5)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, 300),
        ({"Retry-After": "90"}, 90),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "-5"}, 1),
        ({"Retry-After": "1e400"}, 300),
        ({"Retry-After": "soon"}, 300),
        ({"Retry-After": "99999999"}, 86_400),
        ({"X-Rate-Limit-Reset": "{epoch+600}"}, 600),
        ({"X-Rate-Limit-Reset": "{iso+600}"}, 600),
        ({"X-Rate-Limit-Reset": "600"}, 600),
        ({"Retry-After": "{http+90}"}, 90),
        ({"Retry-After": "60", "X-Rate-Limit-Reset": "600"}, 60),
        ({"X-Rate-Limit-Reset": "9" * 400}, 300),
    ],
)
def test_when_to_come_back(headers: dict[str, str], wait: int) -> None:
    now = dt.datetime.now(dt.UTC)
    then = now + dt.timedelta(seconds=600 if "600" in str(headers) else 90)
    filled = {
        name: value.replace("{epoch+600}", str(int(then.timestamp())))
        .replace("{iso+600}", then.isoformat().replace("+00:00", "Z"))
        .replace("{http+90}", then.strftime("%a, %d %b %Y %H:%M:%S GMT"))
        for name, value in headers.items()
    }
    found = retry_at(httpx.Headers(filled), reset_header("x-rate-limit-reset"))
    assert abs(found - now - dt.timedelta(seconds=wait)) < SOON


@given(st.text())
def test_whatever_stands_in_a_header_is_a_moment_or_none(said: str) -> None:
    found = moment(said)
    assert found is None or found.tzinfo == dt.UTC


def test_the_network_is_given_time() -> None:
    reset = reset_header("x-reset")
    with (
        Raw(answer(b"{}", "429 No", X_Reset="120")) as server,
        wire_to(server, reset=reset) as wire,
        pytest.raises(Throttled) as ended,
    ):
        wire.call("GET", "/", seconds=3)
    assert abs(ended.value.retry_at - dt.datetime.now(dt.UTC) - dt.timedelta(seconds=120)) < SOON


# Uploads


class Big(io.RawIOBase):
    """A file of so many bytes that is nowhere; `largest` is the most that was asked for at once."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.largest = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        self.largest = max(self.largest, size if size >= 0 else 1 << 40)
        piece = b"x" * min(size, self.left)
        self.left -= len(piece)
        return piece


def test_a_file_goes_in_pieces() -> None:
    big: Any = Big(30_000_000)
    with Raw(answer()) as server, wire_to(server) as wire:
        wire.call("PUT", "/upload", seconds=20, content=big, length=30_000_000, headers={"Content-Type": "video/mp4"})
    assert (len(server.bodies[0]), big.left, big.largest) == (30_000_000, 0, 65_536)
    assert "Content-Length: 30000000\r\n" in server.heads[0]
    assert "Transfer-Encoding" not in server.heads[0]


def test_a_part_of_a_file_goes_from_where_it_stands(tmp_path: Any) -> None:
    path = tmp_path / "video"
    path.write_bytes(bytes(range(256)) * 1000)
    with Raw(answer()) as server, wire_to(server) as wire, path.open("rb") as stream:
        for start, length in ((0, 100_000), (100_000, 156_000)):
            stream.seek(start)
            wire.call("PUT", "/", seconds=5, content=stream, length=length)
    assert b"".join(server.bodies) == path.read_bytes()
    assert [len(body) for body in server.bodies] == [100_000, 156_000]


def test_a_form_with_a_file() -> None:
    picture: BinaryIO = io.BytesIO(b"\x89PNG" * 50_000)
    with Raw(answer()) as server, wire_to(server) as wire:
        wire.call("POST", "/", seconds=5, data={"description": "Sì"}, files={"file": ("a.png", picture, "image/png")})
    assert (server.bodies[0].count(b"\x89PNG"), "Sì".encode() in server.bodies[0]) == (50_000, True)


def test_a_file_that_is_shorter_than_it_was() -> None:
    for visible, kind in ((False, NotSent), (True, Unknown)):
        with Raw(answer()) as server, wire_to(server) as wire, pytest.raises(kind):
            wire.call("PUT", "/", seconds=2, content=io.BytesIO(b"x" * 10), length=20, visible=visible)
        assert server.bodies in ([], [b"x" * 10])


def test_a_server_that_does_not_read_is_left_in_time() -> None:
    started = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with Wire("YouTube", url) as wire, pytest.raises(NotSent):
            wire.call("PUT", "/", seconds=0.5, content=Big(1 << 30), length=1 << 30)
    assert 0.5 <= time.monotonic() - started < 20


def test_a_body_goes_into_a_file() -> None:
    into = io.BytesIO()
    with Raw(answer(b"x" * 300_000, kind="image/png")) as server, wire_to(server) as wire:
        got = wire.call("GET", "/picture", seconds=3, into=into, max_bytes=300_000)
        assert (got.content, into.getvalue()) == (b"", b"x" * 300_000)
        with pytest.raises(NotSent) as ended:
            wire.call("GET", "/picture", seconds=3, into=io.BytesIO(), max_bytes=299_999)
        assert ended.value.code == "answer_not_readable"
    into = io.BytesIO()
    with Raw(answer(b"{}", "404 No")) as server, wire_to(server) as wire, pytest.raises(Refused):
        wire.call("GET", "/picture", seconds=3, into=into)
    assert into.getvalue() == b""


# Addresses


def test_redirects_are_followed_where_the_caller_allows_it() -> None:
    with Raw(answer(b'{"here": 1}')) as last:
        on = answer(b"", "302 Found", Location=f"{last.url}/b?c=d")
        with Raw(on) as first, wire_to(first) as wire:
            got = wire.call("GET", "/a", seconds=3, token=TOKEN, headers={"X-Key": PASSWORD}, redirects=1)
            assert (got.json(), last.heads[0][:21]) == ({"here": 1}, "GET /b?c=d HTTP/1.1\r\n")
            assert TOKEN in first.heads[0]
            assert [word in last.heads[0] for word in (TOKEN, PASSWORD, "Authorization", "X-Key")] == [False] * 4
            for method, allowed in (("GET", 0), ("POST", 3)):
                with pytest.raises(NotSent) as ended:
                    wire.call(method, "/a", seconds=3, redirects=allowed)
                assert ended.value.code == "redirected"
    assert len(last.heads) == 1


def test_on_the_same_origin_a_redirect_keeps_who_we_are() -> None:
    with Raw(answer(b"", "307 On", Location="/b"), answer()) as server, wire_to(server) as wire:
        wire.call("GET", "/a", seconds=3, token=TOKEN, redirects=1)
    assert [f"Bearer {TOKEN}" in head for head in server.heads] == [True, True]


def test_redirects_have_an_end() -> None:
    around = answer(b"", "302 Found", Location="/again")
    with Raw(around) as server, wire_to(server) as wire, pytest.raises(NotSent):
        wire.call("GET", "/", seconds=3, redirects=99)
    assert len(server.heads) == 4


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("http://169.254.169.254/latest/meta-data/", "inside_address"),
        ("http://127.0.0.2/", "inside_address"),
        ("//10.0.0.1/", "inside_address"),
        ("http://2130706434/", "inside_address"),
        ("http://8.8.8.8/", "plain_http"),
        ("file:///etc/passwd", "server_not_valid"),
        ("https://a:b@8.8.8.8/", "server_not_valid"),
        ("http://[", "server_not_valid"),
    ],
)
def test_a_redirect_leads_nowhere_inside(location: str, code: str) -> None:
    on = answer(b"", "302 Found", Location=location)
    with Raw(on) as server, wire_to(server) as wire, pytest.raises(Refused) as refused:
        wire.call("GET", "/", seconds=3, redirects=3)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "path",
    [
        "",
        "statuses",
        "https://x.example:65536/",
        "https://x.example:0/",
        "https://xn--/",
        "https://a%2eb/",
        "@10.0.0.1/",
        ".evil.example/",
        ":1/",
        "file:///x",
        "https://a:b@x.example/",
        "http://[",
    ],
)
def test_a_path_that_is_none(path: str) -> None:
    with Raw(answer()) as server, wire_to(server) as wire, pytest.raises(Refused) as refused:
        wire.call("GET", path, seconds=3)
    assert (refused.value.code, server.connections) == ("server_not_valid", 0)


def test_a_whole_address_that_the_network_gave() -> None:
    with Raw(answer()) as upload, Raw(answer()) as server, wire_to(server) as wire:
        wire.call("PUT", f"{upload.url}/session/7", seconds=3, content=b"x", params={"part": 1, "none": None})
        assert (upload.heads[0].split("\r\n")[0], server.connections) == ("PUT /session/7?part=1 HTTP/1.1", 0)


# Connections


def test_steps_share_a_connection_and_so_do_pieces_of_work() -> None:
    with Raw(answer()) as server:
        for _turn in range(2):
            with wire_to(server) as wire:
                for _step in range(3):
                    wire.call("GET", "/", seconds=3)
        assert (len(server.heads), server.connections) == (6, 1)


def test_a_connection_that_failed_is_not_used_again() -> None:
    with Raw(broken_off, answer()) as server, wire_to(server) as wire:
        with pytest.raises(NotSent):
            wire.call("GET", "/", seconds=3)
        assert wire.call("GET", "/", seconds=3).status == 200
        assert server.connections == 2


def test_threads_do_not_wait_for_each_other() -> None:
    def slow() -> Iterator[bytes]:
        time.sleep(1)
        yield answer()

    with Raw(slow) as server:
        started = time.monotonic()
        threads = [threading.Thread(target=_call, args=(server,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert time.monotonic() - started < 6
        assert server.connections == 8


def _call(server: Raw) -> None:
    with wire_to(server) as wire:
        wire.call("GET", "/", seconds=20)


# Nothing of a token


def everything(error: BaseException) -> str:
    """All that anybody could print of an error."""
    chain = [error, error.__cause__, error.__context__]
    words = [f"{one!r} {one} {getattr(one, 'said', '')} {getattr(one, 'params', '')}" for one in chain]
    return " ".join([*words, *traceback.format_exception(error)])


ECHO = [
    TOKEN,
    f"Bearer {TOKEN}",
    "EAABwzLixnjYBO7ZCZA-q9%2Fsecret%2Btoken%3D%3D",
    "EAABwzLixnjYBO7ZCZA-q9\\/secret+token==",
    "EAABwzLixnjYBO7ZC… is malformed",
    "correct horse battery",
    "correct+horse+battery",
    "correct%20horse%20battery",
    "correct\u0000 horse\nbattery",
]


@pytest.mark.parametrize("status", ["400 No", "401 No", "403 No", "429 No", "500 No", "302 Found"])
@pytest.mark.parametrize("kind", ["application/json", "text/html", "text/plain"])
def test_what_a_network_says_back_is_not_repeated(status: str, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for echo in ECHO:
        said = json.dumps({"error": f"you sent {echo} and"}) if "json" in kind else f"you sent {echo} and"
        location = f"http://127.0.0.1:9/x?access_token={echo}" if echo.isprintable() else "/"
        ended = outcome(answer(said.encode(), status, kind, Location=location), visible=True, params={"key": TOKEN})
        for printed in (everything(ended), caplog.text):
            assert [part for part in ("EAABwzLixnjY", "secret%2B", "secret+", "horse") if part in printed] == []
        assert ("you sent" in ended.said) is (status != "302 Found")


def test_what_the_libraries_say_is_not_kept(caplog: pytest.LogCaptureFixture) -> None:
    """Their lines would hold addresses and headers; our settings leave them out, at whatever level Filo says its own."""
    assert [logging.getLogger(name).isEnabledFor(logging.INFO) for name in ("httpx", "httpcore.http11")] == [False] * 2
    caplog.set_level(logging.DEBUG)
    said = answer(b"{}", "302 Found", Location=f"/?access_token={TOKEN}")
    outcome(said)
    assert TOKEN not in caplog.text
    caplog.set_level(logging.DEBUG, "httpcore")
    outcome(said)
    assert TOKEN in caplog.text


def test_a_token_cut_at_the_end_is_not_kept() -> None:
    body = json.dumps({"error": "x" * 260 + TOKEN}).encode()
    ended = outcome(answer(body, "400 No"))
    assert (len(ended.said) <= 300, "EAAB" in ended.said, ended.said[-1]) == (True, False, "}")


@pytest.mark.parametrize("token", ["secret-token\n", "secret-tokén", "secret-token\r\nX-Evil: 1", "secret-\x00token"])
def test_a_token_that_cannot_be_sent_is_not_repeated(token: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Raw(answer()) as server, wire_to(server) as wire, pytest.raises(CredentialsRefused) as ended:
        wire.call("GET", "/", seconds=3, token=token, visible=True)
    assert (ended.value.code, server.connections) == ("credentials_refused", 0)
    assert "secret-" not in everything(ended.value) + caplog.text


def test_a_text_that_cannot_be_sent_is_refused() -> None:
    with Raw(answer()) as server, wire_to(server) as wire:
        for body in ({"json": {"a": "\ud800"}}, {"json": {"a": float("nan")}}, {"headers": {"X-A": "a\nb"}}):
            with pytest.raises(Refused) as ended:
                wire.call("POST", "/", seconds=3, **body)
            assert ended.value.code == "request_not_valid"
    assert server.connections == 0


def test_nothing_shows_what_is_in_it() -> None:
    with Raw(answer(json.dumps({"access_token": TOKEN}).encode())) as server, wire_to(server) as wire:
        got = wire.call("GET", "/", seconds=3, token=TOKEN)
        assert (repr(got), repr(wire), repr(Secrets([TOKEN]))[:10]) == (
            "<Answer 200>",
            "<Wire to Mastodon>",
            "<Secrets: ",
        )
        wire.hide(got.json()["access_token"])
        assert wire.said(f"a\x07 {TOKEN}\n b") == "a … b"


@given(st.text(alphabet=st.characters(codec="ascii", exclude_categories=["C"]), min_size=4), st.text(), st.text())
def test_a_secret_is_hidden_wherever_it_stands(secret: str, before: str, after: str) -> None:
    said = Secrets([secret]).hidden(f"{before}{secret}{after}")
    assert secret not in said or secret in before + "…" + after


def test_secrets_of_all_kinds_are_known() -> None:
    secrets = Secrets([{"a": ["first-secret"], "b": None}, b"second-secret", 123456789, ("third-secret",), True, ""])
    assert secrets.said("first-secret second-secret 123456789 third-secret True") == "… … … … True"
