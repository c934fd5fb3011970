"""The console: it follows the desk, opens screens and leaves the terminal clean.

What can be done lives in the screens. Starting must be quick, so that nothing of the server
(HTTP client, store, web server) is imported from here.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, ClassVar

from textual import work
from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from vchat_tui import i18n
from vchat_tui.actions import bindings
from vchat_tui.clock import Clock
from vchat_tui.desk.calls import Desk, DeskError, Disconnected
from vchat_tui.events import AnyEvent, Frame
from vchat_tui.i18n import _
from vchat_tui.screens.main import MainScreen
from vchat_tui.text import clean
from vchat_tui.widgets.console import ScreenName, Severity

# Imported when first opened: a start pays only for what it shows.
SCREENS_BY_NAME: dict[str, tuple[str, str]] = {
    "users": ("vchat_tui.screens.users", "UsersScreen"),
    "search": ("vchat_tui.screens.search", "SearchScreen"),
    "failed": ("vchat_tui.screens.failed", "FailedScreen"),
    "settings": ("vchat_tui.screens.settings", "SettingsScreen"),
    "diagnostics": ("vchat_tui.screens.diagnostics", "DiagnosticsScreen"),
    "user_card": ("vchat_tui.screens.user_card", "UserCardScreen"),
    "raw": ("vchat_tui.screens.raw", "RawScreen"),
}
THEMES = ("textual-dark", "textual-light", "ansi-dark", "ansi-light")


class VchatApp(App[None]):
    """The console over a desk.

    Args:
        desk: the server's own, or one across the link.
        home: where local drafts and crash files go; None: nowhere.
        clock: what time it is and in which zone it is shown.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [
        (0, "-narrow"),
        (100, "-wide"),
    ]
    TITLE = "vchat"

    def __init__(self, desk: Desk, *, home: Path | None = None, clock: Clock | None = None) -> None:
        super().__init__()
        self.desk = desk
        self.home = home
        self.clock = clock or Clock()
        self.animation_level = "none"

    def get_default_screen(self) -> Screen[Any]:
        return MainScreen()

    def on_mount(self) -> None:
        self._follow()

    # ---- what the desk tells ----------------------------------------------------------------

    @work(group="follow", exclusive=True, exit_on_error=False)
    async def _follow(self) -> None:
        async for frame in self.desk.follow():
            self._apply(frame)

    def _apply(self, frame: Frame) -> None:
        for screen in self.screen_stack:
            if frame.resync and (resync := getattr(screen, "on_desk_resync", None)):
                resync()
            if hear := getattr(screen, "on_desk_event", None):
                for event in frame.events:
                    self._tell(hear, event)

    def _tell(self, hear: Any, event: AnyEvent) -> None:
        hear(event)

    # ---- what screens ask -------------------------------------------------------------------

    def say(self, text: str, *, severity: Severity = "information") -> None:
        """A toast. The text is cleaned and never read as markup."""
        self.notify(text, severity=severity)

    def notify(self, message: str, *, title: str = "", markup: bool = False, **more: Any) -> None:
        """Textual's toast, made safe for foreign text: cleaned, and markup off."""
        super().notify(clean(message), title=clean(title, one_line=True), markup=False, **more)

    def say_error(self, error: Exception) -> None:
        """A toast for a call that was refused or did not get through."""
        self.notify(error_text(error), severity="error")

    def _load(self, name: str) -> Any:
        module, attribute = SCREENS_BY_NAME[name]
        return getattr(importlib.import_module(module), attribute)

    async def open_screen(self, name: ScreenName) -> object:
        """Push a screen by name and wait for what it dismisses with. Only from a worker."""
        return await self.push_screen_wait(self._load(name)())

    async def show_user(self, user_id: int) -> None:
        """The card of a user. Only from a worker."""
        await self.push_screen_wait(self._load("user_card")(user_id))

    async def show_raw(self, title: str, payload: object) -> None:
        """A message or webhook as the provider sent it. Only from a worker."""
        await self.push_screen_wait(self._load("raw")(title, payload))

    # ---- when something goes wrong ----------------------------------------------------------

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """The one place where errors of workers end: the person hears of them."""
        error = event.worker.error
        if event.state is not WorkerState.ERROR or error is None:
            return
        if isinstance(error, DeskError | Disconnected):
            self.say_error(error)
        elif isinstance(error, Exception):
            self._handle_exception(error)


def error_text(error: Exception) -> str:
    """What to tell the person, in their language."""
    if isinstance(error, DeskError):
        text = _(error.message)
        return text.format(**error.values) if error.values else text
    if isinstance(error, Disconnected):
        return _("The server cannot be reached now. Nothing is lost; try again in a moment.")
    return _("Something went wrong: {error}").format(error=type(error).__name__)


def run_console(desk: Desk, home: Path | None, language: str) -> int:
    """Run the console until the person leaves.

    Returns:
        The exit code: 0, or 1 after a crash.
    """
    i18n.use(language)
    app = VchatApp(desk, home=home)
    app.run()
    return app.return_code or 0
