"""Webhooks: the handshake first, then signed bytes, repeated until 200."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json

import httpx
import pytest
from callback_receiver import Receiver

from vchat_tui.simulator.account import APP_SECRET, BUSINESS_ACCOUNT_ID, PHONE_NUMBER_ID
from vchat_tui.simulator.callback import NotLoopback
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.world import Simulator, SimulatorSettings


async def test_signature_is_over_the_exact_bytes(simulator, receiver):
    simulator.customer_says("lucia", "café / ñandú 👍 \x1b[31m")
    await simulator.idle()
    post = receiver.posts[0]
    expected = hmac.new(APP_SECRET.encode(), post.body, hashlib.sha256).hexdigest()
    assert post.headers["x-hub-signature-256"] == f"sha256={expected}"
    assert b"caf\\u00e9 \\/ " in post.body and post.body.isascii()
    assert receiver.messages()[0]["text"]["body"] == "café / ñandú 👍 \x1b[31m"


async def test_the_envelope_names_the_number_and_the_customer(simulator, receiver):
    message_id = simulator.customer_says("emma", "Hello")
    await simulator.idle()
    content = json.loads(receiver.posts[0].body)
    assert content["object"] == "whatsapp_business_account"
    assert content["entry"][0]["id"] == BUSINESS_ACCOUNT_ID
    value = receiver.posts[0].values[0]
    assert value["metadata"]["phone_number_id"] == PHONE_NUMBER_ID
    assert value["contacts"] == [
        {
            "profile": {"name": "Emma 🐝", "username": "emma.bee"},
            "user_id": "US.1349000000000109",
            "wa_id": "13055550117",
        }
    ]
    message = value["messages"][0]
    assert message["id"] == message_id and message["from"] == "13055550117"
    assert message["timestamp"].isdigit() and message["type"] == "text"


async def test_a_customer_without_a_number_has_only_an_id(simulator, receiver):
    simulator.customer_says("nico", "Hola")
    await simulator.idle()
    value = receiver.posts[0].values[0]
    assert "wa_id" not in value["contacts"][0]
    assert "from" not in value["messages"][0]
    assert value["messages"][0]["from_user_id"] == "CL.1349000000000106"


async def test_refused_webhooks_come_again_and_do_not_hold_up_others(simulator, receiver):
    receiver.statuses = [503, 201]
    first = simulator.customer_says("lucia", "one")
    simulator.customer_says("lucia", "two")
    await simulator.idle()
    ids = [m["id"] for m in receiver.messages()]
    assert ids.count(first) >= 2
    assert {m["text"]["body"] for m in receiver.messages()} == {"one", "two"}
    bodies = {post.body for post in receiver.posts}
    assert len(bodies) == 2, "a repeated webhook has the same bytes"


async def test_it_waits_for_a_server_that_starts_later(receiver):
    url = f"http://127.0.0.1:{receiver.port}/webhooks/meta"
    await receiver.stop()
    simulator = Simulator(SimulatorSettings(callback_url=url, pace=0.01))
    await simulator.start()
    try:
        await asyncio.sleep(0.15)
        assert receiver.posts == []
        await receiver.start(receiver.port)
        await receiver.wait(3)
        assert receiver.handshakes == 1
    finally:
        await simulator.stop()


async def test_it_survives_a_restart_of_the_server(simulator, receiver):
    await receiver.stop()
    simulator.customer_says("lucia", "one")
    simulator.customer_says("lucia", "two")
    await receiver.start(receiver.port)
    await simulator.idle()
    assert [m["text"]["body"] for m in receiver.messages()] == ["one", "two"]


async def test_nothing_is_sent_to_an_unverified_callback(receiver):
    receiver.verify = False
    url = f"http://127.0.0.1:{receiver.port}/webhooks/meta"
    simulator = Simulator(SimulatorSettings(callback_url=url, pace=0.001))
    await simulator.start()
    simulator.customer_says("lucia", "nobody may hear this")
    try:
        await receiver.wait_for_handshakes(3)
        assert receiver.posts == []
    finally:
        await simulator.stop()


async def test_a_redirect_is_not_followed(receiver):
    other = Receiver()
    receiver.redirect_to = await other.start()
    url = f"http://127.0.0.1:{receiver.port}/webhooks/meta"
    simulator = Simulator(SimulatorSettings(callback_url=url))
    await simulator.start()
    try:
        await receiver.wait_for_handshakes(2)
        assert other.handshakes == 0
    finally:
        await simulator.stop()
        await other.stop()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/webhooks/meta",
        "https://127.0.0.1/x",
        "http://127.0.0.1.example.com/",
        "http://user@127.0.0.1/",
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "http://[::2]/",
        "http://0.0.0.0/",
        "http://127.0.0.1:99999/",
        "//127.0.0.1/",
        "ftp://127.0.0.1/",
        "",
        "http://[::1",
    ],
)
async def test_only_this_machine(url, graph):
    with pytest.raises(NotLoopback):
        Simulator(SimulatorSettings(callback_url=url or "http://"))
    body = {"override_callback_uri": url, "verify_token": "x"}
    answer = await graph.post(f"/v25.0/{BUSINESS_ACCOUNT_ID}/subscribed_apps", json=body)
    assert answer.status_code == 400 and answer.json()["error"]["code"] == 100


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "[::1]", "localhost"])
async def test_every_spelling_of_this_machine(host):
    simulator = Simulator(SimulatorSettings(callback_url=f"http://{host}:8080/webhooks/meta"))
    await simulator.start()
    await simulator.stop()


async def test_subscribing_over_the_api(receiver):
    simulator = Simulator(SimulatorSettings(knobs=Knobs(status_delay=0, subscribed=False)))
    base_url = await simulator.start()
    token = simulator.settings.account.access_token
    path = f"/v25.0/{BUSINESS_ACCOUNT_ID}/subscribed_apps"
    url = f"http://127.0.0.1:{receiver.port}/webhooks/meta"
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=base_url, headers=headers, trust_env=False) as graph:
        assert (await graph.get(path)).json() == {"data": []}
        body = {"override_callback_uri": url, "verify_token": "wrong"}
        assert (await graph.post(path, json=body)).json()["error"]["code"] == 2200
        receiver.verify_token = "ours"
        body["verify_token"] = "ours"
        assert (await graph.post(path, json=body)).json() == {"success": True}
        assert (await graph.get(path)).json()["data"][0]["override_callback_uri"] == url
        simulator.customer_says("grace", "Hi")
        await simulator.idle()
        assert receiver.messages()[0]["text"]["body"] == "Hi"
        assert (await graph.delete(path)).json() == {"success": True}
        assert (await graph.get(path)).json() == {"data": []}
    await simulator.stop()


async def test_batches(simulator, receiver):
    simulator.set_knob(batch_size=10)
    for number in range(25):
        simulator.customer_says("lucia", str(number))
    await simulator.idle()
    assert [len(post.values) for post in receiver.posts] == [10, 10, 5]
    assert [m["text"]["body"] for m in receiver.messages()] == [str(n) for n in range(25)]


async def test_duplicates(simulator, receiver):
    simulator.set_knob(duplicates=2)
    message_id = simulator.customer_says("lucia", "thrice")
    await simulator.idle()
    assert [m["id"] for m in receiver.messages()] == [message_id] * 3


async def test_shuffle_changes_the_order_and_loses_nothing(simulator, receiver):
    simulator.set_knob(shuffle=True)
    for number in range(30):
        simulator.customer_says("lucia", str(number))
    await simulator.idle()
    got = [int(m["text"]["body"]) for m in receiver.messages()]
    assert got != sorted(got) and sorted(got) == list(range(30))


async def test_parallel_deliveries_lose_nothing(simulator, receiver):
    simulator.set_knob(parallel=8)
    receiver.statuses = [500] * 5
    for number in range(40):
        simulator.customer_says("lucia", str(number))
    await simulator.idle()
    assert {m["text"]["body"] for m in receiver.messages()} == {str(n) for n in range(40)}


async def test_any_value_goes_out_as_it_is(simulator, receiver):
    simulator.send_webhook({"event": "APPROVED"}, field="message_template_status_update")
    await simulator.idle()
    change = json.loads(receiver.posts[0].body)["entry"][0]["changes"][0]
    assert change == {"field": "message_template_status_update", "value": {"event": "APPROVED"}}
