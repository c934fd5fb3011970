"""E-mail by SMTP.

Facts from RFC 5321: a 4xx answer may be different later, a 5xx will not; a client that lost the
connection after the end of the data does not know whether the server took the mail.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import ssl
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import localtime
from typing import TYPE_CHECKING, Any

import msgspec

from vchat_tui.channels.base import Accepted, ErrorClass, NotSent, Outcome, Rejected, Unclear
from vchat_tui.channels.error_rules import Retry
from vchat_tui.channels.mail_errors import (
    MAIL_BUSY,
    MAIL_INSECURE,
    MAIL_LOG_IN,
    MAIL_RECIPIENT,
    MAIL_REFUSED,
    MAIL_SENDER,
)
from vchat_tui.channels.waiting import wait_for
from vchat_tui.models import MessageError
from vchat_tui.settings import Secret, SettingError, _
from vchat_tui.settings.smtp_fields import ADDRESS
from vchat_tui.text import clean

if TYPE_CHECKING:
    import aiosmtplib

TIMEOUT = 30.0  # seconds for each answer of the server
LONGEST_SUBJECT = 200
_WORDS = 300  # characters of what the server says


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """An e-mail. `message_id`: ours, without brackets and domain; the same in every try."""

    to: str
    subject: str
    text: str
    message_id: str


class MailServer:
    """The line to an SMTP server; a connection for each e-mail.

    Args:
        settings: as in `smtp_fields.SMTP_FIELDS`.
        password: where there is a `user`.
        tls: what to trust; None: what this machine trusts.
        timeout: seconds for each answer.

    Raises:
        SettingError: host or sender is missing, or it would go unencrypted to another machine.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        password: Secret | None,
        *,
        tls: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self._host = str(settings.get("host") or "")
        self._from = str(settings.get("from_address") or "")
        self._domain = self._from.rpartition("@")[2]
        for key, value in (("host", self._host), ("from_address", self._from)):
            if not value:
                raise SettingError(key, _("is required"))
        self._security = str(settings.get("security") or "starttls")
        if self._security == "none" and not is_loopback(self._host):
            raise SettingError("security", _("must be starttls or tls for another machine"))
        self._port = int(settings.get("port") or 587)
        self._user = str(settings.get("user") or "")
        self._password = password
        self._from_name = str(settings.get("from_name") or "")
        self._reply_to = str(settings.get("reply_to") or "")
        self._tls = tls
        self._timeout = timeout

    async def send(self, mail: Mail, attempt: int) -> Outcome:
        """Send once. Never raises for what the network or the server does.

        Args:
            mail: what.
            attempt: how many tries there were, this one included.
        """
        if not re.fullmatch(ADDRESS, mail.to):
            return _rejected(MAIL_RECIPIENT, ErrorClass.RECIPIENT, mail.to)
        line = self._line()
        try:
            outcome = await self._begin(line, mail.to, attempt)
            return outcome or await self._hand_over(line, mail, attempt)
        finally:
            line.close()

    async def check(self) -> Rejected | NotSent | None:
        """Do all that comes before an e-mail's recipient, and no more; why an e-mail would not go
        now, None where it would. Never raises for what the network or the server does."""
        import aiosmtplib

        line = self._line()
        try:
            trouble = await self._begin(line, None, 1)
            if trouble is None:
                with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                    await line.quit(timeout=1)
            return trouble
        finally:
            line.close()

    def _line(self) -> aiosmtplib.SMTP:
        # Loaded here: a server without e-mail needs none of it.
        import aiosmtplib

        return aiosmtplib.SMTP(
            hostname=self._host, port=self._port, timeout=self._timeout,
            use_tls=self._security == "tls", start_tls=False, local_hostname=self._domain,
            tls_context=self._tls or ssl.create_default_context(),
        )  # fmt: skip

    async def _begin(
        self, line: aiosmtplib.SMTP, to: str | None, attempt: int
    ) -> Rejected | NotSent | None:
        """All that comes before the mail itself; None where it may follow."""
        import aiosmtplib

        step = MAIL_REFUSED
        try:
            await line.connect()
            if self._security == "starttls":
                step = MAIL_INSECURE
                await line.starttls()
            if self._user:
                step = MAIL_LOG_IN
                await line.login(self._user, self._password.reveal() if self._password else "")
            step = MAIL_SENDER
            await line.mail(self._from)
            if to is not None:
                step = MAIL_RECIPIENT
                await line.rcpt(to)
        except aiosmtplib.SMTPResponseException as error:
            return _refused(step, error, attempt)
        except OSError as error:  # time-outs and the library's own are among them
            if _is_about_tls(error):
                return _rejected(MAIL_INSECURE, ErrorClass.CONFIG, str(error))
            return NotSent(reason=_words(str(error) or type(error).__name__))
        except (aiosmtplib.SMTPException, ValueError) as error:
            return _rejected(step, ErrorClass.CONFIG, str(error))
        return None

    async def _hand_over(self, line: aiosmtplib.SMTP, mail: Mail, attempt: int) -> Outcome:
        """The mail itself: whatever happens without an answer, it may have been taken."""
        import aiosmtplib

        try:
            await line.data(self.written(mail).as_bytes(policy=SMTP_POLICY))
        except aiosmtplib.SMTPResponseException as error:
            return _refused(MAIL_REFUSED, error, attempt)
        except (aiosmtplib.SMTPException, OSError) as error:
            return Unclear(reason=_words(str(error) or type(error).__name__))
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await line.quit(timeout=1)  # it has the mail, and said so
        return Accepted(provider_id=mail.message_id)

    def written(self, mail: Mail) -> EmailMessage:
        """The e-mail as it goes over the line. No value can bring in a header: the standard
        library refuses line breaks in them, and there are none after `clean`."""
        message = EmailMessage(policy=SMTP_POLICY)
        message["From"] = Address(clean(self._from_name, one_line=True), addr_spec=self._from)
        message["To"] = Address(addr_spec=mail.to)
        if self._reply_to:
            message["Reply-To"] = Address(addr_spec=self._reply_to)
        message["Subject"] = clean(mail.subject, one_line=True, limit=LONGEST_SUBJECT)
        message["Date"] = localtime()
        message["Message-ID"] = f"<{mail.message_id}@{self._domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no robot answers it
        message.set_content(str(clean(mail.text)) + "\n", charset="utf-8", cte="quoted-printable")
        return message


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refused(step: str, error: aiosmtplib.SMTPResponseException, attempt: int) -> Rejected:
    """A clear no of the server: for now (4xx) or for good."""
    said = f"{error.code} {error.message}"
    if 400 <= error.code < 500:
        wait = wait_for(Retry.BACKOFF, attempt)
        return _rejected(MAIL_BUSY, ErrorClass.TRANSIENT, said, wait)
    error_class = ErrorClass.AUTH if step == MAIL_LOG_IN else ErrorClass.OTHER
    return _rejected(step, error_class, said)


def _rejected(
    code: str, error_class: ErrorClass, said: str, retry_after: float | None = None
) -> Rejected:
    return Rejected(
        error=MessageError(code=code, details=_words(said)),
        error_class=error_class,
        retry_after=retry_after,
    )


def _is_about_tls(error: BaseException | None) -> bool:
    """Whether the cause is a certificate: the library wraps what asyncio raised."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _words(text: str) -> str:
    return str(clean(text, one_line=True, limit=_WORDS))
