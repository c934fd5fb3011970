"""Headless Chromium, driven over its DevTools websocket."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-port=0",
    "--force-color-profile=srgb", "about:blank",
)  # fmt: skip


def program() -> str:
    """Where Chromium is; without it the test is skipped, or fails where it must not be."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        reason = "Chromium is not installed (Debian: apt-get install chromium)"
        if os.environ.get("VCHAT_REQUIRE_CONTRACTS") or os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


class Tab:
    """One page of the browser, as a person sees it."""

    def __init__(self, socket: ClientConnection, session: str) -> None:
        self._socket = socket
        self._session = session
        self._number = 0
        self.problems: list[str] = []  # what the browser complained of

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the DevTools protocol, and its answer."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": params}
        await self._socket.send(json.dumps(command | {"sessionId": self._session}))
        while True:
            heard = json.loads(await self._socket.recv())
            if heard.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown"):
                self.problems.append(json.dumps(heard["params"]))
            if heard.get("id") == self._number:
                assert "error" not in heard, heard
                answer: dict[str, Any] = heard["result"]
                return answer

    async def size(self, width: int, height: int, *, phone: bool) -> None:
        """The screen of a phone, or a window."""
        await self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=phone,
        )  # fmt: skip

    async def see(self, expression: str) -> Any:
        """The value of a JavaScript expression: the test's own, the page runs none."""
        answer = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    async def until(self, expression: str) -> None:
        """Waits until an expression is true."""
        async with asyncio.timeout(60):
            while not await self.see(expression):
                await asyncio.sleep(0.05)

    async def open(self, url: str) -> None:
        """Goes to an address and waits until its page is there."""
        await self.ask("Page.navigate", url=url)
        await self.until(
            f"location.href === {json.dumps(url)} && document.readyState === 'complete'"
        )

    async def press(self, selector: str) -> None:
        """A click in the middle of an element, as a person does it."""
        x, y = await self.see(
            f"(() => {{const b = document.querySelector('{selector}').getBoundingClientRect();"
            "return [b.x + b.width / 2, b.y + b.height / 2]})()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.ask(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
            )

    async def picture(self, path: Path) -> None:
        """What is seen, as a PNG."""
        answer = await self.ask("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(answer["data"]))


@asynccontextmanager
async def browser(profile: Path) -> AsyncIterator[ClientConnection]:
    """A fresh browser."""
    process = await asyncio.create_subprocess_exec(
        program(), *_FLAGS, f"--user-data-dir={profile}",
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        address = None
        while address is None:
            line = (await process.stderr.readline()).decode(errors="replace")
            assert line, "Chromium ended"
            address = re.search(r"ws://\S+", line)
        async with connect(address[0], max_size=None, compression=None) as socket:
            yield socket
    finally:
        process.kill()
        await process.communicate()


async def tab(socket: ClientConnection, *, apart: bool = False) -> Tab:
    """A page; `apart`: with cookies of its own, as in another browser."""
    number = 900_000

    async def ask(method: str, **params: Any) -> dict[str, Any]:
        nonlocal number
        number += 1
        await socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while (heard := json.loads(await socket.recv())).get("id") != number:
            pass
        answer: dict[str, Any] = heard["result"]
        return answer

    context = {}
    if apart:
        context = {
            "browserContextId": (await ask("Target.createBrowserContext"))["browserContextId"]
        }
    target = await ask("Target.createTarget", url="about:blank", **context)
    attached = await ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)
    page = Tab(socket, attached["sessionId"])
    await page.ask("Page.enable")
    await page.ask("Log.enable")
    return page
