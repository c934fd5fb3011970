"""The desk, the real channel and the simulated Meta: read, send, hear that one was paused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from desk_kit import Office, Provider

from vchat_tui.channels import registry
from vchat_tui.desk import calls, template_sync
from vchat_tui.desk.calls import DeskError
from vchat_tui.models import Status
from vchat_tui.simulator.account import ACCESS_TOKEN, BUSINESS_ACCOUNT_ID, PHONE_NUMBER_ID
from vchat_tui.simulator.templates import TEMPLATES
from vchat_tui.simulator.world import Simulator
from vchat_tui.templates import Template


class AtMeta(Provider):
    """Not a scripted provider: the product's own channel."""

    open_channel = staticmethod(registry.open_channel)  # type: ignore[assignment]


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    simulator = Simulator()
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def office(
    tmp_path: Path, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    monkeypatch.setattr(template_sync, "LOOK_EVERY", 0.0)
    office = await Office.open(tmp_path / "home", AtMeta())
    await office.add_inbox(
        number=PHONE_NUMBER_ID,
        business_account_id=BUSINESS_ACCOUNT_ID,
        access_token=ACCESS_TOKEN,
        api_base_url=simulator.base_url,
    )
    yield office
    await office.close()


async def called(office: Office, name: str) -> Template | None:
    page = await office.call(calls.ListTemplates(inbox_id=1, words=name))
    return next((row for row in page.rows if row.name == name), None)


async def send(office: Office, client_id: str) -> int:
    sent = await office.call(
        calls.SendTemplateTo(
            inbox="Ventas",
            to="+5215555550101",
            client_id=client_id,
            name="order_update",
            values={"body.1": "Ann", "body.2": "42", "body.3": "ready"},
        )
    )
    return int(sent.id)


async def test_from_the_first_reading_to_a_template_that_was_paused(
    office: Office, simulator: Simulator
) -> None:
    while await called(office, "order_update") is None:
        await office.told()
    page = await office.call(calls.ListTemplates(inbox_id=1))
    assert page.total == len(TEMPLATES) and page.error is None

    first = await send(office, "one")
    await office.until_status(first, Status.ACCEPTED)
    (entry,) = simulator.ledger.entries(0)
    assert entry.body["template"]["name"] == "order_update"

    simulator.change_template("order_update", "en_US", "PAUSED")  # its webhook goes nowhere
    second = await send(office, "two")
    await office.until_status(second, Status.FAILED)
    (failed,) = await office.messages(after_id=first)
    assert failed.error is not None and failed.error.code == "132015"
    # The refusal asks for another reading; a minute after the last is as good as now.
    await office.write("UPDATE template_sync SET tried_at = tried_at - 60000")
    while (row := await called(office, "order_update")) is None or row.status != "PAUSED":
        await office.told()
    with pytest.raises(DeskError, match="paused"):
        await send(office, "three")
