"""An httpx transport that keeps a total time, reaches nothing inside, and shares its connections within the process.

httpx's own time-outs are of single reads and writes: a server that sends one byte a second keeps every read short and
never ends. Here each step has an allowance of seconds and bytes, and what goes beyond it is a time-out or a broken
read, on the wire. A body is unpacked here, within the same bounds. Looking up a name is part of connecting, and of its time.

A name is looked up once for each connection. All addresses that it has are checked (`social.networks.inside`), and the
connection is made to one of the addresses that were checked, the name being kept for TLS and for the Host header: a name
server that says one thing now and another a moment later gains nothing. Proxies of the environment are not used, since
a proxy would look the name up again.

Connections are kept for a few seconds and shared by all threads of the process: between the steps of one piece of work,
and between pieces of work on the same host. HTTP knows no account at the level of a connection, so nothing of one
client reaches another by it.
"""

import atexit
import contextlib
import ipaddress
import itertools
import math
import os
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore
import httpx

from social.networks import inside
from social.networks.unpacking import unpacked

CONNECT_SECONDS = 5.0
KEPT_SECONDS = 3.0  # servers keep theirs for 5 and more: ours ends first, so that none breaks as it is used
KEPT_CONNECTIONS = 24  # more than the threads that ask; httpcore looks at each of them for each of them, at every call
_PIECE = 65_536
_ADDRESSES_TRIED = 4

Resolver = Callable[[str, int], list[str]]
"""Gives the addresses of a host, as text, best first; OSError where it has none."""


class TooMuch(httpcore.ReadError):
    """The answer is larger than allowed."""


class Inside(httpx.UnsupportedProtocol):
    """The connection was not made: `refused` says why."""

    def __init__(self, refused: inside.InsideRefused) -> None:
        super().__init__(refused.code)
        self.refused = refused


class Allowance:
    """What the wire may still use: seconds and bytes received. One for each transport, set anew for each step."""

    def __init__(self) -> None:
        self._until = math.inf
        self._bytes = self.unpacked = math.inf

    def set(self, *, seconds: float, received: float = math.inf, unpacked: float | None = None) -> None:
        """Allow so many seconds from now, so many bytes received, and so many in a body once it is unpacked."""
        self._until = time.monotonic() + seconds
        self._bytes = received
        self.unpacked = received if unpacked is None else unpacked

    def seconds(self, asked: float | None) -> float:
        """Return the shorter of what is asked and what is left; 0 where the time is over."""
        left = max(0.0, self._until - time.monotonic())
        return left if asked is None else min(asked, left)

    def receive(self, size: int) -> None:
        """Count bytes received.

        Raises:
            TooMuch: more than allowed.
        """
        self._bytes -= size
        if self._bytes < 0:
            raise TooMuch("the answer is larger than allowed")


@dataclass(frozen=True, slots=True)
class _Asked:
    """The request that this thread is at: whose time it uses, and whether it goes without TLS."""

    allowance: Allowance
    plain: bool = False


_NOBODY = _Asked(Allowance())
_thread = threading.local()


@contextlib.contextmanager
def _at(asked: _Asked) -> Iterator[None]:
    before = _now()
    _thread.asked = asked
    try:
        yield
    finally:
        _thread.asked = before


def _now() -> _Asked:
    asked: _Asked = getattr(_thread, "asked", _NOBODY)
    return asked


class TimedTransport(httpx.HTTPTransport):
    """httpx's transport, over guarded connections that keep an allowance.

    `allow` and `resolver` are the operator's and the system's, unless given; with ones of its own, the transport shares
    no connection with others.
    """

    def __init__(
        self, allowance: Allowance, *, allow: inside.Allowed | None = None, resolver: Resolver | None = None
    ) -> None:
        super().__init__(verify=_trusted(), trust_env=False)
        self._pool.close()
        self._own = allow is not None or resolver is not None
        # httpx has no door for a network backend; its pool is replaced by one that has.
        self._pool = (
            _new_pool(allow or inside.allowed(), resolver or look_up) if self._own else _shared(inside.allowed())
        )
        self._allowance = allowance

    def __exit__(self, *exception: object) -> None:
        self.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request.

        Raises:
            Inside: the host leads inside, or asks for http without TLS where that is not allowed.
        """
        asked = _Asked(self._allowance, plain=request.url.scheme == "http")
        request.headers["Accept-Encoding"] = "gzip"
        with _at(asked):
            response = super().handle_request(request)
        if isinstance(response.stream, httpx.SyncByteStream):
            # httpx unpacks without bounds whatever was packed, as often as it was packed.
            response.stream = _Body(response.stream, asked, response.headers.pop("Content-Encoding", ""))
        return response

    def close(self) -> None:
        """Close the connections, where they are shared with nobody."""
        if self._own:
            self._pool.close()


class _Body(httpx.SyncByteStream):
    """The body of an answer, read and unpacked within the allowance of its request."""

    def __init__(self, stream: httpx.SyncByteStream, asked: _Asked, encoding: str) -> None:
        self._stream = stream
        self._asked = asked
        self._encoding = encoding

    def __iter__(self) -> Iterator[bytes]:
        return unpacked(self._pieces(), self._encoding, most=self._asked.allowance.unpacked)

    def _pieces(self) -> Iterator[bytes]:
        pieces = iter(self._stream)
        while True:
            with _at(self._asked):
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece

    def close(self) -> None:
        with _at(self._asked):
            self._stream.close()


def look_up(host: str, port: int) -> list[str]:
    """Ask the system for a host's addresses.

    Raises:
        OSError: it has none.
    """
    try:
        return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except UnicodeError as error:
        raise OSError("not a name that can be looked up") from error


def _in_time(resolver: Resolver, host: str, port: int, seconds: float) -> list[str]:
    """Look up, at most so long. The system's own way knows no time-out: what takes longer is left to end by itself.

    Raises:
        OSError: the host has no address; TimeoutError where nobody answered.
    """
    answers: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolver(host, port))
        except OSError as error:
            answers.put(error)

    threading.Thread(target=ask, name="look-up", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError("the name server did not answer in time") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


class _GuardedBackend(httpcore.NetworkBackend):
    def __init__(self, allow: inside.Allowed, resolver: Resolver) -> None:
        self._allow = allow
        self._resolver = resolver
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        allowance = _now().allowance
        until = time.monotonic() + allowance.seconds(timeout)
        addresses = checked_addresses(
            host, port, until=until, plain=_now().plain, allow=self._allow, resolver=self._resolver
        )
        for turn, address in enumerate(addresses):
            left = until - time.monotonic()
            if left <= 0:
                break
            try:  # the last one has all that is left, each before it its share
                share = left / (len(addresses) - turn)
                return _TimedStream(self._plain.connect_tcp(address, port, share, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if turn == len(addresses) - 1:
                    raise
        raise httpcore.ConnectTimeout("no time left to connect")


def checked_addresses(  # noqa: PLR0913 - who asks, how, and what is allowed
    host: str, port: int, *, until: float, plain: bool, allow: inside.Allowed, resolver: Resolver = look_up
) -> list[str]:
    """The host's addresses, looked up until then (of `time.monotonic`), every one of them checked.

    Raises:
        httpcore.ConnectError, httpcore.ConnectTimeout: there is none, or nobody said so in time.
        Inside: one of them may not be reached.
    """
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ConnectTimeout("no time left to connect")
    try:
        found = _addresses(resolver, host, port, left)
    except TimeoutError as error:
        raise httpcore.ConnectTimeout(str(error)) from error
    except (OSError, ValueError) as error:
        raise httpcore.ConnectError("no such host") from error
    if not found:
        raise httpcore.ConnectError("no such host")
    try:
        for address in found:
            inside.refuse_inside(host, address, plain=plain, allow=allow)
    except inside.InsideRefused as refused:
        raise Inside(refused) from None
    return [str(address) for address in _alternating(found)[:_ADDRESSES_TRIED]]


def _addresses(resolver: Resolver, host: str, port: int, seconds: float) -> list[inside.IP]:
    spelled = inside.literal(host)
    if spelled is not None:
        return [spelled]
    found = _in_time(resolver, host, port, seconds)
    return list(dict.fromkeys(ipaddress.ip_address(address.partition("%")[0]) for address in found))


def _alternating(found: list[inside.IP]) -> list[inside.IP]:
    """The addresses with IPv4 and IPv6 in turns (RFC 8305 §4), so that where one leads nowhere the other is tried soon."""
    first = [address for address in found if address.version == found[0].version]
    other = [address for address in found if address.version != found[0].version]
    return [address for pair in itertools.zip_longest(first, other) for address in pair if address is not None]


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        allowance = _now().allowance
        seconds = allowance.seconds(timeout)
        if not seconds:
            raise httpcore.ReadTimeout("no time left to read")
        data = self._stream.read(max_bytes, seconds)
        allowance.receive(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        allowance = _now().allowance
        for start in range(0, len(buffer), _PIECE):
            seconds = allowance.seconds(timeout)
            if not seconds:
                raise httpcore.WriteTimeout("no time left to write")
            self._stream.write(buffer[start : start + _PIECE], seconds)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = _now().allowance.seconds(timeout)
        if not seconds:
            raise httpcore.ConnectTimeout("no time left to connect")
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, seconds))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


_pools: dict[inside.Allowed, httpcore.ConnectionPool] = {}
_pools_lock = threading.Lock()


def _shared(allow: inside.Allowed) -> httpcore.ConnectionPool:
    """The process's connections, of which each was checked against just this."""
    with _pools_lock:
        if allow not in _pools:
            _pools[allow] = _new_pool(allow, look_up)
        return _pools[allow]


def _new_pool(allow: inside.Allowed, resolver: Resolver) -> httpcore.ConnectionPool:
    return httpcore.ConnectionPool(
        ssl_context=_trusted(),
        network_backend=_GuardedBackend(allow, resolver),
        max_connections=None,  # as many as there are threads that ask
        max_keepalive_connections=KEPT_CONNECTIONS,
        keepalive_expiry=KEPT_SECONDS,
    )


def forget_connections() -> None:
    """Close what is kept and read anew whom the system trusts."""
    with _pools_lock:
        closing = list(_pools.values())
        _pools.clear()
        _trusted.cache_clear()
    for pool in closing:
        pool.close()


def _after_fork() -> None:
    """A child starts without connections: its parent's are the parent's, and so may be the locks."""
    global _pools_lock  # noqa: PLW0603 - the one of the parent may be held for ever
    _pools_lock = threading.Lock()
    _pools.clear()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(forget_connections)


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()
