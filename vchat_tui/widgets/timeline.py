"""The messages of a conversation: a window of real widgets that follows the reader.

The window holds at most `KEPT` messages of a conversation of any length. It sticks to the bottom
until the reader scrolls away; then new messages are announced, never scrolled to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from vchat_tui.clock import Clock
from vchat_tui.i18n import _
from vchat_tui.models import Direction, Status, TimelineItem, TimelinePage
from vchat_tui.widgets.console import console
from vchat_tui.widgets.message_view import MessageView

KEPT = 200


def is_on_its_target(item: TimelineItem) -> bool:
    """A reaction of ours stands on the message that it is for, and has no place of its own."""
    message = item.message
    went_wrong = message.status in (Status.FAILED, Status.UNKNOWN)
    return message.type == "reaction" and message.direction is Direction.OUT and not went_wrong


class Divider(Static):
    """A line between messages: a day, or where the unread ones begin."""

    DEFAULT_CSS = """
    Divider { height: 1; width: 1fr; margin: 0 2 1 1; color: $text-muted; text-align: center; }
    Divider.-unread { color: $text-accent; text-style: bold; }
    """

    def __init__(
        self, text: Callable[[], str], *, day: date | None = None, unread: bool = False
    ) -> None:
        self._text = text  # asked again: today becomes yesterday, and a person may change language
        self._said = text()
        super().__init__(Content(f"── {self._said} ──"), classes="-unread" if unread else None)
        self.day = day

    def redraw(self) -> None:
        """Says what it should say now."""
        said = self._text()
        if said != self._said:
            self._said = said
            self.update(Content(f"── {said} ──"))


class Timeline(VerticalScroll):
    """Messages, oldest on top. It asks for more by messages and never calls the desk."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "mark(-1)", show=False),
        Binding("down,j", "mark(1)", show=False),
        Binding("end", "tail", show=False),
    ]
    DEFAULT_CSS = """
    Timeline { height: 1fr; padding-top: 1; scrollbar-size-vertical: 1; overflow-y: scroll;
               scrollbar-background: $background; }
    Timeline:focus > MessageView.-marked { border-left: outer $accent; background: $accent 22%; }
    Timeline:focus > MessageView.-marked:ansi { background: transparent; text-style: reverse; }
    """

    class WantsOlder(Message):
        """The reader is near the top and there is more above."""

    class WantsNewer(Message):
        """The reader is near the bottom of a window that does not reach the newest message."""

    class WantsTail(Message):
        """The reader wants the newest messages, which are not in the window."""

    class TailSeen(Message):
        """The newest message is in view (sent on every change while it is)."""

    class NewBelow(Message):
        """How many messages came below the reader's place."""

        def __init__(self, count: int) -> None:
            super().__init__()
            self.count = count

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.customer = ""
        self.marked: MessageView | None = None
        self.more_before = False
        self.more_after = False
        self.new_below = 0
        self._busy = True  # no wishes while the window is being changed

    @property
    def _clock(self) -> Clock:
        return console(self).clock

    @property
    def views(self) -> list[MessageView]:
        """The messages in the window, oldest first."""
        return [child for child in self.children if isinstance(child, MessageView)]

    @property
    def at_tail(self) -> bool:
        """The newest message is in view."""
        all_fits = self.virtual_size.height <= self.size.height
        return not self.more_after and (all_fits or self.scroll_y >= self.max_scroll_y - 1)

    def find(self, message_id: int) -> MessageView | None:
        """The view of a message, where it is in the window."""
        return next((view for view in self.views if view.message_id == message_id), None)

    # ---- filling ----------------------------------------------------------------------------

    async def load(
        self, page: TimelinePage, customer: str, *, unread: int = 0, around: int | None = None
    ) -> None:
        """Show another conversation, or another part of it.

        Args:
            page: the messages.
            customer: the conversation's title.
            unread: how many of the last customer messages are new: a line goes above them.
            around: the message to mark and bring into view; None: the newest.
        """
        self._busy = True
        self.customer = customer
        self.marked = None
        self.more_before, self.more_after = page.more_before, page.more_after
        self._set_new_below(0)
        async with self.batch():
            await self.remove_children()
            await self.mount_all(
                self._widgets(page.items, unread) or [Divider(lambda: _("no message yet"))]
            )
        self._tell_waiting()
        if around is None:
            self.anchor()
        else:
            self.anchor(False)
            self.mark_view(self.find(around))
        self.call_after_refresh(self._settle)

    async def prepend(self, page: TimelinePage) -> None:
        """Older messages go on top; what the reader looks at stays where it is."""
        if not page.items:
            self.more_before = False
            self._busy = False
            return
        self._busy = True
        first = self.views[0]
        offset = first.virtual_region.y - int(self.scroll_y)
        widgets = self._widgets(page.items, 0)
        async with self.batch():
            top = self.children[0]
            if isinstance(top, Divider) and top.day == self._day(page.items[-1]):
                await top.remove()
            await self.mount_all(widgets, before=0)
            await self._prune(from_end=True)
        self._tell_waiting()
        self.more_before = page.more_before
        self.call_after_refresh(self._restore, first, offset)

    async def append_page(self, page: TimelinePage) -> None:
        """Newer messages of a window that did not reach the newest."""
        self._busy = True
        self.more_after = page.more_after
        for item in page.items:
            await self._append(item)
        self._tell_waiting()
        async with self.batch():
            await self._prune(from_end=False)
        self.call_after_refresh(self._settle)

    async def put(self, item: TimelineItem) -> None:
        """A message is new, or changed: redraw its view, or add one at the bottom."""
        view = self.find(item.message.id)
        if view is not None and view.item.order == item.order:
            view.update_item(item)
            self._tell_waiting()
            return
        await self.drop(item.message.id)  # a held answer that goes moves to where it goes
        if is_on_its_target(item):
            return
        if self.more_after:
            self._set_new_below(self.new_below + 1)
            return
        views = self.views
        if views and item.order < views[0].item.order:
            return  # older than the window: it comes when the reader scrolls there
        seen = self.at_tail
        await self._append(item)
        self._tell_waiting()
        if seen:
            self.anchor()
            async with self.batch():
                await self._prune(from_end=False)
            self.call_after_refresh(self._settle)
        else:
            self._set_new_below(self.new_below + 1)

    async def drop(self, message_id: int) -> None:
        """A message is gone from where it stood."""
        view = self.find(message_id)
        if view is not None:
            if self.marked is view:
                self.marked = None
            await view.remove()

    async def _append(self, item: TimelineItem) -> None:
        views = self.views
        later = next((view for view in views if view.item.order > item.order), None)
        if not views:
            await self.remove_children()  # the line that says so
        new: list[Widget] = [self._view(item)]
        if not views or self._day(views[-1].item) != self._day(item):
            new.insert(0, self._day_divider(item))
        if later is not None:
            await self.mount(new[-1], before=later)
        else:
            await self.mount_all(new)

    def _tell_waiting(self) -> None:
        """A message of unknown fate holds up all that are queued after it, to keep the order."""
        held_up = False
        for view in self.views:
            status = view.item.message.status
            view.set_waits(held_up and status is Status.QUEUED)
            held_up = held_up or status is Status.UNKNOWN

    async def _prune(self, *, from_end: bool) -> None:
        """Drop what is farthest from the reader."""
        views = self.views
        surplus = len(views) - KEPT
        if surplus <= 0:
            return
        if from_end:
            edge = self.children.index(views[-surplus])
            doomed = list(self.children)[edge:]
            self.more_after = True
        else:
            edge = self.children.index(views[surplus])
            doomed = list(self.children)[:edge]
            self.more_before = True
        if self.marked in doomed:
            self.marked = None
        await self.remove_children(doomed)

    def redraw(self) -> None:
        """The language changed."""
        for view in self.views:
            view.redraw()
        self.redraw_dividers()

    def redraw_dividers(self) -> None:
        """Midnight may have passed."""
        for divider in self.query(Divider):
            divider.redraw()

    # ---- widgets ----------------------------------------------------------------------------

    def _view(self, item: TimelineItem) -> MessageView:
        return MessageView(item, self._clock, self.customer)

    def _day(self, item: TimelineItem) -> date | None:
        when = item.message.sent_at or item.message.received_at
        return self._clock.local(when).date() if when else None

    def _day_divider(self, item: TimelineItem) -> Divider:
        when = item.message.sent_at or item.message.received_at
        return Divider(lambda: self._clock.day(when) if when else "", day=self._day(item))

    def _widgets(self, items: Sequence[TimelineItem], unread: int) -> list[Widget]:
        """Views with a line above each day and above the first unread message."""
        incoming = [item for item in items if item.message.direction == "in"]
        first_new = incoming[-unread] if 0 < unread <= len(incoming) else None
        widgets: list[Widget] = []
        day: date | None = None
        for item in items:
            if self._day(item) != day:
                day = self._day(item)
                widgets.append(self._day_divider(item))
            if item is first_new:
                widgets.append(Divider(lambda: _("new"), unread=True))
            widgets.append(self._view(item))
        return widgets

    # ---- the reader's place -----------------------------------------------------------------

    def _get_scrollable_region(self, region: Region) -> Region:
        """Textual puts the end of an anchored widget where it was in the height before this layout:
        each change of the composer's height would show a frame with the messages out of place."""
        self._container_size = region.size
        return super()._get_scrollable_region(region)

    def _settle(self) -> None:
        self._busy = False
        self._look()

    def _restore(self, first: MessageView, offset: int) -> None:
        self.scroll_to(y=first.virtual_region.y - offset, animate=False, immediate=True, force=True)
        self._busy = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._look()

    def on_resize(self, event: events.Resize) -> None:
        self._look()

    def _look(self) -> None:
        """Tell what the reader's place means: more is wanted, or the newest is in view."""
        if self._busy or not self.is_mounted or not self.views:
            return
        if self.at_tail:
            self._set_new_below(0)
            self.post_message(self.TailSeen())
        near = self.size.height // 2
        if self.scroll_y < near and self.more_before:
            self._busy = True
            self.post_message(self.WantsOlder())
        elif self.scroll_y > self.max_scroll_y - near and self.more_after:
            self._busy = True
            self.post_message(self.WantsNewer())

    def ready(self) -> None:
        """What was wanted could not be had: it may be wished for again."""
        self._busy = False

    def _set_new_below(self, count: int) -> None:
        if count != self.new_below:
            self.new_below = count
            self.post_message(self.NewBelow(count))

    def action_tail(self) -> None:
        """To the newest message."""
        if self.more_after:
            self.post_message(self.WantsTail())
            return
        self.anchor()
        if self.views:
            self.mark_view(self.views[-1])

    # ---- the marked message -----------------------------------------------------------------

    def mark_view(self, view: MessageView | None) -> None:
        """Mark a message (None: no one) and bring it into view."""
        if self.marked is not None:
            self.marked.remove_class("-marked")
        self.marked = view
        if view is not None:
            view.add_class("-marked")
            self.scroll_to_widget(view, animate=False, immediate=True)

    def action_mark(self, step: int) -> None:
        """Mark the message above or below; from nowhere, the lowest one in view."""
        views = self.views
        if not views:
            return
        if self.marked not in views:
            self.mark_view(self._lowest_in_view())
            return
        assert self.marked is not None
        place = views.index(self.marked) + step
        if 0 <= place < len(views):
            self.mark_view(views[place])

    def _lowest_in_view(self) -> MessageView:
        bottom = self.scroll_y + self.size.height
        above = [view for view in self.views if view.virtual_region.y < bottom]
        return above[-1] if above else self.views[-1]

    def chosen(self) -> MessageView | None:
        """The marked message, else the newest one in view."""
        if self.marked is None and self.views:
            self.mark_view(self._lowest_in_view())
        return self.marked

    def on_focus(self) -> None:
        if self.marked is None and self.views:
            self.mark_view(self._lowest_in_view())

    def on_click(self, event: events.Click) -> None:
        node = event.widget
        if isinstance(node, MessageView):
            self.mark_view(node)
