"""Where the messages of one of our Twilio numbers go.

Facts from Twilio's "IncomingPhoneNumber resource": a number has the address of its webhook
(`SmsUrl`, `SmsMethod`), which the API can read and set. Short codes, sender names and WhatsApp
senders are not such numbers, and a messaging service has an address of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from vchat_tui.channels import errors
from vchat_tui.channels.account import SubscriptionFacts
from vchat_tui.channels.base import NotSent, Unclear
from vchat_tui.channels.http_statuses import read_payload
from vchat_tui.channels.payload import text_at
from vchat_tui.channels.twilio_answers import read_error
from vchat_tui.models import MessageError

if TYPE_CHECKING:
    from vchat_tui.channels.http import Line


class OurNumber:
    """One number's webhook.

    Args:
        line: to the API.
        account: the path of the account.
        number: `+` and digits.
        wanted: the address of ours; None: there is no public URL.
    """

    def __init__(self, line: Line, account: str, number: str, wanted: str | None) -> None:
        self._line = line
        self._list = f"{account}/IncomingPhoneNumbers.json?{urlencode({'PhoneNumber': number})}"
        self._account = account
        self._wanted = wanted

    async def read(self) -> SubscriptionFacts:
        """Whether its messages come here. Of a foreign address only the server is told."""
        found = await self._find()
        if isinstance(found, MessageError):
            return SubscriptionFacts(error=found)
        url = text_at(found, "sms_url") or ""
        if url and url == self._wanted:
            return SubscriptionFacts(subscribed=True)
        return SubscriptionFacts(subscribed=False, override_url=_server_of(url))

    async def point_here(self) -> MessageError | None:
        """Has its messages sent here; answers why not."""
        if self._wanted is None:
            return MessageError(code=errors.NO_WEBHOOK_URL)
        found = await self._find()
        if isinstance(found, MessageError):
            return found
        path = f"{self._account}/IncomingPhoneNumbers/{text_at(found, 'sid')}.json"
        fields = [("SmsUrl", self._wanted), ("SmsMethod", "POST")]
        answer = await self._line.request("POST", path, fields=fields)
        if isinstance(answer, (NotSent, Unclear)):
            return MessageError(code=errors.NO_ANSWER, details=answer.reason)
        return None if 200 <= answer.status < 300 else read_error(answer)

    async def _find(self) -> dict[str, Any] | MessageError:
        answer = await self._line.request("GET", self._list)
        if isinstance(answer, (NotSent, Unclear)):
            return MessageError(code=errors.NO_ANSWER, details=answer.reason)
        if answer.status != 200:
            return read_error(answer)
        listed = read_payload(answer).get("incoming_phone_numbers")
        numbers = [each for each in listed or () if isinstance(each, dict)]
        sid = text_at(numbers[0], "sid") if numbers else None
        if sid is None or not sid.isalnum():
            return MessageError(code=errors.NOT_OUR_NUMBER)
        return numbers[0]


def _server_of(url: str) -> str | None:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = "…"
    return f"{host}/…"[:200] if host else None
