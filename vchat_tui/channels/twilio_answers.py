"""What Twilio answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vchat_tui.channels.http_statuses import LONGEST_WORDS, read_payload, status_error
from vchat_tui.channels.payload import text_at
from vchat_tui.models import MessageError

if TYPE_CHECKING:
    from vchat_tui.channels.http import Answer


def read_error(answer: Answer) -> MessageError:
    """Why Twilio refused. `{"code": 21211, "message": "...", "more_info": "...", "status": 400}`"""
    payload = read_payload(answer)
    code, words = text_at(payload, "code"), text_at(payload, "message")
    if code is None:
        return status_error(answer.status)
    return MessageError(code=code[:40], title=words and words[:LONGEST_WORDS])
