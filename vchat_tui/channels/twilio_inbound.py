"""What a request of Twilio says: a message of a customer, or what became of one of ours.

Facts from Twilio's "Messaging webhooks" and "Track the status of outbound messages", and from
captured requests of 2026. Parameters come and go without notice, so each is taken where it is there.
The journal keeps the request's query, a line break, and its body: our own data comes back in the
query of a status callback.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec

from vchat_tui.channels.facts import Fact, MessageFact, Parsed, StatusFact
from vchat_tui.channels.payload import plain, text_at
from vchat_tui.channels.whatsapp_inbound import is_business_scoped, is_provider_id
from vchat_tui.i18n import _
from vchat_tui.models import Direction, Media, MessageError, Reply, Status

SMS = "sms_twilio"
WHATSAPP = "whatsapp_twilio"
CALLBACK_KEY = "ob"
"""The query parameter of a status callback that holds our data."""

MAX_MEDIA = 10
_MAX_FIELDS = 512
_WHATSAPP_PREFIX = "whatsapp:"

_FILE_NAME = re.compile(r"[^\n/\\]{1,240}\.[A-Za-z0-9]{1,8}")

_STATUSES = {
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.READ,
    "failed": Status.FAILED,
    "undelivered": Status.FAILED,
    "canceled": Status.FAILED,
}
# Words for what we know already: Twilio has it. They change nothing.
_ON_THE_WAY = frozenset({"accepted", "scheduled", "queued", "sending", "partially_delivered"})

# Twilio's "Advanced Opt-Out": it knows the words of each country, and ours besides.
_OPT_OUT_TYPES = {"STOP": True, "START": False}

Fields = Mapping[str, str]


def parse(body: bytes) -> Parsed:
    """What a request says. Never raises: what cannot be read is a sentence in `problems`.

    Args:
        body: the query, a line break and the body, as the journal keeps them.
    """
    query, _newline, form = body.partition(b"\n")
    try:
        asked = _read(query)
        fields = _read(form) or asked
    except ValueError:
        return Parsed((), (_("The body is not a form."),))
    try:
        fact = _fact(fields, asked.get(CALLBACK_KEY))
    except _Missing as missing:
        return Parsed((), (str(missing),))
    return Parsed((fact,))


def as_webhook(message: dict[str, Any], media: Sequence[tuple[str, str]]) -> bytes:
    """A message of the API in the form of the webhook that it would have had.

    Args:
        message: an element of Messages.json.
        media: address and type of its files.
    """
    fields = {
        "MessageSid": text_at(message, "sid"),
        "AccountSid": text_at(message, "account_sid"),
        "MessagingServiceSid": text_at(message, "messaging_service_sid"),
        "From": text_at(message, "from"),
        "To": text_at(message, "to"),
        "Body": text_at(message, "body"),
        "DateSent": text_at(message, "date_sent") or text_at(message, "date_created"),
        "SmsStatus": "received",
        "NumMedia": str(len(media)),
    }
    for number, (url, mime_type) in enumerate(media):
        fields[f"MediaUrl{number}"] = url
        fields[f"MediaContentType{number}"] = mime_type
    return b"\n" + urlencode({name: value for name, value in fields.items() if value}).encode()


class _Missing(ValueError):
    """A field that must be there is not; the text is a sentence."""


def _read(form: bytes) -> dict[str, str]:
    text = form.decode("ascii")
    pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="replace")
    return {name: str(plain(value)) for name, value in pairs}


def _fact(fields: Fields, callback_data: str | None) -> Fact:
    provider_id = next(
        (fields[key] for key in ("MessageSid", "SmsSid", "SmsMessageSid") if fields.get(key)), None
    )
    if not is_provider_id(provider_id):
        raise _Missing(_("It names no message (MessageSid)."))
    status = fields.get("MessageStatus") or fields.get("SmsStatus") or "received"
    if status in ("received", "receiving"):
        return _message(fields, str(provider_id))
    return _status(fields, str(provider_id), status, callback_data)


def _channel(address: str) -> str:
    return WHATSAPP if address.startswith(_WHATSAPP_PREFIX) else SMS


def _needed(fields: Fields, key: str) -> str:
    value = fields.get(key, "")
    if not value:
        raise _Missing(_("It has no {field}.").format(field=key))
    return value


def _message(fields: Fields, provider_id: str) -> MessageFact:
    sender, ours = _needed(fields, "From"), _needed(fields, "To")
    channel = _channel(ours)
    address = sender.removeprefix(_WHATSAPP_PREFIX)
    person = fields.get("ExternalUserId", "").removeprefix(_WHATSAPP_PREFIX) or None
    if is_business_scoped(address):
        address, person = "", address  # the customer hides the number
    return MessageFact(
        channel=channel,
        account=ours,
        service=fields.get("MessagingServiceSid") or None,
        provider_id=provider_id,
        direction=Direction.IN,
        from_=address or None,
        to=ours.removeprefix(_WHATSAPP_PREFIX),
        from_user_id=person if person and is_business_scoped(person) else None,
        profile_name=fields.get("ProfileName") or None,
        reply_to=fields.get("OriginalRepliedMessageSid") or None,
        sent_at=_sent_at(fields),
        opt_out=_OPT_OUT_TYPES.get(fields.get("OptOutType", "")),
        **_content(fields),
    )


def _sent_at(fields: Fields) -> datetime | None:
    """`DateSent` (RFC 2822): only where the message was read from the API, not in a webhook."""
    try:
        moment = parsedate_to_datetime(fields.get("DateSent", ""))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def _content(fields: Fields) -> dict[str, Any]:
    """The fields of `models.Content`. `MessageType` is missing in older requests and in SMS."""
    kind = fields.get("MessageType") or ""
    media = _media(fields)
    text = fields.get("Body") or None
    if fields.get("Latitude") and fields.get("Longitude"):
        return {"type": "location", "location": _location(fields)}
    if fields.get("ListId") or fields.get("ButtonText") or fields.get("ButtonPayload"):
        return _chosen(fields)
    if media:
        return _file(kind, text, media)
    if kind in ("", "text"):
        return {"type": "text", "text": text or ""}
    return {"type": kind, "text": text, "raw": dict(fields)}


def _file(kind: str, text: str | None, media: tuple[Media, ...]) -> dict[str, Any]:
    mime_type = media[0].mime_type or ""
    if mime_type.startswith("text/") and "vcard" in mime_type:
        return {"type": "contacts", "media": media}
    kind = kind if kind in ("image", "video", "audio", "document", "sticker") else _kind(mime_type)
    if kind == "document" and text is not None and _FILE_NAME.fullmatch(text):
        # Without a caption Twilio puts the file's name there: those are not the customer's words.
        named = tuple(msgspec.structs.replace(each, filename=text) for each in media)
        return {"type": kind, "media": named}
    return {"type": kind, "text": text, "media": media}


def _kind(mime_type: str) -> str:
    family = mime_type.partition("/")[0]
    return family if family in ("image", "video", "audio") else "document"


def _media(fields: Fields) -> tuple[Media, ...]:
    """The files; `NumMedia` may say something else than the addresses do."""
    found = []
    for number in range(MAX_MEDIA):
        url = fields.get(f"MediaUrl{number}")
        if url:
            mime_type = fields.get(f"MediaContentType{number}") or None
            found.append(Media(id=url, url=url, mime_type=mime_type, state="pending"))
    return tuple(found)


def _location(fields: Fields) -> dict[str, Any]:
    location: dict[str, Any] = {}
    for key in ("Latitude", "Longitude"):
        try:
            location[key.lower()] = float(fields[key])
        except ValueError:
            raise _Missing(_("It has no {field}.").format(field=key)) from None
    for key, name in (("Label", "name"), ("Address", "address")):
        if fields.get(key):
            location[name] = fields[key]
    return location


def _chosen(fields: Fields) -> dict[str, Any]:
    title = fields.get("ListTitle") or fields.get("ButtonText") or fields.get("Body") or None
    reply = Reply(
        id=fields.get("ListId") or None, title=title, payload=fields.get("ButtonPayload") or None
    )
    return {"type": "interactive", "text": title, "reply": reply}


def _status(fields: Fields, provider_id: str, word: str, callback_data: str | None) -> StatusFact:
    sender = _needed(fields, "From")
    to = fields.get("To", "").removeprefix(_WHATSAPP_PREFIX)
    known = _STATUSES.get(word)
    return StatusFact(
        channel=_channel(sender),
        account=sender,
        service=fields.get("MessagingServiceSid") or None,
        provider_id=provider_id,
        status=known,
        provider_status=None if known or word in _ON_THE_WAY else word,
        to=to or None,
        sent_at=_done_at(fields),
        error=_error(fields, word),
        callback_data=callback_data,
    )


def _error(fields: Fields, word: str) -> MessageError | None:
    code = fields.get("ErrorCode") or ""
    if code in ("", "0") and _STATUSES.get(word) is not Status.FAILED:
        return None
    words = fields.get("ErrorMessage") or fields.get("ChannelStatusMessage") or None
    return MessageError(code=code[:40] or word, title=words and words[:1000])


def _done_at(fields: Fields) -> datetime | None:
    """`RawDlrDoneDate`: when the carrier says that it was done (YYMMDDhhmm, UTC)."""
    value = fields.get("RawDlrDoneDate", "")
    if len(value) != 10 or not (value.isascii() and value.isdigit()):
        return None
    try:
        return datetime.strptime(value, "%y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None
