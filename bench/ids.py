"""Numbers and ids as WhatsApp has them: what they look like decides what an index of them costs."""

from __future__ import annotations

import base64
import hashlib

PHONE_NUMBER_ID = "106540352242922"
BUSINESS_ACCOUNT_ID = "102290129340398"
OUR_NUMBER = "15550783881"
APP_SECRET = "0123456789abcdef0123456789abcdef"
INBOX = "Ventas"

_FIRST = ("Ana", "Luis", "María", "José", "Lucía", "Diego", "Sofía", "Emma", "Noah", "Zoë")
_LAST = ("García", "López", "Núñez", "Pérez", "Ruiz", "Castro", "Smith", "Jones", "Müller")


def phone(person: int) -> str:
    """The wa_id of a made-up person in Mexico."""
    return f"52155{person:08d}"


def recipient(person: int) -> str:
    """The wa_id of a made-up person in Spain, where people dial what WhatsApp writes."""
    return f"3460{person:07d}"


def user_id(person: str) -> str:
    """The business-scoped id of a person, as webhooks carry it beside the number since 2026."""
    return f"MX.{int(person) * 7919 % 10**16:016d}"


def name(person: str) -> str:
    """The profile name of a person."""
    number = int(person[-8:])
    return f"{_FIRST[number % len(_FIRST)]} {_LAST[number // 7 % len(_LAST)]} {number}"


def message_id(kind: str, person: str, number: int) -> str:
    """An id like WhatsApp's: base64 of the person's number and of what looks like chance.

    Args:
        kind: keeps the ids of several uses apart.
        person: digits.
        number: of the message.
    """
    chance = hashlib.blake2b(f"{kind}{number}".encode(), digest_size=10).hexdigest().upper()
    raw = b"\x1d\x18" + bytes([len(person)]) + person.encode() + b"\x15\x02\x00\x12\x18\x14"
    return "wamid." + base64.b64encode(raw + chance.encode() + b"\x00").decode()


def client_id(number: int) -> str:
    """An id as consoles make them: 32 hex digits without order."""
    return hashlib.blake2b(f"client{number}".encode(), digest_size=16).hexdigest()
