"""The small parts: actions, times, drafts, bell, crash files, pages of a long text."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stub_desk import NOW, make_conversation

from vchat_tui import crash, i18n
from vchat_tui.actions import ACTIONS, SCOPES, bindings, key_name
from vchat_tui.app import VchatApp
from vchat_tui.clock import Clock
from vchat_tui.notifications import RING_SECONDS, BellPolicy
from vchat_tui.screens.text_view import CHARACTERS, LINES, pages
from vchat_tui.widgets.describe import window_label, window_open
from vchat_tui.widgets.drafts import LocalDraft, LocalDrafts

CLOCK = Clock(now=lambda: NOW, zone=UTC)

# ---- the table of actions ------------------------------------------------------------------------


def test_every_action_has_an_id_of_its_own_and_a_known_scope() -> None:
    ids = [action.id for action in ACTIONS]
    assert len(ids) == len(set(ids))
    assert {action.scope for action in ACTIONS} <= set(SCOPES)
    assert all(action.label and action.help and action.run for action in ACTIONS)


def test_no_key_means_two_things_in_one_place() -> None:
    taken: dict[tuple[str, str], str] = defaultdict(str)
    for action in ACTIONS:
        for key in action.keys:
            assert not taken[action.scope, key], (action.id, taken[action.scope, key], key)
            taken[action.scope, key] = action.id


def test_keys_that_old_terminals_confuse_are_never_used() -> None:
    keys = {key for action in ACTIONS for key in action.keys}
    assert not keys & {"ctrl+i", "ctrl+m", "ctrl+h", "ctrl+left_square_bracket"}


def test_typing_is_never_taken_from_the_person() -> None:
    """Keys that work before the text box sees them are none that one types or edits with."""
    editing = set("abcdefghijklmnopqrstuvwxyz") | {
        "ctrl+a", "ctrl+c", "ctrl+d", "ctrl+e", "ctrl+k", "ctrl+u", "ctrl+v", "ctrl+w", "ctrl+x",
        "ctrl+y", "ctrl+z", "left", "right", "up", "down", "backspace", "tab",
    }  # fmt: skip
    early = {key for action in ACTIONS if action.priority for key in action.keys}
    assert not early & editing


def test_bindings_carry_the_ids_for_remapping() -> None:
    assert {binding.id for binding in bindings("list")} >= {"list-archive", "filter-trash"}


@pytest.mark.parametrize(
    ("key", "name"),
    [("ctrl+p", "Ctrl+P"), ("question_mark", "?"), ("f1", "F1"), ("a", "a"), ("escape", "Esc")],
)
def test_keys_are_named_as_people_read_them(key: str, name: str) -> None:
    assert key_name(key) == name


# ---- times ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "short", "day"),
    [
        (timedelta(minutes=5), "11:55", "Today"),
        (timedelta(days=1), "Tue", "Yesterday"),
        (timedelta(days=6), "Thu", "Thu 26 Feb"),
        (timedelta(days=20), "12 Feb", "Thu 12 Feb"),
        (timedelta(days=100), "Nov’25", "Mon 24 Nov 2025"),
    ],
)
def test_times_are_as_short_as_they_can_be(ago: timedelta, short: str, day: str) -> None:
    i18n.use("en")
    assert CLOCK.short(NOW - ago) == short
    assert CLOCK.day(NOW - ago) == day


def test_times_are_shown_in_the_readers_zone() -> None:
    madrid = Clock(now=lambda: NOW, zone=timezone(timedelta(hours=1)))
    assert madrid.time(datetime(2026, 3, 4, 23, 30, tzinfo=UTC)) == "00:30"


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "◷ 23 h"), (20 * 60, "◷ 3 h"), (23 * 60 + 33, "◔ 25 min"), (24 * 60 - 2, "⊘ closed")],
)
def test_the_window_is_told_by_sign_and_word(minutes: int, text: str) -> None:
    i18n.use("en")
    row = make_conversation(1, "Ana", "34", "x", 0, minutes)
    label = window_label(row, CLOCK)
    assert label is not None and label.text == text
    assert window_open(row, CLOCK) == (text != "⊘ closed")


# ---- drafts --------------------------------------------------------------------------------------


def test_a_draft_file_is_private_and_comes_back_whole(tmp_path: Path) -> None:
    drafts = LocalDrafts(tmp_path / "drafts")
    draft = LocalDraft(text="Hola\n¿qué tal? 👍", cursor=(1, 3), client_id="x", reply_to=7)
    drafts.save(5, draft)
    assert drafts.load(5) == draft
    assert (tmp_path / "drafts" / "5.json").stat().st_mode & 0o777 == 0o600
    drafts.forget(5, "another text")
    assert drafts.load(5) == draft
    drafts.forget(5, draft.text)
    assert drafts.load(5) is None


def test_a_damaged_draft_file_stops_nobody(tmp_path: Path) -> None:
    drafts = LocalDrafts(tmp_path)
    (tmp_path / "5.json").write_bytes(b"\x00half")
    assert drafts.load(5) is None


# ---- the bell ------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.floats(0, 5), st.booleans(), st.booleans()), max_size=30))
def test_the_bell_is_rare_and_only_for_what_is_not_seen(
    events: list[tuple[float, bool, bool]],
) -> None:
    now = [100.0]
    policy = BellPolicy(lambda: now[0])
    rung: list[float] = []
    for wait, arrived, looking in events:
        now[0] += wait
        if policy.rings(arrived=arrived, looking_at_it=looking):
            assert arrived and not looking
            rung.append(now[0])
    assert all(b - a >= RING_SECONDS for a, b in itertools.pairwise(rung))


# ---- crash files ---------------------------------------------------------------------------------


def broken(secret: str) -> None:
    """Fails with a secret in its variables and in its words."""
    raise ValueError(f"bad token {secret}")


async def test_a_crash_leaves_a_file_without_data(
    app: VchatApp, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match="bad token"):
        async with app.run_test() as pilot:
            await pilot.pause()
            app.call_later(broken, "s3cr3t")
            await pilot.pause()
    assert app.return_code == 1
    (file,) = (app.home / "crash").iterdir()  # type: ignore[operator]
    text = file.read_text()
    assert "builtins.ValueError" in text and "in broken" in text
    assert "s3cr3t" not in text + capsys.readouterr().err
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_crash_file_names_every_cause(tmp_path: Path) -> None:
    try:
        try:
            broken("x")
        except ValueError as error:
            raise KeyError("y") from error
    except KeyError as error:
        assert "builtins.ValueError" in crash.report(error)
        assert crash.write(error, tmp_path / "no" / "folder") is not None
        (tmp_path / "file").touch()
        assert crash.write(error, tmp_path / "file" / "x") is None


# ---- a long text in pages ------------------------------------------------------------------------


@given(st.text(alphabet="ab\n", max_size=3 * CHARACTERS))
def test_pages_hold_the_whole_text(text: str) -> None:
    parts = pages(text)
    assert all(len(part) <= CHARACTERS and part.count("\n") < LINES for part in parts)
    assert "".join(parts).replace("\n", "") == text.replace("\n", "")
