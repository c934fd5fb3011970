"""Bell and desktop notices: when, how often, with which words, and in which bytes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driving import until
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from stub_desk import StubDesk
from textual.events import AppBlur, AppFocus

from vchat_tui import notifications
from vchat_tui.app import VchatApp
from vchat_tui.events import ConversationChanged, ManyChanged
from vchat_tui.notifications import RING_SECONDS, News, Policy, check, sequence

MakeApp = Callable[..., VchatApp]


class Timers:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self.due: list[tuple[float, Callable[[], None]]] = []
        self.told: list[tuple[float, str]] = []

    def later(self, seconds: float, callback: Callable[[], None]) -> None:
        self.due.append((self.now + seconds, callback))

    def tell(self, sentence: str) -> None:
        self.told.append((self.now, sentence))

    def go(self, seconds: float) -> None:
        end = self.now + seconds
        while self.due and min(at for at, _ in self.due) <= end:
            self.due.sort(key=lambda one: one[0])
            self.now, callback = self.due.pop(0)
            callback()
        self.now = end


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 4)), max_size=30))
def test_everything_is_told_once_and_rarely(arrivals: list[tuple[float, int]]) -> None:
    rows = StubDesk().conversations
    timers = Timers()
    news = News(timers.tell, timers.later, clock=lambda: timers.now)
    for wait, number in arrivals:
        timers.go(wait)
        news.add(rows[number])
    timers.go(RING_SECONDS)
    times = [at for at, _ in timers.told]
    assert all(b - a >= RING_SECONDS - 1e-9 for a, b in itertools.pairwise(times))
    assert bool(timers.told) == bool(arrivals)
    assert not timers.due, "nothing is left to tell"


def test_words() -> None:
    rows = StubDesk().conversations
    timers = Timers()
    news = News(timers.tell, timers.later, clock=lambda: timers.now, with_text=True)
    evil = replace(rows[1], title="4;1;50\x1b]0;x\x07", last_text="hola\nqué tal")
    news.add(evil)
    news.add(rows[2])
    news.add(rows[2])
    timers.go(RING_SECONDS)
    news.add(rows[3])
    news.add_many(9)
    timers.go(RING_SECONDS)
    first, second, third = [sentence for _, sentence in timers.told]
    assert first.startswith("New message from 4;1;50") and first.endswith(": hola⏎qué tal")
    assert "\x1b" not in first and "\x07" not in first
    assert second.startswith(f"New message from {rows[2].title}")
    assert third == "New messages in 10 conversations"


@given(st.text(), st.sampled_from(["9", "777"]), st.booleans())
def test_no_sentence_ends_its_sequence(sentence: str, code: str, tmux: bool) -> None:
    written = sequence(sentence, code, {"TMUX": "x"} if tmux else {})
    inner = written
    if tmux:
        assert written.startswith("\x1bPtmux;") and written.endswith("\x1b\\")
        inner = written[7:-2].replace("\x1b\x1b", "\x1b")
    assert inner.startswith(f"\x1b]{code};") and inner.endswith("\x07")
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in inner[1:-1])
    assert code == "9" or inner.count(";") == 3


@pytest.mark.parametrize(
    ("environment", "code"),
    [({"TERM": "xterm-kitty"}, "9"), ({"TERM": "foot"}, "777"), ({"VTE_VERSION": "7600"}, "777")],
)
def test_terminals_are_told_in_their_way(environment: dict[str, str], code: str) -> None:
    assert sequence("x", "auto", environment).startswith(f"\x1b]{code};")


def test_the_file(tmp_path: Path) -> None:
    assert notifications.read(tmp_path / "alerts.toml") == Policy()
    good = {"bell": "never", "desktop": "always", "text": True, "code": 9}
    assert check(good) == Policy("never", "always", True, "9")
    bad = check({"bell": "loud", "text": 1, "colour": "red", "desktop": "always"})
    assert (bad.desktop, bad.bell, bad.text, len(bad.problems)) == ("always", "always", False, 3)
    (tmp_path / "alerts.toml").write_text("bell = ")
    assert "alerts.toml cannot be read" in notifications.read(tmp_path / "alerts.toml").problems[0]


async def test_what_reaches_the_terminal(
    make_app: MakeApp, desk: StubDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "alerts.toml").write_text('bell = "unfocused"\ncode = "777"\n')
    monkeypatch.delenv("TMUX", raising=False)
    app = make_app(desk, home=tmp_path)
    rung: list[int] = []
    written: list[str] = []
    monkeypatch.setattr(app, "bell", lambda: rung.append(1))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: desk.made)
        write = app._driver.write  # type: ignore[union-attr]

        def spy(data: str) -> Any:
            written.extend([data] if data.startswith("\x1b]777") else [])
            return write(data)

        monkeypatch.setattr(app._driver, "write", spy)
        row = desk.conversations[3]
        desk.push(ConversationChanged(conversation=row, arrived=True))
        await pilot.pause()
        assert not rung and not written, "the terminal has the focus"
        app.post_message(AppBlur())
        await until(pilot, lambda: not app.app_focus)
        desk.push(ConversationChanged(conversation=row))  # nobody wrote
        desk.push(ConversationChanged(conversation=row, arrived=True))
        await until(pilot, lambda: written)
        assert written == [f"\x1b]777;notify;vchat;New message from {row.title}\x07"]
        assert rung == [1] and (row.last_text or "") not in written[0]
        desk.push(ManyChanged(arrived=3))
        await pilot.pause()
        app.post_message(AppFocus())
        await until(pilot, lambda: app.app_focus)
        assert len(written) == 1 and rung == [1]
