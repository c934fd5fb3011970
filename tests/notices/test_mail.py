"""E-mail to a real SMTP server."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from mail_kit import Postbox, mail_server

from vchat_tui.channels import errors
from vchat_tui.channels.base import Accepted, ErrorClass, NotSent, Rejected, Unclear
from vchat_tui.channels.mail import Mail, MailServer
from vchat_tui.settings import SettingError
from vchat_tui.settings.secret import Secret

MAIL = Mail(
    to="ana@example.com", subject="Mensaje de Íñigo 🎉", text="¡Hola!\n.\nñ", message_id="n1"
)


def server_on(port: int, **settings: Any) -> MailServer:
    tls = settings.pop("tls", None)
    password = Secret(settings.pop("password", "geheim"))
    given = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "from_address": "chat@shop.example",
    }
    return MailServer(given | settings, password, tls=tls, timeout=settings.pop("timeout", 5.0))


async def test_an_email_is_proper_mime() -> None:
    postbox = Postbox()
    async with mail_server(postbox) as port:
        server = server_on(port, from_name="Tienda “Ñandú”", reply_to="help@shop.example")
        assert await server.send(MAIL, 1) == Accepted(provider_id="n1")
    (taken,) = postbox.taken
    assert taken["Subject"] == "Mensaje de Íñigo 🎉"
    assert taken["From"] == "Tienda “Ñandú” <chat@shop.example>"
    assert (taken["To"], taken["Reply-To"]) == ("ana@example.com", "help@shop.example")
    assert taken["Message-ID"] == "<n1@shop.example>"
    assert taken["Auto-Submitted"] == "auto-generated"
    assert taken.get_content_type() == "text/plain"
    assert taken.get_content().splitlines() == ["¡Hola!", ".", "ñ"]
    assert postbox.recipients == ["ana@example.com"]


async def test_no_value_brings_in_a_header() -> None:
    postbox = Postbox()
    evil = "x\r\nBcc: eve@evil.example\r\n\r\nbody\x1b[2J"
    async with mail_server(postbox) as port:
        server = server_on(port, from_name=evil)
        mail = Mail(to=MAIL.to, subject=evil, text=evil, message_id="n2")
        assert isinstance(await server.send(mail, 1), Accepted)
        bad = Mail(
            to="a@b.example\r\nRCPT TO:<eve@evil.example>", subject="", text="", message_id="n3"
        )
        assert isinstance(await server.send(bad, 1), Rejected)
    (taken,) = postbox.taken
    assert taken["Bcc"] is None and "Bcc" in taken["Subject"]
    assert "\x1b" not in taken.get_content() and "\r\n" not in taken["Subject"]
    assert postbox.recipients == ["ana@example.com"]


@pytest.mark.parametrize("way", ["starttls", "tls"])
async def test_encrypted_with_a_checked_certificate_and_log_in(way: str, pem: Path) -> None:
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.load_cert_chain(pem)
    postbox = Postbox()
    context = {way: ours}
    async with mail_server(postbox, **context, log_in=True) as port:
        trusting = ssl.create_default_context(cafile=str(pem))
        server = server_on(port, host="localhost", security=way, user="chat", tls=trusting)
        assert isinstance(await server.send(MAIL, 1), Accepted)
        if way == "starttls":
            assert postbox.secure
        wrong = server_on(
            port, host="localhost", security=way, user="chat", password="falsch", tls=trusting
        )
        refused = await wrong.send(MAIL, 1)
        assert isinstance(refused, Rejected)
        assert refused.error_class is ErrorClass.AUTH and refused.retry_after is None
        assert "mail server" in errors.advice("email", refused.error)
        stranger = server_on(port, host="localhost", security=way, user="chat")
        for server in (stranger, server_on(port, security=way, tls=trusting)):
            unsafe = await server.send(MAIL, 1)
            assert isinstance(unsafe, Rejected), unsafe
            assert unsafe.error.code == "mail_insecure"
    assert len(postbox.taken) == 1


async def test_a_server_without_encryption_gets_nothing() -> None:
    postbox = Postbox()
    async with mail_server(postbox) as port:
        refused = await server_on(port, security="starttls").send(MAIL, 1)
    assert isinstance(refused, Rejected) and refused.error.code == "mail_insecure"
    with pytest.raises(SettingError):
        server_on(25, host="mail.example.com")


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
async def test_what_the_server_says(command: str) -> None:
    postbox = Postbox()
    async with mail_server(postbox) as port:
        server = server_on(port)
        postbox.answers[command] = "451 4.3.0 greylisted"
        later = await server.send(MAIL, 1)
        assert isinstance(later, Rejected) and later.retry_after is not None
        postbox.answers[command] = "550 5.1.1 no such person"
        never = await server.send(MAIL, 1)
        assert isinstance(never, Rejected) and never.retry_after is None
        assert "no such person" in errors.advice("email", never.error)
    assert postbox.taken == []


async def test_silence_after_the_data_is_no_answer() -> None:
    postbox = Postbox()
    postbox.drops = True
    async with mail_server(postbox) as port:
        assert isinstance(await server_on(port).send(MAIL, 1), Unclear)
        postbox.drops, postbox.hangs = False, True
        assert isinstance(await server_on(port, timeout=0.05).send(MAIL, 1), Unclear)
    assert isinstance(await server_on(port).send(MAIL, 1), NotSent)  # nobody listens any more
