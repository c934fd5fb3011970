"""What may be typed after an option: each reads one value, or says why it cannot be."""

from __future__ import annotations

import argparse

from vchat_tui.i18n import _
from vchat_tui.text import clean


def port_value(typed: str) -> int:
    """A port number. The resolver would take 99999 for 34463."""
    port = int(typed)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(_("a port is a number from 0 to 65535"))
    return port


def id_value(typed: str) -> int:
    """A number of a row, which is never beyond what the database counts to."""
    number = int(typed)
    if not 0 < number < 2**63:
        raise argparse.ArgumentTypeError(_("“{typed}” is no id").format(typed=clean(typed)))
    return number


def text_value(typed: str) -> str:
    """Text that can be stored. What a terminal in another encoding sends cannot."""
    try:
        typed.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError(_("this is not text in UTF-8")) from None
    return typed


def place_and_value(typed: str) -> tuple[str, str]:
    """A value of a template: `body.1=Ana`."""
    place, equals, value = text_value(typed).partition("=")
    if not equals or not place.strip():
        raise argparse.ArgumentTypeError(_("it must look like body.1=Ana"))
    return place.strip(), value
