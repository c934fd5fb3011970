"""Keys of one's own, and the page that lists all keys."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import drawn, open_screen, until
from hypothesis import given
from hypothesis import strategies as st
from stub_desk import StubDesk

from vchat_tui import keymap
from vchat_tui.actions import ACTIONS
from vchat_tui.app import VchatApp
from vchat_tui.models import Folder
from vchat_tui.screens.settings import SettingsScreen

ROOT = Path(__file__).parents[2]


async def test_a_key_of_ones_own_acts_and_is_named(
    desk: StubDesk, make_app: Callable[..., VchatApp], tmp_path: Path
) -> None:
    (tmp_path / "keys.toml").write_text('[keys]\nlist-archive = "f11,x"\n')
    app = make_app(desk)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "Ana Belén" in drawn(pilot) and "F11 Archive" in drawn(pilot))
        await pilot.press("a")
        await pilot.press("x")
        await until(pilot, lambda: desk.conversations[1].folder is Folder.ARCHIVE)
        moved = [row for row in desk.conversations.values() if row.folder is Folder.ARCHIVE]
        assert len(moved) == 1
        await pilot.press("question_mark")
        await until(pilot, lambda: "F11 x" in drawn(pilot))


async def test_what_cannot_be_used_is_told_and_the_rest_works(
    desk: StubDesk, make_app: Callable[..., VchatApp], tmp_path: Path
) -> None:
    (tmp_path / "keys.toml").write_text('[keys]\nsearch = "ctrl+h"\nusers = "f12"\n')
    app = make_app(desk)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: "search: terminals confuse ctrl+h" in drawn(pilot))
        await pilot.press("f12")
        await until(pilot, lambda: "Ahmed Hassan" in drawn(pilot))


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ('nonsense = "f11"', "“nonsense” is no action with a key"),
        ('theme = "f11"', "“theme” is no action with a key"),
        ("search = 7", "write the keys as a text"),
        ('search = "hyper+x"', "there is no key “hyper+x”"),
        ('search = "nokey"', "there is no key “nokey”"),
        ('search = ""', "there is no key “”"),
        ('search = "ctrl+["', "terminals confuse ctrl+left_square_bracket"),
        ('archive = "x"', "x is needed for typing"),
        ('send = "space"', "space is needed for typing"),
        ('search = "ctrl+g"', "search: Ctrl+G is the key of go-to"),
        ('list-open = "f1"', "list-open: F1 is the key of help"),
        ('search = "f11"\nusers = "f11"', "F11 is the key of"),
        ("search = ", "keys.toml cannot be read"),
    ],
)
def test_each_slip_is_named(entry: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_text(f"[keys]\n{entry}\n")
    own = keymap.read(tmp_path / "keys.toml")
    assert len(own.problems) == 1 and problem in own.problems[0]


def test_two_actions_may_swap_their_keys() -> None:
    own = keymap.check({"search": "ctrl+g", "go-to": "ctrl+f"})
    assert not own.problems and own.keys["search"] == ("ctrl+g",)


def test_the_table_itself_has_no_clash() -> None:
    table = {action.id: ",".join(action.keys) for action in ACTIONS if action.keys}
    assert keymap.check(table).problems == ()


@given(st.dictionaries(st.sampled_from([action.id for action in ACTIONS]), st.text("aF1,+ctrl [")))
def test_whatever_is_written_never_makes_a_key_mean_two_things(table: dict[str, str]) -> None:
    own = keymap.check(table)
    assert own.keys.keys() <= table.keys()
    assert not keymap.check({name: ",".join(keys) for name, keys in own.keys.items()}).problems


def test_the_pages_of_keys_are_up_to_date(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "tools/keys_page.py", tmp_path], check=True)
    for name in ("keys.md", "keys.es.md"):
        assert (ROOT / "docs" / name).read_text() == (tmp_path / name).read_text(), (
            "run: python tools/keys_page.py"
        )


@pytest.mark.parametrize(("width", "more"), [(200, False), (60, True)])
async def test_where_keys_do_not_fit_the_way_out_stays_and_help_says_that_there_is_more(
    app: VchatApp, width: int, more: bool
) -> None:
    async with app.run_test(size=(width, 24)) as pilot:
        await open_screen(pilot, SettingsScreen(), "Esc Back")
        line = drawn(pilot).splitlines()[-1]
        assert ("F1 More" in line) is more
        assert ("Ctrl+P All actions" in line) is not more
        assert line.startswith(" Enter Open")
