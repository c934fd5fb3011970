"""What is different about errors at 360dialog; all other codes are Meta's, passed on."""

from __future__ import annotations

from vchat_tui.channels.base import ErrorClass as _C
from vchat_tui.channels.error_rules import Retry, Row
from vchat_tui.settings import _

_LINK = _("Meta no longer accepts 360dialog for this number. An administrator must look at the "
          "number in the 360dialog Hub.")  # fmt: skip

# fmt: off
_STATUSES: dict[str, Row] = {
    "400": (_C.REQUEST, _("Refused by 360dialog"),
            _("360dialog refused this: {details}. Correct it, or tell an administrator.")),
    "401": (_C.AUTH, _("API key refused"),
            _("The 360dialog API key is wrong. Tell an administrator.")),
    "403": (_C.PERMISSION, _("Blocked by 360dialog"),
            _("360dialog blocks this for now: {details}. Tell an administrator.")),
    "404": (_C.CONFIG, _("Not found at 360dialog"),
            _("360dialog does not know this address or file. An administrator must check the API "
              "base URL.")),
    "429": (_C.RATE, _("Too many requests"), _("Too many requests; slowing down."), Retry.BACKOFF),
    "500": (_C.TRANSIENT, _("Internal error at 360dialog"),
            _("360dialog had a problem. Try again in a moment."), Retry.BACKOFF),
    "502": (_C.TRANSIENT, _("360dialog did not reach Meta"),
            _("360dialog had a problem. Try again in a moment."), Retry.BACKOFF),
}

_OF_META: dict[str, Row] = {
    "0": (_C.AUTH, _("Cannot authenticate"), _LINK),
    "190": (_C.AUTH, _("Access token expired or revoked"), _LINK),
    "33": (_C.CONFIG, _("Phone number deleted or wrong id"), _LINK),
    "131030": (_C.RECIPIENT, _("Recipient not on the test list"),
               _("The sandbox may write only to the phone that it was opened with.")),
}
# fmt: on

DIALOG360 = _STATUSES | {f"http_{code}": row for code, row in _STATUSES.items()} | _OF_META
"""What 360dialog refuses itself, before Meta sees it, has the HTTP status as its code (360dialog,
"API errors"), or only a status. Meta's codes about the token and the number mean something else
here: both are 360dialog's, and nobody of ours can enter them."""

PAUSING_360DIALOG = frozenset({"404", "http_404"})
"""Nothing of the inbox can go before an admin acts, beside the classes that always say so."""
