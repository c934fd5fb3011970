"""How a broadcast stands, as text: state, bar, counts, who is left out."""

from __future__ import annotations

from datetime import timedelta

from textual.content import Content

from vchat_tui.actions import key_of
from vchat_tui.broadcast_models import LEFT_OUT, STATES, Broadcast, BroadcastPlan, BroadcastState
from vchat_tui.channels import errors
from vchat_tui.clock import Clock, duration
from vchat_tui.i18n import _, ngettext
from vchat_tui.text import clean

_SIGNS = {
    BroadcastState.DRAFT: ("○", "bold"),
    BroadcastState.SCHEDULED: ("◷", "bold $text-primary"),
    BroadcastState.RUNNING: ("▶", "bold $text-success"),
    BroadcastState.PAUSED: ("‖", "bold $text-warning"),
    BroadcastState.DONE: ("●", "bold $text-success"),
    BroadcastState.CANCELLED: ("✗", "bold $text-error"),
}


def recipient_states() -> dict[str, str]:
    """The states of recipients in the order of their lives, with their words."""
    return {
        "pending": _("waiting"), "queued": _("in the outbox"), "sending": _("sending"),
        "accepted": _("taken by the provider"), "sent": _("sent"), "delivered": _("delivered"),
        "read": _("read"), "failed": _("failed"), "unknown": _("of unknown fate"),
        "skipped": _("left out"),
    }  # fmt: skip


def state_word(broadcast: Broadcast) -> tuple[str, str]:
    """Sign and word, with their style."""
    sign, style = _SIGNS[broadcast.state]
    return f"{sign} {_(STATES[broadcast.state])}", style


def bar(broadcast: Broadcast, width: int) -> Content:
    """How far it is: what left, of all."""
    part = broadcast.settled / broadcast.total if broadcast.total else 0.0
    full = int(part * width)
    return Content.assemble(("█" * full, "$text-success"), ("░" * (width - full), "dim"))


def progress(broadcast: Broadcast, width: int, clock: Clock) -> list[Content]:
    """State, bar, rate and time left, counts, who is in quiet hours, why it stands still."""
    part = f" {broadcast.settled:,} / {broadcast.total:,}"
    head: list[Content | str | tuple[str, str]] = [state_word(broadcast), "  "]
    if broadcast.rate:
        head.append(_("{rate} a second").format(rate=f"{broadcast.rate:.0f}"))
    if broadcast.seconds_left:
        left = duration(timedelta(seconds=broadcast.seconds_left))
        head.append(" · " + _("{time} left").format(time=left))
    lines = [
        Content.assemble(*head),
        Content.assemble(bar(broadcast, max(10, min(50, width - 20))), part),
    ]
    words = recipient_states()
    shown = [
        f"{count:,} {words.get(state, state)}"
        for state in words
        if (count := broadcast.counts.get(state, 0))
    ]
    lines += Content(" · ".join(shown)).wrap(width) if shown else []
    if broadcast.quiet_until is not None:
        text = ngettext(
            "{n} customer is in quiet hours; it goes on at {time}",
            "{n} customers are in quiet hours; it goes on at {time}",
            broadcast.in_quiet_hours,
        )
        when = clock.time(broadcast.quiet_until)
        text = text.format(n=f"{broadcast.in_quiet_hours:,}", time=when)
        lines += Content.styled(f"◷ {text}", "$text-warning").wrap(width)
    if broadcast.reason is not None:
        title = errors.title(broadcast.channel, broadcast.reason)
        advice = errors.advice(broadcast.channel, broadcast.reason)
        text = _("It paused by itself: {title}. {advice}").format(title=title, advice=advice)
        lines += Content.styled(f"‖ {text}", "$text-warning").wrap(width)
    return lines


def plan_lines(plan: BroadcastPlan, width: int) -> list[Content]:
    """Who gets it, who does not and why, what it counts as, how long it takes."""
    lines = [Content.assemble((f"{plan.ready:>7,}", "bold $text-success"), "  ", _("will get it"))]
    if plan.quiet_hours:
        text = _("of these wait until {time} there")
        text = text.format(time=plan.quiet_hours.rpartition("-")[2])
        lines.append(Content.assemble((f"{plan.quiet:>7,}", "bold"), "  ", text))
    for reason, count in sorted(plan.left_out.items(), key=lambda item: -item[1]):
        why = _(LEFT_OUT.get(reason, reason))
        lines.append(
            Content.assemble(
                (f"{count:>7,}", "bold $text-warning"), "  ",
                _("left out: {reason}").format(reason=why),
            )
        )  # fmt: skip
    facts = [_time(plan.seconds)]
    if plan.segments is not None:
        text = ngettext("{n} SMS segment", "{n} SMS segments", plan.segments)
        facts.insert(0, text.format(n=f"{plan.segments:,}"))
    if plan.category:
        facts.insert(0, _("category {category}").format(category=category_word(plan.category)))
        if plan.reach_left is None:
            facts.append(_("people that may be written to today: unknown"))
        else:
            text = _("people that may be written to today: {left}")
            facts.append(text.format(left=f"{plan.reach_left:,}"))
    lines += Content(" · ".join(facts)).wrap(width)
    if plan.reach_left is not None and plan.reach_left < plan.ready:
        text = _(
            "More people than the provider lets this number write to in a day: the rest would fail."
        )
        lines += Content.styled(f"⚠ {text}", "$text-warning").wrap(width)
    if not plan.answers:
        text = _("It comes from a sender name: nobody can answer it, nor stop it with STOP.")
        lines += Content.styled(f"⚠ {text}", "$text-warning").wrap(width)
    if plan.left_out.get("window_closed"):
        text = _("[{key}] sends a template to those whose window is closed.")
        lines.append(Content.styled(text.format(key=key_of("broadcast-closed")), "$text-accent"))
    if plan.sample:
        sample = clean(plan.sample, one_line=True)
        label = (_("The first reads:") + " ", "dim")
        lines.append(Content.assemble(label, sample).truncate(width, ellipsis=True))
    return lines


def _time(seconds: float) -> str:
    if seconds < 60:
        return _("less than a minute")
    return _("about {time}").format(time=duration(timedelta(seconds=seconds)))


def category_word(category: str) -> str:
    """What a template's category is called."""
    words = {
        "marketing": _("marketing"),
        "utility": _("utility"),
        "authentication": _("authentication"),
    }
    return words.get(category, clean(category, one_line=True))
