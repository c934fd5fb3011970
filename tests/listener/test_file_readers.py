"""Who fetches a file slowly, or not to its end, holds nobody up."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NamedTuple

import httpx
from listener_kit import Client, RememberingGate

from vchat_tui.desk.file_links import Linked
from vchat_tui.listener import Limits, Listener

LARGE, SMALL = 24 * 1024 * 1024, 300_000  # more than the kernel holds, and one that others fetch
ASK = b"GET /m/large/a.png HTTP/1.1\r\n\r\n"


class TwoFiles(NamedTuple):
    """A desk with two files, called by their tokens."""

    folder: Path

    async def look(self, token: str) -> Linked | None:
        """See `Files`."""
        size = {"large": LARGE, "small": SMALL}[token]
        return Linked(self.folder / token, size, "image/png", ".png")


async def test_readers_that_stop_or_vanish(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(LARGE))
    (tmp_path / "small").write_bytes(bytes(SMALL))
    limits = Limits(answer_seconds=0.3, linger_seconds=0.2)
    listener = Listener(RememberingGate(), limits, links=TwoFiles(tmp_path))
    address = await listener.start("127.0.0.1", 0)
    port = int(address.rpartition(":")[2])
    slow = [Client(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(8)]
    try:
        for client in slow:
            await client.send(ASK)
            await client.reader.readuntil(b"\r\n\r\n")
        for client in slow[:4]:
            client.writer.transport.abort()
        async with httpx.AsyncClient(trust_env=False) as others:
            assert (await others.get(f"{address}/healthz")).status_code == 200
            assert len((await others.get(f"{address}/m/small/a.png")).content) == SMALL
        while (
            listener._state.connections
        ):  # until all are parted with; the test's time limit ends it
            await asyncio.sleep(0.01)
        for client in slow[4:]:
            assert len(await client.closed()) < LARGE
    finally:
        for client in slow:
            await client.close()
        await listener.stop(1)
