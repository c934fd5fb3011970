"""The server asks itself at its public address (TLS on loopback)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from test_fetch_tls import certificate

from vchat_tui.channels.public_url import probe
from vchat_tui.channels.reach import Reach, Reached

HOST = "chat.example.com"
OURS = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"), HOST)


@asynccontextmanager
async def answering(pem: Path, answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server for the name; its address, and what it was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        writer.close()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://{HOST}:{server.sockets[0].getsockname()[1]}", asked


async def ask(url: str, pem: Path | None, *addresses: str, public: bool = True) -> Reached:
    async def resolve(host: str, port: int) -> list[str]:
        if not addresses:
            raise OSError("no such name")
        return list(addresses)

    trusted = ssl.create_default_context(cafile=pem) if pem else None
    return await probe(url, resolve=resolve, tls=trusted, public=lambda _address: public)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (OURS, Reached(reach=Reach.OK)),
        (OURS.replace(b"ok", b"hi"), Reached(reach=Reach.NOT_OURS)),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"ok" * 9999, Reached(reach=Reach.NOT_OURS)),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", Reached(reach=Reach.STATUS, detail="502")),
        (b"HTTP/1.1 301 x\r\nlocation: /\r\n\r\n", Reached(reach=Reach.STATUS, detail="301")),
        (b"rubbish\r\n\r\n", Reached(reach=Reach.NO_ANSWER)),
    ],
)
async def test_what_answers(pem: Path, answer: bytes, expected: Reached) -> None:
    async with answering(pem, answer) as (url, asked):
        assert await ask(url, pem, "127.0.0.1") == expected
    assert asked[0].startswith(b"GET /healthz HTTP/1.1\r\n")
    assert f"host: {HOST}".encode() in asked[0].lower()


async def test_a_certificate_of_nobody(pem: Path) -> None:
    async with answering(pem, OURS) as (url, asked):
        found = await ask(url, None, "127.0.0.1")
    assert found.reach is Reach.TLS
    assert "self" in found.detail
    assert not asked


async def test_names_that_lead_nowhere_or_home(pem: Path) -> None:
    url = f"https://{HOST}"
    assert await ask(url, pem) == Reached(reach=Reach.NO_NAME, detail=HOST)
    private = await ask(url, pem, "10.0.0.7", public=False)
    assert private == Reached(reach=Reach.PRIVATE, detail="10.0.0.7")


async def test_nobody_listens(pem: Path) -> None:
    async with answering(pem, OURS) as (url, _asked):
        pass
    assert await ask(url, pem, "127.0.0.1") == Reached(reach=Reach.NO_ANSWER)
