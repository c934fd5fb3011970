"""Signed webhooks whose content means harm, from the journal to the lists: the desk goes on."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from faults_kit import text_message, webhook
from hostile import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st
from line_to_meta import Office, office

from vchat_tui.desk import calls
from vchat_tui.models import WebhookState

FIXTURES = sorted((Path(__file__).parents[1] / "fixtures" / "whatsapp").glob("*.json"))
CUSTOMER = "5215544000001"

odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from([entry.text for entry in HOSTILE if len(entry.text) < 200]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every part of a JSON value."""
    found = [path] if path else []
    pairs: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    for key, part in pairs:
        found += places(part, (*path, key))
    return found


def replaced(value: Any, path: tuple[Any, ...], part: Any) -> None:
    """Puts another part in its place."""
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = part


@st.composite
def poisoned(draw: st.DrawFn) -> bytes:
    """A real webhook with some of its parts replaced by odd ones."""
    fixture = json.loads(draw(st.sampled_from(FIXTURES)).read_text())
    value = fixture.get("body", fixture)
    for _ in range(draw(st.integers(1, 3))):
        replaced(value, draw(st.sampled_from(places(value))), draw(odd))
        if not places(value):
            break
    return json.dumps(value).encode("utf-8", "surrogatepass")


async def bring(here: Office, bodies: list[bytes]) -> None:
    """Webhooks, applied when it returns."""
    gate = here.desk.services.gate
    await asyncio.gather(*(gate.append("meta", {}, body, 1) for body in bodies))
    await here.call(calls.Settle())


@settings(max_examples=40, deadline=None)
@given(bodies=st.lists(poisoned(), min_size=5, max_size=20))
def test_no_webhook_stops_the_desk(bodies: list[bytes]) -> None:
    async def check() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with office(Path(folder) / "home") as here:
                await bring(here, bodies)
                await bring(here, [webhook(text_message(CUSTOMER, "wamid.good", "still here"))])
                found = await here.call(calls.SearchMessages(text="still here"))
                assert [hit.message.provider_id for hit in found.hits] == ["wamid.good"]
                pending = await here.call(calls.ListWebhooks(state=WebhookState.PENDING))
                assert not pending
                await here.call(calls.ListWebhooks(facts=True, limit=500))
                await here.call(calls.ListConversations(limit=500))

    asyncio.run(check())


async def test_a_poisoned_part_of_a_batch_does_not_take_the_others_along(tmp_path: Path) -> None:
    values = []
    for number, entry in enumerate(HOSTILE):
        value = text_message(CUSTOMER, f"wamid.{number}", "good")
        value["messages"].append({"id": f"wamid.bad.{number}", "type": entry.text[:50]})
        values.append(value)
    async with office(tmp_path / "home") as here:
        await bring(here, [webhook(*values[at : at + 100]) for at in range(0, len(values), 100)])
        rows = await here.rows("SELECT count(*) FROM message WHERE text = 'good'")
        assert rows == [(len(values),)]


async def test_no_search_is_an_error(tmp_path: Path) -> None:
    async with office(tmp_path / "home") as here:
        await here.customers_write(CUSTOMER)
        for entry in HOSTILE:
            await here.call(calls.SearchMessages(text=entry.text))
            await here.call(calls.ListUsers(text=entry.text))
            wanted = calls.ConversationFilter(text=entry.text)
            await here.call(calls.ListConversations(filter=wanted))
