"""Hostile and damaged bodies: reading never raises, and no fact hurts a later step."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whatsapp_samples import NAMES, sample

from vchat_tui.channels import dialog360_inbound
from vchat_tui.channels.facts import Fact, MessageFact, Parsed
from vchat_tui.channels.meta import parse
from vchat_tui.text import clean

SAMPLES = [sample(name)["body"] for name in NAMES]
FACT = msgspec.json.Decoder(Fact)

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["\ud800", "a\x00b", "\x1b]0;x\x07", "1e999", 10**40, -(2**63) - 1, float("nan")]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def check(parsed: Parsed) -> None:
    """Facts encode to JSON and come back the same; problems are sentences that can be stored."""
    for fact in parsed.facts:
        assert FACT.decode(msgspec.json.encode(fact)) == fact
        for number in _numbers(msgspec.to_builtins(fact)):
            assert -(2**63) <= number < 2**63 or isinstance(number, float)
    for problem in parsed.problems:
        problem.encode()
        assert clean(problem, one_line=True) == problem


def _numbers(value: Any) -> list[int | float]:
    if isinstance(value, dict):
        return [number for item in value.values() for number in _numbers(item)]
    if isinstance(value, (list, tuple)):
        return [number for item in value for number in _numbers(item)]
    return [value] if isinstance(value, (int, float)) else []


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value, as a path."""
    found = [path] if path else []
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        found += _places(item, (*path, key))
    return found


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(SAMPLES), st.integers(0, 2**32), st.lists(JSON_VALUES, min_size=1, max_size=3)
)
def test_samples_with_parts_replaced(body: Any, seed: int, values: list[Any]) -> None:
    body, chance = copy.deepcopy(body), random.Random(seed)
    for value in values:
        *path, last = chance.choice(_places(body))
        parent = body
        for key in path:
            parent = parent[key]
        parent[last] = value
    check(parse(json.dumps(body).encode()))
    check(dialog360_inbound.parse(json.dumps(body).encode()))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SAMPLES), st.integers(0, 10_000), st.binary(max_size=6))
def test_samples_with_bytes_replaced(body: Any, place: int, junk: bytes) -> None:
    raw = json.dumps(body, ensure_ascii=False).encode()
    place %= len(raw)
    check(parse(raw[:place] + junk + raw[place + len(junk) :]))
    check(dialog360_inbound.parse(raw[:place] + junk + raw[place + len(junk) :]))


@settings(max_examples=200, deadline=None)
@given(st.binary() | JSON_VALUES.map(lambda value: json.dumps(value).encode()))
def test_anything(body: bytes) -> None:
    check(parse(body))


def message(content: bytes) -> bytes:
    return (
        b'{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages",'
        b'"value":{"messages":[{"from":"1650","id":"wamid.1",' + content + b"}]}}]}]}"
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb'"a\ud800b"', "a\ufffdb"),
        (rb'"\ud83d\ude00"', "😀"),
        (rb'"a\u0000b"', "a\x00b"),
        (b'"a\x00b"', "a\x00b"),
        (b'"first","body":"second"', "second"),
        ('"caña"'.encode(), "caña"),
    ],
)
def test_odd_texts_survive(body: bytes, text: str) -> None:
    parsed = parse(message(b'"type":"text","text":{"body":' + body + b"}"))
    check(parsed)
    [fact] = parsed.facts
    assert isinstance(fact, MessageFact)
    assert fact.text == text


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        (b"9223372036854775807", 9223372036854775807),
        (b"9223372036854775808", "9223372036854775808"),
        (b"1" * 30, "1" * 30),
        (b"-" + b"9" * 5000, "-" + "9" * 5000),
        (b"1e999", "inf"),
        (b"NaN", None),
        (b"-Infinity", None),
    ],
)
def test_odd_numbers_survive(number: bytes, kept: Any) -> None:
    parsed = parse(message(b'"type":"hologram","depth":' + number))
    check(parsed)
    [fact] = parsed.facts
    assert isinstance(fact, MessageFact) and fact.raw is not None
    assert fact.raw["depth"] == kept


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_other_encodings_are_a_problem(encoding: str) -> None:
    parsed = parse('{"object":"ñ"}'.encode(encoding))
    assert parsed.facts == () and len(parsed.problems) == 1


def test_byte_order_mark_is_passed_over() -> None:
    assert len(parse(b"\xef\xbb\xbf" + message(b'"type":"request_welcome"')).facts) == 1


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
@pytest.mark.parametrize("levels", [100, 5_000, 200_000])
def test_deep_nesting_is_a_problem(opening: bytes, levels: int) -> None:
    parsed = parse(message(b'"type":"x","x":' + opening * levels))
    assert parsed.facts == () and len(parsed.problems) == 1


def test_depth_ends_at_64_levels_and_counts_no_brackets_in_texts() -> None:
    inside = 64 - 8  # the object is 8 levels down
    allowed = (
        b'"type":"x","t":"' + b"[{" * 500 + rb"\"[" + b'","x":' + b"[" * inside + b"]" * inside
    )
    assert len(parse(message(allowed)).facts) == 1
    deeper = b'"type":"x","x":' + b"[" * (inside + 1) + b"]" * (inside + 1)
    assert parse(message(deeper)).facts == ()


def test_text_without_end_is_read_once() -> None:
    """Half a million escaped quotes: quadratic reading would take hours."""
    assert parse(b'{"a":[' + b"[" * 100 + b'"' + b'\\"' * 500_000).facts == ()


def test_form_as_deep_as_an_attack_is_kept_raw() -> None:
    answer = json.dumps({"type": "nfm_reply", "nfm_reply": {"response_json": "[" * 100_000}})
    [fact] = parse(message(b'"type":"interactive","interactive":' + answer.encode())).facts
    assert isinstance(fact, MessageFact)
    assert fact.form is None and fact.raw is not None
