"""Diagnostics, dead letters, the raw view."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from driving import drawn, open_screen, until
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from stub_desk import NOW, StubDesk

from vchat_tui.app import VchatApp
from vchat_tui.desk.calls import DeskError, Disconnected, GetDiagnostics, ReplayWebhook, ResumeInbox
from vchat_tui.events import DiagnosticsChanged
from vchat_tui.models import InboxHealth, MessageError, Webhook, WebhookState
from vchat_tui.screens.diagnostics import DiagnosticsScreen
from vchat_tui.screens.raw import SHOWN_CHARACTERS, RawScreen, pretty
from vchat_tui.screens.webhook import WebhookScreen


def ill_desk() -> StubDesk:
    """A desk where everything that can be wrong is."""
    desk = StubDesk()
    desk.inboxes[1] = replace(
        desk.inboxes[1], paused=MessageError(code="190", title="Token expired")
    )
    desk.diagnostics = replace(
        desk.diagnostics,
        inboxes=(
            InboxHealth(
                inbox=desk.inboxes[1], good=12, last_good_at=NOW, handshake_at=NOW, queued=4,
                bad=2, last_bad_at=NOW - timedelta(minutes=7), last_bad_reason="wrong app secret",
            ),
        ),
        listening=None,
        listener_error="port 8080 is taken",
        public_url=None,
        bad_signatures=2,
        last_bad_at=NOW - timedelta(minutes=7),
        last_bad_reason="wrong app secret",
        journal_last_id=1205,
        projected_id=1200,
        outbox_queued=4,
        outbox_unknown=1,
    )  # fmt: skip
    return desk


async def test_what_is_wrong_is_said_with_its_remedy(make_app: Callable[..., VchatApp]) -> None:
    app = make_app(ill_desk())
    async with app.run_test(size=(100, 40)) as pilot:
        await open_screen(pilot, DiagnosticsScreen(), "Ventas")
        text = drawn(pilot)
        for part in (
            "✗ not listening: port 8080 is taken",
            "▲ not set: Settings › Server settings",
            "▲ 1205 webhooks, 5 waiting, 1 not applied",
            "▲ 4 queued, 1 unknown, 0 failed",
            "▲ bad signatures: 2, the last 11:53: wrong app secret",
            "■ paused  Ventas",
            "webhooks: 12, the last 12:00 · URL verified 12:00",
            "▲ refused: 2, the last 11:53: wrong app secret",
            "■ The WhatsApp access token has expired",
            "press p to send again",
            "○ never heard  Soporte",
            "Paste Configuration URL and Secret key at Meta",
        ):
            assert part in text


async def test_a_paused_inbox_is_resumed_with_a_key(make_app: Callable[..., VchatApp]) -> None:
    desk = ill_desk()
    app = make_app(desk)
    async with app.run_test(size=(100, 40)) as pilot:
        await open_screen(pilot, DiagnosticsScreen(), "■ paused")
        await pilot.press("p")
        await until(pilot, lambda: "● ok  Ventas" in drawn(pilot))
        await pilot.press("p")
        await until(pilot, lambda: "No number is paused" in drawn(pilot))
    assert desk.of(ResumeInbox) == [ResumeInbox(inbox_id=1)]


async def test_it_follows_events(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, DiagnosticsScreen(), "no webhook was refused")
        desk.diagnostics = replace(desk.diagnostics, bad_signatures=9)
        desk.push(DiagnosticsChanged())
        await until(pilot, lambda: "bad signatures: 9" in drawn(pilot))


async def test_a_dead_letter_is_read_and_replayed(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(100, 40)) as pilot:
        await open_screen(pilot, DiagnosticsScreen(), "timestamp is not a number")
        await pilot.press("end", "enter")
        await until(pilot, lambda: '"object": "whatsapp_business_account"' in drawn(pilot))
        assert "✗ not applied" in drawn(pilot)
        await pilot.press("R")
        await until(pilot, lambda: "● applied" in drawn(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "everything that came was understood" in drawn(pilot))
    assert desk.of(ReplayWebhook) == [ReplayWebhook(webhook_id=7)]


async def test_a_replay_that_fails_again_says_so(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, WebhookScreen(7), "As it came")
        desk.refuse[ReplayWebhook] = DeskError("Its number is not configured")
        await pilot.press("R")
        await until(pilot, lambda: "✗ Its number is not configured" in drawn(pilot))


async def test_an_inbox_opens_its_settings(app: VchatApp) -> None:
    async with app.run_test(size=(100, 40)) as pilot:
        await open_screen(pilot, DiagnosticsScreen(), "Ventas")
        await pilot.press("enter")
        await until(pilot, lambda: "Phone number ID" in drawn(pilot))


async def test_a_server_that_is_away_is_told(app: VchatApp, desk: StubDesk) -> None:
    desk.refuse[GetDiagnostics] = Disconnected()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, DiagnosticsScreen(), "The server cannot be reached")


async def test_the_raw_view_scrolls_copies_and_closes(app: VchatApp) -> None:
    payload = {"lines": [{"number": number} for number in range(100)]}
    async with app.run_test(size=(80, 24)) as pilot:
        results = await open_screen(pilot, RawScreen("wamid.1", payload), '"number": 0')
        await pilot.press("y", "end")
        await until(pilot, lambda: '"number": 99' in drawn(pilot))
        assert '"number": 99' in app.clipboard
        await pilot.press("escape")
        await until(pilot, lambda: results)


async def test_a_webhook_that_is_no_json_is_shown_as_it_came(app: VchatApp, desk: StubDesk) -> None:
    desk.webhooks[8] = Webhook(
        id=8, received_at=NOW, state=WebhookState.DEAD, body="not { json \x1b[2J"
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, WebhookScreen(8), "not { json ␛[2J")


def test_a_huge_body_is_cut_and_says_so() -> None:
    text = pretty("x" * (SHOWN_CHARACTERS + 10))
    assert len(text) < SHOWN_CHARACTERS + 100
    assert text.endswith("… 10 more characters are not shown")


def test_a_deep_body_is_shown_as_it_came() -> None:
    assert pretty("[" * 30_000).startswith("[[[")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON | st.text())
def test_whatever_came_is_safe_to_draw(payload: object) -> None:
    text = pretty(payload)
    assert not any((ord(c) < 32 and c != "\n") or 0x7F <= ord(c) <= 0x9F for c in text)
