"""What is kept of an agent, as a table: it drives the form, the TOML file and the checks."""

from __future__ import annotations

from vchat_tui.settings.field import Field, _

AGENT_FIELDS: tuple[Field, ...] = (
    Field(
        key="name",
        label=_("Name"),
        help=_("Customers may see it: templates can contain it"),
        required=True,
    ),
    Field(
        key="phone",
        label=_("Phone"),
        help=_("With country code: +52 55 1234 5678. Without it no notice by SMS can come"),
        kind="phone",
    ),
    Field(
        key="email",
        label=_("E-mail"),
        help=_("Without it no notice by e-mail can come"),
        kind="pattern",
        pattern=r"[^@\s]+@[^@\s]+\.[^@\s.]+",
        example="ana@example.com",
    ),
    Field(
        key="department",
        label=_("Department"),
        help=_("For example Sales; conversations are given to departments, too"),
    ),
    Field(
        key="language",
        label=_("Language"),
        help=_("Of the notices that they get: es or en"),
        kind="pattern",
        pattern="[a-z]{2,3}(_[A-Z]{2})?",
        example="es",
    ),
    Field(
        key="admin",
        label=_("Administrator"),
        help=_("Takes care of settings, too"),
        kind="bool",
        default=False,
    ),
    Field(
        key="disabled",
        label=_("Disabled"),
        help=_("Works here no more: cannot be chosen, and gets neither conversations nor notices"),
        kind="bool",
        default=False,
    ),
)
