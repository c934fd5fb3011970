"""The console: it follows the desk, opens screens and leaves the terminal clean.

What can be done lives in the screens. Starting must be quick, so that nothing of the server
(HTTP client, store, web server) is imported from here.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
import os
import signal
import time
from pathlib import Path
from typing import Any, ClassVar, cast

from rich.console import RenderableType
from rich.text import Text
from textual import work
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.binding import BindingType
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from vchat_tui import crash, hangup, i18n, keymap, notifications
from vchat_tui.actions import bindings, use_keys
from vchat_tui.clock import Clock
from vchat_tui.desk.calls import Desk, DeskError, Disconnected
from vchat_tui.events import AgentsChanged, Frame
from vchat_tui.i18n import _
from vchat_tui.remote import LinkState, RemoteDesk
from vchat_tui.screens.draft_keeper import DraftKeeper
from vchat_tui.screens.main import MainScreen
from vchat_tui.seated_app import SeatedApp
from vchat_tui.sitting import FILE
from vchat_tui.text import clean
from vchat_tui.widgets.console import ScreenName, Severity, error_text
from vchat_tui.widgets.drafts import LocalDrafts
from vchat_tui.widgets.key_bar import KeyBar
from vchat_tui.widgets.repaint import Shown, Written, changes
from vchat_tui.widgets.run import run_table_action

# Imported when first opened: a start pays only for what it shows.
SCREENS_BY_NAME: dict[str, tuple[str, str]] = {
    "users": ("vchat_tui.screens.users", "UsersScreen"),
    "search": ("vchat_tui.screens.search", "SearchScreen"),
    "failed": ("vchat_tui.screens.failed", "FailedScreen"),
    "broadcasts": ("vchat_tui.screens.broadcasts", "BroadcastsScreen"),
    "setup": ("vchat_tui.screens.setup", "SetupScreen"),
    "settings": ("vchat_tui.screens.settings", "SettingsScreen"),
    "diagnostics": ("vchat_tui.screens.diagnostics", "DiagnosticsScreen"),
    "user_card": ("vchat_tui.screens.user_card", "UserCardScreen"),
    "raw": ("vchat_tui.screens.raw", "RawScreen"),
}
THEMES = ("textual-dark", "textual-light", "ansi-dark", "ansi-light")
TOLD_SECONDS = 5  # so long the same error is not told again
# Textual keeps these at the node that owns the worker; here they rise to the app, so that no error
# of any worker goes unseen.
Worker.StateChanged.bubble = True


class VchatApp(SeatedApp):
    """The console over a desk.

    Args:
        desk: the server's own, or one across the link.
        home: where local drafts and crash files go; None: nowhere.
        clock: what time it is and in which zone it is shown.
        author: the name that messages bear while nobody was chosen.
        sits: the name of the agent who sits here, where it is known already.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 (as Textual has it)
    CSS_PATH = Path(__file__).parent / "screens/main.tcss"  # a default screen's own is not loaded
    TITLE = "vchat"

    def __init__(
        self,
        desk: Desk,
        *,
        home: Path | None = None,
        clock: Clock | None = None,
        author: str | None = None,
        sits: str | None = None,
    ) -> None:
        super().__init__(desk, home / FILE if home else None, author, sits)
        self.home = home
        self.clock = clock or Clock()
        self.animation_level = "none"
        self._shown = Shown()
        self._told: dict[str, float] = {}  # errors, and when they were told
        self._own_keys = keymap.read(home / keymap.FILE) if home else keymap.OwnKeys({})
        use_keys(self._own_keys.keys)
        self._alert_policy = notifications.read(home / notifications.FILE if home else None)
        self._main = MainScreen(
            DraftKeeper(desk, LocalDrafts(home / "drafts" if home else None)),
            notifications.Alerts(self, self._alert_policy),
        )

    def get_default_screen(self) -> Screen[Any]:
        return self._main

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Textual's way to the terminal: only what is not there yet takes it."""
        if not isinstance(renderable, LayoutUpdate | ChopsUpdate):
            super()._display(screen, renderable)
            return
        held_back = self._batch_count or not self._running or self._closed
        new = "" if held_back else changes(renderable, self._shown, self.console)
        cursor = screen.outer_size.clamp_offset(self.cursor_position)
        if new or cursor != self._previous_cursor_position:
            super()._display(screen, cast(RenderableType, Written(new)))
        else:
            self.post_display_hook()

    def on_resize(self) -> None:
        """A terminal that changes its size may move or lose what was on it."""
        self._shown.forget()

    def on_mount(self) -> None:
        self.set_keymap({name: ",".join(keys) for name, keys in self._own_keys.keys.items()})
        self.app_resume_signal.subscribe(self, lambda _app: self._shown.forget())
        if isinstance(self.desk, RemoteDesk):
            self.desk.on_state = self._main.set_link
            self._main.set_link(self.desk.state)
        else:
            self._main.set_link(LinkState.ONLINE)
        for number in (signal.SIGHUP, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._terminal_goes)

    def on_ready(self) -> None:
        self._follow()
        if problems := self._own_keys.problems + self._alert_policy.problems:
            self.say("\n".join(problems), severity="warning")

    def agent_changed(self) -> None:
        """Somebody else sits here, or they changed."""
        self._main.show_agent()

    def on_unmount(self) -> None:
        if isinstance(self.desk, RemoteDesk):
            self.desk.on_state = None
        for number in (signal.SIGHUP, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(number)

    def save_what_is_typed(self) -> None:
        """Puts the draft into its local file, at once."""
        self._main.chat.composer.save_now()

    def _terminal_goes(self) -> None:
        """SIGHUP or SIGTERM: there may be no time for more than a file."""
        self.save_what_is_typed()
        self.exit()

    # ---- what the desk tells ----------------------------------------------------------------

    @work(group="follow", exclusive=True, exit_on_error=False)
    async def _follow(self) -> None:
        async for frame in self.desk.follow():
            try:
                await self._apply(frame)
            except NoMatches:
                if self.is_running:
                    raise
                return  # the person leaves, and parts of the screens are gone already

    async def _apply(self, frame: Frame) -> None:
        """Tell every screen; a screen that is interested has `on_desk_event(event)`, and
        `on_desk_resync()` where reading everything again is not the same as for any event."""
        if frame.resync or any(isinstance(event, AgentsChanged) for event in frame.events):
            self.look_who_sits(server_is_new=frame.resync)
        for screen in list(self.screen_stack):
            if frame.resync:
                await _tell(screen, "on_desk_resync")
            for event in frame.events:
                await _tell(screen, "on_desk_event", event)

    # ---- what screens ask -------------------------------------------------------------------

    def say(self, text: str, *, severity: Severity = "information") -> None:
        """A toast. The text is cleaned and never read as markup."""
        self.notify(text, severity=severity)

    def notify(self, message: str, *, title: str = "", markup: bool = False, **more: Any) -> None:
        """Textual's toast, made safe for foreign text: cleaned, and markup off."""
        super().notify(clean(message), title=clean(title, one_line=True), markup=False, **more)

    def say_error(self, error: Exception) -> None:
        """A toast for a call that was refused or did not get through, once for many of a kind."""
        text, now = error_text(error), time.monotonic()
        fresh = {told: at for told, at in self._told.items() if now - at < TOLD_SECONDS}
        if text not in fresh:
            fresh[text] = now
            self.notify(text, severity="error")
        self._told = fresh

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

    # ---- actions ----------------------------------------------------------------------------

    def _scopes_here(self) -> tuple[str, ...]:
        """The scopes of the screen that is shown, the nearest first."""
        bars = self.screen.query(KeyBar)
        return bars.first().scopes if bars else ("app",)

    def action_help(self) -> None:
        """The keys that work here."""
        from vchat_tui.screens.help import Help  # only when asked for

        if not isinstance(self.screen, Help):
            self.push_screen(Help(self._scopes_here()))

    @work(group="palette", exclusive=True, exit_on_error=False)
    async def action_palette(self) -> None:
        """Find any action by its name."""
        from vchat_tui.screens.palette import Palette  # only when asked for

        if self.screen.is_modal:
            return
        scopes = self._scopes_here()
        if self.screen is self._main:
            scopes = tuple(dict.fromkeys((*scopes, "list", "timeline")))
        action = await self.push_screen_wait(Palette(scopes))
        if action is not None:
            await run_table_action(self, action)

    def action_redraw(self) -> None:
        """Draw everything again: another program wrote on the terminal."""
        self._shown.forget()
        self.refresh()

    def action_next_theme(self) -> None:
        """Dark, light, or the terminal's own colours."""
        place = THEMES.index(self.theme) if self.theme in THEMES else -1
        self.theme = THEMES[(place + 1) % len(THEMES)]

    async def action_switch_language(self) -> None:
        """English, Spanish, English ..."""
        i18n.use("en" if i18n.language() == "es" else "es")
        for screen in list(self.screen_stack):
            await _tell(screen, "retranslate")

    async def action_leave(self) -> None:
        """Leave; what is typed is kept."""
        await self._main.chat.composer.save_and_leave()
        self.exit()

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

    def _fatal_error(self) -> None:
        """Textual would print local variables, which hold customers' words: a file without them
        is written instead, and one sentence says where."""
        with contextlib.suppress(Exception):  # whatever broke may have broken this too
            self._main.chat.composer.save_now()
        error = self._exception
        path = None
        if error is not None and self.home is not None:
            path = crash.write(error, self.home / "crash")
        if path is None:
            text = _("vchat-tui stopped because of an error of its own. What you typed is kept.")
        else:
            text = _(
                "vchat-tui stopped because of an error of its own. What you typed is kept. "
                "Details (no customer data): {path}"
            ).format(path=path)
        self._exit_renderables.append(Text(clean(text)))
        self._close_messages_no_wait()


async def _tell(screen: Screen[Any], name: str, *arguments: Any) -> None:
    """Call a method that a screen may have."""
    method = getattr(screen, name, None)
    answer = method(*arguments) if method else None
    if inspect.isawaitable(answer):
        await answer


def run_console(
    desk: RemoteDesk, home: Path | None, language: str, agent: str | None = None
) -> int:
    """Run the console until the person leaves.

    Args:
        desk: not started yet; started and closed here.
        home: where local drafts and crash files go.
        agent: the name of who sits here, where it is known already.

    Returns:
        The exit code: 0, or 1 after a crash.
    """
    i18n.use(language)
    clock = Clock(now=desk.time.now)
    app = VchatApp(desk, home=home, author=os.environ.get("USER"), clock=clock, sits=agent)
    hangup.leave_with_terminal(app.save_what_is_typed)
    asyncio.run(_run(app, desk))
    return app.return_code or 0


async def _run(app: VchatApp, desk: RemoteDesk) -> None:
    desk.start()
    try:
        await app.run_async()
    finally:
        await desk.close()
