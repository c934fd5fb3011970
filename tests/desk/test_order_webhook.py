"""Orders go on to the shop's system: signed, again until it has them, the answer back once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from desk_kit import Office
from shop_kit import SECRET, Shop, heard_as, is_genuine, order_webhook
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.order_posts import GIVE_UP_MS, backoff
from vchat_tui.orders import OrderDelivery, OrderState

ANA = "5215512345678"


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    """A shop that says thanks."""
    shop = Shop()
    yield shop
    await shop.stop()


@pytest.fixture
async def office(tmp_path: Path, shop: Shop) -> AsyncIterator[Office]:
    """A desk whose inbox posts its orders to the shop."""
    office = await Office.open(tmp_path / "home")
    try:
        await office.add_inbox(**shop.settings)
        yield office
        await office.check()
    finally:
        await office.close()


async def deliveries(office: Office) -> list[OrderDelivery]:
    return list(await office.call(calls.ListOrderDeliveries()))


async def until_state(office: Office, state: OrderState, tries: int = 1) -> OrderDelivery:
    """Waits until the only delivery is in a state after so many tries."""
    while True:
        (found,) = await deliveries(office)
        if found.state is state and found.tries >= tries:
            return found
        await asyncio.sleep(0.002)


async def try_now(office: Office) -> None:
    """Lets the time pass until the next try."""
    await office.write("UPDATE order_post SET next_at = 0 WHERE state = 'pending'")


async def no(request: Request, raw: bytes) -> Response:
    return JSONResponse({"error": "closed \x1b[31m for stocktaking " + "x" * 1000}, 503)


async def test_the_shop_hears_of_an_order_and_the_customer_of_its_answer(
    office: Office, shop: Shop
) -> None:
    await office.post(order_webhook("wamid.O1", note="Llamar antes"))
    done = await until_state(office, OrderState.DONE)
    ((headers, raw),) = shop.heard
    assert is_genuine(headers, raw)
    assert abs(time.time() - int(headers["webhook-timestamp"])) < 60
    order, reply = await office.messages()
    told = heard_as(raw)
    assert set(told) == {"event", "id", "user", "conversation_id", "order", "received_at"}
    assert told["event"] == "whatsapp.order"
    assert told["id"] == headers["webhook-id"] == done.delivery_id
    assert told["user"]["phone"] == f"+{ANA}"
    assert told["conversation_id"] == order.conversation_id
    assert told["order"] == order.order
    assert told["received_at"].endswith("Z")
    assert (reply.text, reply.author) == ("¡Gracias por su pedido!", "shop")
    await office.until(lambda: office.provider.texts() == ["¡Gracias por su pedido!"])
    assert (done.http_status, done.error) == (200, None)


async def test_it_goes_again_under_the_same_id_until_the_shop_has_it(
    office: Office, shop: Shop
) -> None:
    thanks, shop.answer = shop.answer, no
    await office.post(order_webhook("wamid.O1"))
    waiting = await until_state(office, OrderState.PENDING)
    assert (waiting.http_status, waiting.error) == (503, "status")
    assert waiting.answer is not None
    assert len(waiting.answer) == 200
    assert "\x1b" not in waiting.answer
    assert waiting.next_at is not None
    shop.answer = thanks
    await try_now(office)
    done = await until_state(office, OrderState.DONE)
    assert done.tries == 2
    assert len(set(shop.ids())) == 1
    assert all(is_genuine(*heard) for heard in shop.heard)


async def test_after_a_day_it_is_given_up_and_a_person_can_send_it_again(
    office: Office, shop: Shop
) -> None:
    thanks, shop.answer = shop.answer, no
    await office.post(order_webhook("wamid.O1"))
    await until_state(office, OrderState.PENDING)
    await office.write("UPDATE order_post SET next_at = 0, give_up_at = 1")
    dead = await until_state(office, OrderState.DEAD, 2)
    assert (await office.call(calls.GetDiagnostics())).orders_dead == 1
    assert dead.next_at is None
    shop.answer = thanks
    again = await office.call(calls.ResendOrder(message_id=dead.message_id))
    assert again.state is OrderState.PENDING
    await until_state(office, OrderState.DONE)
    await office.call(calls.ResendOrder(message_id=dead.message_id))  # one that was done, too
    await until_state(office, OrderState.DONE, 4)
    assert len(set(shop.ids())) == 1
    assert len(await office.messages()) == 2  # the customer hears of it once


async def test_all_that_were_given_up_go_again_together(office: Office, shop: Shop) -> None:
    thanks, shop.answer = shop.answer, no
    await office.post(*(order_webhook(f"wamid.O{number}") for number in range(3)))
    await office.write("UPDATE order_post SET next_at = 0, give_up_at = 1")
    while (await office.call(calls.GetDiagnostics())).orders_dead < 3:
        await asyncio.sleep(0.002)
    shop.answer = thanks
    assert await office.call(calls.ResendDeadOrders()) == 3
    while any(one.state is not OrderState.DONE for one in await deliveries(office)):
        await asyncio.sleep(0.002)
    assert len(await office.messages()) == 6


async def test_an_answer_that_got_lost_does_not_double_the_reply(
    office: Office, shop: Shop
) -> None:
    thanks = shop.answer

    async def broken(request: Request, raw: bytes) -> Response:
        request.scope["simulator.transport"].abort()
        return await thanks(request, raw)

    shop.answer = broken
    await office.post(order_webhook("wamid.O1"))
    waiting = await until_state(office, OrderState.PENDING)
    assert waiting.error == "unreachable"
    shop.answer = thanks
    await try_now(office)
    await until_state(office, OrderState.DONE)
    assert len(shop.heard) == 2
    await office.until(lambda: office.provider.texts() == ["¡Gracias por su pedido!"])


async def test_a_webhook_that_comes_twice_is_one_order(office: Office, shop: Shop) -> None:
    await office.post(order_webhook("wamid.O1"), order_webhook("wamid.O1"))
    await until_state(office, OrderState.DONE)
    assert len(shop.heard) == 1


async def test_redirects_are_not_followed(office: Office, shop: Shop) -> None:
    async def elsewhere(request: Request, raw: bytes) -> Response:
        return RedirectResponse(shop.url, 307)

    shop.answer = elsewhere
    await office.post(order_webhook("wamid.O1"))
    waiting = await until_state(office, OrderState.PENDING)
    assert (waiting.error, waiting.http_status) == ("redirect", 307)
    assert len(shop.heard) == 1


async def test_a_private_address_needs_the_setting(office: Office, shop: Shop) -> None:
    (inbox,) = await office.call(calls.ListInboxes())

    async def save(**values: object) -> None:
        call = calls.SaveInbox(
            inbox_id=inbox.id, name=inbox.name, channel=inbox.channel, values=values
        )
        await office.call(call)

    with pytest.raises(DeskError) as refused:
        await save(order_webhook_private=False)
    assert refused.value.field == "order_webhook_url"
    await save(order_webhook_private=False, order_webhook_url=shop.url.replace("http:", "https:"))
    await office.post(order_webhook("wamid.O1"))
    waiting = await until_state(office, OrderState.PENDING)
    assert (waiting.error, waiting.detail) == ("private_address", "127.0.0.1")
    assert shop.heard == []


async def test_a_webhook_without_a_secret_is_refused(tmp_path: Path) -> None:
    office = await Office.open(tmp_path / "home")
    try:
        with pytest.raises(DeskError) as refused:
            await office.add_inbox(order_webhook_url="https://shop.example/hook")
        assert refused.value.field == "order_webhook_secret"
    finally:
        await office.close()


async def test_without_a_url_nothing_is_posted(tmp_path: Path) -> None:
    office = await Office.open(tmp_path / "home")
    try:
        await office.add_inbox()
        await office.post(order_webhook("wamid.O1"))
        assert await deliveries(office) == []
    finally:
        await office.close()


@pytest.mark.parametrize(
    "said",
    [b"", b"thanks", b'{"reply": 7}', b'{"reply": " "}', b'["reply"]', b'{"reply"', b"[" * 5000,
     b'{"reply": null}', b"\xff\xfe"],
)  # fmt: skip
async def test_an_answer_without_words_for_the_customer_is_enough(
    office: Office, shop: Shop, said: bytes
) -> None:
    async def say(request: Request, raw: bytes) -> Response:
        return Response(said)

    shop.answer = say
    await office.post(order_webhook("wamid.O1"))
    await until_state(office, OrderState.DONE)
    assert len(await office.messages()) == 1


async def test_a_reply_that_cannot_be_sent_is_told(office: Office, shop: Shop) -> None:
    async def long(request: Request, raw: bytes) -> Response:
        return JSONResponse({"reply": "x" * 5000})

    shop.answer = long
    await office.post(order_webhook("wamid.O1"))
    done = await until_state(office, OrderState.DONE)
    assert done.error == "reply_refused"
    assert "4096" in (done.detail or "")


async def test_the_window_rules_the_reply_too(office: Office, shop: Shop) -> None:
    await office.post(order_webhook("wamid.O1", at=time.time() - 25 * 3600))
    done = await until_state(office, OrderState.DONE)
    assert done.error == "reply_refused"
    assert len(await office.messages()) == 1


async def test_a_webhook_url_that_was_taken_away_is_told(office: Office, shop: Shop) -> None:
    shop.answer = no
    await office.post(order_webhook("wamid.O1"))
    await until_state(office, OrderState.PENDING)
    (inbox,) = await office.call(calls.ListInboxes())
    await office.call(
        calls.SaveInbox(
            inbox_id=inbox.id, name=inbox.name, channel=inbox.channel,
            values={"order_webhook_url": ""},
        )
    )  # fmt: skip
    await try_now(office)
    waiting = await until_state(office, OrderState.PENDING, 2)
    assert waiting.error == "not_configured"


async def test_a_stop_in_mid_post_repeats_it_at_the_next_start(office: Office, shop: Shop) -> None:
    thanks, release = shop.answer, asyncio.Event()

    async def hang(request: Request, raw: bytes) -> Response:
        await release.wait()
        return await thanks(request, raw)

    shop.answer = hang
    await office.post(order_webhook("wamid.O1"))
    await office.until(lambda: shop.heard)
    await office.close()
    release.set()
    shop.answer = thanks
    await office.start()
    await until_state(office, OrderState.DONE)
    assert len(set(shop.ids())) == 1
    assert len(await office.messages()) == 2


async def test_the_secret_is_nowhere_in_what_is_kept(office: Office, shop: Shop) -> None:
    await office.post(order_webhook("wamid.O1"))
    await until_state(office, OrderState.DONE)
    found = [path for path in office.home.path.rglob("*") if path.is_file()]
    assert found
    assert not any(SECRET.encode() in path.read_bytes() for path in found)


def test_the_waits_grow_to_an_hour_and_fill_a_day() -> None:
    waits = [backoff(tries) for tries in range(1, 40)]
    assert 2.5 <= waits[0] <= 5
    assert all(1800 <= wait <= 3600 for wait in waits[12:])
    assert sum(waits) * 1000 > GIVE_UP_MS / 2
