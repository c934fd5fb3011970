"""For any template and any values: Meta's rules hold, or the reason is given for one value."""

from __future__ import annotations

import json
import re
from itertools import cycle
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from template_kit import COUPON, PHONE, QUICK, URL, body, buttons, definition, header

from vchat_tui.templates import FillError, fill, variables

SHA = "0f" * 32

wordings = st.lists(
    st.one_of(
        st.sampled_from(["Hola", ", ", "pedido", "\n", "{{", "}}"]),
        st.integers(1, 12).map(lambda n: f"{{{{{n}}}}}"),
    ),
    max_size=12,
).map(" ".join)
headers = st.one_of(
    st.none(),
    st.builds(header, st.sampled_from(["IMAGE", "VIDEO", "DOCUMENT", "LOCATION"])),
    wordings.map(lambda text: header("TEXT", text)),
)
button_lists = st.lists(st.sampled_from([URL, QUICK, PHONE, COUPON]), max_size=10)


@st.composite
def templates(draw: st.DrawFn) -> Any:
    parts = [body(draw(wordings))]
    head = draw(headers)
    if head is not None:
        parts.insert(0, head)
    pressed = draw(button_lists)
    if pressed:
        parts.append(buttons(*pressed))
    return definition(*parts)


typed = st.lists(st.text(max_size=30), min_size=1, max_size=5)


def value_for(variable: Any, text: str) -> str:
    if variable.kind in ("image", "video", "document"):
        return SHA
    return "4.5" if variable.place.endswith(("latitude", "longitude")) else text


@given(templates(), typed)
def test_what_is_filled_in_keeps_metas_rules(template: Any, texts: list[str]) -> None:
    wanted = variables(template)
    values = {v.place: value_for(v, text) for v, text in zip(wanted, cycle(texts), strict=False)}
    try:
        filled = fill(template, values)
    except FillError as error:
        assert error.place in values  # the reason stands next to a field that exists
        return
    parts = filled.use.components
    said = [p["text"] for part in parts for p in part["parameters"] if p["type"] == "text"]
    assert all(text.strip() and not re.search(r"[\n\r\t]| {5,}", text) for text in said)
    indexes = [part["index"] for part in parts if part["type"] == "button"]
    assert len(set(indexes)) == len(indexes)
    body_names = {v.place for v in wanted if v.place.startswith("body.")}
    sent = [part for part in parts if part["type"] == "body"]
    assert sum(len(part["parameters"]) for part in sent) == len(body_names)
    assert all(part["parameters"] for part in parts)  # Meta refuses an empty list
    json.dumps(parts, allow_nan=False)


@given(templates(), st.dictionaries(st.text(max_size=10), st.text(max_size=30), max_size=4))
def test_any_values_at_all_are_taken_or_refused_with_a_place(
    template: Any, values: dict[str, str]
) -> None:
    try:
        fill(template, values)
    except FillError as error:
        assert error.message
