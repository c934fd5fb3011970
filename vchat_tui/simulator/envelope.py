"""The JSON of Meta's webhooks (Meta: WhatsApp Cloud API, "Webhooks › messages").

Since 2026 they name customers by business-scoped ids too; the number may be missing altogether.
"""

from __future__ import annotations

import secrets
from base64 import b64encode
from typing import Any

from vchat_tui.simulator.account import Account
from vchat_tui.simulator.customers import Customer
from vchat_tui.simulator.errors import GraphError
from vchat_tui.simulator.said import Said


def new_message_id() -> str:
    """An id like WhatsApp's: opaque, with the characters of base64 (so "/", "+" and "=" too)."""
    return "wamid.HBg" + b64encode(secrets.token_bytes(31)).decode()


def message_value(
    account: Account,
    customer: Customer,
    said: Said,
    *,
    message_id: str,
    at: float,
    answers: str | None = None,
) -> dict[str, Any]:
    """A `value` with one message of a customer.

    Args:
        at: Unix seconds.
        answers: the id of our message that it quotes or that its button belongs to.
    """
    message: dict[str, Any] = {}
    if customer.wa_id:
        message["from"] = customer.wa_id
    message |= {"from_user_id": customer.user_id, "id": message_id, "timestamp": str(int(at))}
    if answers:
        message["context"] = {"from": account.digits, "id": answers}
    message |= said.keys()
    return _value(account) | {"contacts": [contact(customer)], "messages": [message]}


def status_value(
    account: Account,
    customer: Customer,
    status: str,
    *,
    message_id: str,
    at: float,
    callback_data: str | None,
    error: GraphError | None = None,
    category: str = "service",
) -> dict[str, Any]:
    """A `value` with one status of a message of ours.

    Args:
        status: sent, delivered, read, played or failed.
        error: why it failed.
        category: what Meta would bill it as.
    """
    item: dict[str, Any] = {"id": message_id, "status": status, "timestamp": str(int(at))}
    if customer.wa_id:
        item["recipient_id"] = customer.wa_id
    item["recipient_user_id"] = customer.user_id
    if callback_data is not None:
        item["biz_opaque_callback_data"] = callback_data
    if status == "delivered":
        item["pricing"] = {
            "billable": category != "service",
            "pricing_model": "PMP",
            "category": category,
            "type": "free_customer_service" if category == "service" else "regular",
        }
    if error:
        item["errors"] = [error.in_status()]
        return _value(account) | {"statuses": [item]}
    return _value(account) | {"contacts": [contact(customer)], "statuses": [item]}


def contact(customer: Customer) -> dict[str, Any]:
    """The customer as the `contacts` list of a webhook names them."""
    profile = {"name": customer.name}
    if customer.username:
        profile["username"] = customer.username
    named: dict[str, Any] = {"profile": profile, "user_id": customer.user_id}
    if customer.wa_id:
        named["wa_id"] = customer.wa_id
    return named


def body(account: Account, changes: list[dict[str, Any]]) -> dict[str, Any]:
    """A whole webhook with one entry; each change has `field` and `value`."""
    entry = {"id": account.business_account_id, "changes": changes}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def _value(account: Account) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": account.digits,
            "phone_number_id": account.phone_number_id,
        },
    }
