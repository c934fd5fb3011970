"""Very many users changed at once, but few conversations: consoles still hear that users changed."""

from __future__ import annotations

from vchat_tui.desk import hub
from vchat_tui.events import CountsChanged, ManyChanged, UserChanged
from vchat_tui.models import Counts
from vchat_tui.store import changes
from vchat_tui.store.changes import ChangeRow


def user_rows(count: int) -> list[ChangeRow]:
    return [ChangeRow(number, changes.USER, None, number) for number in range(1, count + 1)]


def heard(count: int) -> list[type]:
    picture = hub.Picture({}, {}, [], Counts())
    return [type(event) for event in hub._shared_events(user_rows(count), picture)]


def test_a_few_users_are_named() -> None:
    assert heard(hub.MANY) == [UserChanged] * hub.MANY + [CountsChanged]


def test_too_many_users_are_told_as_many() -> None:
    assert heard(hub.MANY + 1) == [ManyChanged, CountsChanged]
