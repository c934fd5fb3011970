"""Phone numbers: what is stored and compared, what people type, what is shown.

An address is a number as a provider writes it: `+5215512345678`, `5215512345678` (WhatsApp's
wa_id), `whatsapp:+5215512345678` (Twilio). Numbers that people type go through `to_e164`, the one
place that needs the world's numbering plans; it loads them when it is first called (20 ms).
"""

from __future__ import annotations

import re

from vchat_tui.text import SafeText, clean


def _(message: str) -> str:
    """Marks a text for the catalogues; it is translated where it is shown."""
    return message


# ITU-T E.164: at most 15 digits, country code included. The shortest are SMS short codes.
_ADDRESS = re.compile(r"(?:whatsapp:|tel:)?\+?([0-9]{3,15})", re.IGNORECASE)
_BETWEEN = re.compile(r"[ \xa0\u202f()./\u2010-\u2013-]")

# Brazil gave mobile numbers a ninth digit, 9, before the old eight, which began with 6 to 9; old
# WhatsApp accounts still go without. A 9 before anything else is no mobile of old, and without it
# the number could be somebody's land-line.
_BRAZIL = re.compile(r"(55[1-9][1-9])9([6-9][0-9]{7})")
# Argentina: 9 after the country code means "mobile, from abroad"; the number is the same without.
# Mexico: the same with a 1, abolished in 2019 and still in WhatsApp's ids.
_MOBILE_FROM_ABROAD = re.compile(r"(54(?=9)|52(?=1))[0-9]([0-9]{10})")
_MEXICO_OF_OLD = re.compile("521[0-9]{10}")

# ITU-T E.164 list of country codes: all others have three digits.
_COUNTRY = re.compile(r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[0-9]{3}")
# How the digits after the country code stand together, where it is not in threes.
_GROUPS = {
    "1": ((3, 3, 4),),
    "7": ((3, 3, 4),),
    "52": ((2, 4, 4), (1, 2, 4, 4)),
    "54": ((2, 4, 4), (1, 2, 4, 4)),
    "55": ((2, 5, 4), (2, 4, 4)),
    "57": ((3, 3, 4),),
    "91": ((5, 5),),
}


class PhoneError(ValueError):
    """What a person typed is not a phone number. `message` is a message id of the catalogues, with
    `{name}` places for `values`."""

    def __init__(self, message: str, **values: str) -> None:
        super().__init__(message.format(**values) if values else message)
        self.message = message
        self.values = values


def digits(address: str) -> str | None:
    """The digits of an address, country code first; None where it is no phone number (but a page's
    or a business-scoped id)."""
    found = _ADDRESS.fullmatch(_BETWEEN.sub("", address))
    return found[1] if found else None


def phone_key(address: str) -> str | None:
    """A key that is the same for all ways to write one person's number; None as for `digits`.

    It is for finding people, never for sending: the provider gets the address that it gave.
    """
    number = digits(address)
    if number is None:
        return None
    same = _BRAZIL.fullmatch(number) or _MOBILE_FROM_ABROAD.fullmatch(number)
    return same[1] + same[2] if same else number


def pretty(address: str) -> SafeText:
    """An address for people to read: `+52 55 1234 5678`. What is no number stays as it is."""
    number = digits(address)
    if number is None or len(number) < 8:
        return clean(address, one_line=True)
    country = _COUNTRY.match(number)
    code = country[0] if country else ""
    rest = number[len(code) :]
    fitting = (groups for groups in _GROUPS.get(code, ()) if sum(groups) == len(rest))
    groups = next(fitting, None) or _in_threes(len(rest))
    parts, start = [f"+{code}"], 0
    for length in groups:
        parts.append(rest[start : start + length])
        start += length
    return clean(" ".join(parts))


def _in_threes(length: int) -> tuple[int, ...]:
    """Groups of three, the last of two to four."""
    if length <= 4:
        return (length,)
    return (3, *_in_threes(length - 3))


def to_e164(text: str, default_region: str | None = None) -> str:
    """The number that a person typed, as `+` and digits.

    Args:
        text: with the country code (`+34 612 345 678`, `0034 …`), or without where there is a
            default region.
        default_region: two letters (ISO 3166-1), for example `ES`.

    Raises:
        PhoneError: it is no number, or one that no plan has; the message says what to do.
    """
    typed = re.sub("^(whatsapp|tel):", "", text.strip(), flags=re.IGNORECASE)
    if not typed:
        raise PhoneError(_("Type a phone number."))
    shown = clean(typed, one_line=True, limit=40)
    if any(char.isalpha() for char in typed) or not any(char.isdecimal() for char in typed):
        raise PhoneError(_("“{text}” is not a phone number."), text=shown)
    if typed.startswith("00"):
        typed = "+" + typed[2:]
    if not typed.startswith(("+", "\uff0b")) and default_region is None:
        raise PhoneError(_("Start with + and the country code, for example +52 55 1234 5678."))
    if _MEXICO_OF_OLD.fullmatch(digits(typed) or ""):
        typed = "+" + (phone_key(typed) or "")
    return _by_the_plans(typed, default_region, shown)


def _by_the_plans(typed: str, region: str | None, shown: str) -> str:
    """The number in E.164, read as libphonenumber does (https://github.com/google/libphonenumber).

    The right number of digits is enough: new ranges open faster than plans are published.

    Raises:
        PhoneError: as `to_e164` does; `shown` is what it says of the number.
    """
    import phonenumbers
    from phonenumbers import NumberParseException, ValidationResult

    try:
        number = phonenumbers.parse(typed, region)
    except NumberParseException as error:
        if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
            message = _("{text} does not start with the code of a country.")
        else:
            message = _("“{text}” is not a phone number.")
        raise PhoneError(message, text=shown) from None
    if number.extension:
        raise PhoneError(_("Leave out the extension: {text}"), text=shown)
    result = phonenumbers.is_possible_number_with_reason(number)
    if result == ValidationResult.TOO_LONG:
        raise PhoneError(_("{text} has too many digits for its country."), text=shown)
    if result in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        raise PhoneError(_("{text} has too few digits for its country."), text=shown)
    if result != ValidationResult.IS_POSSIBLE:
        raise PhoneError(_("{text} has a wrong number of digits for its country."), text=shown)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
