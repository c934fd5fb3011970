"""Files to customers: as MMS where there are any, else as links, and what the links answer."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest
from sms_kit import ANA, PUBLIC_URL, Texting

from vchat_tui import file_links
from vchat_tui.desk.calls import DeskError, Retry, SaveServerSettings, Send, StartConversation
from vchat_tui.desk.file_links import FileLinks
from vchat_tui.listener import Limits, Listener
from vchat_tui.models import Content, Media, Message, Status
from vchat_tui.store.times import now_ms

pytestmark = pytest.mark.contract

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2000  # more than one piece
JO = "+14155550123"


async def send(texting: Texting, to: str, *files: Media, text: str | None = None) -> Message:
    chat = await texting.desk.call(StartConversation(inbox_id=texting.inbox.id, address=to))
    content = Content(type="image", text=text, media=files)
    return await texting.desk.call(
        Send(conversation_id=chat.id, client_id=f"c-{to}-{now_ms()}", content=content)
    )


async def picture(texting: Texting, name: str = "año nuevo.png") -> Media:
    return Media(sha256=(await texting.upload(PNG)).sha256, filename=name)


def fields(texting: Texting) -> dict[str, str]:
    return texting.twilio.messages[-1].fields


async def fetch(texting: Texting, link: str, method: str = "GET") -> httpx.Response:
    """As Twilio does, through the proxy that has the public name."""
    assert link.startswith(PUBLIC_URL)
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.request(method, texting.address + link.removeprefix(PUBLIC_URL))


async def test_a_picture_is_an_mms_that_twilio_can_fetch(texting: Texting) -> None:
    sent = await send(texting, JO, await picture(texting), text="mire")
    await texting.until_status(sent.id, Status.DELIVERED)
    assert fields(texting)["Body"] == "mire"
    link = fields(texting)["MediaUrl"]
    assert link.endswith("/a%C3%B1o%20nuevo.png")
    got = await fetch(texting, link)
    assert (got.status_code, got.content) == (200, PNG)
    assert got.headers["content-type"] == "image/png"
    assert got.headers["content-length"] == str(len(PNG))
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-disposition"] == (
        "inline; filename=\"a_o nuevo.png\"; filename*=UTF-8''a%C3%B1o%20nuevo.png"
    )
    head = await fetch(texting, link, "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(PNG))
    assert (await fetch(texting, link, "POST")).status_code == 405


async def test_where_no_mms_go_the_text_has_the_link(texting: Texting) -> None:
    sent = await send(texting, ANA, await picture(texting), text="mire")
    await texting.until_status(sent.id, Status.DELIVERED)
    assert "MediaUrl" not in fields(texting)
    words, link = fields(texting)["Body"].splitlines()
    assert words == "mire"
    assert (await fetch(texting, link)).content == PNG


async def test_without_a_public_url_it_fails_before_it_leaves(texting: Texting) -> None:
    await texting.desk.call(SaveServerSettings(values={"public_url": ""}))
    sent = await send(texting, JO, await picture(texting))
    failed = await texting.until_status(sent.id, Status.FAILED)
    assert failed.error is not None and failed.error.code == "no_public_url"
    assert texting.twilio.messages == []
    await texting.desk.call(SaveServerSettings(values={"public_url": PUBLIC_URL}))
    await texting.desk.call(Retry(message_id=sent.id))
    await texting.until_status(sent.id, Status.DELIVERED)


async def test_what_an_mms_cannot_carry_is_refused(texting: Texting) -> None:
    pdf = await texting.upload(b"%PDF-1.7\n" + b"x" * 600_000)
    with pytest.raises(DeskError) as refusal:
        await send(texting, JO, Media(sha256=pdf.sha256))
    assert refusal.value.field == "media.0.mime_type"
    file = await picture(texting)
    with pytest.raises(DeskError, match="10"):
        await send(texting, JO, *[file] * 11)
    with pytest.raises(DeskError) as refusal:
        await send(texting, JO, file, text="a" * 1500)
    assert refusal.value.field == "text"


def _altered(token: str, place: int) -> str:
    return token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]


async def test_every_other_token_finds_the_same_nothing(texting: Texting) -> None:
    key, sha256 = texting.desk.services.core.file_key, (await picture(texting)).sha256
    assert sha256 is not None
    right = file_links.make_token(key, sha256, now_ms())
    ended = file_links.make_token(key, sha256, now_ms() - file_links.LIFE_MS)
    unknown = file_links.make_token(key, "0" * 64, now_ms())
    others = [ended, unknown, right + "=", right[:-1], "", "..", "%2e%2e", sha256]
    others += [_altered(right, place) for place in range(0, len(right), 5)]
    others.append(right[:-1] + chr(ord(right[-1]) + 1))  # perhaps the same bytes, spelt otherwise
    nothing = await fetch(texting, f"{PUBLIC_URL}/nothing")
    paths = [f"/m/{token}/a.png" for token in others]
    paths += [f"/m/{right}", f"/m/{right}/", f"/m/{right}/a/b.png", "/m/", "/m"]
    for path in paths:
        got = await fetch(texting, PUBLIC_URL + path)
        assert (got.status_code, got.content, got.headers) == (404, b"", nothing.headers), path
    assert (await fetch(texting, f"{PUBLIC_URL}/m/{right}/a.png")).status_code == 200


async def test_a_page_is_saved_and_never_shown(texting: Texting) -> None:
    stored = await texting.upload(b"<!DOCTYPE html><script>alert(1)</script>")
    token = file_links.make_token(texting.desk.services.core.file_key, stored.sha256, now_ms())
    name = "%22%0d%0aSet-Cookie:%20a=1;.png"
    got = await fetch(texting, f"{PUBLIC_URL}/m/{token}/{name}")
    assert got.status_code == 200 and "set-cookie" not in got.headers
    assert got.headers["content-disposition"].startswith("attachment; ")
    assert got.headers["content-disposition"].endswith(".html")


async def test_the_links_of_one_file_are_one_for_a_day(texting: Texting) -> None:
    file = await picture(texting)
    for _number in range(2):
        sent = await send(texting, JO, file)
        await texting.until_status(sent.id, Status.DELIVERED)
    first, second = (message.fields["MediaUrl"] for message in texting.twilio.messages)
    assert urlsplit(first).path == urlsplit(second).path


async def test_who_asks_too_often_has_to_wait(texting: Texting) -> None:
    gate, core = texting.desk.services.gate, texting.desk.services.core
    links = FileLinks(core, texting.desk.services.files.shelf)
    listener = Listener(gate, Limits(file_requests_per_minute=2), links=links)
    address = await listener.start("127.0.0.1", 0)
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            got = [(await client.get(f"{address}/m/x/y.png")).status_code for _ in range(8)]
    finally:
        await listener.stop(1)
    assert set(got) == {404, 429}  # whenever a minute begins
