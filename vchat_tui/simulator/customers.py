"""Who writes to the business: a customer, and finding one by number or id."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from vchat_tui.simulator.account import COUNTRY_CODE
from vchat_tui.simulator.said import Said

_USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")

Story = tuple[Said, ...]  # what a customer sends in a row, of their own accord


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """One person on WhatsApp.

    `wa_id`: digits as WhatsApp writes them, which may differ from the number that people dial
    (`dialled`). None: a person with a username whose number the business does not get to see.
    """

    key: str
    name: str
    language: str
    wa_id: str | None
    user_id: str  # business-scoped: a country, a dot, letters and digits
    dialled: tuple[str, ...] = ()
    username: str | None = None
    reads: bool = True  # sends read receipts
    reachable: bool = True
    stories: tuple[Story, ...] = ()


def is_user_id(value: str) -> bool:
    """Whether this is a business-scoped user id: a country, a dot, letters and digits."""
    return _USER_ID.fullmatch(value) is not None


class People:
    """The cast, and strangers as they are written to."""

    def __init__(self, cast: Iterable[Customer]) -> None:
        self.cast = tuple(cast)
        self._by_key = {customer.key: customer for customer in self.cast}
        self._by_address: dict[str, Customer] = {}
        for customer in self.cast:
            for address in (customer.wa_id, customer.user_id, *customer.dialled):
                if address:
                    self._by_address[address] = customer

    def called(self, key: str) -> Customer:
        """The member of the cast with this key.

        Raises:
            KeyError: there is none.
        """
        return self._by_key[key]

    def at(self, address: str) -> Customer:
        """Whoever has this number or business-scoped id; a stranger where nobody in the cast does.

        A number without a leading + that looks too short gets the business's own country code
        in front, as Meta does it.
        """
        known = self._by_address.get(address)
        if known:
            return known
        if is_user_id(address):
            return Customer(key=address, name=address, language="en", wa_id=None, user_id=address)
        digits = "".join(character for character in address if character.isdigit())
        if not address.startswith("+") and len(digits) <= 10:
            digits = COUNTRY_CODE + digits
        return self._by_address.get(digits) or _stranger(digits)


def _stranger(digits: str) -> Customer:
    return Customer(
        key=digits, name=f"+{digits}", language="en", wa_id=digits, user_id=f"US.{digits}"
    )
