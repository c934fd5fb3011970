"""Where a file may be fetched from: no address of a webhook leads anywhere but to the provider.

Every connection of the process is seen at the event loop, below httpx: to refused places there is
none, and nobody but the provider hears the token.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpcore
import pytest
from scripted_provider import Provider, answers, http, says

from vchat_tui.channels import download
from vchat_tui.channels.addresses import is_public
from vchat_tui.channels.base import Fetched, NotSent, Rejected
from vchat_tui.channels.download import MOST_REDIRECTS, Download
from vchat_tui.channels.whatsapp_cloud import open_channel
from vchat_tui.channels.whatsapp_media import HOSTS
from vchat_tui.models import Media
from vchat_tui.settings import Secret

TOKEN = "EAAJB-secret"
GOOD = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1"
PUBLIC = "157.240.1.1"


class Connections:
    """What was connected to, and where names lead."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, int]] = []
        self.names: dict[str, list[str]] = {}
        self.lookups: list[str] = []

    async def resolve(self, host: str, port: int) -> list[str]:
        self.lookups.append(host)
        return self.names.get(host, [PUBLIC])


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Connections:
    """Connections to this machine are made; those to anywhere else are written down, and fail."""
    seen = Connections()
    connect = httpcore._backends.anyio.AnyIOBackend.connect_tcp

    async def connect_tcp(self: Any, host: str, port: int, *args: Any, **more: Any) -> Any:
        seen.opened.append((host, port))
        if host == "127.0.0.1":
            return await connect(self, host, port, *args, **more)
        raise httpcore.ConnectError("no network in tests")

    monkeypatch.setattr(httpcore._backends.anyio.AnyIOBackend, "connect_tcp", connect_tcp)
    monkeypatch.setattr(download, "resolve", seen.resolve)
    return seen


def fetcher(connections: Connections, base_url: str = "https://graph.facebook.com") -> Download:
    proof = ("Authorization", f"Bearer {TOKEN}")
    return Download(base_url, proof, HOSTS, connections.resolve)


REFUSED = [
    # other hosts
    "https://example.com/a",
    "https://fbsbx.com.example.com/a",
    "https://notfbsbx.com/a",
    "https://lookaside-fbsbx.com/a",
    "https://lookaside.fbsbx.com.",
    "https://xn--fbsbx-x2a.com/a",
    "https://lookaside.fbsbx.com%2eexample.com/a",
    "https://lookaside.fbsbx.com%00.example.com/a",
    # addresses, in every spelling
    "https://127.0.0.1/a",
    "https://127.1/a",
    "https://2130706433/a",
    "https://0x7f000001/a",
    "https://0177.0.0.1/a",
    "https://169.254.169.254/latest/meta-data",
    "https://10.0.0.1/a",
    "https://[::1]/a",
    "https://[::ffff:127.0.0.1]/a",
    "https://[64:ff9b::7f00:1]/a",
    "https://[2002:7f00:1::]/a",
    "https://[fe80::1]/a",
    f"https://{PUBLIC}/a",
    "https://localhost/a",
    # other doors of the right host
    "http://lookaside.fbsbx.com/a",
    "https://lookaside.fbsbx.com:8443/a",
    "https://lookaside.fbsbx.com:80/a",
    "ftp://lookaside.fbsbx.com/a",
    "file:///etc/passwd",
    "gopher://lookaside.fbsbx.com/a",
    # names and passwords
    "https://user@lookaside.fbsbx.com/a",
    "https://lookaside.fbsbx.com@example.com/a",
    "https://user:pass@lookaside.fbsbx.com/a",
    "https://lookaside.fbsbx.com:443@example.com/a",
    # what two readers read differently
    "https://example.com\\@lookaside.fbsbx.com/a",
    "https://lookaside.fbsbx.com\\@example.com/a",
    "https://example.com#@lookaside.fbsbx.com/a",
    "https://example.com?@lookaside.fbsbx.com/a",
    "https://lookaside.fbsbx.com\t.example.com/a",
    "https://lookaside.fbsbx.com\r\nHost: example.com/a",
    "//lookaside.fbsbx.com/a",
    "lookaside.fbsbx.com/a",
    "",
    "https://",
    "https:///a",
    "javascript:alert(1)",
    "data:image/png;base64,AAAA",
]


@pytest.mark.parametrize("url", REFUSED)
async def test_refused_without_a_connection(
    url: str, connections: Connections, tmp_path: Path
) -> None:
    outcome = await fetcher(connections).get(url, tmp_path / "a", 100, None)
    assert isinstance(outcome, Rejected) and outcome.error.code == "blocked_address"
    assert outcome.retry_after is None
    assert connections.opened == [] and list(tmp_path.iterdir()) == []  # noqa: ASYNC240


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "192.0.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe", "2001:db8::1", "100::1", "x", "",
    ],
)  # fmt: skip
async def test_a_name_that_leads_to_a_private_network_is_refused(
    address: str, connections: Connections, tmp_path: Path
) -> None:
    assert not is_public(address)
    for addresses in ([address], [PUBLIC, address]):
        connections.names["lookaside.fbsbx.com"] = addresses
        outcome = await fetcher(connections).get(GOOD, tmp_path / "a", 100, None)
        assert isinstance(outcome, Rejected) and outcome.error.code == "blocked_address"
    assert connections.opened == []


@pytest.mark.parametrize(
    "address", [PUBLIC, "1.1.1.1", "2a03:2880:f112::1", "::ffff:157.240.1.1", "64:ff9b::9df0:101"]
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["lookaside.fbsbx.com", "MMG.whatsapp.net", "a.b.fbcdn.net",
                                  "facebook.com", "scontent.xx.fbcdn.net"])  # fmt: skip
async def test_the_provider_is_reached_at_the_address_that_was_judged(
    host: str, connections: Connections, tmp_path: Path
) -> None:
    second = "2a03:2880:f112::1"
    connections.names[host.lower()] = [PUBLIC, second]
    outcome = await fetcher(connections).get(f"https://{host}/a", tmp_path / "a", 100, None)
    assert isinstance(outcome, NotSent)
    assert connections.opened == [(PUBLIC, 443), (second, 443)]
    assert connections.lookups == [host.lower()]  # once: a second answer could be another


@pytest.mark.parametrize(
    "location",
    [url for url in REFUSED if url.isascii() and url.isprintable() and "://" in url],
)
async def test_a_redirect_is_judged_like_any_address(
    location: str, connections: Connections, tmp_path: Path
) -> None:
    behaviour = answers(http(302, b"", f"Location: {location}"))
    async with Provider(behaviour) as provider:
        fetch = fetcher(connections, provider.url)
        outcome = await fetch.get(f"{provider.url}/a", tmp_path / "a", 100, None)
        assert isinstance(outcome, (Rejected, NotSent))
        assert connections.opened == [("127.0.0.1", provider.port)]


async def test_the_bases_own_address_is_one_door_only(
    connections: Connections, tmp_path: Path
) -> None:
    async with Provider(answers(http(200, b"x"))) as provider, Provider(says(200, {})) as other:
        fetch = fetcher(connections, provider.url)
        assert isinstance(await fetch.get(f"{provider.url}/a", tmp_path / "a", 9, None), Fetched)
        for url in (
            f"{other.url}/a",
            f"https://127.0.0.1:{provider.port}/a",
            f"http://localhost:{provider.port}/a",
            f"http://x@127.0.0.1:{provider.port}/a",
        ):
            outcome = await fetch.get(url, tmp_path / "b", 9, None)
            assert isinstance(outcome, Rejected) and outcome.error.code == "blocked_address"
        assert other.requests == [] and len(provider.requests) == 1


async def test_redirects_end(connections: Connections, tmp_path: Path) -> None:
    async with Provider(answers(http(302, b"", "Location: /again"))) as provider:
        fetch = fetcher(connections, provider.url)
        outcome = await fetch.get(f"{provider.url}/a", tmp_path / "a", 100, None)
        assert isinstance(outcome, Rejected) and outcome.error.code == "not_the_file"
        assert len(provider.requests) == MOST_REDIRECTS + 1
        assert all(headers["authorization"] == f"Bearer {TOKEN}"
                   for _, _, headers, _ in provider.requests)  # fmt: skip


@asynccontextmanager
async def whatsapp(url: str) -> AsyncIterator[Any]:
    channel = open_channel(
        {"phone_number_id": "106", "api_base_url": url}, {"access_token": Secret(TOKEN)}
    )
    try:
        yield channel
    finally:
        await channel.aclose()


@pytest.mark.parametrize("media_id", ["../../evil", "1/2", "1?x=y", "https://example.com", "١"])
async def test_an_id_that_is_none_never_gets_into_a_request(
    media_id: str, connections: Connections, tmp_path: Path
) -> None:
    async with Provider(says(200, {})) as provider, whatsapp(provider.url) as channel:
        outcome = await channel.fetch(Media(id=media_id), tmp_path / "a", 100)
        assert isinstance(outcome, Rejected) and outcome.error.code == "media_gone"
        assert provider.requests == []


async def test_a_lookup_that_points_elsewhere_is_refused(
    connections: Connections, tmp_path: Path
) -> None:
    found = {"url": "http://169.254.169.254/latest", "id": "1", "file_size": "3"}
    async with Provider(says(200, found)) as provider, whatsapp(provider.url) as channel:
        outcome = await channel.fetch(Media(id="1"), tmp_path / "a", 100)
        assert isinstance(outcome, Rejected) and outcome.error.code == "blocked_address"
        assert connections.opened == [("127.0.0.1", provider.port)]
        assert provider.requests[0][1] == "/v25.0/1?phone_number_id=106"


async def test_names_are_looked_up() -> None:
    async with asyncio.timeout(20):
        assert "127.0.0.1" in await download.resolve("localhost", 443)
