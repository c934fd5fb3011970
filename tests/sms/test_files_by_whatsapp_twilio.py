"""Files both ways on WhatsApp through Twilio: one a message, a document without words."""

from __future__ import annotations

import pytest
from sms_kit import ANA, PUBLIC_URL, Texting, until

from vchat_tui.desk.calls import DeskError, Send
from vchat_tui.models import Content, Media, Message, Status

pytestmark = pytest.mark.contract

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
PDF = b"%PDF-1.7\n" + bytes(64)
ANA_THERE = f"whatsapp:{ANA}"


async def _send(whatsapp: Texting, kind: str, *files: Media, text: str | None = None) -> Message:
    chat = await whatsapp.conversation()
    content = Content(type=kind, text=text, media=files)
    return await whatsapp.desk.call(
        Send(conversation_id=chat.id, client_id=f"c-{kind}-{text}-{len(files)}", content=content)
    )


async def test_a_picture_with_words_and_a_document_with_its_name(whatsapp: Texting) -> None:
    await whatsapp.twilio.customer_sends(ANA_THERE, "¿me lo envía?")
    png, pdf = await whatsapp.upload(PNG), await whatsapp.upload(PDF)
    picture = Media(sha256=png.sha256, filename="foto.png")
    sent = await _send(whatsapp, "image", picture, text="mire")
    await whatsapp.until_status(sent.id, Status.DELIVERED)
    fields = whatsapp.twilio.messages[-1].fields
    assert fields["Body"] == "mire" and fields["MediaUrl"].startswith(f"{PUBLIC_URL}/m/")
    document = Media(sha256=pdf.sha256, filename="factura 7.pdf")
    sent = await _send(whatsapp, "document", document)
    await whatsapp.until_status(sent.id, Status.DELIVERED)
    fields = whatsapp.twilio.messages[-1].fields
    assert "Body" not in fields and fields["MediaUrl"].endswith("/factura%207.pdf")
    for kind, files, text, field in (
        ("document", (document,), "con texto", "text"),
        ("image", (picture, picture), None, "media"),
        ("image", (document,), None, "media.0.mime_type"),
    ):
        with pytest.raises(DeskError) as refusal:
            await _send(whatsapp, kind, *files, text=text)
        assert refusal.value.field == field


async def test_a_customer_s_file_is_fetched(whatsapp: Texting) -> None:
    await whatsapp.twilio.customer_sends(
        ANA_THERE, "mi foto", media=(("image/png", PNG),), MessageType="image"
    )

    async def fetched() -> Message | None:
        [message] = await whatsapp.messages()
        return message if message.media[0].state == "ready" else None

    message = await until(fetched)
    assert (message.type, message.text) == ("image", "mi foto")
    sha256 = message.media[0].sha256
    assert sha256 is not None
    assert whatsapp.desk.services.files.shelf.path(sha256).read_bytes() == PNG
