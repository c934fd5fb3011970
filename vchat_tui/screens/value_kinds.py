"""The kind of a value in a template's text: text, or the amount or date that it reads as."""

from __future__ import annotations

from vchat_tui.actions import key_of
from vchat_tui.i18n import _
from vchat_tui.screens.form import FormRow
from vchat_tui.templates.kinds import amount, day
from vchat_tui.templates.values import shown


class ValueKinds:
    """What the person chose for the values of a form."""

    def __init__(self) -> None:
        self._chosen: set[str] = set()  # keys of rows that go as what they read as

    def sent(self, key: str, typed: str) -> str:
        """A value as it is sent."""
        literal = _literal(typed)
        return literal if literal and key in self._chosen else typed

    def switch(self, row: FormRow) -> None:
        """As what it reads as, or as text again; what reads as text only is told how."""
        if _literal(str(row.typed)) is None:
            row.show_help(_("For an amount type for example 12.50 EUR, for a date 24/12/2026."))
            return
        self._chosen ^= {row.field.key}
        self.explain(row)

    def explain(self, row: FormRow) -> None:
        """Say below a row what its value is sent as, and how to change that."""
        typed = str(row.typed)
        literal = _literal(typed)
        if literal is None:
            self._chosen.discard(row.field.key)
            row.show_help(row.field.help)
            return
        key, value = key_of("value-kind"), shown(literal)
        if row.field.key in self._chosen:
            text = (
                _("Sent as an amount: {value}. {key} sends it as text.")
                if amount(typed)
                else _("Sent as a date: {value}. {key} sends it as text.")
            )
        else:
            text = (
                _("Sent as text. {key} sends it as an amount: {value}")
                if amount(typed)
                else _("Sent as text. {key} sends it as a date: {value}")
            )
        row.show_help(text.format(key=key, value=value))


def _literal(typed: str) -> str | None:
    return amount(typed) or day(typed)
