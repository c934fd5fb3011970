"""Where 360dialog sends webhooks: told by itself, told again by hand, and nobody else's are taken."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest
from dialog360_kit import CHANNEL, PUBLIC_URL, SECRET, Line, until

from vchat_tui.desk import registering
from vchat_tui.desk.calls import (
    GetDiagnostics,
    InspectInbox,
    ListConversations,
    ListInboxes,
    ListWebhooks,
    SaveInbox,
    SaveServerSettings,
    Settle,
    SubscribeApp,
)
from vchat_tui.desk.local import LocalDesk
from vchat_tui.findings import Mark, own_webhook
from vchat_tui.home import Home
from vchat_tui.simulator.account import AT_360DIALOG
from vchat_tui.simulator.dialog360 import PREFIX
from vchat_tui.simulator.envelope import body, message_value
from vchat_tui.simulator.said import text
from vchat_tui.simulator.world import Simulator

ADDRESS = f"{PUBLIC_URL}/webhooks/360dialog/{SECRET}"
OTHER = "+15550783999"


def from_a_customer(number: str, identifier: str = "wamid.O") -> dict[str, Any]:
    """A webhook that names a number of ours."""
    account = type(AT_360DIALOG)(phone_number_id="1", display_phone_number=number)
    who = Simulator()._people.called("lucia")
    value = message_value(account, who, text("hola"), message_id=identifier, at=1.75e9)
    return body(account, [{"field": "messages", "value": value}])


async def post(line: Line, payload: Any, secret: str = SECRET, **headers: str) -> int:
    address = line.simulator.dialog360.proxies[PUBLIC_URL]
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(
            f"{address}/webhooks/360dialog/{secret}", json=payload, headers=headers
        )
    await line.desk.call(Settle())
    return answer.status_code


async def test_it_registers_itself_and_learns_the_number(line: Line) -> None:
    assert line.simulator.dialog360.webhook == {
        "url": ADDRESS,
        "headers": {"Authorization": f"Bearer {SECRET}"},
    }
    assert line.inbox.settings["number"] == "+15550783960"
    seen = await line.desk.call(InspectInbox(inbox_id=line.inbox.id))
    assert own_webhook(seen).mark is Mark.DONE


async def test_once_the_header_is_confirmed_no_request_goes_without_it(line: Line) -> None:
    payload = from_a_customer("+15550783960")
    assert await post(line, payload) == 403
    assert await post(line, payload, Authorization=f"Bearer {SECRET}x") == 403
    assert await post(line, payload, Authorization=f"Bearer {SECRET}") == 200
    assert (await line.conversation()).inbox == "Eventos"


async def test_another_number_s_webhook_never_reaches_the_wrong_inbox(line: Line) -> None:
    proof = f"Bearer {SECRET}"
    assert await post(line, from_a_customer(OTHER), Authorization=proof) == 200
    [dead] = await line.desk.call(ListWebhooks(state="dead"))
    assert dead.error is not None and dead.error.startswith("not_configured")
    assert (await line.desk.call(ListConversations())).total == 0
    # It waits for its inbox, whichever address brought it.
    values = {"api_key": "another-key", "webhook_secret": "another-secret", "number": OTHER}
    await line.desk.call(SaveInbox(name="Otra", channel=CHANNEL, values=values))
    assert (await line.conversation()).inbox == "Otra"


async def test_elsewhere_is_found_and_one_key_brings_it_back(line: Line) -> None:
    dialog = line.simulator.dialog360
    dialog.webhook = {"url": "https://other.example/hooks/their-secret"}
    seen = await line.desk.call(InspectInbox(inbox_id=line.inbox.id))
    found = own_webhook(seen)
    assert found.mark is Mark.FAIL
    assert "https://other.example/…" in found.what and "their-secret" not in found.what
    dialog.webhook = {"url": ADDRESS}
    seen = await line.desk.call(InspectInbox(inbox_id=line.inbox.id))
    assert own_webhook(seen).mark is Mark.WARN  # without the header
    for _again in range(2):
        seen = await line.desk.call(SubscribeApp(inbox_id=line.inbox.id))
        assert own_webhook(seen).mark is Mark.DONE
        assert dialog.webhook["url"] == ADDRESS


async def test_a_new_secret_is_told_and_the_old_address_lives_until_then(line: Line) -> None:
    line.simulator.dialog360.headers = {}
    values = {"webhook_secret": "a-new-secret-for-360"}
    await line.desk.call(
        SaveInbox(inbox_id=line.inbox.id, name="Eventos", channel=CHANNEL, values=values)
    )
    line.customer("lucia", "hola")  # it may come to the old address, or to the new one

    async def told() -> bool | None:
        return line.simulator.dialog360.webhook["url"].endswith("/a-new-secret-for-360") or None

    assert await until(told)
    assert (await line.conversation()).last_text == "hola"


async def test_the_secret_is_in_no_log_and_no_answer(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await post(line, {"object": "page"}, secret=SECRET + "x")
    await post(line, {"object": "page"}, Authorization=f"Bearer {SECRET}")
    await post(line, {"object": "page"}, Authorization="Bearer no")
    await line.desk.call(InspectInbox(inbox_id=line.inbox.id))
    told = [
        repr(await line.desk.call(call))
        for call in (GetDiagnostics(), ListInboxes(), ListWebhooks(facts=True))
    ]
    # Our own tests' client logs the addresses that it calls, as our program never does.
    logged = [record.getMessage() for record in caplog.records if "httpx" not in record.name]
    logged = [message for message in logged if "httpcore" not in message]
    assert len(logged) > 1
    assert not [message for message in [*told, *logged] if SECRET in message]


async def test_what_was_not_told_before_a_kill_is_told_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a provider that does not answer is told later."""
    monkeypatch.setattr(registering, "PAUSES", (0.01,))
    home = Home(tmp_path / "home")
    home.prepare()
    before = Simulator()
    base_url = await before.start()
    await before.stop()
    simulator = Simulator()
    with home.acquire():
        desk = await LocalDesk.open(home, working=False)  # as `config apply` without a server
        await desk.call(SaveServerSettings(values={"public_url": "http://127.0.0.1:9"}))
        values = {
            "api_key": AT_360DIALOG.access_token,
            "webhook_secret": SECRET,
            "api_base_url": base_url + PREFIX,
        }
        await desk.call(SaveInbox(name="A", channel=CHANNEL, values=values))
        await desk.close()
        desk = await LocalDesk.open(home)
        try:
            await until(lambda: desk.services.core.store.read(tried))
            await simulator.start(int(base_url.rsplit(":", 1)[1]))

            async def told() -> str | None:
                return simulator.dialog360.webhook.get("url")

            assert await until(told) == f"http://127.0.0.1:9/webhooks/360dialog/{SECRET}"
        finally:
            await desk.close()
            await simulator.stop()


def tried(db: sqlite3.Connection) -> bool | None:
    """Whether it was tried in vain."""
    [(tries,)] = db.execute("SELECT tries FROM webhook_registration").fetchall()
    return tries > 0 or None
