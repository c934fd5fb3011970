"""The lines at the top: counts and link, a banner for what needs doing, the folders."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widgets import Static

from vchat_tui.actions import key_of
from vchat_tui.clock import Clock
from vchat_tui.findings import token_trouble
from vchat_tui.i18n import _, ngettext
from vchat_tui.models import Agent, Counts, Inbox
from vchat_tui.remote import LinkState
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.describe import agent_state, reason

NAME_CELLS = 20


class ClickLine(Static):
    """A line of parts, each of which may run an action when clicked."""

    DEFAULT_CSS = "ClickLine { height: 1; text-wrap: nowrap; text-overflow: clip; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._places: list[tuple[int, int, str]] = []

    def put(self, parts: list[tuple[str, str, str]]) -> None:
        """Show parts of (text, style, action or nothing); only our own actions go in here."""
        column = 0
        self._places = []
        for text, _style, action in parts:
            width = cell_len(text)
            if action:
                self._places.append((column, column + width, action))
            column += width
        self.update(Content.assemble(*((text, style) for text, style, _action in parts)))

    async def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        for start, end, action in self._places:
            if offset is not None and start <= offset.x < end:
                await self.app.run_action(action, default_namespace=self.screen)


class TopBar(ClickLine):
    """Name, counts and the state of the link."""

    DEFAULT_CSS = "TopBar { dock: top; padding: 0 1; background: $panel; width: 1fr; }"

    def show_state(
        self,
        counts: Counts,
        link: LinkState,
        only: Inbox | None = None,
        agent: Agent | None = None,
        *,
        mine: bool = False,
    ) -> None:
        """Draw the numbers, who sits here and the link.

        Args:
            only: the one inbox whose conversations are shown.
            agent: who sits here.
            mine: only theirs are shown.
        """
        parts = [("vchat", "bold $text-primary", "")]
        unread = counts.unread_conversations
        parts.append(
            ("   ● " + ngettext("{n} unread", "{n} unread", unread).format(n=unread),
             "bold $text-accent", "screen.next_unread")
            if unread
            else ("   ○ " + _("nothing unread"), "dim", "")
        )  # fmt: skip
        if counts.failed:
            text = ngettext("{n} failed", "{n} failed", counts.failed).format(n=counts.failed)
            parts.append((f"   ✗ {text}", "$text-error", "screen.visit('failed')"))
        if counts.unknown:
            text = ngettext("{n} unclear", "{n} unclear", counts.unknown).format(n=counts.unknown)
            parts.append((f"   ? {text}", "$text-warning", "screen.visit('failed')"))
        if counts.dead:
            text = _("{n} not understood").format(n=counts.dead)
            parts.append((f"   ! {text}", "$text-warning", "screen.visit('diagnostics')"))
        if only is not None:
            name = clean(only.settings.get("display_name") or only.name, one_line=True)
            parts.append((f"   ▽ {name}", "bold $text-accent", "screen.filter('number')"))
        if mine:
            parts.append(("   ▽ " + _("mine"), "bold $text-accent", "screen.filter('mine')"))
        parts.append(_presence(link, agent))
        self.put(parts)


def _presence(link: LinkState, agent: Agent | None) -> tuple[str, str, str]:
    """Who sits here; where nobody does, or the server is away, how the link is."""
    if agent is not None and link is LinkState.ONLINE:
        state = agent_state(agent)
        name = Content(clean(agent.name, one_line=True)).truncate(NAME_CELLS, ellipsis=True).plain
        return (f"   {state.glyph} {name}, {state.word}", state.style, "app.choose_agent")
    states = {
        LinkState.ONLINE: ("◉", _("online"), "$text-success"),
        LinkState.CONNECTING: ("◌", _("connecting"), "dim"),
        LinkState.STALE: ("◌", _("no answer"), "$text-warning"),
        LinkState.OFFLINE: ("○", _("offline"), "$text-error"),
    }
    glyph, word, style = states[link]
    return (f"   {glyph} {word}", style, "")


class FolderTabs(ClickLine):
    """Which conversations the list shows, with the keys that change it."""

    DEFAULT_CSS = "FolderTabs { padding: 0 0 0 1; width: 1fr; margin-bottom: 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._chosen = ""

    def show_folder(self, chosen: str) -> None:
        """Draw the tabs; `chosen`: inbox, unread, archive, trash or closing."""
        self._chosen = chosen
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        tabs = [
            ("inbox", _("Inbox")),
            ("unread", _("Unread")),
            ("archive", _("Archived")),
            ("trash", _("Trash")),
            ("closing", "◔"),  # the sign of a window that closes soon; a word has no room here
        ]
        words = sum(cell_len(label) for _name, label in tabs)
        roomy = words + 3 * len(tabs) - 1 <= self.content_size.width
        parts: list[tuple[str, str, str]] = []
        for place, (name, label) in enumerate(tabs, 1):
            action = f"screen.filter('{name}')"
            on = name == self._chosen
            parts.append((f"{place} " if roomy else f"{place}", "dim", action))
            parts.append((label, "bold $text-accent underline" if on else "dim", action))
            parts.append((" ", "", ""))
        self.put(parts)


class Banner(Static):
    """One line for what must be dealt with; away while all is well."""

    DEFAULT_CSS = """
    Banner { display: none; height: auto; max-height: 2; padding: 0 1; color: $text-warning;
             background: $warning-muted; }
    Banner.-shown { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._action = ""

    def show_state(self, link: LinkState, inboxes: tuple[Inbox, ...]) -> None:
        """Say what is wrong, the link before the inboxes."""
        text, self._action = _banner(link, inboxes, console(self).clock)
        self.update(Content(clean(text)))
        self.set_class(bool(text), "-shown")

    async def on_click(self) -> None:
        if self._action:
            await self.app.run_action(self._action, default_namespace=self.screen)


def _banner(link: LinkState, inboxes: tuple[Inbox, ...], clock: Clock) -> tuple[str, str]:
    """The text and the action that helps."""
    if link is LinkState.OFFLINE:
        return _("○ The server cannot be reached. What you type is kept; trying again …"), ""
    if link is LinkState.STALE:
        return _("◌ The server does not answer. What you see may be old."), ""
    for inbox in inboxes:
        if inbox.paused is not None:
            why = reason(inbox.channel, inbox.paused)
            text = _("‖ {inbox} does not send [{key} settings]: {reason}")
            return text.format(
                inbox=inbox.name, reason=why, key=key_of("settings")
            ), "screen.visit('settings')"
    for inbox in inboxes:
        if inbox.check is not None and (trouble := token_trouble(inbox.check, clock.now())):
            text = _("▲ {inbox} [{key} settings]: {reason}")
            return text.format(
                inbox=inbox.name, reason=trouble, key=key_of("settings")
            ), "screen.visit('settings')"
    return "", ""
