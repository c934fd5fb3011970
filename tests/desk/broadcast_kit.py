"""Broadcasts on a desk with a scripted provider, in short words."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from desk_kit import Office
from webhook_bodies import body as webhook
from webhook_bodies import text_message

from vchat_tui.broadcast_models import Broadcast, BroadcastContent, Recipient
from vchat_tui.channels.base import Capabilities, TemplateDefinition
from vchat_tui.desk import calls

OFFER = TemplateDefinition(
    provider_id="1",
    name="oferta",
    language="es",
    category="MARKETING",
    status="APPROVED",
    components=({"type": "BODY", "text": "Hola {{1}}, hay una oferta para usted."},),
)
TEMPLATE = BroadcastContent(
    template="oferta", language="es", values={"body.1": "{nombre_destinatario|amigo}"}
)


def number(index: int) -> str:
    """A number of Spain that libphonenumber takes."""
    return f"3460{index:07}"


async def with_templates(
    office: Office, *definitions: TemplateDefinition, rate: float = 10_000
) -> int:
    """Adds an inbox whose provider has templates and is fast; answers its id."""
    office.provider.definitions = definitions
    office.provider.capabilities = Capabilities(
        max_text=4096, window_hours=24, templates=True, sends_per_second=rate,
        kinds=frozenset({"text", "template"}),
    )  # fmt: skip
    inbox_id = await office.add_inbox()
    await office.call(calls.SyncTemplates(inbox_id=inbox_id))
    return inbox_id


async def customers(office: Office, count: int) -> None:
    """So many have written."""
    await office.post(
        webhook(messages=tuple(text_message(f"wamid.{i}", number(i)) for i in range(count)))
    )


async def draft(
    office: Office, inbox_id: int, content: BroadcastContent = TEMPLATE, name: str = "Navidad",
    **people: Any,
) -> Broadcast:  # fmt: skip
    """A draft with everybody in it, or those named."""
    made = await office.call(
        calls.CreateBroadcast(
            client_id=f"client-{name}", inbox_id=inbox_id, name=name, content=content, author="Eva"
        )
    )
    return await add(office, made.id, **(people or {"matching": ""}))


async def add(office: Office, broadcast_id: int, **people: Any) -> Broadcast:
    """More people."""
    found: Broadcast = await office.call(calls.AddRecipients(broadcast_id=broadcast_id, **people))
    return found


async def get(office: Office, broadcast_id: int) -> Broadcast:
    """As it stands."""
    found: Broadcast = await office.call(calls.GetBroadcast(broadcast_id=broadcast_id))
    return found


async def until_state(office: Office, broadcast_id: int, *states: str) -> Broadcast:
    """Waits until it is in one of these states."""
    while (found := await get(office, broadcast_id)).state not in states:
        await asyncio.sleep(0.005)
    return found


async def until_counts(office: Office, broadcast_id: int, counts: dict[str, int]) -> None:
    """Waits until its recipients are in these states."""
    while (await get(office, broadcast_id)).counts != counts:
        await asyncio.sleep(0.005)


async def people_of(office: Office, broadcast_id: int, state: str | None = None) -> list[Recipient]:
    """Its recipients."""
    page = await office.call(
        calls.ListRecipients(broadcast_id=broadcast_id, state=state, limit=500)
    )
    return list(page.rows)


def sent_to(office: Office) -> Counter[str]:
    """How often each number was sent to."""
    return Counter(message.address or "" for message in office.provider.sent)
