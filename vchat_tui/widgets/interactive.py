"""An interactive message as it is drawn: in the timeline, and as a preview while it is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.content import Content

from vchat_tui.i18n import _
from vchat_tui.interactive import choices, part, words
from vchat_tui.text import clean, fold

SHOWN = 40  # so many buttons, rows and products; Meta allows fewer
RULE = 20  # cells of the lines above and below: they never wrap


def kind_name(kind: str) -> str:
    """What kind of interactive message it is, in the reader's words."""
    names = {
        "button": _("Reply buttons"),
        "list": _("List"),
        "cta_url": _("Link button"),
        "product": _("Product"),
        "product_list": _("Products"),
        "catalog_message": _("Catalogue"),
        "location_request_message": _("Asks for the location"),
        "flow": _("Form of Meta (flow)"),
        "carousel": _("Carousel"),
        "address_message": _("Asks for the address"),
        "request_contact_info": _("Asks for the contact"),
        "call_permission_request": _("Asks for leave to call"),
        "voice_call": _("Call button"),
        "order_details": _("Order to pay"),
        "order_status": _("State of an order"),
    }
    return names.get(kind) or clean(kind, one_line=True, limit=40) or "?"


def draw_interactive(interactive: Mapping[str, Any]) -> list[Content]:
    """The message in lines: framed above and below, each text wrapping as it must.

    There is no frame at the sides: terminals disagree on the width of what people write.
    """
    holder = dict(interactive)
    kind = kind_name(words(holder, "type"))
    lines = [Content.styled(f"┌─ {kind} " + "─" * max(2, RULE - len(kind)), "$text-primary")]
    if header := words(holder, "header", "text"):
        lines.append(Content.styled(clean(header, one_line=True), "bold"))
    elif form := words(holder, "header", "type"):
        lines.append(Content.styled(f"({clean(form, one_line=True)})", "dim"))
    if body := words(holder, "body", "text"):
        shown, hidden = fold(clean(body))
        lines.append(Content(shown + (f"\n… +{hidden}" if hidden else "")))
    if footer := words(holder, "footer", "text"):
        lines.append(Content.styled(clean(footer, one_line=True), "dim"))
    listed = list(choices(holder))
    lines += [_choice(kind, text) for kind, text in listed[:SHOWN]]
    if len(listed) > SHOWN:
        lines.append(Content.styled(f"… +{len(listed) - SHOWN}", "dim"))
    if not listed and part(holder, "action") and words(holder, "type") not in _SPEAKS_FOR_ITSELF:
        lines.append(Content.styled("{…}", "dim"))
    if words(holder, "type") == "location_request_message":
        lines.append(_choice("button", _("Send location")))
    if words(holder, "type") == "catalog_message":
        lines.append(_choice("button", _("View catalogue")))
    lines.append(Content.styled("└" + "─" * (RULE + 3), "$text-primary"))
    return lines


_SPEAKS_FOR_ITSELF = ("location_request_message", "catalog_message")


def _choice(kind: str, text: str) -> Content:
    safe = clean(text, one_line=True, limit=300)
    if kind == "button":
        return Content.assemble(("▐ ", "$text-accent"), (safe, "bold $text-accent"))
    if kind == "section":
        return Content.styled(safe, "bold")
    return Content.assemble(("  • " if kind != "link" else "  ", "dim"), safe)
