"""The recorded shapes of WhatsApp webhooks: files with a body and the facts that are in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from vchat_tui.channels.facts import Fact

FOLDER = Path(__file__).parents[1] / "fixtures" / "whatsapp"
NAMES = sorted(file.stem for file in FOLDER.glob("*.json"))


def sample(name: str) -> dict[str, Any]:
    """A sample: `about`, `body`, `facts`."""
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return loaded


def body_of(name: str) -> bytes:
    """A sample's body as Meta sends it: escaped to ASCII, slashes too."""
    return json.dumps(sample(name)["body"]).replace("/", "\\/").encode()


def as_json(fact: Fact) -> dict[str, Any]:
    """A fact as scripts see it."""
    shown: dict[str, Any] = json.loads(msgspec.json.encode(fact))
    return shown
