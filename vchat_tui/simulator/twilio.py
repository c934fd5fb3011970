"""Twilio, played locally: SMS and WhatsApp messages, their statuses, and customers who write.

Twilio: "Messages resource", "Messaging webhooks", "Webhooks security". Like Meta's, this simulator
stays on this machine: requests go to loopback addresses only.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vchat_tui import sandbox
from vchat_tui.simulator import twilio_content
from vchat_tui.simulator.account import TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_NUMBER
from vchat_tui.simulator.callback import loopback, loopback_client
from vchat_tui.simulator.http_server import TRANSPORT, HttpServer

ACCOUNT_SID = TWILIO_ACCOUNT_SID
AUTH_TOKEN = TWILIO_AUTH_TOKEN
NUMBER = TWILIO_NUMBER
NUMBER_SID = "PN0123456789abcdef0123456789abcdef"

Fields = list[tuple[str, str]]


class TwilioKnobs(msgspec.Struct, kw_only=True):
    """What can be turned. `..._next`: that many of the next sends."""

    fail_next: int = 0  # refused with `fail_code`
    fail_code: int = 21211
    fail_status: int = 400
    hang_up_next: int = 0  # the connection breaks; it was sent
    undelivered_code: int | None = None  # every message ends so, by a callback
    trial: bool = False
    webhooks: bool = True  # False: our webhook is not called, as while it is down
    status_delay: float = 0.0
    contents_on_a_page: int = 4
    reads: bool = False  # WhatsApp: customers read what is delivered


class Text(msgspec.Struct, kw_only=True):
    """A message as the account knows it."""

    sid: str
    from_: str
    to: str
    body: str
    direction: str
    status: str
    media: list[str] = []
    fields: dict[str, str] = {}
    sent_at: datetime


class TwilioSimulator:
    """One account with one sender.

    Args:
        webhook_url: where customers' messages go, as it is configured at Twilio.
        sender: our number, `+1…` or `whatsapp:+1…`.
        check: judges the fields of every send; what it finds is kept in `violations`.
        public_url: what our server is called on the internet. Requests go to `webhook_url`'s host in
            its place, as through a proxy; they are signed over the public address.
        taken: hears of each message of ours that was accepted.
    """

    def __init__(
        self,
        webhook_url: str,
        *,
        sender: str = NUMBER,
        check: Callable[[Fields], list[str]] = lambda fields: [],
        public_url: str | None = None,
        taken: Callable[[Text], None] = lambda sent: None,
    ) -> None:
        self._webhook_url = loopback(webhook_url)
        self._public_url = public_url
        self._sender = sender
        self._check = check
        self._taken = taken
        self.knobs = TwilioKnobs()
        self.sms_url = ""  # where the number's own page sends what comes in
        self.messages: list[Text] = []
        self.contents = twilio_content.CONTENTS
        self.violations: list[str] = []
        self.answers: list[tuple[int, str]] = []  # what our webhook answered
        self._client = loopback_client()
        self._tasks: set[asyncio.Task[None]] = set()
        self.files: dict[str, tuple[str, bytes]] = {}
        account = f"/2010-04-01/Accounts/{ACCOUNT_SID}"
        self._server = HttpServer(
            Starlette(
                routes=[
                    Route(f"{account}.json", self._account),
                    Route(f"{account}/IncomingPhoneNumbers.json", self._numbers),
                    Route(
                        f"{account}/IncomingPhoneNumbers/{{sid}}.json",
                        self._point,
                        methods=["POST"],
                    ),
                    Route(f"{account}/Messages.json", self._send, methods=["POST"]),
                    Route(f"{account}/Messages.json", self._list),
                    Route("/v1/ContentAndApprovals", self._contents),
                    Route(f"{account}/Messages/{{sid}}/Media.json", self._media_list),
                    Route(f"{account}/Messages/{{sid}}/Media/{{file}}", self._media),
                ]
            )
        )
        self.base_url = ""

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1; answers the base URL."""
        self.base_url = self._server.start(port)
        return self.base_url

    async def stop(self) -> None:
        """Let what is under way end, and close."""
        await self.idle()
        await self._server.stop()
        await self._client.aclose()

    async def idle(self) -> None:
        """Returns once every callback that was due has been made."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def customer_sends(
        self, sender: str, body: str, *, media: tuple[tuple[str, bytes], ...] = (), **more: str
    ) -> str:
        """A customer writes; answers the message's id.

        Args:
            media: type and bytes of each file.
        """
        sid = f"{'MM' if media else 'SM'}{secrets.token_hex(16)}"
        urls = []
        for mime_type, content in media:
            name = f"ME{secrets.token_hex(16)}"
            self.files[name] = (mime_type, content)
            urls.append(
                f"{self.base_url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/{sid}/Media/{name}"
            )
        self.messages.append(
            Text(sid=sid, from_=sender, to=self._sender, body=body, direction="inbound",
                 status="received", media=urls, sent_at=datetime.now(UTC))
        )  # fmt: skip
        fields = {
            "MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "AccountSid": ACCOUNT_SID,
            "From": sender, "To": self._sender, "Body": body, "NumMedia": str(len(media)),
            "NumSegments": "1", "SmsStatus": "received", "ApiVersion": "2010-04-01",
        }  # fmt: skip
        for number, (url, (mime_type, _content)) in enumerate(zip(urls, media, strict=True)):
            fields[f"MediaUrl{number}"] = url
            fields[f"MediaContentType{number}"] = mime_type
        if self.knobs.webhooks:
            await self._post(self._webhook_url, fields | more)
        return sid

    async def _post(self, url: str, fields: dict[str, str]) -> None:
        """Call a webhook as Twilio does: signed over the address that was configured."""
        here = urlsplit(self._webhook_url)
        target = urlsplit(url)
        address = target._replace(scheme=here.scheme, netloc=here.netloc).geturl()
        public = urlsplit(self._public_url or self._webhook_url)
        called = target._replace(scheme=public.scheme, netloc=public.netloc).geturl()
        signed = called + "".join(name + fields[name] for name in sorted(fields))
        signature = hmac.digest(AUTH_TOKEN.encode(), signed.encode(), hashlib.sha1)
        answer = await self._client.post(
            loopback(address),
            content=urlencode(fields),
            headers={
                "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
                "X-Twilio-Signature": base64.b64encode(signature).decode(),
                "User-Agent": "TwilioProxy/1.1",
            },
        )
        self.answers.append((answer.status_code, answer.text))

    async def _account(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse(
            {
                "sid": ACCOUNT_SID,
                "friendly_name": "Vchat",
                "status": "active",
                "type": "Trial" if self.knobs.trial else "Full",
            }
        )

    async def _numbers(self, request: Request) -> Response:
        """Our number, where that is asked for."""
        if refusal := self._refusal(request):
            return refusal
        asked = request.query_params.get("PhoneNumber")
        ours = [{"sid": NUMBER_SID, "phone_number": self._sender, "sms_url": self.sms_url,
                 "sms_method": "POST"}]  # fmt: skip
        return JSONResponse({"incoming_phone_numbers": ours if asked == self._sender else []})

    async def _point(self, request: Request) -> Response:
        """The address of the number's webhook is set."""
        if refusal := self._refusal(request):
            return refusal
        fields = dict(parse_qsl((await request.body()).decode()))
        if request.path_params["sid"] != NUMBER_SID or fields.get("SmsMethod") != "POST":
            return _error(20404, 404)
        self.sms_url = fields["SmsUrl"]
        return JSONResponse({"sid": NUMBER_SID, "sms_url": self.sms_url})

    async def _send(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        fields = parse_qsl((await request.body()).decode(), keep_blank_values=True)
        self.violations += self._check(fields)
        if self.knobs.fail_next:
            self.knobs.fail_next -= 1
            return _error(self.knobs.fail_code, self.knobs.fail_status)
        given = dict(fields)
        media = [value for name, value in fields if name == "MediaUrl"]
        body = given.get("Body", "")
        if "ContentSid" in given:
            content = self._content(given["ContentSid"])
            if content is None:
                return _error(21655, 400)
            body, left_out = twilio_content.sent(content, given.get("ContentVariables", ""))
            self.violations += [f"ContentVariables: {name} is left out" for name in left_out]
        sent = Text(
            sid=f"{'MM' if media else 'SM'}{secrets.token_hex(16)}", from_=given.get("From", self._sender),
            to=given["To"], body=body, direction="outbound-api", status="queued",
            media=media, fields=given, sent_at=datetime.now(UTC),
        )  # fmt: skip
        self.messages.append(sent)
        self._taken(sent)
        if "StatusCallback" in given:
            self._begin(self._statuses(sent, given["StatusCallback"]))
        if self.knobs.hang_up_next:
            self.knobs.hang_up_next -= 1
            request.scope[TRANSPORT].abort()
            return Response()
        return JSONResponse(_shown(sent), 201)

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _statuses(self, sent: Text, url: str) -> None:
        failed = self.knobs.undelivered_code or self._not_joined(sent) or self._outside_window(sent)
        words = ["sent", "undelivered"] if failed else ["sent", "delivered"]
        if self._is_whatsapp and self.knobs.reads and not failed:
            words.append("read")
        for word in words:
            await asyncio.sleep(self.knobs.status_delay)
            sent.status = word
            fields = {
                "MessageSid": sent.sid, "SmsSid": sent.sid, "MessageStatus": word, "SmsStatus": word,
                "AccountSid": ACCOUNT_SID, "From": sent.from_, "To": sent.to,
                "ApiVersion": "2010-04-01",
            }  # fmt: skip
            if word == "undelivered":
                fields |= {"ErrorCode": str(failed), "ErrorMessage": "as the knob says"}
            await self._post(url, fields)

    @property
    def _is_whatsapp(self) -> bool:
        return self._sender.startswith("whatsapp:")

    def _not_joined(self, sent: Text) -> int | None:
        """63015, where the sandbox writes to somebody who joined it more than three days ago."""
        if self._sender != sandbox.SENDER:
            return None
        since = sent.sent_at - sandbox.LASTS
        joined = any(
            message.from_ == sent.to and message.sent_at > since and sandbox.is_join(message.body)
            for message in self.messages
        )
        return None if joined else 63015

    def _outside_window(self, sent: Text) -> int | None:
        """63016, where free text goes to somebody on WhatsApp who has not written for a day."""
        since = sent.sent_at - timedelta(hours=24)
        wrote = any(
            message.from_ == sent.to and message.sent_at > since for message in self.messages
        )
        content = self._content(sent.fields.get("ContentSid", ""))
        approved = content is not None and content["approval_requests"].get("status") == "approved"
        return 63016 if self._is_whatsapp and not wrote and not approved else None

    def _content(self, sid: str) -> twilio_content.Content | None:
        return next((content for content in self.contents if content["sid"] == sid), None)

    async def _contents(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        size = min(int(request.query_params.get("PageSize", "50")), self.knobs.contents_on_a_page)
        number = int(request.query_params.get("Page", "0"))
        url = f"{self.base_url}{request.url.path}"
        return JSONResponse(twilio_content.page(self.contents, url, size, number))

    async def _list(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        query = request.query_params
        size, page = int(query.get("PageSize", "50")), int(query.get("Page", "0"))
        found = [
            _shown(message)
            for message in reversed(self.messages)
            if query.get("To") in (None, message.to)
            and message.sent_at.date().isoformat() >= query.get("DateSent>", "")
        ]
        part = found[page * size : (page + 1) * size]
        more = len(found) > (page + 1) * size
        again = urlencode({**query, "Page": str(page + 1)})
        return JSONResponse(
            {"messages": part, "next_page_uri": f"{request.url.path}?{again}" if more else None}
        )

    async def _media_list(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        sid = request.path_params["sid"]
        urls = next((m.media for m in self.messages if m.sid == sid), [])
        listed = [
            {"sid": url.rpartition("/")[2], "content_type": self.files[url.rpartition("/")[2]][0],
             "uri": f"{urlsplit(url).path}.json"}
            for url in urls
        ]  # fmt: skip
        return JSONResponse({"media_list": listed, "next_page_uri": None})

    async def _media(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        mime_type, content = self.files[request.path_params["file"]]
        return Response(content, media_type=mime_type)

    def _refusal(self, request: Request) -> Response | None:
        right = base64.b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode()
        if hmac.compare_digest(request.headers.get("authorization", ""), f"Basic {right}"):
            return None
        return _error(20003, 401)


def _error(code: int, status: int) -> Response:
    body = {"code": code, "message": "Refused by the simulator.", "status": status,
            "more_info": f"https://www.twilio.com/docs/errors/{code}"}  # fmt: skip
    return JSONResponse(body, status)


def _shown(message: Text) -> dict[str, Any]:
    """A message as the API shows it: counts as text, dates as in RFC 2822."""
    when = format_datetime(message.sent_at)
    return {
        "sid": message.sid, "account_sid": ACCOUNT_SID, "from": message.from_, "to": message.to,
        "body": message.body, "status": message.status, "direction": message.direction,
        "num_segments": "1", "num_media": str(len(message.media)), "error_code": None,
        "error_message": None, "price": None, "date_created": when, "date_sent": when,
        "uri": f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/{message.sid}.json",
    }  # fmt: skip
