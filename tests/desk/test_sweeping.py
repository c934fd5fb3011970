"""Files that nothing uses go after a week; what a message or a broadcast names stays."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from desk_kit import Office
from file_kit import PNG, digest, upload, with_file

from vchat_tui.desk import calls, sweeping
from vchat_tui.models import Content, Media, TemplateUse

OLD = 1_000_000_000  # seconds


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    opened = await Office.open(tmp_path / "home")
    await opened.add_inbox()
    yield opened
    await opened.close()


async def sweep(office: Office) -> int:
    services = office.desk.services
    return await sweeping.sweep(services.core, services.files.shelf)


def bytes_of(office: Office) -> set[str]:
    return {path.name for path in office.home.media.glob("??/*")}


async def grow_old(office: Office) -> None:
    await office.write("UPDATE file SET created_at = 1")
    for path in office.home.media.glob("??/*"):
        os.utime(path, (OLD, OLD))


async def test_only_old_files_that_nothing_uses_go(office: Office) -> None:
    office.provider.files["m1"] = b"\x89PNG\r\n\x1a\n of the customer"
    await office.post(with_file("wamid.1", "m1"))
    while not bytes_of(office):
        await office.told()
    sent, planned, header, unused = (PNG + bytes([n]) for n in range(4))
    for data in (sent, planned, header, unused):
        await upload(office, data)
    (row,) = await office.list()
    photo = Content(type="image", media=(Media(sha256=digest(sent)),))
    part = {"type": "image", "image": {"sha256": digest(header)}}
    use = TemplateUse(
        name="x", language="es", components=({"type": "header", "parameters": [part]},)
    )
    for number, content in enumerate((photo, Content(type="template", text="x", template=use))):
        await office.call(
            calls.Send(conversation_id=row.id, client_id=f"{number}", content=content, author="Eva")
        )
    await office.write(
        "INSERT INTO broadcast (name, inbox_id, client_id, state, content, created_at)"
        " VALUES ('b', ?, 'b', 'draft', ?, 0)",
        row.inbox_id, f'{{"values": {{"header": "{digest(planned)} foto.png"}}}}',
    )  # fmt: skip
    before = bytes_of(office)
    assert await sweep(office) == 0
    await grow_old(office)
    assert await sweep(office) == 1
    assert before - bytes_of(office) == {digest(unused)}
    assert await sweep(office) == 0
    with pytest.raises(calls.DeskError):
        await office.call(calls.GetFile(sha256=digest(unused)))
    assert (await upload(office, unused)).sha256 == digest(unused)
    assert digest(unused) in bytes_of(office)


async def test_a_file_that_comes_again_is_new(office: Office) -> None:
    await upload(office, PNG)
    await grow_old(office)
    await upload(office, PNG)
    assert await sweep(office) == 0
    assert bytes_of(office) == {digest(PNG)}


async def test_bytes_without_a_row_go_when_they_are_old(office: Office) -> None:
    await upload(office, PNG)
    await office.write("DELETE FROM file")
    assert await sweep(office) == 0, "its row may be about to come"
    await grow_old(office)
    assert await sweep(office) == 1
    assert not bytes_of(office)
