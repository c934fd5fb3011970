"""What customers send is fetched from the simulated Meta and kept, byte for byte."""

from __future__ import annotations

import asyncio
import hashlib

from product_kit import Product

from vchat_tui.desk import calls
from vchat_tui.models import Message
from vchat_tui.simulator.cast import CAST
from vchat_tui.simulator.said import file, image

PATIENCE = 60.0


async def until_fetched(product: Product, count: int) -> list[Message]:
    """The messages with files, once there are so many and all of them are here."""
    async with asyncio.timeout(PATIENCE):
        while True:
            listed = await product.desk.call(calls.ListMessages())
            found = [message for message in listed if message.media]
            states = {media.state for message in found for media in message.media}
            if len(found) == count and states == {"ready"}:
                return found
            await asyncio.sleep(0.02)


async def read(product: Product, sha256: str) -> bytes:
    """A file from the server, as a console reads it."""
    data = b""
    while piece := await product.desk.call(calls.ReadFile(sha256=sha256, offset=len(data))):
        data += piece
    return data


async def test_every_file_of_the_cast_is_kept(product: Product) -> None:
    said = [
        (customer, each)
        for customer in CAST
        for story in customer.stories
        for each in story
        if each.file
    ]
    sent = {product.simulator.customer_sends(who, each): each for who, each in said}
    for message in await until_fetched(product, len(sent)):
        each, media = sent[message.provider_id or ""], message.media[0]
        assert each.file is not None and media.sha256 is not None
        assert media.sha256 == hashlib.sha256(each.file).hexdigest()
        assert await read(product, media.sha256) == each.file
        assert media.size == len(each.file)


async def test_a_page_and_a_broken_download_are_tried_again(product: Product) -> None:
    product.simulator.set_knob(media_page_next=1)
    first = image("first")
    product.simulator.customer_sends("lucia", first)
    async with asyncio.timeout(PATIENCE):
        while product.simulator.knobs.media_page_next:
            await asyncio.sleep(0.02)
        while not await waiting(product):
            await asyncio.sleep(0.02)
    await again(product)
    (message,) = await until_fetched(product, 1)
    assert await read(product, message.media[0].sha256 or "") == first.file


async def test_a_large_file_comes_whole(product: Product) -> None:
    data = bytes(range(256)) * 8 * 1024
    product.simulator.customer_sends("lucia", file("document", data, "application/x-thing"))
    (message,) = await until_fetched(product, 1)
    assert await read(product, message.media[0].sha256 or "") == data


async def waiting(product: Product) -> bool:
    """Whether a download has failed and waits for its next try."""
    rows = await product.desk.services.core.store.read(
        lambda db: db.execute("SELECT 1 FROM download WHERE tries > 0").fetchall()
    )
    return bool(rows)


async def again(product: Product) -> None:
    """Lets the time pass that a download waits for."""
    await product.desk.services.core.store.write(
        lambda db: db.execute("UPDATE download SET next_at = 0")
    )
    product.desk.services.core.changed()
