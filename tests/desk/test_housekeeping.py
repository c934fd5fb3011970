"""The journal forgets what is old, never what is in doubt, and numbers go on from where they were."""

from __future__ import annotations

from pathlib import Path

from vchat_tui.desk import housekeeping
from vchat_tui.desk.calls import ListWebhooks, SaveServerSettings, Settle
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home
from vchat_tui.store.times import now_ms

DAY = 24 * 3600 * 1000


async def journal_ids(desk: LocalDesk) -> list[int]:
    return [webhook.id for webhook in await desk.call(ListWebhooks(limit=500))]


async def append(desk: LocalDesk, body: bytes, days_ago: float) -> int:
    webhook_id = await desk.services.gate.append("meta", {}, body, 0)
    received = now_ms() - round(days_ago * DAY)
    await desk.services.core.journal.write(
        lambda db: db.execute(
            "UPDATE webhook SET received_at = ? WHERE id = ?", (received, webhook_id)
        )
    )
    return webhook_id


async def test_old_entries_go_and_dead_letters_stay(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    with home.acquire():
        desk = await LocalDesk.open(home, working=False)
        try:
            nothing = b'{"object": "whatsapp_business_account", "entry": []}'
            await append(desk, nothing, 31)
            dead = await append(desk, b"not JSON", 400)
            young = await append(desk, nothing, 29)
            await desk.call(Settle())
            assert await housekeeping.forget_journal(desk.services.core) == 1
            assert await journal_ids(desk) == [dead, young]
        finally:
            await desk.close()


async def test_a_number_is_never_used_twice(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    with home.acquire():
        desk = await LocalDesk.open(home, working=False)
        try:
            nothing = b'{"object": "whatsapp_business_account", "entry": []}'
            old = await append(desk, nothing, 8)
            await desk.call(Settle())
            await desk.call(SaveServerSettings(values={"journal_days": 7}))
            assert await housekeeping.forget_journal(desk.services.core) == 1
            assert await journal_ids(desk) == []
            new = await append(desk, nothing, 0)
            assert new > old
            await desk.call(Settle())
            assert [webhook.state for webhook in await desk.call(ListWebhooks())] == ["ignored"]
        finally:
            await desk.close()
