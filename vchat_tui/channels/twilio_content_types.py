"""The types of Twilio's Content templates as components in the form of Meta's definitions.

Facts from the pages of Twilio's "Content types". Every value is named over the whole content, so a
component of our own lists them all (see `templates.keyed`): those of texts, of addresses of files
and buttons, and of what buttons send back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from vchat_tui.channels.payload import text_at

Component = dict[str, Any]

RICHEST_FIRST = (
    "whatsapp/authentication", "whatsapp/card", "twilio/carousel", "twilio/card",
    "twilio/list-picker", "twilio/call-to-action", "twilio/quick-reply", "twilio/media",
    "twilio/text",
)  # fmt: skip
"""Of several types in one content Twilio sends the richest that the channel knows."""

_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_VIDEO = re.compile(r"\.(mp4|3gpp?|mov)(\?|$)", re.IGNORECASE)
_DOCUMENT = re.compile(r"\.(pdf|docx?|xlsx?|pptx?|txt|csv|zip)(\?|$)", re.IGNORECASE)
_ACTIONS = {
    "QUICK_REPLY": "QUICK_REPLY", "URL": "URL", "PHONE_NUMBER": "PHONE_NUMBER",
    "COPY_CODE": "COPY_CODE", "VOICE_CALL": "VOICE_CALL", "VOICE_CALL_REQUEST": "VOICE_CALL",
}  # fmt: skip

# WhatsApp's own words of an authentication message: the text, the warning, how long it holds.
_CODE_WORDS = {
    "en": (
        "{{1}} is your verification code.",
        "For your security, do not share this code.",
        "This code expires in {minutes} minutes.",
    ),
    "es": (
        "Tu código de verificación es {{1}}.",
        "Por tu seguridad, no lo compartas.",
        "Este código caduca en {minutes} minutos.",
    ),
}


def components_of(
    kind: str, content: dict[str, Any], samples: dict[str, Any], language: str
) -> tuple[Component, ...]:
    """The components of a content of one type.

    Args:
        kind: such as `twilio/text`; one that is not known becomes a component that nothing can fill in.
        content: what the content has for this type.
        samples: an example for each variable, by name.
        language: of the content.
    """
    if kind == "whatsapp/authentication":
        parts = _authentication(content, language)
    elif kind in _READERS:
        parts = _READERS[kind](content, samples)
    else:
        parts = [{"type": kind.upper()}]
    return (*parts, {"type": "VARIABLES", "variables": _variables(kind, content, samples)})


def _text(content: dict[str, Any], samples: dict[str, Any]) -> list[Component]:
    return _body(text_at(content, "body"))


def _media(content: dict[str, Any], samples: dict[str, Any]) -> list[Component]:
    return _file(content.get("media"), samples) + _body(text_at(content, "body"))


def _with_actions(content: dict[str, Any], samples: dict[str, Any]) -> list[Component]:
    return _body(text_at(content, "body")) + _buttons(content.get("actions"))


def _list(content: dict[str, Any], samples: dict[str, Any]) -> list[Component]:
    rows = [{"title": text_at(row, "item")} for row in _objects(content.get("items"))]
    return _body(text_at(content, "body")) + _buttons(rows)


def _card(content: dict[str, Any], samples: dict[str, Any]) -> list[Component]:
    return [
        *_file(content.get("media"), samples),
        *_body(text_at(content, "title")),
        *_worded("FOOTER", text_at(content, "subtitle")),
        *_buttons(content.get("actions")),
    ]


def _whatsapp_card(content: dict[str, Any], samples: dict[str, Any]) -> list[Component]:
    return [
        *_file(content.get("media"), samples),
        *_worded("HEADER", text_at(content, "header_text")),
        *_body(text_at(content, "body")),
        *_worded("FOOTER", text_at(content, "footer")),
        *_buttons(content.get("actions")),
    ]


def _carousel(content: dict[str, Any], samples: dict[str, Any]) -> list[Component]:
    cards = []
    for card in _objects(content.get("cards")):
        words = [words for key in ("title", "body") if (words := text_at(card, key))]
        cards.append(
            {
                "components": [
                    *_file(card.get("media"), samples),
                    *_body("\n".join(words)),
                    *_buttons(card.get("actions")),
                ]
            }
        )
    return [*_body(text_at(content, "body")), {"type": "CAROUSEL", "cards": cards}]


_READERS: dict[str, Callable[[dict[str, Any], dict[str, Any]], list[Component]]] = {
    "twilio/text": _text,
    "twilio/media": _media,
    "twilio/quick-reply": _with_actions,
    "twilio/call-to-action": _with_actions,
    "twilio/list-picker": _list,
    "twilio/card": _card,
    "whatsapp/card": _whatsapp_card,
    "twilio/carousel": _carousel,
}


def _authentication(content: dict[str, Any], language: str) -> list[Component]:
    text, warning, expiry = _CODE_WORDS.get(language[:2].lower(), _CODE_WORDS["en"])
    minutes = content.get("code_expiration_minutes")
    if content.get("add_security_recommendation") is not False:
        text = f"{text} {warning}"
    buttons = [
        {"type": "OTP", "text": text_at(action, "copy_code_text") or ""}
        for action in _objects(content.get("actions"))
    ]
    footer = expiry.format(minutes=minutes) if isinstance(minutes, int) else None
    return [
        *_body(text),
        *_worded("FOOTER", footer),
        {"type": "BUTTONS", "buttons": buttons},
    ]


def _body(text: str | None) -> list[Component]:
    return _worded("BODY", text)


def _worded(kind: str, text: str | None) -> list[Component]:
    return [{"type": kind, "text": text}] if text else []


def _file(media: Any, samples: dict[str, Any]) -> list[Component]:
    """The header that shows a file: its address is Twilio's to fetch, so its kind is all we need."""
    url = next((each for each in _listed(media) if isinstance(each, str) and each), None)
    if url is None:
        return []
    url = _VARIABLE.sub(lambda found: str(samples.get(found[1], "")), url)
    form = "VIDEO" if _VIDEO.search(url) else "DOCUMENT" if _DOCUMENT.search(url) else "IMAGE"
    return [{"type": "HEADER", "format": form}]


def _buttons(actions: Any) -> list[Component]:
    buttons = []
    for action in _objects(actions):
        kind = text_at(action, "type") or "QUICK_REPLY"
        buttons.append(
            {
                "type": _ACTIONS.get(kind, kind),
                "text": text_at(action, "title") or "",
                "url": text_at(action, "url") or "",
                "phone_number": text_at(action, "phone") or "",
            }
        )
    return [{"type": "BUTTONS", "buttons": buttons}] if buttons else []


def _variables(kind: str, content: dict[str, Any], samples: dict[str, Any]) -> list[dict[str, str]]:
    """Every variable once: numbers by size, then names as they come."""
    if kind == "whatsapp/authentication":
        return [{"name": "1", "kind": "code", "example": str(samples.get("1", ""))}]
    kinds: dict[str, str] = {}
    for key, text in _strings("", content):
        for found in _VARIABLE.finditer(text):
            known = kinds.get(found[1])
            kinds[found[1]] = "text" if known == "text" else _kind_of(key, text, found[0])
    names = sorted(
        kinds, key=lambda name: (not name.isdecimal(), int(name) if name.isdecimal() else 0)
    )
    return [
        {"name": name, "kind": kinds[name], "example": str(samples.get(name, ""))} for name in names
    ]


def _kind_of(key: str, text: str, variable: str) -> str:
    if key not in ("media", "url"):
        return "text"
    return "link" if text.strip() == variable else "url_suffix"


def _strings(key: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every text in a content, with the key that it stands under."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for inner, each in value.items():
            yield from _strings(str(inner), each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(key, each)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in _listed(value) if isinstance(each, dict)]
