"""How well the server and its inboxes are, in glyphs and a few words."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from vchat_tui.actions import key_of
from vchat_tui.channels.account import TokenState
from vchat_tui.clock import Clock
from vchat_tui.findings import span, token_trouble
from vchat_tui.i18n import _
from vchat_tui.models import Diagnostics, InboxHealth, Webhook
from vchat_tui.screens.page import MUTED, block
from vchat_tui.setup_check import GUIDED
from vchat_tui.text import clean
from vchat_tui.widgets.describe import reason

LABEL_CELLS = 14


def inbox_state(health: InboxHealth) -> tuple[str, str]:
    """The state of an inbox and the style it is drawn in, the most urgent first."""
    if health.inbox.paused is not None:
        return "■ " + _("paused"), "bold $text-error"
    if health.bad and not health.good:
        return "▲ " + _("webhooks refused"), "bold $text-warning"
    if health.last_good_at is None:
        return "○ " + _("never heard"), "bold $text-warning"
    return "● " + _("ok"), "bold $text-success"


def server_report(diagnostics: Diagnostics, clock: Clock) -> Content:
    """The server's part: listener, address, journal, outbox, refused webhooks, orders in trouble."""
    lines = [
        _listener(diagnostics),
        _address(diagnostics),
        _journal(diagnostics),
        _outbox(diagnostics),
        _refused(diagnostics, clock),
    ]
    if diagnostics.orders_waiting or diagnostics.orders_dead:
        lines.append(_orders(diagnostics))
    if diagnostics.notices_failed:
        lines.append(_notices(diagnostics))
    return Content("\n").join(lines)


def _fact(label: str, value: str, style: str = "") -> Content:
    """A label, then what it says; foreign text is cleaned here."""
    return Content.assemble(
        (f"{label:<{LABEL_CELLS}} ", MUTED), (clean(value, one_line=True), style)
    )


def _listener(diagnostics: Diagnostics) -> Content:
    if diagnostics.listener_error:
        problem = _("not listening: {reason}").format(reason=diagnostics.listener_error)
        return _fact(_("Listener"), f"✗ {problem}", "$text-error")
    if diagnostics.listening:
        return _fact(_("Listener"), f"● {diagnostics.listening}")
    return _fact(_("Listener"), "○ " + _("not listening"), "$text-warning")


def _address(diagnostics: Diagnostics) -> Content:
    if diagnostics.public_url:
        return _fact(_("Public URL"), f"● {diagnostics.public_url}")
    return _fact(_("Public URL"), "▲ " + _("not set: Settings › Server settings"), "$text-warning")


def _journal(diagnostics: Diagnostics) -> Content:
    if diagnostics.storage_error:
        problem = _("nothing can be stored now: {reason}").format(reason=diagnostics.storage_error)
        return _fact(_("Journal"), f"✗ {problem}", "$text-error")
    lag = diagnostics.journal_last_id - diagnostics.projected_id
    text = _("{last} webhooks, {lag} waiting, {dead} not applied").format(
        last=diagnostics.journal_last_id, lag=lag, dead=diagnostics.dead
    )
    sign, style = ("▲", "$text-warning") if diagnostics.dead else ("●", "")
    return _fact(_("Journal"), f"{sign} {text}", style)


def _outbox(diagnostics: Diagnostics) -> Content:
    text = _("{queued} queued, {unknown} unknown, {failed} failed").format(
        queued=diagnostics.outbox_queued,
        unknown=diagnostics.outbox_unknown,
        failed=diagnostics.outbox_failed,
    )
    trouble = diagnostics.outbox_unknown or diagnostics.outbox_failed
    sign, style = ("▲", "$text-warning") if trouble else ("●", "")
    return _fact(_("Outbox"), f"{sign} {text}", style)


def _orders(diagnostics: Diagnostics) -> Content:
    text = _("to the shop: {waiting} waiting, {dead} given up ({key})").format(
        waiting=diagnostics.orders_waiting,
        dead=diagnostics.orders_dead,
        key=key_of("diagnostics-orders"),
    )
    return _fact(_("Orders"), f"▲ {text}", "$text-warning")


def _notices(diagnostics: Diagnostics) -> Content:
    text = _("{n} failed or in doubt since yesterday: Settings › Notices")
    return _fact(_("Notices"), f"▲ {text.format(n=diagnostics.notices_failed)}", "$text-warning")


def _refused(diagnostics: Diagnostics, clock: Clock) -> Content:
    if not diagnostics.bad_signatures:
        return _fact(_("Refused"), "● " + _("no webhook was refused"))
    text = _("bad signatures: {n}, the last {when}: {reason}").format(
        n=diagnostics.bad_signatures,
        when=_when(diagnostics.last_bad_at, clock),
        reason=_(diagnostics.last_bad_reason) if diagnostics.last_bad_reason else "?",
    )
    return _fact(_("Refused"), f"▲ {text}", "$text-warning")


def inbox_report(health: InboxHealth, clock: Clock, width: int) -> Content:
    """An inbox: state and name, then what came, what went, and what stops it.

    Args:
        health: what the diagnostics know of it.
        clock: says when.
        width: of the row, in cells.
    """
    state, style = inbox_state(health)
    head = Content.assemble((state, style), "  ", (clean(health.inbox.name, one_line=True), "bold"))
    went = Content.styled(_went(health), MUTED)
    lines = [*_came(health, clock), went, *_account(health, clock), *_stopped(health)]
    return block(head, lines, width) + Content("\n")


def _came(health: InboxHealth, clock: Clock) -> list[Content]:
    """Webhooks good and bad, and the check of the callback URL where the provider makes one."""
    guided = health.inbox.channel in GUIDED
    good = _("webhooks: {n}, the last {when}").format(
        n=health.good, when=_when(health.last_good_at, clock)
    )
    if guided and health.handshake_at:
        when = _when(health.handshake_at, clock)
        good += " · " + _("URL verified {when}").format(when=when)
    elif guided:
        good += " · " + _("URL never verified")
    lines = [Content.styled(good, MUTED)]
    if health.last_good_at is None:
        hint = _("Paste Configuration URL and Secret key at Meta and subscribe “messages”.")
        lines.append(Content.styled(hint if guided else _to_check(), "$text-accent"))
    if health.bad:
        bad = _("refused: {n}, the last {when}: {reason}").format(
            n=health.bad,
            when=_when(health.last_bad_at, clock),
            reason=_(health.last_bad_reason) if health.last_bad_reason else "?",
        )
        lines.append(Content.styled(f"▲ {clean(bad, one_line=True)}", "$text-warning"))
    return lines


def _account(health: InboxHealth, clock: Clock) -> list[Content]:
    """Token and subscription, as the provider last told; the server asks every hour."""
    check = health.inbox.check
    if check is None:
        return []
    lines = []
    if trouble := token_trouble(check, clock.now()):
        lines.append(Content.styled(f"▲ {clean(trouble)}", "$text-warning"))
    elif check.token_state == TokenState.VALID:
        ends = check.token_expires_at
        left = span(ends - clock.now()) if ends else ""
        text = _("token valid for {time}").format(time=left) if ends else _("token valid for good")
        asked = _("asked {when}").format(when=clock.short(check.at))
        lines.append(Content.styled(f"{text} · {asked}", MUTED))
    if check.subscribed is False:
        if health.inbox.channel in GUIDED:
            text = _("the app is not subscribed: no message can arrive; Settings › Guided set-up")
        else:
            text = _("the provider does not know where to send messages") + f". {_to_check()}"
        lines.append(Content.styled(f"▲ {text}", "$text-warning"))
    return lines


def _to_check() -> str:
    """Where an inbox without a guided set-up says what to do."""
    return _("Its check says what to do: Settings, then {key}").format(key=key_of("settings-guide"))


def _went(health: InboxHealth) -> str:
    return _("{queued} queued, {unknown} unknown, {failed} failed").format(
        queued=health.queued, unknown=health.unknown, failed=health.failed
    )


def _stopped(health: InboxHealth) -> list[Content]:
    """Why sending is paused, or the last error that Meta reported of the account."""
    if health.inbox.paused is not None:
        remedy = _("Correct it (Enter), then press {key} to send again.").format(
            key=key_of("diagnostics-resume")
        )
        why = reason(health.inbox.channel, health.inbox.paused)
        return [
            Content.styled(f"■ {why}", "$text-error"),
            Content.styled(remedy, "$text-accent"),
        ]
    if health.last_error is not None:
        return [
            Content.styled(f"▲ {reason(health.inbox.channel, health.last_error)}", "$text-warning")
        ]
    return []


def webhook_row(webhook: Webhook, clock: Clock) -> Content:
    """A dead letter as one line."""
    head = f"#{webhook.id}  {clock.short(webhook.received_at)}  "
    return Content.assemble(
        (head, MUTED),
        (f"{clean(webhook.inbox or '—', one_line=True)}  ", "bold"),
        clean(webhook.error or "", one_line=True),
    )


def _when(moment: datetime | None, clock: Clock) -> str:
    return clock.short(moment) if moment else "—"
