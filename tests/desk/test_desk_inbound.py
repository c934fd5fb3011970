"""What customers write arrives whole, once, and in any order."""

from __future__ import annotations

import asyncio
import json
import random
import re
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from desk_kit import Office, plain
from webhook_bodies import (
    NUMBER,
    OTHER_NUMBER,
    body,
    contact,
    from_customer,
    of_changes,
    status,
    text_message,
)
from whatsapp_samples import NAMES, sample

from vchat_tui.channels import registry
from vchat_tui.channels.facts import Fact, MessageFact, Parsed
from vchat_tui.desk import calls
from vchat_tui.desk.gate import JournalUnavailable
from vchat_tui.models import Direction, Status, WebhookState

SHARED = {
    "type", "text", "provider_id", "from", "to", "from_user_id", "profile_name", "reply_to", "media",
    "location", "contacts", "reply", "form", "order", "reaction", "referral", "raw", "error",
    "sent_at", "channel", "direction",
}  # fmt: skip


def samples() -> list[tuple[str, bytes, list[dict[str, Any]]]]:
    """Every recorded webhook with its facts; each with message ids of its own."""
    found = []
    for name in NAMES:

        def own_id(match: re.Match[str], name: str = name) -> str:
            return f"{match[0]}.{name}"

        text = json.dumps({"body": sample(name)["body"], "facts": sample(name)["facts"]})
        both = json.loads(re.sub(r"wamid\.[A-Za-z0-9+/=]+", own_id, text))
        found.append((name, json.dumps(both["body"]).encode(), both["facts"]))
    return found


def shared(message: dict[str, Any]) -> dict[str, Any]:
    """What a fact and a message have in common; how the fetching of a file stands is our own."""
    found = {key: value for key, value in message.items() if key in SHARED}
    if "media" in found:
        found["media"] = [
            {key: value for key, value in file.items() if key != "state"} for file in found["media"]
        ]
    return found


async def snapshot(office: Office) -> dict[str, Any]:
    """Everything that people can see, without the moments at which it was stored."""
    rows = [*await office.list(), *await office.list(folder="archive")]
    users = (await office.call(calls.ListUsers(limit=500))).rows
    return {
        "messages": plain(await office.messages()),
        "conversations": plain(rows),
        "timelines": [plain(await office.timeline(row.id)) for row in rows],
        "users": [plain(await office.call(calls.GetUser(user_id=user.id))) for user in users],
        "events": await office.rows("SELECT field, event, raw FROM account_event ORDER BY digest"),
        "counts": plain(await office.call(calls.GetCounts())),
    }


async def test_every_recorded_webhook_becomes_what_it_says(office: Office) -> None:
    expected = []
    for _name, recorded, facts in samples():
        await office.post(recorded)
        expected += [fact for fact in facts if fact["kind"] in ("message", "echo")]
    stored = [plain(message) for message in await office.messages()]
    assert [shared(message) for message in stored] == [shared(fact) for fact in expected]
    assert all(
        message["author"] == "phone" and message["status"] == "sent"
        for message in stored
        if message["direction"] == "out"
    )
    webhooks = await office.call(calls.ListWebhooks(limit=500))
    assert {webhook.state for webhook in webhooks} == {WebhookState.APPLIED}


async def test_everything_again_in_any_order_changes_nothing(office: Office) -> None:
    bodies = [recorded for _name, recorded, _facts in samples()]
    await office.post(*bodies)
    row = (await office.list())[0]
    await office.call(calls.MarkRead(conversation_id=row.id))
    before = await snapshot(office)
    for seed in range(3):
        again = bodies * 2
        random.Random(seed).shuffle(again)
        await office.post(*again)
    assert await snapshot(office) == before


async def test_replaying_the_journal_changes_nothing(office: Office) -> None:
    ids = await office.post(*(recorded for _name, recorded, _facts in samples()))
    before = await snapshot(office)
    for webhook_id in reversed(ids):
        await office.call(calls.ReplayWebhook(webhook_id=webhook_id))
    assert await snapshot(office) == before


async def test_unknown_kinds_are_kept_as_they_came(office: Office) -> None:
    hologram = text_message("wamid.h", "34600111222") | {"type": "hologram", "hologram": {"x": [1]}}
    ids = await office.post(body(messages=(hologram,)))
    (message,) = await office.messages()
    assert message.type == "hologram"
    assert message.raw is not None and message.raw["hologram"] == {"x": [1]}
    assert (await office.list())[0].unread == 1
    raw = await office.call(calls.GetRaw(message_id=message.id))
    assert raw["provider"]["hologram"] == {"x": [1]}
    assert raw["webhook"] == ids[0]


async def test_an_unknown_status_word_changes_nothing(office: Office) -> None:
    chat = await office.conversation()
    sent = await office.reply(chat.id, "hola")
    await office.until_status(sent.id, Status.ACCEPTED)
    (webhook_id,) = await office.post(body(statuses=(status("wamid.hola:1", "warped"),)))
    assert await office.status_of(sent.id) is Status.ACCEPTED
    webhook = await office.call(calls.GetWebhook(webhook_id=webhook_id))
    assert webhook.state is WebhookState.APPLIED
    assert webhook.facts is not None and webhook.facts[0]["provider_status"] == "warped"


async def test_a_batch_of_many_people_and_changes(office: Office) -> None:
    people = [f"3460011{number:04}" for number in range(300)]
    messages = tuple(
        text_message(f"wamid.{person}.{turn}", person, f"{turn}", at=turn)
        for turn in range(2)
        for person in people
    )
    contacts = tuple(contact(person, f"Name {person}") for person in reversed(people))
    await office.post(body(messages=messages, contacts=contacts))
    rows = await office.list()
    assert {row.title for row in rows} == {f"Name {person}" for person in people}
    assert {row.unread for row in rows} == {2}
    assert {row.last_text for row in rows} == {"1"}


@pytest.fixture
def facts_as_they_are(monkeypatch: pytest.MonkeyPatch) -> str:
    """A source of webhooks whose bodies are facts: for what no parser lets through."""

    def read(body: bytes) -> Parsed:
        return Parsed(tuple(msgspec.json.decode(body, type=list[Fact])))

    monkeypatch.setitem(registry.SOURCES, "facts", read)
    return "facts"


def message_fact(identifier: str, sender: str | None) -> MessageFact:
    return MessageFact(
        channel="whatsapp_cloud", account=NUMBER, provider_id=identifier, from_=sender, type="text",
        text=identifier, direction=Direction.IN,
    )  # fmt: skip


async def test_a_fact_that_fails_leaves_its_neighbours(
    office: Office, facts_as_they_are: str
) -> None:
    facts = [message_fact("one", "34600111222"), message_fact("bad", None),
             message_fact("two", "34600111222")]  # fmt: skip
    gate = office.desk.services.gate
    webhook_id = await gate.append(facts_as_they_are, {}, msgspec.json.encode(facts), 1)
    next_id = await gate.append("meta", {}, from_customer("three", "34600111222"), 1)
    await office.call(calls.Settle())
    assert [message.provider_id for message in await office.messages()] == ["one", "two", "three"]
    dead = await office.call(calls.ListWebhooks(state=WebhookState.DEAD))
    assert [webhook.id for webhook in dead] == [webhook_id]
    assert "fact 1" in dead[0].error and "names no sender" in dead[0].error
    assert (await office.call(calls.GetWebhook(webhook_id=next_id))).state is WebhookState.APPLIED
    assert (await office.call(calls.GetCounts())).dead == 1


async def test_a_broken_element_leaves_its_neighbours(office: Office) -> None:
    good = text_message("wamid.good", "34600111222")
    (webhook_id,) = await office.post(body(messages=({"type": "text"}, good)))
    assert len(await office.messages()) == 1
    webhook = await office.call(calls.GetWebhook(webhook_id=webhook_id))
    assert webhook.state is WebhookState.DEAD
    assert webhook.error


@pytest.mark.parametrize("rubbish", [b"", b"{", b"[]", b"{}", b"\xff", b"[" * 100_000, b"null"])
async def test_rubbish_is_kept_and_stops_nothing(office: Office, rubbish: bytes) -> None:
    ids = await office.post(rubbish, from_customer("wamid.1", "34600111222"))
    assert len(await office.messages()) == 1
    webhook = await office.call(calls.GetWebhook(webhook_id=ids[0]))
    assert webhook.state in (WebhookState.DEAD, WebhookState.IGNORED)
    assert webhook.body == rubbish.decode("utf-8", "replace")


async def test_what_has_no_inbox_waits_for_it(office: Office) -> None:
    other = {"field": "messages", "value": json.loads(
        from_customer("wamid.2", "34600111222", number=OTHER_NUMBER)
    )["entry"][0]["changes"][0]["value"]}  # fmt: skip
    mine = {"field": "messages", "value": json.loads(
        from_customer("wamid.1", "34600111222")
    )["entry"][0]["changes"][0]["value"]}  # fmt: skip
    other["value"]["messages"].append({"type": "text"})  # broken as well
    ids = await office.post(
        from_customer("wamid.3", "34600111222", number=OTHER_NUMBER), of_changes(other, mine)
    )
    assert [message.provider_id for message in await office.messages()] == ["wamid.1"]
    dead = await office.call(calls.ListWebhooks(state=WebhookState.DEAD))
    assert [webhook.id for webhook in dead] == ids
    assert dead[0].error == "not_configured"
    assert dead[1].error.startswith("not_configured")

    await office.add_second_inbox()
    inboxes = [(message.provider_id, message.inbox) for message in await office.messages()]
    assert inboxes == [("wamid.1", "Ventas"), ("wamid.3", "Soporte"), ("wamid.2", "Soporte")]
    still = await office.call(calls.ListWebhooks(state=WebhookState.DEAD))
    assert [webhook.id for webhook in still] == [ids[1]]  # the broken part
    assert "not_configured" not in still[0].error


async def test_the_window_opens_with_words_only(office: Office) -> None:
    await office.post(from_customer("wamid.1", "34600111222", at=0))
    (first,) = await office.list()
    assert first.window_ends_at is not None and first.last_message_at is not None
    assert first.window_ends_at - first.last_message_at == timedelta(hours=24)
    from webhook_bodies import echo, reaction_message

    await office.post(
        body(messages=(reaction_message("wamid.2", "34600111222", "wamid.1", "👍", at=60),)),
        body(echoes=(echo("wamid.3", "34600111222", at=70),)),
    )
    (then,) = await office.list()
    assert then.window_ends_at == first.window_ends_at
    assert then.unread == 1
    assert then.last_type == "text" and then.last_text == "from the app"
    await office.post(from_customer("wamid.4", "34600111222", at=30))
    (last,) = await office.list()
    assert last.window_ends_at == first.window_ends_at + timedelta(seconds=30)
    assert last.unread == 2
    assert last.last_text == "from the app"  # a late message does not become the last


async def test_a_status_may_come_first(office: Office) -> None:
    from webhook_bodies import echo

    await office.post(
        body(statuses=(status("wamid.e", "read", at=9), status("wamid.e", "delivered", at=8))),
        body(echoes=(echo("wamid.e", "34600111222", at=5),)),
    )
    (message,) = await office.messages()
    assert message.status is Status.READ
    assert message.delivered_at is not None and message.read_at is not None


async def test_account_problems_reach_the_diagnostics(office: Office) -> None:
    recorded = json.dumps(sample("account_errors")["body"]).encode()
    await office.post(recorded)
    seen = await office.call(calls.GetDiagnostics())
    assert seen.inboxes[0].last_error.code == "131031"
    assert seen.journal_last_id == seen.projected_id == 1


async def test_a_closed_desk_finds_what_it_had_not_applied(office: Office) -> None:
    entries = [from_customer(f"wamid.{number}", "34600111222") for number in range(5)]
    gate = office.desk.services.gate
    for entry in entries:
        await gate.append("meta", {}, entry, 1)
    await office.close(grace=0)
    await office.start()
    await office.call(calls.Settle())
    assert len(await office.messages()) == 5


async def test_a_webhook_that_comes_as_the_server_stops_is_answered(office: Office) -> None:
    gate = office.desk.services.gate
    late = [
        asyncio.create_task(gate.append("meta", {}, from_customer(f"wamid.{n}", "34600111222"), 1))
        for n in range(3)
    ]
    await asyncio.sleep(0)
    await office.close(grace=0)
    answers = await asyncio.gather(*late, return_exceptions=True)
    with pytest.raises(JournalUnavailable):
        await gate.append("meta", {}, b"{}", 1)
    await office.start()
    await office.call(calls.Settle())
    kept = {webhook.id for webhook in await office.call(calls.ListWebhooks())}
    for answer in answers:  # what was promised is there; the rest comes again
        assert answer in kept or isinstance(answer, JournalUnavailable)
