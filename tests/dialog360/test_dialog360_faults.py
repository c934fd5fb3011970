"""What goes wrong between us and 360dialog, and where each message then stands."""

from __future__ import annotations

import pytest
from dialog360_kit import Line, until

from vchat_tui.desk.calls import ListInboxes, Reply, ResumeInbox
from vchat_tui.models import Message, Status

pytestmark = pytest.mark.contract


async def answer(line: Line, name: str, customer: str = "lucia") -> int:
    """A customer writes and gets an answer."""
    wamid = line.customer(customer, "hola")
    [asked] = [message for message in await line.messages() if message.provider_id == wamid]
    chat = asked.conversation_id
    sent = await line.desk.call(Reply(conversation_id=chat, client_id=name, text=name))
    return sent.id


async def until_settled(line: Line, message_id: int, *wanted: Status) -> Message:
    async def there() -> Message | None:
        found = {message.id: message for message in await line.messages()}[message_id]
        return found if found.status in wanted else None

    return await until(there)


def arrived(line: Line, name: str) -> int:
    """How often the provider took a text in."""
    bodies = [entry.body for entry in line.simulator.ledger.entries(0)]
    return sum(body.get("text", {}).get("body") == name for body in bodies)


async def test_what_may_have_gone_is_never_repeated(line: Line) -> None:
    line.simulator.set_knob(statuses=False)
    for knob, times, customer in (
        ("drop_before_next", 0, "lucia"),
        ("drop_after_next", 1, "daniel"),
        ("html_next", 0, "rafa"),
        ("without_id_next", 1, "bia"),
    ):
        line.simulator.set_knob(**{knob: 1})
        await until_settled(line, await answer(line, knob, customer), Status.UNKNOWN)
        assert arrived(line, knob) == times
    line.simulator.dialog360.refusals = [502]  # its own words; Meta may have it all the same
    await until_settled(line, await answer(line, "gateway", "marta"), Status.UNKNOWN)
    assert line.simulator.dialog360.refusals == []


async def test_a_lost_answer_is_settled_by_the_status(line: Line) -> None:
    line.simulator.set_knob(drop_after_next=1, status_delay=0.1)
    message = await answer(line, "una sola vez")
    await until_settled(line, message, Status.READ)
    assert arrived(line, "una sola vez") == 1


async def test_what_was_refused_goes_again_or_says_why(line: Line) -> None:
    line.simulator.dialog360.refusals = [429]
    again = await answer(line, "pronto")

    async def waits() -> Message | None:
        found = {message.id: message for message in await line.messages()}[again]
        return found if found.error is not None else None

    waiting = await until(waits)
    assert waiting.error is not None and waiting.error.code == "429"
    assert waiting.status == Status.QUEUED and arrived(line, "pronto") == 0
    core = line.desk.services.core
    await core.change(lambda db, changes: db.execute("UPDATE outbox SET next_at = 0"))
    await until_settled(line, again, Status.READ)
    line.simulator.dialog360.refusals = [400]
    refused = await until_settled(line, await answer(line, "no"), Status.FAILED)
    assert refused.error is not None and refused.error.title == "As the test says"


async def test_a_block_pauses_the_inbox_until_it_is_resumed(line: Line) -> None:
    line.simulator.dialog360.refusals = [403]
    message = await answer(line, "espera")

    async def paused() -> str | None:
        [inbox] = await line.desk.call(ListInboxes())
        return inbox.paused.code if inbox.paused else None

    assert await until(paused) == "403"
    await line.desk.call(ResumeInbox(inbox_id=line.inbox.id))
    await until_settled(line, message, Status.READ)
    assert arrived(line, "espera") == 1
