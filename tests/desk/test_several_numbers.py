"""Each number's own defaults, and what becomes of them."""

from __future__ import annotations

from typing import Any

from desk_kit import Office

from vchat_tui.desk import calls
from vchat_tui.models import Inbox


async def change(office: Office, inbox_id: int, **values: Any) -> None:
    inboxes: tuple[Inbox, ...] = await office.call(calls.ListInboxes())
    inbox = next(one for one in inboxes if one.id == inbox_id)
    await office.call(
        calls.SaveInbox(inbox_id=inbox_id, name=inbox.name, channel=inbox.channel, values=values)
    )


async def defaults(office: Office) -> list[str]:
    inboxes: tuple[Inbox, ...] = await office.call(calls.ListInboxes())
    return [inbox.name for inbox in inboxes if inbox.settings.get("default_outbound")]


async def test_one_number_of_a_channel_is_the_default(office: Office) -> None:
    second = await office.add_second_inbox()
    await change(office, 1, default_outbound=True)
    assert await defaults(office) == ["Ventas"]
    await change(office, second, default_outbound=True)
    assert await defaults(office) == ["Soporte"]
    await change(office, second, default_outbound=True)
    assert await defaults(office) == ["Soporte"]
    await change(office, second, default_outbound=False)
    assert await defaults(office) == []


async def test_a_conversation_tells_what_its_number_is_called(office: Office) -> None:
    row = await office.conversation()
    assert (row.inbox, row.inbox_label) == ("Ventas", None)
    await change(office, 1, display_name="Tienda")
    row = await office.conversation()
    assert (row.inbox, row.inbox_label) == ("Ventas", "Tienda")


async def test_a_new_conversation_belongs_to_the_department_of_its_number(office: Office) -> None:
    await change(office, 1, default_department="Pedidos")
    row = await office.conversation()
    assert row.department == "Pedidos"
    await change(office, 1, default_department="Caja")
    assert (await office.conversation()).department == "Pedidos", "it is not a new one"


async def test_a_users_own_language_goes_before_that_of_the_number(office: Office) -> None:
    await change(office, 1, default_language="es_MX")
    row = await office.conversation()
    assert row.language == "es_MX"
    await office.call(calls.SaveUser(user_id=row.user_id, language="en"))
    assert (await office.conversation()).language == "en"


async def test_the_list_of_one_number(office: Office) -> None:
    second = await office.add_second_inbox()
    await office.conversation()
    assert len(await office.list(inbox_id=1)) == 1
    assert await office.list(inbox_id=second) == ()
