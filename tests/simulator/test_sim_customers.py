"""The cast: who they are, what they say on their own, how they answer."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys

import httpx
import pytest
from callback_receiver import Receiver
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui.simulator.account import ACCESS_TOKEN, PHONE_NUMBER_ID
from vchat_tui.simulator.cast import CAST
from vchat_tui.simulator.customers import People
from vchat_tui.simulator.dialogue import PATIENCE, Brain
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.said import revoke
from vchat_tui.simulator.world import Simulator, SimulatorSettings


def without_ids(message: dict) -> dict:
    """Files are fetched anew each time, under another id and address."""
    told = {k: v for k, v in message.items() if k not in ("id", "timestamp", "context")}
    kind = message["type"]
    if isinstance(told.get(kind), dict):
        told[kind] = {k: v for k, v in told[kind].items() if k not in ("id", "url")}
    return told


async def told(seed: int, count: int) -> list[dict]:
    """The first messages that customers send on their own."""
    receiver = Receiver()
    url = await receiver.start()
    settings = SimulatorSettings(callback_url=url, pace=0.001, seed=seed)
    simulator = Simulator(settings)
    await simulator.start()
    await receiver.wait(count)
    await simulator.stop()
    await receiver.stop()
    return receiver.messages()[:count]


async def test_a_seed_tells_the_same_stories_under_new_ids():
    first, again, other = [await told(seed, 40) for seed in (7, 7, 8)]
    assert list(map(without_ids, first)) == list(map(without_ids, again))
    assert list(map(without_ids, first)) != list(map(without_ids, other))
    assert not {m["id"] for m in first} & {m["id"] for m in again}


async def test_the_stories_show_every_kind():
    messages = await told(1, 60)
    kinds = {message["type"] for message in messages}
    assert kinds >= {
        "text", "image", "audio", "sticker", "location", "contacts", "order", "document",
        "unsupported",
    }  # fmt: skip
    by_kind = {message["type"]: message for message in messages}
    assert by_kind["image"]["image"]["id"].isdigit()
    assert by_kind["audio"]["audio"]["voice"] is True
    assert by_kind["unsupported"]["errors"][0]["code"] == 131051
    assert by_kind["unsupported"]["unsupported"] == {"type": "poll"}
    assert len({m["from_user_id"] for m in messages}) >= 10


def test_the_cast_is_varied_and_nobody_is_doubled():
    assert 10 <= len(CAST) <= 15
    assert {customer.language for customer in CAST} == {"es", "en"}
    assert len({customer.key for customer in CAST}) == len(CAST)
    assert len({customer.user_id for customer in CAST}) == len(CAST)
    assert all(re.fullmatch(r"[A-Z]{2}\.[0-9]+", customer.user_id) for customer in CAST)
    numbers = [n for c in CAST for n in (c.wa_id, *c.dialled) if n]
    assert len(set(numbers)) == len(numbers) and all(n.isdigit() for n in numbers)
    assert [c.key for c in CAST if c.wa_id is None] == ["nico"]
    assert [c.key for c in CAST if not c.reads] == ["marta"]
    assert [c.key for c in CAST if not c.reachable] == ["sam"]


def test_every_spelling_finds_the_same_person():
    people = People(CAST)
    for customer in CAST:
        for address in filter(None, (customer.wa_id, customer.user_id, *customer.dialled)):
            assert people.at(address) is customer
    stranger = people.at("+44 7700 900123")
    assert stranger.wa_id == "447700900123" and stranger.reachable and not stranger.stories


def text_body(words: str) -> dict:
    return {"type": "text", "text": {"body": words}}


@pytest.mark.parametrize(
    ("key", "words", "kind", "expected"),
    [
        ("lucia", "¿Me das tu número de pedido?", "text", "48213"),
        ("daniel", "What is your order number?", "text", "48213"),
        ("lucia", "¿A qué dirección lo enviamos?", "location", None),
        ("emma", "Could you send a photo?", "image", None),
        ("emma", "Your e-mail?", "text", "customer@example.com"),
    ],
)
def test_they_answer_what_they_are_asked(key, words, kind, expected):
    answers = [
        Brain(People(CAST).called(key), n).answer("wamid.X", text_body(words)) for n in range(20)
    ]
    fitting = [said for said in answers if said and said.type == kind]
    assert len(fitting) >= 10, "now and then a thumb up instead"
    if expected:
        assert all(expected in said.content["body"] for said in fitting)


def test_taps_choose_from_what_was_offered():
    brain = Brain(CAST[0], 1)
    action = {"buttons": [{"type": "reply", "reply": {"id": "a", "title": "Sí"}}]}
    said = brain.answer(
        "wamid.X", {"type": "interactive", "interactive": {"type": "button", "action": action}}
    )
    assert said and said.content["button_reply"] == {"id": "a", "title": "Sí"}
    action = {"button": "Ver", "sections": [{"rows": [{"id": "r", "title": "Fila"}]}]}
    said = brain.answer(
        "wamid.X", {"type": "interactive", "interactive": {"type": "list", "action": action}}
    )
    assert said and said.content["list_reply"] == {"id": "r", "title": "Fila"}
    content = {"name": "promo_primavera", "language": {"code": "es"}}
    said = brain.answer("wamid.X", {"type": "template", "template": content})
    assert said and said.type == "button"
    assert said.content["text"] in ("Quiero saber más", "No recibir más")
    said = brain.answer("wamid.X", {"type": "image", "image": {"id": "1"}})
    assert said and said.type == "reaction" and said.content["message_id"] == "wamid.X"


@given(st.lists(st.text(), max_size=20), st.integers(0, 5))
def test_patience_ends_whatever_is_said(words, seed):
    brain = Brain(CAST[0], seed)
    answers = [brain.answer("wamid.X", text_body(each)) for each in words]
    assert sum(said is not None for said in answers) <= PATIENCE
    json.dumps([said.keys() for said in answers if said])


async def test_they_answer_over_the_wire(receiver):
    url = f"http://127.0.0.1:{receiver.port}/webhooks/meta"
    settings = SimulatorSettings(callback_url=url, pace=0.01, knobs=Knobs(status_delay=0))
    simulator = Simulator(settings)
    base_url = await simulator.start()
    await receiver.wait(1)
    from httpx import AsyncClient

    account = settings.account
    path = f"{base_url}/v25.0/{account.phone_number_id}/messages"
    simulator.customer_says("lucia", "hola")
    content = {
        "type": "button",
        "body": {"text": "¿Seguimos?"},
        "action": {"buttons": [{"type": "reply", "reply": {"id": "go", "title": "Sí"}}]},
    }
    body = {"messaging_product": "whatsapp", "to": "+525555550101", "type": "interactive"}
    headers = {"Authorization": f"Bearer {account.access_token}"}
    async with AsyncClient(headers=headers, trust_env=False) as client:
        answer = await client.post(path, json=body | {"interactive": content})
        sent = answer.json()["messages"][0]["id"]
    taps = []
    while not taps:
        await receiver.wait(len(receiver.posts) + 1)
        taps = [m for m in receiver.messages() if m["type"] == "interactive"]
    assert taps[0]["interactive"]["button_reply"] == {"id": "go", "title": "Sí"}
    assert taps[0]["context"]["id"] == sent
    await simulator.stop()


async def test_say_and_state_over_http(graph, simulator, receiver):
    answer = await graph.post("/_simulator/say", json={"customer": "grace", "text": "Hi"})
    await simulator.idle()
    assert receiver.messages()[0]["id"] == answer.json()["id"]
    assert (await graph.post("/_simulator/say", json={"customer": "x", "text": ""})).is_error
    assert (await graph.post("/_simulator/say", content=b"[]")).status_code == 400
    state = (await graph.get("/_simulator/state")).json()
    assert state["verified"] and state["webhooks"] == {"delivered": 1}
    assert len(state["customers"]) == len(CAST)


PROGRAM = (
    "import asyncio, sys; from vchat_tui.simulator.__main__ import run;"
    "asyncio.run(run(0, None, 1.0, 1, stop_with_stdin='stdin' in sys.argv))"
)


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT", "stdin"])
async def test_the_program_stops_when_asked(how):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, how,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env={**os.environ},
    )  # fmt: skip
    assert process.stdout and process.stdin
    line = (await process.stdout.readline()).decode()
    assert re.fullmatch(r"simulator on http://127\.0\.0\.1:[0-9]+\n", line)
    if how == "stdin":
        process.stdin.close()
    else:
        process.send_signal(getattr(signal, how))
    assert await process.wait() == 0


LUCIA = next(one.wa_id for one in CAST if one.key == "lucia")


async def test_a_reaction_to_what_is_deleted_or_a_reaction_fails_by_webhook(simulator, receiver):
    simulator.set_knob(pair_seconds=0)
    async with httpx.AsyncClient(base_url=simulator.base_url, trust_env=False) as client:

        async def react(target: str) -> str:
            answer = await client.post(
                f"/v25.0/{PHONE_NUMBER_ID}/messages",
                headers={"Authorization": f"Bearer {ACCESS_TOKEN}"},
                json={"messaging_product": "whatsapp", "recipient_type": "individual",
                      "to": LUCIA, "type": "reaction",
                      "reaction": {"message_id": target, "emoji": "👍"}},
            )  # fmt: skip
            assert answer.status_code == 200, answer.text
            return str(answer.json()["messages"][0]["id"])

        said = simulator.customer_says("lucia", "uno")
        good = await react(said)
        simulator.customer_sends("lucia", revoke(said))
        bad = [await react(said), await react(good)]

        def failed() -> list[dict]:
            return [status for status in receiver.statuses_seen() if status["id"] in bad]

        while len(failed()) < 2:
            await asyncio.sleep(0.005)
    for status in failed():
        assert status["status"] == "failed" and status["errors"][0]["code"] == 131009
