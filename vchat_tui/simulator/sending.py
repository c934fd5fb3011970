"""POST /{phone-number-id}/messages, without the HTTP: take a message in or refuse it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import msgspec

from vchat_tui.simulator.account import Account
from vchat_tui.simulator.checks.message import check_message, check_read_receipt
from vchat_tui.simulator.checks.template import is_authentication
from vchat_tui.simulator.customers import Customer, People, is_user_id
from vchat_tui.simulator.envelope import new_message_id
from vchat_tui.simulator.errors import GraphError
from vchat_tui.simulator.knobs import Controls
from vchat_tui.simulator.ledger import Entry, Ledger
from vchat_tui.simulator.limits import PairRate, Throughput, Windows
from vchat_tui.simulator.media import RULES, Files
from vchat_tui.simulator.template_states import TemplateStates

_HELD = "held_for_quality_assessment"

Check = Callable[[dict[str, Any]], list[str]]


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A message that Meta took in.

    `error`: it will fail later, by webhook. `lost`: it vanishes without a word. `held`: Meta
    says that it looks at the quality of the template first.
    """

    entry: Entry
    customer: Customer
    account: Account  # whose number it was sent from
    error: GraphError | None = None
    lost: bool = False
    held: bool = False


class Sending:
    """Takes messages in.

    Args:
        files: what messages may name by id.
        templates: as they stand now.
        check: judges every body first; what it returns is why the body is wrong.
        now: Unix seconds.
    """

    def __init__(
        self,
        people: People,
        controls: Controls,
        files: Files,
        templates: TemplateStates,
        *,
        check: Check | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._people = people
        self._controls = controls
        self._files = files
        self._templates = templates
        self._check = check
        self._now = now
        self._throughput = Throughput()
        self._pairs = PairRate()
        self.windows = Windows()
        self.ledger = Ledger()
        self.violations: list[str] = []
        self.deleted: set[str] = set()  # ids of messages that their customers deleted

    def take(self, body: dict[str, Any], account: Account) -> Taken | None:
        """Take in a message; None for a read receipt, which has nothing to follow.

        Args:
            account: whose number it is sent from.

        Raises:
            GraphError: it is refused.
        """
        problems = self._check(body) if self._check else []
        if problems:
            self.violations += problems
            raise GraphError(100, "; ".join(problems))
        if "status" in body:
            message_id = check_read_receipt(body)
            self._write_down(body, "read", message_id, "")
            return None
        kind = check_message(body)
        if kind == "template":
            self._templates.check(body["template"])
        knobs = self._controls.knobs
        self._throughput.take(self._now(), knobs.sends_per_second)
        to = body.get("to")
        customer = self._people.at(to if to is not None else body["recipient"])
        if to is not None and is_user_id(to):
            # Meta answers 200 to an id in the wrong field, and nothing ever arrives.
            entry = self._write_down(body, "message", new_message_id(), customer.key)
            return Taken(entry=entry, customer=customer, account=account, lost=True)
        if customer.wa_id == account.digits:
            raise GraphError(131021)
        if to is None and kind == "template" and is_authentication(body["template"]):
            raise GraphError(131062)
        self._pairs.take(customer.key, self._now(), knobs.pair_seconds)
        refused = self._file_refused(body, account) or self._reaction_refused(body)
        error = self._undeliverable(customer, kind)
        if error and not knobs.errors_by_webhook:
            raise error
        entry = self._write_down(body, "message", new_message_id(), customer.key)
        held = kind == "template" and self._controls.take("held_next")
        return Taken(
            entry=entry, customer=customer, account=account, error=error or refused, lost=held,
            held=held,
        )  # fmt: skip

    def answer(self, taken: Taken | None) -> dict[str, Any]:
        """The JSON of the 200."""
        if taken is None:
            return {"success": True}
        body, customer = taken.entry.body, taken.customer
        contact = {"input": body.get("to") or body["recipient"]}
        if customer.wa_id:
            contact["wa_id"] = customer.wa_id
        if body.get("to") is None:
            contact["user_id"] = customer.user_id
        message = {"id": taken.entry.id}
        if taken.entry.type == "template":
            message["message_status"] = _HELD if taken.held else "accepted"
        return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}

    def _file_refused(self, body: dict[str, Any], account: Account) -> GraphError | None:
        error = self._files.check(body, account)
        if any(kind in body for kind in RULES) and self._controls.take("media_refused_next"):
            return GraphError(131053, "Unsupported media type.")
        return error

    def _reaction_refused(self, body: dict[str, Any]) -> GraphError | None:
        """Meta, "Reaction messages": told by webhook where the message is gone, or a reaction."""
        if body.get("type") != "reaction":
            return None
        target = body["reaction"]["message_id"]
        ours = [entry.type for entry in self.ledger.messages() if entry.id == target]
        if target in self.deleted or "reaction" in ours:
            return GraphError(131009, "The message cannot be reacted to.")
        return None

    def _undeliverable(self, customer: Customer, kind: str) -> GraphError | None:
        knobs = self._controls.knobs
        if knobs.allow_list is not None and customer.wa_id not in knobs.allow_list:
            return GraphError(131030)
        if not customer.reachable:
            return GraphError(131026, "Message Undeliverable.")
        if kind == "template":
            return None
        try:
            self.windows.check(customer.key, self._now(), knobs.window_hours)
        except GraphError as closed:
            return closed
        return None

    def _write_down(self, body: dict[str, Any], kind: str, message_id: str, person: str) -> Entry:
        return self.ledger.add(
            at=self._now(), kind=kind, message_id=message_id, recipient=person, body=body
        )
