"""The table of error codes: complete, translated, and never shown raw."""

from __future__ import annotations

import pytest
from contracts import error_codes

from vchat_tui.channels import errors
from vchat_tui.channels.errors import Retry
from vchat_tui.models import MessageError

WHATSAPP = "whatsapp_cloud"
CLASS_NAMES = {"bsuid": "recipient", "flow": "other", "paging": "other"}
BY_ITSELF = {
    "backoff": Retry.BACKOFF,
    "60s": Retry.MINUTE,
    "1h": Retry.HOUR,
    "4^n s": Retry.PAIR,
}


@pytest.mark.contract
@pytest.mark.parametrize(
    ("provider", "channel"),
    [
        ("meta-whatsapp", WHATSAPP),
        ("meta-whatsapp", "whatsapp_360dialog"),
        ("360dialog", "whatsapp_360dialog"),
        ("twilio", "sms_twilio"),
        ("twilio", "whatsapp_twilio"),
    ],
)
def test_every_listed_code_is_in_the_table_with_its_class_and_retry(
    provider: str, channel: str
) -> None:
    for code, listed in error_codes(provider).items():
        if listed["class"] == "webhook":
            continue  # about our listener, not about a message
        rule = errors.rule(channel, code.split("-")[0])
        assert rule is not None, code
        expected = CLASS_NAMES.get(listed["class"], listed["class"])
        assert rule.error_class == expected, code
        assert rule.retry == BY_ITSELF.get(listed["retry"], Retry.NEVER), code


@pytest.mark.parametrize(
    "code",
    [
        "0",
        "190",
        "3",
        "10",
        "200",
        "299",
        "131005",
        "368",
        "131031",
        "131042",
        "33",
        "133010",
        "131037",
        "131045",
    ],
)
def test_pauses(code: str) -> None:
    rule = errors.rule(WHATSAPP, code)
    assert rule is not None and rule.pauses and rule.retry is Retry.NEVER


@pytest.mark.parametrize(
    "code",
    ["131047", "131026", "131048", "131049", "131056", "130429", "131063", "132001", "2", "1"],
)
def test_one_message_or_one_moment_pauses_nothing(code: str) -> None:
    rule = errors.rule(WHATSAPP, code)
    assert rule is not None and not rule.pauses


@pytest.mark.parametrize("code", ["20", "300", "2000", "2x0", "", "-1", "unknown", "²00"])
def test_unknown_codes(code: str) -> None:
    assert errors.rule(WHATSAPP, code) is None


def test_advice_is_a_sentence_for_every_code() -> None:
    codes = [str(number) for number in range(300)] + [str(n) for n in range(130000, 136000)]
    codes += ["368", "2593109", "80007", errors.NOT_SENT, errors.UNCLEAR, errors.BAD_ADDRESS]
    for code in codes:
        advice = errors.advice(WHATSAPP, MessageError(code=code))
        assert len(advice) > 8 and advice.endswith((".", ")", "–")), code
        assert "{" not in advice, code


def test_details_are_filled_in_and_safe_to_draw() -> None:
    error = MessageError(code="131053", title="t", details="{0}\x1b[31m[red]{details}\nnext")
    advice = errors.advice(WHATSAPP, error)
    assert "{0}" in advice and "[red]{details}" in advice
    assert "\x1b" not in advice and "\n" not in advice


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (MessageError(code="77", title="T", details="D"), "D"),
        (MessageError(code="77", title="T\x07"), "T␇"),
        (MessageError(code="77"), "The provider refused the message (code 77)."),
        (
            MessageError(code="http_413"),
            "The provider refused the message without a reason (HTTP 413).",
        ),
    ],
)
def test_unknown_codes_say_what_the_provider_said(error: MessageError, advice: str) -> None:
    assert errors.advice(WHATSAPP, error) == advice


def test_title_is_ours_where_we_know_the_code() -> None:
    assert errors.title(WHATSAPP, MessageError(code="131047", title="Re-engagement message")) == (
        "The 24-hour window is closed"
    )
    assert errors.title(WHATSAPP, MessageError(code="77", title="T\x1b")) == "T␛"


def test_other_channels_know_no_codes_of_whatsapp() -> None:
    assert errors.rule("sms_twilio", "190") is None
