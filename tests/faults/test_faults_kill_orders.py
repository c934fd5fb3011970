"""kill -9 while orders are on their way to the shop: each arrives, under one id however often, and
the customer reads the shop's answer once."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from faults_kit import Acks, Line, Server, configured_home, desk_of, size, until, webhook
from invariants import check_invariants, opened

from vchat_tui.desk import calls
from vchat_tui.orders import OrderState
from vchat_tui.simulator import account, shop
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.world import Simulator, SimulatorSettings

EACH = 4  # orders in a cycle


def order(number: int) -> dict[str, Any]:
    """The `value` of an order; everybody orders once."""
    item = {"product_retailer_id": "A", "quantity": 1, "item_price": number, "currency": "USD"}
    message = {
        "from": f"5255{10_000_000 + number}", "id": f"wamid.O{number}", "timestamp": str(int(time.time())),
        "type": "order", "order": {"catalog_id": "1", "product_items": [item]},
    }  # fmt: skip
    return {"messages": [message]}


def hurry(home: Path) -> None:
    """Lets the time pass until the next try, while no server runs."""
    with sqlite3.connect(home / "vchat.db") as db:
        db.execute("UPDATE order_post SET next_at = 0 WHERE state = 'pending'")
    db.close()


@pytest.mark.timeout(900)
async def test_killed_while_posting_orders(tmp_path: Path) -> None:
    knobs = Knobs(statuses=False, pair_seconds=0, sends_per_second=10_000)
    simulator = Simulator(SimulatorSettings(knobs=knobs))
    base_url = await simulator.start()
    home = configured_home(
        tmp_path / "home", base_url, order_webhook_url=base_url + shop.PATH,
        order_webhook_secret=account.SHOP_SECRET, order_webhook_private=True,
    )  # fmt: skip
    server, acks, rng = Server(home), Acks(), random.Random(7)
    cycles, number = size(12, 100), 0
    try:
        for _ in range(cycles):
            simulator.set_knob(shop_delay=rng.uniform(0, 0.1), shop_drop_next=rng.randint(0, 2))
            await asyncio.to_thread(server.start)
            line = Line(server.port, acks)
            for _ in range(EACH):
                number += 1
                simulator.send_webhook(order(number))  # opens the customer's window
                assert await line.send(webhook(order(number))) == 200
            await asyncio.sleep(rng.uniform(0, 0.25))
            server.kill()
            await line.close()
            hurry(home)
        simulator.set_knob(shop_delay=0, shop_drop_next=0, shop_fail_next=1)
        await asyncio.to_thread(server.start)
        async with desk_of(home) as desk:

            async def all_done() -> bool:
                posts = await desk.call(calls.ListOrderDeliveries(limit=500))
                for post in posts:
                    if post.state is not OrderState.DONE and post.tries:
                        await desk.call(calls.ResendOrder(message_id=post.message_id))
                left = [post for post in posts if post.state is not OrderState.DONE]
                return len(posts) == number and not left

            await until(all_done)

            async def nothing_queued() -> bool:
                return (await desk.call(calls.GetDiagnostics())).outbox_queued == 0

            await until(nothing_queued)
        assert await asyncio.to_thread(server.stop) == 0
        check(home, simulator, number)
        check_invariants(home, acks.bodies, simulator.ledger.messages())
    finally:
        server.kill()
        await simulator.stop()
    repeated = sum(delivery.repeated for delivery in simulator.shop.deliveries)
    assert repeated, "the kills hit no post, so they mean nothing"
    print(f"{cycles} kills, {number} orders, {repeated} heard again, every answer queued once")


def check(home: Path, simulator: Simulator, number: int) -> None:
    """Each order reached the shop under one id, and made one reply that went at most once."""
    assert simulator.shop.rejected == []
    ids: dict[int, set[str]] = {}
    for delivery in simulator.shop.deliveries:
        price = delivery.body["order"]["product_items"][0]["item_price"]
        ids.setdefault(price, set()).add(delivery.id)
    assert sorted(ids) == list(range(1, number + 1))
    assert all(len(known) == 1 for known in ids.values())
    with opened(home / "vchat.db") as db:
        rows = db.execute("SELECT client_id FROM message WHERE direction = 'out'").fetchall()
    expected = {f"order-{delivery_id}" for known in ids.values() for delivery_id in known}
    assert Counter(client_id for (client_id,) in rows) == Counter(expected)
    sent = Counter(
        (entry.callback_data or "").rpartition(":")[0] for entry in simulator.ledger.messages()
    )
    assert set(sent) <= expected
    assert max(sent.values()) == 1, json.dumps(sent)
