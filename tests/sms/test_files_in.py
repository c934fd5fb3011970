"""Files from customers: fetched with our proof, whatever the request says of them."""

from __future__ import annotations

import hashlib

import pytest
from sms_kit import ANA, Texting, until

from vchat_tui.desk.reconciling import reconcile
from vchat_tui.models import Media, Message

pytestmark = pytest.mark.contract

PNG = b"\x89PNG\r\n\x1a\n" + bytes(2000)
PAGE = b"<!DOCTYPE html><script>alert(1)</script>"


async def fetched(texting: Texting) -> Message:
    """The only message, once nothing of it is still to come."""

    async def done() -> Message | None:
        [message] = await texting.messages()
        return message if all(file.state != "pending" for file in message.media) else None

    return await until(done)


async def kept(texting: Texting, file: Media) -> bytes:
    assert file.sha256 is not None
    return texting.desk.services.files.shelf.path(file.sha256).read_bytes()


async def test_an_mms_with_two_files(texting: Texting) -> None:
    files = (("image/png", PNG), ("application/pdf", b"%PDF-1.7\nx"))
    await texting.twilio.customer_sends(ANA, "mire", media=files)
    message = await fetched(texting)
    assert (message.type, message.text) == ("image", "mire")
    assert [file.state for file in message.media] == ["ready", "ready"]
    assert [await kept(texting, file) for file in message.media] == [PNG, b"%PDF-1.7\nx"]


@pytest.mark.parametrize("number", ["0", "7", "many"])
async def test_the_addresses_count_not_their_number(texting: Texting, number: str) -> None:
    await texting.twilio.customer_sends(ANA, "", media=(("image/png", PNG),), NumMedia=number)
    message = await fetched(texting)
    assert [file.sha256 for file in message.media] == [hashlib.sha256(PNG).hexdigest()]


async def test_an_address_of_somebody_else_gets_nothing_from_us(texting: Texting) -> None:
    url = "http://127.0.0.1:9/2010-04-01/Accounts/x"
    await texting.twilio.customer_sends(ANA, "", NumMedia="1", MediaUrl0=url)
    message = await fetched(texting)
    assert message.media[0].state == "failed"
    assert message.media[0].problem is not None
    assert message.media[0].problem.code == "blocked_address"


async def test_a_page_is_a_document_that_is_never_shown(texting: Texting) -> None:
    await texting.twilio.customer_sends(ANA, "", media=(("text/html", PAGE),))
    message = await fetched(texting)
    assert message.type == "document"


async def test_an_mms_that_was_missed_comes_once_with_its_file(texting: Texting) -> None:
    texting.twilio.knobs.webhooks = False
    await texting.twilio.customer_sends(ANA, "foto", media=(("image/png", PNG),))
    assert await reconcile(texting.desk.services) == 1
    message = await fetched(texting)
    assert await kept(texting, message.media[0]) == PNG
    assert await reconcile(texting.desk.services) == 0
