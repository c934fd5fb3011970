"""Settings from a TOML file: `vchat-tui config apply`.

The whole file is checked before anything is changed, so a mistake in the last inbox does not
leave the first one half applied. Applying a file twice changes nothing.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

from vchat_tui import settings
from vchat_tui.desk import calls
from vchat_tui.desk.calls import Desk, DeskError
from vchat_tui.fold import fold_key
from vchat_tui.i18n import _
from vchat_tui.models import Agent, Inbox
from vchat_tui.settings import SettingError
from vchat_tui.settings.agent_fields import AGENT_FIELDS
from vchat_tui.settings.notice_fields import NOTICE_FIELDS
from vchat_tui.settings.smtp_fields import SMTP_FIELDS

PARTS = {"notices": NOTICE_FIELDS, "smtp": SMTP_FIELDS}
"""Tables of the server's parts: a desk takes both in one call."""


class ConfigError(Exception):
    """The file cannot be applied; the text names the file, the inbox and the setting."""


class ConfigFile:
    """A file's settings. Make it with `read`, then `apply` it.

    Args:
        name: how the file is called in errors.
        values: its TOML.

    Raises:
        ConfigError: it does not consist of [server], [notices], [smtp], [[inbox]] and [[agent]]
            tables.
    """

    def __init__(self, name: str, values: dict[str, Any]) -> None:
        self.name = name
        unknown = sorted(set(values) - {"server", "inbox", "agent", *PARTS})
        if unknown:
            raise self._error(
                _(
                    "[{name}] is not known; there are [server], [notices], [smtp], [[inbox]] and"
                    " [[agent]]"
                ),
                name=unknown[0],
            )
        self._server = values.get("server", {})
        self._inboxes = values.get("inbox", [])
        self._agents = values.get("agent", [])
        self._parts = {part: values[part] for part in PARTS if part in values}
        for name, table in {"server": self._server, **self._parts}.items():
            if not isinstance(table, dict):
                raise self._error(_("[{name}] must be a table"), name=name)
        if not _are_tables(self._inboxes):
            raise self._error(_("an inbox begins with [[inbox]], in double brackets"))
        if not _are_tables(self._agents):
            raise self._error(_("an agent begins with [[agent]], in double brackets"))

    @classmethod
    def read(cls, name: str) -> ConfigFile:
        """Reads a file, or standard input where the name is `-`.

        Raises:
            ConfigError: it cannot be read, or is not TOML.
        """
        shown = _("standard input") if name == "-" else name
        try:
            raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
            return cls(shown, tomllib.loads(raw.decode("utf-8-sig")))
        except OSError as error:
            raise ConfigError(f"{shown}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise ConfigError(_("{file}: is not text in UTF-8").format(file=shown)) from None
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise ConfigError(f"{shown}: {error}") from None

    async def apply(self, desk: Desk) -> None:
        """Checks everything, then saves it.

        Raises:
            ConfigError: something is wrong with a setting.
        """
        known = {inbox.name: inbox for inbox in await desk.call(calls.ListInboxes())}
        try:
            server = settings.clean_values(settings.SERVER_FIELDS, self._server)
        except SettingError as error:
            raise self._wrong("[server]", error.key, error.message, error.values) from None
        wanted = self._checked(known)
        parts = self._checked_parts()
        agents = self._checked_agents(await desk.call(calls.ListAgents()))
        if server:
            await desk.call(calls.SaveServerSettings(values=server))
        for save in wanted:
            try:
                await desk.call(save)
            except DeskError as error:
                raise self._wrong(
                    _inbox(save.name), error.field, error.message, error.values
                ) from None
        for agent in agents:
            try:
                await desk.call(agent)
            except DeskError as error:
                where = _agent(agent.name or "")
                raise self._wrong(where, error.field, error.message, error.values) from None

        if parts:  # after the inboxes: one of them may send the SMS
            try:
                await desk.call(calls.SaveNoticeSettings(**parts))
            except DeskError as error:
                part = next((p for p in parts if error.field in parts[p]), "notices")
                raise self._wrong(f"[{part}]", error.field, error.message, error.values) from None

    def _checked_parts(self) -> dict[str, dict[str, Any]]:
        """[notices] and [smtp], each with values that a desk takes."""
        checked = {}
        for part, table in self._parts.items():
            try:
                kept = frozenset({"password"})  # an empty one stays what it was
                cleaned = settings.clean_values(PARTS[part], table, already_set=kept)
            except SettingError as error:
                raise self._wrong(f"[{part}]", error.key, error.message, error.values) from None
            checked[part] = cleaned
        return checked

    def _checked(self, known: dict[str, Inbox]) -> list[calls.SaveInbox]:
        """What to save: one call per inbox, each with values that a desk takes."""
        wanted: dict[str, calls.SaveInbox] = {}
        accounts: dict[tuple[str, str], str] = {}
        for number, table in enumerate(self._inboxes, start=1):
            values = dict(table)
            name, channel = values.pop("name", None), values.pop("channel", None)
            if not isinstance(name, str) or not isinstance(channel, str) or not name.strip():
                raise self._error(
                    _("inbox {number}: “name” and “channel” are needed"), number=str(number)
                )
            name = name.strip()
            if name in wanted:
                raise self._error(_("the inbox “{name}” is there twice"), name=name)
            before = known.get(name)
            cleaned = self._cleaned(name, channel, values, before)
            account = cleaned.get(settings.ACCOUNT_FIELD[channel])
            other = accounts.setdefault((channel, account), name) if account else name
            if other != name:
                raise self._error(
                    _("the inboxes “{name}” and “{other}” have the same id"), name=name, other=other
                )
            wanted[name] = calls.SaveInbox(
                inbox_id=before.id if before else None, name=name, channel=channel, values=cleaned
            )
        return list(wanted.values())

    def _checked_agents(self, known: tuple[Agent, ...]) -> list[calls.SaveAgent]:
        """What to save: one call per agent; one of the same name is changed."""
        ids = {fold_key(agent.name): agent.id for agent in known}
        wanted: dict[str, calls.SaveAgent] = {}
        for number, table in enumerate(self._agents, start=1):
            name = table.get("name")
            if not isinstance(name, str) or not name.strip():
                raise self._error(_("agent {number}: “name” is needed"), number=str(number))
            key = fold_key(name)
            if key in wanted:
                raise self._error(_("the agent “{name}” is there twice"), name=name)
            try:
                values = settings.clean_values(AGENT_FIELDS, table)
            except SettingError as error:
                raise self._wrong(_agent(name), error.key, error.message, error.values) from None
            given: dict[str, Any] = {
                field: "" if value is None else value for field, value in values.items()
            }
            wanted[key] = calls.SaveAgent(agent_id=ids.get(key), **given)
        return list(wanted.values())

    def _cleaned(
        self, name: str, channel: str, values: dict[str, Any], before: Inbox | None
    ) -> dict[str, Any]:
        already = frozenset(set(before.secrets) | set(before.settings) if before else ())
        try:
            fields = settings.fields_of(channel)
            return settings.clean_values(fields, values, already_set=already)
        except SettingError as error:
            raise self._wrong(_inbox(name), error.key, error.message, error.values) from None

    def _wrong(
        self, where: str, key: str | None, message: str, values: dict[str, str]
    ) -> ConfigError:
        problem = _(message).format(**values) if values else _(message)
        return ConfigError(": ".join(part for part in (self.name, where, key, problem) if part))

    def _error(self, message: str, **values: str) -> ConfigError:
        return ConfigError(f"{self.name}: {message.format(**values)}")


def _are_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(table, dict) for table in value)


def _agent(name: str) -> str:
    return _("agent “{name}”").format(name=name)


def _inbox(name: str) -> str:
    return _("inbox “{name}”").format(name=name)
