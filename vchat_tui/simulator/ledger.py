"""What Meta took in: every accepted request, and how many were refused."""

from __future__ import annotations

from collections import Counter, deque
from typing import Any

import msgspec

KEPT = 100_000


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An accepted request.

    `kind`: "message", or "read" for a read receipt. `recipient`: the customer's key in the cast,
    or the digits of a stranger. `at`: Unix seconds.
    """

    number: int
    at: float
    kind: str
    id: str
    recipient: str
    type: str
    callback_data: str | None
    body: dict[str, Any]


class Ledger:
    """Accepted requests in order (the last 100,000), and counts of all."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self.accepted = 0
        self.refused: Counter[int] = Counter()

    def add(
        self, *, at: float, kind: str, message_id: str, recipient: str, body: dict[str, Any]
    ) -> Entry:
        """Write an accepted request down."""
        self.accepted += 1
        entry = Entry(
            number=self.accepted,
            at=at,
            kind=kind,
            id=message_id,
            recipient=recipient,
            type=kind if kind == "read" else body.get("type", "text"),
            callback_data=body.get("biz_opaque_callback_data"),
            body=body,
        )
        self._entries.append(entry)
        return entry

    def entries(self, after: int = 0, kind: str | None = None) -> list[Entry]:
        """What was accepted, oldest first.

        Args:
            after: only entries with a higher number.
            kind: "message" or "read"; None: both.
        """
        return [e for e in self._entries if e.number > after and kind in (None, e.kind)]

    def messages(self) -> list[Entry]:
        """Every message accepted, without read receipts."""
        return self.entries(kind="message")
