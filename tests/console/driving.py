"""How tests drive a screen: open it, wait for what must come, read what is drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen

MOST_WAITS = 500


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    """Let the app run until the condition holds; fails where it never does."""
    for _ in range(MOST_WAITS):
        if condition():
            await pilot.pause()
            return
        await pilot.pause(0.01)
    raise AssertionError(f"it never came to that; on screen:\n{drawn(pilot)}")


def drawn(pilot: Pilot[Any]) -> str:
    """What stands on the screen, line by line."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


async def open_screen(pilot: Pilot[Any], screen: Screen[Any], sign: str) -> list[Any]:
    """Push a screen and wait until it shows some text.

    Returns:
        A list that gets what the screen dismisses with.
    """
    results: list[Any] = []
    await pilot.pause()
    await pilot.app.push_screen(screen, results.append)
    await until(pilot, lambda: sign in drawn(pilot))
    return results


async def type_text(pilot: Pilot[Any], text: str) -> None:
    """Press the keys of a text."""
    names = {" ": "space", "+": "plus", ".": "full_stop", ":": "colon", "/": "slash", "-": "minus"}
    await pilot.press(*(names.get(character, character) for character in text))
