"""What we know of the customer, beside the conversation."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from vchat_tui.clock import Clock
from vchat_tui.i18n import _
from vchat_tui.models import Conversation, UserCard
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.describe import phone_line, sandbox_label, window_label


class Details(VerticalScroll):
    """The customer's card, read only; the whole of it is one action away."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "screen.details", show=False)]
    DEFAULT_CSS = """
    Details { width: 34; padding: 0 1; border-left: solid $foreground 15%; }
    Details > Static { height: auto; }
    """

    def compose(self) -> ComposeResult:
        yield Static(id="details-text", markup=False)

    def show_card(self, card: UserCard, conversation: Conversation) -> None:
        """Show a customer, as one of their conversations has them."""
        text = render_details(card, conversation, console(self).clock)
        self.query_one("#details-text", Static).update(text)


def render_details(card: UserCard, conversation: Conversation, clock: Clock) -> Content:
    """Name, addresses, dates and the other conversations."""
    user = card.user
    lines = [Content.styled(clean(user.name, one_line=True), "bold"), Content("")]
    window = window_label(conversation, clock)
    rows = [
        (_("Phone"), phone_line(user)),
        (_("E-mail"), user.email),
        (_("Language"), user.language),
        (_("Country"), user.country),
        (_("Our number"), conversation.inbox),
        (_("Agent"), conversation.agent),
        (_("Department"), conversation.department),
        (_("Window"), window.text if window else None),
        (
            _("Sandbox"),
            sandbox_label(conversation, clock).text if conversation.is_sandbox else None,
        ),
        (_("Customer since"), clock.day(user.created_at) if user.created_at else None),
        *user.details.items(),
    ]
    for label, value in rows:
        if value:
            lines.append(Content.styled(clean(label, one_line=True), "dim"))
            lines.append(Content(f"  {clean(value, one_line=True)}"))
    others = [row for row in card.conversations if row.id != conversation.id]
    if others:
        lines += [Content(""), Content.styled(_("Other conversations"), "dim")]
        for row in others:
            when = clock.short(row.last_message_at) if row.last_message_at else ""
            text = clean(f"{row.inbox} · {row.last_text or ''}", one_line=True)
            lines.append(Content(f"  {when}  {text}"))
    return Content("\n").join(lines)
