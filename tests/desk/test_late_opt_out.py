"""Who opts out while marketing to them waits in the outbox gets none of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from broadcast_kit import (
    OFFER,
    customers,
    draft,
    number,
    people_of,
    sent_to,
    until_counts,
    until_state,
    with_templates,
)
from desk_kit import Office
from webhook_bodies import body as webhook
from webhook_bodies import text_message

from vchat_tui.desk import calls, outbound
from vchat_tui.models import Content, Status, TemplateUse


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    opened = await Office.open(tmp_path / "home")
    yield opened
    await opened.close()


def said(text: str, at: int) -> bytes:
    return webhook(messages=(text_message(f"wamid.{at}", number(0), text, at=at),))


async def test_who_opts_out_while_their_message_waits_in_the_outbox_gets_none(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "MAX_IN_FLIGHT", 56 + outbound.KEPT_FOR_ANSWERS)
    office.provider.answer = office.provider.hang
    inbox_id = await with_templates(office, OFFER)
    await customers(office, 60)
    made = await draft(office, inbox_id)
    await office.call(calls.StartBroadcast(broadcast_id=made.id))
    await office.until(lambda: len(office.provider.sent) == 56)  # as many as may be under way
    await until_counts(office, made.id, {"sending": 56, "queued": 4})
    last = (await people_of(office, made.id, "queued"))[-1]
    assert last.address
    await office.post(webhook(messages=(text_message("wamid.late", last.address, "STOP", at=99),)))
    office.provider.release.set()
    done = await until_state(office, made.id, "done")
    assert done.counts == {"accepted": 59, "skipped": 1}
    assert last.address not in sent_to(office)
    (left_out,) = await people_of(office, made.id, "skipped")
    assert (left_out.address, left_out.reason) == (f"+{last.address}", "opted_out")
    assert last.conversation_id
    assert "broadcast" not in str(await office.timeline(last.conversation_id))
    await office.check()


async def test_marketing_that_waits_to_be_tried_again_fails_when_they_opt_out(
    office: Office,
) -> None:
    await with_templates(office, OFFER)
    office.provider.answer = office.provider.unreachable
    await office.post(said("hola", 1))
    (row,) = await office.list()
    use = TemplateUse(name="oferta", language="es")
    offer = Content(type="template", text="¡Oferta!", template=use)
    sent = await office.call(
        calls.Send(conversation_id=row.id, client_id="offer", content=offer, author="Eva")
    )
    answer = await office.reply(row.id, "Claro")
    await office.until(lambda: len(office.provider.sent) == 1)
    await office.post(said("BAJA", 5))
    office.provider.answer = office.provider.accept
    while await office.status_of(answer.id) is not Status.ACCEPTED:
        await office.no_waiting()
        await asyncio.sleep(0.005)
    (message,) = await office.messages(conversation_id=row.id, after_id=sent.id - 1, limit=1)
    assert message.status is Status.FAILED
    assert message.error
    assert message.error.code == "opted_out"
    assert "Oferta" not in str(office.provider.texts()[1:])
