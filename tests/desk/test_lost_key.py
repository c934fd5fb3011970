"""Without its key file a home still opens, says what is locked, and works once it is told again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from vchat_tui.desk.calls import ListInboxes, SaveInbox
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home

VALUES = {
    "phone_number_id": "106540352242922",
    "access_token": "EAAtokentokentoken",
    "app_secret": "0123456789abcdef",
    "verify_token": "mysecret",
}
ROTATED = {**VALUES, "app_secret": "fedcba9876543210"}


async def test_a_lost_key_locks_the_inbox_until_its_secrets_are_entered_again(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    home.prepare()
    with home.acquire():
        async with opened(home) as desk:
            await desk.call(SaveInbox(name="Ventas", channel="whatsapp_cloud", values=VALUES))
            await desk.call(
                SaveInbox(inbox_id=1, name="Ventas", channel="whatsapp_cloud", values=ROTATED)
            )
        home.key.unlink()
        async with opened(home) as desk:
            (inbox,) = await desk.call(ListInboxes())
            assert inbox.paused is not None
            assert inbox.paused.code == "locked"
            assert list(desk.services.gate.app_secrets()) == []
            await desk.call(
                SaveInbox(
                    inbox_id=inbox.id, name="Ventas", channel="whatsapp_cloud", values=ROTATED
                )
            )
            (inbox,) = await desk.call(ListInboxes())
            assert inbox.paused is None
            assert [secret for _, secret in desk.services.gate.app_secrets()] == [
                b"fedcba9876543210"
            ]
            assert desk.services.sender.channel(inbox.id) is not None


@asynccontextmanager
async def opened(home: Home) -> AsyncIterator[LocalDesk]:
    desk = await LocalDesk.open(home, working=False)
    try:
        yield desk
    finally:
        await desk.close()
