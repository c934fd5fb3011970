"""What can go wrong with an e-mail, in words for the list of notices (RFC 5321, 4.2.3; RFC 4954)."""

from __future__ import annotations

from vchat_tui.channels.base import ErrorClass as _C
from vchat_tui.channels.error_rules import Retry, Row
from vchat_tui.settings import _

MAIL_NOT_SET_UP = "mail_not_set_up"
MAIL_LOCKED = "mail_locked"
MAIL_LOG_IN = "mail_log_in"
MAIL_INSECURE = "mail_insecure"
MAIL_SENDER = "mail_sender"
MAIL_RECIPIENT = "mail_recipient"
MAIL_BUSY = "mail_busy"
MAIL_REFUSED = "mail_refused"

# fmt: off
MAIL: dict[str, Row] = {
    MAIL_NOT_SET_UP: (_C.CONFIG, _("No mail server"),
                      _("No mail server is set up. An administrator enters it in Settings › Notices.")),
    MAIL_LOCKED: (_C.CONFIG, _("The mail server's password cannot be read"),
                  _("The key file does not open the mail server's password. Restore the key file, or enter "
                    "the password again in Settings › Notices.")),
    MAIL_LOG_IN: (_C.AUTH, _("Log-in refused by the mail server"),
                  _("The mail server refuses user or password: {details}")),
    MAIL_INSECURE: (_C.CONFIG, _("No secure connection to the mail server"),
                    _("The mail server offers no encryption that can be trusted; check its name, port "
                      "and encryption: {details}")),
    MAIL_SENDER: (_C.CONFIG, _("Sender refused by the mail server"),
                  _("The mail server does not let us write from this address: {details}")),
    MAIL_RECIPIENT: (_C.RECIPIENT, _("Recipient refused by the mail server"),
                     _("The mail server does not take e-mail for this address. Correct it: {details}")),
    MAIL_BUSY: (_C.TRANSIENT, _("The mail server is busy"),
                _("The mail server said “later”: {details}"), Retry.BACKOFF),
    MAIL_REFUSED: (_C.POLICY, _("Refused by the mail server"),
                   _("The mail server refused the e-mail: {details}")),
}
# fmt: on
