"""Webhooks of Meta's Graph API: one endpoint for all its products, told apart by `object`.

Fact from Meta's "Webhooks from Meta: getting started": the body is
`{"object": <product>, "entry": [...]}`; each product has its own entries.
"""

from __future__ import annotations

from typing import Any

from vchat_tui.channels import whatsapp_inbound
from vchat_tui.channels.facts import Fact, Parsed
from vchat_tui.channels.payload import Unreadable, decode
from vchat_tui.i18n import _
from vchat_tui.text import clean

MAX_PROBLEMS = 50
"""Sentences kept of one body; a million broken elements fit into the size that Meta allows."""

_READERS = {"whatsapp_business_account": whatsapp_inbound.read_account}


def parse(body: bytes) -> Parsed:
    """What a webhook body says.

    Pure, and never raises: what cannot be read is a sentence in `problems`, beside the facts of
    all that can.

    Args:
        body: the raw bytes, as they were signed.
    """
    try:
        payload = decode(body)
    except Unreadable as error:
        return Parsed((), (str(error),))
    facts: list[Fact] = []
    problems: list[str] = []
    # Meta's own samples show an array as root now and then.
    for part in payload if isinstance(payload, list) else [payload]:
        _read(part, facts, problems)
    if len(problems) > MAX_PROBLEMS:
        more = len(problems) - MAX_PROBLEMS
        problems[MAX_PROBLEMS:] = [_("{number} more parts could not be read.").format(number=more)]
    return Parsed(tuple(facts), tuple(problems))


def _read(payload: Any, facts: list[Fact], problems: list[str]) -> None:
    if not isinstance(payload, dict):
        problems.append(_("The body is not a JSON object."))
        return
    kind = payload.get("object")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        name = clean(str(kind)[:40], one_line=True) if isinstance(kind, str) else "–"
        problems.append(_("Unsupported object “{name}”.").format(name=name))
        return
    reader(payload, facts, problems)
