"""Files from consoles: piece by piece, whole or not at all, under the hash of their bytes."""

from __future__ import annotations

import stat

import pytest
from desk_kit import Office
from file_kit import PNG, digest, upload

from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError, StoredFile
from vchat_tui.desk.calls.files import PIECE
from vchat_tui.desk.uploads import MAX_OPEN, MAX_SIZE
from vchat_tui.models import Content, Media

DIGEST = digest(PNG)


async def test_a_file_comes_and_is_read_back(office: Office) -> None:
    stored = await upload(office, PNG)
    assert stored == StoredFile(
        sha256=DIGEST, size=len(PNG), mime_type="image/png", extension="png", kind="image"
    )
    path = office.home.media / DIGEST[:2] / DIGEST
    assert path.read_bytes() == PNG
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    read = b""
    while piece := await office.call(calls.ReadFile(sha256=DIGEST, offset=len(read), length=9999)):
        read += piece
    assert read == PNG
    assert await office.call(calls.GetFile(sha256=DIGEST)) == stored
    assert list((office.home.media / "incoming").iterdir()) == []


async def test_the_same_file_twice_is_one(office: Office) -> None:
    assert await upload(office, PNG) == await upload(office, PNG)
    assert await office.rows("SELECT count(*) FROM file") == [(1,)]


@pytest.mark.parametrize(
    ("flags", "size", "refused"), [(0, 200, True), (0, 90, False), (2, 400, False)]
)
async def test_a_still_sticker_is_known_by_its_bytes(
    office: Office, flags: int, size: int, refused: bool
) -> None:
    row = await office.conversation()
    picture = (b"RIFF\0\0\0\0WEBPVP8X\n\0\0\0" + bytes([flags])).ljust(size * 1024, b"x")
    stored = await upload(office, picture)
    sticker = Content(type="sticker", media=(Media(sha256=stored.sha256, animated=True),))
    call = calls.Send(conversation_id=row.id, client_id="s", content=sticker, author="Eva")
    if refused:
        with pytest.raises(DeskError, match="at most"):
            await office.call(call)
    else:
        (file,) = (await office.call(call)).media
        assert file.animated is bool(flags)


async def test_pieces_may_come_twice(office: Office) -> None:
    upload_id = await office.call(calls.BeginUpload(size=6))
    append = calls.AppendUpload(upload_id=upload_id, offset=0, data=b"abc")
    assert await office.call(append) == await office.call(append) == 3
    await office.call(calls.AppendUpload(upload_id=upload_id, offset=3, data=b"def"))
    assert await office.call(append) == 6
    finish = calls.FinishUpload(upload_id=upload_id)
    stored = await office.call(finish)
    assert await office.call(finish) == stored
    assert stored.sha256 == digest(b"abcdef")


@pytest.mark.parametrize(
    ("size", "offset", "data"),
    [(6, 1, b"abc"), (6, -1, b"abc"), (2, 0, b"abc"), (6, 0, b""), (10**6, 0, b"a" * (PIECE + 1))],
)
async def test_pieces_that_do_not_fit(office: Office, size: int, offset: int, data: bytes) -> None:
    upload_id = await office.call(calls.BeginUpload(size=size))
    with pytest.raises(DeskError):
        await office.call(calls.AppendUpload(upload_id=upload_id, offset=offset, data=data))


async def test_an_unfinished_file_is_not_kept(office: Office) -> None:
    upload_id = await office.call(calls.BeginUpload(size=6))
    await office.call(calls.AppendUpload(upload_id=upload_id, offset=0, data=b"abc"))
    with pytest.raises(DeskError, match="shorter"):
        await office.call(calls.FinishUpload(upload_id=upload_id))
    await office.close()
    await office.start()
    assert not list(office.home.media.rglob("*"))
    with pytest.raises(DeskError, match="again"):
        await office.call(calls.FinishUpload(upload_id=upload_id))


async def test_what_is_refused_at_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (0, -1, MAX_SIZE + 1):
        with pytest.raises(DeskError) as refused:
            await office.call(calls.BeginUpload(size=size))
        assert refused.value.field == "path"
    for _ in range(MAX_OPEN):
        await office.call(calls.BeginUpload(size=1))
    with pytest.raises(DeskError, match="Too many"):
        await office.call(calls.BeginUpload(size=1))


async def test_a_full_disk_takes_no_more_files(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office.desk.services.files.shelf, "_floor", 1 << 60)
    with pytest.raises(DeskError, match="almost full"):
        await office.call(calls.BeginUpload(size=5))


@pytest.mark.parametrize("sha256", ["", "../../key", "ab/../../key", "A" * 64, "0" * 64])
async def test_only_files_of_messages_are_read(office: Office, sha256: str) -> None:
    for call in (calls.ReadFile(sha256=sha256), calls.GetFile(sha256=sha256)):
        with pytest.raises(DeskError, match="not on the server"):
            await office.call(call)
