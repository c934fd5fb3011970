"""The simulator as a provider for many strangers: none of its limits, and all of them have written.

Its argument is how many people have written. It ends when standard input closes.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from bench import ids
from vchat_tui.simulator.account import Account
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.world import Simulator, SimulatorSettings

LATENCY = 0.15  # seconds


async def main(people: int) -> None:
    """Runs until standard input closes."""
    knobs = Knobs(
        latency=LATENCY, sends_per_second=100_000, pair_seconds=0, window_hours=1_000,
        statuses=False,
    )  # fmt: skip
    account = Account(phone_number_id=ids.PHONE_NUMBER_ID)
    simulator = Simulator(SimulatorSettings(account=account, knobs=knobs))
    address = await simulator.start()
    # No webhook goes anywhere: there is no callback.
    simulator.send_webhook({"messages": [{"from": ids.recipient(n + 1)} for n in range(people)]})
    print(f"simulator on {address}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await simulator.stop()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
