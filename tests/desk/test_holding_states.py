"""Whatever happens in whatever order: no held answer goes twice, none is lost, the order holds, and
the customer is told of it by one way at a time."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from desk_kit import Office
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from test_desk_templates import able, template
from webhook_bodies import body, from_customer, status

from vchat_tui.channels.base import ErrorClass, Outcome, Outgoing
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.models import Content, Status
from vchat_tui.store import held
from vchat_tui.store.times import now_ms

ANA = "5215512345678"
DAY = 24 * 3600
FALLBACK = {
    "fallback_template_name": "aviso",
    "fallback_template_languages": "es",
    "fallback_template_body": "{recipient_name|cliente}, pan",
    "held_undo_seconds": 600,
}
STEPS = (
    "hold", "hold", "write", "write", "undo time passes", "day passes", "restart", "take back",
    "change", "discard", "send now", "week passes", "templates fail", "templates go",
    "template fails late", "template fails late", "template arrives",
)  # fmt: skip


class Story:
    """One conversation, and what a person would expect of it."""

    def __init__(self, office: Office, inbox_id: int) -> None:
        self.office = office
        self.inbox_id = inbox_id
        self.conversation_id = 0
        self.written: list[str] = []  # in order
        self.changed: set[str] = set()
        self.discarded: set[str] = set()
        self.sent_by_hand: set[str] = set()
        self._webhooks = 0
        self._templates_fail = False

    async def begin(self) -> None:
        self.office.provider.answer = self.answer
        await self.office.post(from_customer("wamid.first", ANA, at=-DAY))
        self.conversation_id = (await self.office.list())[0].id

    def answer(self, message: Outgoing, attempt: int) -> Outcome:
        if message.content.type == "template" and self._templates_fail:
            refused = self.office.provider.reject("132015", ErrorClass.TEMPLATE)(message, attempt)
            assert not isinstance(refused, asyncio.Future)
            return refused  # type: ignore[return-value]
        return self.office.provider.accept(message, attempt)

    async def held(self) -> list[tuple[Any, ...]]:
        return await self.office.rows(
            "SELECT m.id, m.text, h.release_at FROM held h JOIN message m ON m.id = h.message_id"
            " ORDER BY m.id"
        )

    async def step(self, name: str, number: int) -> None:
        waiting = await self.held()
        chosen = waiting[number % len(waiting)] if waiting else None
        match name:
            case "hold":
                text = f"answer {len(self.written)}"
                self.written.append(text)
                call = calls.Hold(
                    conversation_id=self.conversation_id, client_id=text,
                    content=Content(type="text", text=text),
                )  # fmt: skip
                await self.office.call(call)
                await self.office.call(call)
            case "write":
                self._webhooks += 1
                written = from_customer(f"wamid.{self._webhooks}", ANA, at=self._webhooks)
                await self.office.post(written, written)
            case "undo time passes":
                await self.office.write("UPDATE held SET release_at = 1 WHERE release_at > 0")
                await self.nothing_due()
            case "day passes":
                await self.office.write("UPDATE conversation SET window_ends_at = 1")
            case "week passes":
                await self.office.write("UPDATE held SET held_at = held_at - ?", 8 * DAY * 1000)
            case "restart":
                await self.office.close()
                await self.office.start()
            case "template fails late" | "template arrives":
                await self.report(name == "template arrives", number)
            case "templates fail" | "templates go":
                self._templates_fail = name == "templates fail"
            case _ if chosen is not None:
                await self.decide(name, *chosen[:2])

    async def report(self, arrived: bool, number: int) -> None:
        """A status of one of the templates, twice; a `sent` comes after it."""
        while await self.office.rows(
            "SELECT 1 FROM message WHERE type = 'template' AND status IN ('queued', 'sending')"
        ):
            await asyncio.sleep(0.002)
        known = await self.office.rows(
            "SELECT provider_id FROM message WHERE type = 'template' AND provider_id NOT NULL"
        )
        if known:
            (wamid,) = known[number % len(known)]
            word = status(wamid, "delivered") if arrived else status(wamid, "failed", code=131026)
            told = body(statuses=(word,))
            await self.office.post(told, told, body(statuses=(status(wamid, "sent"),)))

    async def decide(self, name: str, message_id: int, text: str) -> None:
        try:
            match name:
                case "take back":
                    await self.office.call(calls.TakeBackHeld(message_id=message_id))
                case "change":
                    await self.office.call(calls.EditHeld(message_id=message_id))
                    self.changed.add(text)
                case "discard":
                    await self.office.call(calls.DiscardHeld(message_id=message_id))
                    self.discarded.add(text)
                case "send now":
                    await self.office.call(calls.SendHeld(message_id=message_id))
                    self.sent_by_hand.add(text)
        except DeskError as error:
            assert name == "send now" and "window is closed" in str(error)

    async def nothing_due(self) -> None:
        while any(row[2] is not None and row[2] <= now_ms() for row in await self.held()):
            await asyncio.sleep(0.002)

    async def finish(self) -> None:
        """Everything that was queued has gone; then each answer is in exactly one place."""
        while await self.office.rows("SELECT 1 FROM outbox"):
            await asyncio.sleep(0.002)
        sent = [
            message.content.text or ""
            for message in self.office.provider.sent
            if (message.content.text or "").startswith("answer")
        ]
        draft = await self.office.call(calls.GetDraft(conversation_id=self.conversation_id))
        typed = draft.text.split("\n") if draft else []
        places = Counter(sent) + Counter(row[1] for row in await self.held())
        places += Counter(typed) + Counter(self.discarded)
        assert places == Counter(self.written), "each answer is in one place, and none is lost"
        assert set(typed) == self.changed
        by_itself = [text for text in sent if text not in self.sent_by_hand]
        # Within what goes together the order holds; who was taken back or held later goes later.
        groups = await self.office.rows(
            "SELECT text, order_at FROM message WHERE text LIKE 'answer%' AND status <> 'held'"
            " AND direction = 'out'"
            " ORDER BY order_at, id"
        )
        assert [text for text, _at in groups if text in by_itself] == by_itself
        for item in await self.office.timeline(self.conversation_id):
            assert (item.message.status is Status.HELD) == (item.held is not None)

    async def told_by_one_way(self) -> None:
        """An SMS follows a template that failed, once, and only where an answer waits for it."""
        while await self.office.read(held.untold):
            await asyncio.sleep(0.002)
        sms = await self.office.rows("SELECT client_id FROM message WHERE client_id LIKE 'sms%'")
        failed = await self.office.rows(
            "SELECT DISTINCT m.id FROM message m LEFT JOIN delivery d ON d.provider_id = m.provider_id"
            " WHERE m.type = 'template' AND (m.status = 'failed' OR d.status = 'failed')"
        )
        assert {client_id for (client_id,) in sms} <= {f"sms-for:{id_}" for (id_,) in failed}
        untold = await self.office.rows(
            "SELECT h.message_id FROM held h JOIN message m ON m.id = h.notice_id"
            " WHERE m.status = 'failed' AND h.sms_id IS NULL"
            " AND h.release_at IS NULL AND h.asks IS NULL"
        )
        assert untold == [], "who waits was told by SMS"
        notices = await self.office.rows(
            "SELECT count(*) FROM held h JOIN message m ON m.id = coalesce(h.sms_id, h.notice_id)"
            " WHERE m.status <> 'failed'"
        )
        assert notices[0][0] <= 1, "one notice for all that wait"


async def tell(story: list[tuple[str, int]]) -> None:
    folder = Path(tempfile.mkdtemp())
    office = await Office.open(folder / "home")
    try:
        able(office, template())
        await office.add_sms_inbox()
        inbox_id = await office.add_inbox(**FALLBACK)
        await office.call(calls.SyncTemplates(inbox_id=inbox_id))
        told = Story(office, inbox_id)
        await told.begin()
        for name, number in story:
            await told.step(name, number)
        await told.finish()
        await told.told_by_one_way()
    finally:
        await office.close()
        shutil.rmtree(folder)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 5)), min_size=4, max_size=16))
@example([("templates fail", 0), ("hold", 0), ("restart", 0), ("templates go", 0), ("hold", 0)])
@example([("hold", 0), ("hold", 0), ("template fails late", 0), ("discard", 0), ("hold", 0),
          ("template arrives", 0), ("write", 0), ("day passes", 0), ("hold", 0)])  # fmt: skip
@example([("hold", 0), ("hold", 0), ("discard", 0), ("template fails late", 0), ("hold", 0)])
def test_no_answer_goes_twice_and_none_is_lost(story: list[tuple[str, int]]) -> None:
    asyncio.run(tell(story))


def test_the_customer_is_told_once_and_again_after_a_failure() -> None:
    async def work() -> None:
        folder = Path(tempfile.mkdtemp())
        office = await Office.open(folder / "home")
        try:
            able(office, template())
            inbox_id = await office.add_inbox(**FALLBACK)
            await office.call(calls.SyncTemplates(inbox_id=inbox_id))
            told = Story(office, inbox_id)
            await told.begin()
            await told.step("templates fail", 0)
            await told.step("hold", 0)
            while not (await office.rows("SELECT 1 FROM message WHERE status = 'failed'")):
                await asyncio.sleep(0.002)
            (item,) = [i for i in await office.timeline(told.conversation_id) if i.held]
            assert item.held is not None and item.held.notice is Status.FAILED
            await told.step("templates go", 0)
            for _ in range(3):
                await told.step("hold", 0)
            await told.finish()
            kinds = [message.content.type for message in office.provider.sent]
            assert kinds == ["template", "template"]
        finally:
            await office.close()
            shutil.rmtree(folder)

    asyncio.run(work())
