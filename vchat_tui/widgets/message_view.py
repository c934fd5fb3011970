"""A message in the timeline: one widget, one Content, whatever kind of message it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from textual import events
from textual.content import Content
from textual.message import Message as TextualMessage
from textual.widgets import Static

from vchat_tui.actions import key_of
from vchat_tui.clock import Clock
from vchat_tui.i18n import _
from vchat_tui.models import Direction, Media, Message, Status, TimelineItem
from vchat_tui.text import clean, fold
from vchat_tui.widgets.describe import (
    advice,
    elsewhere_line,
    file_label,
    held_line,
    is_window_error,
    kind_label,
    message_kind,
    status_label,
)
from vchat_tui.widgets.interactive import draw_interactive
from vchat_tui.widgets.order_table import draw_order
from vchat_tui.widgets.template_preview import draw_use

QUOTE_CHARACTERS = 200
REMEDY_GAP = 3
ROWS = 12  # so many contacts, products or form answers are listed


class MessageView(Static):
    """A message; `update_item` redraws this one alone."""

    DEFAULT_CSS = """
    MessageView {
        height: auto; width: 1fr; max-width: 84; padding: 0 1; margin: 0 2 1 1;
        border-left: outer $foreground 25%; background: $foreground 4%;
    }
    MessageView.-out { margin: 0 2 1 6; border-left: outer $primary; background: $primary 14%; }
    MessageView.-note { border-left: outer $warning; background: $warning 12%; }
    MessageView.-problem { border-left: outer $error; }
    MessageView:ansi, MessageView.-out:ansi, MessageView.-note:ansi { background: transparent; }
    MessageView.-system { background: transparent; color: $text-muted; }
    """

    class Remedy(TextualMessage):
        """A remedy below the message was clicked; `action` is its id in the table of actions."""

        def __init__(self, view: MessageView, action: str) -> None:
            super().__init__()
            self.view = view
            self.action = action

    def __init__(self, item: TimelineItem, clock: Clock, customer: str) -> None:
        """
        Args:
            item: what to show.
            clock: for its time.
            customer: the conversation's title, where the message names nobody.
        """
        super().__init__(markup=False)
        self.item = item
        self._clock = clock
        self._customer = customer
        self.waits = False
        self._picture: Content | None = None
        self._restyle()

    @property
    def message_id(self) -> int:
        """The message's id."""
        return self.item.message.id

    def on_mount(self) -> None:
        self.redraw()

    def update_item(self, item: TimelineItem) -> None:
        """The message changed: its status, its text, its reactions."""
        self.item = item
        self._restyle()
        self.redraw()

    def set_waits(self, waits: bool) -> None:
        """Whether it is queued behind a message of unknown fate, which must be settled first."""
        if waits != self.waits:
            self.waits = waits
            if self.is_mounted:
                self.redraw()

    def redraw(self) -> None:
        """Draw it again, for instance in another language."""
        self.update(
            render_message(
                self.item, self._clock, self._customer, waits=self.waits, picture=self._picture
            )
        )

    @property
    def has_picture(self) -> bool:
        """A small picture of its file is drawn."""
        return self._picture is not None

    def show_picture(self, picture: Content) -> None:
        """Draw a small picture of its file under it."""
        self._picture = picture
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        """The last line of a message in trouble holds what can be done about it."""
        place = event.get_content_offset(self)
        if place is None or place.y != self.content_size.height - 1:
            return
        column = 0
        for action, text in remedies(self.item):
            if column <= place.x < column + len(text):
                self.post_message(self.Remedy(self, action))
            column += len(text) + REMEDY_GAP

    def _restyle(self) -> None:
        message = self.item.message
        self.set_class(message.direction is Direction.OUT, "-out")
        self.set_class(message.direction is Direction.NOTE, "-note")
        self.set_class(message.status in (Status.FAILED, Status.UNKNOWN), "-problem")
        self.set_class(message.type == "system", "-system")


def render_message(
    item: TimelineItem,
    clock: Clock,
    customer: str,
    *,
    waits: bool = False,
    picture: Content | None = None,
) -> Content:
    """The whole message as one text: header, quote, body, picture, reactions, what is wrong with it."""
    lines = [_header(item, clock, customer, waits)]
    if item.quote:
        quote = clean(item.quote[:QUOTE_CHARACTERS], one_line=True)
        lines.append(Content.assemble(("│ ", "$accent"), (quote, "italic dim")))
    if item.revoked:
        lines.append(Content.styled("⊘ " + _("The customer deleted this message"), "dim"))
    lines += _body(item)
    if picture is not None:
        lines.append(picture)
    if item.reactions:
        lines.append(
            Content(clean("  ".join(mark.emoji for mark in item.reactions), one_line=True))
        )
    lines += _trouble(item, clock)
    return Content("\n").join(lines)


def _header(item: TimelineItem, clock: Clock, customer: str, waits: bool) -> Content:
    """Status and time first, the name (whose width terminals dispute) last."""
    message = item.message
    parts: list[tuple[str, str]] = []
    when = message.sent_at or message.received_at
    if when is not None:
        parts.append((clock.time(when), "dim"))
    if message.direction is Direction.OUT and message.status is not None:
        label = status_label(message.status)
        parts.append((f"  {label.text}", label.style))
    if waits:
        parts.append((" · " + _("waits for the one above"), "$text-warning"))
    if message.direction is Direction.NOTE:
        parts.append(("  " + _("note"), "$text-warning"))
    if item.edited_text is not None:
        parts.append(("  " + _("edited"), "dim"))
    if message.direction is Direction.IN:
        name = message.profile_name or customer
    else:
        name = message.author or _("We")
    parts.append((f"  {clean(name, one_line=True)}", "bold"))
    return Content.assemble(*parts)


def _body(item: TimelineItem) -> list[Content]:
    message = item.message
    if message.interactive:
        return draw_interactive(message.interactive)
    if message.template:
        return draw_use(message.template) + _folded(message.text or "")
    label = kind_label(message_kind(message))
    text = item.edited_text if item.edited_text is not None else message.text
    lines = [] if label is None else [Content.styled(label.text, label.style)]
    lines += [_plain(line) for line in _facts(message)]
    if message.order:
        lines += draw_order(message.order)
    if message.reply is not None:
        text = text or message.reply.title
    if text:
        lines += _folded(text)
    return lines


def _plain(text: str) -> Content:
    return Content(clean(text, one_line=True))


def _folded(text: str) -> list[Content]:
    shown, hidden = fold(clean(text))
    lines = [Content(shown)]
    if hidden:
        hint = _("… {n} more lines · {key} shows all").format(n=hidden, key=key_of("show-all"))
        lines.append(Content.styled(hint, "$text-accent"))
    return lines


# ---- what the kinds of messages hold besides text ---------------------------------------------


def _facts(message: Message) -> Iterator[str]:
    """Lines of plain text about what is in a message (not cleaned)."""
    if message.reply is not None and message.type == "text":
        yield message.reply.title or ""  # below are their own words for it
    for media in message.media:
        yield _media(message, media)
    if message.location:
        yield from _location(message.location)
    for contact in message.contacts[:ROWS]:
        yield _contact(contact)
    if message.form:
        for key, value in list(message.form.items())[:ROWS]:
            yield f"{key}: {value}"
    if message.reaction is not None:
        yield _("reaction removed") if message.reaction.removed else message.reaction.emoji or ""
    if message.referral:
        where = message.referral.get("headline") or message.referral.get("source_url") or ""
        yield _("Came from an ad: {where}").format(where=where)


def _media(message: Message, media: Media) -> str:
    """What it is, how it stands, and last its name, which is the customer's own."""
    parts = [file_label(media.mime_type, media.size)]
    if media.state == "pending":
        parts.append(_("being fetched …"))
    elif media.state == "failed":
        why = advice(message.channel, media.problem) if media.problem else ""
        why = why or _("It could not be fetched.")
        again = _("Try again")
        parts.append(f"✗ {why} [{key_of('retry')}] {again}")
    elif media.state is None and message.direction is Direction.IN:
        fetch = _("Fetch it")
        parts.append(f"[{key_of('retry')}] {fetch}")
    return " · ".join((*parts, media.filename) if media.filename else parts)


def _location(location: dict[str, Any]) -> Iterator[str]:
    for key in ("name", "address"):
        if location.get(key):
            yield str(location[key])
    yield f"{location.get('latitude', '?')}, {location.get('longitude', '?')}"


def _contact(contact: dict[str, Any]) -> str:
    name = contact.get("name")
    if isinstance(name, dict):
        name = name.get("formatted_name") or name.get("first_name")
    phones = contact.get("phones") or []
    numbers = [str(phone.get("phone", "")) for phone in phones if isinstance(phone, dict)]
    return " · ".join(str(part) for part in (name or "?", *numbers) if part)


# ---- what went wrong ---------------------------------------------------------------------------


def _trouble(item: TimelineItem, clock: Clock) -> list[Content]:
    """The remedy of a message that failed, is held, or whose fate nobody knows; what holds one up."""
    message = item.message
    if message.status is Status.ACCEPTED and message.error is not None:
        held_up = clean(advice(message.channel, message.error), one_line=True)
        return [Content.styled(held_up, "$text-warning")]
    if message.status is Status.FAILED:
        reason = _("It was not sent.")
        if message.error is not None:
            reason = advice(message.channel, message.error)
        why = Content.styled(clean(reason, one_line=True), "$text-error")
    elif message.status is Status.UNKNOWN:
        why = Content.styled(
            _("The provider did not answer. It may have been delivered: ask, then choose."),
            "$text-warning",
        )
    elif item.elsewhere is not None:
        style = "$text-error" if item.elsewhere.status is Status.FAILED else "dim"
        why = Content.styled(clean(elsewhere_line(item.elsewhere), one_line=True), style)
    elif item.held is not None:
        why = Content.styled(clean(held_line(item.held, clock)), "$text-warning")
    else:
        return []
    return [why, Content.styled(_remedy_line(item), "$text-accent")]


def remedies(item: TimelineItem) -> list[tuple[str, str]]:
    """What can be done about a message: ids of actions, and how they are shown."""
    status = item.message.status
    if status is Status.FAILED:
        known = [("retry", _("Try again"))]
        if is_window_error(item.message):
            known = [("hold-failed", _("Hold it")), ("template", _("Template"))]
    elif status is Status.UNKNOWN:
        known = [("arrived", _("It arrived")), ("send-again", _("Send again"))]
    elif item.held is not None:
        known = [("held-edit", _("Change")), ("held-discard", _("Discard"))]
        if item.held.release_at is not None:
            known = [("held-back", _("Take back")), ("held-edit", _("Change"))]
        elif item.held.asks is not None:
            known.insert(0, ("held-send", _("Send now")))
        else:
            known.insert(0, ("template", _("Template")))
        if item.held.sms is not None:
            known.append(("elsewhere", _("The SMS")))
    elif item.elsewhere is not None:
        known = [("elsewhere", _("Go there"))]
    else:
        known = []
    return [(action, f"[{key_of(action)}] {label}") for action, label in known]


def _remedy_line(item: TimelineItem) -> str:
    return (" " * REMEDY_GAP).join(text for _action, text in remedies(item))
