"""Fetching by number: the certificate must still be the one of the name (TLS on loopback)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from scripted_provider import http

from vchat_tui.channels import download, registry
from vchat_tui.channels.base import Fetched, NotSent
from vchat_tui.channels.download import Download
from vchat_tui.models import Media
from vchat_tui.settings import Secret

HOST, PUBLIC = "lookaside.fbsbx.com", "157.240.1.1"
TWILIO = "api.twilio.com"  # the API's own address, which an admin chose, goes by name


def certificate(folder: Path, name: str, *more: str) -> Path:
    """A self-signed certificate with its key, in one file; `more` are other names of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(each) for each in (name, *more)]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


class Server:
    """What was asked of a TLS server: the name in the handshake, and the request."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.requests: list[str] = []


@asynccontextmanager
async def serving(
    path: Path, monkeypatch: pytest.MonkeyPatch, *redirects: str
) -> AsyncIterator[Server]:
    """A server with a certificate that the fetcher trusts; every connection ends up there.

    Args:
        redirects: where the first requests are sent on to.
    """
    seen = Server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    context.sni_callback = lambda _socket, name, _context: seen.names.append(name)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            seen.requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
            hop = len(seen.requests) - 1
            if hop < len(redirects):
                writer.write(http(307, b"", f"Location: {redirects[hop]}"))
            else:
                writer.write(http(200, b"bytes", "Content-Type: image/png"))
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the other side did not like the certificate
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    backend = httpcore._backends.anyio.AnyIOBackend
    connect = backend.connect_tcp

    async def connect_tcp(self: Any, host: str, _port: int, *args: Any, **more: Any) -> Any:
        assert host in (PUBLIC, TWILIO)
        return await connect(self, "127.0.0.1", port, *args, **more)

    monkeypatch.setattr(backend, "connect_tcp", connect_tcp)
    trusting = ssl.create_default_context(cafile=path)
    monkeypatch.setattr(download, "certificates", lambda: trusting)
    try:
        yield seen
    finally:
        server.close()
        await server.wait_closed()


async def lookup(host: str, port: int) -> list[str]:
    return [PUBLIC]


def fetcher() -> Download:
    return Download("https://graph.facebook.com", ("Authorization", "Bearer x"), (HOST,), lookup)


async def test_the_name_is_in_the_handshake_and_in_the_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(certificate(tmp_path, HOST), monkeypatch) as server:
        outcome = await fetcher().get(f"https://{HOST}/a/?x=%2F", tmp_path / "a", 100, "image/png")
    assert isinstance(outcome, Fetched) and outcome.size == 5
    assert server.names == [HOST]
    first, *headers = server.requests[0].split("\r\n")
    assert first == "GET /a/?x=%2F HTTP/1.1"
    assert f"Host: {HOST}" in headers and "Authorization: Bearer x" in headers
    assert "Accept-Encoding: identity" in headers


async def test_another_name_in_the_certificate_is_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(certificate(tmp_path, "evil.example.com"), monkeypatch) as server:
        outcome = await fetcher().get(f"https://{HOST}/a", tmp_path / "a", 100, None)
    assert isinstance(outcome, NotSent)
    assert server.requests == []


@pytest.mark.parametrize("channel", ["sms_twilio", "whatsapp_twilio"])
async def test_only_twilio_itself_hears_the_account_s_password(
    channel: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files lie on stores of others, to which it redirects; and a webhook can name those at once."""
    store, bucket = "media.twiliocdn.com", "s3-external-1.amazonaws.com"
    path = certificate(tmp_path, TWILIO, "mms.twilio.com", store, bucket)
    settings = {"account_sid": "AC" + "0" * 32, "sender": "+15005550006"}
    hops = [f"https://mms.twilio.com/{channel}", f"https://{store}/a?sig=b", f"https://{bucket}/a"]
    async with serving(path, monkeypatch, *hops) as server:
        line = registry.open_channel(channel, settings, {"auth_token": Secret("auth-token")})
        monkeypatch.setattr(line._download, "_resolve", lookup)  # type: ignore[attr-defined]
        for host in (TWILIO, store, bucket):
            media = Media(id="ME1", url=f"https://{host}/file", mime_type="image/png")
            assert isinstance(await line.fetch(media, tmp_path / "a", 100), Fetched)
        await line.aclose()
    told = [(name, "\r\nAuthorization: Basic " in request)
            for name, request in zip(server.names, server.requests, strict=True)]  # fmt: skip
    assert told == [
        (TWILIO, True),
        ("mms.twilio.com", True),
        *[(store, False), (bucket, False)] * 2,
    ]
