"""A journal entry: what came, what was read in it, why it could not be applied; and replay."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Static

from vchat_tui.actions import bindings
from vchat_tui.clock import Clock
from vchat_tui.desk.calls import GetWebhook, ReplayWebhook
from vchat_tui.i18n import _
from vchat_tui.models import Webhook, WebhookState
from vchat_tui.screens.page import MUTED, Page, line, problem_line, problems, show_problem
from vchat_tui.screens.raw import pretty
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.key_bar import KeyBar


class WebhookScreen(Page[None]):
    """One webhook.

    Args:
        webhook_id: its number in the journal.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "webhook.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("webhook")]

    def __init__(self, webhook_id: int) -> None:
        super().__init__()
        self._webhook_id = webhook_id

    def compose(self) -> ComposeResult:
        """Title, state, then facts and body to scroll."""
        yield line(_("Webhook {number}").format(number=self._webhook_id), id="title")
        yield line("…", id="state")
        yield problem_line()
        with VerticalScroll(id="parts"):
            yield line(_("What was read in it"), classes="heading")
            yield line("", id="facts")
            yield line(_("As it came"), classes="heading")
            yield line("", id="body")
        yield KeyBar("webhook", "app")

    def begin(self) -> None:
        """Read it."""
        self.load()
        self.query_one("#parts").focus()

    @work(group="load", exclusive=True, exit_on_error=False)
    async def load(self) -> None:
        """Read it and draw it."""
        with problems(self):
            self._draw(await console(self).desk.call(GetWebhook(webhook_id=self._webhook_id)))

    @work(group="load", exclusive=True, exit_on_error=False)
    async def action_replay(self) -> None:
        """Read and apply it again, for example after an upgrade or once its inbox was added."""
        show_problem(self, "")
        with problems(self):
            console_app = console(self)
            webhook = await console_app.desk.call(ReplayWebhook(webhook_id=self._webhook_id))
            self._draw(await console_app.desk.call(GetWebhook(webhook_id=self._webhook_id)))
            if webhook.state is WebhookState.DEAD:
                show_problem(self, _("It still cannot be applied; the reason is above."))
            else:
                console_app.say(_("Replayed: {state}").format(state=state_word(webhook.state)))

    def _draw(self, webhook: Webhook) -> None:
        self.query_one("#state", Static).update(state_report(webhook, console(self).clock))
        facts = pretty(list(webhook.facts)) if webhook.facts else _("nothing")
        self.query_one("#facts", Static).update(Content(facts))
        self.query_one("#body", Static).update(Content(pretty(webhook.body or "")))

    def action_back(self) -> None:
        """Back to the diagnostics."""
        self.dismiss(None)


def state_word(state: WebhookState) -> str:
    """What became of a webhook, in a word."""
    return {
        WebhookState.PENDING: _("waiting"),
        WebhookState.APPLIED: _("applied"),
        WebhookState.IGNORED: _("ignored"),
        WebhookState.DEAD: _("not applied"),
    }[state]


def state_report(webhook: Webhook, clock: Clock) -> Content:
    """When, for which inbox, what became of it and why."""
    dead = webhook.state is WebhookState.DEAD
    parts: list[str | tuple[str, str]] = [
        (f"{'✗' if dead else '●'} {state_word(webhook.state)}", "bold $text-error" if dead else ""),
        (f"  {clock.full(webhook.received_at)}  ", MUTED),
        clean(webhook.inbox or _("no inbox"), one_line=True),
    ]
    if webhook.error:
        parts.append((f"\n  {clean(webhook.error, one_line=True)}", "$text-error"))
    return Content.assemble(*parts)
