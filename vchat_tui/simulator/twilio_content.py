"""The Content templates of the simulated Twilio account, as GET /v1/ContentAndApprovals lists them."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

Content = dict[str, Any]

_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def _content(
    number: int,
    name: str,
    language: str,
    types: dict[str, dict[str, Any]],
    samples: dict[str, str] | None = None,
    *,
    category: str = "UTILITY",
    status: str = "approved",
    reason: str = "",
) -> Content:
    approval: dict[str, Any] = {
        "name": name,
        "category": category,
        "content_type": next(iter(types)),
        "status": status,
        "rejection_reason": reason,
        "allow_category_change": False,
    }
    return {
        "sid": f"HX{number:032x}",
        "account_sid": "AC0123456789abcdef0123456789abcdef",
        "friendly_name": name,
        "language": language,
        "variables": samples or {},
        "types": types,
        "approval_requests": approval if status != "unsubmitted" else {},
        "date_created": "2026-09-01T10:00:00Z",
        "date_updated": "2026-09-01T10:00:00Z",
    }


CONTENTS: tuple[Content, ...] = (
    _content(1, "seguimos_en_contacto", "es", {
        "twilio/quick-reply": {
            "body": "Hola {{1}}, tenemos una respuesta para ti. ¿Seguimos por aquí?",
            "actions": [{"type": "QUICK_REPLY", "title": "Sí, por favor", "id": "si"},
                        {"type": "QUICK_REPLY", "title": "Ya no hace falta", "id": "no"}],
        },
        "twilio/text": {"body": "Hola {{1}}, tenemos una respuesta para ti."},
    }, {"1": "Lucía"}),
    _content(2, "seguimos_en_contacto", "en", {
        "twilio/quick-reply": {
            "body": "Hi {{1}}, we have an answer for you. Shall we go on here?",
            "actions": [{"type": "QUICK_REPLY", "title": "Yes, please", "id": "yes"}],
        },
    }, {"1": "Daniel"}),
    _content(3, "pedido_listo", "es", {
        "twilio/call-to-action": {
            "body": "{{1}}, tu pedido {{2}} está listo.",
            "actions": [
                {"type": "URL", "title": "Ver pedido", "url": "https://shop.example.com/p/{{2}}"},
                {"type": "PHONE_NUMBER", "title": "Llamar", "phone": "+15550783881"},
            ],
        },
    }, {"1": "Lucía", "2": "48213"}),
    _content(4, "catalogo_de_otono", "es", {
        "whatsapp/card": {
            "header_text": "Otoño",
            "body": "Hola {{nombre}}, mira lo nuevo.",
            "footer": "Café Aurora",
            "actions": [{"type": "URL", "title": "Ver", "url": "https://shop.example.com"}],
        },
    }, {"nombre": "Lucía"}, category="MARKETING"),
    _content(5, "foto_del_pedido", "es", {
        "twilio/media": {"body": "Así quedó, {{1}}.",
                         "media": ["https://files.example.com/{{2}}"]},
    }, {"1": "Lucía", "2": "pedido.jpg"}),
    _content(6, "tarjetas", "es", {
        "twilio/carousel": {"body": "Para ti, {{1}}:", "cards": [
            {"title": "Flat white", "body": "Hoy {{2}}", "media": "https://files.example.com/a.jpg",
             "actions": [{"type": "QUICK_REPLY", "title": "Quiero uno", "id": "flat"}]},
            {"title": "Té", "body": "Hoy {{3}}", "media": "https://files.example.com/b.jpg",
             "actions": [{"type": "QUICK_REPLY", "title": "Quiero dos", "id": "tea"}]},
        ]},
    }, {"1": "Lucía", "2": "3 €", "3": "2 €"}, category="MARKETING"),
    _content(7, "codigo_de_acceso", "es", {
        "whatsapp/authentication": {
            "add_security_recommendation": True, "code_expiration_minutes": 5,
            "actions": [{"type": "COPY_CODE", "copy_code_text": "Copiar código"}],
        },
    }, {"1": "123456"}, category="AUTHENTICATION"),
    _content(8, "tarjeta", "es", {
        "twilio/card": {
            "title": "Hola {{1}}", "subtitle": "Solo hasta el {{2}}",
            "media": ["https://files.example.com/carta.pdf"],
            "actions": [{"type": "COPY_CODE", "title": "Copiar", "code": "{{3}}"}],
        },
    }, {"1": "Lucía", "2": "viernes", "3": "OTOÑO"}, category="MARKETING"),
    _content(9, "elija_una_hora", "es", {
        "twilio/list-picker": {"body": "¿A qué hora, {{1}}?", "button": "Horas", "items": [
            {"id": "a", "item": "10:00", "description": "mañana"}, {"id": "b", "item": "17:00"}]},
    }, {"1": "Lucía"}, status="unsubmitted"),
    _content(10, "rechazada", "es", {"twilio/text": {"body": "¡Gane dinero ya!"}},
             category="MARKETING", status="rejected", reason="PROMOTIONAL"),
    _content(11, "encuesta", "es", {
        "twilio/flows": {"body": "Una pregunta", "button_text": "Abrir", "pages": [],
                         "type": "OTHER"},
    }),
)  # fmt: skip


def page(contents: tuple[Content, ...], url: str, size: int, number: int) -> dict[str, Any]:
    """A page of the list.

    Args:
        url: of the list, without a query.
        size: contents on a page.
        number: which page, from 0.
    """
    part = contents[number * size : (number + 1) * size]
    more = len(contents) > (number + 1) * size
    query = urlencode({"PageSize": size, "Page": number + 1, "PageToken": f"DNHX{number}"})
    meta = {
        "page": number,
        "page_size": size,
        "url": url,
        "next_page_url": f"{url}?{query}" if more else None,
        "key": "contents",
    }
    return {"contents": list(part), "meta": meta}


def sent(content: Content, given: str) -> tuple[str, list[str]]:
    """What the customer reads, and the variables that were left out: their samples are sent.

    Args:
        given: ContentVariables.
    """
    values = json.loads(given or "{}")
    body = next(iter(content["types"].values()))
    left_out = sorted(set(_VARIABLE.findall(json.dumps(body))) - set(values))
    filled = content["variables"] | values
    text = str(body.get("body") or body.get("title") or "{{1}}")
    return _VARIABLE.sub(lambda found: str(filled.get(found[1], "")), text), left_out
