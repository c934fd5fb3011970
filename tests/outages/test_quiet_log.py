"""The log names no customer and no provider's address: the HTTP client says nothing in it."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from line_to_meta import office

from vchat_tui import logs
from vchat_tui.models import Status

CUSTOMER = "5215544000001"


async def test_a_send_leaves_nothing_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", logging.raiseExceptions)  # put back at the end
    root = logging.getLogger()
    before = root.handlers, root.level
    async with office(tmp_path / "home") as here:
        logs.to_file(tmp_path / "home" / "logs")
        ours = root.handlers[0]
        try:
            await here.customers_write(CUSTOMER)
            await here.reaches(await here.send(CUSTOMER, "secret words"), Status.ACCEPTED)
        finally:
            root.handlers, root.level = before[0], before[1]
            ours.close()
    written = (tmp_path / "home" / "logs" / "server.log").read_text()
    for told in ("HTTP/1.1", "127.0.0.1", "secret words", CUSTOMER, "Persona"):
        assert told not in written
