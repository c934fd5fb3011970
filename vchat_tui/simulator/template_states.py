"""What Meta decides about templates while we watch: paused, disabled, rejected, approved again.

Meta, webhook field "message_template_status_update".
"""

from __future__ import annotations

from typing import Any

from vchat_tui.simulator.errors import GraphError
from vchat_tui.simulator.templates import TEMPLATES, find

# What an event makes of the status; a flagged template stays as it is.
_STATUS = {
    "APPROVED": "APPROVED",
    "REINSTATED": "APPROVED",
    "PAUSED": "PAUSED",
    "DISABLED": "DISABLED",
    "REJECTED": "REJECTED",
    "PENDING": "PENDING",
    "DELETED": "DELETED",
}
_CODES = {"PAUSED": 132015, "DISABLED": 132016}


class TemplateStates:
    """The templates as they stand now."""

    def __init__(self) -> None:
        self._changed: dict[tuple[str, str], tuple[str, str]] = {}

    def all(self) -> list[dict[str, Any]]:
        """All of them, as the account lists them."""
        listed = []
        for template in TEMPLATES:
            known = self._changed.get((template["name"], template["language"]))
            if known is None:
                listed.append(template)
            elif known[0] != "DELETED":
                listed.append(template | {"status": known[0], "rejected_reason": known[1]})
        return listed

    def check(self, content: dict[str, Any]) -> None:
        """Refuse a (checked) template message that may not be sent now.

        Raises:
            GraphError: 132001, 132015 or 132016.
        """
        name, language = content["name"], content["language"]["code"]
        status = next(
            (t["status"] for t in self.all() if (t["name"], t["language"]) == (name, language)),
            "DELETED",
        )
        if status != "APPROVED":
            raise GraphError(_CODES.get(status, 132001), f"{name} in {language} is {status}")

    def change(self, name: str, language: str, event: str, reason: str = "NONE") -> dict[str, Any]:
        """Decide something; answers the `value` of the webhook about it.

        Raises:
            KeyError: there is no such template or no such event.
        """
        template = find(name, language)
        if template is None:
            raise KeyError(f"{name} ({language})")
        self._changed[name, language] = (_STATUS[event], reason)
        return {
            "event": event,
            "message_template_id": int(template["id"]),
            "message_template_name": name,
            "message_template_language": language,
            "reason": reason,
        }
