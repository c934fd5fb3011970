"""Where an order may be posted: public addresses over https, or near ones where that is allowed.

The referee is the interpreter itself: an audit hook sees every connection, and lets none leave
this machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from vchat_tui.channels.order_hook import Hook, Refused, Taken
from vchat_tui.channels.order_http import MAX_ANSWER, OrderHooks
from vchat_tui.settings import Secret

SECRET = Secret("c2VjcmV0IG9mIHRoZSBzaG9w")
ID, NOW, BODY = "ord_1", 1_770_000_000, b'{"event":"whatsapp.order"}'
PUBLIC = "93.184.216.34"


class _Referee:
    watching: list[str] | None = None


def _on_audit(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and _Referee.watching is not None:
        address = arguments[1]
        if isinstance(address, tuple):
            _Referee.watching.append(str(address[0]))
            if address[0] not in ("127.0.0.1", "::1"):
                raise ConnectionRefusedError("no test leaves this machine")


sys.addaudithook(_on_audit)


@pytest.fixture
def connections() -> Iterator[list[str]]:
    """The addresses that were connected to, or would have been."""
    _Referee.watching = []
    yield _Referee.watching
    _Referee.watching = None


def hooks(*answers: list[str], **more: object) -> tuple[OrderHooks, list[str]]:
    """A poster whose names lead where we say: the first answer first, the last one for ever."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return OrderHooks(resolve, **more), asked  # type: ignore[arg-type]


def hook(url: str = "https://shop.example/hook", *, private: bool = False) -> Hook:
    return Hook(url=url, secret=SECRET, private=private)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.7", "172.16.0.1", "172.31.255.255",
        "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1",
        "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fe80::1",
        "fe80::1%1", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1",
        "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1",
        "2001:0:7f00:1::f5ff:fffe", "::7f00:1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("beside", [[], [PUBLIC]])
async def test_no_address_that_is_not_public(
    connections: list[str], address: str, beside: list[str]
) -> None:
    poster, _asked = hooks([*beside, address])
    outcome = await poster.post(hook(), ID, NOW, BODY)
    assert isinstance(outcome, Refused)
    assert (outcome.error, outcome.detail) == ("private_address", address)
    assert connections == []


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/",
        "https://127.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/", "https://localhost/", "https://LOCALHOST./",
        "https://0/", "https://169.254.169.254/latest/meta-data/", "http://127.0.0.1:80/",
    ],
)  # fmt: skip
async def test_no_spelling_of_this_machine(connections: list[str], url: str) -> None:
    outcome = await OrderHooks().post(hook(url), ID, NOW, BODY)
    assert isinstance(outcome, Refused)
    assert outcome.error in ("private_address", "unreachable")
    assert connections == []


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1"])
async def test_even_a_private_shop_is_not_where_clouds_keep_their_keys(
    connections: list[str], address: str
) -> None:
    poster, _asked = hooks([address])
    outcome = await poster.post(hook(private=True), ID, NOW, BODY)
    assert isinstance(outcome, Refused)
    assert outcome.error == "private_address"
    assert connections == []


@pytest.mark.parametrize(
    "url", ["http://shop.example/", "https://shop.example:8443/", "https://shop.example:80/"]
)
@pytest.mark.parametrize("private", [True, False])
async def test_the_internet_only_over_https(
    connections: list[str], url: str, private: bool
) -> None:
    poster, _asked = hooks([PUBLIC])
    outcome = await poster.post(hook(url, private=private), ID, NOW, BODY)
    assert isinstance(outcome, Refused)
    assert outcome.error == "insecure"
    assert connections == []


async def test_the_connection_goes_to_the_address_that_was_looked_at(
    connections: list[str],
) -> None:
    poster, asked = hooks([PUBLIC], ["127.0.0.1"])  # a name that changes sides
    outcome = await poster.post(hook(), ID, NOW, BODY)
    assert isinstance(outcome, Refused)
    assert outcome.error == "unreachable"
    assert connections == [PUBLIC]
    assert asked == ["shop.example"]
    again = await poster.post(hook(), ID, NOW, BODY)
    assert isinstance(again, Refused)
    assert again.error == "private_address"
    assert connections == [PUBLIC]


async def test_a_name_that_leads_nowhere() -> None:
    poster, _asked = hooks([])
    outcome = await poster.post(hook(), ID, NOW, BODY)
    assert outcome == Refused(error="unreachable", detail="shop.example")


# ---- over TLS, to a shop on this machine --------------------------------------------------------


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for a name, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )  # fmt: skip
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem, secret)
    return server, ssl.create_default_context(cafile=str(pem))


@contextlib.asynccontextmanager
async def raw_shop(
    answer: bytes, tls: ssl.SSLContext | None = None, *, silent: bool = False
) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that keeps each request's head and answers the same bytes; its port."""
    heads: list[bytes] = []
    serving: set[asyncio.Task[object]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task() or pytest.fail("no task"))
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            if silent:
                await reader.read()
            writer.write(answer)
            await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1], heads
    finally:
        server.close()
        await asyncio.gather(*serving)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


@pytest.mark.parametrize(("name", "good"), [("shop.example", True), ("other.example", False)])
async def test_the_certificate_must_be_of_the_name(tmp_path: Path, name: str, good: bool) -> None:
    server, client = certificate(tmp_path, name)
    poster, _asked = hooks(["127.0.0.1"], tls=client)
    async with raw_shop(OK, server) as (port, heads):
        outcome = await poster.post(
            hook(f"https://shop.example:{port}/hook?shop=1", private=True), ID, NOW, BODY
        )
    if good:
        assert outcome == Taken(status=200, body=b"ok")
        assert heads[0].startswith(b"POST /hook?shop=1 HTTP/1.1\r\n")
        assert f"\r\nHost: shop.example:{port}\r\n".lower().encode() in heads[0].lower()
    else:
        assert isinstance(outcome, Refused)
        assert outcome.error == "unreachable"


async def test_a_shop_that_does_not_answer_in_time() -> None:
    poster, _asked = hooks(["127.0.0.1"], deadline=0.1)
    async with raw_shop(OK, silent=True) as (port, _heads):
        outcome = await poster.post(hook(f"http://shop:{port}/", private=True), ID, NOW, BODY)
    assert outcome == Refused(error="timeout")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(connections: list[str], status: int) -> None:
    poster, _asked = hooks(["127.0.0.1"])
    answer = f"HTTP/1.1 {status} x\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    async with raw_shop(answer.encode()) as (port, _heads):
        outcome = await poster.post(hook(f"http://shop:{port}/", private=True), ID, NOW, BODY)
    assert isinstance(outcome, Refused)
    assert (outcome.error, outcome.status) == ("redirect", status)
    assert connections == ["127.0.0.1"]


async def test_a_shop_may_ask_for_patience() -> None:
    poster, _asked = hooks(["127.0.0.1"])
    answer = b"HTTP/1.1 429 x\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n"
    async with raw_shop(answer) as (port, _heads):
        outcome = await poster.post(hook(f"http://shop:{port}/", private=True), ID, NOW, BODY)
    assert isinstance(outcome, Refused)
    assert (outcome.status, outcome.retry_after) == (429, 120)


async def test_an_endless_answer_is_cut() -> None:
    poster, _asked = hooks(["127.0.0.1"])
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * (MAX_ANSWER * 4)
    async with raw_shop(answer) as (port, _heads):
        outcome = await poster.post(hook(f"http://shop:{port}/", private=True), ID, NOW, BODY)
    assert isinstance(outcome, Taken)
    assert len(outcome.body) <= MAX_ANSWER


@pytest.mark.parametrize("answer", [b"", b"\x00\xff", b"HTTP/1.1 999 x\r\n\r\n", b"220 smtp\r\n"])
async def test_what_is_no_http_is_no_answer(answer: bytes) -> None:
    poster, _asked = hooks(["127.0.0.1"])
    async with raw_shop(answer) as (port, _heads):
        outcome = await poster.post(hook(f"http://shop:{port}/", private=True), ID, NOW, BODY)
    assert isinstance(outcome, Refused)
    assert outcome.error in ("unreachable", "status")
