"""The simulator as a whole: Meta, its webhooks, and the customers, in one object.

simulator = Simulator(SimulatorSettings(callback_url="http://127.0.0.1:8080/webhooks/meta"))
base_url = await simulator.start()
...
await simulator.stop()
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import msgspec

from vchat_tui.simulator import controls_api
from vchat_tui.simulator.account import AT_360DIALOG, Account
from vchat_tui.simulator.callback import Callback, loopback, loopback_client
from vchat_tui.simulator.cast import CAST
from vchat_tui.simulator.crowd import Crowd
from vchat_tui.simulator.customers import Customer, People
from vchat_tui.simulator.dialog360 import LOOKASIDE, Dialog360
from vchat_tui.simulator.envelope import message_value, new_message_id, status_value
from vchat_tui.simulator.graph import Graph
from vchat_tui.simulator.http_server import HttpServer
from vchat_tui.simulator.knobs import Controls, Knobs
from vchat_tui.simulator.ledger import Ledger
from vchat_tui.simulator.management import Management
from vchat_tui.simulator.media import Files
from vchat_tui.simulator.media_api import MediaApi
from vchat_tui.simulator.said import Said, text
from vchat_tui.simulator.sending import Check, Sending, Taken
from vchat_tui.simulator.shop import Shop
from vchat_tui.simulator.template_states import TemplateStates
from vchat_tui.simulator.templates import find
from vchat_tui.simulator.webhooks import Publisher


class SimulatorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a simulator starts.

    `callback_url`: where webhooks go, on this machine; None: nowhere until an app subscribes.
    `pace`: seconds between two messages that customers write on their own; 0: they neither write
    nor answer. `seed`: the same one tells the same stories.
    """

    callback_url: str | None = None
    pace: float = 0
    seed: int = 1
    account: Account = Account()
    more_numbers: tuple[Account, ...] = ()  # of the same business account and app
    at_360dialog: Account = AT_360DIALOG
    knobs: Knobs = Knobs()


class Simulator:
    """Meta and the customers.

    Args:
        check: judges every body of a send; a violation is answered with Meta's error 100 and
            kept in `violations`.
        now: the clock, Unix seconds.

    Raises:
        NotLoopback: the callback is not on this machine.
    """

    def __init__(
        self,
        settings: SimulatorSettings | None = None,
        *,
        check: Check | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings or SimulatorSettings()
        if self.settings.callback_url:
            loopback(self.settings.callback_url)
        account = self.settings.account
        self._numbers = {
            number.phone_number_id: number for number in (account, *self.settings.more_numbers)
        }
        self._now = now
        self._controls = Controls(self.settings.knobs)
        self._people = People(CAST)
        self._files = Files(now)
        self._templates = TemplateStates()
        self._sending = Sending(
            self._people, self._controls, self._files, self._templates, check=check, now=now
        )
        self._crowd = Crowd(CAST, self.settings.seed, self.customer_sends)
        self._tasks: set[asyncio.Task[None]] = set()
        self.base_url = ""  # known once it has started
        # No proxy, no redirect: a webhook never leaves this machine.
        self._client = loopback_client()
        self._callback = Callback(self._client, account.verify_token)
        chance = random.Random(self.settings.seed)  # noqa: S311 - play, not secrets
        self._publisher = Publisher(self._client, self._callback, account, self._controls, chance)
        self._management = Management(
            self._numbers, self._callback, self._controls, self._templates
        )
        media = MediaApi(self._files, self._controls)
        self._graph = Graph(
            self._numbers, self._controls, self._sending, self._management, media, self._follow, now
        )
        self.dialog360, self._other_publisher = self._open_360dialog(media, chance)
        self.shop = Shop(self._people, self._controls, now)
        extra = controls_api.routes(self._controls, self._sending, self._say, self._state)
        extra.append(controls_api.template_route(self.change_template))
        self._server = HttpServer(
            self._graph.app([*extra, *self.shop.routes(), *self.dialog360.routes()])
        )

    def _open_360dialog(
        self, media: MediaApi, chance: random.Random
    ) -> tuple[Dialog360, Publisher]:
        """The number at 360dialog, whose webhooks go to an address of its own."""
        number, callback = self.settings.at_360dialog, Callback(self._client, "")
        front = Dialog360(number, callback, self._graph, media, self._management, self._templates)
        publisher = Publisher(
            self._client, callback, number, self._controls, chance, lambda raw: front.headers
        )
        return front, publisher

    @property
    def ledger(self) -> Ledger:
        """What was taken in."""
        return self._sending.ledger

    @property
    def violations(self) -> list[str]:
        """What `check` found wrong, so far."""
        return self._sending.violations

    @property
    def knobs(self) -> Knobs:
        """How the knobs stand."""
        return self._controls.knobs

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1 and start the handshake; customers write once it has succeeded.

        Returns:
            The base URL, for an inbox's `api_base_url`.

        Raises:
            OSError: the port is taken.
        """
        self.base_url = self._management.base_url = self._server.start(port)
        self._run(self._publisher.run())
        self._run(self._other_publisher.run())
        if self.settings.callback_url:
            self._run(self._callback.keep_trying(self.settings.callback_url))
        if self.settings.pace:
            self._run(self._write())
        return self.base_url

    async def stop(self) -> None:
        """Stop everything; webhooks that were not delivered are gone."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._graph.let_go()
        await self._server.stop()
        await self._client.aclose()

    async def verified(self) -> None:
        """Wait until a callback has passed the handshake."""
        await self._callback.verified.wait()

    async def configure(self, url: str, verify_token: str) -> bool:
        """What "Verify and save" does at Meta: the handshake; webhooks go there once it succeeds.

        Raises:
            NotLoopback: the address is not on this machine.
        """
        return await self._callback.subscribe(url, verify_token)

    async def idle(self) -> None:
        """Wait until every webhook so far was answered with 200."""
        await self._publisher.idle()
        await self._other_publisher.idle()

    def set_knob(self, **changes: Any) -> Knobs:
        """Turn knobs (see `knobs.Knobs`).

        Raises:
            msgspec.ValidationError: an unknown knob or a value out of its range.
        """
        return self._controls.turn(changes)

    def customer_says(self, customer: Customer | str, words: str, to: str | None = None) -> str:
        """Have a customer write a text; gives the message's id. See `customer_sends`."""
        return self.customer_sends(customer, text(words), to=to)

    def customer_sends(
        self,
        customer: Customer | str,
        said: Said,
        answers: str | None = None,
        to: str | None = None,
    ) -> str:
        """Have a customer send anything; it opens their 24-hour window.

        Args:
            customer: one of the cast, or their key.
            answers: the id of our message that it quotes or whose button it is.
            to: the id of the number that it is written to, 360dialog's too; None: the first one.

        Raises:
            KeyError: nobody in the cast has this key, or no number this id.
        """
        account = self.settings.account if to is None else self._number(to)
        who = self._people.called(customer) if isinstance(customer, str) else customer
        message_id = new_message_id()
        self._sending.windows.open(who.key, self._now())
        if said.type == "revoke":
            self._sending.deleted.add(said.content["original_message_id"])
        server = self.base_url if account is not self.settings.at_360dialog else LOOKASIDE
        self._publisher_of(account).publish(
            message_value(
                account,
                who,
                self._files.received(said, account, server),
                message_id=message_id,
                at=self._now(),
                answers=answers,
            )
        )
        return message_id

    def change_template(self, name: str, language: str, event: str, reason: str = "NONE") -> None:
        """Decide about a template, as Meta does: PAUSED, DISABLED, REJECTED, REINSTATED ...

        Raises:
            KeyError: there is no such template or event.
        """
        told = self._templates.change(name, language, event, reason)
        self._publisher.publish(told, "message_template_status_update")

    def keep_file(self, data: bytes, mime_type: str, media_id: str | None = None) -> str:
        """Have a file as if it had been uploaded for the first number; answers its id.

        Args:
            media_id: the id that it gets; None: a new one.
        """
        return self._files.keep(data, mime_type, self.settings.account, media_id=media_id)

    def close_window(self, customer: str) -> None:
        """Make it more than 24 hours since this customer (a key of the cast) wrote."""
        self._sending.windows.close(customer)

    def send_webhook(self, value: Mapping[str, Any], field: str = "messages") -> None:
        """Send a webhook with this `value` as it is. Messages in it open their senders' windows."""
        for message in value.get("messages", ()):
            sender = message.get("from") or message.get("from_user_id")
            if sender:
                self._sending.windows.open(self._people.at(f"{sender}").key, self._now())
        self._publisher.publish(dict(value), field)

    async def _write(self) -> None:
        await self._callback.verified.wait()
        await self._crowd.write(self.settings.pace)

    async def _follow(self, taken: Taken) -> None:
        """Send the statuses of a message, and let the customer answer."""
        knobs = self._controls.knobs
        if taken.lost:
            return
        if taken.error is None and knobs.statuses and knobs.statuses_first:
            self._status(taken, "sent")
            await self._publisher_of(taken.account).idle()
        self._run(self._live_through(taken, knobs))

    async def _live_through(self, taken: Taken, knobs: Knobs) -> None:
        for status in self._statuses(taken, knobs):
            await asyncio.sleep(knobs.status_delay)
            self._status(taken, status)
        if self.settings.pace and taken.error is None:
            await self._answer(taken)

    def _statuses(self, taken: Taken, knobs: Knobs) -> list[str]:
        if not knobs.statuses:
            return []
        if taken.error:
            return ["failed"]
        first = [] if knobs.statuses_first else ["sent"]
        if taken.entry.type == "reaction":
            return first
        body = taken.entry.body
        is_voice = taken.entry.type == "audio" and body["audio"].get("voice")
        seen = ["read", *(["played"] if is_voice else [])] if taken.customer.reads else []
        return [*first, "delivered", *seen]

    def _status(self, taken: Taken, status: str) -> None:
        category = "service"
        if taken.entry.type == "template":
            content = taken.entry.body["template"]
            template = find(content["name"], content["language"]["code"])
            category = template["category"].lower() if template else "utility"
        self._publisher_of(taken.account).publish(
            status_value(
                taken.account,
                taken.customer,
                status,
                message_id=taken.entry.id,
                at=self._now(),
                callback_data=taken.entry.callback_data,
                error=taken.error,
                category=category,
            )
        )

    async def _answer(self, taken: Taken) -> None:
        brain = self._crowd.brain(taken.customer)
        said = brain.answer(taken.entry.id, taken.entry.body)
        if said is None:
            return
        await asyncio.sleep(self.settings.pace * 0.5)
        tap = said.type in ("interactive", "button")
        self.customer_sends(
            taken.customer,
            said,
            answers=taken.entry.id if tap else None,
            to=taken.account.phone_number_id,
        )

    def _number(self, phone_number_id: str) -> Account:
        other = self.settings.at_360dialog
        known = self._numbers | {other.phone_number_id: other}
        return known[phone_number_id]

    def _publisher_of(self, account: Account) -> Publisher:
        other = account is self.settings.at_360dialog
        return self._other_publisher if other else self._publisher

    def _say(self, customer: str, words: str) -> str:
        return self.customer_says(customer, words)

    def _state(self) -> dict[str, Any]:
        return {
            "callback_url": self._callback.url,
            "verified": self._callback.verified.is_set(),
            "webhooks": dict(self._publisher.counts),
            "customers": [
                {"key": c.key, "name": c.name, "wa_id": c.wa_id, "user_id": c.user_id}
                for c in self._people.cast
            ],
        }

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
