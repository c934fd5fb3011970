"""The console over a desk whose every text means harm. Run on a terminal by a test.

Usage: console_app.py hostile|plain|raw: `plain` has the same customers without the harm; `raw` is
`hostile` with the guard taken out, to see that the test notices.
"""

from __future__ import annotations

import itertools
import random
import sys
from datetime import UTC
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
from hostile import HOSTILE

sys.path.insert(0, str(Path(__file__).parent.parent / "console"))

from stub_desk import NOW, StubDesk

from vchat_tui import text

MODE = sys.argv[1]
if MODE == "raw":
    text.clean = lambda raw, **_: text.SafeText(raw)  # type: ignore[assignment]

import kinds  # noqa: E402  (only now, so that nothing has the guard yet)

from vchat_tui.app import VchatApp  # noqa: E402
from vchat_tui.clock import Clock  # noqa: E402
from vchat_tui.desk.calls import DeskError, Retry  # noqa: E402
from vchat_tui.models import MessageError  # noqa: E402

# Short ones, that leave room for what is there by right; of every group some in every column.
_SHORT = [entry.text for entry in HOSTILE if 0 < len(entry.text) <= 40]
random.Random(7).shuffle(_SHORT)
POISONS = itertools.cycle(_SHORT)
# What a provider cannot choose: it decides what is drawn, not what it says.
OURS = ("type", "last_type", "channel", "state", "client_id", "provider_id", "message_id", "key")


def poisoned(value: Any) -> Any:
    """The same with something harmful before every text in it."""
    if MODE == "plain" or isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return f"{next(POISONS)} {value}"
    if isinstance(value, msgspec.Struct):
        fields = {
            name: poisoned(field)
            for name in value.__struct_fields__
            if name not in OURS and (field := getattr(value, name)) is not None
        }
        return msgspec.structs.replace(value, **fields)
    if isinstance(value, dict):
        return {key: item if key in OURS else poisoned(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(poisoned(item) for item in value)
    return value


def hostile_desk() -> StubDesk:
    """Customers, messages of every kind, inboxes and webhooks."""
    desk = StubDesk()
    desk.timelines[1] = list(kinds.ALL)
    desk.conversations = {key: poisoned(row) for key, row in desk.conversations.items()}
    desk.timelines = {
        key: [poisoned(item) for item in items] for key, items in desk.timelines.items()
    }
    desk.users = {key: poisoned(user) for key, user in desk.users.items()}
    paused = MessageError(code="131031", title="Account locked", details="Pay the bill")
    desk.inboxes = {
        key: poisoned(msgspec.structs.replace(inbox, paused=paused))
        for key, inbox in desk.inboxes.items()
    }
    desk.webhooks = {key: poisoned(hook) for key, hook in desk.webhooks.items()}
    desk.diagnostics = poisoned(
        msgspec.structs.replace(
            desk.diagnostics, listener_error="Port in use", last_bad_reason="signature"
        )
    )
    desk.refuse[Retry] = DeskError("refused: {why}", why=poisoned("[@click=app.quit]why[/nope]"))
    return desk


if __name__ == "__main__":
    clock = Clock(now=lambda: NOW, zone=UTC)
    app = VchatApp(hostile_desk(), clock=clock)
    app.run()
    sys.exit(app.return_code or 0)
