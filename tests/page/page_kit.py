"""The page of a conversation on a real listener."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from desk_kit import Office
from webhook_bodies import body, from_customer, text_message

from vchat_tui.channels.base import ErrorClass
from vchat_tui.desk import calls
from vchat_tui.desk.page_links import Pages, link_for
from vchat_tui.listener import Limits, Listener
from vchat_tui.models import Content, Status

ANA = "5215512345678"
HOSTILE = "<script>alert(1)</script> & \"quotes\" 'x' \x1b[31mred\u202e"


@dataclass
class Site:
    """A listener that answers, and the desk behind it."""

    office: Office
    url: str
    conversation_id: int

    async def link(self) -> str:
        """The address of a fresh link."""
        store = self.office.desk.services.core.store
        return f"{self.url}/c/{await store.write(link_for, self.conversation_id)}"

    def browser(self, language: str = "en") -> httpx.AsyncClient:
        """A browser with no cookies yet."""
        return httpx.AsyncClient(headers={"accept-language": language}, trust_env=False, timeout=30)


async def converse(office: Office) -> int:
    """A conversation with something of everything; answers its id."""
    await office.post(from_customer("wamid.1", ANA, HOSTILE, name="Ana <b>"))
    (row,) = await office.list()
    sent = await office.reply(row.id, "We have it in blue & green.\nShall I keep one?")
    await office.until_status(sent.id, Status.ACCEPTED)
    office.provider.answer = office.provider.reject("131026", ErrorClass.RECIPIENT)
    failed = await office.reply(row.id, "never arrived")
    await office.until_status(failed.id, Status.FAILED)
    office.provider.answer = office.provider.accept
    photo = {"id": "m1", "mime_type": "image/jpeg", "sha256": "x"}
    image = text_message("wamid.2", ANA, at=1) | {"type": "image", "image": photo}
    paper = text_message("wamid.3", ANA, at=2) | {
        "type": "document",
        "document": photo | {"mime_type": "application/pdf", "filename": "../<i>invoice.pdf"},
    }
    await office.post(body(messages=(image, paper)))
    await office.write("UPDATE conversation SET window_ends_at = 1")
    held = Content(type="text", text="held words")
    await office.call(calls.Hold(conversation_id=row.id, client_id="held", content=held))
    return row.id


@asynccontextmanager
async def open_site(home: Path, limits: Limits | None = None) -> AsyncIterator[Site]:
    """A desk on a new home, and its listener."""
    office = await Office.open(home)
    listener = Listener(office.desk.services.gate, limits, pages=Pages(office.desk.services.core))
    try:
        await office.add_inbox()
        conversation_id = await converse(office)
        yield Site(office, await listener.start("127.0.0.1", 0), conversation_id)
    finally:
        await listener.stop(1)
        await office.close()
