"""Runs an action of the table on the part of the screen that it belongs to."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from textual.app import App
from textual.dom import DOMNode

from vchat_tui.actions import Action


@runtime_checkable
class HasScopes(Protocol):
    """A screen of several parts: it knows which of them an action is for."""

    def node_of(self, scope: str) -> DOMNode:
        """The part where the actions of a scope live."""
        ...


async def run_table_action(app: App[Any], action: Action) -> None:
    """Do what the action's key would do, whatever has the focus."""
    screen = app.screen
    node = screen.node_of(action.scope) if isinstance(screen, HasScopes) else screen
    await app.run_action(action.run, default_namespace=node)
