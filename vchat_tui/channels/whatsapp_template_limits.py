"""What WhatsApp takes in a template message, whatever the template: form and length of its values.

Facts from Meta's page "Send message templates" and the error codes 132005, 132007 and 132018.
Whether the values fit the template itself is told by `vchat_tui.templates`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from vchat_tui.channels.checking import (
    check_file,
    distinct,
    list_of,
    object_of,
    one_of,
    only,
    optional_text,
    refuse,
    text_of,
    whole_number,
    within,
)
from vchat_tui.models import TemplateUse
from vchat_tui.settings import _

MAX_NAME = 512
MAX_BODY = 1024
MAX_HEADER = 60
MAX_CARDS = 10
MAX_PAYLOAD = 256
MAX_COUPON = 20
MAX_URL_SUFFIX = 2000
MAX_PARAMETERS = 100

Part = dict[str, Any]

_NAME = re.compile(r"[a-z0-9_]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(_[A-Za-z0-9]{2,4}){0,2}")
_UNTIDY = re.compile(r"[\n\r\t]| {5}")
_WHERE = "template"
_MEDIA = ("image", "video", "document")
_HEADERS = ("text", "currency", "date_time", "location", "product", *_MEDIA)
_TEXTS = ("text", "currency", "date_time")
_PASSED_ON = ("order_status", "tap_target_configuration", "call_permission_request")


def check_template(use: TemplateUse) -> None:
    """Looks through a template message.

    Raises:
        Wrong: something in it would be refused.
    """
    within(use.name, f"{_WHERE}.name", MAX_NAME)
    if not _NAME.fullmatch(use.name):
        refuse(
            f"{_WHERE}.name",
            _("A template's name has small letters, digits and underscores only."),
        )
    if not _LANGUAGE.fullmatch(use.language):
        refuse(f"{_WHERE}.language", _("This must be a language code, such as es or en_US."))
    _check_components({"components": use.components}, _WHERE)


def _check_components(holder: Part, where: str) -> None:
    """The parts of a template, or of a card of its carousel."""
    components = list_of(holder, "components", where, 0, 100)
    for place, component in components:
        kind = one_of(component, "type", place, (*_KINDS, *_PASSED_ON))
        if kind in _KINDS:
            _KINDS[kind](component, place)
    distinct(
        (f"{place}.index", f"{component['type']} {component.get('index')}")
        for place, component in components
    )


def _check_header(component: Part, where: str) -> None:
    only(component, where, ("type", "parameters"))
    _check_parameters(component, where, _HEADERS, MAX_HEADER)


def _check_body(component: Part, where: str) -> None:
    only(component, where, ("type", "parameters"))
    _check_parameters(component, where, _TEXTS, MAX_BODY)


def _check_parameters(component: Part, where: str, kinds: tuple[str, ...], most: int) -> None:
    """Values in order, or all of them with names; together they are no longer than the text."""
    if component.get("parameters") is None:
        return
    parameters = list_of(component, "parameters", where, 0, MAX_PARAMETERS)
    named = [parameter.get("parameter_name") is not None for _place, parameter in parameters]
    length = 0
    for place, parameter in parameters:
        kind = one_of(parameter, "type", place, kinds)
        name = ("parameter_name",) if kind in _TEXTS else ()
        only(parameter, place, ("type", kind, *name))
        if kind == "text":
            length += len(_value(parameter, place, most))
        else:
            _PARAMETERS[kind](object_of(parameter, kind, place), f"{place}.{kind}")
        if any(named):
            text_of(parameter, "parameter_name", place, MAX_NAME)
    if length > most:
        refuse(
            f"{where}.parameters",
            _("These values have {length} characters together; at most {limit} are allowed."),
            length=length,
            limit=most,
        )


def _value(parameter: Part, where: str, most: int) -> str:
    """The text of a variable."""
    value = text_of(parameter, "text", where, most)
    if _UNTIDY.search(value):
        refuse(
            f"{where}.text",
            _("A value may have no line breaks, tabs or more than four spaces in a row."),
        )
    return value


def _check_media(file: Part, where: str) -> None:
    name = ("filename",) if where.endswith(".document") else ()
    only(file, where, ("id", "link", "sha256", *name))
    check_file(file, where)
    optional_text(file, "filename", where, 240)


def _check_currency(amount: Part, where: str) -> None:
    text_of(amount, "fallback_value", where, MAX_BODY)
    text_of(amount, "code", where, 3)
    whole_number(amount, "amount_1000", where)


def _check_date_time(moment: Part, where: str) -> None:
    text_of(moment, "fallback_value", where, MAX_BODY)


def _check_place(place: Part, where: str) -> None:
    check_coordinates(place, where)
    for key in ("name", "address"):
        optional_text(place, key, where, MAX_BODY)


def _check_product(product: Part, where: str) -> None:
    text_of(product, "product_retailer_id", where, 100)
    text_of(product, "catalog_id", where, 100)


def check_coordinates(place: Part, where: str) -> None:
    """Degrees, as numbers or as digits in a text."""
    for key, most in (("latitude", 90), ("longitude", 180)):
        value, field = place.get(key), f"{where}.{key}"
        if value is None:
            refuse(field, _("This is missing."))
        try:
            good = not isinstance(value, bool) and -most <= float(value) <= most
        except (TypeError, ValueError, OverflowError):
            good = False
        if not good:
            refuse(field, _("This must be a number between -{most} and {most}."), most=most)


_PARAMETERS: dict[str, Callable[[Part, str], None]] = {
    "currency": _check_currency,
    "date_time": _check_date_time,
    "location": _check_place,
    "product": _check_product,
    **dict.fromkeys(_MEDIA, _check_media),
}


def _check_button(component: Part, where: str) -> None:
    only(component, where, ("type", "sub_type", "index", "parameters"))
    kind = one_of(component, "sub_type", where, tuple(_BUTTONS))
    index = component.get("index")
    if isinstance(index, bool) or str(index) not in tuple("0123456789"):
        refuse(f"{where}.index", _("A button's number goes from 0 to 9."))
    key, check, needed = _BUTTONS[kind]
    if component.get("parameters") is None and not needed:
        return
    for place, parameter in list_of(component, "parameters", where, 1, 1):
        if kind == "voice_call":
            continue
        only(parameter, place, ("type", key))
        one_of(parameter, "type", place, (key,))
        check(parameter, place)


def _check_payload(parameter: Part, where: str) -> None:
    text_of(parameter, "payload", where, MAX_PAYLOAD)


def _check_coupon(parameter: Part, where: str) -> None:
    text_of(parameter, "coupon_code", where, MAX_COUPON)


def _check_suffix(parameter: Part, where: str) -> None:
    _value(parameter, where, MAX_URL_SUFFIX)


def _check_action(parameter: Part, where: str) -> None:
    object_of(parameter, "action", where)


# The kind of a button's one parameter, what checks it, and whether it must be there.
_BUTTONS: dict[str, tuple[str, Callable[[Part, str], None], bool]] = {
    "quick_reply": ("payload", _check_payload, False),
    "url": ("text", _check_suffix, True),
    "copy_code": ("coupon_code", _check_coupon, True),
    "catalog": ("action", _check_action, False),
    "mpm": ("action", _check_action, True),
    "spm": ("action", _check_action, False),
    "flow": ("action", _check_action, False),
    "order_details": ("action", _check_action, False),
    "voice_call": ("payload", _check_payload, False),
}


def _check_offer(component: Part, where: str) -> None:
    only(component, where, ("type", "parameters"))
    for place, parameter in list_of(component, "parameters", where, 1, 1):
        one_of(parameter, "type", place, ("limited_time_offer",))
        offer = object_of(parameter, "limited_time_offer", place)
        whole_number(offer, "expiration_time_ms", f"{place}.limited_time_offer")


def _check_carousel(component: Part, where: str) -> None:
    only(component, where, ("type", "cards"))
    cards = list_of(component, "cards", where, 1, MAX_CARDS)
    for place, card in cards:
        only(card, place, ("card_index", "components"))
        if not 0 <= whole_number(card, "card_index", place) < MAX_CARDS:
            refuse(f"{place}.card_index", _("A card's number goes from 0 to 9."))
        _check_components(card, place)
    distinct((f"{place}.card_index", str(card["card_index"])) for place, card in cards)


_KINDS: dict[str, Callable[[Part, str], None]] = {
    "header": _check_header,
    "body": _check_body,
    "button": _check_button,
    "limited_time_offer": _check_offer,
    "carousel": _check_carousel,
}
