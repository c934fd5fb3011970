"""Texts to many: by SMS, and on WhatsApp to those with an open window; words that stand for many."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from broadcast_kit import OFFER, add, draft, number, people_of, sent_to, until_state, with_templates
from desk_kit import SMS_NUMBER, Office
from webhook_bodies import from_customer

from vchat_tui.broadcast_models import BroadcastContent, BroadcastPlan
from vchat_tui.channels.base import Capabilities
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError

DAY_S = 24 * 3600
HELLO = BroadcastContent(text="Hola {recipient_name|amigo}, hoy cerramos a las seis.")


@pytest.fixture
async def texting(empty_office: Office) -> Office:
    """A WhatsApp inbox with templates, and a fast SMS inbox."""
    await with_templates(empty_office, OFFER)
    await empty_office.add_sms_inbox()
    return empty_office


async def sms_inbox(office: Office) -> int:
    return next(inbox.id for inbox in await office.call(calls.ListInboxes()) if inbox.name == "SMS")


async def plan(office: Office, broadcast_id: int) -> BroadcastPlan:
    found: BroadcastPlan = await office.call(calls.PlanBroadcast(broadcast_id=broadcast_id))
    return found


async def made(office: Office, content: BroadcastContent = HELLO, **people: Any) -> int:
    return (await draft(office, await sms_inbox(office), content, **people)).id


async def test_an_sms_to_typed_numbers_and_customers_of_whatsapp(texting: Office) -> None:
    await texting.post(from_customer("wamid.1", "5215512345678"))
    which = await made(texting, matching="", typed=(f"+{number(1)}", f"+{number(2)}", "pan"))
    found = await plan(texting, which)
    assert (found.ready, found.left_out, found.segments) == (3, {"not_a_number": 1}, 3)
    assert (found.category, found.answers) == (None, True)
    await texting.call(calls.StartBroadcast(broadcast_id=which))
    await until_state(texting, which, "done")
    assert sent_to(texting) == {"525512345678": 1, number(1): 1, number(2): 1}
    assert set(texting.provider.texts()) == {"Hola amigo, hoy cerramos a las seis."}


async def test_who_wants_none_gets_none(texting: Office) -> None:
    inbox_id = await sms_inbox(texting)
    body = f"\nMessageSid=SM1&From=%2B{number(1)}&To=%2B{SMS_NUMBER[1:]}&Body=BAJA".encode()
    await texting.desk.services.gate.append("twilio", {}, body, 1)
    await texting.call(calls.Settle())
    which = (await draft(texting, inbox_id, HELLO, typed=(f"+{number(1)}", f"+{number(2)}"))).id
    assert (await plan(texting, which)).left_out == {"opted_out": 1}
    await texting.call(calls.StartBroadcast(broadcast_id=which))
    await until_state(texting, which, "done")
    assert sent_to(texting) == {number(2): 1}


async def test_what_it_costs_and_how_long_it_takes(texting: Office) -> None:
    texting.provider.capabilities = Capabilities(max_text=1600, sends_per_second=1)
    await texting.call(calls.SaveServerSettings(values={"public_url": "https://c.example"}))
    long = BroadcastContent(text="á" * 71 + " {conversation_url_parameter}")
    which = await made(texting, long, typed=[f"+{number(index)}" for index in range(30)])
    found = await plan(texting, which)
    assert found.segments == 30 * 2 and found.sample is not None
    assert "https://c.example/c/x" in found.sample


async def test_a_sender_name_is_warned_of(texting: Office) -> None:
    inbox_id = await texting.add_sms_inbox("Avisos", "ACME")
    which = (await draft(texting, inbox_id, HELLO, typed=(f"+{number(1)}",))).id
    assert (await plan(texting, which)).answers is False


async def test_the_whole_link_is_in_the_text(texting: Office) -> None:
    await texting.call(calls.SaveServerSettings(values={"public_url": "https://c.example"}))
    which = await made(
        texting, BroadcastContent(text="{conversation_url_parameter}"), typed=(f"+{number(1)}",)
    )
    await texting.call(calls.StartBroadcast(broadcast_id=which))
    await until_state(texting, which, "done")
    [link] = texting.provider.texts()
    assert link.startswith("https://c.example/c/") and "xxxx" not in link


async def test_a_test_goes_by_sms(texting: Office) -> None:
    which = await made(texting, typed=(f"+{number(1)}",))
    await texting.call(
        calls.SendBroadcastTest(broadcast_id=which, client_id="t", to=f"+{number(9)}")
    )
    while not texting.provider.sent:
        await texting.told()
    assert sent_to(texting) == {number(9): 1}


# ---- words that stand for many ------------------------------------------------------------------


async def test_all_and_one_channel(texting: Office) -> None:
    await texting.post(from_customer("wamid.1", "5215512345678"))
    await texting.call(
        calls.StartConversation(inbox_id=await sms_inbox(texting), address=f"+{number(1)}")
    )
    for word, count in (("All", 2), ("todos", 2), ("WhatsApp", 1), ("sms", 1)):
        which = (await draft(texting, await sms_inbox(texting), HELLO, word, typed=(word,))).id
        assert len(await people_of(texting, which)) == count, word
        await add(texting, which, typed=(word,))
        assert len(await people_of(texting, which)) == count, "nobody twice"


@pytest.mark.parametrize("word", ["telegram", "Messenger", "line"])
async def test_a_channel_that_is_not_here(texting: Office, word: str) -> None:
    which = await made(texting, typed=(f"+{number(1)}",))
    with pytest.raises(
        DeskError, match=f"no channel “{word}” here; there are: sms, whatsapp"
    ) as no:
        await add(texting, which, typed=(f"+{number(2)}", word))
    assert no.value.field == "typed"
    assert len(await people_of(texting, which)) == 1, "nothing was half done"


# ---- text on WhatsApp ---------------------------------------------------------------------------


@pytest.mark.parametrize("started", [False, True])
async def test_the_others_are_offered_the_template(texting: Office, started: bool) -> None:
    await texting.post(
        from_customer("wamid.1", number(1)), from_customer("wamid.2", number(2), at=-DAY_S)
    )
    first = (await draft(texting, 1, HELLO, "texto", matching="", typed=(f"+{number(3)}",))).id
    assert (await plan(texting, first)).left_out == {"window_closed": 2}
    if started:
        await texting.call(calls.StartBroadcast(broadcast_id=first))
        await until_state(texting, first, "done")
        assert sent_to(texting) == {number(1): 1}
    offer = BroadcastContent(template="oferta", language="es", values={"body.1": "amigo"})
    rest = (await draft(texting, 1, offer, "resto", closed_in=first)).id
    assert (await plan(texting, rest)).ready == 2
    await texting.call(calls.StartBroadcast(broadcast_id=rest))
    await until_state(texting, rest, "done")
    assert sent_to(texting) == Counter({number(1): int(started), number(2): 1, number(3): 1})


async def test_nobody_is_left_out(texting: Office) -> None:
    await texting.post(from_customer("wamid.1", number(1)))
    first = (await draft(texting, 1, HELLO, matching="")).id
    with pytest.raises(DeskError, match="Nobody is left out"):
        await add(texting, first, closed_in=first)
