"""The WhatsApp sandbox: who is in it, for how long, and what is said where somebody is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sms_kit import ANA, Texting, texting_at, until

from vchat_tui import sandbox
from vchat_tui.clock import Clock
from vchat_tui.desk.calls import Reply
from vchat_tui.models import Conversation, Status
from vchat_tui.widgets.describe import chat_head, closed_reason

ANA_THERE = f"whatsapp:{ANA}"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
async def trying(tmp_path: Path) -> AsyncIterator[Texting]:
    """An inbox that is the sandbox."""
    async with texting_at(tmp_path, "whatsapp_twilio", sandbox.SENDER) as found:
        yield found


@pytest.mark.contract
async def test_who_joins_is_in_for_three_days(trying: Texting) -> None:
    await trying.twilio.customer_sends(ANA_THERE, "join happy-tiger")
    chat = await trying.conversation()
    joined = (await trying.messages())[0].received_at
    assert joined is not None and chat.member_until is not None
    assert abs(chat.member_until - joined - timedelta(hours=72)) < timedelta(minutes=1)
    answer = await trying.desk.call(Reply(conversation_id=chat.id, client_id="c-1", text="hola"))
    await trying.until_status(answer.id, Status.DELIVERED)


@pytest.mark.contract
async def test_twilio_s_refusal_ends_it_and_joining_begins_it_again(trying: Texting) -> None:
    await trying.twilio.customer_sends(ANA_THERE, "hola")  # as if they had joined long ago
    chat = await trying.conversation()
    answer = await trying.desk.call(Reply(conversation_id=chat.id, client_id="c-1", text="hola"))
    failed = await trying.until_status(answer.id, Status.FAILED)
    assert failed.error is not None and failed.error.code == "63015"

    async def out() -> Conversation | None:
        found = await trying.conversation()
        there = found.member_until is not None and found.member_until <= datetime.now(UTC)
        return found if there else None

    assert "not in the sandbox" in chat_head(await until(out), Clock()).plain
    await trying.twilio.customer_sends(ANA_THERE, "join happy-tiger")
    assert "sandbox: 71 h" in chat_head(await trying.conversation(), Clock()).plain


@pytest.mark.parametrize(
    ("joined", "wrote", "refused", "ends"),
    [
        (None, None, None, None),
        (0, 0, None, 72),
        (0, 50, None, 72),  # three days after joining, not after the last message
        (0, 80, None, 152),  # so they have joined again, and we did not see it
        (None, 10, None, 82),  # at most
        (0, 50, 60, 60),
        (0, 50, 40, 72),  # they wrote since
        (70, 50, 60, 142),
    ],
)
def test_until_when(
    joined: int | None, wrote: int | None, refused: int | None, ends: int | None
) -> None:
    def at(hours: int | None) -> datetime | None:
        return None if hours is None else NOON + hours * HOUR

    assert sandbox.ends_at(at(joined), at(wrote), at(refused)) == at(ends)


@pytest.mark.parametrize(
    ("text", "joins"),
    [("join happy-tiger", True), (" Join happy tiger\n", True), ("join", False), (None, False),
     ("I join you at the café tomorrow", False), ("joint venture", False)],
)  # fmt: skip
def test_what_joins(text: str | None, joins: bool) -> None:
    assert sandbox.is_join(text) is joins


def test_where_the_window_is_over_too_the_way_back_is_said() -> None:
    chat = Conversation(
        id=1, user_id=1, inbox_id=1, inbox="Prueba", channel="whatsapp_twilio", title="Ana",
        is_sandbox=True, window_ends_at=NOON, member_until=NOON + 48 * HOUR,
    )  # fmt: skip
    clock = Clock(now=lambda: NOON + 47 * HOUR)
    assert "sandbox" not in closed_reason(chat, clock)
    assert "sandbox: 1 h" in chat_head(chat, clock).plain
    out = Clock(now=lambda: NOON + 49 * HOUR)
    assert "“join” and its words to +1 415" in closed_reason(chat, out)
