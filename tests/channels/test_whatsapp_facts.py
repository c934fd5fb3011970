"""What a WhatsApp webhook says: every kind, batches, and what is broken beside what is whole."""

from __future__ import annotations

import json
from typing import Any

import pytest
from whatsapp_samples import NAMES, as_json, body_of, sample

from vchat_tui.channels import registry
from vchat_tui.channels.facts import MessageFact, Parsed


def parse(payload: Any) -> Parsed:
    return registry.parse("meta", json.dumps(payload).encode())


def with_messages(*messages: Any, **value: Any) -> dict[str, Any]:
    value = {"metadata": {"phone_number_id": "106540352242922"}, "messages": messages, **value}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}],
    }


def text(number: int, **changes: Any) -> dict[str, Any]:
    base = {"from": "16505551234", "id": f"wamid.{number}", "type": "text"}
    return {**base, "text": {"body": str(number)}, **changes}


def texts(parsed: Parsed) -> list[str | None]:
    return [fact.text for fact in parsed.facts if isinstance(fact, MessageFact)]


@pytest.mark.parametrize("name", NAMES)
def test_sample(name: str) -> None:
    parsed = registry.parse("meta", body_of(name))
    assert parsed.problems == ()
    assert [as_json(fact) for fact in parsed.facts] == sample(name)["facts"]


def test_walks_every_entry_change_and_element() -> None:
    bodies = [sample(name)["body"] for name in NAMES]
    whole = {
        "object": "whatsapp_business_account",
        "entry": [entry for body in bodies for entry in body["entry"]],
    }
    parsed = parse(whole)
    assert parsed.problems == ()
    expected = [fact for name in NAMES for fact in sample(name)["facts"]]
    assert [as_json(fact) for fact in parsed.facts] == expected


def test_messages_statuses_and_errors_of_one_value() -> None:
    status = {"id": "wamid.S", "status": "read", "recipient_id": "16505551234"}
    parsed = parse(with_messages(text(1), statuses=[status], errors=[{"code": 1}]))
    assert [as_json(fact)["kind"] for fact in parsed.facts] == ["message", "status", "error"]


def test_list_that_is_null_is_no_problem() -> None:
    parsed = parse(with_messages(text(1), statuses=None, contacts=None, errors=[]))
    assert (texts(parsed), parsed.problems) == (["1"], ())


def test_list_that_is_something_else_loses_only_itself() -> None:
    parsed = parse(with_messages(text(1), statuses={"id": "wamid.S"}))
    assert texts(parsed) == ["1"]
    assert len(parsed.problems) == 1


def test_thousand_updates() -> None:
    parsed = parse(with_messages(*(text(number) for number in range(1000))))
    assert texts(parsed) == [str(number) for number in range(1000)]


@pytest.mark.parametrize(
    "broken",
    [
        None,
        7,
        "text",
        [],
        {},
        text(9, id=None),
        text(9, id="has space"),
        text(9, id="x" * 513),
        text(9, id="line\n"),
        text(9, id={"a": 1}),
        {"id": "wamid.9", "type": "text", "text": {"body": "nobody"}},
    ],
)
def test_broken_element_loses_only_itself(broken: Any) -> None:
    parsed = parse(with_messages(text(1), broken, text(2)))
    assert texts(parsed) == ["1", "2"]
    assert len(parsed.problems) == 1
    assert "entry[0].changes[0].messages[1]" in parsed.problems[0]


@pytest.mark.parametrize(
    "content",
    [
        {"type": "text", "text": None},
        {"type": "text", "text": {"body": 7}},
        {"type": "image", "image": []},
        {"type": "location", "location": {"latitude": "north", "longitude": 1}},
        {"type": "contacts", "contacts": [1]},
        {"type": "interactive", "interactive": {"type": "button_reply"}},
        {"type": "reaction", "reaction": {"emoji": "x"}},
        {"type": "order", "order": "two"},
        {"type": "edit", "edit": {"message": {"type": "text"}}},
        {"type": "revoke"},
        {"type": "button"},
        {"type": "system"},
        {"type": ""},
        {"type": {"a": 1}},
        {},
    ],
)
def test_content_that_breaks_its_promise_is_kept_raw(content: dict[str, Any]) -> None:
    message = {"from": "16505551234", "id": "wamid.1", **content}
    [fact] = parse(with_messages(message)).facts
    assert isinstance(fact, MessageFact)
    assert fact.raw == message


@pytest.mark.parametrize(
    ("stamp", "shown"),
    [
        ("1749416383", "2025-06-08T20:59:43Z"),
        (1749416383, "2025-06-08T20:59:43Z"),
        (1749416383.9, "2025-06-08T20:59:43Z"),
        ("1749416383000", None),
        ("-5", None),
        ("0", None),
        ("soon", None),
        ("١٧٤٩٤١٦٣٨٣", None),
        (True, None),
        (None, None),
        (10**30, None),
        (9e99, None),
        ([], None),
    ],
)
def test_time(stamp: Any, shown: str | None) -> None:
    [fact] = parse(with_messages(text(1, timestamp=stamp))).facts
    assert as_json(fact).get("sent_at") == shown


def test_old_payload_without_anything_about_the_person_but_the_number() -> None:
    [fact] = parse(with_messages(text(1))).facts
    assert as_json(fact) == {
        "kind": "message",
        "channel": "whatsapp_cloud",
        "account": "106540352242922",
        "direction": "in",
        "provider_id": "wamid.1",
        "from": "16505551234",
        "type": "text",
        "text": "1",
    }


def test_business_scoped_id_in_the_place_of_the_number() -> None:
    [fact] = parse(with_messages(text(1, **{"from": "US.134912086"}))).facts
    assert isinstance(fact, MessageFact)
    assert (fact.from_, fact.from_user_id) == ("US.134912086", "US.134912086")


def test_stranger_gets_no_other_contacts_name() -> None:
    contact = {"profile": {"name": "Somebody else"}, "wa_id": "5215512345678"}
    [fact] = parse(with_messages(text(1), contacts=[contact])).facts
    assert isinstance(fact, MessageFact)
    assert fact.profile_name is None


def test_value_without_number_belongs_to_the_business_account() -> None:
    [fact] = parse(with_messages(text(1), metadata=None)).facts
    assert fact.account == "1"


def test_unknown_list_in_a_messages_value_becomes_an_event() -> None:
    payload = with_messages()
    payload["entry"][0]["changes"][0]["value"] = {"holograms": [1]}
    [fact] = parse(payload).facts
    assert as_json(fact) == {
        "kind": "event",
        "channel": "whatsapp_cloud",
        "account": "1",
        "field": "messages",
        "raw": {"holograms": [1]},
    }


def test_field_at_the_wrong_level_and_an_array_as_root() -> None:
    payload = with_messages(text(1))
    del payload["entry"][0]["changes"][0]["field"]
    assert texts(parse([payload, with_messages(text(2))])) == ["1", "2"]


def test_what_stands_beside_the_value_is_kept() -> None:
    payload = {
        "object": "whatsapp_business_account",
        "entry": [
            {
                "id": "1",
                "changes": [
                    {
                        "field": "message_template_status_update",
                        "value": {"event": "REJECTED"},
                        "rejection_info": {"reason": "x"},
                    }
                ],
            }
        ],
    }
    [fact] = parse(payload).facts
    assert as_json(fact)["raw"] == {"event": "REJECTED", "rejection_info": {"reason": "x"}}


@pytest.mark.parametrize(
    "payload",
    [
        {"object": "whatsapp_business_account"},
        {"object": "whatsapp_business_account", "entry": {}},
        {"object": "whatsapp_business_account", "entry": [1]},
        {"object": "whatsapp_business_account", "entry": [{"id": "1"}]},
        {"object": "whatsapp_business_account", "entry": [{"changes": [{"value": {}}]}]},
        {"object": "page", "entry": []},
        {"object": None},
        {},
        "text",
        None,
    ],
)
def test_nothing_to_read_is_one_problem(payload: Any) -> None:
    parsed = parse(payload)
    assert parsed.facts == ()
    assert len(parsed.problems) == 1


def test_unsupported_object_is_named_without_its_control_characters() -> None:
    [problem] = parse({"object": "page\x1b[2J", "entry": []}).problems
    assert "Unsupported object" in problem and "page" in problem and "\x1b" not in problem


def test_no_flood_of_problems() -> None:
    parsed = parse(with_messages(*[None] * 1000, text(1)))
    assert texts(parsed) == ["1"]
    assert len(parsed.problems) == 51
    assert parsed.problems[-1] == "950 more parts could not be read."


def test_unknown_source() -> None:
    assert registry.parse("pigeon", b"{}").problems
