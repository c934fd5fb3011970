"""What the guided set-up saves: field by field, and the number itself once its ID is there."""

from __future__ import annotations

from collections.abc import Mapping

from vchat_tui.desk.calls import Desk, SaveInbox, SaveServerSettings
from vchat_tui.models import Inbox
from vchat_tui.screens.form import FormRow
from vchat_tui.settings import SERVER_FIELDS, generate_secret_key

CHANNEL = "whatsapp_cloud"
_OF_SERVER = frozenset(field.key for field in SERVER_FIELDS)


class Saving:
    """Gives rows to the desk.

    Attributes:
        inbox: the number; None until it is added.
        secret_key: one that was made or typed on this page; a stored one is never shown.
    """

    def __init__(self) -> None:
        self.inbox: Inbox | None = None
        self.secret_key = ""

    async def store(self, desk: Desk, row: FormRow, rows: Mapping[str, FormRow]) -> None:
        """Save what stands in a row.

        Args:
            rows: all of the page, by their keys; a new number begins with what is right in them.

        Raises:
            DeskError: refused; `field` names the row.
        """
        key = row.field.key
        if key in _OF_SERVER:
            saved = await desk.call(SaveServerSettings(values={key: row.typed}))
            row.stored(saved.get(key), None)
        elif self.inbox is not None:
            await self._save(desk, {key: row}, {})
        elif rows["phone_number_id"].typed and rows["phone_number_id"].check():
            sent = {one: each for one, each in rows.items() if _belongs_to_a_new_number(one, each)}
            made = {} if "verify_token" in sent else {"verify_token": generate_secret_key()}
            await self._save(desk, sent, made)
            for one in made:
                rows[one].stored(None, self.inbox.secrets.get(one) if self.inbox else None)

    async def _save(self, desk: Desk, sent: Mapping[str, FormRow], made: Mapping[str, str]) -> None:
        values = {key: row.typed for key, row in sent.items() if key != "name"} | dict(made)
        old_name = self.inbox.name if self.inbox else ""
        inbox = await desk.call(
            SaveInbox(
                inbox_id=self.inbox.id if self.inbox else None,
                name=str(sent["name"].typed) if "name" in sent else old_name,
                channel=CHANNEL,
                values=values,
                complete=False,
            )
        )
        self.inbox = inbox
        self.secret_key = str(values.get("verify_token", self.secret_key))
        stored = {**inbox.settings, "name": inbox.name}
        for key, row in sent.items():
            row.stored(stored.get(key), inbox.secrets.get(key))


def _belongs_to_a_new_number(key: str, row: FormRow) -> bool:
    return key == "name" or (key not in _OF_SERVER and row.changed and row.check())
