"""The desk in front of each provider, for any kind of message: what leaves carries its own name."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from chaos import Proxy
from fault_kinds import DIALOG360, META, TWILIO, Words
from faults_kit import text_message, webhook
from line_to_meta import INBOX, QUIET, BehindProxy, desk_in

from vchat_tui.desk import calls
from vchat_tui.desk.local import LocalDesk
from vchat_tui.models import Content, Media, Message
from vchat_tui.simulator import account, samples
from vchat_tui.simulator.dialog360 import PREFIX
from vchat_tui.simulator.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER, TwilioSimulator
from vchat_tui.simulator.world import Simulator, SimulatorSettings


class Line(BehindProxy):
    """An inbox at a provider."""

    source: str
    words: Words
    template: tuple[str, str, dict[str, str]] = ("order_update", "en_US", {"2": "42", "3": "ready"})
    simulator: Simulator | TwilioSimulator

    def __init__(self, desk: LocalDesk, proxy: Proxy, channel: str) -> None:
        super().__init__(desk, proxy)
        self.channel = channel
        self._sha256 = ""

    def said(self, number: str) -> bytes:
        """The webhook of a customer's text."""
        raise NotImplementedError

    def bodies(self) -> list[str]:
        """What the provider took in."""
        raise NotImplementedError

    def taken(self, name: str) -> int:
        """How often the provider took a message in."""
        return sum(name in body for body in self.bodies())

    async def begin(self, numbers: Sequence[str], what: str) -> None:
        """Every customer has written; template or picture is there."""
        inbox = await self.save_inbox()
        for number in numbers:
            await self.desk.services.gate.append(self.source, {}, self.said(number), inbox.id)
        await self.call(calls.Settle())
        if what == "template":
            while (await self.call(calls.SyncTemplates(inbox_id=inbox.id))).error is not None:
                await asyncio.sleep(0.05)  # the number is still being registered
        elif what == "media":
            data = samples.picture("cake")
            upload_id = await self.call(calls.BeginUpload(size=len(data)))
            await self.call(calls.AppendUpload(upload_id=upload_id, offset=0, data=data))
            self._sha256 = (await self.call(calls.FinishUpload(upload_id=upload_id))).sha256

    async def queue(self, number: str, name: str, what: str) -> Message:
        """A message that is called so."""
        if what == "template":
            template, language, more = self.template
            values = {f"body.{key}": value for key, value in ({"1": name} | more).items()}
            return await self.call(
                calls.SendTemplateTo(
                    inbox=INBOX, to=f"+{number}", client_id=name, name=template,
                    language=language, values=values,
                )
            )  # fmt: skip
        media = (Media(sha256=self._sha256, filename="cake.png"),) if what == "media" else ()
        content = Content(type="image" if media else "text", text=name, media=media)
        chat = await self.call(
            calls.StartConversation(inbox_id=(await self.inbox()).id, address=f"+{number}")
        )
        return await self.call(calls.Send(conversation_id=chat.id, client_id=name, content=content))


class AtMeta(Line):
    """Meta, or 360dialog in front of it."""

    simulator: Simulator

    def __init__(self, desk: LocalDesk, proxy: Proxy, channel: str, simulator: Simulator) -> None:
        super().__init__(desk, proxy, channel)
        self.simulator = simulator
        self.direct = channel == "whatsapp_cloud"
        self.source, self.words = ("meta", META) if self.direct else ("360dialog", DIALOG360)

    @property
    def base_url(self) -> str:
        """See `BehindProxy`."""
        return self.proxy.url + ("" if self.direct else PREFIX)

    def usual(self) -> dict[str, Any]:
        """See `BehindProxy`."""
        if not self.direct:
            key = account.AT_360DIALOG.access_token
            return {"api_key": key, "webhook_secret": "secret-of-the-address"}
        return {
            "phone_number_id": account.PHONE_NUMBER_ID,
            "business_account_id": account.BUSINESS_ACCOUNT_ID,
            "access_token": account.ACCESS_TOKEN,
            "app_secret": account.APP_SECRET,
            "verify_token": account.VERIFY_TOKEN,
            "sends_per_second": 1000,
        }

    def said(self, number: str) -> bytes:
        """See `Line`."""
        who = self.simulator._people.at(number).key
        self.simulator._sending.windows.open(who, self.simulator._now())
        body = webhook(text_message(number, f"wamid.from.{number}", "hola"))
        if self.direct:
            return body
        ours, digits = account.AT_360DIALOG, re.compile(r"\D")
        body = body.replace(account.PHONE_NUMBER_ID.encode(), ours.phone_number_id.encode())
        named = (
            digits.sub("", account.DISPLAY_PHONE_NUMBER),
            digits.sub("", ours.display_phone_number),
        )
        return body.replace(named[0].encode(), named[1].encode())

    def bodies(self) -> list[str]:
        """See `Line`."""
        return [json.dumps(entry.body) for entry in self.simulator.ledger.messages()]


class AtTwilio(Line):
    """SMS, or WhatsApp through Twilio."""

    source, words = "twilio", TWILIO
    template = ("pedido_listo", "es", {"2": "A-7"})
    simulator: TwilioSimulator

    def __init__(
        self, desk: LocalDesk, proxy: Proxy, channel: str, simulator: TwilioSimulator
    ) -> None:
        super().__init__(desk, proxy, channel)
        self.simulator = simulator
        self.prefix = "whatsapp:" if channel == "whatsapp_twilio" else ""

    def usual(self) -> dict[str, Any]:
        """See `BehindProxy`."""
        return {
            "account_sid": ACCOUNT_SID,
            "auth_token": AUTH_TOKEN,
            "sender": self.prefix + NUMBER,
            "status_callbacks": False,
            "sends_per_second": 100,
        }

    def said(self, number: str) -> bytes:
        """See `Line`."""
        fields = {
            "MessageSid": f"SM{int(number):032x}", "AccountSid": ACCOUNT_SID, "Body": "hola",
            "From": f"{self.prefix}+{number}", "To": self.prefix + NUMBER,
        }  # fmt: skip
        return b"\n" + urlencode(fields).encode()

    def bodies(self) -> list[str]:
        """See `Line`."""
        return [text.body for text in self.simulator.messages]


@asynccontextmanager
async def line_of(channel: str, folder: Path) -> AsyncIterator[Line]:
    """A desk with one inbox of a channel, and its provider."""
    async with contextlib.AsyncExitStack() as stack:
        desk = await stack.enter_async_context(desk_in(folder))
        at_twilio = channel in ("sms_twilio", "whatsapp_twilio")
        simulator: Any
        if at_twilio:
            await desk.call(calls.SaveServerSettings(values={"public_url": "https://x.example"}))
            simulator = TwilioSimulator("http://127.0.0.1:9/")
            simulator.knobs.contents_on_a_page = 100  # the next page would be beside the proxy
        else:
            simulator = Simulator(SimulatorSettings(knobs=QUIET))
        url = await simulator.start()
        stack.push_async_callback(simulator.stop)
        proxy = await stack.enter_async_context(Proxy(urlsplit(url).port or 0))
        kind: Callable[..., Line] = AtTwilio if at_twilio else AtMeta
        yield kind(desk, proxy, channel, simulator)
