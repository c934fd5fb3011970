"""The console with a simulated provider and customers who talk, in a throw-away home."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from vchat_tui import i18n
from vchat_tui.app import run_console
from vchat_tui.desk.calls import SaveInbox
from vchat_tui.home import Home
from vchat_tui.remote import RemoteDesk
from vchat_tui.simulator import account, shop
from vchat_tui.spawn import SERVE

STOP_SECONDS = 10


def run_demo(*, pace: float, seed: int) -> int:
    """Runs the demo until the person leaves; answers the exit code.

    Args:
        pace: seconds between customers' messages.
        seed: of the customers' stories.
    """
    home = Home(Path(tempfile.mkdtemp(prefix="vchat-demo-")))
    home.prepare()
    port = _free_port()
    processes = [_simulator(port, pace, seed)]
    try:
        assert processes[0].stdout is not None
        base_url = processes[0].stdout.readline().decode().removeprefix("simulator on ").strip()
        if not base_url:
            print("vchat-tui: the simulator did not start", file=sys.stderr)
            return 1
        asyncio.run(_configure(home, base_url))
        processes.append(_server(home, port))
        desk = RemoteDesk(home.socket)
        return run_console(desk, home.path, i18n.preferred())
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(STOP_SECONDS)
        shutil.rmtree(home.path, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _simulator(port: int, pace: float, seed: int) -> subprocess.Popen[bytes]:
    # Its standard input is a pipe that closes with us: it never outlives the demo.
    return subprocess.Popen(
        [
            sys.executable, "-P", "-m", "vchat_tui", "simulate", "--stop-with-stdin",
            "--callback", f"http://127.0.0.1:{port}/webhooks/meta",
            "--pace", str(pace), "--seed", str(seed),
        ],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip


def _server(home: Home, port: int) -> subprocess.Popen[bytes]:
    # Attached: should this process be killed, the server ends with its last console.
    return subprocess.Popen(
        [*SERVE, "--home", str(home.path), "--port", str(port), "--attached"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip


async def _configure(home: Home, base_url: str) -> None:
    """Adds the simulated number to the home, before any server runs on it."""
    from vchat_tui.desk.local import LocalDesk

    with home.acquire():
        desk = await LocalDesk.open(home, working=False)
        try:
            await desk.call(
                SaveInbox(
                    name=account.VERIFIED_NAME,
                    channel="whatsapp_cloud",
                    values={
                        "phone_number_id": account.PHONE_NUMBER_ID,
                        "business_account_id": account.BUSINESS_ACCOUNT_ID,
                        "access_token": account.ACCESS_TOKEN,
                        "app_secret": account.APP_SECRET,
                        "verify_token": account.VERIFY_TOKEN,
                        "api_base_url": base_url,
                        "order_webhook_url": base_url + shop.PATH,
                        "order_webhook_secret": account.SHOP_SECRET,
                        "order_webhook_private": True,
                    },
                )
            )
        finally:
            await desk.close()
