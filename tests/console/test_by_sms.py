"""From a closed WhatsApp window to an SMS and back: one key sends, one key leads there."""

from __future__ import annotations

import pytest
from driving import drawn, type_text, until
from msgspec.structs import replace
from stub_desk import StubDesk, make_item
from test_main_screen import main
from test_snapshots_main import ready

from vchat_tui.app import VchatApp
from vchat_tui.desk.calls import DeskError, Hold, TextCustomer
from vchat_tui.models import Direction, Elsewhere, Message, Status

CLOSED = 11


class TextingDesk(StubDesk):
    """A desk that takes SMS."""

    def _text_customer(self, call: TextCustomer) -> Message:
        return make_item(9100, call.text, direction=Direction.OUT).message

    def texts(self) -> list[TextCustomer]:
        """All that were asked for."""
        return [call for call in self.made if isinstance(call, TextCustomer)]


@pytest.fixture
def desk() -> TextingDesk:
    return TextingDesk()


async def test_with_nothing_typed_one_is_written(app: VchatApp, desk: TextingDesk) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot, CLOSED)
        composer = main(app).chat.composer
        await until(pilot, lambda: composer.is_blocked)
        await pilot.press("alt+s")
        await until(pilot, lambda: "Enter sends it as an SMS now" in drawn(pilot))
        await type_text(pilot, "Llegó")
        await until(pilot, lambda: "5 characters · 1 segment · “ó” halves" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: composer.is_blocked)
        assert composer.editor.text == ""
    [sent] = desk.texts()
    assert (sent.conversation_id, sent.text) == (CLOSED, "Llegó")


async def test_what_is_typed_goes_at_once_and_a_refusal_loses_nothing(
    app: VchatApp, desk: TextingDesk
) -> None:
    desk.refuse[TextCustomer] = DeskError("No phone number is known.")
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot, CLOSED)
        await pilot.press("alt+w")
        await type_text(pilot, "Hola")
        await pilot.press("alt+s")
        await until(pilot, lambda: "No phone number is known." in drawn(pilot))
        assert main(app).chat.composer.editor.text == "Hola"
        desk.refuse.clear()
        await pilot.press("enter")
        await until(pilot, lambda: main(app).chat.composer.editor.text == "")
    first, second = desk.texts()
    assert first.client_id == second.client_id, "trying again is no second SMS"
    assert not [call for call in desk.made if isinstance(call, Hold)]


async def test_products_do_not_go_by_sms(app: VchatApp, desk: TextingDesk) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot, CLOSED)
        await pilot.press("alt+s")
        await type_text(pilot, "{catalog id=1 product=2}")
        await pilot.press("enter")
        await until(pilot, lambda: "Products cannot go by SMS" in drawn(pilot))
    assert desk.texts() == []


async def test_a_key_leads_to_the_sms(app: VchatApp, desk: TextingDesk) -> None:
    note = make_item(11009, "Hola", conversation=CLOSED, direction=Direction.NOTE, type="elsewhere")
    there = desk.timelines[3][-1].message
    sms = Elsewhere(
        conversation_id=3, message_id=there.id, inbox="SMS", channel="sms_twilio",
        status=Status.DELIVERED, to="+34600000102",
    )  # fmt: skip
    desk.timelines[CLOSED].append(replace(note, elsewhere=sms))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot, CLOSED)
        await until(pilot, lambda: "+34 600 000 102 ✓✓ delivered" in drawn(pilot))
        main(app).chat.timeline.focus()
        await pilot.press("g")
        await until(pilot, lambda: getattr(main(app).chat.conversation, "id", 0) == 3)
        await until(pilot, lambda: main(app).chat.timeline.find(there.id) is not None)
