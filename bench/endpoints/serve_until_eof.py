"""Serves an ASGI application on a free port until standard input closes."""

from __future__ import annotations

import socket
import sys
import threading
from typing import Any

import uvicorn

PATH = "/webhooks/meta"
APP_SECRET = "0123456789abcdef0123456789abcdef"


def serve(app: Any) -> None:
    """Serves, and says where."""
    bound = socket.create_server(("127.0.0.1", 0), backlog=1024)
    config = uvicorn.Config(
        app, http="httptools", loop="asyncio", ws="none", lifespan="off", log_level="warning",
        access_log=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    print(f"listening on http://127.0.0.1:{bound.getsockname()[1]}", flush=True)

    def wait_for_end() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=wait_for_end, daemon=True).start()
    server.run(sockets=[bound])
