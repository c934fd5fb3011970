"""The console with a simulated provider and customers who talk, in a throw-away home."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from vchat_tui import i18n
from vchat_tui.app import run_console
from vchat_tui.desk.calls import SaveAgent, SaveInbox, SaveServerSettings
from vchat_tui.home import Home
from vchat_tui.remote import RemoteDesk
from vchat_tui.simulator import account, shop
from vchat_tui.spawn import SERVE

STOP_SECONDS = 10

AGENTS = (
    SaveAgent(name="Ana Ruiz", department="Ventas", language="es", admin=True),
    SaveAgent(name="Ben Carter", department="Support", language="en"),
    SaveAgent(name="Carla Soto", department="Ventas", language="es"),
)


def run_demo(*, pace: float, seed: int, agent: str | None = None) -> int:
    """Runs the demo until the person leaves; answers the exit code.

    Args:
        pace: seconds between customers' messages.
        seed: of the customers' stories.
        agent: the name of who sits here; None: the first of the make-believe ones.
    """
    home = Home(Path(tempfile.mkdtemp(prefix="vchat-demo-")))
    home.prepare()
    port = free_port()
    processes = [_simulator(port, pace, seed)]
    try:
        import_module("vchat_tui.desk.local")  # it takes its time: while the simulator starts
        meta, twilio = _said(processes[0], "simulator on "), _said(processes[0], "SMS on ")
        if not (meta and twilio):
            print("vchat-tui: the simulator did not start", file=sys.stderr)
            return 1
        asyncio.run(configure(home, port, meta, twilio))
        processes.append(_server(home, port))
        desk = RemoteDesk(home.socket)
        return run_console(desk, home.path, i18n.preferred(), agent or AGENTS[0].name)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(STOP_SECONDS)
        shutil.rmtree(home.path, ignore_errors=True)


def free_port() -> int:
    """A port of this machine on which nobody listens now."""
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
            "--sms-callback", f"http://127.0.0.1:{port}/webhooks/twilio",
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


def _said(simulator: subprocess.Popen[bytes], prefix: str) -> str:
    """What the next line tells after its first words; empty where it says something else."""
    assert simulator.stdout is not None
    line = simulator.stdout.readline().decode().strip()
    return line.removeprefix(prefix) if line.startswith(prefix) else ""


async def configure(home: Home, port: int, meta: str, twilio: str) -> None:
    """Adds the simulated numbers and the agents to the home, before any server runs on it.

    Args:
        port: of our listener: no provider but the simulated ones reaches it.
        meta: the base URL of the simulated Meta.
        twilio: the base URL of the simulated Twilio.
    """
    from vchat_tui.desk.local import LocalDesk

    values = {"public_url": f"http://127.0.0.1:{port}"}
    with home.acquire():
        desk = await LocalDesk.open(home, working=False)
        try:
            await desk.call(SaveServerSettings(values=values))
            await desk.call(_whatsapp(meta))
            await desk.call(_sms(twilio))
            for agent in AGENTS:
                await desk.call(agent)
        finally:
            await desk.close()


def _whatsapp(base_url: str) -> SaveInbox:
    return SaveInbox(
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


def _sms(base_url: str) -> SaveInbox:
    return SaveInbox(
        name="SMS Aurora",
        channel="sms_twilio",
        values={
            "account_sid": account.TWILIO_ACCOUNT_SID,
            "auth_token": account.TWILIO_AUTH_TOKEN,
            "sender": account.TWILIO_NUMBER,
            "api_base_url": base_url,
        },
    )
