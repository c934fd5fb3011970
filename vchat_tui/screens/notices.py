"""Notices to agents and customers: who was told, who was not, and which rule decided."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from vchat_tui.actions import bindings, key_of
from vchat_tui.channels import errors
from vchat_tui.clock import Clock
from vchat_tui.desk.calls import (
    ListAgents,
    ListNotices,
    RetryNotice,
    SendNoticeTest,
    SendRuleTest,
    TryRules,
)
from vchat_tui.events import DiagnosticsChanged, Event, ManyChanged
from vchat_tui.i18n import _, ngettext
from vchat_tui.notice_models import DryRun, Notice, NoticeState
from vchat_tui.notice_rules import EXPLANATIONS, Audience, Decision, Rule, Way
from vchat_tui.screens.confirm import ConfirmDialog
from vchat_tui.screens.go_to import GoTo
from vchat_tui.screens.marking_list import MarkingList
from vchat_tui.screens.notice_settings import NoticeSettingsScreen
from vchat_tui.screens.notice_test import About, ChooseAbout, ChooseAddress, ChooseNotice
from vchat_tui.screens.page import MUTED, Page, block, line, problem_line, problems, show_problem
from vchat_tui.screens.text_view import TextView
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.key_bar import KeyBar

FILTERS: tuple[NoticeState | None, ...] = (
    None, NoticeState.FAILED, NoticeState.UNKNOWN, NoticeState.PENDING, NoticeState.SENT,
    NoticeState.SKIPPED,
)  # fmt: skip


class NoticesScreen(Page[None]):
    """The list, and from here tests, the dry run and the settings."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "notices.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("notices")]

    def __init__(self) -> None:
        super().__init__()
        self._notices: tuple[Notice, ...] = ()
        self._filter = 0

    def compose(self) -> ComposeResult:
        """Title, list, keys."""
        yield line(_("Notices"), id="title")
        yield problem_line()
        yield line("", id="empty")
        yield MarkingList(id="notices", compact=True)
        yield KeyBar("notices", "app")

    def on_resize(self) -> None:
        """Lines are wrapped for a width."""
        if self._notices:
            self._draw()

    def on_desk_event(self, event: Event) -> None:
        """A notice was decided or sent."""
        if isinstance(event, DiagnosticsChanged | ManyChanged):
            self.load_soon()

    @work(group="load", exclusive=True, exit_on_error=False)
    async def load(self) -> None:
        """Read the list and draw it; the mark stays on its notice."""
        with problems(self):
            asked = ListNotices(state=FILTERS[self._filter])
            self._notices = await console(self).desk.call(asked)
            self._draw()

    def _draw(self) -> None:
        options = self.query_one("#notices", MarkingList)
        width = options.scrollable_content_region.width
        clock = console(self).clock
        options.show(
            [
                Option(notice_row(notice, clock, width), id=str(notice.id))
                for notice in self._notices
            ]
        )
        self._say_empty()
        state = FILTERS[self._filter]
        shown = "" if state is None else f" · {state_words(state)[0]}"
        self.query_one("#title", Static).update(Content(_("Notices") + shown))
        options.focus()

    def _say_empty(self) -> None:
        empty = self.query_one("#empty", Static)
        empty.display = not self._notices
        if self._filter:
            text = _("No notice is in this state.")
        else:
            text = _(
                "Nobody was told anything yet. {settings} opens the settings: who is told by SMS and"
                " e-mail while offline, and with which words; {test} sends a test."
            ).format(settings=key_of("notices-settings"), test=key_of("notices-test"))
        empty.update(Content(text))

    @property
    def _marked(self) -> Notice | None:
        option = self.query_one("#notices", OptionList).highlighted_option
        for notice in self._notices:
            if option is not None and option.id == str(notice.id):
                return notice
        return None

    def action_filter(self) -> None:
        """Another state, then all again."""
        self._filter = (self._filter + 1) % len(FILTERS)
        self.load()

    @work(group="act", exclusive=True, exit_on_error=False)
    async def action_retry(self) -> None:
        """Send the marked notice once more; one that may have arrived only on purpose."""
        if (notice := self._marked) is None:
            return
        show_problem(self, "")
        may_double = notice.state is NoticeState.UNKNOWN
        if may_double:
            question = _("This notice may have arrived. Send it again?")
            if not await self.app.push_screen_wait(ConfirmDialog(question, _("Send again"))):
                return
        with problems(self):
            await console(self).desk.call(RetryNotice(notice_id=notice.id, may_double=may_double))
            self.load()

    @work(group="act", exclusive=True, exit_on_error=False)
    async def action_test(self) -> None:
        """Send a sample to an address or by a rule, and say what became of it."""
        chosen = await self.app.push_screen_wait(ChooseNotice())
        if chosen is None:
            return
        what, way = chosen
        if isinstance(what, Rule):
            await self._test_rule(what, way)
        else:
            await self._test_address(what, way)

    async def _test_rule(self, rule: Rule, way: Way) -> None:
        about: About | None = About()
        if rule is not Rule.ALL_OFFLINE:
            agents = await console(self).desk.call(ListAgents())
            about = await self.app.push_screen_wait(ChooseAbout(rule, agents))
        if about is None:
            return
        show_problem(self, "")
        with problems(self):
            console(self).say(_("Sending a test …"))
            told = await console(self).desk.call(
                SendRuleTest(
                    rule=rule, way=way, department=about.department, agent_id=about.agent_id
                )
            )
            self.load()
            self.app.clear_notifications()  # it would lie over the answer
            await self.app.push_screen_wait(TextView(_(EXPLANATIONS[rule]), rule_test_text(told)))

    async def _test_address(self, audience: Audience, way: Way) -> None:
        address = await self.app.push_screen_wait(ChooseAddress(way))
        if address is None:
            return
        show_problem(self, "")
        with problems(self):
            console(self).say(_("Sending a test …"))
            told = await console(self).desk.call(
                SendNoticeTest(audience=audience, way=way, address=address)
            )
            word = state_words(told.state)[0]
            trouble = trouble_of(told)
            console(self).say(
                f"{told.address}: {word}" + (f". {trouble}" if trouble else ""),
                severity="information" if told.state is NoticeState.SENT else "error",
            )
            self.load()

    @work(group="act", exclusive=True, exit_on_error=False)
    async def action_try(self) -> None:
        """Who would be told if a customer wrote now."""
        conversation_id = await self.app.push_screen_wait(GoTo())
        if conversation_id is None:
            return
        with problems(self):
            run = await console(self).desk.call(TryRules(conversation_id=conversation_id))
            title = _("If {name} wrote now").format(name=clean(run.customer, one_line=True))
            await self.app.push_screen_wait(TextView(title, dry_run_text(run)))

    @work(group="act", exclusive=True, exit_on_error=False)
    async def action_settings(self) -> None:
        """Who is told, how, and with which words."""
        await self.app.push_screen_wait(NoticeSettingsScreen())
        self.load()

    def action_back(self) -> None:
        """Back to the settings."""
        self.dismiss(None)


def state_words(state: NoticeState) -> tuple[str, str]:
    """A state as a person reads it, and its style."""
    return {
        NoticeState.PENDING: ("◌ " + _("waiting"), "bold $text-warning"),
        NoticeState.SENDING: ("◌ " + _("on its way"), "bold $text-warning"),
        NoticeState.SENT: ("● " + _("sent"), "bold $text-success"),
        NoticeState.SKIPPED: ("○ " + _("not told"), MUTED),
        NoticeState.FAILED: ("✗ " + _("failed"), "bold $text-error"),
        NoticeState.UNKNOWN: ("? " + _("may have arrived"), "bold $text-warning"),
    }[state]


def way_word(way: Way) -> str:
    """SMS or e-mail."""
    return "SMS" if way is Way.SMS else _("E-mail")


def notice_row(notice: Notice, clock: Clock, width: int) -> Content:
    """State, when, how and to whom; the rule; what went wrong."""
    who = clean(notice.name, one_line=True) or "–"
    address = clean(notice.address or "", one_line=True)
    head = Content.assemble(
        state_words(notice.state),
        (f"  {clock.short(notice.created_at)}  {way_word(notice.way)}  ", MUTED),
        (who, "bold"),
        (f"  {address}" if address != who else "", MUTED),
    )
    lines = [Content.styled(_rule_line(notice), MUTED)]
    if trouble := trouble_of(notice):
        lines.append(Content.styled(trouble, "$text-accent"))
    if facts := _facts(notice, clock):
        lines.append(Content.styled(facts, MUTED))
    return block(head, lines, width) + Content("\n")


def _rule_line(notice: Notice) -> str:
    rule = _(EXPLANATIONS[notice.rule])
    if notice.customer is None:
        return rule
    customer = clean(notice.customer, one_line=True)
    return f"{rule} · " + _("conversation with {name}").format(name=customer)


def trouble_of(notice: Notice) -> str:
    """What went wrong and what to do; nothing where nothing did."""
    return errors.advice(notice.channel or "email", notice.error) if notice.error else ""


def _facts(notice: Notice, clock: Clock) -> str:
    parts = []
    if notice.together > 1:
        parts.append(_("one text for {n} messages").format(n=notice.together))
    if notice.tries > 1:
        parts.append(ngettext("{n} attempt", "{n} attempts", notice.tries).format(n=notice.tries))
    if notice.next_at is not None:
        parts.append(_("next {when}").format(when=clock.short(notice.next_at)))
    if notice.state in (NoticeState.FAILED, NoticeState.UNKNOWN):
        parts.append(_("{key} sends it now").format(key=key_of("notices-retry")))
    return " · ".join(parts)


def rule_test_text(told: tuple[Notice, ...]) -> str:
    """What became of the test of a rule, as a page of text."""
    return "\n".join(
        f"{state_words(one.state)[0]}  {clean(one.name, one_line=True) or '–'}: {_how_it_went(one)}"
        for one in told
    )


def _how_it_went(notice: Notice) -> str:
    if notice.rule is not Rule.TEST:
        return _(EXPLANATIONS[notice.rule])
    return trouble_of(notice) or clean(notice.address or "", one_line=True)


def dry_run_text(run: DryRun) -> str:
    """The decisions as a page of text."""
    parts = [_("Agents, of the customer's message:"), *_lines(run.agents)]
    parts += ["", _("The customer, if an agent wrote to them now:"), *_lines(run.user)]
    return "\n".join(parts)


def _lines(decisions: tuple[Decision, ...]) -> list[str]:
    if not decisions:
        return ["  " + _("These notices are switched off.")]
    return [
        f"  {'●' if one.send else '○'} {way_word(one.way)}  {clean(one.name, one_line=True) or '–'}:"
        f" {_(EXPLANATIONS[one.rule])}"
        for one in decisions
    ]
