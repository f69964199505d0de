"""What lies inside can't be reached by an address that somebody typed, however it is spelled and whoever resolves it."""

import datetime as dt
import ipaddress
import random
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from social.networks import transport
from social.networks.inside import IP, Allowed, check_address, is_public, parse, refuse_inside
from social.networks.outcomes import NetworkError, NotSent, Refused
from social.networks.transport import Allowance, Inside, TimedTransport
from social.networks.wire import Wire
from tests.computing import computing

NOTHING = Allowed()
HERE = parse(("127.0.0.1",))

INSIDE_4 = st.sampled_from(
    [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
    ]
).flatmap(lambda net: st.ip_addresses(v=4, network=net))


def spellings(address: ipaddress.IPv4Address) -> list[str]:
    """The ways to write one IPv4 address that some system or other takes for it."""
    a, b, c, d = address.packed
    whole, low, mid = int(address), (b << 16) | (c << 8) | d, (c << 8) | d
    embedded = f"{a:02x}{b:02x}:{c:02x}{d:02x}"
    return [
        f"{a}.{b}.{c}.{d}",
        f"{a}.{b}.{c}.{d}.",
        f"{a}.{b}.{mid}",
        f"{a}.{low}",
        f"{whole}",
        f"0x{whole:08x}",
        f"0X{whole:X}",
        f"0{whole:o}",
        f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"0x{a:x}.0{b:o}.{mid}",
        f"00000{a:o}.{low}",
        f"[::ffff:{a}.{b}.{c}.{d}]",
        f"[::ffff:{embedded}]",
        f"[0:0:0:0:0:ffff:{embedded}]",
        f"[::{embedded}]",
        f"[64:ff9b::{embedded}]",
        f"[64:ff9b::{a}.{b}.{c}.{d}]",
        f"[64:ff9b:1::{embedded}]",
        f"[2002:{embedded}::1]",
        f"[2001:0:{embedded}::1]",
        f"[2001:0:4136:e378:8000:63bf:{(a << 8 | b) ^ 0xFFFF:x}:{(c << 8 | d) ^ 0xFFFF:x}]",
    ]


class Listening:
    """A server on one address that answers each request, and keeps what it was sent."""

    def __init__(self, address: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.heard: list[str] = []
        self.names: list[str | None] = []
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
        self._tls = tls
        self._server = socket.create_server((address, port))
        self.port = int(self._server.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        if tls is not None:
            tls.sni_callback = lambda _socket, name, _context: self.names.append(name)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                talking = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
                with talking:
                    self.heard.append(talking.recv(65_536).decode("latin-1"))
                    talking.sendall(self.answer)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(5)


class Names:
    """A name server of ours: gives what it is told, one after the other, the last for ever; counts who asks."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def refusal(url: str, *, allow: Allowed = NOTHING, resolver: transport.Resolver | None = None) -> str:
    """The code by which calling this address ends."""
    with (
        Wire("Mastodon", "https://mastodon.example", allow=allow, resolver=resolver) as wire,
        pytest.raises(NetworkError) as refused,
    ):
        wire.call("GET", url, seconds=3)
    return refused.value.code


@given(INSIDE_4, st.sampled_from(["http", "https"]), st.sampled_from(["", ":80", ":8443", ":22"]))
def test_no_spelling_of_an_address_inside_is_called(address: ipaddress.IPv4Address, scheme: str, port: str) -> None:
    for spelled in spellings(address):
        code = refusal(f"{scheme}://{spelled}{port}/")
        # httpx itself takes four numbers with zeros before them for no address.
        zeros = re.fullmatch(r"[0-9]+(\.[0-9]+){3}", spelled) and str(address) != spelled
        assert code == ("server_not_valid" if zeros else "inside_address"), spelled


@given(INSIDE_4)
def test_no_spelling_of_an_address_inside_is_saved(address: ipaddress.IPv4Address) -> None:
    with override_settings(FILO_INSIDE_ADDRESSES=[]):
        for spelled in spellings(address):
            with pytest.raises(Refused) as refused:
                check_address(f"https://{spelled}/")
            assert refused.value.code == "inside_address", spelled


@given(INSIDE_4)
def test_every_spelling_is_the_address_that_is_allowed(address: ipaddress.IPv4Address) -> None:
    """What is refused above is refused for where it leads, not for how it looks."""
    for spelled in spellings(address)[:14]:
        host = spelled.strip("[]")
        read = ipaddress.ip_address(host) if ":" in host else ipaddress.IPv4Address(socket.inet_aton(host.rstrip(".")))
        refuse_inside(spelled, read, plain=True, allow=parse((f"{address}/32",)))


@given(st.ip_addresses())
def test_what_is_public_is_so_by_the_standard_library_too(address: IP) -> None:
    if is_public(address):
        mapped = getattr(address, "ipv4_mapped", None) or address
        kinds = [mapped.is_private, mapped.is_loopback, mapped.is_link_local, mapped.is_multicast]
        assert kinds == [False] * 4
        assert not mapped.is_reserved or mapped in ipaddress.ip_network("64:ff9b::/96")


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "93.184.215.14",
        "172.32.0.1",
        "100.128.0.1",
        "2606:4700::1111",
        "2a00:1450:4001::1",
        "64:ff9b::808:808",
        "::ffff:8.8.8.8",
        "2003::1",
    ],
)
def test_public_addresses(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "fec0::1",
        "100::1",
        "2001:db8::1",
        "5f00::1",
        "168.63.129.16",
        "100.100.100.200",
        "fd00:ec2::254",
        "192.0.0.192",
        "255.255.255.255",
        "3fff::1",
    ],
)
def test_addresses_inside(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


def test_hosts_of_the_machine_itself_are_refused_by_name() -> None:
    for name in ("localhost", "LOCALHOST", "localhost.", "filo.localhost"):
        with override_settings(FILO_INSIDE_ADDRESSES=[]), pytest.raises(Refused) as refused:
            check_address(f"https://{name}")
        assert refused.value.code == "inside_address"
    assert refusal("https://localhost/") == "inside_address"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://a:b@mastodon.example/", "server_not_valid"),
        ("https://10.0.0.1@mastodon.example/", "server_not_valid"),
        ("https://mastodon.example@10.0.0.1/", "server_not_valid"),
        ("https://mastodon.example?x", "server_not_valid"),
        ("https://mastodon.example/#10.0.0.1", "server_not_valid"),
        ("https://mastodon.example\\@10.0.0.1/", "server_not_valid"),
        ("https://mastodon.example\n", "server_not_valid"),
        ("https://mastodon.example:0/", "server_not_valid"),
        ("https://mastodon.example:65536/", "server_not_valid"),
        ("file:///etc/passwd", "server_not_valid"),
        ("gopher://mastodon.example/", "server_not_valid"),
        ("//mastodon.example/", "server_not_valid"),
        ("", "server_not_valid"),
        ("http://[", "server_not_valid"),
        ("http://8.8.8.8/", "plain_http"),
        ("http://134744072/", "plain_http"),
    ],
)
def test_what_is_no_server(url: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        check_address(url)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "url", ["https://mastodon.example", "https://8.8.8.8:8443/blog", "http://127.0.0.1:3000", "https://bücher.example"]
)
def test_what_is_a_server(url: str) -> None:
    assert check_address(url + "/") == url


def test_a_name_that_leads_inside_now_and_elsewhere_before() -> None:
    with Listening() as outside, Listening("127.0.0.2", outside.port) as within:
        rebinding = Names(["127.0.0.1"], ["127.0.0.2"])
        url = f"http://blog.example:{outside.port}"
        with Wire("WordPress", url, allow=HERE, resolver=rebinding) as wire:
            assert wire.call("GET", "/", seconds=3).status == 200
            with pytest.raises(Refused) as refused:
                wire.call("GET", "/", seconds=3)
        assert (refused.value.code, rebinding.asked) == ("inside_address", ["blog.example"] * 2)
        assert (len(outside.heard), within.heard) == (1, [])
        assert f"host: blog.example:{outside.port}\r\n" in outside.heard[0].lower()
        # The door it did not go through was open.
        with Wire("WordPress", url, allow=parse(("127.0.0.2",)), resolver=rebinding) as wire:
            assert wire.call("GET", "/", seconds=3).status == 200
        assert len(within.heard) == 1


def test_a_name_is_looked_up_once_for_a_connection() -> None:
    """Nothing looks again between the check and the connection: the second answer is never heard of."""
    with Listening() as outside:
        rebinding = Names(["127.0.0.1"], ["10.0.0.1"])
        with Wire("X", f"http://x.example:{outside.port}", allow=HERE, resolver=rebinding) as wire:
            assert wire.call("GET", "/", seconds=3).status == 200
    assert rebinding.asked == ["x.example"]


@pytest.mark.parametrize("addresses", [["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "127.0.0.1"], ["127.0.0.1", "::1"]])
def test_one_address_inside_among_others_is_one_too_many(addresses: list[str]) -> None:
    with Listening() as outside:
        url = f"http://blog.example:{outside.port}/"
        assert refusal(url, allow=HERE, resolver=Names(addresses)) == "inside_address"
        assert outside.heard == []


def test_an_address_that_does_not_answer_is_followed_by_the_next() -> None:
    both = parse(("127.0.0.0/8",))
    with Listening() as outside:
        names = Names(["127.0.0.9", "127.0.0.1"])
        with Wire("X", f"http://x.example:{outside.port}", allow=both, resolver=names) as wire:
            assert wire.call("GET", "/", seconds=3).status == 200
    assert len(outside.heard) == 1


def test_a_host_with_many_addresses_that_lead_nowhere_is_reached_by_its_other_kind() -> None:
    nowhere = [f"::{number}" for number in range(2, 12)]
    with Listening() as outside:
        url, names = f"http://x.example:{outside.port}", Names([*nowhere, "127.0.0.1"])
        with Wire("X", url, allow=parse(("127.0.0.1", "::/64")), resolver=names) as wire:
            assert wire.call("GET", "/", seconds=3).status == 200
    assert len(outside.heard) == 1


@pytest.mark.parametrize("answer", [[], ["not an address"]])
def test_a_name_without_an_address_is_not_reached(answer: list[str]) -> None:
    assert refusal("https://x.example/", resolver=Names(answer)) == "unreachable"


def test_a_name_server_that_never_answers_is_left_in_time() -> None:
    ends = threading.Event()

    def silent(host: str, port: int) -> list[str]:
        ends.wait(60)
        return ["127.0.0.1"]

    started = time.monotonic()
    with (
        Wire("X", "https://x.example", allow=HERE, resolver=silent) as wire,
        pytest.raises(NotSent) as late,
    ):
        wire.call("POST", "/", seconds=1, visible=True)
    ends.set()
    assert (late.value.code, 1 <= time.monotonic() - started < 20) == ("unreachable", True)


def test_http_without_tls_only_reaches_what_is_allowed() -> None:
    assert refusal("http://x.example/", resolver=Names(["8.8.8.8"])) == "plain_http"
    assert refusal("http://x.example/", resolver=Names(["10.0.0.1"])) == "inside_address"


def test_a_host_may_be_allowed_by_its_name() -> None:
    with Listening() as within:
        names, by_name = Names(["127.0.0.1"]), parse(("WordPress.studio.lan",))
        with Wire("WordPress", f"http://wordpress.studio.lan:{within.port}", allow=by_name, resolver=names) as wire:
            assert wire.call("GET", "/", seconds=3).status == 200
        assert refusal(f"http://other.studio.lan:{within.port}/", allow=by_name, resolver=names) == "inside_address"
    assert len(within.heard) == 1


@pytest.mark.parametrize("address", ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "::ffff:169.254.169.254"])
def test_the_metadata_service_is_only_reached_when_meant(address: str) -> None:
    found = ipaddress.ip_address(address)
    everything = parse(("0.0.0.0/0", "::/0"))
    with pytest.raises(Refused) as refused:
        refuse_inside("x", found, plain=False, allow=everything)
    assert refused.value.code == "inside_address"
    plain = ipaddress.ip_address(address.removeprefix("::ffff:"))
    refuse_inside("x", found, plain=True, allow=parse((str(plain),)))
    neighbour = found + 1 if found.version == 4 else ipaddress.ip_address("fd00:ec2::255")
    refuse_inside("x", neighbour, plain=True, allow=everything)


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with Listening() as proxy, Listening() as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        with Wire("X", f"http://127.0.0.1:{server.port}") as wire:
            assert wire.call("GET", "/", seconds=3).status == 200
        assert (len(proxy.heard), len(server.heard)) == (0, 1)


@pytest.mark.parametrize("port", [80, 8443, 65_535])
def test_any_port_is_a_port(port: int) -> None:
    assert check_address(f"https://blog.example:{port}") == f"https://blog.example:{port}"


def test_other_clients_of_the_transport_are_guarded_too() -> None:
    """Client libraries are given the transport alone."""
    allowance = Allowance()
    with (
        httpx.Client(transport=TimedTransport(allowance, allow=NOTHING), trust_env=False) as http,
        pytest.raises(Inside),
    ):
        http.get("https://[::1]:1/")


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ssl.SSLContext]]:
    """Makes servers' certificates for a name, which this process trusts."""
    path = tmp_path / "certificate.pem"

    def make(name: str) -> ssl.SSLContext:
        path.write_bytes(_certificate(name))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        transport.forget_connections()
        return context

    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    yield make
    transport.forget_connections()


def _certificate(name: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + made.public_bytes(serialization.Encoding.PEM)


def test_the_name_is_kept_for_tls(named: Callable[[str], ssl.SSLContext]) -> None:
    """The connection goes to the address that was checked; the name is what the certificate has to vouch for."""
    with Listening(tls=named("blog.example")) as server:
        names = Names(["127.0.0.1"])
        with Wire("WordPress", f"https://blog.example:{server.port}", allow=HERE, resolver=names) as wire:
            assert wire.call("GET", "/", seconds=3).status == 200
        other = f"https://other.example:{server.port}/"
        assert refusal(other, allow=HERE, resolver=names) == "unreachable"
        assert (server.names, len(server.heard)) == (["blog.example", "other.example"], 1)


def test_addresses_at_random_are_judged_fast() -> None:
    """A check is nothing beside a connection."""
    made = random.Random(7)  # noqa: S311 - addresses, not secrets
    addresses = [ipaddress.IPv4Address(made.getrandbits(32)) for _ in range(2_000)]
    with computing() as seconds:
        public = sum(is_public(address) for address in addresses)
        assert seconds() < 0.5
    assert 1_600 < public < 1_800
