"""A broadcast leaves people alone while it is night where they live, and goes on by itself."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from broadcast_kit import OFFER, TEMPLATE, add, get, sent_to, until_state, with_templates
from desk_kit import Office

from vchat_tui.broadcast_models import Broadcast
from vchat_tui.desk import calls

MADRID, TOKYO = "34600000001", "81312345678"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    opened = await Office.open(tmp_path / "home")
    yield opened
    await opened.close()


def hours_in_tokyo(start: int, end: int) -> str:
    """Quiet hours that begin and end so many hours from now in Tokyo; in Madrid it is seven or
    eight hours earlier."""
    now = datetime.now(ZoneInfo("Asia/Tokyo"))
    return f"{now + timedelta(hours=start):%H:%M}-{now + timedelta(hours=end):%H:%M}"


async def draft_to_both(office: Office, quiet: str) -> Broadcast:
    inbox_id = await with_templates(office, OFFER)
    made = await office.call(
        calls.CreateBroadcast(
            client_id="b", inbox_id=inbox_id, name="Navidad", content=TEMPLATE, quiet=quiet
        )
    )
    return await add(office, made.id, typed=(f"+{MADRID}", f"+{TOKYO}"))


async def until_waiting(office: Office, broadcast_id: int) -> Broadcast:
    while (found := await get(office, broadcast_id)).counts != {"accepted": 1, "pending": 1}:
        assert found.state == "running"
    return found


async def test_who_is_asleep_gets_it_when_the_night_is_over(office: Office) -> None:
    made = await draft_to_both(office, hours_in_tokyo(-1, 2))
    plan = await office.call(calls.PlanBroadcast(broadcast_id=made.id))
    assert (plan.ready, plan.quiet, plan.quiet_hours) == (2, 1, made.quiet)
    await office.call(calls.StartBroadcast(broadcast_id=made.id))
    waiting = await until_waiting(office, made.id)
    assert set(sent_to(office)) == {MADRID}
    assert waiting.in_quiet_hours == 1
    assert waiting.quiet_until
    assert waiting.quiet_until - datetime.now(UTC) < timedelta(hours=3)
    assert waiting.seconds_left in (None, 0)

    await office.close()
    await office.start()  # it is on the disk
    assert (await get(office, made.id)).quiet_until == waiting.quiet_until
    await behind_its_back(office, "UPDATE broadcast_recipient SET not_before = 1 WHERE number = 2")
    assert (await until_state(office, made.id, "done")).counts == {"accepted": 2}
    assert sent_to(office) == {MADRID: 1, TOKYO: 1}


async def behind_its_back(office: Office, sql: str) -> None:
    """The night is over, and the server was off meanwhile."""
    await office.close()
    with contextlib.closing(sqlite3.connect(office.home.store)) as db, db:
        db.execute("UPDATE broadcast SET quiet = ?", (hours_in_tokyo(5, 6),))
        db.execute(sql)
    await office.start()


async def test_nobody_waits_for_years_because_the_clock_was_set_back(office: Office) -> None:
    made = await draft_to_both(office, hours_in_tokyo(-1, 2))
    await office.call(calls.StartBroadcast(broadcast_id=made.id))
    await until_waiting(office, made.id)
    far = int(datetime(2099, 1, 1, tzinfo=UTC).timestamp() * 1000)
    await behind_its_back(
        office, f"UPDATE broadcast_recipient SET not_before = {far} WHERE number = 2"
    )
    assert (await until_state(office, made.id, "done")).counts == {"accepted": 2}


async def test_a_paused_one_keeps_who_waits_and_a_cancelled_one_lets_them_go(
    office: Office,
) -> None:
    made = await draft_to_both(office, hours_in_tokyo(-1, 2))
    await office.call(calls.StartBroadcast(broadcast_id=made.id))
    await until_waiting(office, made.id)
    await office.call(calls.PauseBroadcast(broadcast_id=made.id))
    resumed = await office.call(calls.ResumeBroadcast(broadcast_id=made.id))
    assert resumed.in_quiet_hours == 1
    ended = await office.call(calls.CancelBroadcast(broadcast_id=made.id))
    assert ended.counts == {"accepted": 1, "skipped": 1}


async def test_what_are_no_hours_is_refused_at_its_field(office: Office) -> None:
    with pytest.raises(calls.DeskError, match="21:00-09:00") as refused:
        await draft_to_both(office, "nachts")
    assert refused.value.field == "quiet"
