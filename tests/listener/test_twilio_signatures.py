"""Twilio's published vectors, and every shape in which a legitimate request can come."""

from __future__ import annotations

import hashlib
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui.listener import twilio
from vchat_tui.listener.gate import TwilioToken
from vchat_tui.listener.twilio import signature, signing_inbox

TOKEN = b"12345"
FIELDS = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
]
ADDRESS = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = "application/x-www-form-urlencoded; charset=UTF-8"
OURS = TwilioToken(7, "AC1", TOKEN)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (ADDRESS, b"RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (ADDRESS.replace(".com/", ".com:443/"), b"kvajT1Ptam85bY51eRf/AJRuM3w="),
        (ADDRESS.replace("https", "http").replace(".com/", ".com:1234/"), b"Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        (ADDRESS.replace("https", "http").replace(".com/", ".com:80/"), b"0ZXoZLH/DfblKGATFgpif+LLRf4="),
    ],
)  # fmt: skip
def test_published_vectors(url: str, expected: bytes) -> None:
    assert signature(TOKEN, url, FIELDS) == expected


def test_a_json_body_is_signed_by_its_hash() -> None:
    body = b'{"property": "value", "boolean": true}'
    url = f"{ADDRESS}&bodySHA256={hashlib.sha256(body).hexdigest()}"
    signed = [b"a9nBmqA0ju/hNViExpshrM61xv4="]
    assert signing_inbox([OURS], url, body, "application/json", signed) == 7
    assert (
        signing_inbox([OURS], url, body + b" ", "application/json", signed) == twilio.BODY_CHANGED
    )


def sent(
    url: str, fields: list[tuple[str, str]], token: bytes = TOKEN
) -> tuple[bytes, list[bytes]]:
    """What Twilio sends: the body, and the signature over the address that it called."""
    return urlencode(fields).encode(), [signature(token, url, fields)]


SMS = [("AccountSid", "AC1"), ("To", "+1555"), ("Body", "hi there"), ("MessageSid", "SM1")]


@pytest.mark.parametrize(
    "fields",
    [
        SMS,
        [*SMS, ("MessagingServiceSid", "MG1")],
        [*SMS, ("Empty", "")],
        [*SMS, ("Twice", "b"), ("Twice", "a"), ("Twice", "b")],
        [("AccountSid", "AC1"), ("Body", "  spaces + plus & ñ 😀 \n")],
    ],
)
@pytest.mark.parametrize(
    ("configured", "called"),
    [
        ("https://x.org/webhooks/twilio", "https://x.org/webhooks/twilio"),
        ("https://x.org/webhooks/twilio", "https://x.org:443/webhooks/twilio"),
        ("https://x.org:443/webhooks/twilio", "https://x.org/webhooks/twilio"),
        ("https://x.org:8443/webhooks/twilio", "https://x.org:8443/webhooks/twilio"),
        ("https://x.org/chat/webhooks/twilio", "https://x.org/chat/webhooks/twilio"),
        ("https://x.org/webhooks/twilio/status?ob=a%3A1&b=", "https://x.org/webhooks/twilio/status?ob=a%3A1&b="),
        ("http://[::1]:80/webhooks/twilio", "http://[::1]/webhooks/twilio"),
    ],
)  # fmt: skip
def test_every_deployment_shape_is_accepted(
    configured: str, called: str, fields: list[tuple[str, str]]
) -> None:
    body, signed = sent(called, fields)
    assert signing_inbox([OURS], configured, body, FORM, signed) == 7


def test_during_a_rotation_both_tokens_are_accepted() -> None:
    body, signed = sent("https://x.org/", SMS, b"old")
    tokens = [TwilioToken(7, "AC1", b"new"), TwilioToken(7, "AC1", b"old")]
    assert signing_inbox(tokens, "https://x.org/", body, FORM, signed) == 7


def test_what_is_refused_says_why() -> None:
    url = "https://x.org/webhooks/twilio"
    body, signed = sent(url, SMS)
    assert signing_inbox([OURS], None, body, FORM, signed) == twilio.NO_ADDRESS
    assert signing_inbox([OURS], url, body, FORM, []) == twilio.NOT_SIGNED
    assert signing_inbox([OURS], url, body, FORM, signed * 2) == twilio.NOT_SIGNED
    assert signing_inbox([], url, body, FORM, signed) == twilio.NO_TOKEN
    other = [TwilioToken(8, "AC2", TOKEN)]
    assert signing_inbox(other, url, body, FORM, signed) == twilio.NO_TOKEN
    assert signing_inbox([OURS], url + "/", body, FORM, signed) == twilio.NOT_TWILIO
    assert signing_inbox([OURS], url, body + b"&x=1", FORM, signed) == twilio.NOT_TWILIO
    assert signing_inbox([OURS], url, body, FORM, [b"\xff"]) == twilio.NOT_TWILIO


@given(body=st.binary(max_size=200), signed=st.binary(max_size=60), query=st.text(max_size=40))
def test_what_nobody_signed_is_never_accepted(body: bytes, signed: bytes, query: str) -> None:
    url = "https://x.org/webhooks/twilio?" + query
    assert isinstance(signing_inbox([OURS], url, body, FORM, [signed]), str)
