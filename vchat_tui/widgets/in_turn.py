"""Keys act in the order in which they were pressed.

Textual inserts a character as soon as the text box sees it, but lets a key with a binding
(Backspace, an arrow) travel up to the app first. Where several keys arrive at once, as they do
over a slow line, it would act after the characters behind it, and take away the wrong one.
"""

from __future__ import annotations

from textual import events
from textual.widget import Widget


async def act_in_turn(widget: Widget, event: events.Key) -> None:
    """Runs the widget's own binding for a key at once; call it first in `_on_key`."""
    for binding in widget._bindings.key_to_bindings.get(event.key, ()):
        if await widget.app.run_action(binding.action, widget):
            event.stop()
            event.prevent_default()
            return
