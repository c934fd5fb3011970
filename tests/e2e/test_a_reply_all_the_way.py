"""A customer writes, an agent answers in the console, the ticks move: through every part."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from product_kit import Product
from textual.pilot import Pilot

from vchat_tui import i18n
from vchat_tui.app import VchatApp

PATIENCE = 30.0
DRIVER = Path(__file__).with_name("reply_on_a_terminal.py")


def shown(app: VchatApp) -> str:
    """The text on the screen."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


async def until(pilot: Pilot[None], holds: Callable[[], bool], app: VchatApp) -> None:
    """Lets the app work until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await pilot.pause(0.02)
    await pilot.pause()


async def open_first(pilot: Pilot[None], app: VchatApp, text: str) -> None:
    """Opens the conversation that shows a text in the list."""
    await until(pilot, lambda: text in shown(app), app)
    await pilot.press("ctrl+n")
    await until(pilot, lambda: shown(app).count(text) >= 2, app)  # in the list and the timeline


async def answer(pilot: Pilot[None], text: str) -> None:
    """Types an answer and sends it."""
    await pilot.press(*text.replace(" ", "_"), "enter")
    await pilot.pause()


async def test_typed_sent_delivered_read(product: Product) -> None:
    i18n.use("en")
    product.simulator.customer_says("lucia", "¿Hacen envíos?")
    app = VchatApp(product.desk)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_first(pilot, app, "¿Hacen envíos?")
        await answer(pilot, "sí")
        await until(pilot, lambda: "✓✓ read" in shown(app), app)
        assert "sí" in shown(app)
    (entry,) = product.simulator.ledger.entries(kind="message")
    assert entry.recipient == "lucia"
    assert entry.body["text"]["body"] == "sí"
    assert entry.body["to"].startswith("+")
    assert entry.body["recipient_type"] == "individual"


async def test_a_quote_points_to_the_message(product: Product) -> None:
    i18n.use("en")
    provider_id = product.simulator.customer_says("daniel", "Are you open?")
    app = VchatApp(product.desk)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_first(pilot, app, "Are you open?")
        await pilot.press("escape", "q")
        await answer(pilot, "until_8")
        await until(pilot, lambda: "✓✓ read" in shown(app), app)
    (entry,) = product.simulator.ledger.entries(kind="message")
    assert entry.body["context"] == {"message_id": provider_id}


async def test_a_refusal_shows_why_and_what_to_do(product: Product) -> None:
    i18n.use("en")
    product.simulator.customer_says("daniel", "Hello?")
    app = VchatApp(product.desk)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_first(pilot, app, "Hello?")
        product.simulator.set_knob(fail_next=1, fail_code=131026)
        await answer(pilot, "hi")
        await until(pilot, lambda: "✗ failed" in shown(app), app)
        assert "WhatsApp cannot deliver to this customer" in shown(app)
    assert product.simulator.ledger.entries(kind="message") == []


async def test_a_failure_that_comes_later_shows_too(product: Product) -> None:
    i18n.use("en")
    product.simulator.customer_says("daniel", "Hello?")
    product.simulator.set_knob(errors_by_webhook=True)
    app = VchatApp(product.desk)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_first(pilot, app, "Hello?")
        product.simulator.close_window("daniel")
        await answer(pilot, "hi")
        await until(pilot, lambda: "✗ failed" in shown(app), app)
        assert "24-hour window is closed" in shown(app)


async def test_an_answer_that_never_came_is_settled_by_the_status(product: Product) -> None:
    i18n.use("en")
    product.simulator.customer_says("daniel", "Hello?")
    app = VchatApp(product.desk)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_first(pilot, app, "Hello?")
        product.simulator.set_knob(drop_after_next=1)
        await answer(pilot, "hi")
        await until(pilot, lambda: "✓✓ read" in shown(app), app)
    assert len(product.simulator.ledger.entries(kind="message")) == 1


async def test_the_real_console_on_a_real_terminal(product: Product) -> None:
    """A console process of its own, attached over the socket, drawn on a pty."""
    product.simulator.customer_says("daniel", "Are you open?")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(DRIVER), str(product.home.path),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(90):
        output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    (entry,) = product.simulator.ledger.entries(kind="message")
    assert entry.body["text"]["body"] == "Yes, until 8"
