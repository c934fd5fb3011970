"""The make-believe business account: the one place with its ids and keys.

`vchat-tui demo` configures its inbox with these. They open nothing but the simulator.
"""

from __future__ import annotations

import msgspec

PHONE_NUMBER_ID = "106540352242922"
BUSINESS_ACCOUNT_ID = "102290129340398"
APP_ID = "634974688087057"
ACCESS_TOKEN = "EAASimulatedTokenOpensNothing0"  # noqa: S105 - made up, valid only here
APP_SECRET = "5117a7ed5ec2e75117a7ed5ec2e75117"  # noqa: S105 - made up, valid only here
VERIFY_TOKEN = "simulated-secret-key"  # noqa: S105 - made up, valid only here
SHOP_SECRET = "5ec2e7000fth35h0p5ec2e7000fth35h"  # noqa: S105 - made up, valid only here
DISPLAY_PHONE_NUMBER = "+1 555-078-3881"
VERIFIED_NAME = "Café Aurora"
COUNTRY_CODE = "1"
OTHER_BUSINESS_ACCOUNT_ID = "102290129340399"
"""A business account that the token may read and that has none of our numbers."""
CATALOG_ID = "194836987003835"

TWILIO_ACCOUNT_SID = "AC0123456789abcdef0123456789abcdef"
TWILIO_AUTH_TOKEN = "simulated-auth-token"  # noqa: S105 - of nobody
TWILIO_NUMBER = "+15005550006"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One business number and the keys around it."""

    phone_number_id: str = PHONE_NUMBER_ID
    business_account_id: str = BUSINESS_ACCOUNT_ID
    app_id: str = APP_ID
    access_token: str = ACCESS_TOKEN
    app_secret: str = APP_SECRET
    verify_token: str = VERIFY_TOKEN
    display_phone_number: str = DISPLAY_PHONE_NUMBER
    verified_name: str = VERIFIED_NAME

    @property
    def digits(self) -> str:
        """The number as digits only, as WhatsApp ids are written."""
        return "".join(character for character in self.display_phone_number if character.isdigit())


SECOND = Account(
    phone_number_id="106540352242923",
    display_phone_number="+1 555-078-3882",
    verified_name="Aurora Tostadores",
)
"""Another number of the same business account and app."""

AT_360DIALOG = Account(
    phone_number_id="106540352242930",
    business_account_id="102290129340360",
    access_token="D360SimulatedKeyOpensNothing0AK",  # noqa: S106 - made up, valid only here
    display_phone_number="+1 555-078-3960",
    verified_name="Aurora Eventos",
)
"""A number that is reached through 360dialog: its token is the key that 360dialog gave for it."""
