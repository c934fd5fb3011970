"""Template definitions as Meta lists them, one for every kind of part."""

from __future__ import annotations

from typing import Any

from vchat_tui.channels.base import TemplateDefinition


def definition(*components: dict[str, Any], category: str = "UTILITY", **other: Any) -> Any:
    """A template made of these components."""
    return TemplateDefinition(
        provider_id="5900",
        name="sample",
        language="es",
        category=category,
        status="APPROVED",
        components=components,
        **other,
    )


def body(text: str) -> dict[str, Any]:
    return {"type": "BODY", "text": text}


def header(form: str, text: str = "") -> dict[str, Any]:
    return {"type": "HEADER", "format": form, **({"text": text} if text else {})}


def buttons(*them: dict[str, Any]) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": list(them)}


URL = {"type": "URL", "text": "Ver pedido", "url": "https://shop.example.com/p/{{1}}"}
QUICK = {"type": "QUICK_REPLY", "text": "Sí"}
PHONE = {"type": "PHONE_NUMBER", "text": "Llamar", "phone_number": "+15550783881"}
COUPON = {"type": "COPY_CODE", "text": "Copiar", "example": "PRIMAVERA"}
