"""What a webhook of a WhatsApp business account says: messages, statuses, echoes, events, errors.

Facts from Meta's webhook reference (developers.facebook.com, WhatsApp Business Platform,
Webhooks) and its page on business-scoped user ids. Meta puts up to 1,000 updates in one request:
every entry, every change in it and every element in that is read on its own, so that one broken
element loses nothing but itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from vchat_tui.channels.facts import (
    EchoFact,
    ErrorFact,
    EventFact,
    Fact,
    MessageFact,
    Party,
    StatusFact,
)
from vchat_tui.channels.payload import Unreadable, moment_at, object_at, plain, text_at
from vchat_tui.channels.whatsapp_content import MOVES, first_error, read_content, read_error
from vchat_tui.i18n import _
from vchat_tui.models import Direction, Status

CHANNEL = "whatsapp_cloud"

# What goes wrong when a value is of a kind that no reader expected.
BROKEN = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)

_PROVIDER_ID = re.compile(r"[\w.=:+/-]{1,512}")
_BUSINESS_SCOPED_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
_MESSAGE_FIELDS = ("messages", "smb_message_echoes", "message_echoes")
_STATUSES = {
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.READ,
    "played": Status.PLAYED,
    "failed": Status.FAILED,
}
_EMPTY: dict[str, Any] = {}


class Naming(NamedTuple):
    """How the webhooks of a provider name our numbers.

    `account`: the name, from an entry and a `value` in it; raises Unreadable where there is none.
    """

    channel: str
    account: Callable[[dict[str, Any], dict[str, Any]], str]


class _About(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all elements of one `value`."""

    channel: str
    account: str
    our_number: str | None
    people: dict[str, dict[str, Any]]  # the value's contacts, by wa_id and by business-scoped id
    only_person: dict[str, Any]  # its contact, where it has exactly one


def is_business_scoped(identifier: str) -> bool:
    """Whether it is one of Meta's user ids (`US.1349…`, `US.ENT.118…`), not a phone number."""
    return _BUSINESS_SCOPED_ID.fullmatch(identifier) is not None


def is_provider_id(identifier: Any) -> bool:
    """Whether it can be a message id: what else comes there is kept out of keys and requests."""
    return isinstance(identifier, str) and _PROVIDER_ID.fullmatch(identifier) is not None


def read_account(
    payload: dict[str, Any], facts: list[Fact], problems: list[str], naming: Naming | None = None
) -> None:
    """Reads a whole webhook body of a business account; adds to `facts` and `problems`.

    Args:
        payload: the body, `{"object": ..., "entry": [...]}`.
        naming: None: Meta's own.
    """
    naming = naming or Naming(CHANNEL, _account)
    for where, entry in _elements(payload, "entry", problems, ""):
        for place, change in _elements(entry, "changes", problems, f"{where}."):
            try:
                _read_change(entry, change, facts, problems, place, naming)
            except BROKEN as error:
                problems.append(_sentence(place, error))


def _elements(
    parent: dict[str, Any], key: str, problems: list[str], prefix: str
) -> list[tuple[str, dict[str, Any]]]:
    """The objects of a list, each with its path; what is not an object is a problem."""
    elements = parent.get(key)
    if not isinstance(elements, list):
        problems.append(_sentence(prefix + key, Unreadable(_("it is not a list"))))
        return []
    found = []
    for place, element in enumerate(elements):
        path = f"{prefix}{key}[{place}]"
        if isinstance(element, dict):
            found.append((path, element))
        else:
            problems.append(_sentence(path, Unreadable(_("it is not an object"))))
    return found


def _sentence(where: str, error: Exception) -> str:
    """One sentence for `problems`. Unforeseen errors name their kind, never foreign text."""
    what = str(error) if isinstance(error, Unreadable) else type(error).__name__
    return _("{where} could not be read: {what}.").format(where=where, what=what.rstrip("."))


def _read_change(
    entry: dict[str, Any],
    change: dict[str, Any],
    facts: list[Fact],
    problems: list[str],
    where: str,
    naming: Naming,
) -> None:
    value = change.get("value")
    if isinstance(value, dict):
        # Meta's documentation shows `field` at other levels, too.
        field = text_at(change, "field") or text_at(entry, "field") or _guess_field(value)
        if field in _MESSAGE_FIELDS and _read_messages(
            entry, value, facts, problems, where, naming
        ):
            return
    else:
        field, value = text_at(change, "field") or "unknown", {"value": value}
    facts.append(_event(entry, change, field, value, naming))


def _guess_field(value: dict[str, Any]) -> str:
    return "messages" if any(key in value for key in _LISTS) else "unknown"


def _read_messages(
    entry: dict[str, Any],
    value: dict[str, Any],
    facts: list[Fact],
    problems: list[str],
    where: str,
    naming: Naming,
) -> bool:
    """Reads the lists of a value; False where it holds none that we know."""
    about = None
    for key, read in _LISTS.items():
        if value.get(key) is None:
            continue
        if about is None:
            about = _about(entry, value, naming)
        for place, element in _elements(value, key, problems, f"{where}."):
            try:
                facts.append(read(element, about))
            except BROKEN as error:
                problems.append(_sentence(place, error))
    return about is not None


def _about(entry: dict[str, Any], value: dict[str, Any], naming: Naming) -> _About:
    metadata = object_at(value, "metadata")
    people: dict[str, dict[str, Any]] = {}
    contacts = value.get("contacts")
    contacts = contacts if isinstance(contacts, list) else []
    for contact in contacts:
        if isinstance(contact, dict):
            for key in ("user_id", "wa_id"):
                if (identifier := text_at(contact, key)) is not None:
                    people[identifier] = contact
    return _About(
        channel=naming.channel,
        account=naming.account(entry, value),
        our_number=text_at(metadata, "display_phone_number"),
        people=people,
        only_person=contacts[0] if len(contacts) == 1 and people else _EMPTY,
    )


def _account(entry: dict[str, Any], value: dict[str, Any]) -> str:
    """The number's id; for what concerns the whole account, the account's id."""
    account = text_at(object_at(value, "metadata"), "phone_number_id") or text_at(entry, "id")
    if account is None:
        raise Unreadable(_("it names no phone number id and no account"))
    return account


def _provider_id(element: dict[str, Any]) -> str:
    identifier = element.get("id")
    if not is_provider_id(identifier):
        raise Unreadable(_("its id is missing or unusual"))
    return str(identifier)


def _message(message: dict[str, Any], about: _About) -> Fact:
    """A message of a customer."""
    address, person = text_at(message, "from"), text_at(message, "from_user_id")
    parent = text_at(message, "from_parent_user_id")
    moved_to = None
    if message.get("type") == "system":
        system = object_at(message, "system")
        address = address or text_at(system, "customer")
        person = text_at(system, "previous_user_id") or person
        parent = text_at(system, "previous_parent_user_id") or parent
        moved_to = _new_identity(system, address, person)
    contact = _contact(about, address, person)
    address = address or text_at(contact, "wa_id")
    person = person or text_at(contact, "user_id")
    if address is None and person is None:
        raise Unreadable(_("it names no sender"))
    if person is None and address is not None and is_business_scoped(address):
        person = address  # some payloads carry the user id in the place of the number
    profile = object_at(contact, "profile")
    return MessageFact(
        channel=about.channel,
        account=about.account,
        provider_id=_provider_id(message),
        direction=Direction.IN,
        from_=address,
        to=about.our_number,
        from_user_id=person,
        parent_user_id=parent or text_at(contact, "parent_user_id"),
        username=text_at(profile, "username"),
        profile_name=text_at(profile, "name"),
        sent_at=moment_at(message, "timestamp"),
        moved_to=moved_to,
        **read_content(message),
    )


def _contact(about: _About, address: str | None, person: str | None) -> dict[str, Any]:
    """The contact that belongs to a sender. Never by position: batches mix their order."""
    if address is None and person is None:
        return about.only_person
    if address is not None and address in about.people:
        return about.people[address]
    return about.people.get(person, _EMPTY) if person is not None else _EMPTY


def _new_identity(system: dict[str, Any], address: str | None, person: str | None) -> Party | None:
    """The customer's new number or id, where a system message says that it changed.

    `new_wa_id` is how API versions before v12 call `wa_id`.
    """
    if system.get("type") not in MOVES:
        return None
    new_address = text_at(system, "wa_id") or text_at(system, "new_wa_id")
    new_person = text_at(system, "user_id")
    if new_address in (None, address) and new_person in (None, person):
        return None
    return Party(
        address=new_address,
        business_scoped_id=new_person,
        parent_business_scoped_id=text_at(system, "parent_user_id"),
    )


def _status(status: dict[str, Any], about: _About) -> Fact:
    """What became of a message of ours."""
    word = text_at(status, "status")
    if word is None:
        raise Unreadable(_("it has no status"))
    recipient, person = text_at(status, "recipient_id"), text_at(status, "recipient_user_id")
    known = _STATUSES.get(word)
    return StatusFact(
        channel=about.channel,
        account=about.account,
        provider_id=_provider_id(status),
        status=known,
        provider_status=None if known else word,
        to=recipient,
        to_user_id=person or text_at(_contact(about, recipient, person), "user_id"),
        sent_at=moment_at(status, "timestamp"),
        error=first_error(status.get("errors")),
        callback_data=text_at(status, "biz_opaque_callback_data"),
    )


def _echo(message: dict[str, Any], about: _About) -> Fact:
    """A message that our business wrote in the phone app."""
    address, person = text_at(message, "to"), text_at(message, "to_user_id")
    if address is None and person is None:
        raise Unreadable(_("it names no recipient"))
    return EchoFact(
        channel=about.channel,
        account=about.account,
        provider_id=_provider_id(message),
        direction=Direction.OUT,
        from_=text_at(message, "from"),
        to=address,
        to_user_id=person,
        sent_at=moment_at(message, "timestamp"),
        **read_content(message),
    )


def _error(error: dict[str, Any], about: _About) -> Fact:
    """A problem of the account, tied to no message."""
    return ErrorFact(
        channel=about.channel, account=about.account, error=read_error(error), raw=plain(error)
    )


_LISTS: dict[str, Callable[[dict[str, Any], _About], Fact]] = {
    "messages": _message,
    "statuses": _status,
    "message_echoes": _echo,
    "errors": _error,
}


def _event(
    entry: dict[str, Any],
    change: dict[str, Any],
    field: str,
    value: dict[str, Any],
    naming: Naming,
) -> EventFact:
    """Anything else: templates, quality, account, history, calls, preferences ...

    Parts of the change beside `value` (Meta puts `rejection_info` there in one place) are kept.
    """
    beside = {key: item for key, item in change.items() if key not in ("field", "value")}
    event = value.get("event")
    return EventFact(
        channel=naming.channel,
        account=naming.account(entry, value),
        field=field,
        event=event if isinstance(event, str) else None,
        sent_at=moment_at(entry, "time"),
        raw=plain({**beside, **value}),
    )
