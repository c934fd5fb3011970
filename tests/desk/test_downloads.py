"""Customers' files: fetched in the background, whole or with a reason and a way out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from desk_kit import Office
from file_kit import ANA, PAGE, PDF, PNG, digest, with_file
from msgspec import structs
from webhook_bodies import START, body, echo

from vchat_tui.channels.base import ErrorClass, Fetched, NotSent, Rejected
from vchat_tui.desk import calls, downloads
from vchat_tui.desk.calls import DeskError
from vchat_tui.models import Media, MessageError
from vchat_tui.store.times import now_ms

DAY_MS = 24 * 3600 * 1000


async def media(office: Office, number: int = 0) -> Media:
    found: Media = (await office.messages())[number].media[0]
    return found


async def until_state(office: Office, state: str, number: int = 0) -> Media:
    while (file := await media(office, number)).state != state:
        await asyncio.sleep(0.002)
    return file


async def hurry(office: Office) -> None:
    """Lets the time pass until the next try."""
    await office.write("UPDATE download SET next_at = 0")


async def tried(office: Office, tries: int) -> None:
    while await office.rows("SELECT tries FROM download") != [(tries,)]:
        await asyncio.sleep(0.002)


def refused(code: str = "not_the_file", **more: Any) -> Rejected:
    return Rejected(error=MessageError(code=code), error_class=ErrorClass.MEDIA, **more)


async def test_a_file_comes_after_its_message(office: Office) -> None:
    office.provider.files["11"] = PNG
    await office.post(with_file("wamid.1", "11", mime_type="image/jpeg", caption="mira"))
    file = await until_state(office, "ready")
    assert file == Media(
        id="11", mime_type="image/png", size=len(PNG), sha256=digest(PNG), state="ready"
    )
    assert await office.rows("SELECT * FROM download") == []
    assert await office.call(calls.ReadFile(sha256=digest(PNG), length=8)) == PNG[:8]
    assert list((office.home.media / "incoming").iterdir()) == []


async def test_files_that_we_sent_from_the_phone_come_too(office: Office) -> None:
    office.provider.files["11"] = PDF
    sent = echo("wamid.e", ANA) | {"type": "document", "document": {"id": "11", "filename": "a"}}
    await office.post(body(echoes=(sent,)))
    file = await until_state(office, "ready")
    assert (file.filename, file.mime_type) == ("a", "application/pdf")


async def test_the_message_is_there_at_once_and_says_what_it_waits_for(office: Office) -> None:
    await office.post(with_file("wamid.1", "11", file_size=2_100_000))
    file = await media(office)
    assert (file.state, file.size) == ("pending", 2_100_000)


async def test_it_is_tried_again_and_then_given_up(office: Office) -> None:
    office.provider.files["11"] = NotSent(reason="no connection")
    await office.post(with_file("wamid.1", "11"))
    for tries in range(1, downloads.TRIES):
        await tried(office, tries)
        assert (await media(office)).state == "pending"
        await hurry(office)
    file = await until_state(office, "failed")
    assert file.problem is not None and file.problem.code == "no_answer"
    assert len(office.provider.fetched) == downloads.TRIES

    office.provider.files["11"] = PNG
    (message,) = await office.messages()
    asked = await office.call(calls.FetchAgain(message_id=message.id))
    assert asked.media[0].state == "pending"
    file = await until_state(office, "ready")
    assert file.problem is None
    with pytest.raises(DeskError, match="no file"):
        await office.call(calls.FetchAgain(message_id=message.id))


@pytest.mark.parametrize("code", ["media_gone", "too_large", "blocked_address"])
async def test_what_cannot_be_had_is_not_asked_for_twice(office: Office, code: str) -> None:
    office.provider.files["11"] = refused(code)
    await office.post(with_file("wamid.1", "11"))
    file = await until_state(office, "failed")
    assert file.problem is not None and file.problem.code == code
    assert office.provider.fetched == ["11"]


async def test_after_a_week_the_provider_is_not_asked(office: Office) -> None:
    office.provider.files["11"] = NotSent(reason="no connection")
    await office.post(with_file("wamid.1", "11"))
    await tried(office, 1)
    await office.write("UPDATE message SET received_at = received_at - ?", 8 * DAY_MS)
    await hurry(office)
    file = await until_state(office, "failed")
    assert file.problem is not None and file.problem.code == "media_gone"
    assert office.provider.fetched == ["11"]


async def test_a_page_in_place_of_the_file_is_not_the_file(office: Office) -> None:
    office.provider.files["11"] = PAGE
    await office.post(with_file("wamid.1", "11"))
    await tried(office, 1)
    office.provider.files["11"] = PNG
    await hurry(office)
    assert (await until_state(office, "ready")).sha256 == digest(PNG)


async def test_a_page_that_the_customer_sent_is_one(office: Office) -> None:
    office.provider.files["11"] = PAGE
    await office.post(with_file("wamid.1", "11", kind="document", filename="a.html"))
    assert (await until_state(office, "ready")).mime_type == "text/html"


async def test_a_full_disk_holds_files_up_and_nothing_else(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.provider.files["11"] = PNG
    shelf = office.desk.services.files.shelf
    monkeypatch.setattr(shelf, "_floor", 1 << 60)
    await office.post(with_file("wamid.1", "11", file_size=5))
    await tried(office, 1)
    assert office.provider.fetched == []
    monkeypatch.setattr(shelf, "_floor", 0)
    await hurry(office)
    await until_state(office, "ready")


async def test_a_disk_that_refuses_leaves_nothing_behind(office: Office) -> None:
    async def refuse(media: Media, target: Path, max_bytes: int) -> Fetched:
        await asyncio.to_thread(target.write_bytes, b"half")
        raise OSError(28, "No space left on device")

    office.provider.lines[-1].fetch = refuse  # type: ignore[method-assign]
    await office.post(with_file("wamid.1", "11"))
    await tried(office, 1)
    assert [path for path in office.home.media.rglob("*") if path.is_file()] == []


async def test_one_customer_does_not_fill_the_disk(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "MOST_OF_A_CONVERSATION", len(PNG) + 10)
    office.provider.files |= {"11": PNG, "12": PDF}
    today = now_ms() // 1000 - START
    await office.post(with_file("wamid.1", "11", at=today))
    await until_state(office, "ready")
    await office.post(with_file("wamid.2", "12", kind="document", file_size=len(PDF), at=today))
    file = await until_state(office, "failed", 1)
    assert file.problem is not None and file.problem.code == "quota"
    await office.call(calls.FetchAgain(message_id=(await office.messages())[1].id))
    await until_state(office, "ready", 1)


async def test_a_token_that_ran_out_uses_up_no_try(office: Office) -> None:
    office.provider.files["11"] = refused("190", pauses_inbox=True)
    await office.post(with_file("wamid.1", "11"))
    await office.until(lambda: office.provider.fetched)
    while await office.rows("SELECT tries FROM download WHERE next_at > 0") != [(0,)]:
        await asyncio.sleep(0.002)
    office.provider.files["11"] = PNG
    await hurry(office)
    await until_state(office, "ready")


def hanging(begun: list[str]) -> Callable[..., Awaitable[Fetched]]:
    async def hang(media: Media, target: Path, max_bytes: int) -> Fetched:
        begun.append(media.id or "")
        await asyncio.to_thread(target.write_bytes, b"half")
        await asyncio.Event().wait()
        raise AssertionError

    return hang


async def test_a_server_that_stops_in_the_middle_begins_again(office: Office) -> None:
    begun: list[str] = []
    office.provider.lines[-1].fetch = hanging(begun)  # type: ignore[assignment]
    await office.post(*(with_file(f"wamid.{n}", str(n), at=n) for n in range(9)))
    await office.until(lambda: len(begun) == downloads.PER_INBOX)
    await office.close(0.0)
    office.provider.files |= {str(n): PNG for n in range(9)}
    await office.start()
    for number in range(9):
        await until_state(office, "ready", number)
    assert list((office.home.media / "incoming").iterdir()) == []
    assert await office.rows("SELECT count(*) FROM file") == [(1,)]


async def test_a_provider_that_stops_after_too_many_errors_is_asked_less_often(
    office: Office,
) -> None:
    """Whoever goes on asking is answered nothing at all; the rest waits, and comes later."""
    allowed = 3
    provider = office.provider
    provider.capabilities = structs.replace(provider.capabilities, fetch_errors_per_hour=allowed)
    for line in provider.lines:
        line.capabilities = provider.capabilities
    for number in range(12):
        provider.files[f"1{number}"] = refused("media_gone")
        await office.post(with_file(f"wamid.{number}", f"1{number}"))
    pending = "SELECT next_at, tries FROM download WHERE state = 'pending'"
    while await office.rows(f"{pending} AND next_at = 0"):
        await asyncio.sleep(0.002)
    waiting = await office.rows(pending)
    # Those that were under way already may be over the limit.
    assert allowed <= len(provider.fetched) <= allowed + downloads.PER_INBOX - 1
    assert len(waiting) == 12 - len(provider.fetched)
    for at, tries in waiting:
        assert tries == 0 and at > now_ms() + downloads.HOUR_MS - 60_000


async def test_files_that_come_use_up_nothing_of_that(office: Office) -> None:
    provider = office.provider
    provider.capabilities = structs.replace(provider.capabilities, fetch_errors_per_hour=1)
    for line in provider.lines:
        line.capabilities = provider.capabilities
    for number in range(5):
        provider.files[f"1{number}"] = PNG
        await office.post(with_file(f"wamid.{number}", f"1{number}"))
    for number in range(5):
        await until_state(office, "ready", number)
