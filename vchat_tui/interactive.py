"""WhatsApp's interactive messages: made from what an agent typed, and read as plain text.

Facts from Meta's page "Interactive messages" of the WhatsApp Business Platform. What a channel
allows (lengths, counts) is checked by the channel; here only what cannot be built is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from vchat_tui.settings import _

Values = Mapping[str, str]

SECTION = "#"  # begins a section in a list of rows or products
BETWEEN = "|"  # between a row's title and its description


class InteractiveError(ValueError):
    """It cannot be built. `message` is a message id with `{name}` places for `values`.

    Args:
        field: the value that is wrong.
    """

    def __init__(self, field: str, message: str, **values: str) -> None:
        super().__init__(message.format(**values) if values else message)
        self.field = field
        self.message = message
        self.values = values


# ---- made from what was typed ------------------------------------------------------------------


def reply_buttons(values: Values) -> dict[str, Any]:
    """Up to three buttons; each button's id is its title. Keys: button_1 ... button_3."""
    titles = [values.get(f"button_{number}", "").strip() for number in (1, 2, 3)]
    buttons = [
        {"type": "reply", "reply": {"id": title, "title": title}} for title in titles if title
    ]
    return _framed("button", values, {"buttons": buttons})


def choice_list(values: Values) -> dict[str, Any]:
    """A list behind one button. Keys: button, rows (one a line: `Title | description`)."""
    sections: list[dict[str, Any]] = []
    for title, lines in sections_of(values.get("rows", "")):
        rows = []
        for line in lines:
            row, _sign, description = (part.strip() for part in line.partition(BETWEEN))
            rows.append({"id": row, "title": row} | _given(description=description))
        sections.append(_given(title=title) | {"rows": rows})
    action = {"button": values.get("button", "").strip(), "sections": sections}
    return _framed("list", values, action)


def link_button(values: Values) -> dict[str, Any]:
    """A button that opens a page. Keys: display_text, url."""
    parameters = {key: values.get(key, "").strip() for key in ("display_text", "url")}
    return _framed("cta_url", values, {"name": "cta_url", "parameters": parameters})


def single_product(values: Values) -> dict[str, Any]:
    """One product of a catalogue. Keys: catalog_id, product_id."""
    return _framed(
        "product",
        values,
        {
            "catalog_id": values.get("catalog_id", "").strip(),
            "product_retailer_id": values.get("product_id", "").strip(),
        },
    )


def product_list(values: Values) -> dict[str, Any]:
    """Several products. Keys: catalog_id, products (one id a line, sections between them)."""
    sections = [
        _given(title=title)
        | {"product_items": [{"product_retailer_id": product} for product in products]}
        for title, products in sections_of(values.get("products", ""))
    ]
    action = {"catalog_id": values.get("catalog_id", "").strip(), "sections": sections}
    return _framed("product_list", values, action)


def catalogue(values: Values) -> dict[str, Any]:
    """The way to the whole catalogue. Key: product_id, whose picture is shown; may be empty."""
    action: dict[str, Any] = {"name": "catalog_message"}
    if product := values.get("product_id", "").strip():
        action["parameters"] = {"thumbnail_product_retailer_id": product}
    return _framed("catalog_message", values, action)


def location_request(values: Values) -> dict[str, Any]:
    """Asks for the customer's location."""
    return _framed("location_request_message", values, {"name": "send_location"})


def flow(values: Values) -> dict[str, Any]:
    """A form made at Meta. Keys: flow (id or name), flow_cta, flow_token, screen, data (JSON).

    Raises:
        InteractiveError: `data` is not a JSON object, or there is data and no screen for it.
    """
    name = values.get("flow", "").strip()
    parameters: dict[str, Any] = {
        "flow_message_version": "3",
        "flow_id" if name.isdigit() else "flow_name": name,
        "flow_cta": values.get("flow_cta", "").strip(),
    } | _given(flow_token=values.get("flow_token", "").strip())
    screen, data = values.get("screen", "").strip(), values.get("data", "").strip()
    if data and not screen:
        raise InteractiveError("screen", _("Data needs the screen that it is for."))
    if screen:
        payload: dict[str, Any] = {"screen": screen}
        if data:
            payload["data"] = _object("data", data)
        parameters |= {"flow_action": "navigate", "flow_action_payload": payload}
    return _framed("flow", values, {"name": "flow", "parameters": parameters})


def any_kind(values: Values) -> dict[str, Any]:
    """Meta's own object, as JSON. Key: json.

    Raises:
        InteractiveError: it is not a JSON object with a `type` and an `action`.
    """
    interactive = _object("json", values.get("json", "").strip())
    if isinstance(interactive.get("interactive"), dict):  # pasted with the message around it
        interactive = interactive["interactive"]
    if not isinstance(interactive.get("type"), str):
        raise InteractiveError("json", _("“type” is missing: button, list, carousel ..."))
    if not isinstance(interactive.get("action"), dict):
        raise InteractiveError("json", _("“action” is missing: the object with what can be done."))
    return interactive


def sections_of(text: str) -> list[tuple[str, list[str]]]:
    """The lines of a text in sections: a line that begins with # names a new one."""
    sections: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        line = line.strip()
        if line.startswith(SECTION):
            sections.append((line.lstrip(SECTION).strip(), []))
        elif line:
            if not sections:
                sections.append(("", []))
            sections[-1][1].append(line)
    return sections


def _framed(kind: str, values: Values, action: dict[str, Any]) -> dict[str, Any]:
    """The object around an action, with the texts that were given."""
    made: dict[str, Any] = {"type": kind}
    header, body, footer = (values.get(key, "").strip() for key in ("header", "body", "footer"))
    if header:
        made["header"] = {"type": "text", "text": header}
    if body:
        made["body"] = {"text": body}
    if footer:
        made["footer"] = {"text": footer}
    return made | {"action": action}


def _given(**values: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}


def _object(field: str, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise InteractiveError(
            field, _("This is not JSON: line {line}, column {column}: {problem}"),
            line=str(error.lineno), column=str(error.colno), problem=error.msg,
        ) from None  # fmt: skip
    except (RecursionError, ValueError):
        raise InteractiveError(field, _("This is not JSON that can be read.")) from None
    if not isinstance(value, dict):
        raise InteractiveError(field, _("A JSON object is needed: {example}"), example='{ "…": … }')
    return value


# ---- read as plain text ------------------------------------------------------------------------


def part(holder: object, *path: str) -> Any:
    """What lies under a path of keys; None where there is no such thing."""
    for key in path:
        if not isinstance(holder, dict):
            return None
        holder = holder.get(key)
    return holder


def words(holder: object, *path: str) -> str:
    """The text under a path of keys; a number as text; empty where there is neither."""
    value = part(holder, *path)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def objects(holder: object, *path: str) -> list[dict[str, Any]]:
    """The objects in the list under a path of keys."""
    value = part(holder, *path)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def choices(interactive: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the customer can tap or see, as (kind, text): button, section, row, product."""
    holder = dict(interactive)
    for button in objects(holder, "action", "buttons"):
        yield "button", words(button, "reply", "title") or words(button, "title")
    for key in ("display_text", "flow_cta"):
        if label := words(holder, "action", "parameters", key):
            yield "button", label
    if link := words(holder, "action", "parameters", "url"):
        yield "link", link
    if opener := words(holder, "action", "button"):
        yield "button", opener
    if product := words(holder, "action", "product_retailer_id"):
        yield "product", product
    for section in objects(holder, "action", "sections"):
        if title := words(section, "title"):
            yield "section", title
        for row in objects(section, "rows"):
            parts = (words(row, "title"), words(row, "description"))
            yield "row", " · ".join(text for text in parts if text)
        for item in objects(section, "product_items"):
            yield "product", words(item, "product_retailer_id")
    for card in objects(holder, "action", "cards"):
        yield "section", words(card, "header", "text") or words(card, "body", "text")
        action = part(card, "action")
        if isinstance(action, dict):  # a card has no cards
            yield from choices({"action": {**action, "cards": None}})


def readable(interactive: Mapping[str, Any]) -> str:
    """The whole message as text: for the list, for search, and where nothing better is drawn."""
    holder = dict(interactive)
    lines = [words(holder, part_name, "text") for part_name in ("header", "body", "footer")]
    marks = {"button": "[{}]", "row": "• {}", "product": "• {}", "section": "{}:", "link": "{}"}
    lines += [marks[kind].format(text) for kind, text in choices(holder) if text]
    return "\n".join(line for line in lines if line) or words(holder, "type")
