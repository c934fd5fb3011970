"""From a conversation: choose a template, fill it in, send it. Works when the window is closed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from textual.app import App

from vchat_tui.channels.registry import capabilities
from vchat_tui.desk.calls import MergeValues, SendTemplate
from vchat_tui.i18n import _
from vchat_tui.models import Conversation
from vchat_tui.screens.template_form import Submit, TemplateValues, fill_in
from vchat_tui.screens.templates import TemplatesScreen
from vchat_tui.widgets.console import console


async def choose_and_fill(
    app: App[Any],
    inbox_id: int,
    submit: Submit | None = None,
    *,
    merge: Mapping[str, str] | None = None,
    action: str | None = None,
    carry: str = "",
) -> TemplateValues | None:
    """Asks for a template of an inbox and its values; who leaves the form is back at the list.
    From a worker.

    Args:
        submit, merge, action, carry: see `fill_in`.

    Returns:
        What `submit` took; None where the person left.
    """
    while True:
        template = await app.push_screen_wait(TemplatesScreen(inbox_id))
        if template is None:
            return None
        taken = await fill_in(app, template, submit, merge=merge, action=action, carry=carry)
        if taken is not None:
            return taken


async def send_template(app: App[Any], conversation: Conversation, carry: str = "") -> bool:
    """Sends a template in a conversation; whether one was. From a worker.

    Args:
        carry: a text that it is about; see `fill_in`.
    """
    here = console(app.screen)
    if not capabilities(conversation.channel).templates:
        here.say(_("This channel has no templates."), severity="warning")
        return False
    handed: list[TemplateValues] = []
    client_ids: list[str] = []

    async def submit(given: TemplateValues) -> None:
        if not handed or handed[-1] != given:  # the same again after a lost answer is one message
            handed.append(given)
            client_ids.append(str(uuid.uuid4()))
        await here.desk.call(
            SendTemplate(
                conversation_id=conversation.id,
                client_id=client_ids[-1],
                template_id=given.template_id,
                values=dict(given.values),
                author=here.author,
            )
        )

    merge = await here.desk.call(MergeValues(conversation_id=conversation.id, author=here.author))
    taken = await choose_and_fill(app, conversation.inbox_id, submit, merge=merge, carry=carry)
    return taken is not None
