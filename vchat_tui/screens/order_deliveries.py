"""Orders on their way to the shops' own systems: which arrived, which wait, and why."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from vchat_tui.actions import bindings, key_of
from vchat_tui.clock import Clock
from vchat_tui.desk.calls import ListOrderDeliveries, ResendDeadOrders, ResendOrder
from vchat_tui.events import DiagnosticsChanged, Event, ManyChanged
from vchat_tui.i18n import _, ngettext
from vchat_tui.orders import OrderDelivery, OrderState
from vchat_tui.screens.marking_list import MarkingList
from vchat_tui.screens.page import MUTED, Page, block, line, problem_line, problems, show_problem
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.key_bar import KeyBar


class OrderDeliveriesScreen(Page[tuple[int, int] | None]):
    """Dismisses with (conversation id, message id) of the order to jump to."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "order_deliveries.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("orders")]

    def __init__(self) -> None:
        super().__init__()
        self._deliveries: tuple[OrderDelivery, ...] = ()

    def compose(self) -> ComposeResult:
        """Title, orders, keys."""
        yield line(_("Orders to the shop"), id="title")
        yield problem_line()
        empty = line(
            _("No order was posted to a shop yet. Set “Order webhook” in a number's settings."),
            id="empty",
        )
        empty.display = False
        yield empty
        yield MarkingList(id="orders", compact=True)
        yield KeyBar("orders", "app")

    def on_resize(self) -> None:
        """Lines are wrapped for a width."""
        if self._deliveries:
            self._draw()

    def on_desk_event(self, event: Event) -> None:
        """An order came in or was tried."""
        if isinstance(event, DiagnosticsChanged | ManyChanged):
            self.load_soon()

    @work(group="load", exclusive=True, exit_on_error=False)
    async def load(self) -> None:
        """Read the list and draw it; the mark stays on its order."""
        with problems(self):
            self._deliveries = await console(self).desk.call(ListOrderDeliveries())
            self._draw()

    def _draw(self) -> None:
        options = self.query_one("#orders", MarkingList)
        width = options.scrollable_content_region.width
        clock = console(self).clock
        options.show(
            [
                Option(delivery_row(delivery, clock, width), id=str(delivery.message_id))
                for delivery in self._deliveries
            ]
        )
        self.query_one("#empty").display = not self._deliveries
        if self._deliveries:
            options.focus()

    @property
    def _marked(self) -> OrderDelivery | None:
        option = self.query_one("#orders", OptionList).highlighted_option
        for delivery in self._deliveries:
            if option is not None and option.id == str(delivery.message_id):
                return delivery
        return None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Jump to the order."""
        self.action_open()

    def action_open(self) -> None:
        """Jump to the marked order in its conversation."""
        if (delivery := self._marked) is not None:
            self.dismiss((delivery.conversation_id, delivery.message_id))

    @work(group="act", exclusive=True, exit_on_error=False)
    async def action_resend(self) -> None:
        """Post the marked order now, once more if it was posted before."""
        if (delivery := self._marked) is None:
            return
        show_problem(self, "")
        with problems(self):
            await console(self).desk.call(ResendOrder(message_id=delivery.message_id))
            self.load()

    @work(group="act", exclusive=True, exit_on_error=False)
    async def action_resend_dead(self) -> None:
        """Post all that were given up."""
        show_problem(self, "")
        with problems(self):
            count = await console(self).desk.call(ResendDeadOrders())
            text = ngettext("{n} order goes again", "{n} orders go again", count)
            console(self).say(text.format(n=count) if count else _("No order was given up."))
            self.load()

    def action_back(self) -> None:
        """Back to the diagnostics."""
        self.dismiss(None)


def delivery_row(delivery: OrderDelivery, clock: Clock, width: int) -> Content:
    """State, time, inbox and whom; what went wrong; what the shop said; tries and id."""
    states = {
        OrderState.PENDING: ("◌ " + _("waiting"), "bold $text-warning"),
        OrderState.DONE: ("● " + _("delivered"), "bold $text-success"),
        OrderState.DEAD: ("✗ " + _("given up"), "bold $text-error"),
    }
    head = Content.assemble(
        states[delivery.state],
        (f"  {clock.short(delivery.created_at)}  {clean(delivery.inbox, one_line=True)}  ", MUTED),
        (clean(delivery.customer, one_line=True), "bold"),
    )
    lines = [Content.styled(_trouble(delivery), "$text-accent")] if delivery.error else []
    if delivery.answer:
        answer = clean(delivery.answer, one_line=True)
        lines.append(Content.assemble((_("The shop said:") + " ", MUTED), answer))
    lines.append(Content.styled(_facts(delivery, clock), MUTED))
    return block(head, lines, width) + Content("\n")


def _trouble(delivery: OrderDelivery) -> str:
    """What went wrong and what to do."""
    texts = {
        "private_address": _("The address is in a private network; allow it in the number's "
                             "settings if the shop is there."),
        "insecure": _("An address on the internet must be https on port 443."),
        "redirect": _("The shop sent us elsewhere; set the final address in the settings."),
        "status": _("The shop did not take it."),
        "timeout": _("The shop did not answer in time."),
        "unreachable": _("The shop cannot be reached."),
        "not_configured": _("The number has no order webhook any more."),
        "reply_refused": _("The shop has it, but its reply could not be sent to the customer."),
    }  # fmt: skip
    text = texts.get(delivery.error or "", _("Something went wrong."))
    detail = clean(delivery.detail or "", one_line=True)
    return f"{text} ({detail})" if detail else text


def _facts(delivery: OrderDelivery, clock: Clock) -> str:
    count = ngettext("{n} attempt", "{n} attempts", delivery.tries)
    parts = [count.format(n=delivery.tries)]
    if delivery.http_status is not None:
        parts.append(f"HTTP {delivery.http_status}")
    if delivery.next_at is not None:
        parts.append(_("next {when}").format(when=clock.short(delivery.next_at)))
    if delivery.state is not OrderState.DONE:
        parts.append(_("{key} sends it now").format(key=key_of("orders-resend")))
    parts.append(delivery.delivery_id)
    return " · ".join(parts)
