"""A real SMTP server on loopback, which keeps what it took and misbehaves as told."""

from __future__ import annotations

import asyncio
import email
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


class Postbox:
    """The handler of an aiosmtpd server.

    Attributes:
        taken: e-mails that were accepted.
        answers: by command (`RCPT`, `DATA` ...), what it says instead of 250.
        drops: takes the data, then closes the connection without an answer.
        hangs: takes the data, then says nothing.
    """

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answers: dict[str, str] = {}
        self.drops = False
        self.hangs = False
        self.secure = False  # the last e-mail came over TLS
        self.recipients: list[str] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if "DATA" in self.answers:
            return self.answers["DATA"]
        content = cast(bytes, envelope.content)
        self.taken.append(cast(EmailMessage, email.message_from_bytes(content, policy=default)))
        self.recipients += envelope.rcpt_tos
        self.secure = session.ssl is not None
        if self.drops:
            assert server.transport is not None
            server.transport.abort()
        if self.hangs:
            await asyncio.Event().wait()
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        good = (data.login, data.password) == (b"chat", b"geheim")
        return AuthResult(success=good, handled=False)


@asynccontextmanager
async def mail_server(
    postbox: Postbox,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    log_in: bool = False,
) -> AsyncIterator[int]:
    """Serves a postbox; answers the port."""
    sessions: list[SMTP] = []

    def session() -> SMTP:
        sessions.append(
            SMTP(
                postbox, hostname="localhost", tls_context=starttls,
                authenticator=postbox.authenticate if log_in else None,
                auth_required=log_in and starttls is not None,
                auth_require_tls=starttls is not None,
                loop=asyncio.get_running_loop(), enable_SMTPUTF8=True,
            )
        )  # fmt: skip
        return sessions[-1]

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for each in sessions:
            if each.transport is not None:
                each.transport.abort()
        await asyncio.sleep(0)
