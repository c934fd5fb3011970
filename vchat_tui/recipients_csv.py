"""The results of a broadcast as CSV, for a spreadsheet: whatever a name says, it is no formula.

Every cell is quoted (RFC 4180), and one that a spreadsheet would calculate begins with an
apostrophe (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import io
import os
import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from vchat_tui.broadcast_models import Recipient
from vchat_tui.text import clean

HEADER = (
    "number", "user_id", "name", "address", "state", "reason", "error_code", "error", "message_id",
    "conversation_id", "queued_at", "delivered_at", "read_at",
)  # fmt: skip
PART = ".part"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell(value: object) -> str:
    """One cell: text that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    text = clean(str(value), one_line=True)
    return f"'{text}" if str(value).strip(" ").startswith(_FORMULA) else str(text)


def lines(recipients: Iterable[Recipient], *, header: bool = False) -> str:
    """Rows, each with its line end."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    if header:
        writer.writerow(HEADER)
    for row in recipients:
        error = row.error
        values = (
            row.number, row.user_id, row.name, _plus(row.address), row.state, row.reason,
            error.code if error else None, (error.details or error.title) if error else None,
            row.message_id, row.conversation_id, row.queued_at, row.delivered_at, row.read_at,
        )  # fmt: skip
        writer.writerow([cell(value) for value in values])
    return out.getvalue()


def _plus(address: str | None) -> str | None:
    return f"+{address}" if address and address.isdigit() else address


def new_file(folder: Path, name: str) -> Path:
    """Makes an empty file for its owner alone, to be written and then given its name by `finish`:
    what was interrupted is not taken for the whole.

    Args:
        name: foreign text; what is kept of it is letters, digits, and signs that mean nothing.

    Raises:
        OSError: it cannot be made there.
    """
    path = folder / f".{_word(name)}-{secrets.token_hex(4)}{PART}"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return path


def finish(part: Path, name: str) -> Path:
    """Gives a finished file its name; one that is there already is never replaced.

    Raises:
        OSError: it cannot be named so.
    """
    for number in range(1, 1000):
        path = part.with_name(f"{_word(name)}{'' if number == 1 else f'-{number}'}.csv")
        if give_name(part, path):
            return path
    raise FileExistsError(17, "too many files of this name", str(part.parent))


def give_name(part: Path, path: Path) -> bool:
    """Gives a file its final name, unless something has it already: then False.

    Raises:
        OSError: it cannot be named so.
    """
    try:
        os.link(part, path)
    except FileExistsError:
        return False
    except OSError:  # a disk that knows no second names
        if path.exists():
            return False
        part.rename(path)
        return True
    part.unlink()
    return True


def _word(name: str) -> str:
    word = "".join(c if c.isalnum() and c.isascii() else "-" for c in name).strip("-")[:60]
    return word or "broadcast"
