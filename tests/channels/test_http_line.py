"""The connections of a line: kept while they are of use, and as many as there are requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from scripted_provider import http as written

from vchat_tui.channels import http


class Patient:
    """A provider that keeps connections, and answers once it may."""

    def __init__(self) -> None:
        self.connections = 0
        self.open = 0
        self.waiting = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        while not writer.is_closing():
            try:
                await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            self.waiting += 1
            await self.may_answer.wait()
            writer.write(written(200, b"{}"))
        writer.close()
        self.open -= 1


@pytest.fixture
async def provider() -> AsyncIterator[tuple[Patient, http.Line]]:
    patient = Patient()
    server = await asyncio.start_server(patient.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    line = http.Line(f"http://127.0.0.1:{port}", ("X-Key", "k"))
    yield patient, line
    await line.aclose()
    while patient.open:
        await asyncio.sleep(0.005)
    server.close()
    await server.wait_closed()


async def ask(line: http.Line) -> None:
    answer = await line.request("GET", "/")
    assert isinstance(answer, http.Answer) and answer.status == 200


async def ask_at_once(patient: Patient, line: http.Line, count: int) -> None:
    """So many requests, none of which is answered before all are there."""
    patient.may_answer.clear()
    asked = [asyncio.create_task(ask(line)) for _ in range(count)]
    while patient.waiting < count:
        await asyncio.sleep(0.005)
    patient.may_answer.set()
    await asyncio.gather(*asked)


async def test_one_request_after_another_goes_over_one_connection(
    provider: tuple[Patient, http.Line],
) -> None:
    """A new one each time would cost a message the TLS handshake."""
    patient, line = provider
    for _ in range(20):
        await ask(line)
    assert patient.connections == 1


async def test_after_many_at_once_their_connections_serve_the_next(
    provider: tuple[Patient, http.Line],
) -> None:
    patient, line = provider
    await ask_at_once(patient, line, 10)
    for _ in range(10):
        await ask(line)
    assert patient.connections == 10


async def test_more_requests_than_pools_share_them(
    provider: tuple[Patient, http.Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_POOLS", 2)
    patient, line = provider
    await ask_at_once(patient, line, 9)
    for _ in range(5):
        await ask(line)
    assert patient.connections == 9
