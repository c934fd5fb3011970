"""A template as it is drawn: as wide as a phone while it is filled in, and by name in a list."""

from __future__ import annotations

from textual.content import Content

from vchat_tui.i18n import _
from vchat_tui.models import TemplateUse
from vchat_tui.templates import Preview, PreviewButton
from vchat_tui.text import clean, fold

WIDTH = 40
"""Cells of a preview, frame included: about what a phone shows on a line."""

RULE = 24  # cells of the lines above and below: they never wrap


def category_name(category: str) -> str:
    """Meta's category in the reader's words."""
    names = {
        "MARKETING": _("marketing"),
        "UTILITY": _("utility"),
        "AUTHENTICATION": _("authentication"),
    }
    return names.get(category) or clean(category.lower(), one_line=True, limit=20)


def draw_preview(part: Preview) -> list[Content]:
    """A message in lines, framed above and below.

    There is no frame at the sides: terminals disagree on the width of what people write.
    """
    lines = [Content.styled("┌" + "─" * RULE, "$text-primary"), *_part(part)]
    for number, card in enumerate(part.cards, 1):
        lines.append(Content.styled(f"├─ {number}/{len(part.cards)} ─────", "$text-primary"))
        lines += _part(card)
    lines.append(Content.styled("└" + "─" * RULE, "$text-primary"))
    return lines


def _part(part: Preview) -> list[Content]:
    lines = []
    sign = header_sign(part.header_kind)
    if sign:
        lines.append(Content.styled(sign, "$text-primary"))
    if part.header:
        lines.append(Content.styled(clean(part.header, one_line=True), "bold"))
    if part.offer:
        lines.append(Content.styled("◷ " + clean(part.offer, one_line=True), "$text-warning"))
    if part.body:
        shown, hidden = fold(clean(part.body))
        lines.append(Content(shown + (f"\n… +{hidden}" if hidden else "")))
    if part.footer:
        lines.append(Content.styled(clean(part.footer, one_line=True), "dim"))
    return lines + [_button(button) for button in part.buttons]


def header_sign(kind: str) -> str:
    """What stands above the text where that is no text; empty where nothing does."""
    return {
        "image": "▣ " + _("Photo"),
        "video": "▶ " + _("Video"),
        "document": "▤ " + _("Document"),
        "location": "⌖ " + _("Location"),
        "product": "▥ " + _("Product"),
    }.get(kind, "")


def draw_use(use: TemplateUse) -> list[Content]:
    """What a message that was sent as a template was, above its text: name, language, file."""
    name = clean(use.name, one_line=True, limit=80)
    language = clean(use.language, one_line=True, limit=20)
    lines = [Content.styled(f"▧ {_('Template')} · {name} · {language}", "$text-primary")]
    for component in use.components:
        parameters = component.get("parameters")
        if component.get("type") == "header" and isinstance(parameters, list | tuple):
            kinds = [p.get("type") for p in parameters if isinstance(p, dict)]
            signs = [sign for kind in kinds if (sign := header_sign(str(kind)))]
            lines += [Content.styled(sign, "$text-primary") for sign in signs]
    return lines


def _button(button: PreviewButton) -> Content:
    text = clean(button.text, one_line=True, limit=100)
    detail = clean(button.detail, one_line=True, limit=300)
    parts: list[tuple[str, str]] = [("▐ ", "$text-accent"), (text, "bold $text-accent")]
    if detail:
        parts.append((f"\n  {detail}", "dim"))
    return Content.assemble(*parts)
