"""Twilio's own validator and ours agree on every shape of a request.

Only `twilio.request_validator` is used, which needs nothing but the standard library. The package
is installed without what it depends on (see the Makefile): aiohttp is not wanted anywhere.
"""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui.listener.gate import TwilioToken
from vchat_tui.listener.twilio import signing_inbox

request_validator = pytest.importorskip(
    "twilio.request_validator",
    reason="make installs it into a new environment, without what it needs",
)

TOKENS = ("old-token", "new-token")
OURS = [TwilioToken(7, "AC1", token.encode()) for token in TOKENS]
FORM = "application/x-www-form-urlencoded; charset=UTF-8"
NAMES = st.sampled_from(["Body", "From", "To", "MessagingServiceSid", "ä", "Media Url"])
FIELDS = st.lists(st.tuples(NAMES, st.text(max_size=8)), max_size=8).map(
    lambda more: [("AccountSid", "AC1"), *more]
)
ADDRESSES = st.sampled_from(
    [
        "https://x.org/webhooks/twilio",
        "https://x.org:8443/webhooks/twilio",
        "https://x.org/chat/webhooks/twilio/status?ob=a%3A1&b=&a=2",
    ]
)


class Many(dict[str, list[str]]):
    """Fields as web frameworks give them."""

    def getlist(self, name: str) -> list[str]:
        """All values of a name."""
        return self[name]


def official(token: str) -> Any:
    return request_validator.RequestValidator(token)


def many(fields: list[tuple[str, str]]) -> Many:
    found = Many()
    for name, value in fields:
        found.setdefault(name, []).append(value)
    return found


def test_aiohttp_came_with_nothing() -> None:
    assert find_spec("aiohttp") is None


@given(
    fields=FIELDS, url=ADDRESSES, port=st.sampled_from(["", ":443"]), token=st.sampled_from(TOKENS)
)
def test_what_the_official_package_signs_is_accepted(
    fields: list[tuple[str, str]], url: str, port: str, token: str
) -> None:
    called = url.replace("x.org/", f"x.org{port}/")
    signed = official(token).compute_signature(called, many(fields))
    assert official(token).validate(called, many(fields), signed)
    body = urlencode(fields).encode()
    assert signing_inbox(OURS, url, body, FORM, [signed.encode()]) == 7
    other = signed[:-2] + ("A=" if signed[-2] != "A" else "B=")
    assert isinstance(signing_inbox(OURS, url, body, FORM, [other.encode()]), str)


def test_a_get_is_signed_by_its_address_alone() -> None:
    url = "https://x.org/webhooks/twilio?AccountSid=AC1&Body=a+b%20c&From=%2B1"
    signed = official("new-token").compute_signature(url, {})
    assert signing_inbox(OURS, url, b"", "", [signed.encode()]) == 7


def test_a_json_body_is_signed_by_its_hash() -> None:
    body = '{"AccountSid": "AC1", "ñ": 1}'
    digest = hashlib.sha256(body.encode()).hexdigest()
    url = f"https://x.org/webhooks/twilio?bodySHA256={digest}"
    signed = official("old-token").compute_signature(url, {})
    assert official("old-token").validate(url, body, signed)
    assert signing_inbox(OURS, url, body.encode(), "application/json", [signed.encode()]) == 7
