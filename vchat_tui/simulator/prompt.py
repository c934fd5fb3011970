"""What a person who practises types to the simulator: they play Meta's pages and the customers.

verify http://127.0.0.1:8765/webhooks/meta my-secret-key
"""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Awaitable, Callable

import msgspec

from vchat_tui.i18n import _
from vchat_tui.simulator.account import Account
from vchat_tui.simulator.callback import NotLoopback
from vchat_tui.simulator.knobs import SCOPES
from vchat_tui.simulator.world import Simulator

DAY = 24 * 3600
TESTER = "lucia"
"""Who of the cast writes the test message."""


def introduction(base_url: str, numbers: tuple[Account, ...]) -> str:
    """What to type into the guided set-up, and what to type here, one line each.

    Args:
        base_url: of the simulated API.
        numbers: of ours; they share everything but their ids.
    """
    first = numbers[0]
    values = [
        (_("Public URL"), _("http://127.0.0.1:8765 (the port of the server)")),
        (_("API base URL"), base_url),
        *(
            (_("Phone number ID"), f"{number.phone_number_id}  ({number.display_phone_number})")
            for number in numbers
        ),
        (_("Token"), first.access_token),
        (_("App secret"), first.app_secret),
        (_("Business account ID"), first.business_account_id),
    ]
    width = max(len(label) for label, _value in values)
    return "\n".join(
        (
            "",
            _("To practise, open the console on an empty home and follow the guided set-up:"),
            "    vchat-tui --home /tmp/practice",
            *(f"    {label:<{width}}  {value}" for label, value in values),
            "",
            _("Here you play Meta and the customers:"),
            *(f"    {usage:<28} {what()}" for usage, what in USAGE),
            "",
        )
    )


USAGE: tuple[tuple[str, Callable[[], str]], ...] = (
    ("verify URL KEY", lambda: _("“Verify and save” with Configuration URL and secret key")),
    ("write [WORDS]", lambda: _("a customer writes")),
    ("token permanent", lambda: _("a token of a system user, for good")),
    ("token temporary", lambda: _("a token that ends in a day")),
    ("token expired", lambda: _("a token whose time is over")),
    ("token few-scopes", lambda: _("a token without the permission for templates")),
    ("set KNOB VALUE", lambda: _("any knob, for example: set payment_problem true")),
    ("help", lambda: _("this list")),
)


class Prompt:
    """Carries out what is typed, and answers with one sentence.

    Args:
        simulator: what is ordered.
    """

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._commands: dict[str, Callable[[list[str]], Awaitable[str]]] = {
            "verify": self._verify,
            "write": self._write,
            "token": self._token,
            "set": self._set,
        }

    async def answer(self, typed: str) -> str:
        """Do what a line says; an empty one says nothing."""
        try:
            words = shlex.split(typed)
        except ValueError:
            words = typed.split()
        if not words:
            return ""
        command = self._commands.get(words[0])
        if command is None:
            return "\n".join(f"    {usage:<28} {what()}" for usage, what in USAGE)
        return await command(words[1:])

    async def _verify(self, words: list[str]) -> str:
        if len(words) != 2:
            return _("verify needs the Configuration URL and the secret key")
        try:
            verified = await self._simulator.configure(words[0], words[1])
        except NotLoopback as refusal:
            return str(refusal)
        if verified:
            return _("Verified: webhooks go there from now on, once the app is subscribed.")
        return _("The callback URL or verify token couldn't be validated.")

    async def _write(self, words: list[str]) -> str:
        self._simulator.customer_says(TESTER, " ".join(words) or _("This is a test message."))
        if not self._simulator.knobs.subscribed:
            return _("Written, but no app is subscribed: nothing arrives.")
        return _("Written.")

    async def _token(self, words: list[str]) -> str:
        now = time.time()
        kinds: dict[str, dict[str, object]] = {
            "permanent": {"token_expires_at": None, "token_scopes": SCOPES},
            "temporary": {"token_expires_at": now + DAY, "token_scopes": SCOPES},
            "expired": {"token_expires_at": now - 60, "token_scopes": SCOPES},
            "few-scopes": {"token_scopes": ("whatsapp_business_messaging",)},
        }
        kind = kinds.get(words[0]) if words else None
        if kind is None:
            return _("token needs one of: {kinds}").format(kinds=", ".join(kinds))
        self._simulator.set_knob(**kind)
        return _("The token is of that kind now.")

    async def _set(self, words: list[str]) -> str:
        if len(words) != 2:
            return _("set needs a knob and a value")
        try:
            value = json.loads(words[1])
        except ValueError:
            value = words[1]
        try:
            self._simulator.set_knob(**{words[0]: value})
        except (msgspec.ValidationError, TypeError) as error:
            return str(error)
        return _("Done.")
