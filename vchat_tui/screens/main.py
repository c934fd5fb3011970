"""The main screen: conversations, timeline with composer, details on demand."""

from __future__ import annotations

from textual.screen import Screen


class MainScreen(Screen[None]):
    """Where an agent lives."""
