"""Forms for a place on the map and for a contact card."""

from __future__ import annotations

import re
from collections.abc import Mapping

from vchat_tui.desk.calls import DeskError
from vchat_tui.i18n import _ as translated
from vchat_tui.models import Content
from vchat_tui.phones import PhoneError, to_e164
from vchat_tui.screens.form import Form
from vchat_tui.screens.send_form import SendForm
from vchat_tui.settings import Field, _

PLACE = (_("Location"), _("A place on the map"))
CARD = (_("Contact card"), _("Somebody whom the customer can save or write to"))
"""Label and help of each, as message ids."""

_PLACE = (
    Field(
        key="coordinates", label=_("Latitude and longitude"), required=True,
        help=_("As maps copy them: 19.4326, -99.1332"),
    ),
    Field(key="name", label=_("Name"), help=_("What the place is called, for example a shop")),
    Field(key="address", label=_("Address"), help=_("Shown only together with a name")),
)  # fmt: skip
_CARD = (
    Field(key="first_name", label=_("First name"), help=_("The card needs at least this"), required=True),
    Field(key="last_name", label=_("Last name"), help=_("As it is to be saved")),
    Field(
        key="phones", label=_("Phone numbers"), kind="lines",
        help=_("With country code, one a line; on WhatsApp, customers can write to them at once"),
    ),
    Field(key="email", label=_("E-mail"), help=_("Where to write to this person")),
    Field(key="company", label=_("Company"), help=_("Where this person works")),
    Field(key="url", label=_("Web page"), help=_("An address that begins with https://")),
)  # fmt: skip
_PAIR = re.compile(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*[,;\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*")


class PlaceForm(SendForm):
    """Sends a place."""

    def kind_label(self) -> str:
        """For the title."""
        return translated(PLACE[0])

    async def read_form(self) -> Form:
        """An empty form."""
        return Form(_PLACE, {})

    def row_of(self, path: str) -> str | None:
        """Coordinates are one row."""
        last = path.rpartition(".")[2]
        return last if last in ("name", "address") else "coordinates"

    def make(self, values: Mapping[str, str]) -> Content:
        """The place."""
        found = _PAIR.fullmatch(values["coordinates"])
        if found is None:
            raise DeskError(
                _("Two numbers are needed, as in 19.4326, -99.1332."), field="coordinates"
            )
        place: dict[str, object] = {"latitude": float(found[1]), "longitude": float(found[2])}
        place |= {key: values[key].strip() for key in ("name", "address") if values[key].strip()}
        return Content(type="location", location=place)


class ContactForm(SendForm):
    """Sends a contact card."""

    def kind_label(self) -> str:
        """For the title."""
        return translated(CARD[0])

    async def read_form(self) -> Form:
        """An empty form."""
        return Form(_CARD, {})

    def row_of(self, path: str) -> str | None:
        """By the part of the card that is meant."""
        parts = {
            "phones": "phones", "emails": "email", "urls": "url", "org": "company",
            "last_name": "last_name",
        }  # fmt: skip
        return next((row for part, row in parts.items() if part in path), "first_name")

    def make(self, values: Mapping[str, str]) -> Content:
        """One card."""
        typed = {key: value.strip() for key, value in values.items()}
        names = {key: typed[key] for key in ("first_name", "last_name") if typed[key]}
        card: dict[str, object] = {"name": {"formatted_name": " ".join(names.values()), **names}}
        if phones := [_phone(entry) for entry in typed["phones"].splitlines() if entry.strip()]:
            card["phones"] = phones
        if typed["email"]:
            card["emails"] = [{"email": typed["email"]}]
        if typed["company"]:
            card["org"] = {"company": typed["company"]}
        if typed["url"]:
            card["urls"] = [{"url": typed["url"]}]
        return Content(type="contacts", contacts=(card,))


def _phone(entry: str) -> dict[str, str]:
    """A number as WhatsApp takes it: with `wa_id` the customer gets a button to write to it."""
    try:
        number = to_e164(entry)
    except PhoneError as error:
        raise DeskError(error.message, field="phones", **error.values) from None
    return {"phone": number, "type": "CELL", "wa_id": number.removeprefix("+")}
