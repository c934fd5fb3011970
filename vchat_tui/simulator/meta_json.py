"""JSON as Meta writes it, in webhooks and in answers: ASCII only, slashes escaped."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response


def encode(content: Any) -> bytes:
    """JSON with Meta's escapes: \\u00e9 for é, \\/ for a slash."""
    return json.dumps(content, separators=(",", ":")).replace("/", "\\/").encode("ascii")


class MetaJSON(Response):
    """An answer of the Graph API. Whatever text is in it, it can be written."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The bytes of the answer."""
        return encode(content)
