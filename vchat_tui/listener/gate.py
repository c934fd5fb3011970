"""What the listener needs from the desk: the secrets that prove a sender, and the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from vchat_tui.desk.gate import JournalUnavailable, TwilioToken, WebhookSecret

__all__ = ["Gate", "JournalUnavailable", "TwilioToken", "WebhookSecret"]


class Gate(Protocol):
    """The desk, as the listener sees it. The sequences are read for every request, so the desk
    keeps them ready; everything but `append` must return at once."""

    def verify_tokens(self) -> Sequence[bytes]:
        """The secret keys that an admin typed at Meta: those of every inbox."""
        ...

    def app_secrets(self) -> Sequence[tuple[int, bytes]]:
        """(inbox id, app secret) of every Meta inbox; while a secret is being replaced, the current
        one and the previous one."""
        ...

    def twilio_tokens(self) -> Sequence[TwilioToken]:
        """The auth token of every Twilio inbox; while one is being replaced, the previous one too."""
        ...

    def webhook_secrets(self) -> Sequence[WebhookSecret]:
        """The secret of every inbox that has an address of its own; while one is being replaced,
        the previous one too."""
        ...

    def public_url(self) -> str | None:
        """Where the internet reaches this server, without a slash at the end."""
        ...

    def handshake(self, verify_token: bytes) -> None:
        """Meta asked for the webhook address with this token, and got its answer."""
        ...

    async def append(
        self, source: str, headers: Mapping[str, str], body: bytes, inbox_id: int
    ) -> int:
        """Keep a webhook for good. Returns its id once the commit is on disk: the provider hears
        200 right after, and never sends it again.

        Args:
            source: who sent it: `meta`, `twilio`, `360dialog`.
            headers: those worth keeping as evidence; names in lower case.
            body: the bytes as they came.
            inbox_id: an inbox whose secret signed it, or stands in its address. Inboxes of one app
                share a secret, so the body may be for another inbox of that app.

        Raises:
            JournalUnavailable, OSError, sqlite3.Error: it was not kept.
        """
        ...

    def bad_signature(self, reason: str, peer: str) -> None:
        """A webhook was refused.

        Args:
            reason: a message id of the catalogues, one of the `REASONS` of
                `listener.meta`, `listener.twilio` or `listener.dialog360`.
            peer: the address that it came from; the proxy's, where there is one.
        """
        ...

    def healthy(self) -> bool:
        """Whether webhooks can be kept now."""
        ...
