"""Who is told by SMS and e-mail, through what, and with which words."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from vchat_tui.desk.calls import GetNoticeSettings, SaveNoticeSettings
from vchat_tui.i18n import _
from vchat_tui.notice_models import NoticeSettings
from vchat_tui.screens.form import Form
from vchat_tui.screens.form_page import FormPage
from vchat_tui.settings.field import Field
from vchat_tui.settings.notice_fields import NOTICE_FIELDS
from vchat_tui.settings.smtp_fields import SMTP_FIELDS
from vchat_tui.text import clean
from vchat_tui.widgets.console import console

_TEXTS_BEGIN = next(
    place for place, field in enumerate(NOTICE_FIELDS) if field.key == "agents_sms_text_es"
)


class NoticeSettingsScreen(FormPage):
    """Switches first, then the mail server, then the texts."""

    def heading(self) -> str:
        """The title line."""
        return _("Notices: settings")

    async def read_form(self) -> Form:
        """What is stored now."""
        stored = await console(self).desk.call(GetNoticeSettings())
        return Form(_fields(stored), {**stored.smtp, **stored.notices}, stored.secrets)

    async def save_values(self, values: dict[str, Any]) -> None:
        """Save all of them."""
        smtp = {field.key for field in SMTP_FIELDS}
        await console(self).desk.call(
            SaveNoticeSettings(
                notices={key: value for key, value in values.items() if key not in smtp},
                smtp={key: value for key, value in values.items() if key in smtp},
            )
        )


def _fields(stored: NoticeSettings) -> list[Field]:
    """The table in the order of the form; the SMS inbox is chosen among those that there are."""
    names = tuple(clean(name, one_line=True) for name in stored.sms_inboxes)
    general = [
        replace(field, kind="choice", choices=names)
        if field.key == "sms_inbox" and names == stored.sms_inboxes
        else field
        for field in NOTICE_FIELDS[:_TEXTS_BEGIN]
    ]
    return [*general, *SMTP_FIELDS, *NOTICE_FIELDS[_TEXTS_BEGIN:]]
