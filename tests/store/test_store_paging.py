"""A timeline read in pages is the whole timeline: no gap, nothing twice."""

from __future__ import annotations

import sqlite3

from hypothesis import given, settings
from hypothesis import strategies as st
from store_kit import RECEIVED_AT, Store, examples
from webhook_bodies import from_customer

from vchat_tui.models import Content, Direction, Folder
from vchat_tui.store import conversations, messages
from vchat_tui.store.conversations import ListFilter


def filled(moments: list[int]) -> Store:
    """A store whose first conversation has messages at these moments, several in one maybe."""
    store = Store()
    store.apply(from_customer("wamid.a", "34600111222"), from_customer("wamid.b", "34600333444"))
    store.db.execute("DELETE FROM message_search")
    store.db.execute("DELETE FROM message WHERE conversation_id = 1")
    for number, moment in enumerate(moments):
        for conversation_id in (1, 2):
            messages.insert(
                store.db,
                messages.NewMessage(
                    conversation_id=conversation_id, inbox_id=1, direction=Direction.IN,
                    content=Content(type="text", text=f"{number}"),
                    order_at=RECEIVED_AT + moment, received_at=RECEIVED_AT,
                    provider_id=f"wamid.{number}.{conversation_id}",
                ),
            )  # fmt: skip
    return store


def everything(db: sqlite3.Connection) -> list[tuple[int, int]]:
    rows = db.execute(
        "SELECT order_at, id FROM message WHERE conversation_id = 1 ORDER BY order_at, id"
    )
    return [(row[0], row[1]) for row in rows]


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.integers(0, 12), max_size=40), st.integers(1, 9), st.data())
def test_pages_make_the_whole(moments: list[int], limit: int, data: st.DataObject) -> None:
    store = filled(moments)
    whole = everything(store.db)
    page = messages.timeline(store.db, 1, limit=limit)
    assert not page.more_after
    back = [item.order for item in page.items]
    while page.more_before:
        page = messages.timeline(store.db, 1, before=back[0], limit=limit)
        assert 0 < len(page.items) <= limit
        back = [item.order for item in page.items] + back
    assert back == whole

    if whole:
        place = data.draw(st.sampled_from(whole))
        page = messages.timeline(store.db, 1, around=place[1], limit=limit)
        both = [item.order for item in page.items]
        assert place in both
        assert len(both) <= limit
        while page.more_after:
            page = messages.timeline(store.db, 1, after=both[-1], limit=limit)
            both += [item.order for item in page.items]
        page = messages.timeline(store.db, 1, before=both[0], limit=limit)
        while page.items:
            both = [item.order for item in page.items] + both
            page = messages.timeline(store.db, 1, before=both[0], limit=limit)
        assert both == whole
    store.close()


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.integers(0, 5), max_size=25), st.integers(1, 7))
def test_the_list_in_pages_and_each_place_in_it(moments: list[int], limit: int) -> None:
    store = Store()
    for number, moment in enumerate(moments):
        store.apply(from_customer(f"wamid.{number}", f"3460011{number:04}", at=moment))
    wanted = ListFilter(Folder.INBOX, False, None, "")
    rows = []
    for offset in range(0, len(moments) + 1, limit):
        page, total = conversations.page(store.db, wanted, offset, limit)
        assert total == len(moments)
        rows += page
    assert len({row.id for row in rows}) == len(moments)
    order = [(row.last_message_at, row.id) for row in rows]
    assert order == sorted(order, reverse=True)
    for place, row in enumerate(rows):
        assert conversations.locate(store.db, row.id, wanted) == place
    store.close()
