"""Good webhooks are counted for the number they are for, not for whoever shares its app secret."""

from __future__ import annotations

import json
from pathlib import Path

from vchat_tui.desk.calls import GetDiagnostics, SaveInbox, Settle
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home


def values(phone_number_id: str) -> dict[str, object]:
    return {
        "phone_number_id": phone_number_id,
        "access_token": "EAAtokentokentoken",
        "app_secret": "0123456789abcdef",
        "verify_token": "mysecret",
    }


def status(phone_number_id: str, number: int) -> bytes:
    value = {
        "metadata": {"display_phone_number": "1", "phone_number_id": phone_number_id},
        "statuses": [{"id": f"wamid.{number}", "status": "sent", "timestamp": "1749416383"}],
    }
    entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


async def test_numbers_of_one_app_have_their_own_counts(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    with home.acquire():
        desk = await LocalDesk.open(home, working=False)
        try:
            for name, number in (("A", "100001"), ("B", "100002"), ("C", "100003")):
                await desk.call(
                    SaveInbox(name=name, channel="whatsapp_cloud", values=values(number))
                )
            gate = desk.services.gate
            for number in range(3):
                await gate.append("meta", {}, status("100002", number), 1)
            await gate.append("meta", {}, status("100003", 9), 1)
            await desk.call(Settle())
            health = {row.inbox.name: row for row in (await desk.call(GetDiagnostics())).inboxes}
            assert {name: row.good for name, row in health.items()} == {"A": 0, "B": 3, "C": 1}
            assert health["A"].last_good_at is None
            assert health["B"].last_good_at is not None
        finally:
            await desk.close()
