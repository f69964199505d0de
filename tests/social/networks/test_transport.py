"""A total time for each step, over plain and encrypted connections."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from social.networks import transport
from social.networks.transport import Allowance, TimedTransport

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"


@contextmanager
def listening(*, reads: bool = True, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that answers one request, or that accepts a connection and does nothing more; its port."""
    done = threading.Event()

    def serve(server: socket.socket) -> None:
        with suppress(OSError):
            connection, _ = server.accept()
            with connection:
                if not reads:
                    done.wait(60)
                    return
                talking = tls.wrap_socket(connection, server_side=True) if tls else connection
                talking.recv(65_536)
                talking.sendall(ANSWER)
                talking.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            done.set()
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join(5)


@contextmanager
def client(seconds: float) -> Iterator[httpx.Client]:
    allowance = Allowance()
    with httpx.Client(transport=TimedTransport(allowance), timeout=30) as made:
        allowance.set(seconds=seconds)
        yield made


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusting(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The operator trusts that certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    transport.forget_connections()
    yield
    transport.forget_connections()


def test_an_encrypted_connection_to_a_trusted_server(tls: ssl.SSLContext, trusting: None) -> None:
    with listening(tls=tls) as port, client(5) as http:
        assert http.get(f"https://127.0.0.1:{port}/").text == "hello"


def test_a_server_that_nobody_vouches_for_is_not_spoken_to(tls: ssl.SSLContext) -> None:
    with listening(tls=tls) as port, client(5) as http, pytest.raises(httpx.ConnectError, match="certificate"):
        http.get(f"https://127.0.0.1:{port}/")


def test_a_server_that_does_not_read_is_left_in_time() -> None:
    started = time.monotonic()
    with listening(reads=False) as port, client(2) as http, pytest.raises(httpx.WriteTimeout):
        http.post(f"http://127.0.0.1:{port}/", content=b"x" * 50_000_000)
    assert 2 <= time.monotonic() - started < 20


def test_a_server_that_never_shakes_hands_is_left_in_time() -> None:
    started = time.monotonic()
    with listening(reads=False) as port, client(2) as http, pytest.raises(httpx.ConnectTimeout):
        http.get(f"https://127.0.0.1:{port}/")
    assert 2 <= time.monotonic() - started < 20


def test_without_time_nobody_is_called() -> None:
    with listening() as port, client(0) as http, pytest.raises(httpx.ConnectTimeout):
        http.get(f"http://127.0.0.1:{port}/")


def test_more_than_allowed_is_not_read() -> None:
    allowance = Allowance()
    allowance.set(seconds=5, received=len(ANSWER) - 1)
    with listening() as port, httpx.Client(transport=TimedTransport(allowance)) as http, pytest.raises(httpx.ReadError):
        http.get(f"http://127.0.0.1:{port}/")
