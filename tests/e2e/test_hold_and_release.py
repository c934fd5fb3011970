"""A window that is closed, from the refusal to the held answer that goes once the customer writes."""

from __future__ import annotations

import pytest
from product_kit import Product
from test_a_reply_all_the_way import answer, open_first, shown, until
from textual.pilot import Pilot

from vchat_tui import i18n
from vchat_tui.app import VchatApp


async def test_refused_held_and_released(product: Product) -> None:
    i18n.use("en")
    product.simulator.customer_says("lucia", "¿Hacen envíos?")
    app = VchatApp(product.desk)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_first(pilot, app, "¿Hacen envíos?")
        product.simulator.close_window("lucia")
        await answer(pilot, "sí")
        await until(pilot, lambda: "[h] Hold it" in shown(app), app)
        await until(pilot, lambda: "The provider says that the window is closed" in shown(app), app)
        await pilot.press("escape")
        await pilot.press("h")
        await until(pilot, lambda: "‖ held" in shown(app), app)
        assert "It goes once the customer writes." in shown(app)

        await pilot.press("alt+w")
        await until(pilot, lambda: "Enter holds your answer" in shown(app), app)
        await answer(pilot, "mañana")
        await until(pilot, lambda: shown(app).count("‖ held") == 2, app)
        assert len(product.simulator.ledger.messages()) == 0

        product.simulator.customer_says("lucia", "¿Hola?")
        await until(pilot, lambda: "it goes at" in shown(app), app)
        await pilot.press("alt+z")
        await until(pilot, lambda: shown(app).count("does not go by itself") >= 1, app)
        await pilot.press("escape")
        for text in ("sí", "mañana"):
            await send_now(pilot, app, text)
        await until(pilot, lambda: shown(app).count("✓✓ read") == 3, app)  # and in the list
    sent = [entry.body["text"]["body"] for entry in product.simulator.ledger.messages()]
    assert sent == ["sí", "mañana"]


async def send_now(pilot: Pilot[None], app: VchatApp, text: str) -> None:
    """Marks a held answer and sends it."""
    chat = app.screen.chat
    view = next(view for view in chat.timeline.views if view.item.message.text == text)
    chat.timeline.mark_view(view)
    await pilot.press("n")
    await until(pilot, lambda: view.message_id not in held_ids(app), app)


def held_ids(app: VchatApp) -> set[int]:
    """What is held on the screen."""
    views = app.screen.chat.timeline.views
    return {view.message_id for view in views if view.item.held is not None}


@pytest.mark.parametrize("key", ["c", "d"])
async def test_a_held_answer_is_changed_or_discarded(product: Product, key: str) -> None:
    i18n.use("en")
    product.simulator.customer_says("lucia", "¿Hacen envíos?")
    app = VchatApp(product.desk)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_first(pilot, app, "¿Hacen envíos?")
        await product.desk.services.core.store.write(
            lambda db: db.execute("UPDATE conversation SET window_ends_at = 1")
        )
        app.screen.chat.resync()
        await until(pilot, lambda: "message are over" in shown(app), app)
        await pilot.press("alt+w")
        await answer(pilot, "luego")
        await until(pilot, lambda: "‖ held" in shown(app), app)
        await pilot.press("escape")
        await pilot.pause()
        await pilot.press(*([key] if key == "c" else [key, key]))
        await until(pilot, lambda: not held_ids(app), app)
        if key == "c":
            await until(pilot, lambda: app.screen.chat.composer.editor.text == "luego", app)
            assert app.focused is app.screen.chat.composer.editor
            await pilot.press("enter")
            await until(pilot, lambda: held_ids(app), app)
        else:
            assert "luego" not in shown(app).split("composer")[0]
