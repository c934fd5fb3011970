"""The settings of notices, with their defaults, as the desk uses them."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from vchat_tui.channels import registry
from vchat_tui.desk.core import Core
from vchat_tui.models import Inbox
from vchat_tui.notice_rules import Audience, Way
from vchat_tui.settings import Secret
from vchat_tui.settings.notice_fields import DEFAULTS, LANGUAGES
from vchat_tui.store import inboxes, parts
from vchat_tui.store.changes import Changes

NOTICES = "notices"
SMTP = "smtp"
MINUTE_MS = 60_000
DAY_MS = 24 * 3_600_000


class Config(msgspec.Struct, frozen=True):
    """What an admin chose; `values` by the keys of `notice_fields.NOTICE_FIELDS`."""

    values: dict[str, Any]

    def ways(self, audience: Audience) -> frozenset[Way]:
        """The ways that are switched on."""
        return frozenset(way for way in Way if self.values[f"{audience}s_{way}"])

    def text(self, audience: Audience, part: str, language: str) -> str:
        """A text with merge fields. `part`: `sms_text`, `email_subject`, `email_text`."""
        return str(self.values[f"{audience}s_{part}_{language}"])

    def language(self, wanted: str | None) -> str:
        """The language for somebody, of those in which there are texts."""
        code = (wanted or "")[:2].lower()
        return code if code in LANGUAGES else str(self.values["language"])

    @property
    def spare_admins(self) -> bool:
        """Administrators get no e-mail."""
        return bool(self.values["spare_admins"])

    @property
    def online_ms(self) -> int:
        """How long a customer counts as online after they wrote."""
        return round(float(self.values["online_minutes"]) * MINUTE_MS)

    @property
    def bundle_ms(self) -> int:
        """How much lies between two notices to a person."""
        return round(float(self.values["bundle_minutes"]) * MINUTE_MS)

    @property
    def keep_ms(self) -> int:
        """How long the list is kept."""
        return round(float(self.values["keep_days"]) * DAY_MS)


def read(db: sqlite3.Connection) -> Config:
    """The settings as they are now."""
    return Config(DEFAULTS | parts.settings(db, NOTICES))


def sms_inboxes(db: sqlite3.Connection) -> list[Inbox]:
    """The inboxes that can send an SMS to anybody."""
    return [inbox for inbox in inboxes.everything(db) if registry.is_sms(inbox.channel)]


def sms_inbox(db: sqlite3.Connection, config: Config) -> Inbox | None:
    """The inbox that sends the SMS of notices: the chosen one, else the only one."""
    able = sms_inboxes(db)
    wanted = config.values.get("sms_inbox")
    if wanted:
        return next((inbox for inbox in able if inbox.name == wanted), None)
    return able[0] if len(able) == 1 else None


def renamed(db: sqlite3.Connection, old: str, new: str, changes: Changes) -> None:
    """An inbox has another name; it goes on sending the SMS where it did."""
    if parts.settings(db, NOTICES).get("sms_inbox") == old:
        parts.save(db, NOTICES, {"sms_inbox": new}, changes)


def password(db: sqlite3.Connection, core: Core) -> Secret | None:
    """The password of the mail server.

    Raises:
        KeyFileError: our key does not open it.
    """
    sealed = parts.sealed_secret(db, SMTP, "password")
    return core.keys.open(sealed, password_place()) if sealed else None


def password_place() -> str:
    """Where it lies: part of its seal, so that it opens nowhere else."""
    return f"part:{SMTP}:password"
