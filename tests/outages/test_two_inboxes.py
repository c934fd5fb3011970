"""Two numbers of ours: what providers call by the same id is still two things."""

from __future__ import annotations

import itertools
import sqlite3
from pathlib import Path

import pytest
from faults_kit import status, text_message, webhook
from line_to_meta import Office, office

from vchat_tui.desk import calls
from vchat_tui.models import Status
from vchat_tui.simulator.account import PHONE_NUMBER_ID

OTHER_NUMBER = "106540352240000"
CUSTOMER = "5215544000001"


async def add_second(here: Office) -> None:
    """Another number of the same account."""
    values = {
        "phone_number_id": OTHER_NUMBER,
        "access_token": "EAASecondNumber0",
        "app_secret": "another-secret",
        "verify_token": "another-token",
        "api_base_url": here.proxy.url,
    }
    await here.call(calls.SaveInbox(name="Soporte", channel="whatsapp_cloud", values=values))


async def bring(here: Office, *bodies: bytes) -> None:
    """Webhooks, applied when it returns."""
    for body in bodies:
        await here.desk.services.gate.append("meta", {}, body, 1)
    await here.call(calls.Settle())


async def test_the_same_id_at_two_numbers_is_two_messages(tmp_path: Path) -> None:
    async with office(tmp_path / "home") as here:
        await add_second(here)
        first = webhook(text_message(CUSTOMER, "wamid.same", "to sales"))
        second = webhook(text_message(CUSTOMER, "wamid.same", "to support"))
        second = second.replace(PHONE_NUMBER_ID.encode(), OTHER_NUMBER.encode())
        await bring(here, first, second, first, second)
        found = [(m.inbox, m.text) for m in await here.call(calls.ListMessages())]
        assert sorted(found) == [("Soporte", "to support"), ("Ventas", "to sales")]
        assert len((await here.call(calls.ListConversations())).rows) == 2
        assert len((await here.call(calls.ListUsers())).rows) == 1


@pytest.mark.parametrize("words", itertools.permutations(["sent", "delivered", "read"]))
async def test_a_status_never_goes_back(words: tuple[str, ...], tmp_path: Path) -> None:
    async with office(tmp_path / "home") as here:
        await here.customers_write(CUSTOMER)
        message = await here.send(CUSTOMER, "hello")
        item = await here.reaches(message, Status.ACCEPTED)
        assert item.message.provider_id is not None
        furthest = Status.ACCEPTED
        for word in words:
            await bring(here, webhook(status(CUSTOMER, item.message.provider_id, word)))
            furthest = max(furthest, Status(word), key=lambda status: status.rank)
            assert await here.status(message) == furthest


async def test_the_database_itself_refuses_a_second_one(tmp_path: Path) -> None:
    """However the code above it may change."""
    async with office(tmp_path / "home") as here:
        await bring(here, webhook(text_message(CUSTOMER, "wamid.same", "hola")))
        columns = "conversation_id, inbox_id, direction, type, provider_id, order_at, received_at"
        again = f"INSERT INTO message ({columns}) SELECT {columns} FROM message"
        with pytest.raises(sqlite3.IntegrityError):
            await here.desk.services.core.store.write(lambda db: db.execute(again))
