"""Buttons and lists on channels that know only text: numbered, and their answers recognised."""

from __future__ import annotations

import pytest
from sms_kit import ANA, Texting

from vchat_tui import interactive
from vchat_tui.desk.calls import Reply, Send
from vchat_tui.models import Content, Message, Status

pytestmark = pytest.mark.contract

ASKED = interactive.reply_buttons(
    {"body": "¿Cuándo le viene bien?", "button_1": "Mañana", "button_2": "Por la tarde"}
)


async def _asked(texting: Texting, sender: str) -> Message:
    await texting.twilio.customer_sends(sender, "quiero una cita")
    chat = await texting.conversation()
    content = Content(type="interactive", interactive=ASKED, text="?")
    sent = await texting.desk.call(Send(conversation_id=chat.id, client_id="c-1", content=content))
    return await texting.until_status(sent.id, Status.DELIVERED)


async def _answered(texting: Texting, sender: str, words: str) -> Message:
    sid = await texting.twilio.customer_sends(sender, words)
    return {message.provider_id: message for message in await texting.messages()}[sid]


async def test_a_question_by_sms_and_its_answer(texting: Texting) -> None:
    question = await _asked(texting, ANA)
    assert texting.twilio.messages[-1].body.splitlines() == [
        "¿Cuándo le viene bien?", "1) Mañana", "2) Por la tarde", "Responda con el número.",
    ]  # fmt: skip
    assert question.text == texting.twilio.messages[-1].body  # what was sent is what is kept
    answer = await _answered(texting, ANA, "2")
    assert answer.text == "2" and answer.reply is not None
    assert (answer.reply.title, answer.reply_to) == ("Por la tarde", question.provider_id)
    assert (await _answered(texting, ANA, "MANANA")).reply is not None  # they may change their mind
    assert (await _answered(texting, ANA, "¿y el jueves?")).reply is None


async def test_only_our_last_message_is_answered(texting: Texting) -> None:
    question = await _asked(texting, ANA)
    await texting.desk.call(
        Reply(conversation_id=question.conversation_id, client_id="c-2", text="¿Cuántos son?")
    )
    assert (await _answered(texting, ANA, "2")).reply is None


async def test_on_whatsapp_through_twilio_it_is_text_too(whatsapp: Texting) -> None:
    question = await _asked(whatsapp, f"whatsapp:{ANA}")
    lines = whatsapp.twilio.messages[-1].body.splitlines()
    assert lines[1] == "1) Mañana"
    assert lines[-1] == "Responda con el número."  # the inbox's language, where theirs is not known
    answer = await _answered(whatsapp, f"whatsapp:{ANA}", "mañana")
    assert answer.reply is not None and answer.reply_to == question.provider_id
