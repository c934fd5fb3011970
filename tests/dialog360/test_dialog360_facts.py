"""What webhooks of 360dialog say: Meta's envelope, and the same without it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui.channels.facts import EventFact, MessageFact, StatusFact
from vchat_tui.channels.registry import parse
from vchat_tui.models import Status

CONTACTS = [{"profile": {"name": "Ana"}, "wa_id": "16505551234"}]
MESSAGES = [
    {"from": "16505551234", "id": "wamid.A", "timestamp": "1749416383", "type": "text",
     "text": {"body": "Hi"}}
]  # fmt: skip
STATUSES = [
    {"id": "wamid.B", "status": "delivered", "timestamp": "1749416400",
     "recipient_id": "16505551234", "biz_opaque_callback_data": "ob-1"}
]  # fmt: skip


def envelope(value: dict[str, Any], field: str = "messages") -> dict[str, Any]:
    entry = {"id": "WABA-1", "changes": [{"field": field, "value": value}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def read(payload: Any) -> Any:
    return parse("360dialog", json.dumps(payload).encode())


@pytest.mark.parametrize(
    ("metadata", "account"),
    [
        ({"display_phone_number": "+1 555-078-3881", "phone_number_id": "106"}, "+15550783881"),
        ({"display_phone_number": "15550783881", "phone_number_id": "106"}, "+15550783881"),
        ({"phone_number_id": "106"}, "106"),
        ({}, "WABA-1"),
    ],
)
def test_an_envelope_names_the_number(metadata: dict[str, str], account: str) -> None:
    parsed = read(envelope({"metadata": metadata, "contacts": CONTACTS, "messages": MESSAGES}))
    [fact] = parsed.facts
    assert isinstance(fact, MessageFact) and parsed.problems == ()
    assert (fact.channel, fact.account) == ("whatsapp_360dialog", account)
    assert (fact.from_, fact.profile_name, fact.text) == ("16505551234", "Ana", "Hi")


def test_without_envelope_no_number_is_named() -> None:
    [message] = read({"contacts": CONTACTS, "messages": MESSAGES}).facts
    [status] = read({"statuses": STATUSES}).facts
    assert isinstance(message, MessageFact) and isinstance(status, StatusFact)
    assert message.account == status.account == ""
    assert message.channel == status.channel == "whatsapp_360dialog"
    assert (message.profile_name, message.text) == ("Ana", "Hi")
    assert (status.status, status.callback_data) == (Status.DELIVERED, "ob-1")


def test_events_of_the_account_are_its_own() -> None:
    told = {"event": "APPROVED", "message_template_name": "hola"}
    [event] = read(envelope(told, "message_template_status_update")).facts
    assert isinstance(event, EventFact)
    assert (event.channel, event.account, event.event) == (
        "whatsapp_360dialog",
        "WABA-1",
        "APPROVED",
    )


@pytest.mark.parametrize("payload", [{}, [], 1, {"object": "page"}, [{"x": 1}], {"entry": 3}])
def test_what_is_no_webhook_is_a_problem_or_nothing(payload: Any) -> None:
    parsed = read(payload)
    assert parsed.facts == ()
    assert parsed.problems or payload == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["object", "entry", "messages", "statuses", "errors", "contacts", "id", "changes"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_json_breaks_the_reader(payload: Any) -> None:
    for fact in read(payload).facts:
        assert fact.channel == "whatsapp_360dialog"
