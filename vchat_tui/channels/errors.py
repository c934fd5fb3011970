"""What a provider's error code means: what the sender does next, and what a person reads.

Facts from Meta's "Error codes" page of the WhatsApp Business Platform. Decide by code, never by
HTTP status: Meta's rate limits come as 400, and its permanent code 3 as 500.
Advice is one sentence with the next step. It is translated when it is shown; the table only marks
it. This module is cheap to import: consoles use it.
"""

from __future__ import annotations

from vchat_tui import i18n
from vchat_tui.channels.base import ErrorClass
from vchat_tui.channels.dialog360_errors import DIALOG360, PAUSING_360DIALOG
from vchat_tui.channels.error_rules import Consequence as Consequence
from vchat_tui.channels.error_rules import Retry as Retry
from vchat_tui.channels.error_rules import Row
from vchat_tui.channels.error_rules import Rule as Rule
from vchat_tui.channels.mail_errors import MAIL
from vchat_tui.channels.twilio_errors import PAUSING_TWILIO, TWILIO, TWILIO_CONSEQUENCES
from vchat_tui.models import MessageError
from vchat_tui.text import clean

NOT_SENT = "not_sent"
UNCLEAR = "unclear"
BAD_ADDRESS = "bad_address"
LOCKED = "locked"
NO_ANSWER = "no_answer"
NO_FILE = "no_file"
TOO_LARGE = "too_large"
BLOCKED_ADDRESS = "blocked_address"
NOT_THE_FILE = "not_the_file"
MEDIA_GONE = "media_gone"
QUOTA = "quota"
DISK_FULL = "disk_full"
NO_ACCOUNT = "no_account"
NO_PUBLIC_URL = "no_public_url"
NO_WEBHOOK_URL = "no_webhook_url"
BY_HAND = "by_hand"
NOT_OUR_NUMBER = "not_our_number"
HELD_BY_PROVIDER = "held_by_provider"
NO_SMS_INBOX = "no_sms_inbox"
NOTICE_TEXT = "notice_text"
OPTED_OUT = "opted_out"
STOPPED = "stopped"
HTTP = "http_"
"""Codes of our own. Of sending: no connection; no clear answer; no usable address; secrets that our
key does not open. Of a question: no answer. Of files: the message's own is not there; the customer's
is larger than we take, lies where we do not go, is something else, is no longer there; one customer
sent too many; our disk takes no more; the provider cannot reach ours. Of opting out: from marketing;
from everything. Of templates: no business account is set; taken, but not sent yet. Of webhooks: nobody
knows where we are; the provider takes the address by hand only; it does not have our number. Of
notices: no inbox sends SMS; a text has a gap. `http_` and the status of an answer without a code."""


def _(message: str) -> str:
    """Marks a text for the catalogues; it is translated where it is shown."""
    return message


_C = ErrorClass

_TOKEN = _("The WhatsApp access token is no longer valid. An administrator must enter a new one.")
_MAY_NOT = _("This app may not do that. Tell an administrator.")
_AGAIN = _("WhatsApp had a problem. Trying again automatically.")
_AWAY = _("WhatsApp is temporarily unavailable. Trying again automatically.")
_SLOWER = _("Too many requests; slowing down.")
_RESTRICTED = _("Meta has restricted this account. Tell an administrator.")

# fmt: off
_WHATSAPP: dict[str, Row] = {
    "0": (_C.AUTH, _("Cannot authenticate"), _TOKEN),
    "190": (_C.AUTH, _("Access token expired or revoked"),
            _("The WhatsApp access token has expired. An administrator must enter a new one; "
              "nothing can be sent until then.")),
    "3": (_C.PERMISSION, _("Capability or permission missing"),
          _("This app lacks a permission. Tell an administrator.")),
    "10": (_C.PERMISSION, _("Permission not granted or removed"), _MAY_NOT),
    "131005": (_C.PERMISSION, _("Access denied"),
               _("This app may not use this number. Tell an administrator.")),
    "33": (_C.CONFIG, _("Phone number deleted or wrong id"),
           _("The configured phone-number id does not exist. Tell an administrator.")),
    "100": (_C.REQUEST, _("Invalid parameter"),
            _("The message was refused as malformed (see details). Please report this.")),
    "131008": (_C.REQUEST, _("Required parameter missing"),
               _("The message was refused as incomplete (see details). Please report this.")),
    "131009": (_C.REQUEST, _("Parameter value invalid"),
               _("A value in the message is not allowed: {details}")),
    "131021": (_C.REQUEST, _("Recipient equals sender"),
               _("You cannot message the business's own number.")),
    "131051": (_C.REQUEST, _("Message type unsupported"),
               _("WhatsApp does not support this kind of message here.")),
    "131055": (_C.REQUEST, _("Method not allowed"),
               _("This message kind is not available for this number.")),
    "131062": (_C.RECIPIENT, _("Phone number needed"),
               _("This code template needs the customer's phone number, which WhatsApp does not "
                 "reveal. Ask the customer for it.")),
    "1": (_C.TRANSIENT, _("Unknown API error"), _AGAIN, Retry.BACKOFF),
    "2": (_C.TRANSIENT, _("Service down or overloaded"), _AWAY, Retry.BACKOFF),
    "131000": (_C.TRANSIENT, _("Something went wrong"), _AGAIN, Retry.BACKOFF),
    "131016": (_C.TRANSIENT, _("Service unavailable"), _AWAY, Retry.BACKOFF),
    "131057": (_C.TRANSIENT, _("Number in maintenance"),
               _("The number is being upgraded by Meta. Trying again in a minute."), Retry.MINUTE),
    "133004": (_C.TRANSIENT, _("Server temporarily unavailable"), _AWAY, Retry.BACKOFF),
    "135000": (_C.REQUEST, _("Generic user error"),
               _("The message was refused (see details). Please report this.")),
    "4": (_C.RATE, _("Too many API calls by the app"), _SLOWER, Retry.BACKOFF),
    "80007": (_C.RATE, _("Call limit of the account reached"), _SLOWER, Retry.BACKOFF),
    "130429": (_C.RATE, _("Sending rate reached"),
               _("Sending too fast; slowing down."), Retry.BACKOFF),
    "131048": (_C.RATE, _("Spam rate limit"),
               _("Meta limits this number because customers blocked or reported messages. "
                 "Only wait and improve quality.")),
    "131056": (_C.PAIR, _("Too many messages to this customer"),
               _("Too many messages to this customer in a short time. Waiting a few seconds; "
                 "other customers are not affected."), Retry.PAIR),
    "133016": (_C.RATE, _("Registration limit"),
               _("Number registration is locked for up to three days. Wait.")),
    "131064": (_C.RATE, _("Messaging limit after wrong template categories"),
               _("Meta limits this account for wrong template categories. "
                 "Tell an administrator.")),
    "131063": (_C.CONFIG, _("Marketing templates disabled"),
               _("Marketing templates are switched off for this number. Tell an administrator.")),
    "131047": (_C.WINDOW, _("The 24-hour window is closed"),
               _("The 24-hour window is closed. Send an approved template.")),
    "131026": (_C.RECIPIENT, _("Undeliverable"),
               _("WhatsApp cannot deliver to this customer. The number may not use WhatsApp. "
                 "Try another channel.")),
    "131030": (_C.RECIPIENT, _("Recipient not on the test list"),
               _("The test number may write to listed numbers only. Add this one at Meta › "
                 "WhatsApp › API Setup.")),
    "131049": (_C.POLICY, _("Not delivered: marketing cap"),
               _("Meta chose not to deliver this marketing message. Wait at least a day before "
                 "trying again.")),
    "131050": (_C.OPTOUT, _("The customer stopped marketing messages"),
               _("This customer opted out of marketing messages. Only service messages may be "
                 "sent.")),
    "130472": (_C.POLICY, _("Withheld by an experiment of Meta"),
               _("Meta withheld this marketing message because of an experiment. Do not resend.")),
    "130497": (_C.POLICY, _("Country not allowed"),
               _("Meta does not allow this business to message customers in that country.")),
    "368": (_C.RESTRICTED, _("Temporarily blocked for policy violations"), _RESTRICTED),
    "131031": (_C.RESTRICTED, _("Account locked"),
               _("Meta has locked this account. Tell an administrator.")),
    "131037": (_C.CONFIG, _("Display name not approved"),
               _("The number's display name is not approved yet. Tell an administrator.")),
    "131042": (_C.BILLING, _("Payment problem"),
               _("Meta's billing for this account has a problem. Tell an administrator.")),
    "131045": (_C.CONFIG, _("Number registration problem"),
               _("The number must be registered again. Tell an administrator.")),
    "133010": (_C.CONFIG, _("Phone number not registered"),
               _("The number is not registered with the Cloud API. Tell an administrator.")),
    "133000": (_C.CONFIG, _("Incomplete deregistration"),
               _("Deregister the number again before registering it."), Retry.BACKOFF),
    "133005": (_C.CONFIG, _("Two-step PIN mismatch"), _("Wrong PIN. Enter the right one.")),
    "133006": (_C.CONFIG, _("Phone number must be verified"), _("Verify the number again.")),
    "133008": (_C.CONFIG, _("Too many PIN guesses"), _("Too many wrong PINs; wait.")),
    "133009": (_C.CONFIG, _("PIN entered too fast"), _("Wait before trying the PIN again.")),
    "133015": (_C.CONFIG, _("Too soon after deleting the number"),
               _("Wait a few minutes, then register again.")),
    "131052": (_C.MEDIA, _("The customer's file cannot be fetched"),
               _("The customer's file could not be fetched by WhatsApp. Ask them to send it "
                 "again.")),
    "131053": (_C.MEDIA, _("File refused"), _("WhatsApp rejected the file: {details}")),
    "132000": (_C.TEMPLATE, _("Number of template variables differs"),
               _("The template needs a different number of variables. Reload templates.")),
    "132001": (_C.TEMPLATE, _("Template missing in that language or not approved"),
               _("This template is not approved in that language. Reload templates.")),
    "132005": (_C.TEMPLATE, _("Template text too long"),
               _("The template becomes too long with these values. Shorten them.")),
    "132007": (_C.TEMPLATE, _("Character policy violated"),
               _("A value breaks WhatsApp's formatting rules (new lines, tabs, more than four "
                 "spaces…). Change it.")),
    "132008": (_C.TEMPLATE, _("Template value invalid"),
               _("A template value is not allowed: {details}")),
    "132012": (_C.TEMPLATE, _("Template value of the wrong kind"),
               _("Template values do not match the template. Reload templates.")),
    "132015": (_C.TEMPLATE, _("Template paused"),
               _("This template is paused by Meta. Choose another.")),
    "132016": (_C.TEMPLATE, _("Template disabled"),
               _("Meta disabled this template. Choose another.")),
    "132018": (_C.TEMPLATE, _("Template values invalid"),
               _("A template value contains line breaks or too many spaces. Change it.")),
    "132068": (_C.OTHER, _("Form blocked"), _("This form is blocked. Tell an administrator.")),
    "132069": (_C.OTHER, _("Form throttled"),
               _("This form is limited to 10 messages an hour."), Retry.HOUR),
    "134011": (_C.CONFIG, _("Payment terms not accepted"),
               _("Payments are not set up. Tell an administrator.")),
    "131059": (_C.OTHER, _("Invalid page cursor"),
               _("The list changed while it was read. Load it again.")),
}

_OURS: dict[str, Row] = {
    NOT_SENT: (_C.TRANSIENT, _("Not sent"),
               _("The provider could not be reached; the message was not sent. Check the "
                 "connection and try again."), Retry.BACKOFF),
    UNCLEAR: (_C.OTHER, _("May have been delivered"),
              _("The provider did not answer clearly; the message may have been delivered. Ask "
                "the customer before sending it again.")),
    BAD_ADDRESS: (_C.RECIPIENT, _("No usable address"),
                  _("This customer has no address that the channel can use. Correct the phone "
                    "number.")),
    LOCKED: (_C.CONFIG, _("Secrets cannot be read"),
             _("The key file does not open the secrets of this inbox. Restore the key file, or enter "
               "the secrets again.")),
    NO_ANSWER: (_C.TRANSIENT, _("No answer"),
                _("The provider did not answer. Check the connection and try again."),
                Retry.BACKOFF),
    NO_FILE: (_C.MEDIA, _("The file is missing"),
              _("The file of this message is not here any more. Attach it again.")),
    TOO_LARGE: (_C.MEDIA, _("The file is too large"),
                _("The customer's file is larger than this server takes. Ask for a smaller one.")),
    BLOCKED_ADDRESS: (_C.MEDIA, _("The file lies at an unknown address"),
                      _("The file lies at an address that is not the provider's, so it was not "
                        "fetched. Ask the customer to send it again.")),
    NOT_THE_FILE: (_C.MEDIA, _("Something else came in place of the file"),
                   _("The provider answered with a page in place of the file. Try again."),
                   Retry.BACKOFF),
    MEDIA_GONE: (_C.MEDIA, _("The file is no longer at the provider"),
                 _("The provider keeps a customer's file only for some days. Ask the customer to "
                   "send it again.")),
    QUOTA: (_C.MEDIA, _("Too many files from one customer"),
            _("This customer sent more than 1 GB of files today, so this one was left at the "
              "provider. Fetch it if you need it.")),
    DISK_FULL: (_C.MEDIA, _("The server's disk takes no more files"),
                _("The server's disk is almost full or refuses files. Tell an administrator, then "
                  "fetch it again."), Retry.BACKOFF),
    NO_PUBLIC_URL: (_C.CONFIG, _("No public URL"),
                    _("The provider fetches files from this server, which has no public URL. An "
                      "administrator sets it: Settings › Server settings. Then send it again.")),
    HELD_BY_PROVIDER: (_C.TEMPLATE, _("Held by Meta"),
                       _("Meta looks at the quality of this template before it delivers the message. "
                         "It may arrive later, or never.")),
    NO_SMS_INBOX: (_C.CONFIG, _("No inbox sends SMS"),
                   _("No SMS inbox is set up for notices, or several are and none is chosen. An "
                     "administrator chooses one in Settings › Notices.")),
    NOTICE_TEXT: (_C.CONFIG, _("The text of the notice has a gap"),
                  _("An administrator corrects the text in Settings › Notices: {details}")),
    STOPPED: (_C.OPTOUT, _("Opted out"),
              _("The customer wrote STOP, so nothing may be sent to them here until they write "
                "START.")),
    OPTED_OUT: (_C.OPTOUT, _("Wants no marketing"),
                _("The customer asked for no more marketing before this message went, so it was not "
                  "sent. A utility template may still go.")),
    NO_ACCOUNT: (_C.CONFIG, _("No business account"),
                 _("Templates need the business account ID. An administrator can enter it in the "
                   "settings of the inbox.")),
    BY_HAND: (_C.CONFIG, _("Only in the provider's own pages"),
              _("The provider takes this address only in its own pages. Copy it and paste it "
                "there.")),
    NOT_OUR_NUMBER: (_C.CONFIG, _("Not a number of this account"),
                     _("The provider's account has no such number. Compare the sender with the "
                       "account's active numbers.")),
    NO_WEBHOOK_URL: (_C.CONFIG, _("No public URL"),
                     _("The public URL of this server is not set, so the provider cannot be told "
                       "where to send messages. Enter it in the server settings.")),
}
# fmt: on

# Nothing of the inbox can go before an admin acts: its credentials, its account or the number
# itself. Other `config` codes stop one kind of message, or come from registering a number.
_PAUSING_CLASSES = {_C.AUTH, _C.PERMISSION, _C.RESTRICTED, _C.BILLING}
_PAUSING_CODES = frozenset({"33", "131037", "131045", "133006", "133010"})

_CONSEQUENCES = {
    "131026": Consequence.UNREACHABLE,
    "131049": Consequence.WITHHELD,
    "131050": Consequence.OPTED_OUT,
    "131048": Consequence.STOPS_BROADCASTS,
    "131063": Consequence.STOPS_BROADCASTS,
    "131064": Consequence.STOPS_BROADCASTS,
}
_CONSEQUENCES |= dict.fromkeys(
    ("132000", "132001", "132012", "132015", "132016"), Consequence.STOPS_BROADCAST
)


def _rule(row: Row, pauses: bool, consequence: Consequence | None) -> Rule:
    return Rule(
        error_class=row[0],
        title=row[1],
        advice=row[2],
        retry=row[3] if len(row) == 4 else Retry.NEVER,
        pauses=pauses,
        consequence=Consequence.STOPS_BROADCASTS if pauses else consequence,
    )


def _rules_of_meta(rows: dict[str, Row], pausing: frozenset[str]) -> dict[str, Rule]:
    return {
        code: _rule(row, row[0] in _PAUSING_CLASSES or code in pausing, _CONSEQUENCES.get(code))
        for code, row in rows.items()
    }


_META_RULES = _rules_of_meta(_WHATSAPP | _OURS, _PAUSING_CODES)
_360DIALOG_RULES = _rules_of_meta(_WHATSAPP | _OURS | DIALOG360, _PAUSING_CODES | PAUSING_360DIALOG)
_TWILIO_RULES = {
    code: _rule(row, code in PAUSING_TWILIO, TWILIO_CONSEQUENCES.get(code))
    for code, row in (TWILIO | _OURS).items()
}
_RULES = {
    "whatsapp_cloud": _META_RULES,
    "whatsapp_360dialog": _360DIALOG_RULES,
    "whatsapp_twilio": _TWILIO_RULES,
    "sms_twilio": _TWILIO_RULES,
    "email": {code: _rule(row, False, None) for code, row in (MAIL | _OURS).items()},
}

_OF_META = frozenset({"whatsapp_cloud", "whatsapp_360dialog"})

# Codes 200 to 299 are one family: an API permission is missing.
_API_PERMISSION = _rule((_C.PERMISSION, _("API permission missing"), _MAY_NOT), True, None)


def rule(channel: str, code: str) -> Rule | None:
    """What we know of a code; None where we do not know it.

    Args:
        channel: its name, as in settings.CHANNEL_FIELDS.
        code: the provider's code as text, or one of our own.
    """
    rules = _RULES.get(channel, {})
    found = rules.get(code)
    if (
        found is None
        and channel in _OF_META
        and len(code) == 3
        and code.startswith("2")
        and code.isdigit()
    ):
        return _API_PERMISSION
    return found


def meta_codes() -> tuple[str, ...]:
    """Meta's codes for WhatsApp that we know, by number."""
    return tuple(sorted(_WHATSAPP, key=int))


def twilio_codes() -> tuple[str, ...]:
    """Twilio's codes that we know, by number."""
    return tuple(sorted(TWILIO, key=int))


def title(channel: str, error: MessageError) -> str:
    """What happened, short, in the reader's language; the provider's own words where we know no
    better. Safe to draw."""
    known = rule(channel, error.code)
    if known is not None:
        return i18n._(known.title)
    return clean(error.title or "", one_line=True) or _unnamed(error)


def advice(channel: str, error: MessageError) -> str:
    """One sentence with the next step, in the reader's language. Safe to draw.

    A code that we do not know falls back to what the provider said.
    """
    said = clean(error.details or error.title or "", one_line=True)
    known = rule(channel, error.code)
    if known is None:
        return said or _unnamed(error)
    return i18n._(known.advice).format(details=said or "–")


def _unnamed(error: MessageError) -> str:
    code = clean(error.code, one_line=True)
    if code.startswith(HTTP):
        return i18n._("The provider refused the message without a reason (HTTP {status}).").format(
            status=code.removeprefix(HTTP)
        )
    return i18n._("The provider refused the message (code {code}).").format(code=code)
