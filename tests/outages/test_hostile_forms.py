"""Forms of Twilio's and bodies of 360dialog's that mean harm, signed and over HTTP: no 500, what
cannot be read is kept for admins, and what is good is applied."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote_from_bytes, urlencode

import httpx
import pytest
from faults_kit import text_message, webhook
from hostile import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st
from line_to_meta import desk_in

from vchat_tui.desk import calls
from vchat_tui.desk.calls import Answer
from vchat_tui.desk.local import LocalDesk
from vchat_tui.listener.server import Listener
from vchat_tui.listener.twilio import form_fields, signature
from vchat_tui.models import WebhookState
from vchat_tui.simulator.account import AT_360DIALOG, PHONE_NUMBER_ID
from vchat_tui.simulator.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER

PUBLIC, SECRET, NOBODY = "https://chat.example.com", "secret-of-an-address", "http://127.0.0.1:9"
FORM = "application/x-www-form-urlencoded"
INBOXES = {
    "sms_twilio": {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "sender": NUMBER},
    "whatsapp_360dialog": {"api_key": "key", "webhook_secret": SECRET},
}
START = f"AccountSid={ACCOUNT_SID}&From=%2B14155550101&To=%2B{NUMBER[1:]}&MessageSid=SM"
NUMBERS = itertools.count(1)


class Door(NamedTuple):
    """A desk with an inbox at Twilio and one at 360dialog, and the way to its listener."""

    loop: asyncio.AbstractEventLoop
    desk: LocalDesk
    client: httpx.AsyncClient

    def ask(self, target: str, body: bytes, **headers: str) -> int:
        """The status of the answer."""
        given_ = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = self.client.post(target, content=body, headers=given_)
        return self.loop.run_until_complete(sent).status_code

    def from_twilio(self, body: bytes, path: str = "/webhooks/twilio") -> int:
        """A form as Twilio signs it."""
        signed = signature(AUTH_TOKEN.encode(), PUBLIC + path, form_fields(body)).decode()
        return self.ask(path, body, X_Twilio_Signature=signed, Content_Type=FORM)

    def by_hash(self, body: bytes) -> int:
        """Any bytes, signed by their hash."""
        digest = hashlib.sha256(body).hexdigest()
        path = f"/webhooks/twilio?AccountSid={ACCOUNT_SID}&bodySHA256={digest}"
        signed = signature(AUTH_TOKEN.encode(), PUBLIC + path, []).decode()
        return self.ask(path, body, X_Twilio_Signature=signed)

    def still_works(self, *texts: str) -> None:
        """Everything is applied or kept for admins, and the good ones are there."""
        self.call(calls.Settle())
        assert not self.call(calls.ListWebhooks(state=WebhookState.PENDING))
        self.call(calls.ListConversations(limit=500))
        sql = "SELECT text FROM message WHERE text LIKE 'good%'"
        store = self.desk.services.core.store
        stored = self.loop.run_until_complete(store.read(lambda db: db.execute(sql).fetchall()))
        assert set(texts) <= {text for (text,) in stored}

    def call(self, call: calls.Call[Answer]) -> Answer:
        """Asks the desk."""
        return self.loop.run_until_complete(self.desk.call(call))


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """One for all."""
    with asyncio.Runner() as runner:
        stack = contextlib.AsyncExitStack()

        async def opened() -> Door:
            home: Path = tmp_path_factory.mktemp("home") / "home"
            desk = await stack.enter_async_context(desk_in(home))
            await desk.call(calls.SaveServerSettings(values={"public_url": PUBLIC}))
            for channel, values in INBOXES.items():
                values = values | {"api_base_url": NOBODY}
                await desk.call(calls.SaveInbox(name=channel, channel=channel, values=values))
            listener = Listener(desk.services.gate)
            address = await listener.start("127.0.0.1", 0)
            stack.push_async_callback(listener.stop, 1.0)
            client = httpx.AsyncClient(base_url=address, trust_env=False)
            return Door(asyncio.get_running_loop(), desk, await stack.enter_async_context(client))

        yield runner.run(opened())
        runner.run(stack.aclose())


def start(number: int) -> bytes:
    """The beginning of a customer's form."""
    return f"{START}{number:032x}&".encode()


def good() -> tuple[bytes, str]:
    """A request of a customer, and its text."""
    number = next(NUMBERS)
    return start(number) + b"Body=good%d" % number, f"good{number}"


TAILS = [
    b"Body=%FF%FE%80",
    b"Body=\xff\xfe",
    b"Body=%00a%00&ProfileName=%00",
    b"Body=%ED%A0%80%ED%BF%BF",  # half a character, as UTF-16 has it
    b"Body=a&Body=b&From=%2B1&From=&MessageSid=SM1&MessageSid=",
    b"Body=a&NumMedia=10",
    b"Body=a&NumMedia=-1&MediaUrl0=https://x&MediaUrl1=",
    b"Body=a&NumMedia=" + b"9" * 5000,
    b"NumMedia=1e309&MediaUrl0=file:///etc/passwd&MediaContentType0=" + b"a" * 3000,
    b"NumMedia=1&MediaUrl0=%00&MediaContentType0=%ED%A0%80",
    b"Latitude=nan&Longitude=inf",
    b"Latitude=1e999&Longitude=-1e999",
    b"Latitude=" + b"9" * 400 + b"&Longitude=0",
    b"MessageStatus=delivered&ErrorCode=" + b"9" * 4000,
    b"MessageStatus=%00&ErrorCode=-0&RawDlrDoneDate=9999999999",
    b"MessageStatus=failed&ErrorCode=%D9%A1&RawDlrDoneDate=0000000000",
    b"MessageType=interactive&ListId=&ButtonPayload=%00&ButtonText=" + b"b" * 20_000,
    b"MessageType=" + b"t" * 20_000 + b"&Body=" + b"%F0%9F%98%80" * 20_000,
    b"OriginalRepliedMessageSid=" + b"x" * 20_000 + b"&Body=a",
    b"ExternalUserId=whatsapp:" + b"9" * 5000 + b"&Body=a",
    b"DateSent=Mon, 99 Foo 99999 99:99:99 %2B9999&Body=a",
    b"&&&&=&=&;;;=a&%=&%zz=%zz&Body=a",
    b"&".join(b"f%d=%d" % (n, n) for n in range(10_000)),
    b"&".join(b"a=" for _ in range(10_000)),
    b"Body="
    + urlencode({"": " ".join(entry.text for entry in HOSTILE)}, errors="replace").encode(),
]


@pytest.mark.parametrize("path", ["/webhooks/twilio", "/webhooks/twilio/status?ob=1%00%ED%A0%80"])
def test_hostile_forms(door: Door, path: str) -> None:
    texts = []
    for tail in TAILS:
        body = start(next(NUMBERS)) + tail
        assert door.from_twilio(body, path) in (200, 403)
        assert door.by_hash(body) == 200
        form, text = good()
        assert door.from_twilio(form) == 200
        texts.append(text)
    for bare in (b"", b"{}", b"\x00", b"MessageSid=", b"MessageSid=SM1&From=%2B1"):
        assert door.by_hash(bare) == 200
    door.still_works(*texts)
    problems = door.call(calls.ListWebhooks(state=WebhookState.DEAD, limit=500))
    assert len(problems) >= 5  # the bare ones at least


KEYS = ["Body", "From", "To", "MessageSid", "NumMedia", "MediaUrl0", "MediaContentType0", "Latitude",
        "Longitude", "MessageStatus", "ErrorCode", "RawDlrDoneDate", "MessageType", "ProfileName",
        "OptOutType", "ExternalUserId", "DateSent"]  # fmt: skip
FIELDS = st.dictionaries(
    st.sampled_from(KEYS),
    st.one_of(
        st.binary(max_size=20), st.text(max_size=20).map(lambda t: t.encode(errors="replace"))
    ),
)


def test_no_form_stops_the_desk(door: Door) -> None:
    texts = []

    @settings(max_examples=60)
    @given(fields=FIELDS, raw=st.binary(max_size=40))
    def bring(fields: dict[str, bytes], raw: bytes) -> None:
        said = "&".join(f"{key}={quote_from_bytes(value)}" for key, value in fields.items())
        body = start(next(NUMBERS)) + said.encode()
        assert door.from_twilio(body) == 200
        assert door.by_hash(body + raw) == 200
        form, text = good()
        assert door.from_twilio(form) == 200
        texts.append(text)

    bring()
    door.still_works(*texts)


def test_hostile_bodies_at_the_secret_address(door: Door) -> None:
    ours = (PHONE_NUMBER_ID.encode(), AT_360DIALOG.phone_number_id.encode())
    odd = [
        b"",
        b"\x00",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"null",
        b'"\\ud800"',
        b"1e999",
        b"\xff",
    ]
    odd += [entry.text.encode(errors="replace") for entry in HOSTILE[::5]]
    for body in odd:
        assert door.ask(f"/webhooks/360dialog/{SECRET}", body) == 200
    values = [
        text_message("5215544000001", f"wamid.{number}", f"{entry.text[:50]} bad")
        for number, entry in enumerate(HOSTILE)
    ]
    values.append(text_message("5215544000001", "wamid.good", "goodof360"))
    assert door.ask(f"/webhooks/360dialog/{SECRET}", webhook(*values).replace(*ours)) == 200
    door.still_works("goodof360")
