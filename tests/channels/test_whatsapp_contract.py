"""Whatever `check_content` lets through makes a body that Meta takes (property test)."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest
from contracts import whatsapp_violations
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from message_kinds import KINDS, RICH_TEMPLATE

from vchat_tui.channels import registry
from vchat_tui.channels.base import Outgoing
from vchat_tui.channels.whatsapp_body import build_body
from vchat_tui.models import Content
from vchat_tui.simulator.checks.message import check_message

ALL = KINDS | {"rich template": Content(type="template", template=RICH_TEMPLATE)}


def body_of(content: Content) -> dict[str, Any]:
    body = build_body(Outgoing(content=content, callback_data="m-1", address="16505551234"))
    assert isinstance(body, dict), body
    return body


@pytest.mark.parametrize("name", ALL)
def test_every_kind_passes(name: str) -> None:
    content = ALL[name]
    assert registry.check_content("whatsapp_cloud", content) is None
    body = body_of(content)
    assert whatsapp_violations(body) == []
    assert body["type"] == content.type and content.type in body
    if name != "rich template":  # the simulator knows its own templates only
        assert check_message(body) == content.type


def test_the_kinds_are_the_capabilities() -> None:
    can = registry.capabilities("whatsapp_cloud")
    assert {content.type for content in KINDS.values()} == can.kinds
    assert set(can.media) == {"image", "video", "audio", "document", "sticker"}
    assert can.templates and can.reactions and can.typing


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything inside a JSON value."""
    items = value.items() if isinstance(value, dict) else (
        enumerate(value) if isinstance(value, list) else ()
    )  # fmt: skip
    found = []
    for key, item in items:
        found += [(*path, key), *places(item, (*path, key))]
    return found


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-200, 200),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.sampled_from(["", " ", "\n", "a\tb", "x     y", "http://x", "https://x.example/ y", "0", "A"]),
    st.sampled_from([20, 21, 24, 25, 60, 61, 72, 73, 1024, 1025, 4096, 4097]).map(lambda n: "x" * n),
    st.text(max_size=8),
    st.builds(list),
    st.builds(dict),
    st.builds(lambda: [{}]),
    st.sampled_from(["text", "image", "video", "list", "button", "product", "flow", "url", "body"]),
)  # fmt: skip


@st.composite
def contents(draw: st.DrawFn) -> dict[str, Any]:
    """A message of some kind with a few things changed, added, doubled or taken away."""
    content = msgspec.to_builtins(draw(st.sampled_from(list(ALL.values()))))
    content = copy.deepcopy(content)
    for _ in range(draw(st.integers(0, 3))):
        where = draw(st.sampled_from(places(content)))
        holder: Any = content
        for key in where[:-1]:
            holder = holder[key]
        last = where[-1]
        match draw(st.sampled_from(["change", "take", "double", "add", "swap"])):
            case "change":
                holder[last] = draw(JUNK)
            case "take":
                del holder[last]
            case "double" if isinstance(holder, list):
                holder.extend([copy.deepcopy(holder[last])] * draw(st.integers(1, 12)))
            case "add" if isinstance(holder, dict):
                key = draw(st.sampled_from(["text", "id", "link", "sha256", "type", "name", "x"]))
                holder[key] = draw(JUNK)
            case "swap":
                other = draw(st.sampled_from(places(content)))
                taken: Any = content
                for key in other:
                    taken = taken[key]
                holder[last] = copy.deepcopy(taken)
        if not places(content):
            break
    return content


def judge(wanted: dict[str, Any]) -> None:
    """A content is refused with a place and a reason, or its body is one that Meta takes."""
    try:
        content = msgspec.convert(wanted, Content)
    except msgspec.ValidationError:
        return
    problem = registry.check_content("whatsapp_cloud", content)
    if problem is not None:
        assert problem.field
        problem.message.format(**problem.values)
        return
    content = msgspec.convert(uploaded(msgspec.to_builtins(content)), Content)
    body = body_of(content)
    assert whatsapp_violations(body) == [], body


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(contents())
def test_what_passes_is_taken(wanted: dict[str, Any]) -> None:
    judge(wanted)


@pytest.mark.parametrize("name", ALL)
def test_what_passes_is_taken_with_any_one_thing_wrong(name: str) -> None:
    original = msgspec.to_builtins(ALL[name])
    wrong: list[Any] = [None, "", " ", "x" * 5000, 5, -1.5, True, [], {}, [{}], "sha256"]
    for *path, last in places(original):
        for value in [*wrong, "take it away", "thirteen of it"]:
            content = copy.deepcopy(original)
            holder: Any = content
            for key in path:
                holder = holder[key]
            if value == "take it away":
                del holder[last]
            elif value == "thirteen of it":
                holder[last] = [holder[last]] * 13 if isinstance(holder, dict) else holder[last]
                if isinstance(holder, list):
                    holder.extend(copy.deepcopy(holder[:1]) * 12)
            else:
                holder[last] = value
            judge(content)


def uploaded(value: Any) -> Any:
    """The same with an id in the place of each of our own files, as the sender makes it."""
    if isinstance(value, dict):
        own = isinstance(value.get("sha256"), str) and value.get("id") is None
        value = {**value, "id": "123"} if own else value
        return {key: uploaded(item) for key, item in value.items() if key != "sha256"}
    return [uploaded(item) for item in value] if isinstance(value, (list, tuple)) else value
