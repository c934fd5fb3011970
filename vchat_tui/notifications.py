"""When the terminal may ring and when the desktop may speak: in one place, so that it never becomes
a nuisance. The file `alerts.toml` of the home says it for oneself:

    bell = "always"          # never, unfocused (the terminal has no focus), always
    desktop = "unfocused"    # the same words
    text = false             # true: with the customer's words, which a lock screen may show
    code = "auto"            # how the terminal is told: 9 or 777 where auto is wrong

Nothing is told of what came before the console did, or of what the person is looking at.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vchat_tui.i18n import _
from vchat_tui.models import Conversation
from vchat_tui.text import clean

if TYPE_CHECKING:
    from textual.app import App

FILE = "alerts.toml"
RING_SECONDS = 2.0
LONGEST_NAME, LONGEST_TEXT = 60, 120
WHEN = ("never", "unfocused", "always")
CODES = ("auto", "9", "777")


@dataclass(frozen=True)
class Policy:
    """What a person wants to be told, and a sentence for each entry that cannot be used."""

    bell: str = "always"
    desktop: str = "unfocused"
    text: bool = False
    code: str = "auto"
    problems: tuple[str, ...] = ()


def read(path: Path | None) -> Policy:
    """What a file asks for; the usual where there is no file."""
    if path is None or not path.exists():
        return Policy()
    import tomllib  # few have the file

    try:
        return check(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        problem = _("{file} cannot be read: {reason}").format(file=FILE, reason=error)
        return Policy(problems=(problem,))


def check(table: Mapping[str, Any]) -> Policy:
    """What of a table can be used."""
    allowed = {"bell": WHEN, "desktop": WHEN, "text": (True, False), "code": CODES}
    good: dict[str, Any] = {}
    problems = []
    for key, value in table.items():
        choices = allowed.get(key)
        value = str(value) if key == "code" else value
        if choices is not None and value in choices and isinstance(value, type(choices[0])):
            good[key] = value
        else:
            words = ", ".join(map(str, choices or allowed)).lower()
            problems.append(
                _("{file}: “{key}” cannot be that; possible are: {words}").format(
                    file=FILE, key=key, words=words
                )
            )
    return Policy(**good, problems=tuple(problems))


class BellPolicy:
    """A bell for a new customer message in a conversation that nobody looks at, rarely.

    Args:
        clock: seconds of a clock that never goes back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: float | None = None

    def rings(self, *, arrived: bool, looking_at_it: bool) -> bool:
        """May it ring for this event? A yes counts as a ring."""
        now = self._clock()
        if not arrived or looking_at_it:
            return False
        if self._last is not None and now - self._last < RING_SECONDS:
            return False
        self._last = now
        return True


class News:
    """Gathers what came, and tells it in one sentence every two seconds at most.

    Args:
        tell: gets the sentence.
        later: calls something after so many seconds.
        with_text: with the customer's words, where there is one message.
        clock: seconds of a clock that never goes back.
    """

    def __init__(
        self,
        tell: Callable[[str], None],
        later: Callable[[float, Callable[[], None]], object],
        *,
        with_text: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell = tell
        self._later = later
        self._with_text = with_text
        self._clock = clock
        self._last = -RING_SECONDS
        self._waiting = False
        self._came: dict[int, Conversation] = {}
        self._more = 0

    def add(self, conversation: Conversation) -> None:
        """A customer wrote."""
        self._came[conversation.id] = conversation
        self._soon()

    def add_many(self, count: int) -> None:
        """So many customers wrote at once."""
        self._more += count
        self._soon()

    def _soon(self) -> None:
        wait = self._last + RING_SECONDS - self._clock()
        if wait <= 0:
            self._flush()
        elif not self._waiting:
            self._waiting = True
            self._later(wait, self._flush)

    def _flush(self) -> None:
        self._waiting = False
        self._last = self._clock()
        sentence = self._sentence()
        self._came.clear()
        self._more = 0
        if sentence:
            self._tell(sentence)

    def _sentence(self) -> str:
        count = len(self._came) + self._more
        if not self._came or count > 1:
            return _("New messages in {n} conversations").format(n=count) if count else ""
        (one,) = self._came.values()
        said = _("New message from {name}").format(
            name=clean(one.title, one_line=True, limit=LONGEST_NAME)
        )
        if self._with_text and one.last_text:
            said += f": {clean(one.last_text, one_line=True, limit=LONGEST_TEXT)}"
        return said


class Alerts:
    """Rings and speaks for an app, as a person wants it."""

    def __init__(self, app: App[Any], policy: Policy) -> None:
        self._app = app
        self._policy = policy
        self._bell = BellPolicy(time.monotonic)
        self._news = News(self._speak, self._set_timer, with_text=policy.text)

    def arrived(self, conversation: Conversation, *, looking: bool) -> None:
        """A customer wrote; `looking`: their conversation is what the person looks at."""
        if self._wants(self._policy.bell) and self._bell.rings(arrived=True, looking_at_it=looking):
            self._app.bell()
        if not looking and self._wants(self._policy.desktop):
            self._news.add(conversation)

    def many(self, count: int) -> None:
        """So many customers wrote that the events do not name them."""
        came = count > 0 and self._wants(self._policy.bell)
        if self._bell.rings(arrived=came, looking_at_it=False):
            self._app.bell()
        if count and self._wants(self._policy.desktop):
            self._news.add_many(count)

    def _wants(self, when: str) -> bool:
        return when == "always" or (when == "unfocused" and not self._app.app_focus)

    def _set_timer(self, seconds: float, callback: Callable[[], None]) -> None:
        self._app.set_timer(seconds, callback)

    def _speak(self, sentence: str) -> None:
        driver = self._app._driver  # Textual has no other way to what it does not draw
        if driver is not None and self._wants(self._policy.desktop):
            driver.write(sequence(sentence, self._policy.code, os.environ))
            driver.flush()


def sequence(sentence: str, code: str, environment: Mapping[str, str]) -> str:
    """What makes a terminal show a notice on the desktop: OSC 9 (iTerm2, kitty, WezTerm, Ghostty,
    Windows Terminal) or OSC 777 (foot, urxvt, terminals of VTE); not both, or some show it twice.

    The sentence is one of ours that may hold a customer's name: cleaned, so that it cannot end the
    sequence, and never at its beginning, where `4;` would be a command to some terminals.
    """
    if code == "auto":
        name = environment.get("TERM", "")
        speaks_777 = "VTE_VERSION" in environment or name.startswith(("foot", "rxvt"))
        code = "777" if speaks_777 else "9"
    shown = clean(sentence, one_line=True)
    body = f"9;{shown}" if code == "9" else f"777;notify;vchat;{shown.replace(';', ',')}"
    written = f"\x1b]{body}\x07"
    if "TMUX" in environment:  # tmux hands on what is wrapped so, where allow-passthrough is on
        doubled = written.replace("\x1b", "\x1b\x1b")
        written = f"\x1bPtmux;{doubled}\x1b\\"
    return written
