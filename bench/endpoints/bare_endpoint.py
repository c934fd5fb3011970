"""The least that a webhook endpoint can do: check the signature, read the JSON, answer 200."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from serve_until_eof import APP_SECRET, PATH, serve

SECRET = APP_SECRET.encode()


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """One webhook."""
    body = b""
    more = True
    while more:
        event = await receive()
        body += event["body"]
        more = event["more_body"]
    given = dict(scope["headers"]).get(b"x-hub-signature-256", b"")
    expected = b"sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest().encode()
    good = scope["path"] == PATH and hmac.compare_digest(given, expected)
    if good:
        json.loads(body)
    headers = [(b"content-length", b"0")]
    status = 200 if good else 403
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    serve(app)
