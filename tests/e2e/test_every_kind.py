"""Every kind of message that the provider contracts list: sent by the desk, taken, delivered."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec
from message_kinds import KINDS
from product_kit import Product

from vchat_tui.clock import Clock
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.calls.files import PIECE
from vchat_tui.models import Content, Media, Message, Status, TemplateUse, TimelineItem
from vchat_tui.simulator import samples
from vchat_tui.simulator.account import Account
from vchat_tui.simulator.cast import CAST
from vchat_tui.simulator.envelope import status_value
from vchat_tui.widgets.message_view import render_message

PATIENCE = 60.0

FILES: dict[str, bytes] = {
    "image": samples.picture("cake"),
    "video": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(1000),
    "audio": b"ID3\x04\0\0\0\0\0\0" + bytes(1000),
    "voice": samples.voice(),
    "document": samples.pdf("menu.pdf"),
    "sticker": samples.sticker(),
}


async def upload(product: Product, data: bytes) -> calls.StoredFile:
    """Gives the server a file, as a console does."""
    identifier = await product.desk.call(calls.BeginUpload(size=len(data)))
    for offset in range(0, len(data), PIECE):
        piece = data[offset : offset + PIECE]
        await product.desk.call(calls.AppendUpload(upload_id=identifier, offset=offset, data=piece))
    return await product.desk.call(calls.FinishUpload(upload_id=identifier))


async def conversation_with(product: Product, customer: str) -> tuple[int, str]:
    """A conversation whose window is open, and the id of the customer's message."""
    provider_id = product.simulator.customer_says(customer, "hola")
    await product.simulator.idle()
    await product.desk.call(calls.Settle())
    page = await product.desk.call(calls.ListConversations(limit=10))
    return page.rows[0].id, provider_id


async def until_status(product: Product, message: Message, *wanted: Status) -> Message:
    """Waits until a message has come so far."""
    async with asyncio.timeout(PATIENCE):
        while True:
            listed = await product.desk.call(
                calls.ListMessages(conversation_id=message.conversation_id)
            )
            now = next(each for each in listed if each.id == message.id)
            if now.status in wanted:
                return now
            assert now.status != Status.FAILED, now.error
            await asyncio.sleep(0.02)


def with_own_files(name: str, content: Content, known: dict[str, calls.StoredFile]) -> Content:
    """The content with a file of ours where it names one by the provider's id."""
    if name in known:
        media = msgspec.structs.replace(content.media[0], id=None, sha256=known[name].sha256)
        return msgspec.structs.replace(content, media=(media,))
    picture = known["image"].sha256

    def change(value: Any) -> Any:
        if isinstance(value, dict):
            if "image" in value and isinstance(value["image"], dict):
                value = {**value, "image": {"sha256": picture}}
            return {key: change(item) for key, item in value.items()}
        return [change(item) for item in value] if isinstance(value, (list, tuple)) else value

    return msgspec.convert(change(msgspec.to_builtins(content)), Content)


async def test_every_kind_is_sent_and_arrives(product: Product) -> None:
    conversation, provider_id = await conversation_with(product, "lucia")
    known = {name: await upload(product, data) for name, data in FILES.items()}
    assert {name: file.kind for name, file in known.items()} == {name: name for name in FILES}
    sent: dict[str, Message] = {}
    for name, content in KINDS.items():
        content = with_own_files(name, content, known)
        if content.reaction is not None:
            reaction = msgspec.structs.replace(content.reaction, message_id=provider_id)
            content = msgspec.structs.replace(content, reaction=reaction)
        sent[name] = await product.desk.call(
            calls.Send(conversation_id=conversation, client_id=name, content=content)
        )
    for name, message in sent.items():
        last = Status.READ
        if message.type == "reaction":
            last = Status.SENT
        elif name == "voice":
            last = Status.PLAYED
        await until_status(product, message, last)

    entries = {entry.type: entry for entry in product.simulator.ledger.entries(kind="message")}
    assert set(entries) == {content.type for content in KINDS.values()}
    assert len(product.simulator.ledger.entries(kind="message")) == len(KINDS)
    interactive = {
        entry.body["interactive"]["type"]
        for entry in product.simulator.ledger.messages()
        if entry.type == "interactive"
    }
    assert interactive == {
        content.interactive["type"] for content in KINDS.values() if content.interactive
    }
    assert product.simulator.violations == []


async def test_a_quote_goes_with_any_kind_but_a_reaction(product: Product) -> None:
    conversation, provider_id = await conversation_with(product, "lucia")
    page = await product.desk.call(calls.GetTimeline(conversation_id=conversation))
    quoted = page.items[-1].message.id
    for name in ("location", "list", "reaction"):
        content = KINDS[name]
        if content.reaction is not None:
            reaction = msgspec.structs.replace(content.reaction, message_id=provider_id)
            content = msgspec.structs.replace(content, reaction=reaction)
        message = await product.desk.call(
            calls.Send(
                conversation_id=conversation, client_id=name, content=content, reply_to=quoted
            )
        )
        await until_status(product, message, Status.SENT, Status.DELIVERED, Status.READ)
    contexts = [entry.body.get("context") for entry in product.simulator.ledger.messages()]
    assert contexts == [{"message_id": provider_id}, {"message_id": provider_id}, None]


async def test_a_file_that_whatsapp_refuses_later_fails_with_its_reason(product: Product) -> None:
    conversation, _ = await conversation_with(product, "daniel")
    file = await upload(product, FILES["image"])
    product.simulator.set_knob(media_refused_next=1)
    message = await product.desk.call(
        calls.Send(
            conversation_id=conversation,
            client_id="cake",
            content=Content(type="image", media=(Media(sha256=file.sha256),)),
        )
    )
    failed = await until_status(product, message, Status.FAILED)
    assert failed.error is not None and failed.error.code == "131053"
    assert failed.error.details == "Unsupported media type."
    await product.desk.call(calls.Retry(message_id=message.id))
    await until_status(product, message, Status.READ)
    first, second = (entry.body["image"]["id"] for entry in product.simulator.ledger.messages())
    assert first != second  # the copy at Meta may have been what was wrong


async def test_what_meta_holds_back_says_so_until_it_goes(product: Product) -> None:
    conversation, _ = await conversation_with(product, "lucia")
    product.simulator.set_knob(held_next=1)
    template = TemplateUse(name="hello_world", language="en_US")
    content = Content(type="template", template=template, text="Hello World")
    message = await product.desk.call(
        calls.Send(conversation_id=conversation, client_id="hello", content=content)
    )
    held = await until_status(product, message, Status.ACCEPTED)
    assert held.error is not None and held.error.code == "held_by_provider"
    item = TimelineItem(message=held, order=(0, 0))
    shown = render_message(item, Clock(), "Lucía")
    assert "It may arrive later, or never." in shown.plain
    value = status_value(
        Account(),
        next(customer for customer in CAST if customer.key == "lucia"),
        "delivered",
        message_id=held.provider_id or "",
        at=time.time(),
        callback_data=None,
    )
    product.simulator.send_webhook(value)
    assert (await until_status(product, message, Status.DELIVERED)).error is None


def with_header(sha256: str) -> dict[str, Any]:
    header = {"type": "image", "image": {"sha256": sha256}}
    return {**(KINDS["button"].interactive or {}), "header": header}


async def test_a_limit_is_told_before_anything_leaves(product: Product) -> None:
    conversation, _ = await conversation_with(product, "lucia")
    picture, sheet = await upload(product, FILES["image"]), await upload(product, FILES["document"])
    wrong = {
        "media.0.mime_type": Content(type="video", media=(Media(sha256=picture.sha256),)),
        "media": Content(type="image", media=(Media(sha256="a" * 64),)),
        "interactive.header.image": Content(
            type="interactive", interactive=with_header(sheet.sha256)
        ),
        "location.latitude": Content(type="location", location={"latitude": 91, "longitude": 0}),
    }
    for field, content in wrong.items():
        try:
            await product.desk.call(
                calls.Send(conversation_id=conversation, client_id=field, content=content)
            )
        except DeskError as error:
            assert error.field == field
        else:
            raise AssertionError(field)
    right = Content(type="interactive", interactive=with_header(picture.sha256))
    await product.desk.call(calls.Send(conversation_id=conversation, client_id="x", content=right))
    assert len(await product.desk.call(calls.ListMessages(conversation_id=conversation))) == 2
