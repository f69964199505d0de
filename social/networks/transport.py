"""An httpx transport that keeps a total time, which httpx's own time-outs (of single reads and writes) do not.

A server that sends one byte a second keeps every read short and never ends. Here each step has an allowance of seconds
and bytes, and what goes beyond it is a time-out or a broken read, on the wire.
"""

import ipaddress
import math
import socket
import ssl
import time
from collections.abc import Iterable
from functools import cache
from typing import Any

import httpcore
import httpx

CONNECT_SECONDS = 5.0
_PIECE = 65_536


class Allowance:
    """What the wire may still use: seconds and bytes received. One for each transport, set anew for each step."""

    def __init__(self) -> None:
        self._until = math.inf
        self._bytes = math.inf

    def set(self, *, seconds: float, received: float = math.inf) -> None:
        """Allow so many seconds from now, and so many bytes received."""
        self._until = time.monotonic() + seconds
        self._bytes = received

    def seconds(self, asked: float | None) -> float:
        """Return the shorter of what is asked and what is left; 0 where the time is over."""
        left = max(0.0, self._until - time.monotonic())
        return left if asked is None else min(asked, left)

    def receive(self, size: int) -> None:
        """Count bytes received.

        Raises:
            httpcore.ReadError: more than allowed.
        """
        self._bytes -= size
        if self._bytes < 0:
            raise httpcore.ReadError("the answer is larger than allowed")


class TimedTransport(httpx.HTTPTransport):
    """httpx's transport, over connections that keep an allowance.

    With `plain_http_at_home` set, http without TLS reaches only addresses that are not public, so that no password
    crosses the internet in clear.
    """

    def __init__(self, allowance: Allowance, *, plain_http_at_home: bool = True) -> None:
        super().__init__(verify=_trusted())
        self._pool.close()
        # httpx has no door for a network backend; its pool is replaced by one that has.
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(),
            network_backend=_TimedBackend(allowance),
        )
        self._plain_http_at_home = plain_http_at_home

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request.

        Raises:
            httpx.UnsupportedProtocol: http without TLS to a public address.
        """
        if self._plain_http_at_home and request.url.scheme == "http" and _is_public(request.url.host):
            raise httpx.UnsupportedProtocol("http without TLS is for private addresses only", request=request)
        return super().handle_request(request)


class _TimedBackend(httpcore.NetworkBackend):
    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        seconds = self._allowance.seconds(timeout)
        if not seconds:
            raise httpcore.ConnectTimeout("no time left to connect")
        stream = self._plain.connect_tcp(host, port, seconds, local_address, socket_options)
        return _TimedStream(stream, self._allowance)


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, allowance: Allowance) -> None:
        self._stream = stream
        self._allowance = allowance

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        seconds = self._allowance.seconds(timeout)
        if not seconds:
            raise httpcore.ReadTimeout("no time left to read")
        data = self._stream.read(max_bytes, seconds)
        self._allowance.receive(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            seconds = self._allowance.seconds(timeout)
            if not seconds:
                raise httpcore.WriteTimeout("no time left to write")
            self._stream.write(buffer[start : start + _PIECE], seconds)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = self._allowance.seconds(timeout)
        if not seconds:
            raise httpcore.ConnectTimeout("no time left to connect")
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, seconds), self._allowance)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _is_public(host: str) -> bool:
    """Say whether one of the host's addresses is public; a host without address is not, and fails to connect later."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return any(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]).is_global for entry in found)
