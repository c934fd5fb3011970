"""Faults while a file of a message is given to the provider: an upload may be repeated, a message
is sent once, and what stops it is told."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from chaos import Exchange, Fault, passes
from fault_kinds import FAILED, META, PAUSED, UNKNOWN, Then, kinds_of
from line_to_meta import Office, office

from vchat_tui.desk import calls
from vchat_tui.models import Content, Media, Message, Status
from vchat_tui.simulator import samples

CUSTOMER = "5215555550101"

# An answer without end in small pieces takes as long as a real upload may.
WANTED = {
    "reset before", "reset after the request", "truncated answer", "200 with HTML",
    "200 without id", "502 of a gateway", "500 with a code", "429, 7 seconds", "401", "403",
    "a redirect", "400", "413",
}  # fmt: skip
CHOSEN = [kind for kind in kinds_of(META) if kind[0] in WANTED]


def at_uploads(fault: Fault) -> Fault:
    """The fault for uploads; all else passes."""

    async def treat(exchange: Exchange) -> None:
        path = exchange.request.split(b" ", 2)[1]
        await (fault if path.endswith(b"/media") else passes)(exchange)

    return treat


async def send_picture(here: Office) -> Message:
    """Queues a picture, which has to be uploaded first."""
    data = samples.picture("cake")
    upload_id = await here.call(calls.BeginUpload(size=len(data)))
    await here.call(calls.AppendUpload(upload_id=upload_id, offset=0, data=data))
    file = await here.call(calls.FinishUpload(upload_id=upload_id))
    page = await here.call(calls.ListConversations())
    return await here.call(
        calls.Send(
            conversation_id=page.rows[0].id,
            client_id="cake",
            content=Content(type="image", media=(Media(sha256=file.sha256),)),
        )
    )


async def until_told(here: Office, message: Message) -> None:
    """Waits until the fault is known: on the message, or on its inbox."""
    while (await here.item(message)).message.error is None and not (await here.inbox()).paused:
        await asyncio.sleep(0.005)


@pytest.mark.parametrize(("fault", "then"), [k[1:] for k in CHOSEN], ids=[k[0] for k in CHOSEN])
async def test_a_message_waits_for_its_file(fault: Fault, then: Then, tmp_path: Path) -> None:
    async with office(tmp_path / "home") as here:
        await here.customers_write(CUSTOMER)
        here.proxy.fault = at_uploads(fault)
        message = await send_picture(here)
        await until_told(here, message)
        status = await here.status(message)
        assert status is (Status.FAILED if then is FAILED else Status.QUEUED)
        assert ((await here.inbox()).paused is not None) == (then is PAUSED)
        assert not here.simulator.ledger.messages()

        here.proxy.fault = passes
        if then is PAUSED:
            await here.call(calls.ResumeInbox(inbox_id=(await here.inbox()).id))
        if then is FAILED:
            await here.call(calls.Retry(message_id=message.id))
        await here.let_time_pass()
        await here.reaches(message, Status.ACCEPTED)
        assert [entry.type for entry in here.simulator.ledger.messages()] == ["image"]


def test_the_chosen_faults_are_there() -> None:
    assert len(CHOSEN) == len(WANTED)
    assert {id(kind[2]) for kind in CHOSEN} >= {id(UNKNOWN), id(PAUSED), id(FAILED)}
