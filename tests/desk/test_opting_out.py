"""Who wants no marketing: said by a word, in WhatsApp's settings, by an error, or to an agent."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from desk_kit import Office
from hypothesis import given
from hypothesis import strategies as st
from webhook_bodies import NUMBER, START, of_changes, text_message
from webhook_bodies import body as webhook

from vchat_tui.channels.base import ErrorClass
from vchat_tui.desk import calls
from vchat_tui.desk.opting import IN_WORDS, OUT_WORDS, decision
from vchat_tui.models import Content, Identity, Status, TemplateUse

ANA = "34600000001"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    opened = await Office.open(tmp_path / "home")
    await opened.add_inbox()
    yield opened
    await opened.close()


def preference(value: str, at: int, **who: str) -> bytes:
    entry = {"category": "marketing_messages", "value": value, "timestamp": START + at}
    entry |= who or {"wa_id": ANA}
    metadata = {"display_phone_number": "15550783881", "phone_number_id": NUMBER}
    return of_changes(
        {"field": "user_preferences", "value": {"metadata": metadata, "user_preferences": [entry]}}
    )


def said(text: str, at: int) -> bytes:
    return webhook(messages=(text_message(f"wamid.{at}", ANA, text, at=at),))


async def identity(office: Office) -> Identity:
    (user,) = (await office.call(calls.ListUsers())).rows
    card = await office.call(calls.GetUser(user_id=user.id))
    (found,) = card.identities
    assert isinstance(found, Identity)
    return found


@pytest.mark.parametrize("text", ["STOP", "stop", " Baja. ", "¡ALTO!", "Unsubscribe", "«bája»"])
def test_words_that_mean_no_more(text: str) -> None:
    assert decision(text) is True


@pytest.mark.parametrize("text", ["START", "alta", "Resume!", "ÁLTA"])
def test_words_that_mean_again(text: str) -> None:
    assert decision(text) is False


@given(st.text(max_size=60))
def test_only_whole_messages_count(text: str) -> None:
    assert decision("please " + text + " stop now") is None
    if decision(text) is not None:
        assert any(word in text.casefold() or len(text) >= 4 for word in OUT_WORDS | IN_WORDS)


async def test_a_word_opts_out_and_another_in(office: Office) -> None:
    await office.post(said("Baja", 10))
    assert (await identity(office)).opted_out_by == "word"
    (row,) = await office.list()
    assert row.opted_out
    await office.post(said("no quiero la baja", 20))
    assert (await identity(office)).opted_out_at
    await office.post(said("ALTA", 30))
    assert (await identity(office)).opted_out_at is None


ORDERS = list(itertools.permutations([("STOP", 10), ("start", 20), ("stop", 30), ("resume", 25)]))


@pytest.mark.parametrize("order", ORDERS[::5])
async def test_the_newest_word_counts_in_any_order_and_again(
    office: Office, order: tuple[tuple[str, int], ...]
) -> None:
    bodies = [preference(word, at) if word.islower() else said(word, at) for word, at in order]
    await office.post(*bodies, *bodies)
    found = await identity(office)
    assert found.opted_out_at is not None
    assert found.opted_out_by == "provider"


async def test_what_the_provider_tells_holds_for_somebody_we_do_not_know_yet(
    office: Office,
) -> None:
    await office.post(preference("stop", 10, user_id="ES.123"))
    assert (await identity(office)).business_scoped_id == "ES.123"
    assert (await identity(office)).opted_out_at
    await office.post(preference("resume", 5, user_id="ES.123"))
    assert (await identity(office)).opted_out_at, "an older word"


async def test_an_error_opts_out(office: Office) -> None:
    await office.post(said("hola", 1))
    (row,) = await office.list()
    office.provider.answer = office.provider.reject("131050", ErrorClass.OPTOUT)
    sent = await office.reply(row.id, "¡Oferta!")
    await office.until_status(sent.id, Status.FAILED)
    assert (await identity(office)).opted_out_by == "provider"


async def test_a_failed_status_marks_who_cannot_be_reached_until_they_write(
    office: Office,
) -> None:
    await office.post(said("hola", 1))
    (row,) = await office.list()
    sent = await office.reply(row.id, "dime")
    await office.until_status(sent.id, Status.ACCEPTED)
    (item,) = [item for item in await office.messages() if item.id == sent.id]
    status: dict[str, Any] = {
        "id": item.provider_id,
        "status": "failed",
        "timestamp": str(START + 5),
        "recipient_id": ANA,
        "errors": [{"code": 131026, "title": "Message undeliverable"}],
    }
    await office.post(webhook(statuses=(status,)))
    assert (await identity(office)).unreachable_at
    await office.post(said("aquí estoy", 9))
    assert (await identity(office)).unreachable_at is None


def template_content(name: str) -> Content:
    use = TemplateUse(name=name, language="es")
    return Content(type="template", text="¡Oferta!", template=use)


async def test_an_answer_overtakes_a_broadcast(office: Office) -> None:
    office.provider.answer = office.provider.hang
    await office.post(said("hola", 1))
    (row,) = await office.list()
    await office.reply(row.id, "first")  # of two to the same person, the second waits
    await office.write(
        "INSERT INTO broadcast (id, name, inbox_id, client_id, state, content, created_at)"
        " VALUES (1, 'b', ?, 'b', 'running', '{}', 0)",
        row.inbox_id,
    )
    for text in ("broadcast", "answer"):
        sent = await office.reply(row.id, text)
        await office.write(
            "INSERT INTO broadcast_recipient (broadcast_id, number, message_id, state)"
            " VALUES (1, ?, ?, 'queued')",
            sent.id, sent.id,
        )  # fmt: skip
        if text == "broadcast":
            await office.write("UPDATE outbox SET bulk = 1 WHERE message_id = ?", sent.id)
    office.provider.release.set()
    await office.until_status(sent.id, Status.ACCEPTED)
    await office.until(lambda: len(office.provider.sent) == 3)
    assert office.provider.texts() == ["first", "answer", "broadcast"]


async def test_marketing_goes_to_nobody_who_opted_out_but_answers_do(office: Office) -> None:
    await office.post(said("stop", 1))
    (row,) = await office.list()
    for name, category in (("oferta", "MARKETING"), ("pedido", "UTILITY")):
        await office.write(
            "INSERT INTO template (inbox_id, provider_id, name, language, category, status,"
            " components, changed_at) VALUES (?, ?, ?, 'es', ?, 'APPROVED', '[]', 0)",
            row.inbox_id, name, name, category,
        )  # fmt: skip

    def send(name: str) -> calls.Send:
        return calls.Send(
            conversation_id=row.id, client_id=name, content=template_content(name), author="Eva"
        )

    for name in ("oferta", "unknown"):
        with pytest.raises(calls.DeskError, match="wants no marketing"):
            await office.call(send(name))
    sent = await office.call(send("pedido"))
    await office.until_status(sent.id, Status.ACCEPTED)
    await office.until_status((await office.reply(row.id, "Claro")).id, Status.ACCEPTED)
    card = await office.call(calls.SetOptOut(user_id=row.user_id, out=False))
    assert card.identities[0].opted_out_at is None
    await office.call(send("oferta"))
