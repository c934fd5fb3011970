"""The business's message templates, as GET /{waba-id}/message_templates lists them."""

from __future__ import annotations

import re
from typing import Any

from vchat_tui.simulator.more_templates import MORE


def _template(
    number: int,
    name: str,
    language: str,
    category: str,
    components: list[dict[str, Any]],
    status: str = "APPROVED",
) -> dict[str, Any]:
    named = "_named_params" in str(components)
    return {
        "id": str(590000000000000 + number),
        "name": name,
        "language": language,
        "status": status,
        "category": category,
        "parameter_format": "NAMED" if named else "POSITIONAL",
        "components": components,
        "quality_score": {"score": "GREEN" if status == "APPROVED" else "RED"},
        "rejected_reason": "NONE",
    }


def _body(text: str, *examples: str) -> dict[str, Any]:
    body: dict[str, Any] = {"type": "BODY", "text": text}
    if examples:
        body["example"] = {"body_text": [list(examples)]}
    return body


def _quick_replies(*labels: str) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": t} for t in labels]}


TEMPLATES: tuple[dict[str, Any], ...] = (
    _template(1, "hello_world", "en_US", "UTILITY", [
        {"type": "HEADER", "format": "TEXT", "text": "Hello World"},
        _body("Welcome! This message shows that templates work."),
        {"type": "FOOTER", "text": "Café Aurora"},
    ]),
    _template(2, "seguimos_en_contacto", "es", "UTILITY", [
        _body("Hola {{1}}, tenemos una respuesta para ti. ¿Seguimos por aquí?", "Lucía"),
        _quick_replies("Sí, por favor", "Ya no hace falta"),
    ]),
    _template(3, "seguimos_en_contacto", "en", "UTILITY", [
        _body("Hi {{1}}, we have an answer for you. Shall we go on here?", "Daniel"),
        _quick_replies("Yes, please", "No longer needed"),
    ]),
    _template(4, "pedido_en_camino", "es_MX", "UTILITY", [
        {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::aW"]}},
        _body("{{1}}, tu pedido {{2}} va en camino.", "Lucía", "48213"),
        {"type": "BUTTONS", "buttons": [
            {"type": "URL", "text": "Ver pedido", "url": "https://shop.example.com/p/{{1}}",
             "example": ["48213"]},
            {"type": "PHONE_NUMBER", "text": "Llamar", "phone_number": "+15550783881"},
        ]},
    ]),
    _template(5, "order_update", "en_US", "UTILITY", [
        _body("{{1}}, your order {{2}} is {{3}}.", "Ann", "42", "on its way"),
    ]),
    _template(6, "promo_primavera", "es", "MARKETING", [
        _body("¡Hola {{1}}! Esta semana, {{2}} en café de temporada.", "Lucía", "20 %"),
        _quick_replies("Quiero saber más", "No recibir más"),
    ]),
    _template(7, "codigo_acceso", "es", "AUTHENTICATION", [
        _body("{{1}} es tu código de verificación.", "123456"),
        {"type": "BUTTONS", "buttons": [
            {"type": "URL", "text": "Copiar código",
             "url": "https://shop.example.com/code/?code={{1}}", "example": ["123456"]},
        ]},
    ]),
    _template(8, "promo_invierno", "es", "MARKETING", [
        _body("Hola {{1}}, vuelve el chocolate caliente.", "Lucía"),
    ], status="PAUSED"),
    _template(9, "encuesta", "es", "MARKETING", [_body("¿Qué tal tu visita?")], status="REJECTED"),
    *(
        _template(20 + number, *more)
        for number, more in enumerate(MORE)
    ),
)  # fmt: skip


def find(name: str, language: str) -> dict[str, Any] | None:
    """The template with this name in exactly this language."""
    for template in TEMPLATES:
        if template["name"] == name and template["language"] == language:
            return template
    return None


def component(template: dict[str, Any], kind: str) -> dict[str, Any] | None:
    """Its header, body, footer or buttons (`kind` in upper case)."""
    return next((c for c in template["components"] if c["type"] == kind), None)


def variables(text: str) -> list[str]:
    """The different variables of a text, in the order in which their values come."""
    names = list(dict.fromkeys(re.findall(r"\{\{(\w+)\}\}", text)))
    return sorted(names, key=int) if all(name.isdecimal() for name in names) else names
