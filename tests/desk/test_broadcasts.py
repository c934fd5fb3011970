"""A broadcast from draft to done: who gets it, who does not, and what stops it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from broadcast_kit import (
    OFFER,
    TEMPLATE,
    add,
    customers,
    draft,
    get,
    number,
    people_of,
    sent_to,
    until_counts,
    until_state,
    with_templates,
)
from desk_kit import Office
from webhook_bodies import ACCOUNT, of_changes, text_message
from webhook_bodies import body as webhook

from vchat_tui.broadcast_models import BroadcastContent, BroadcastPlan
from vchat_tui.channels.base import ErrorClass, Outcome, Outgoing, Rejected
from vchat_tui.desk import calls
from vchat_tui.models import MessageError, Status


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    opened = await Office.open(tmp_path / "home")
    yield opened
    await opened.close()


@pytest.fixture
async def inbox(office: Office) -> int:
    return await with_templates(office, OFFER)


async def plan(office: Office, broadcast_id: int) -> BroadcastPlan:
    found: BroadcastPlan = await office.call(calls.PlanBroadcast(broadcast_id=broadcast_id))
    return found


async def test_everybody_gets_it_once(office: Office, inbox: int) -> None:
    await customers(office, 300)
    made = await draft(office, inbox)
    assert made.counts == {"pending": 300}
    await office.call(calls.StartBroadcast(broadcast_id=made.id))
    done = await until_state(office, made.id, "done")
    assert done.counts == {"accepted": 300}
    assert sent_to(office) == {number(index): 1 for index in range(300)}
    (sent, *_rest) = office.provider.sent
    assert sent.content.text == "Hola amigo, hay una oferta para usted."
    assert sent.content.template


async def test_numbers_of_nobody_become_users_when_it_is_sent_and_wait_in_the_archive(
    office: Office, inbox: int
) -> None:
    made = await draft(office, inbox, typed=(f"+{number(1)}\n+{number(2)}; +34 600 000 002, hola",))
    assert made.counts == {"pending": 2, "skipped": 2}
    assert not (await office.call(calls.ListUsers())).rows
    checked = await plan(office, made.id)
    assert checked.ready == 2
    assert checked.left_out == {"duplicate": 1, "not_a_number": 1}
    await office.call(calls.StartBroadcast(broadcast_id=made.id))
    await until_state(office, made.id, "done")
    assert set(sent_to(office)) == {number(1), number(2)}
    assert len((await office.call(calls.ListUsers())).rows) == 2
    assert not await office.list()
    await office.post(webhook(messages=(text_message("wamid.answer", number(1)),)))
    assert len(await office.list()) == 1


async def test_what_may_be_typed(office: Office, inbox: int) -> None:
    await customers(office, 1)
    (user,) = (await office.call(calls.ListUsers())).rows
    typed = (f"#{user.id}", number(0), number(9), "99", "ES.nobody1", "+34 1")
    made = await draft(office, inbox, typed=typed)
    reasons = [(row.address, row.reason) for row in await people_of(office, made.id)]
    assert reasons == [
        (f"#{user.id}", None),
        (number(0), "duplicate"),
        (number(9), "not_a_number"),  # without a country nobody knows whose it is
        ("99", "no_user"),
        ("ES.nobody1", "no_user"),
        ("+34 1", "not_a_number"),
    ]


async def test_who_is_left_out(office: Office, inbox: int) -> None:
    await customers(office, 6)
    users = (await office.call(calls.ListUsers(limit=10))).rows
    ids = {user.phone: user.id for user in users}
    await office.post(webhook(messages=(text_message("w1", number(0), "STOP", at=9),)))
    for column, index in (("unreachable_at", 1), ("withheld_at", 2)):
        await office.write(
            f"UPDATE identity SET {column} = 1e13 WHERE user_id = ?", ids[f"+{number(index)}"]
        )
    await office.call(calls.SaveUser(user_id=ids[f"+{number(3)}"], name="Ana"))
    content = msgspec.structs.replace(TEMPLATE, values={"body.1": "{recipient_name}"})
    made = await draft(office, inbox, content)
    checked = await plan(office, made.id)
    assert checked.ready == 1
    assert checked.left_out == {
        "opted_out": 1, "unreachable": 1, "withheld": 1, "missing_value": 2,
    }  # fmt: skip
    assert checked.category == "marketing"
    assert checked.sample == "Hola Ana, hay una oferta para usted."
    await office.call(calls.StartBroadcast(broadcast_id=made.id))
    done = await until_state(office, made.id, "done")
    assert done.counts == {"accepted": 1, "skipped": 5}
    assert set(sent_to(office)) == {number(3)}


async def test_a_text_goes_only_into_open_windows(office: Office, inbox: int) -> None:
    await customers(office, 3)
    await office.write("UPDATE conversation SET window_ends_at = 1 WHERE id = 2")
    await office.write("UPDATE conversation SET window_ends_at = 4e12 WHERE id <> 2")
    made = await draft(office, inbox, BroadcastContent(text="Hola {nombre_destinatario|amigo}"))
    assert (await plan(office, made.id)).left_out == {"window_closed": 1}


async def test_everybody_in_their_language(office: Office) -> None:
    english = msgspec.structs.replace(
        OFFER, language="en_US", components=({"type": "BODY", "text": "Hi {{1}}"},)
    )
    inbox = await with_templates(office, OFFER, english)
    await customers(office, 2)
    (first, second) = (await office.call(calls.ListUsers())).rows
    await office.call(calls.SaveUser(user_id=second.id, language="en"))
    made = await draft(office, inbox)
    await office.call(calls.StartBroadcast(broadcast_id=made.id))
    await until_state(office, made.id, "done")
    languages = {
        message.address: message.content.template.language
        for message in office.provider.sent
        if message.content.template
    }
    assert languages == {(first.phone or "")[1:]: "es", (second.phone or "")[1:]: "en_US"}


async def test_how_many_may_be_reached_today(office: Office, inbox: int) -> None:
    await customers(office, 4)
    made = await draft(office, inbox)
    assert (await plan(office, made.id)).reach_left is None
    value = {"max_daily_conversations_per_business": "TIER_2K", "max_phone_numbers_per_business": 5}
    await office.post(of_changes({"field": "business_capability_update", "value": value}))
    assert ACCOUNT
    assert (await plan(office, made.id)).reach_left == 2000
    await office.call(calls.StartBroadcast(broadcast_id=made.id))
    await until_state(office, made.id, "done")
    assert (await plan(office, made.id)).reach_left == 1996


async def test_a_test_goes_to_one_number_beside_the_broadcast(office: Office, inbox: int) -> None:
    await customers(office, 2)
    made = await draft(office, inbox)
    sent = await office.call(
        calls.SendBroadcastTest(broadcast_id=made.id, client_id="t", to="+34 611 111 111")
    )
    await office.until_status(sent.id, Status.ACCEPTED)
    assert set(sent_to(office)) == {"34611111111"}
    assert (await get(office, made.id)).counts == {"pending": 2}


async def test_pause_takes_back_what_has_not_left_and_resume_goes_on(
    office: Office, inbox: int
) -> None:
    await customers(office, 200)
    made = await draft(office, inbox)
    office.provider.answer = office.provider.hang
    await office.call(calls.StartBroadcast(broadcast_id=made.id))
    await office.until(lambda: office.provider.sent)
    paused = await office.call(calls.PauseBroadcast(broadcast_id=made.id))
    assert paused.counts.get("queued") is None
    office.provider.answer = office.provider.accept
    office.provider.release.set()
    resumed = await office.call(calls.ResumeBroadcast(broadcast_id=made.id))
    assert resumed.state == "running"
    done = await until_state(office, made.id, "done")
    assert done.counts == {"accepted": 200}
    assert max(sent_to(office).values()) == 1


async def test_cancel_leaves_the_rest_alone(office: Office, inbox: int) -> None:
    await customers(office, 200)
    made = await draft(office, inbox)
    office.provider.answer = office.provider.hang
    await office.call(calls.StartBroadcast(broadcast_id=made.id))
    await office.until(lambda: office.provider.sent)
    cancelled = await office.call(calls.CancelBroadcast(broadcast_id=made.id))
    office.provider.release.set()
    left = len(office.provider.sent)
    assert cancelled.counts["skipped"] == 200 - cancelled.counts["sending"]
    await until_counts(office, made.id, {"accepted": left, "skipped": 200 - left})
    with pytest.raises(calls.DeskError):
        await office.call(calls.ResumeBroadcast(broadcast_id=made.id))


@pytest.mark.parametrize(
    ("code", "pauses"), [("131048", False), ("131042", True), ("132015", False), ("368", True)]
)
async def test_errors_that_stop_it(office: Office, inbox: int, code: str, pauses: bool) -> None:
    await customers(office, 300)
    made = await draft(office, inbox)
    office.provider.answer = office.provider.reject(code, ErrorClass.OTHER, pauses=pauses)
    await office.call(calls.StartBroadcast(broadcast_id=made.id))
    paused = await until_state(office, made.id, "paused")
    assert paused.reason and paused.reason.code == code
    assert len(office.provider.sent) < 200, "the rest was not even tried"
    while (await office.call(calls.GetBroadcast(broadcast_id=made.id))).counts.get("sending"):
        await asyncio.sleep(0.01)  # what was under way hears the same, and would stop it again
    if pauses:
        with pytest.raises(calls.DeskError, match="is stopped"):
            await office.call(calls.ResumeBroadcast(broadcast_id=made.id))
        await office.call(calls.ResumeInbox(inbox_id=inbox))
    office.provider.answer = office.provider.accept
    await office.call(calls.ResumeBroadcast(broadcast_id=made.id))
    done = await until_state(office, made.id, "done")
    assert done.counts.get("accepted", 0) + done.counts.get("failed", 0) == 300


async def test_failed_ones_go_again_only_where_that_may_help(office: Office, inbox: int) -> None:
    await customers(office, 5)
    made = await draft(office, inbox)
    codes = {number(0): "131049", number(1): "131050", number(2): "131026", number(3): "131000"}

    def answer(message: Outgoing, attempt: int) -> Outcome:
        code = codes.get(message.address or "")
        if code is None:
            return office.provider.accept(message, attempt)
        return Rejected(error=MessageError(code=code), error_class=ErrorClass.OTHER)

    office.provider.answer = answer
    await office.call(calls.StartBroadcast(broadcast_id=made.id))
    done = await until_state(office, made.id, "done")
    assert done.counts == {"accepted": 1, "failed": 4}
    office.provider.answer = office.provider.accept
    await office.call(calls.RetryBroadcast(broadcast_id=made.id))
    done = await until_state(office, made.id, "done")
    assert done.counts == {"accepted": 2, "failed": 3}
    assert sent_to(office)[number(3)] == 2
    with pytest.raises(calls.DeskError, match="None failed"):
        await office.call(calls.RetryBroadcast(broadcast_id=made.id))


async def test_one_of_unknown_fate_never_goes_again_by_itself(office: Office, inbox: int) -> None:
    await customers(office, 3)
    made = await draft(office, inbox)
    office.provider.answer = office.provider.silent
    await office.call(calls.StartBroadcast(broadcast_id=made.id))
    done = await until_state(office, made.id, "done")
    assert done.counts == {"unknown": 3}
    with pytest.raises(calls.DeskError, match="None failed"):
        await office.call(calls.RetryBroadcast(broadcast_id=made.id))


async def test_it_starts_by_itself_at_its_time(office: Office, inbox: int) -> None:
    await customers(office, 2)
    made = await draft(office, inbox)
    now = datetime.now(UTC)
    for at in (now - timedelta(minutes=1), now.replace(tzinfo=None) + timedelta(days=1)):
        with pytest.raises(calls.DeskError):
            await office.call(calls.StartBroadcast(broadcast_id=made.id, at=at))
    later = await office.call(
        calls.StartBroadcast(broadcast_id=made.id, at=now + timedelta(hours=1))
    )
    assert later.state == "scheduled"
    await office.write("UPDATE broadcast SET scheduled_at = 1")
    assert (await until_state(office, made.id, "done")).counts == {"accepted": 2}


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (BroadcastContent(), "template"),
        (BroadcastContent(template="nada"), "template"),
        (BroadcastContent(template="oferta", language="fr"), "language"),
        (BroadcastContent(template="oferta", language="es"), "body.1"),
        (BroadcastContent(template="oferta", values={"body.1": "{nada}"}), "body.1"),
        (BroadcastContent(template="oferta", values={"body.1": "x", "body.2": "y"}), "body.2"),
        (BroadcastContent(text="{nada}"), "text"),
        (BroadcastContent(text=" "), "text"),
    ],
)
async def test_what_nobody_could_get_is_refused_next_to_its_field(
    office: Office, inbox: int, content: BroadcastContent, field: str
) -> None:
    with pytest.raises(calls.DeskError) as refused:
        await draft(office, inbox, content)
    assert refused.value.field == field


async def test_two_who_turn_out_to_be_one_get_one(office: Office, inbox: int) -> None:
    await office.post(
        webhook(messages=(text_message("w1", None, person="ES.1"),)),
        webhook(messages=(text_message("w2", number(1)),)),
    )
    made = await draft(office, inbox)
    assert made.counts == {"pending": 2}
    await office.post(webhook(messages=(text_message("w3", number(1), person="ES.1", at=5),)))
    await office.call(calls.StartBroadcast(broadcast_id=made.id))
    done = await until_state(office, made.id, "done")
    assert done.counts == {"accepted": 1, "skipped": 1}


async def test_everybody_gets_a_link_of_their_own(office: Office, inbox: int) -> None:
    await office.call(calls.SaveServerSettings(values={"public_url": "https://chat.example.com"}))
    await customers(office, 2)
    link = msgspec.structs.replace(TEMPLATE, values={"body.1": "{conversation_url_parameter}"})
    made = await draft(
        office, inbox, link, typed=(f"+{number(0)}", f"+{number(1)}", f"+{number(7)}")
    )
    assert (await plan(office, made.id)).ready == 3
    await office.call(calls.StartBroadcast(broadcast_id=made.id))
    assert (await until_state(office, made.id, "done")).counts == {"accepted": 3}
    texts = {message.content.text or "" for message in office.provider.sent}
    assert len(texts) == 3
    assert not any("x" * 40 in text for text in texts)


async def test_a_draft_may_be_thrown_away(office: Office, inbox: int) -> None:
    made = await draft(office, inbox, typed=(f"+{number(1)}",))
    await add(office, made.id, typed=(f"+{number(2)}",))
    await office.call(calls.DeleteBroadcast(broadcast_id=made.id))
    assert await office.call(calls.ListBroadcasts()) == ()
