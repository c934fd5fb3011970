"""Every knob on the way out: delays, faults, doubt, and statuses."""

from __future__ import annotations

import asyncio

import httpx
import msgspec
import pytest

from vchat_tui.simulator.account import BUSINESS_ACCOUNT_ID, PHONE_NUMBER_ID
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.world import Simulator, SimulatorSettings


@pytest.fixture(autouse=True)
def open_windows(simulator):
    for key in ("lucia", "marta", "nico"):
        simulator.customer_says(key, "hola")


async def statuses(simulator, receiver, count):
    """The statuses, once so many have come."""
    while len(receiver.statuses_seen()) < count:
        await receiver.wait(len(receiver.posts) + 1)
    await simulator.idle()
    return receiver.statuses_seen()


async def test_fail_next(send, simulator):
    simulator.set_knob(fail_next=2, fail_code=131048)
    answers = [await send() for _ in range(3)]
    assert [a.status_code for a in answers] == [400, 400, 200]
    assert answers[0].json()["error"]["code"] == 131048
    assert len(simulator.ledger.messages()) == 1


async def test_fail_with_a_code_that_meta_has_not_invented_yet(send, simulator):
    simulator.set_knob(fail_next=1, fail_code=987654)
    assert (await send()).json()["error"]["code"] == 987654


async def test_html(send, simulator):
    simulator.set_knob(html_next=1, html_status=502)
    answer = await send()
    assert answer.status_code == 502 and answer.headers["content-type"].startswith("text/html")
    assert simulator.ledger.messages() == []
    assert (await send()).status_code == 200


async def test_without_id(send, simulator, receiver):
    simulator.set_knob(without_id_next=1)
    answer = await send(biz_opaque_callback_data="local-9")
    assert answer.status_code == 200 and "messages" not in answer.json()
    seen = await statuses(simulator, receiver, 3)
    assert {s["biz_opaque_callback_data"] for s in seen} == {"local-9"}


async def test_drop_before(send, simulator):
    simulator.set_knob(drop_before_next=1)
    with pytest.raises(httpx.TransportError):
        await send()
    assert simulator.ledger.messages() == []


async def test_drop_after(send, simulator, receiver):
    simulator.set_knob(drop_after_next=1)
    with pytest.raises(httpx.TransportError):
        await send(biz_opaque_callback_data="local-3")
    assert [e.callback_data for e in simulator.ledger.messages()] == ["local-3"]
    assert (await statuses(simulator, receiver, 1))[0]["biz_opaque_callback_data"] == "local-3"


async def test_hang_until_the_sender_gives_up(graph, simulator):
    simulator.set_knob(hang_next=1)
    body = {"messaging_product": "whatsapp", "to": "+525555550101", "text": {"body": "hola"}}
    with pytest.raises(httpx.ReadTimeout):
        await graph.post(f"/v25.0/{PHONE_NUMBER_ID}/messages", json=body, timeout=0.3)
    assert len(simulator.ledger.messages()) == 1


async def test_stopping_ends_what_hangs(send, simulator):
    simulator.set_knob(hang_next=1)
    hanging = asyncio.create_task(send())
    while not simulator.ledger.messages():
        await asyncio.sleep(0.01)
    await simulator.stop()
    with pytest.raises(httpx.TransportError):
        await hanging


async def test_latency(send, simulator):
    simulator.set_knob(latency=3600)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(send(), 0.3)
    assert simulator.ledger.messages() == []


async def test_an_expired_token(send, graph, simulator):
    simulator.set_knob(token_expired=True)
    answer = await send()
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 190)
    assert (await graph.get(f"/v25.0/{PHONE_NUMBER_ID}")).status_code == 401
    simulator.set_knob(token_expired=False)
    assert (await send()).status_code == 200


async def test_statuses_in_order(send, simulator, receiver):
    message_id = (await send(biz_opaque_callback_data="local-1")).json()["messages"][0]["id"]
    seen = await statuses(simulator, receiver, 3)
    assert [s["status"] for s in seen] == ["sent", "delivered", "read"]
    for status in seen:
        assert status["id"] == message_id and status["recipient_id"] == "5215555550101"
        assert status["recipient_user_id"] == "MX.1349000000000101"
        assert status["biz_opaque_callback_data"] == "local-1"
    assert seen[1]["pricing"]["pricing_model"] == "PMP" and "pricing" not in seen[0]
    values = [value for post in receiver.posts for value in post.values if "statuses" in value]
    assert all(value["contacts"][0]["wa_id"] == "5215555550101" for value in values)


async def test_a_customer_without_read_receipts(send, simulator, receiver):
    await send(to="+34600000101")
    assert [s["status"] for s in await statuses(simulator, receiver, 2)] == ["sent", "delivered"]


async def test_a_customer_without_a_number(send, simulator, receiver):
    await send(to=None, recipient="CL.1349000000000106")
    seen = await statuses(simulator, receiver, 3)
    assert all("recipient_id" not in status for status in seen)
    assert {status["recipient_user_id"] for status in seen} == {"CL.1349000000000106"}


async def test_a_voice_note_is_played(send, simulator, receiver):
    voice = simulator.keep_file(b"x", "audio/ogg; codecs=opus")
    await send(type="audio", text=None, audio={"id": voice, "voice": True})
    assert (await statuses(simulator, receiver, 4))[-1]["status"] == "played"


async def test_a_reaction_is_only_sent(send, simulator, receiver):
    reaction = {"message_id": "wamid.X", "emoji": "👍"}
    await send(type="reaction", text=None, reaction=reaction)
    await send()
    seen = await statuses(simulator, receiver, 4)
    assert [s["status"] for s in seen].count("sent") == 2 and len(seen) == 4


async def test_statuses_can_come_before_the_answer(send, simulator, receiver):
    simulator.set_knob(statuses_first=True)
    message_id = (await send()).json()["messages"][0]["id"]
    assert [s["status"] for s in receiver.statuses_seen()][:1] == ["sent"]
    seen = await statuses(simulator, receiver, 3)
    assert [s["status"] for s in seen] == ["sent", "delivered", "read"]
    assert {s["id"] for s in seen} == {message_id}


async def test_no_statuses(send, simulator, receiver):
    simulator.set_knob(statuses=False)
    await send()
    simulator.set_knob(statuses=True)
    last = (await send()).json()["messages"][0]["id"]
    assert {s["id"] for s in await statuses(simulator, receiver, 3)} == {last}


async def test_late_statuses_wait(send, simulator, receiver):
    simulator.set_knob(status_delay=3600)
    await send()
    simulator.set_knob(status_delay=0)
    punctual = (await send()).json()["messages"][0]["id"]
    assert {s["id"] for s in await statuses(simulator, receiver, 3)} == {punctual}


async def test_knobs_over_http(graph, simulator):
    answer = await graph.post("/_simulator/knobs", json={"batch_size": 7, "fail_next": 2})
    assert answer.status_code == 200 and answer.json()["batch_size"] == 7
    assert (await graph.get("/_simulator/knobs")).json()["fail_next"] == 2
    assert simulator.knobs.batch_size == 7


@pytest.mark.parametrize(
    "changes",
    [b'{"no_such_knob": 1}', b'{"latency": -1}', b'{"batch_size": 0}', b'{"latency": "x"}', b"{"],
)
async def test_a_bad_knob_changes_nothing(changes, graph, simulator):
    before = simulator.knobs
    answer = await graph.post("/_simulator/knobs", content=changes)
    assert answer.status_code == 400 and answer.json()["error"]
    assert simulator.knobs == before
    with pytest.raises(msgspec.ValidationError):
        simulator.set_knob(no_such_knob=1)


async def test_check_refuses_and_records():
    def check(body):
        return ["text/body: no shouting"] if body["text"]["body"].isupper() else []

    simulator = Simulator(SimulatorSettings(knobs=Knobs(status_delay=0)), check=check)
    base_url = await simulator.start()
    simulator.customer_says("lucia", "hola")
    token = simulator.settings.account.access_token
    headers = {"Authorization": f"Bearer {token}"}
    path = f"{base_url}/v25.0/{PHONE_NUMBER_ID}/messages"
    body = {"messaging_product": "whatsapp", "to": "+525555550101", "type": "text"}
    async with httpx.AsyncClient(headers=headers, trust_env=False) as client:
        loud = await client.post(path, json=body | {"text": {"body": "HOLA"}})
        calm = await client.post(path, json=body | {"text": {"body": "hola"}})
    assert loud.status_code == 400 and loud.json()["error"]["code"] == 100
    assert calm.status_code == 200
    assert simulator.violations == ["text/body: no shouting"]
    await simulator.stop()


async def test_the_number_and_the_token(graph, simulator):
    fields = "display_phone_number,verified_name,quality_rating,status,throughput,name_status"
    number = (await graph.get(f"/v25.0/{PHONE_NUMBER_ID}?fields={fields}")).json()
    assert set(number) == {"id", *fields.split(",")} and number["id"] == PHONE_NUMBER_ID
    wrong = await graph.get(f"/v25.0/{PHONE_NUMBER_ID}?fields=shoe_size")
    assert wrong.json()["error"]["code"] == 100
    assert (await graph.get("/v25.0/12345")).json()["error"]["code"] == 33
    token = simulator.settings.account.access_token
    good = (await graph.get(f"/v25.0/debug_token?input_token={token}")).json()["data"]
    assert good["is_valid"] and "whatsapp_business_messaging" in good["scopes"]
    bad = (await graph.get("/v25.0/debug_token?input_token=x")).json()["data"]
    assert not bad["is_valid"] and bad["error"]["code"] == 190
    assert (await graph.get("/v25.0/debug_token")).status_code == 400
    numbers = (await graph.get(f"/v25.0/{BUSINESS_ACCOUNT_ID}/phone_numbers")).json()
    assert [n["id"] for n in numbers["data"]] == [PHONE_NUMBER_ID]


async def test_templates_in_pages(graph):
    path = f"/v25.0/{BUSINESS_ACCOUNT_ID}/message_templates"
    every = (await graph.get(path)).json()["data"]
    names, after, pages = [], None, 0
    while True:
        query = {"limit": "4", "fields": "name,status"} | ({"after": after} if after else {})
        page = (await graph.get(path, params=query)).json()
        names += [template["name"] for template in page["data"]]
        assert all(set(template) == {"id", "name", "status"} for template in page["data"])
        pages += 1
        if "next" not in page["paging"]:
            break
        after = page["paging"]["cursors"]["after"]
    assert names == [template["name"] for template in every] and pages == -(-len(every) // 4)
    paused = (await graph.get(path, params={"status": "PAUSED"})).json()["data"]
    assert [template["name"] for template in paused] == ["promo_invierno"]
    for cursor in ("rubbish", "////", "YXQ6LTE=", "á"):
        answer = await graph.get(path, params={"after": cursor})
        assert answer.json()["error"]["code"] == 131059
    other = await graph.get("/v25.0/999/message_templates")
    assert other.json()["error"]["code"] == 33
