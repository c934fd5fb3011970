"""The screens of notices: the list, a test, the dry run, the settings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from driving import drawn, open_screen, type_text, until
from notice_desk import NoticeDesk

from vchat_tui.app import VchatApp
from vchat_tui.desk.calls import (
    DeskError,
    ListNotices,
    RetryNotice,
    SaveNoticeSettings,
    SendNoticeTest,
    SendRuleTest,
)
from vchat_tui.models import Agent
from vchat_tui.notice_models import NoticeState
from vchat_tui.notice_rules import Audience, Rule, Way
from vchat_tui.screens.notice_settings import NoticeSettingsScreen
from vchat_tui.screens.notices import NoticesScreen

MakeApp = Callable[..., VchatApp]


@pytest.fixture
def desk() -> NoticeDesk:
    return NoticeDesk()


async def test_the_list_says_which_rule_decided(make_app: MakeApp, desk: NoticeDesk) -> None:
    app = make_app(desk)
    async with app.run_test(size=(100, 50)) as pilot:
        await open_screen(pilot, NoticesScreen(), "Nobody to tell")
        screen = drawn(pilot)
        assert "none answered yet: all agents who are" in screen
        assert "conversation with Tom[/] Mayer" in screen
        assert "one text for 3 messages" in screen
        assert "does not take e-mail for this address" in screen and "\x1b" not in screen
        assert "Not told: this agent is online" in screen
        await pilot.press("f")
        await until(pilot, lambda: "Notices · ✗ failed" in drawn(pilot))
        assert desk.of(ListNotices)[-1].state is NoticeState.FAILED
        await pilot.press("r")
        await until(pilot, lambda: desk.of(RetryNotice))
        assert desk.of(RetryNotice)[-1] == RetryNotice(notice_id=2)
        await until(pilot, lambda: "No notice is in this state." in drawn(pilot))
        await pilot.press("f", "r")
        await until(pilot, lambda: "may have arrived. Send it again?" in drawn(pilot))
        await pilot.press("right", "enter")
        await until(pilot, lambda: len(desk.of(RetryNotice)) == 2)
        assert desk.of(RetryNotice)[-1] == RetryNotice(notice_id=3, may_double=True)


async def test_a_test_by_keys_alone(make_app: MakeApp, desk: NoticeDesk) -> None:
    app = make_app(desk)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_screen(pilot, NoticesScreen(), "Nobody to tell")
        desk.agents[1] = Agent(id=1, name="Ana", phone="+34600000001", email="ana@x.example")
        await pilot.press("t")
        await until(pilot, lambda: "E-mail to customers" in drawn(pilot))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "ana@x.example" in drawn(pilot))
        await type_text(pilot, "an")
        await pilot.press("enter")
        await until(pilot, lambda: desk.of(SendNoticeTest))
        assert desk.of(SendNoticeTest)[-1] == SendNoticeTest(
            audience=Audience.AGENT, way=Way.EMAIL, address="ana@x.example"
        )
        await until(pilot, lambda: "ana@x.example: ● sent" in drawn(pilot))
        desk.refuse[SendNoticeTest] = DeskError("This is not an e-mail address.")
        await pilot.press("t", "enter")
        await type_text(pilot, "+3460")
        await pilot.press("down", "enter")
        await until(pilot, lambda: "✗ This is not an e-mail address." in drawn(pilot))


async def test_a_test_of_each_rule(make_app: MakeApp, desk: NoticeDesk) -> None:
    app = make_app(desk)
    desk.agents[1] = Agent(id=1, name="Ana", department="Ventas")
    desk.agents[2] = Agent(id=2, name="Luis", department="ventas")
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, NoticesScreen(), "Nobody to tell")
        for rule, typed, about in (
            (Rule.DEPARTMENT, "sms its department", "Ana, Luis"),
            (Rule.ASSIGNED, "sms assigned", "Luis"),
            (Rule.LAST_AGENT, "sms last", "Luis"),
            (Rule.ALL_OFFLINE, "sms not online", None),
        ):
            await pilot.press("t")
            await until(pilot, lambda: "SMS to customers" in drawn(pilot))
            await type_text(pilot, typed)
            await until(pilot, lambda: "SMS to customers" not in drawn(pilot))
            await pilot.press("enter")
            if about is not None:
                await until(pilot, lambda about=about: about in drawn(pilot))
                await pilot.press("enter")
            await until(pilot, lambda: "not told  Luis: Not told: this agent" in drawn(pilot))
            assert "● sent  Ana: +34600000001" in drawn(pilot)
            await pilot.press("escape")
            asked = desk.of(SendRuleTest)[-1]
            assert (asked.rule, asked.way) == (rule, Way.SMS)
            wanted = {Rule.DEPARTMENT: ("Ventas", None), Rule.ALL_OFFLINE: (None, None)}
            assert (asked.department, asked.agent_id) == wanted.get(rule, (None, 1))


async def test_who_would_be_told(make_app: MakeApp, desk: NoticeDesk) -> None:
    app = make_app(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, NoticesScreen(), "Nobody to tell")
        await pilot.press("w")
        await until(pilot, lambda: app.screen.query("#choose-list") and "Ana" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "● SMS  Ana: First message, or none answered" in drawn(pilot))
        assert "These notices are switched off." in drawn(pilot)


async def test_settings_are_saved_each_to_its_part(make_app: MakeApp, desk: NoticeDesk) -> None:
    app = make_app(desk)
    async with app.run_test(size=(100, 40)) as pilot:
        await open_screen(pilot, NoticeSettingsScreen(), "SMS to agents")
        await pilot.press("tab", "space")  # e-mail to agents, too
        desk.refuse[SaveNoticeSettings] = DeskError("E-mail needs this.", field="host")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "✗ E-mail needs this." in drawn(pilot))
        saved = desk.of(SaveNoticeSettings)[-1]
        assert saved.notices["agents_email"] is True and saved.notices["agents_sms"] is True
        assert saved.smtp["host"] == "mail.example.com" and "password" not in saved.smtp
        assert "escribió:\n\n{message" in saved.notices["agents_email_text_es"]
