"""Webhooks of Meta's Graph API: one endpoint for all its products, told apart by `object`.

Fact from Meta's "Webhooks from Meta: getting started": the body is
`{"object": <product>, "entry": [...]}`; each product has its own entries.
"""

from __future__ import annotations

from collections.abc import Callable
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
    return read_parts(body, _read)


def read_parts(
    body: bytes, read: Callable[[dict[str, Any], list[Fact], list[str]], None]
) -> Parsed:
    """What a body says, object by object.

    Args:
        body: the raw bytes.
        read: adds to the facts and the problems what one object says.
    """
    try:
        payload = decode(body)
    except Unreadable as error:
        return Parsed((), (str(error),))
    facts: list[Fact] = []
    problems: list[str] = []
    # Meta's own samples show an array as root now and then.
    for part in payload if isinstance(payload, list) else [payload]:
        if isinstance(part, dict):
            read(part, facts, problems)
        else:
            problems.append(_("The body is not a JSON object."))
    if len(problems) > MAX_PROBLEMS:
        more = len(problems) - MAX_PROBLEMS
        problems[MAX_PROBLEMS:] = [_("{number} more parts could not be read.").format(number=more)]
    return Parsed(tuple(facts), tuple(problems))


def unsupported(payload: dict[str, Any]) -> str:
    """A sentence on an object of a kind that nothing here reads."""
    kind = payload.get("object")
    name = clean(str(kind)[:40], one_line=True) if isinstance(kind, str) else "–"
    return _("Unsupported object “{name}”.").format(name=name)


def _read(payload: dict[str, Any], facts: list[Fact], problems: list[str]) -> None:
    kind = payload.get("object")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        problems.append(unsupported(payload))
        return
    reader(payload, facts, problems)
