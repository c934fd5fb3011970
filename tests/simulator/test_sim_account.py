"""What the simulator says of tokens, business accounts and subscriptions, and its prompt."""

from __future__ import annotations

import time

import httpx
import pytest

from vchat_tui.simulator.account import (
    BUSINESS_ACCOUNT_ID,
    OTHER_BUSINESS_ACCOUNT_ID,
    PHONE_NUMBER_ID,
    SECOND,
    Account,
)
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.prompt import Prompt, introduction
from vchat_tui.simulator.world import Simulator, SimulatorSettings


@pytest.fixture
async def two_numbers(receiver):
    simulator = Simulator(
        SimulatorSettings(
            callback_url=f"http://127.0.0.1:{receiver.port}/webhooks/meta",
            more_numbers=(SECOND,),
            knobs=Knobs(status_delay=0),
        )
    )
    await simulator.start()
    await simulator.verified()
    yield simulator
    await simulator.stop()


async def token_of(graph, simulator):
    token = simulator.settings.account.access_token
    return (await graph.get(f"/v25.0/debug_token?input_token={token}")).json()


async def test_a_temporary_token_ends(graph, simulator):
    simulator.set_knob(token_expires_at=time.time() + 3600)
    data = (await token_of(graph, simulator))["data"]
    assert data["type"] == "USER" and data["is_valid"] and data["expires_at"] > time.time()
    simulator.set_knob(token_expires_at=time.time() - 1)
    error = (await token_of(graph, simulator))["error"]
    assert (error["code"], error["error_subcode"]) == (190, 463)


async def test_a_wrong_token_never_was_one(simulator):
    headers = {"Authorization": "Bearer wrong"}
    async with httpx.AsyncClient(
        base_url=simulator.base_url, headers=headers, trust_env=False
    ) as stranger:
        error = (await stranger.get(f"/v25.0/{PHONE_NUMBER_ID}")).json()["error"]
    assert error["code"] == 190 and "error_subcode" not in error


async def test_a_token_without_a_permission(graph, simulator, send):
    simulator.set_knob(token_scopes=("whatsapp_business_messaging",))
    answer = await graph.get(f"/v25.0/{BUSINESS_ACCOUNT_ID}/message_templates?limit=1")
    assert answer.json()["error"]["code"] == 200
    simulator.set_knob(token_scopes=("whatsapp_business_management",))
    assert (await send()).json()["error"]["code"] == 200


async def test_ids_of_something_else(graph):
    number = await graph.get(f"/v25.0/{PHONE_NUMBER_ID}/message_templates?limit=1")
    assert number.json()["error"]["code"] == 100
    nothing = await graph.get("/v25.0/55555/message_templates?limit=1")
    assert nothing.json()["error"]["code"] == 33
    other = (await graph.get(f"/v25.0/{OTHER_BUSINESS_ACCOUNT_ID}/phone_numbers")).json()
    assert PHONE_NUMBER_ID not in [number["id"] for number in other["data"]]


async def test_without_a_subscription_nothing_comes(simulator, receiver):
    simulator.set_knob(subscribed=False)
    simulator.customer_says("lucia", "lost")
    await simulator.idle()
    assert receiver.posts == []
    simulator.set_knob(subscribed=True)
    simulator.customer_says("lucia", "heard")
    await simulator.idle()
    assert receiver.messages()[0]["text"]["body"] == "heard"


async def test_a_payment_problem_blocks(graph, simulator):
    path = f"/v25.0/{PHONE_NUMBER_ID}?fields=health_status"
    assert (await graph.get(path)).json()["health_status"]["can_send_message"] == "AVAILABLE"
    simulator.set_knob(payment_problem=True)
    health = (await graph.get(path)).json()["health_status"]
    assert health["can_send_message"] == "BLOCKED"
    assert health["entities"][1]["errors"][0]["error_code"] == 141006


async def test_two_numbers_each_with_its_own_messages(two_numbers, receiver):
    two_numbers.customer_says("lucia", "to the second", to=SECOND.phone_number_id)
    await two_numbers.idle()
    metadata = receiver.posts[0].values[0]["metadata"]
    assert metadata["phone_number_id"] == SECOND.phone_number_id
    headers = {"Authorization": f"Bearer {SECOND.access_token}"}
    body = {"messaging_product": "whatsapp", "to": "+525555550101", "text": {"body": "hi"}}
    async with httpx.AsyncClient(base_url=two_numbers.base_url, headers=headers) as graph:
        numbers = (await graph.get(f"/v25.0/{BUSINESS_ACCOUNT_ID}/phone_numbers")).json()["data"]
        assert [n["id"] for n in numbers] == [PHONE_NUMBER_ID, SECOND.phone_number_id]
        sent = await graph.post(f"/v25.0/{SECOND.phone_number_id}/messages", json=body)
        assert sent.status_code == 200
    await receiver.wait(2)
    assert receiver.posts[1].values[0]["metadata"]["phone_number_id"] == SECOND.phone_number_id


async def test_the_prompt_plays_meta_and_the_customers(receiver):
    simulator = Simulator(SimulatorSettings(knobs=Knobs(subscribed=False)))
    base_url = await simulator.start()
    prompt = Prompt(simulator)
    told = introduction(base_url, (Account(), SECOND))
    for value in (base_url, PHONE_NUMBER_ID, SECOND.phone_number_id, BUSINESS_ACCOUNT_ID):
        assert value in told
    url = f"http://127.0.0.1:{receiver.port}/webhooks/meta"
    receiver.verify_token = "mine"
    assert "couldn't be validated" in await prompt.answer(f"verify {url} wrong")
    assert "this machine only" in await prompt.answer("verify https://example.com/ mine")
    assert "Verified" in await prompt.answer(f"verify {url} mine")
    assert "nothing arrives" in await prompt.answer("write")
    assert await prompt.answer("set subscribed true") == "Done."
    assert await prompt.answer("write Hello there") == "Written."
    await simulator.idle()
    assert receiver.messages()[0]["text"]["body"] == "Hello there"
    await prompt.answer("token expired")
    assert simulator.knobs.token_expires_at < time.time()
    await prompt.answer("token permanent")
    assert simulator.knobs.token_expires_at is None
    assert "one of" in await prompt.answer("token forever")
    assert "verify" in await prompt.answer("what?")
    assert "unknown field" in await prompt.answer("set shoe_size 43")
    assert await prompt.answer("") == ""
    await simulator.stop()
