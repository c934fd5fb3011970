"""What is read in a request of Twilio: captured shapes, odd ones, and none that breaks it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui.channels.facts import MessageFact, StatusFact
from vchat_tui.channels.twilio_inbound import parse
from vchat_tui.models import Media, MessageError, Reply, Status

OURS = "+15005550006"
THEIRS = "+5215512345678"
MEDIA = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME"
WHATSAPP = {"From": f"whatsapp:{THEIRS}", "To": f"whatsapp:{OURS}"}


def post(query: str = "", **fields: Any) -> bytes:
    """A request as the journal keeps it."""
    fields = {"MessageSid": "SM1", "AccountSid": "AC1", "From": THEIRS, "To": OURS, **fields}
    return f"{query}\n{urlencode({k: v for k, v in fields.items() if v is not None})}".encode()


def message(**fields: Any) -> MessageFact:
    parsed = parse(post(**fields))
    assert parsed.problems == ()
    [fact] = parsed.facts
    assert isinstance(fact, MessageFact)
    return fact


def status(query: str = "", **fields: Any) -> StatusFact:
    parsed = parse(post(query, **fields))
    assert parsed.problems == ()
    [fact] = parsed.facts
    assert isinstance(fact, StatusFact)
    return fact


def test_a_text_message() -> None:
    fact = message(Body="  Hola 😀\n ", NumMedia="0", FromCity="", MessagingServiceSid="MG1")
    assert (fact.channel, fact.account, fact.service) == ("sms_twilio", OURS, "MG1")
    assert (fact.type, fact.text, fact.from_, fact.to) == ("text", "  Hola 😀\n ", THEIRS, OURS)


@pytest.mark.parametrize("key", ["SmsSid", "SmsMessageSid"])
def test_older_names_of_the_id(key: str) -> None:
    assert message(MessageSid=None, Body="x", **{key: "SM9"}).provider_id == "SM9"


def test_whatsapp_with_a_user_id_beside_the_number() -> None:
    fact = message(
        **WHATSAPP, Body="hi", ProfileName="Ana", ExternalUserId="whatsapp:BR.1000123",
        OriginalRepliedMessageSid="SM0", MessageType="text",
    )  # fmt: skip
    assert (fact.channel, fact.account) == ("whatsapp_twilio", f"whatsapp:{OURS}")
    assert (fact.from_, fact.from_user_id, fact.profile_name) == (THEIRS, "BR.1000123", "Ana")
    assert fact.reply_to == "SM0"


def test_whatsapp_without_a_number() -> None:
    fact = message(From="whatsapp:US.13491208655302741918", To=f"whatsapp:{OURS}", Body="hi")
    assert (fact.from_, fact.from_user_id) == (None, "US.13491208655302741918")


def test_files_are_counted_by_their_addresses() -> None:
    fact = message(
        MessageSid="MM1", Body="look", NumMedia="5", MediaUrl0=f"{MEDIA}0",
        MediaContentType0="image/jpeg", MediaUrl1=f"{MEDIA}1", MediaContentType1="video/mp4",
    )  # fmt: skip
    assert (fact.type, fact.text) == ("image", "look")
    assert fact.media == (
        Media(id=f"{MEDIA}0", url=f"{MEDIA}0", mime_type="image/jpeg", state="pending"),
        Media(id=f"{MEDIA}1", url=f"{MEDIA}1", mime_type="video/mp4", state="pending"),
    )


def test_the_name_of_a_document_is_not_what_the_customer_says() -> None:
    fact = message(
        **WHATSAPP, MessageType="document", Body="factura.pdf", NumMedia="1",
        MediaUrl0=f"{MEDIA}0", MediaContentType0="application/pdf",
    )  # fmt: skip
    assert (fact.type, fact.text, fact.media[0].filename) == ("document", None, "factura.pdf")
    fact = message(
        **WHATSAPP, MessageType="document", Body="Aquí va. Gracias", NumMedia="1",
        MediaUrl0=f"{MEDIA}0", MediaContentType0="application/pdf",
    )  # fmt: skip
    assert (fact.text, fact.media[0].filename) == ("Aquí va. Gracias", None)  # a caption


def test_a_contact_card() -> None:
    fact = message(
        **WHATSAPP, MessageType="contacts", MediaUrl0=f"{MEDIA}0", MediaContentType0="text/vcard"
    )
    assert (fact.type, len(fact.media)) == ("contacts", 1)


def test_a_place_at_zero() -> None:
    fact = message(**WHATSAPP, Latitude="0", Longitude="-99.16", Label="Oficina", Address="Calle 1")
    assert fact.location == {
        "latitude": 0.0, "longitude": -99.16, "name": "Oficina", "address": "Calle 1",
    }  # fmt: skip


def test_what_was_chosen() -> None:
    button = message(**WHATSAPP, Body="Sí", ButtonText="Sí", ButtonPayload="yes-1")
    assert (button.text, button.reply) == ("Sí", Reply(title="Sí", payload="yes-1"))
    row = message(**WHATSAPP, Body="", ListId="r1", ListTitle="Ventas")
    assert (row.type, row.text, row.reply) == (
        "interactive", "Ventas", Reply(id="r1", title="Ventas"),
    )  # fmt: skip


def test_a_new_kind_is_kept_as_it_came() -> None:
    fact = message(**WHATSAPP, MessageType="hologram", HologramUrl="x")
    assert fact.type == "hologram"
    assert fact.raw is not None and fact.raw["HologramUrl"] == "x"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("sent", Status.SENT),
        ("delivered", Status.DELIVERED),
        ("read", Status.READ),
        ("failed", Status.FAILED),
        ("undelivered", Status.FAILED),
        ("canceled", Status.FAILED),
        ("queued", None),
        ("sending", None),
        ("accepted", None),
    ],
)
def test_statuses(word: str, expected: Status | None) -> None:
    fact = status("ob=c-1%3A2", MessageStatus=word, From=OURS, To=THEIRS)
    assert (fact.status, fact.provider_status) == (expected, None)
    assert (fact.account, fact.to, fact.callback_data) == (OURS, THEIRS, "c-1:2")


def test_a_failure_says_why() -> None:
    fact = status(
        MessageStatus="undelivered", From=OURS, ErrorCode="30005", RawDlrDoneDate="2611241905"
    )
    assert fact.error == MessageError(code="30005")
    assert fact.sent_at is not None and fact.sent_at.isoformat() == "2026-11-24T19:05:00+00:00"


def test_an_unknown_word_changes_nothing_but_is_told() -> None:
    fact = status(MessageStatus="teleported", From=OURS)
    assert (fact.status, fact.provider_status) == (None, "teleported")


@pytest.mark.parametrize(
    "body", [b"", b"\n", b"\nBody=x", post(From=None), post(To=None), b"\n\xff\xfe", b"{}"]
)
def test_what_cannot_be_read_says_so(body: bytes) -> None:
    parsed = parse(body)
    assert parsed.facts == ()
    assert len(parsed.problems) == 1


KEYS = ["From", "To", "Body", "MediaUrl0", "MediaContentType0", "Latitude", "Longitude", "ListId",
        "MessageStatus", "SmsStatus", "ErrorCode", "RawDlrDoneDate", "MessageType"]  # fmt: skip


@given(st.dictionaries(st.sampled_from(KEYS), st.text(max_size=30)), st.binary(max_size=30))
def test_nothing_breaks_it(fields: dict[str, str], tail: bytes) -> None:
    parsed = parse(b"\nMessageSid=SM1&" + urlencode(fields, errors="replace").encode() + tail)
    assert len(parsed.facts) + len(parsed.problems) == 1
