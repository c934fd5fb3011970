"""Settings of the server itself."""

from __future__ import annotations

from typing import Any

from vchat_tui.desk.calls import GetServerSettings, SaveServerSettings
from vchat_tui.i18n import _
from vchat_tui.screens.form import Form
from vchat_tui.screens.form_page import FormPage
from vchat_tui.settings import SERVER_FIELDS
from vchat_tui.widgets.console import console


class ServerSettingsScreen(FormPage):
    """The table of server settings as a form."""

    def heading(self) -> str:
        """The title line."""
        return _("Server settings")

    async def read_form(self) -> Form:
        """What is stored now."""
        stored = await console(self).desk.call(GetServerSettings())
        return Form(SERVER_FIELDS, stored)

    async def save_values(self, values: dict[str, Any]) -> None:
        """Save all of them."""
        await console(self).desk.call(SaveServerSettings(values=values))
