"""From an empty home to a number that works, in the guided set-up alone; and every step that fails."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from product_kit import Product
from test_a_reply_all_the_way import shown, until
from textual.pilot import Pilot
from textual.widgets import Input

from vchat_tui import i18n
from vchat_tui.app import VchatApp
from vchat_tui.desk.calls import ListInboxes, SaveInbox, SaveServerSettings
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home
from vchat_tui.listener import Listener
from vchat_tui.screens.setup import SetupScreen
from vchat_tui.simulator import account
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.world import Simulator, SimulatorSettings

VALUES = {
    "phone_number_id": account.PHONE_NUMBER_ID,
    "business_account_id": account.BUSINESS_ACCOUNT_ID,
    "access_token": account.ACCESS_TOKEN,
    "app_secret": account.APP_SECRET,
    "verify_token": "my-own-key",
}


class Office(NamedTuple):
    """A server without a number, and the simulated provider."""

    product: Product
    address: str  # of the listener
    api: str

    async def add(self, **values: object) -> None:
        """A number that was set up already, but for what a test wants otherwise."""
        desk = self.product.desk
        await desk.call(SaveServerSettings(values={"public_url": self.address}))
        given = {**VALUES, "api_base_url": self.api, **values}
        await desk.call(
            SaveInbox(
                name="Ventas",
                channel="whatsapp_cloud",
                values={key: value for key, value in given.items() if value is not None},
                complete=False,
            )
        )


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    i18n.use("en")
    home = Home(tmp_path / "home")
    home.prepare()
    with home.acquire():
        desk = await LocalDesk.open(home)
        listener = Listener(desk.services.gate)
        simulator = Simulator(
            SimulatorSettings(pace=0, knobs=Knobs(status_delay=0.01, subscribed=False))
        )
        try:
            address = await listener.start("127.0.0.1", 0)
            desk.services.listening = address
            api = await simulator.start()
            yield Office(Product(simulator, desk, home), address, api)
        finally:
            await simulator.stop()
            await listener.stop(1)
            await desk.close()


@asynccontextmanager
async def set_up(office: Office, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    """The guided set-up, of the number that is there or of a new one."""
    app = VchatApp(office.product.desk)
    async with app.run_test(size=size, notifications=True) as pilot:
        inboxes = await office.product.desk.call(ListInboxes())
        if inboxes:
            await pilot.pause()
            await app.push_screen(SetupScreen(inboxes[0].id))
        await sees(pilot, "Guided set-up")
        await until(pilot, lambda: "Public URL" in shown(app), app)
        yield pilot


async def sees(pilot: Pilot[None], *texts: str) -> None:
    """Waits until all of these are on the screen, wherever lines are broken."""

    def there() -> bool:
        words = " ".join(shown(pilot.app).replace("▌", " ").split())  # type: ignore[arg-type]
        columns = _right_column(pilot)
        return all(text in words or text in columns for text in texts)

    try:
        await until(pilot, there, pilot.app)  # type: ignore[arg-type]
    except TimeoutError:
        raise AssertionError(f"{texts} not on:\n{shown(pilot.app)}") from None  # type: ignore[arg-type]


def _right_column(pilot: Pilot[None]) -> str:
    """The pane of the step as running text."""
    strips = pilot.app.screen._compositor.render_strips()
    lines = ["".join(segment.text for segment in strip)[27:] for strip in strips]
    return " ".join(" ".join(lines).split())


async def go_to(pilot: Pilot[None], place: int) -> None:
    """Marks the step at a place, from 1."""
    pilot.app.screen.query_one("#steps").focus()
    await pilot.press("home", *["down"] * (place - 1))


async def fill(pilot: Pilot[None], *texts: str) -> None:
    """Types into the fields of the marked step, one after the other."""
    await pilot.press("enter")
    for text in texts:
        await until(pilot, lambda: isinstance(pilot.app.focused, Input), pilot.app)  # type: ignore[arg-type]
        await pilot.press("end", "ctrl+u", *map(_key, text), "enter")


def _key(character: str) -> str:
    names = {":": "colon", "/": "slash", ".": "full_stop", "-": "minus", " ": "space"}
    return names.get(character, character)


async def test_from_nothing_to_a_number_that_works(office: Office) -> None:
    meta, desk = office.product.simulator, office.product.desk
    async with set_up(office) as pilot:  # offered by itself: there is no number
        await sees(pilot, "○ No public URL yet", "0 of 10 done")
        await fill(pilot, office.address)
        await sees(pilot, "● The server listens on", "1 of 10 done")
        await pilot.press("n")
        await sees(pilot, "○ No number yet")
        await fill(pilot, account.PHONE_NUMBER_ID, "Ventas", office.api)
        await sees(pilot, "Ventas", "waits for the token".capitalize())
        await pilot.press("n")
        await fill(pilot, account.ACCESS_TOKEN)
        await sees(pilot, "● Permanent token, with all permissions")
        await pilot.press("n")
        await sees(
            pilot, "Meta has not verified this address yet", f"{office.address}/webhooks/meta"
        )
        await pilot.press("c")
        url = pilot.app.clipboard
        await pilot.press("k")
        key = pilot.app.clipboard
        assert await meta.configure(url, key)
        await sees(pilot, "● Meta has verified this address")
        await pilot.press("n")
        await fill(pilot, account.APP_SECRET)
        await pilot.press("n")
        await fill(pilot, account.BUSINESS_ACCOUNT_ID)
        await sees(pilot, "● The account and its templates can be read")
        await pilot.press("n")
        await sees(pilot, "✗ The app is not subscribed")
        await pilot.press("s")
        await sees(pilot, "● The app is subscribed to the account")
        await pilot.press("n")
        await sees(pilot, "○ No message has arrived yet")
        meta.customer_says("lucia", "¡Hola!")
        await sees(pilot, "● A customer's message has arrived")
        await go_to(pilot, 5)
        await sees(pilot, "● A webhook with a good signature came")
        await pilot.press("n")
        await sees(pilot, "○ No answer has been delivered yet")
        await pilot.press("escape", "ctrl+n")
        await sees(pilot, "Write an answer")
        await pilot.press(*"hola", "enter")
        await sees(pilot, "✓✓ read")
        (inbox,) = await desk.call(ListInboxes())
        await pilot.app.push_screen(SetupScreen(inbox.id))
        await sees(pilot, "● it works")
    assert [entry.body["text"]["body"] for entry in meta.ledger.entries()] == ["hola"]


Arrange = Callable[[Simulator], object]
FAILURES: list[tuple[int, dict[str, object], dict[str, object], tuple[str, ...]]] = [
    (2, {"phone_number_id": "999999"}, {},
     ("✗ Meta knows no number with this ID", "→ Copy the Phone number ID")),
    (3, {"access_token": "wrong"}, {}, ("✗ Meta does not accept this token", "→ Copy it again")),
    (3, {}, {"token_expires_at": 1.0}, ("✗ The token has expired", "→ Good for a first test")),
    (3, {}, {"token_expires_at": time.time() + 23.5 * 3600},
     ("▲ Temporary token: it ends in 23 h", "→ Good for a first test")),
    (3, {}, {"token_scopes": ("whatsapp_business_messaging",)},
     ("✗ The token lacks a permission: whatsapp_business_management", "→ Generate a new token")),
    (4, {}, {}, ("○ Meta has not verified this address yet", "→ Paste both at Meta")),
    (6, {"business_account_id": account.OTHER_BUSINESS_ACCOUNT_ID}, {},
     ("✗ Our number does not belong to this account", "+1 555-078-3999", "→ Copy both IDs")),
    (6, {"business_account_id": account.PHONE_NUMBER_ID}, {},
     ("✗ This is not the ID of a business account", "→ Copy the WhatsApp Business")),
    (7, {}, {}, ("✗ The app is not subscribed to the account", "→ Subscribe it from here")),
    (10, {}, {"payment_problem": True},
     ("✗ Meta blocks sending: the payment method", "→ WhatsApp Manager")),
    (11, {}, {"on_phone_app": True}, ("▲ The number is also in the phone app", "→ Set")),
]  # fmt: skip


@pytest.mark.parametrize(("place", "values", "knobs", "texts"), FAILURES)
async def test_a_step_that_fails_says_why_and_what_to_do(
    office: Office,
    place: int,
    values: dict[str, object],
    knobs: dict[str, object],
    texts: tuple[str, ...],
) -> None:
    office.product.simulator.set_knob(**knobs)
    await office.add(**values)
    async with set_up(office) as pilot:
        await go_to(pilot, place)
        await sees(pilot, *texts)


async def test_a_webhook_with_a_bad_signature(office: Office) -> None:
    await office.add(app_secret="ofanotherapp")
    meta = office.product.simulator
    meta.set_knob(subscribed=True)
    assert await meta.configure(f"{office.address}/webhooks/meta", "my-own-key")
    async with set_up(office) as pilot:
        await go_to(pilot, 5)
        await sees(pilot, "· The first message will prove it")
        meta.customer_says("lucia", "hello?")
        await sees(pilot, "✗ A webhook was refused", "→ The app secret is wrong or of another app")
        await fill(pilot, account.APP_SECRET)
        await sees(pilot, "● A webhook with a good signature came")  # Meta brings it again


async def test_what_is_refused_stays_and_is_explained(office: Office) -> None:
    await office.add()
    async with set_up(office) as pilot:
        await go_to(pilot, 2)
        await fill(pilot, "12x")
        await sees(pilot, "✗ must be a number of 5 to 32 digits", "12x")
        await pilot.press("escape", "down", "up")
        await sees(pilot, "12x")
    (inbox,) = await office.product.desk.call(ListInboxes())
    assert inbox.settings["phone_number_id"] == account.PHONE_NUMBER_ID


async def test_a_wrong_key_at_meta_ticks_nothing(office: Office) -> None:
    await office.add()
    async with set_up(office) as pilot:
        await go_to(pilot, 4)
        assert not await office.product.simulator.configure(
            f"{office.address}/webhooks/meta", "another"
        )
        await sees(pilot, "○ Meta has not verified this address yet")
        await pilot.press("k")  # a stored key is not shown ...
        await sees(pilot, "A stored key is never shown")
        await pilot.press("g")  # ... but another one can be made
        await sees(pilot, "Secret key (k copies)")
        await pilot.press("k")
        assert await office.product.simulator.configure(
            f"{office.address}/webhooks/meta", pilot.app.clipboard
        )
        await sees(pilot, "● Meta has verified this address")
