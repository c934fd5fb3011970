"""A server small enough for the tests of `spawn`: the lock, the socket and a desk in memory.

Ends by itself when no console was there for `--linger` seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from memory_desk import MemoryDesk

from vchat_tui.consoles import Consoles, Limits
from vchat_tui.home import Home, HomeError


async def serve(home: Home, linger: float) -> None:
    idle = asyncio.Event()
    consoles = Consoles(MemoryDesk(), idle.set, limits=Limits(linger=linger))
    await consoles.listen(home.socket)
    await idle.wait()
    await consoles.close()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--attached", action="store_true", required=True)
    parser.add_argument("--linger", type=float, default=1.0)
    parser.add_argument("--fail", action="store_true")
    arguments = parser.parse_args()
    if arguments.fail:
        print("\x1b[31mline of an earlier day\n" * 20 + "port 443 is taken", file=sys.stderr)
        return 1
    home = Home(arguments.home)
    try:
        lock = home.acquire()
    except HomeError as error:
        print(error, file=sys.stderr)
        return 1
    with lock:
        asyncio.run(serve(home, arguments.linger))
    return 0


if __name__ == "__main__":
    sys.exit(main())
