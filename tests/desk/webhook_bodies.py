"""Webhook bodies as Meta writes them, put together from parts."""

from __future__ import annotations

import json
import time
from typing import Any

NUMBER = "106540352242922"
OTHER_NUMBER = "206540352242922"
ACCOUNT = "102290129340398"
START = int(time.time()) - 600
"""Tests count from here: ten minutes ago, so that every window is open."""


def body(
    *,
    messages: tuple[dict[str, Any], ...] = (),
    contacts: tuple[dict[str, Any], ...] = (),
    statuses: tuple[dict[str, Any], ...] = (),
    echoes: tuple[dict[str, Any], ...] = (),
    number: str = NUMBER,
) -> bytes:
    """One webhook of one number."""
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": number},
    }
    lists = {
        "messages": messages,
        "contacts": contacts,
        "statuses": statuses,
        "message_echoes": echoes,
    }
    value |= {key: list(elements) for key, elements in lists.items() if elements}
    field = "smb_message_echoes" if echoes else "messages"
    return of_changes({"field": field, "value": value})


def of_changes(*changes: dict[str, Any]) -> bytes:
    """One webhook with several changes."""
    entry = {"id": ACCOUNT, "changes": list(changes)}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def text_message(
    identifier: str,
    sender: str | None,
    text: str = "hola",
    *,
    at: int = 0,
    person: str | None = None,
    quotes: str | None = None,
) -> dict[str, Any]:
    """A customer's text.

    Args:
        sender: the phone number; None: only the business-scoped id is known.
        at: seconds after START.
        person: the business-scoped id.
    """
    context = {"context": {"id": quotes}} if quotes else {}
    return _from(sender, person, at) | context | {
        "id": identifier, "type": "text", "text": {"body": text},
    }  # fmt: skip


def reaction_message(
    identifier: str, sender: str, target: str, emoji: str | None, *, at: int = 0
) -> dict[str, Any]:
    """A customer's reaction; no emoji takes it away."""
    reaction = {"message_id": target} | ({"emoji": emoji} if emoji else {})
    return _from(sender, None, at) | {"id": identifier, "type": "reaction", "reaction": reaction}


def edit_message(
    identifier: str, sender: str, target: str, text: str, *, at: int = 0
) -> dict[str, Any]:
    """A customer changed a text."""
    edit = {
        "original_message_id": target,
        "message": {"type": "text", "text": {"body": text}},
    }
    return _from(sender, None, at) | {"id": identifier, "type": "edit", "edit": edit}


def revoke_message(identifier: str, sender: str, target: str, *, at: int = 0) -> dict[str, Any]:
    """A customer took a message back."""
    return _from(sender, None, at) | {
        "id": identifier, "type": "revoke", "revoke": {"original_message_id": target},
    }  # fmt: skip


def moved_message(
    identifier: str,
    sender: str | None,
    *,
    to: str | None = None,
    person: str | None = None,
    to_person: str | None = None,
    at: int = 0,
) -> dict[str, Any]:
    """WhatsApp says that a customer has a new number, or a new business-scoped id."""
    kind = "user_changed_number" if to else "user_changed_user_id"
    system = {"type": kind, "body": "changed"}
    system |= {"wa_id": to} if to else {}
    system |= {"previous_user_id": person} if person else {}
    system |= {"user_id": to_person} if to_person else {}
    return _from(sender, None, at) | {"id": identifier, "type": "system", "system": system}


def _from(sender: str | None, person: str | None, at: int) -> dict[str, Any]:
    named = {"timestamp": str(START + at)}
    named |= {"from": sender} if sender else {}
    named |= {"from_user_id": person} if person else {}
    return named


def contact(
    sender: str | None, name: str | None, *, person: str | None = None, username: str | None = None
) -> dict[str, Any]:
    """Who a webhook speaks of."""
    profile = {"name": name} if name else {}
    profile |= {"username": username} if username else {}
    found: dict[str, Any] = {"profile": profile}
    found |= {"wa_id": sender} if sender else {}
    found |= {"user_id": person} if person else {}
    return found


def from_customer(
    identifier: str,
    sender: str | None,
    text: str = "hola",
    *,
    name: str | None = None,
    person: str | None = None,
    username: str | None = None,
    at: int = 0,
    number: str = NUMBER,
) -> bytes:
    """A webhook with one text and its sender's contact."""
    return body(
        messages=(text_message(identifier, sender, text, at=at, person=person),),
        contacts=(contact(sender, name, person=person, username=username),),
        number=number,
    )


def status(
    identifier: str,
    word: str,
    *,
    at: int = 0,
    to: str = "5215512345678",
    callback: str | None = None,
    code: int | None = None,
) -> dict[str, Any]:
    """What became of a message of ours."""
    found: dict[str, Any] = {
        "id": identifier, "status": word, "timestamp": str(START + at), "recipient_id": to,
    }  # fmt: skip
    found |= {"biz_opaque_callback_data": callback} if callback else {}
    found |= {"errors": [{"code": code, "title": f"error {code}"}]} if code else {}
    return found


def echo(identifier: str, to: str, text: str = "from the app", *, at: int = 0) -> dict[str, Any]:
    """We wrote in the phone app."""
    return {
        "from": "15550783881", "to": to, "id": identifier, "timestamp": str(START + at),
        "type": "text", "text": {"body": text},
    }  # fmt: skip
