"""A template for each kind of part that Meta knows: media, places, offers, cards, forms, products."""

from __future__ import annotations

from typing import Any

_Parts = list[dict[str, Any]]


def _text(text: str, *examples: str) -> dict[str, Any]:
    return {"type": "BODY", "text": text, "example": {"body_text": [list(examples)]}}


def _header(form: str) -> dict[str, Any]:
    return {"type": "HEADER", "format": form, "example": {"header_handle": ["4::aW"]}}


def _buttons(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": list(buttons)}


def _card(name: str) -> dict[str, Any]:
    return {
        "components": [
            _header("IMAGE"),
            _text(name + " a {{1}}", "45 pesos"),
            _buttons(
                {"type": "QUICK_REPLY", "text": "Lo quiero"},
                {"type": "URL", "text": "Ver", "url": "https://shop.example.com/p/{{1}}",
                 "example": ["48213"]},
            ),
        ]
    }  # fmt: skip


_COUPON = {"type": "COPY_CODE", "text": "Copiar código", "example": ["AURORA10"]}

# name, language, category, components
MORE: tuple[tuple[str, str, str, _Parts], ...] = (
    ("cita_confirmada", "es", "UTILITY", [
        {"type": "HEADER", "format": "TEXT", "text": "Cita del {{dia}}",
         "example": {"header_text_named_params": [{"param_name": "dia", "example": "jueves"}]}},
        {"type": "BODY", "text": "Hola {{nombre}}, le esperamos a las {{hora}}.", "example": {
            "body_text_named_params": [
                {"param_name": "nombre", "example": "Lucía"},
                {"param_name": "hora", "example": "17:30"}]}},
        {"type": "FOOTER", "text": "Café Aurora"},
        _buttons({"type": "QUICK_REPLY", "text": "Confirmo"},
                 {"type": "QUICK_REPLY", "text": "Cambiar la cita"}),
    ]),
    ("factura", "es", "UTILITY", [
        _header("DOCUMENT"),
        _text("Su factura de {{1}} vence el {{2}}.", "currency:MXN:450.50", "date:1 de junio"),
    ]),
    ("receta_en_video", "es", "MARKETING", [
        _header("VIDEO"), _text("{{1}}, así preparamos el chocolate. ¿Lo prueba?", "Lucía"),
    ]),
    ("donde_estamos", "es", "UTILITY", [
        {"type": "HEADER", "format": "LOCATION"},
        {"type": "BODY", "text": "Nos encuentra aquí, de 8 a 20 horas."},
    ]),
    ("oferta_de_hoy", "es", "MARKETING", [
        _header("IMAGE"),
        {"type": "LIMITED_TIME_OFFER",
         "limited_time_offer": {"text": "¡Termina pronto!", "has_expiration": True}},
        _text("Hola {{1}}, diez por ciento en todo.", "Lucía"),
        _buttons(_COUPON, {"type": "URL", "text": "Comprar",
                           "url": "https://shop.example.com/o/{{1}}", "example": ["aurora10"]}),
    ]),
    ("cupon", "en_US", "MARKETING", [
        _text("Hi {{1}}, here is your coupon.", "Ann"), _buttons(_COUPON),
    ]),
    ("pasteles", "es", "MARKETING", [
        _text("{{1}}, estos salen hoy del horno:", "Lucía"),
        {"type": "CAROUSEL", "cards": [_card("Rollo de canela"), _card("Pan de muerto")]},
    ]),
    ("encuesta_formulario", "es", "UTILITY", [
        {"type": "BODY", "text": "¿Nos cuenta cómo le fue?"},
        _buttons({"type": "FLOW", "text": "Responder", "flow_id": "900100", "flow_action": "NAVIGATE",
                  "navigate_screen": "START"}),
    ]),
    ("menu_completo", "es", "MARKETING", [
        _text("{{1}}, este es el menú.", "Lucía"),
        _buttons({"type": "CATALOG", "text": "Ver el menú"}),
    ]),
    ("menu_de_la_semana", "es", "MARKETING", [
        {"type": "HEADER", "format": "TEXT", "text": "Esta semana"},
        _text("{{1}}, lo que más gusta:", "Lucía"),
        _buttons({"type": "MPM", "text": "Ver"}),
    ]),
)  # fmt: skip
