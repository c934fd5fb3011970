"""Messages in words: how a delivery stands, what kind of thing a message is, when a window ends.

Everything is told by a glyph and a word; colour only helps. All glyphs are one cell wide in
every terminal that we know of, so that nothing after them drifts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from textual.content import Content

from vchat_tui import sandbox, window
from vchat_tui.actions import key_of
from vchat_tui.channels.registry import capabilities
from vchat_tui.clock import Clock, duration
from vchat_tui.file_types import extension_of
from vchat_tui.i18n import _
from vchat_tui.models import (
    Agent,
    Conversation,
    Direction,
    Elsewhere,
    Held,
    Message,
    MessageError,
    Status,
    User,
)
from vchat_tui.phones import pretty
from vchat_tui.text import SafeText, clean


@dataclass(frozen=True)
class Label:
    """A glyph, a word and the colour that goes with them (a Textual style)."""

    glyph: str
    word: str
    style: str

    @property
    def text(self) -> str:
        """Glyph and word."""
        return f"{self.glyph} {self.word}"


def status_label(status: Status) -> Label:
    """How far one of our messages has come."""
    labels = {
        Status.HELD: Label("‖", _("held"), "dim"),
        Status.QUEUED: Label("◌", _("queued"), "dim"),
        Status.SENDING: Label("◌", _("sending"), "dim"),
        Status.UNKNOWN: Label("?", _("may have been delivered"), "$text-warning"),
        Status.ACCEPTED: Label("○", _("accepted"), "dim"),
        Status.SENT: Label("✓", _("sent"), "dim"),
        Status.FAILED: Label("✗", _("failed"), "$text-error"),
        Status.DELIVERED: Label("✓✓", _("delivered"), "dim"),
        Status.READ: Label("✓✓", _("read"), "$text-success"),
        Status.PLAYED: Label("✓✓", _("played"), "$text-success"),
    }
    return labels[status]


def kind_label(kind: str) -> Label | None:
    """What kind of thing a message is; None for plain text."""
    labels = {
        "image": Label("▣", _("Photo"), "$text-primary"),
        "video": Label("▶", _("Video"), "$text-primary"),
        "audio": Label("♪", _("Audio"), "$text-primary"),
        "voice": Label("♪", _("Voice message"), "$text-primary"),
        "document": Label("▤", _("Document"), "$text-primary"),
        "file": Label("▤", _("Document"), "$text-primary"),
        "sticker": Label("◈", _("Sticker"), "$text-primary"),
        "location": Label("⌖", _("Location"), "$text-primary"),
        "contacts": Label("◍", _("Contacts"), "$text-primary"),
        "reply": Label("↳", _("Chose"), "$text-primary"),
        "button": Label("↳", _("Chose"), "$text-primary"),
        "interactive": Label("↳", _("Chose"), "$text-primary"),
        "asks": Label("▢", _("Interactive"), "$text-primary"),
        "form": Label("▦", _("Form"), "$text-primary"),
        "order": Label("▥", _("Order"), "$text-primary"),
        "reaction": Label("◇", _("Reaction"), "$text-primary"),
        "template": Label("▧", _("Template"), "$text-primary"),
        "elsewhere": Label("↗", _("By SMS"), "$text-primary"),
        "system": Label("ℹ", _("Notice"), "dim"),
        "unsupported": Label("⊘", _("A kind of message that the provider does not pass on"),
                             "$text-warning"),
    }  # fmt: skip
    if kind in ("text", "note"):
        return None
    return labels.get(kind) or Label("⊘", _("A kind of message that we do not know yet"),
                                     "$text-warning")  # fmt: skip


def message_kind(message: Message) -> str:
    """The kind to show: a voice note is an audio file with a mark on it."""
    if message.type == "audio" and message.media and message.media[0].voice:
        return "voice"
    if message.type == "interactive" and message.interactive:
        return "asks"
    if message.type == "text" and message.reply is not None:
        return "reply"
    return message.type


def preview(conversation: Conversation) -> str:
    """The last message in a few words (not cleaned)."""
    kind = conversation.last_type or "text"
    if kind == "interactive" and conversation.last_direction is Direction.OUT:
        kind = "asks"
    label = kind_label(kind)
    text = conversation.last_text or ""
    if label is None:
        return text
    return f"{label.text}  {text}".rstrip()


def window_label(conversation: Conversation, clock: Clock) -> Label | None:
    """How long free text may still be sent; None on channels without such a rule."""
    hours = capabilities(conversation.channel).window_hours
    state = window.state(conversation, hours, clock.now())
    if state is window.Window.ALWAYS:
        return None
    if state is not window.Window.OPEN:
        return Label("⊘", _("closed"), "dim")
    left = window.left(conversation, clock.now())
    if left < timedelta(hours=1):
        return Label("◔", duration(left), "$text-error")
    style = "$text-warning" if left < timedelta(hours=4) else "dim"
    return Label("◷", duration(left), style)


def sandbox_label(conversation: Conversation, clock: Clock) -> Label:
    """How long a customer may still be in the provider's sandbox."""
    left = sandbox_left(conversation, clock)
    if left <= timedelta(0):
        return Label("⊘", _("not in the sandbox"), "$text-warning")
    style = "$text-warning" if left < timedelta(hours=12) else "dim"
    return Label("◷", _("sandbox: {time}").format(time=duration(left)), style)


def sandbox_left(conversation: Conversation, clock: Clock) -> timedelta:
    """How long that is; not positive where they are out, or never joined."""
    until = conversation.member_until
    return until - clock.now() if until is not None else timedelta(0)


def join_hint() -> str:
    """What a customer does who is not in the sandbox."""
    return _("⊘ Not in the sandbox: they send “join” and its words to {number}.").format(
        number=pretty(sandbox.NUMBER)
    )


def agent_state(agent: Agent) -> Label:
    """Whether somebody is there."""
    if agent.disabled:
        return Label("✗", _("disabled"), "dim")
    if agent.away:
        return Label("◑", _("away"), "$text-warning")
    if agent.online:
        return Label("●", _("online"), "$text-success")
    return Label("○", _("offline"), "dim")


def whose(conversation: Conversation) -> SafeText:
    """To whom a conversation was given: an agent, else a department; empty: to nobody."""
    return clean(conversation.agent or conversation.department or "", one_line=True)


def window_open(conversation: Conversation, clock: Clock) -> bool:
    """May free text be sent now, as far as our clock knows?"""
    can = capabilities(conversation.channel)
    if conversation.opted_out and can.opt_out_stops_all:
        return False
    return window.allows_text(conversation, can.window_hours, clock.now())


def inbox_name(conversation: Conversation) -> str:
    """Which of our numbers it belongs to, as it is called on screen."""
    return clean(conversation.inbox_label or conversation.inbox, one_line=True)


def chat_head(conversation: Conversation, clock: Clock) -> Content:
    """With whom, on a line of its own; how long free text may be sent, our number, theirs."""
    parts: list[tuple[str, str]] = [(clean(conversation.title, one_line=True), "bold"), ("\n", "")]
    label = window_label(conversation, clock)
    if label is not None:
        words = label.text
        if window_open(conversation, clock):
            words = _("{time} to answer").format(time=label.text)
        parts.append((f"{words} · ", label.style))
    if conversation.is_sandbox:
        label = sandbox_label(conversation, clock)
        parts.append((f"{label.text} · ", label.style))
    if not conversation.takes_answers:
        words = _("the customer cannot answer")
        parts.append((f"⚠ {words} · ", "$text-warning"))
    if conversation.opted_out:
        stopped = capabilities(conversation.channel).opt_out_stops_all
        words = _("wrote STOP") if stopped else _("wants no marketing")
        parts.append((f"⊘ {words} · ", "$text-warning"))
    facts = [inbox_name(conversation)]
    if conversation.department:
        facts.append(clean(conversation.department, one_line=True))
    if conversation.agent:
        facts.append(f"→ {clean(conversation.agent, one_line=True)}")
    if conversation.address:
        facts.append(pretty(conversation.address))
    parts.append((" · ".join(facts), "dim"))
    return Content.assemble(*parts)


def phone_line(user: User) -> str:
    """The phone, or why there is none: WhatsApp lets people hide it behind a username."""
    return pretty(user.phone) if user.phone else _("no phone (WhatsApp username)")


def advice(channel: str, error: MessageError) -> str:
    """What went wrong and what to do, in one plain sentence (not cleaned)."""
    from vchat_tui.channels import errors  # only when something failed

    return errors.advice(channel, error)


def reason(channel: str, error: MessageError) -> SafeText:
    """What stops a number, in our words where we know the error, with the provider's code."""
    words = error.advice or advice(channel, error)
    return clean(f"{words} ({error.code})", one_line=True)


def file_label(mime_type: str | None, size: int | None) -> str:
    """What a file is, apart from its name: `PDF · 2.1 MB`."""
    parts = [extension_of(mime_type).upper() if mime_type else "?"]
    if size is not None:
        parts.append(size_text(size))
    return " · ".join(parts)


def is_window_error(message: Message) -> bool:
    """Did the provider refuse it because the window was closed?"""
    from vchat_tui.channels import errors  # only when something failed
    from vchat_tui.channels.base import ErrorClass

    rule = errors.rule(message.channel, message.error.code) if message.error else None
    return rule is not None and rule.error_class is ErrorClass.WINDOW


def held_line(held: Held, clock: Clock) -> str:
    """What a held answer waits for, and whether the customer knows of it (not cleaned)."""
    if held.release_at is not None:
        moment = clock.full(held.release_at).rpartition(" ")[2]
        return _("The customer wrote: it goes at {time}.").format(time=moment)
    if held.asks == "stale":
        return _("It has waited too long to go by itself: does it still hold?")
    if held.asks is not None:
        return _("Taken back: it does not go by itself.")
    waits = _("It goes once the customer writes.")
    return " ".join((waits, *_telling(held)))


def _telling(held: Held) -> Iterator[str]:
    """How the customer hears of a held answer, or why they do not."""
    if held.notice is Status.FAILED:
        yield _("The template that tells them failed.")
    elif held.notice is Status.UNKNOWN:
        yield _("Nobody knows whether the template that tells them left: decide about that first.")
    elif held.notice is not None:
        yield _("A template tells them.")
    if held.sms is not None:
        yield _("An SMS tells them:") + " " + elsewhere_line(held.sms)
    for refused in held.no_notice:
        yield _(refused.message).format(**refused.values)


def elsewhere_line(found: Elsewhere) -> str:
    """To which number a message in another conversation went, and how it stands (not cleaned)."""
    words = f"{pretty(found.to or '')} {status_label(found.status).text}"
    if found.status is Status.FAILED and found.error is not None:
        return f"{words}. {advice(found.channel, found.error)}"
    return words


def closed_reason(conversation: Conversation, clock: Clock) -> str:
    """Why free text may not be sent, and what can be done instead."""
    can = capabilities(conversation.channel)
    if conversation.opted_out and can.opt_out_stops_all:
        return "⊘ " + _(
            "The customer wrote STOP, so nothing may be sent to them here until they write START."
        )
    hours = can.window_hours
    reasons = {
        window.Window.NEVER: _("This customer has not written yet."),
        window.Window.REFUSED: _("The provider says that the window is closed."),
        window.Window.OVER: _("The {hours} hours after the customer's last message are over."),
    }
    why = reasons[window.state(conversation, hours, clock.now())].format(hours=hours)
    what = _("[{template}] Template   [{hold}] Write and hold   [{sms}] SMS")
    keys = {"template": key_of("template"), "hold": key_of("hold"), "sms": key_of("sms")}
    if conversation.is_sandbox and sandbox_left(conversation, clock) <= timedelta(0):
        return f"{join_hint()}\n" + what.format(**keys)
    return f"⊘ {why}\n" + what.format(**keys)


def hold_hint() -> str:
    """What Enter does while the window is closed."""
    text = _("‖ Enter holds your answer until they write.  [{template}] Template  [{sms}] SMS")
    return text.format(template=key_of("template"), sms=key_of("sms"))


def sms_hint() -> str:
    """What Enter does once an SMS is to be written."""
    return _("↗ Enter sends it as an SMS now.   [{hold}] Hold it instead").format(
        hold=key_of("hold")
    )


def size_text(size: int) -> str:
    """Bytes for people: `1.2 MB`."""
    if size >= 1_000_000:
        return f"{size / 1_000_000:.1f} MB"
    if size >= 1000:
        return f"{size / 1000:.0f} KB"
    return f"{size} B"
