"""The server's log: one JSON object a line, no secrets, no words of customers.

Tokens are kept out of log lines to begin with; the filter here is the second net.
"""

from __future__ import annotations

import json
import logging
import os
import re
from logging.handlers import RotatingFileHandler
from pathlib import Path

MAX_BYTES = 5 * 1024 * 1024
KEPT = 5

_SECRETS = re.compile(
    r"EAA[0-9A-Za-z]{8,}"  # Meta access tokens
    r"|\b(?:AC|SK|MG|SM|MM)[0-9a-f]{32}\b"  # Twilio ids and keys
    r"|(?i:\b(?:bearer|basic)\s+[\w.~+/=-]{8,})"
    r"|(?i:\b(?:access_token|input_token|verify_token|hub\.verify_token|app_secret|auth_token|api_key)\b"
    r"[\"']?\s*[=:]\s*[\"']?[^\s\"'&,]+)"
)
_PHONE = re.compile(r"(?<![\w.-])\+?\d{6,13}(\d{4})(?![\w-]|\.\d)")


def redact(text: str) -> str:
    """The text without what looks like a secret, phone numbers down to their last four digits."""
    return _PHONE.sub(r"…\1", _SECRETS.sub("***", text))


class _Lines(logging.Formatter):
    """One record, one line: control characters in it are escaped by JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "from": record.name,
            "message": redact(record.getMessage()),
        }
        if record.exc_info:
            line["trace"] = redact(self.formatException(record.exc_info))
        return json.dumps(line)


class _PrivateFile(RotatingFileHandler):
    """A log file that only its owner reads."""

    def _open(self):  # type: ignore[no-untyped-def]
        return os.fdopen(
            os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a"
        )


def to_file(folder: Path, name: str = "server.log") -> None:
    """Sends the process's log to a file in `folder`."""
    logging.raiseExceptions = False  # on a full disk: no tracebacks on standard error instead
    handler = _PrivateFile(folder / name, maxBytes=MAX_BYTES, backupCount=KEPT)
    handler.setFormatter(_Lines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for talkative in ("httpx", "httpcore", "uvicorn", "websockets", "aiosqlite", "asyncio"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
