"""What the set-up says of each state of things: the right step, the reason, what to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui import i18n
from vchat_tui.address_check import address, reached
from vchat_tui.channels.account import (
    NEEDED_SCOPES,
    AccountReport,
    BusinessFacts,
    HealthFacts,
    NumberFacts,
    Part,
    SubscriptionFacts,
    TokenFacts,
    TokenState,
)
from vchat_tui.channels.reach import Reach, Reached
from vchat_tui.desk.calls import InboxInspection
from vchat_tui.findings import Mark, span
from vchat_tui.models import Inbox, InboxHealth, MessageError, SecretState
from vchat_tui.setup_check import STEPS, configuration_url, examine

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
BEFORE = NOW - timedelta(days=1)
SECRETS = {
    key: SecretState(set=True, fingerprint="ab", changed_at=BEFORE)
    for key in ("verify_token", "access_token", "app_secret")
}
WORKING = AccountReport(
    token=TokenFacts(state=TokenState.VALID, type="SYSTEM_USER", scopes=NEEDED_SCOPES),
    number=NumberFacts(number="+1 555", name="Café", status="CONNECTED", quality="GREEN"),
    health=HealthFacts(can_send="AVAILABLE", on_phone_app=False),
    business=BusinessFacts(has_number=True, numbers=("+1 555",)),
    templates=Part(),
    subscription=SubscriptionFacts(subscribed=True),
)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    i18n.use("en")
    yield


def inspection(report: AccountReport | None = WORKING, **more: Any) -> InboxInspection:
    """A number on which everything works, but for what is given."""
    inbox_more = more.pop("inbox", {})
    health_more = more.pop("health", {})
    inbox = Inbox(
        id=1,
        name="Ventas",
        channel="whatsapp_cloud",
        **{
            "settings": {"phone_number_id": "1", "business_account_id": "2"},
            "secrets": SECRETS,
            **inbox_more,
        },
    )
    health = InboxHealth(inbox=inbox, **{"last_good_at": NOW, "handshake_at": NOW, **health_more})
    given = {
        "received_at": NOW,
        "delivered_at": NOW,
        "public_url": "https://chat.example.com",
        "listening": "http://127.0.0.1:8765",
        **more,
    }
    return InboxInspection(health=health, report=report, **given)


def report(**parts: Any) -> AccountReport:
    return msgspec.structs.replace(WORKING, **parts)


def error(code: str, **more: str) -> MessageError:
    return MessageError(code=code, **more)


def token(**more: Any) -> AccountReport:
    facts = {"state": TokenState.VALID, "type": "USER", "scopes": NEEDED_SCOPES, **more}
    return report(token=TokenFacts(**facts))


def test_all_is_done_when_all_works() -> None:
    marks = {step: finding.mark for step, finding in examine(inspection(), NOW).items()}
    assert marks.pop("phone_app") is Mark.INFO
    assert set(marks.values()) == {Mark.DONE}, marks


def test_at_the_beginning_it_is_the_persons_turn() -> None:
    nothing = inspection(
        None,
        inbox={"settings": {"phone_number_id": "1"}, "secrets": {}},
        health={"last_good_at": None, "handshake_at": None},
        received_at=None,
        delivered_at=None,
        public_url=None,
    )
    found = examine(nothing, NOW)
    assert tuple(found) == STEPS
    for step in ("public_url", "token", "handshake", "app_secret", "business", "message"):
        assert found[step].mark is Mark.OPEN, step
        assert found[step].advice, step
    assert found["reply"].mark is Mark.WAIT


@pytest.mark.parametrize(
    ("found", "mark", "says"),
    [
        (Reached(reach=Reach.OK), Mark.DONE, "with a good certificate"),
        (Reached(reach=Reach.NO_NAME), Mark.FAIL, "chat.example.com leads nowhere"),
        (Reached(reach=Reach.PRIVATE, detail="10.0.0.7"), Mark.WARN, "10.0.0.7"),
        (Reached(reach=Reach.NO_ANSWER), Mark.WARN, "nothing answers"),
        (Reached(reach=Reach.TLS, detail="expired"), Mark.FAIL, "not accepted: expired"),
        (Reached(reach=Reach.STATUS, detail="502"), Mark.FAIL, "status 502"),
        (Reached(reach=Reach.NOT_OURS), Mark.FAIL, "somebody else"),
        (None, Mark.DONE, "listens on"),
    ],
)
def test_what_came_of_asking_ourselves(found: Reached | None, mark: Mark, says: str) -> None:
    url = "https://chat.example.com"
    finding = reached(examine(inspection(), NOW)["public_url"], url, found)
    assert finding.mark is mark
    assert says in finding.what
    assert bool(finding.advice) == (mark is not Mark.DONE)


def test_an_address_for_practice_and_a_broken_listener_say_more_than_the_question() -> None:
    failed = Reached(reach=Reach.NO_ANSWER)
    broken = address("https://chat.example.com", None, "port in use")
    assert reached(broken, "https://chat.example.com", failed) == broken
    practice = address("https://localhost", "http://127.0.0.1:8765", None)
    assert reached(practice, "https://localhost", failed) == practice


CASES: list[tuple[str, Mark, str, InboxInspection]] = [
    ("public_url", Mark.FAIL, "in use", inspection(listening=None, listener_error="port in use")),
    ("number", Mark.FAIL, "no number with this ID",
     inspection(report(number=NumberFacts(error=error("33"))))),
    ("number", Mark.WARN, "PENDING",
     inspection(report(number=NumberFacts(number="1", status="PENDING")))),
    ("token", Mark.FAIL, "does not accept", inspection(token(state=TokenState.WRONG))),
    ("token", Mark.FAIL, "has expired", inspection(token(state=TokenState.EXPIRED))),
    ("token", Mark.FAIL, "has expired", inspection(token(expires_at=NOW))),
    ("token", Mark.WARN, "ends in 23 h 0 min", inspection(token(expires_at=NOW + timedelta(hours=23)))),
    ("token", Mark.FAIL, "ends in 59 min", inspection(token(expires_at=NOW + timedelta(minutes=59)))),
    ("token", Mark.DONE, "ends in 59 days", inspection(token(expires_at=NOW + timedelta(days=59)))),
    ("token", Mark.FAIL, "whatsapp_business_management",
     inspection(token(scopes=("whatsapp_business_messaging",)))),
    ("token", Mark.FAIL, "not reached: no route", inspection(report(
        token=TokenFacts(error=error("no_answer", details="no route")),
        number=NumberFacts(error=error("no_answer"))))),
    ("token", Mark.WARN, "does not tell its kind", inspection(token(state=TokenState.UNKNOWN))),
    ("handshake", Mark.OPEN, "not verified", inspection(
        health={"handshake_at": None, "last_good_at": None})),
    ("handshake", Mark.WARN, "newer than", inspection(
        health={"handshake_at": BEFORE - timedelta(days=1), "last_good_at": None})),
    ("app_secret", Mark.FAIL, "fits no app secret", inspection(
        health={"last_good_at": None}, last_bad_at=NOW,
        last_bad_reason="The signature fits no app secret")),
    ("app_secret", Mark.DONE, "good signature", inspection(
        last_bad_at=BEFORE - timedelta(days=1), last_bad_reason="The signature fits no app secret")),
    ("app_secret", Mark.WAIT, "first message", inspection(health={"last_good_at": None})),
    ("business", Mark.FAIL, "not the ID", inspection(
        report(business=BusinessFacts(error=error("100"))))),
    ("business", Mark.FAIL, "it has: +1 999", inspection(
        report(business=BusinessFacts(has_number=False, numbers=("+1 999",))))),
    ("business", Mark.FAIL, "templates cannot be read (200)",
     inspection(report(templates=Part(error=error("200"))))),
    ("subscribed", Mark.FAIL, "not subscribed",
     inspection(report(subscription=SubscriptionFacts(subscribed=False)))),
    ("subscribed", Mark.WARN, "https://elsewhere", inspection(report(
        subscription=SubscriptionFacts(subscribed=True, override_url="https://elsewhere")))),
    ("message", Mark.WARN, "another number",
     inspection(received_at=None, dead=1, health={"last_good_at": None})),
    ("reply", Mark.FAIL, "paused", inspection(inbox={"paused": error("190")})),
    ("account", Mark.FAIL, "payment method", inspection(report(health=HealthFacts(
        can_send="BLOCKED", problems=(error("141006", title="?"),))))),
    ("account", Mark.FAIL, "blocks sending: banned", inspection(report(health=HealthFacts(
        can_send="BLOCKED", problems=(error("1", title="banned"),))))),
    ("account", Mark.WARN, "quality: low", inspection(report(
        number=NumberFacts(quality="RED", limit="TIER_2K")))),
    ("account", Mark.DONE, "customers a day: 2K", inspection(report(
        number=NumberFacts(quality="GREEN", limit="TIER_2K")))),
    ("phone_app", Mark.WARN, "20 messages a second", inspection(
        report(health=HealthFacts(on_phone_app=True)),
        inbox={"settings": {"sends_per_second": 80}})),
    ("phone_app", Mark.INFO, "appears here", inspection(
        report(health=HealthFacts(on_phone_app=True)),
        inbox={"settings": {"sends_per_second": 20}})),
]  # fmt: skip


@pytest.mark.parametrize(("step", "mark", "words", "seen"), CASES)
def test_each_state_says_what_it_is_and_what_to_do(
    step: str, mark: Mark, words: str, seen: InboxInspection
) -> None:
    finding = examine(seen, NOW)[step]
    assert finding.mark is mark, finding
    assert words in finding.what
    if mark in (Mark.WARN, Mark.FAIL):
        assert finding.advice


def test_without_a_good_token_the_rest_waits_for_it() -> None:
    refused = error("190")
    found = examine(
        inspection(
            AccountReport(
                token=TokenFacts(state=TokenState.WRONG, error=refused),
                number=NumberFacts(error=refused),
                business=BusinessFacts(error=refused),
                templates=Part(error=refused),
                subscription=SubscriptionFacts(error=refused),
            )
        ),
        NOW,
    )
    assert [step for step, finding in found.items() if finding.mark is Mark.FAIL] == ["token"]


def test_what_is_pasted_at_meta() -> None:
    assert configuration_url("https://a.example") == "https://a.example/webhooks/meta"
    assert configuration_url(None) == ""


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(days=5, hours=3), "5 days"),
        (timedelta(days=1, hours=2), "26 h 0 min"),
        (timedelta(hours=3, minutes=20), "3 h 20 min"),
        (timedelta(seconds=30), "0 min"),
        (-timedelta(days=3), "0 min"),
    ],
)
def test_what_is_left(left: timedelta, text: str) -> None:
    assert span(left) == text


moments = st.none() | st.datetimes(
    datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)
)
errors = st.none() | st.builds(MessageError, code=st.sampled_from(("33", "190", "1", "no_answer")))


@given(
    st.builds(TokenFacts, state=st.sampled_from(TokenState), expires_at=moments, error=errors),
    st.builds(NumberFacts, error=errors, quality=st.none() | st.text()),
    st.builds(HealthFacts, can_send=st.sampled_from((None, "BLOCKED", "LIMITED", "NEW"))),
    st.none() | st.builds(BusinessFacts, error=errors, has_number=st.none() | st.booleans()),
    st.none() | st.builds(SubscriptionFacts, error=errors, subscribed=st.none() | st.booleans()),
    moments,
)
def test_any_facts_make_findings(
    token: TokenFacts,
    number: NumberFacts,
    health: HealthFacts,
    business: BusinessFacts | None,
    subscription: SubscriptionFacts | None,
    moment: datetime | None,
) -> None:
    given_report = AccountReport(
        token=token, number=number, health=health, business=business, subscription=subscription
    )
    seen = inspection(given_report, received_at=moment, last_bad_at=moment)
    for finding in examine(seen, NOW).values():
        assert finding.what
        assert finding.advice or finding.mark not in (Mark.FAIL, Mark.OPEN, Mark.WARN)
