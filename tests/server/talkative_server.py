"""The server with every library telling everything in the log: `HOME` is the only argument.

It breaks down by itself on SIGUSR1, with an exception that nobody expects.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from pathlib import Path

from vchat_tui import logs, server
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home


class Breakable(LocalDesk):
    """A desk of which a part breaks on SIGUSR1."""

    async def failure(self) -> BaseException:
        broken = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, broken.set)
        await broken.wait()
        secrets = await self.services.core.secrets()  # locals of the frame that breaks
        tokens = [secret.reveal() for secret in secrets.values()]
        try:
            raise ValueError(f"broke with {len(tokens)} tokens at hand: {secrets}")
        except ValueError as error:
            return error


def main() -> None:
    """Serves until it is told to stop."""
    home = Home(Path(sys.argv[1]))
    home.prepare()
    logs.to_file(home.logs)
    for name in (None, "httpx", "httpcore", "uvicorn", "websockets", "aiosqlite", "asyncio"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    server.LocalDesk = Breakable  # type: ignore[misc]

    def ready(address: str | None) -> None:
        print(f"listening on {address}", flush=True)

    asyncio.run(server.serve(home, port=0, ready=ready), debug=True)


if __name__ == "__main__":
    main()
