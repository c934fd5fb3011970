"""Twilio's error codes, for SMS and for WhatsApp through Twilio (Twilio, "Error and warning dictionary")."""

from __future__ import annotations

from vchat_tui.channels.base import ErrorClass as _C
from vchat_tui.channels.error_rules import Consequence, Retry, Row
from vchat_tui.settings import _

_SLOWER = _("Too many requests; slowing down.")
_AGAIN = _("WhatsApp had a problem. Trying again automatically.")

# fmt: off
TWILIO: dict[str, Row] = {
    "20003": (_C.AUTH, _("Authentication failed"),
              _("Twilio account SID or auth token is wrong. Tell an administrator.")),
    "20404": (_C.CONFIG, _("Not found at Twilio"),
              _("Twilio does not know this account, number or message. Tell an administrator.")),
    "20429": (_C.RATE, _("Too many requests at once"), _SLOWER, Retry.BACKOFF),
    "21211": (_C.RECIPIENT, _("Invalid number"),
              _("This is not a valid phone number. Correct it.")),
    "21212": (_C.CONFIG, _("Invalid sender"),
              _("The sender number is wrong. Tell an administrator.")),
    "21266": (_C.REQUEST, _("Recipient equals sender"),
              _("You cannot message the business's own number.")),
    "21408": (_C.PERMISSION, _("Country switched off"),
              _("SMS to this country is switched off in Twilio. Tell an administrator.")),
    "21602": (_C.REQUEST, _("Empty message"), _("The message is empty. Write something.")),
    "21603": (_C.CONFIG, _("No sender"), _("No sender is configured. Tell an administrator.")),
    "21604": (_C.REQUEST, _("No recipient"), _("No recipient. Choose one.")),
    "21606": (_C.CONFIG, _("Sender cannot send this"),
              _("The sender number cannot send this kind of message. Tell an administrator.")),
    "21608": (_C.CONFIG, _("Trial account"),
              _("A Twilio trial account may write to verified numbers only. "
                "Verify this one at Twilio, or upgrade.")),
    "21610": (_C.OPTOUT, _("The customer opted out"),
              _("This customer opted out (STOP). They must text START first.")),
    "21611": (_C.RATE, _("Queue of the sender is full"),
              _("Too many messages are waiting for this number."), Retry.BACKOFF),
    "21612": (_C.RECIPIENT, _("Not reachable from our sender"),
              _("This number cannot be reached from our sender.")),
    "21614": (_C.RECIPIENT, _("Not a mobile number"), _("This number cannot receive SMS.")),
    "21617": (_C.REQUEST, _("Message too long"),
              _("The message is longer than 1,600 characters. Shorten it.")),
    "21620": (_C.MEDIA, _("Invalid file address"),
              _("The attachment link is not valid. Attach the file again.")),
    "21623": (_C.MEDIA, _("Too many files"), _("Too many attachments. Send at most ten.")),
    "21654": (_C.TEMPLATE, _("Template id missing"),
              _("The template id is missing. Choose the template again.")),
    "21655": (_C.TEMPLATE, _("Unknown template"),
              _("Twilio does not know this template. Reload templates.")),
    "21656": (_C.TEMPLATE, _("Template values invalid"),
              _("The template values are not valid. Change them.")),
    "21703": (_C.CONFIG, _("Messaging service has no number"),
              _("The messaging service has no number. Tell an administrator.")),
    "21705": (_C.CONFIG, _("Messaging service invalid"),
              _("The messaging service id is wrong. Tell an administrator.")),
    "21910": (_C.REQUEST, _("Different channels"),
              _("Sender and recipient are on different channels. Tell an administrator.")),
    "30001": (_C.RATE, _("Queue overflow"),
              _("Too many messages were waiting; not sent."), Retry.BACKOFF),
    "30002": (_C.RESTRICTED, _("Account suspended"),
              _("The Twilio account is suspended. Tell an administrator.")),
    "30003": (_C.RECIPIENT, _("Phone not reachable"),
              _("The phone could not be reached. Try again later.")),
    "30004": (_C.OPTOUT, _("Message blocked"),
              _("The customer or carrier blocks messages from us.")),
    "30005": (_C.RECIPIENT, _("Number not in service"), _("This number does not exist any more.")),
    "30006": (_C.RECIPIENT, _("Land-line or unreachable carrier"),
              _("This is a landline or its carrier does not accept SMS.")),
    "30007": (_C.POLICY, _("Filtered as spam"),
              _("The carrier filtered this message. Do not resend the same text.")),
    "30008": (_C.TRANSIENT, _("Unknown error"),
              _("Delivery failed for an unknown reason. You may try once more.")),
    "30034": (_C.CONFIG, _("Sender not registered"),
              _("The US sender is not registered (10DLC). Tell an administrator.")),
    "11751": (_C.MEDIA, _("File too large for the carrier"),
              _("The attachment is too large for this customer's carrier. Send a smaller one.")),
    "92005": (_C.TEMPLATE, _("Values without a template"),
              _("The template of this message is missing at Twilio. Reload templates, then choose "
                "it again.")),
    "63001": (_C.AUTH, _("WhatsApp sender not authenticated"),
              _("The WhatsApp sender is misconfigured in Twilio. Tell an administrator.")),
    "63003": (_C.RECIPIENT, _("Not on this channel"), _("This number is not on that channel.")),
    "63005": (_C.REQUEST, _("Content refused"), _("WhatsApp refused this content. Change it.")),
    "63007": (_C.CONFIG, _("Sender not set up"),
              _("The WhatsApp sender number is not set up in Twilio. Tell an administrator.")),
    "63009": (_C.TRANSIENT, _("WhatsApp problem"), _AGAIN, Retry.BACKOFF),
    "63010": (_C.TRANSIENT, _("Twilio problem"),
              _("Twilio had a problem. Trying again automatically."), Retry.BACKOFF),
    "63012": (_C.TRANSIENT, _("WhatsApp problem"), _AGAIN, Retry.BACKOFF),
    "63013": (_C.POLICY, _("Policy violation"),
              _("This message breaks a WhatsApp policy. Change it.")),
    "63014": (_C.OPTOUT, _("Blocked by the customer"), _("The customer blocked this business.")),
    "63015": (_C.CONFIG, _("Sandbox not joined"),
              _("The customer must join the Twilio sandbox first, every three days: they send "
                "“join” and your sandbox's words to +1 415 523 8886.")),
    "63016": (_C.WINDOW, _("The 24-hour window is closed"),
              _("The 24-hour window is closed. Send an approved template.")),
    "63017": (_C.RATE, _("Sending rate reached"),
              _("Sending too fast; slowing down."), Retry.BACKOFF),
    "63018": (_C.RATE, _("Sending rate reached"),
              _("Sending too fast; slowing down."), Retry.BACKOFF),
    "63019": (_C.MEDIA, _("File cannot be fetched"),
              _("The attachment could not be fetched from its link. Attach the file again.")),
    "63021": (_C.REQUEST, _("Invalid content"),
              _("WhatsApp says the content is invalid. Check the template values.")),
    "63024": (_C.RECIPIENT, _("Not on WhatsApp"),
              _("This number is not on WhatsApp. Try another channel.")),
    "63026": (_C.POLICY, _("Sender flagged as spam"),
              _("Meta flagged this sender. Tell an administrator.")),
    "63027": (_C.TEMPLATE, _("Template missing in that language"),
              _("This template is not approved in that language. Reload templates.")),
    "63028": (_C.TEMPLATE, _("Number of template variables differs"),
              _("The template needs a different number of variables. Reload templates.")),
    "63029": (_C.RECIPIENT, _("Template not received"),
              _("The customer's phone could not load the template.")),
    "63030": (_C.REQUEST, _("Kind not supported"),
              _("This kind of message is not supported here.")),
    "63031": (_C.REQUEST, _("Recipient equals sender"),
              _("You cannot message the business's own number.")),
    "63032": (_C.RECIPIENT, _("Not delivered by WhatsApp"),
              _("WhatsApp will not deliver to this customer now. Try again another day.")),
    "63033": (_C.OPTOUT, _("Blocked by the customer"), _("The customer blocked this business.")),
    "63034": (_C.MEDIA, _("File too large"), _("The attachment is too large. Send a smaller one.")),
    "63038": (_C.RATE, _("Daily limit of the account"),
              _("The account's daily message limit is used up. Try again tomorrow.")),
    "63041": (_C.TEMPLATE, _("Template paused"),
              _("This template is paused by Meta. Choose another.")),
    "63042": (_C.TEMPLATE, _("Template disabled"),
              _("Meta disabled this template. Choose another.")),
    "63049": (_C.POLICY, _("Not delivered: marketing cap"),
              _("Meta chose not to deliver this marketing message. Wait at least a day before "
                "trying again.")),
}
# fmt: on

PAUSING_TWILIO = frozenset(
    {"20003", "63001", "20404", "21212", "21603", "21703", "21705", "63007", "30002"}
)
"""Nothing of the inbox can go before an admin acts. Other codes concern one number or country."""

TWILIO_CONSEQUENCES = {
    **dict.fromkeys(
        ("21211", "21614", "30005", "30006", "63003", "63024"), Consequence.UNREACHABLE
    ),
    **dict.fromkeys(("21610", "63014", "63033"), Consequence.OPTED_OUT),
    "63015": Consequence.NOT_IN_SANDBOX,
    "63049": Consequence.WITHHELD,
    **dict.fromkeys(("63026", "63038", "30007"), Consequence.STOPS_BROADCASTS),
    **dict.fromkeys(
        ("21655", "21656", "63027", "63028", "63041", "63042"), Consequence.STOPS_BROADCAST
    ),
}
"""What a code means beyond its message."""
