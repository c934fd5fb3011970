"""Draws docs/images/console-<language>.svg from the desk that the tests of screens use."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "console"))

from stub_desk import NOW, StubDesk  # noqa: E402

from vchat_tui import i18n  # noqa: E402
from vchat_tui.app import VchatApp  # noqa: E402
from vchat_tui.clock import Clock  # noqa: E402


async def draw(language: str) -> None:
    """One picture: a conversation open, an answer half written."""
    i18n.use(language)
    app = VchatApp(StubDesk(), clock=Clock(now=lambda: NOW, zone=UTC))
    async with app.run_test(size=(120, 34)) as pilot:
        await pilot.pause()
        await pilot.press("down", "enter")
        await pilot.pause()
        await pilot.press(*"Claro que", "space", *"sí")
        await pilot.pause()
        picture = app.export_screenshot(title="vchat-tui")
    (ROOT / "docs" / "images" / f"console-{language}.svg").write_text(picture)


if __name__ == "__main__":
    for language in ("en", "es"):
        asyncio.run(draw(language))
