"""The settings of the mail server that takes our notices by e-mail."""

from __future__ import annotations

from vchat_tui.settings.field import Field, _

# Plain on purpose: what is no address at all is refused here, the rest by the mail server.
ADDRESS = r"[A-Za-z0-9._%+'=&/-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*"

SMTP_FIELDS: tuple[Field, ...] = (
    Field(
        key="host",
        label=_("Mail server"),
        help=_("The name of your SMTP server, for example smtp.example.com"),
        kind="pattern",
        pattern=r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,252})",
        example="smtp.example.com",
    ),
    Field(
        key="port",
        label=_("Mail server: port"),
        help=_("587 for starttls, 465 for tls, as your provider says"),
        kind="number",
        default=587,
        minimum=1,
        maximum=65535,
    ),
    Field(
        key="security",
        label=_("Mail server: encryption"),
        help=_("starttls or tls; none only for a mail server on this machine"),
        kind="choice",
        choices=("starttls", "tls", "none"),
        default="starttls",
    ),
    Field(
        key="user",
        label=_("Mail server: user"),
        help=_("Empty where the server asks for no log-in"),
    ),
    Field(
        key="password",
        label=_("Mail server: password"),
        help=_("Of that user; often an “app password” that you make at your provider"),
        kind="secret",
    ),
    Field(
        key="from_address",
        label=_("E-mail: sender's address"),
        help=_("From whom notices come; your mail server must allow it"),
        kind="pattern",
        pattern=ADDRESS,
        example="chat@example.com",
    ),
    Field(
        key="from_name",
        label=_("E-mail: sender's name"),
        help=_("Shown beside the address, for example the name of your company"),
    ),
    Field(
        key="reply_to",
        label=_("E-mail: reply address"),
        help=_("Where answers to notices go; empty: the sender's address"),
        kind="pattern",
        pattern=ADDRESS,
        example="support@example.com",
    ),
)
