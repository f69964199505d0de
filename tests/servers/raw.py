r"""A server that says whatever it is told, byte for byte: HTTP or not, whole or broken off, too much or too slowly.

with Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") as server:
    …
    assert server.heads == ["GET / HTTP/1.1…"]
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Self

Say = bytes | Callable[[], Iterator[bytes]]


def answer(body: bytes = b"{}", status: str = "200 OK", kind: str = "application/json", **headers: str) -> bytes:
    """A whole answer; names of headers with `_` for `-`."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body


class Raw:
    """The server. `heads` and `bodies` are what it heard, `connections` how often it was called, `sent` bytes it sent.

    It answers one thing after the other, the last for ever. Bytes leave the connection open; pieces of an iterator are
    said one by one, and the connection is closed after them.
    """

    def __init__(self, *says: Say) -> None:
        self.heads: list[str] = []
        self.bodies: list[bytes] = []
        self.connections = 0
        self.sent = 0
        self._says = list(says)
        self._lock = threading.Lock()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept)]
        self.port = int(self._server.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_exception: object) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            stream = connection.makefile("rb")
            while self._heard(stream.readline, stream.read):
                with self._lock:
                    say = self._says.pop(0) if len(self._says) > 1 else self._says[0]
                if isinstance(say, bytes):
                    connection.sendall(say)
                    self.sent += len(say)
                    continue
                for piece in say():
                    connection.sendall(piece)
                    self.sent += len(piece)
                return

    def _heard(self, line: Callable[[], bytes], read: Callable[[int], bytes]) -> bool:
        """Hear one request; False where nobody speaks any more."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            more = line()
            if not more:
                return False
            head += more
        said = head.decode("latin-1")
        fields = {name.lower(): value for name, _, value in (field.partition(": ") for field in said.split("\r\n"))}
        if "content-length" in fields:
            body = read(int(fields["content-length"]))
        elif fields.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(line().strip(), 16):
                body += read(size)
                line()
            line()
        else:
            body = b""
        self.heads.append(said)
        self.bodies.append(body)
        return True
