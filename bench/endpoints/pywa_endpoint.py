"""pywa's webhook endpoint as its documentation sets it up, with handlers that do nothing."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pywa_async import WhatsApp
from serve_until_eof import APP_SECRET, PATH, serve

app = FastAPI()
client = WhatsApp(
    phone_id="106540352242922",
    token="not-used",
    server=app,
    webhook_endpoint=PATH,
    verify_token="not-used",
    app_secret=APP_SECRET,
    validate_updates=True,
)


@client.on_message
async def on_message(_: WhatsApp, message: Any) -> None:
    """A message came."""


@client.on_message_status
async def on_status(_: WhatsApp, status: Any) -> None:
    """A status came."""


if __name__ == "__main__":
    serve(app)
