"""Phone numbers: one key per person, clear words for what is typed wrong."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui.phones import PhoneError, digits, phone_key, pretty, to_e164

AREA = st.from_regex(r"[1-9][1-9]", fullmatch=True)
EIGHT = st.from_regex(r"[6-9][0-9]{7}", fullmatch=True)
LANDLINE = st.from_regex(r"[2-5][0-9]{7}", fullmatch=True)
TEN = st.from_regex(r"[0-9]{10}", fullmatch=True)
TYPED = st.one_of(
    st.text(),
    st.text(st.sampled_from("+0123456789 -().;,#*xX٣²½\u202a\ud800\x1b")),
    st.from_regex(r"(whatsapp:|tel:)?\+?[0-9 ().-]{0,20}", fullmatch=True),
)


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("+5215512345678", "5215512345678"),
        ("5215512345678", "5215512345678"),
        ("whatsapp:+5215512345678", "5215512345678"),
        ("tel:+34612345678", "34612345678"),
        ("+1 555-078-3881", "15550783881"),
        ("+1 (555) 078-3881", "15550783881"),
        ("12345", "12345"),
        ("BR.1502576394655843", None),
        ("messenger:1234567", None),
        ("24861234567890123", None),  # a person's id on a page: longer than any number
        ("ACME", None),
        ("", None),
        ("+", None),
        ("٠١٢٣٤٥٦", None),
        ("+34 612 345 678 ext 5", None),
    ],
)
def test_digits(address: str, number: str | None) -> None:
    assert digits(address) == number


@given(AREA, EIGHT)
def test_brazilian_mobiles_with_and_without_the_ninth_digit(area: str, number: str) -> None:
    assert phone_key(f"+55{area}9{number}") == phone_key(f"55{area}{number}")


@given(AREA, LANDLINE)
def test_brazilian_land_lines_are_left_alone(area: str, number: str) -> None:
    assert phone_key(f"+55{area}{number}") == f"55{area}{number}"
    assert phone_key(f"+55{area}9{number}") == f"55{area}9{number}"
    assert phone_key(f"+55{area}9{number}") != phone_key(f"+55{area}{number}")


@given(TEN)
def test_argentina_and_mexico(number: str) -> None:
    assert phone_key(f"+549{number}") == phone_key(f"54{number}") == f"54{number}"
    assert phone_key(f"whatsapp:+521{number}") == phone_key(f"52{number}") == f"52{number}"


@given(st.from_regex(r"[1-9][0-9]{2,14}", fullmatch=True))
def test_a_key_is_its_own_key(number: str) -> None:
    key = phone_key(number)
    assert key is not None
    assert phone_key(key) == key
    if not re.match("5[245]", number):
        assert key == number


@given(TYPED)
def test_nothing_typed_is_a_crash(text: str) -> None:
    key = phone_key(text)
    assert (key is None) is (digits(text) is None)
    assert pretty(text).isprintable() or not text.isprintable()
    try:
        number = to_e164(text)
    except PhoneError as error:
        error.message.format(**error.values)
    else:
        assert re.fullmatch(r"\+[0-9]{4,17}", number)
        assert to_e164(number) == number
    try:
        to_e164(text, "MX")
    except PhoneError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("typed", "region", "number"),
    [
        ("+52 55 1234 5678", None, "+525512345678"),
        ("+52 1 55 1234 5678", None, "+525512345678"),
        ("whatsapp:+34612345678", None, "+34612345678"),
        ("0034 612 345 678", None, "+34612345678"),
        ("612 345 678", "ES", "+34612345678"),
        ("+54 11 15 2345-6789", None, "+5491123456789"),
        ("+55 (11) 91234-5678", None, "+5511912345678"),
        ("+44 (0)20 7946 0000", None, "+442079460000"),
        ("+15550783881", None, "+15550783881"),
        (" +34612345678\n", None, "+34612345678"),
    ],
)
def test_what_people_type(typed: str, region: str | None, number: str) -> None:
    assert to_e164(typed, region) == number


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Type a phone number"),
        ("  ", "Type a phone number"),
        ("612345678", "Start with +"),
        ("15550783881", "Start with +"),
        ("Ana", "not a phone number"),
        ("+", "not a phone number"),
        ("+1 800 FLOWERS", "not a phone number"),
        ("BR.1502576394655843", "not a phone number"),
        ("+999 123456", "code of a country"),
        ("+34 612", "too few digits"),
        ("+34 612 345 678 999", "too many digits"),
        ("+34 612 345 678 #5", "extension"),
        ("+" + "1" * 300, "not a phone number"),
    ],
)
def test_what_people_type_wrong(typed: str, sentence: str) -> None:
    with pytest.raises(PhoneError, match=re.escape(sentence)):
        to_e164(typed)


def test_an_error_shows_nothing_harmful() -> None:
    with pytest.raises(PhoneError) as caught:
        to_e164("+1\x1b[31m\u202e" * 100)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("525512345678", "+52 55 1234 5678"),
        ("5215512345678", "+52 1 55 1234 5678"),
        ("whatsapp:+5511912345678", "+55 11 91234 5678"),
        ("551133334444", "+55 11 3333 4444"),
        ("5491123456789", "+54 9 11 2345 6789"),
        ("+15550783881", "+1 555 078 3881"),
        ("34612345678", "+34 612 345 678"),
        ("+441632960961", "+44 163 296 0961"),
        ("+353871234567", "+353 871 234 567"),
        ("12345", "12345"),
        ("BR.1502576394655843", "BR.1502576394655843"),
        ("a\x1b[31m", "a␛[31m"),
    ],
)
def test_how_an_address_is_shown(address: str, shown: str) -> None:
    assert pretty(address) == shown


def test_the_numbering_plans_load_only_when_they_are_needed() -> None:
    code = (
        "import sys; from vchat_tui.phones import pretty, phone_key;"
        "pretty('525512345678'); phone_key('525512345678'); sys.exit('phonenumbers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
