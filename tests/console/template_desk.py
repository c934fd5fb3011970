"""A desk in memory that has templates, one for every kind of part."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from stub_desk import NOW, StubDesk, make_item

from vchat_tui import merge_fields
from vchat_tui.channels.base import Problem
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.events import TemplatesChanged
from vchat_tui.models import Direction, Message, Status
from vchat_tui.simulator.templates import TEMPLATES
from vchat_tui.templates import FillError, Template, TemplatePage, fill, unusable

MERGE = {"recipient_name": "Ana Belén Ríos", "user_name": "Ana Belén Ríos", "agent_name": "Eva"}


def known_templates() -> dict[int, Template]:
    """What the simulated account has, by our id, in the order of a list."""
    listed = sorted(TEMPLATES, key=lambda template: (template["name"], template["language"]))
    return {
        number: Template(
            id=number,
            inbox_id=1,
            channel="whatsapp_cloud",
            provider_id=template["id"],
            name=template["name"],
            language=template["language"],
            category=template["category"],
            status=template["status"],
            components=tuple(template["components"]),
        )
        for number, template in enumerate(listed, 1)
    }


class TemplateDesk(StubDesk):
    """The usual desk, with templates. `page` tells how the last reading went."""

    def __init__(self) -> None:
        super().__init__()
        self.templates = known_templates()
        self.page = TemplatePage(rows=(), total=0, channel="whatsapp_cloud", synced_at=NOW)
        self.fallback: Problem | None = None

    def called(self, name: str) -> Template:
        """The template of this name."""
        return next(row for row in self.templates.values() if row.name == name)

    def _list_templates(self, call: calls.ListTemplates) -> TemplatePage:
        words = call.words.casefold().split()
        rows = [
            row
            for row in self.templates.values()
            if all(w in f"{row.name} {row.language} {row.category} {row.status}".casefold()
                   for w in words)
            and not (call.sendable and unusable(row))
        ]  # fmt: skip
        shown = tuple(rows[call.offset : call.offset + call.limit])
        return replace(self.page, rows=shown, total=len(rows), offset=call.offset)

    def _sync_templates(self, _call: object) -> TemplatePage:
        self.push(TemplatesChanged())
        return self.page

    def _hide_template(self, call: calls.HideTemplate) -> Template:
        changed = replace(self.templates[call.template_id], hidden=call.hidden)
        self.templates[call.template_id] = changed
        self.push(TemplatesChanged())
        return changed

    def _check_fallback(self, _call: object) -> Any:
        return self.fallback

    def _discard_held(self, _call: object) -> None:
        return None

    def _merge_values(self, _call: object) -> dict[str, str]:
        return MERGE

    def _send_template(self, call: calls.SendTemplate) -> Message:
        template = self.templates[call.template_id]
        try:
            values = {place: merge_fields.fill(text, MERGE) for place, text in call.values.items()}
            filled = fill(template, values)
        except FillError as error:
            raise DeskError(error.message, field=error.place, **error.values) from None
        item = make_item(900, filled.text, minutes=0, direction=Direction.OUT, status=Status.QUEUED)
        return replace(item.message, type="template", template=filled.use)
