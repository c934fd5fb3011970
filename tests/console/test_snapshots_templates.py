"""How the screens of templates look, at the two sizes that matter, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from template_desk import MERGE, TemplateDesk
from test_snapshots_screens import LARGE, SMALL, settled
from textual.pilot import Pilot
from textual.screen import Screen

from vchat_tui import i18n
from vchat_tui.app import VchatApp
from vchat_tui.models import MessageError
from vchat_tui.screens.template_form import TemplateForm, TemplateValues
from vchat_tui.screens.templates import TemplatesScreen


async def refuse(_values: TemplateValues) -> None:
    """Nothing is sent for a picture."""


def form(desk: TemplateDesk) -> Screen[Any]:
    values = {"body.1": "{recipient_name|cliente}", "button.0": "48213"}
    return TemplateForm(desk.called("pedido_en_camino"), refuse, merge=MERGE, values=values)


SCREENS: dict[str, Callable[[TemplateDesk], Screen[Any]]] = {
    "list": lambda desk: TemplatesScreen(1),
    "all": lambda desk: TemplatesScreen(1, manage=True),
    "form": form,
}


@pytest.mark.parametrize(
    ("name", "size", "language"),
    [("list", SMALL, "es"), ("all", LARGE, "en"), ("form", SMALL, "en"), ("form", LARGE, "es")],
)
def test_picture(
    name: str,
    size: tuple[int, int],
    language: str,
    make_app: Callable[..., VchatApp],
    snap_compare: Callable[..., bool],
) -> None:
    i18n.use(language)
    desk = TemplateDesk()
    if name == "all":
        desk.page = replace(desk.page, error=MessageError(code="190", title="no"))
    app = make_app(desk)

    async def show(pilot: Pilot[Any]) -> None:
        app.theme = "textual-dark"
        await app.push_screen(SCREENS[name](desk))
        await settled(pilot)
        if name == "form":
            await pilot.press("ctrl+s")  # what is missing is said
            await settled(pilot)

    assert snap_compare(app, terminal_size=size, run_before=show)
