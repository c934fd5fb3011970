"""Messages with files: the provider has the file before the message leaves, and each file once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from desk_kit import Office
from file_kit import ANA, PDF, PNG, digest, upload
from msgspec.structs import replace

from vchat_tui.channels.base import ErrorClass, NotSent, Rejected, Uploaded
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.outbound import MAX_ATTEMPTS
from vchat_tui.models import Content, Media, Message, MessageError, Reaction, Status, TemplateUse

BEN = "34600111222"


def picture(sha256: str, caption: str | None = None) -> Content:
    return Content(type="image", text=caption, media=(Media(sha256=sha256),))


async def send(office: Office, client_id: str, content: Content, to: str = ANA) -> Message:
    chat = await office.conversation(to)
    sent: Message = await office.call(
        calls.Send(conversation_id=chat.id, client_id=client_id, content=content)
    )
    return sent


def refusing(**more: Any) -> Rejected:
    return Rejected(error=MessageError(code="131053"), error_class=ErrorClass.MEDIA, **more)


async def test_the_file_goes_first_then_the_message(office: Office) -> None:
    stored = await upload(office, PNG)
    claims = Media(sha256=stored.sha256, filename="a.png", size=1, mime_type="text/html")
    content = Content(type="image", text="mire", media=(claims,))
    sent = await send(office, "c", content)
    await office.until_status(sent.id, Status.ACCEPTED)
    assert office.provider.uploaded == [(PNG, "image/png", "file.png")]
    (outgoing,) = office.provider.sent
    known = replace(claims, size=len(PNG), mime_type="image/png", state="ready")
    assert outgoing.content.media == (replace(known, id="1001"),)
    (shown,) = [item for item in await office.messages() if item.id == sent.id]
    assert shown.media == (known,)


async def test_a_file_is_given_once_for_all_messages(office: Office) -> None:
    stored = await upload(office, PNG)
    for number, address in enumerate((ANA, BEN, ANA, BEN)):
        sent = await send(office, f"c{number}", picture(stored.sha256), address)
    await office.until_status(sent.id, Status.ACCEPTED)
    await office.until(lambda: len(office.provider.sent) == 4)
    assert len(office.provider.uploaded) == 1
    assert {message.content.media[0].id for message in office.provider.sent} == {"1001"}


async def test_files_inside_templates(office: Office) -> None:
    stored = await upload(office, PDF)
    header = {"type": "document", "document": {"sha256": stored.sha256, "filename": "a.pdf"}}
    use = TemplateUse(
        name="invoice", language="es", components=({"type": "header", "parameters": [header]},)
    )
    sent = await send(office, "c", Content(type="template", text="Su factura", template=use))
    await office.until_status(sent.id, Status.ACCEPTED)
    assert office.provider.uploaded == [(PDF, "application/pdf", "file.pdf")]
    template = office.provider.sent[0].content.template
    assert template is not None
    (parameter,) = template.components[0]["parameters"]
    assert parameter == {"type": "document", "document": {"id": "1001", "filename": "a.pdf"}}


async def test_a_message_waits_for_its_file_and_the_next_for_it(office: Office) -> None:
    stored = await upload(office, PNG)
    office.provider.answer_upload = lambda name: NotSent(reason="no connection")
    first = await send(office, "c", picture(stored.sha256))
    second = await send(office, "d", Content(type="text", text="¿la ve?"))
    other = await send(office, "e", Content(type="text", text="hola"), BEN)
    await office.until_status(other.id, Status.ACCEPTED)
    await office.until(lambda: office.provider.uploaded)
    assert await office.status_of(first.id) is Status.QUEUED
    assert await office.status_of(second.id) is Status.QUEUED
    office.provider.answer_upload = lambda name: Uploaded(provider_id="77")
    await office.no_waiting()
    await office.until_status(second.id, Status.ACCEPTED)
    assert [message.callback_data for message in office.provider.sent] == ["e:1", "c:1", "d:1"]


async def test_what_the_provider_refuses_fails_with_its_reason(office: Office) -> None:
    stored = await upload(office, PNG)
    office.provider.answer_upload = lambda name: refusing()
    sent = await send(office, "c", picture(stored.sha256))
    await office.until_status(sent.id, Status.FAILED)
    assert office.provider.sent == []
    (shown,) = [item for item in await office.messages() if item.id == sent.id]
    assert shown.error is not None and shown.error.code == "131053"
    office.provider.answer_upload = lambda name: Uploaded(provider_id="77")
    await office.call(calls.Retry(message_id=sent.id))
    await office.until_status(sent.id, Status.ACCEPTED)


async def test_tries_come_to_an_end(office: Office) -> None:
    stored = await upload(office, PNG)
    office.provider.answer_upload = lambda name: refusing(retry_after=3600.0)
    sent = await send(office, "c", picture(stored.sha256))
    while await office.status_of(sent.id) is Status.QUEUED:
        await office.no_waiting()
        await asyncio.sleep(0.005)
    assert await office.status_of(sent.id) is Status.FAILED
    assert len(office.provider.uploaded) == MAX_ATTEMPTS


async def test_a_broken_token_pauses_and_loses_nothing(office: Office) -> None:
    stored = await upload(office, PNG)
    office.provider.answer_upload = lambda name: refusing(pauses_inbox=True)
    sent = await send(office, "c", picture(stored.sha256))
    await office.until(lambda: office.provider.uploaded)
    while not (inbox := (await office.call(calls.ListInboxes()))[0]).paused:
        await asyncio.sleep(0.002)
    assert await office.status_of(sent.id) is Status.QUEUED
    office.provider.answer_upload = lambda name: Uploaded(provider_id="77")
    await office.call(calls.ResumeInbox(inbox_id=inbox.id))
    await office.until_status(sent.id, Status.ACCEPTED)


async def test_an_old_upload_is_made_anew(office: Office) -> None:
    stored = await upload(office, PNG)
    sent = await send(office, "c", picture(stored.sha256))
    await office.until_status(sent.id, Status.ACCEPTED)
    await office.write("UPDATE upload SET uploaded_at = uploaded_at - 29 * 24 * 3600 * 1000")
    again = await send(office, "d", picture(stored.sha256))
    await office.until_status(again.id, Status.ACCEPTED)
    assert len(office.provider.uploaded) == 2
    assert office.provider.sent[-1].content.media[0].id == "1002"


async def test_a_message_that_fails_gives_its_file_anew(office: Office) -> None:
    stored = await upload(office, PNG)
    office.provider.answer = office.provider.reject("131053", ErrorClass.MEDIA)
    sent = await send(office, "c", picture(stored.sha256))
    await office.until_status(sent.id, Status.FAILED)
    office.provider.answer = office.provider.accept
    await office.call(calls.Retry(message_id=sent.id))
    await office.until_status(sent.id, Status.ACCEPTED)
    assert len(office.provider.uploaded) == 2


async def test_a_server_that_stops_in_an_upload_has_sent_nothing(office: Office) -> None:
    stored = await upload(office, PNG)
    hanging = asyncio.Event()

    async def hang(*args: object) -> Uploaded:
        hanging.set()
        await asyncio.Event().wait()
        raise AssertionError

    office.provider.lines[-1].upload = hang  # type: ignore[method-assign]
    sent = await send(office, "c", picture(stored.sha256))
    await hanging.wait()
    await office.close(0.0)
    await office.start()
    await office.until_status(sent.id, Status.ACCEPTED)
    assert len(office.provider.sent) == 1


async def test_files_that_are_not_here(office: Office) -> None:
    with pytest.raises(DeskError, match="attach it again") as refused:
        await send(office, "c", picture(digest(b"something else")))
    assert refused.value.field == "media"
    stored = await upload(office, PNG)
    (office.home.media / stored.sha256[:2] / stored.sha256).unlink()
    sent = await send(office, "c", picture(stored.sha256))
    await office.until_status(sent.id, Status.FAILED)
    (shown,) = [item for item in await office.messages() if item.id == sent.id]
    assert shown.error is not None and shown.error.code == "no_file"


async def test_our_reaction_stands_on_its_target(office: Office) -> None:
    chat = await office.conversation(ANA)
    (question,) = await office.messages()
    assert question.provider_id is not None
    office.provider.answer = office.provider.hang
    reaction = Reaction(message_id=question.provider_id, emoji="👍")
    await send(office, "c", Content(type="reaction", reaction=reaction))
    (item,) = await office.timeline(chat.id)
    assert [(mark.emoji, mark.direction) for mark in item.reactions] == [("👍", "out")]
    office.provider.release.set()
    removed = Reaction(message_id=question.provider_id, removed=True)
    sent = await send(office, "d", Content(type="reaction", reaction=removed))
    (item,) = await office.timeline(chat.id)
    assert item.reactions == ()
    await office.until_status(sent.id, Status.ACCEPTED)


async def test_a_reaction_that_fails_is_no_longer_shown_as_one(office: Office) -> None:
    chat = await office.conversation(ANA)
    (question,) = await office.messages()
    assert question.provider_id is not None
    office.provider.answer = office.provider.reject("131009", ErrorClass.REQUEST)
    reaction = Reaction(message_id=question.provider_id, emoji="👍")
    sent = await send(office, "c", Content(type="reaction", reaction=reaction))
    await office.until_status(sent.id, Status.FAILED)
    target, own = await office.timeline(chat.id)
    assert target.reactions == ()
    assert own.message.id == sent.id
