"""Meta's two proofs: the signature of each webhook, and the handshake with the verify token.

Facts from developers.facebook.com, Graph API › Webhooks › Getting Started ("Verification
Requests", "Validating Payloads").
"""

from __future__ import annotations

import hmac
import re
from collections import deque
from collections.abc import Callable, Sequence
from urllib.parse import parse_qsl

from vchat_tui.listener.limits import Limits


def _(message: str) -> str:
    """Marks a text for the catalogues; it is translated where it is shown."""
    return message


NO_SECRET = _("No app secret is set, so nothing can prove that webhooks come from Meta")
NO_SIGNATURE = _("The webhook was not signed")
ODD_SIGNATURE = _("The signature does not look like one of Meta's")
WRONG_SIGNATURE = _("The signature fits no app secret")
REASONS = (NO_SECRET, NO_SIGNATURE, ODD_SIGNATURE, WRONG_SIGNATURE)
"""Why a webhook was refused, as message ids."""

_SIGNATURE = re.compile(rb"sha256=[0-9a-f]{64}")
_CHALLENGE = re.compile(rb"[\x20-\x7e]{1,256}")  # not always a number


def meta_signature_matches(secret: bytes, body: bytes, signature: bytes) -> bool:
    """Whether a body was signed with an app secret.

    Args:
        secret: the app secret.
        body: the raw bytes: Meta escapes letters and slashes its own way, so JSON that was parsed
            and written again has another signature.
        signature: the value of X-Hub-Signature-256, of the right form.
    """
    expected = b"sha256=" + hmac.digest(secret, body, "sha256").hex().encode()
    return hmac.compare_digest(expected, signature)


def signing_inbox(
    secrets: Sequence[tuple[int, bytes]], body: bytes, signatures: Sequence[bytes]
) -> int | str:
    """The inbox whose app secret signed a webhook, or why it is refused (one of `REASONS`).

    Every secret is tried, also after one fits, so that the time tells nothing. Inboxes of one app
    share its secret; it is tried once.

    Args:
        secrets: (inbox id, app secret).
        body: the raw bytes.
        signatures: the values of all X-Hub-Signature-256 headers; more than one is refused.
    """
    inboxes: dict[bytes, int] = {}
    for inbox_id, secret in secrets:
        if secret:
            inboxes.setdefault(secret, inbox_id)
    if not inboxes:
        return NO_SECRET
    if not signatures:
        return NO_SIGNATURE
    if len(signatures) > 1 or not _SIGNATURE.fullmatch(signatures[0]):
        return ODD_SIGNATURE
    signature = signatures[0]
    fitting = [
        inbox_id
        for secret, inbox_id in inboxes.items()
        if meta_signature_matches(secret, body, signature)
    ]
    return fitting[0] if fitting else WRONG_SIGNATURE


class Handshake:
    """Answers Meta's question "is this address yours?", and lets nobody guess the answer.

    Args:
        limits: how many wrong tokens are too many.
        clock: seconds that only go forward.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        # No longer than the hourly limit: at the limit nothing is compared any more.
        self._wrong: deque[tuple[float, str]] = deque()

    def too_many(self, peer: str) -> bool:
        """Whether this address, or all together, guessed wrong too often of late."""
        now = self._clock()
        while self._wrong and self._wrong[0][0] <= now - 3600:
            self._wrong.popleft()
        recent = sum(1 for when, who in self._wrong if who == peer and when > now - 60)
        return (
            len(self._wrong) >= self._limits.wrong_tokens_per_hour
            or recent >= self._limits.wrong_tokens_per_minute
        )

    def answer(self, query: bytes, tokens: Sequence[bytes], peer: str) -> tuple[bytes, bytes]:
        """The verify token that Meta sent and the challenge to send back; both empty if the request
        is not right.

        Args:
            query: the address after `?`, as it came.
            tokens: every token that would be right.
            peer: who asks; a wrong token counts against them.
        """
        try:
            # Latin-1 on both sides: the token is compared as the bytes that were sent.
            pairs = parse_qsl(query.decode("latin-1"), encoding="latin-1", max_num_fields=16)
        except ValueError:
            return b"", b""
        fields = {name: value.encode("latin-1") for name, value in pairs}
        given = fields.get("hub.verify_token", b"")
        challenge = fields.get("hub.challenge", b"")
        if not given or fields.get("hub.mode") != b"subscribe":
            return b"", b""
        fits = [hmac.compare_digest(token, given) for token in tokens]
        if not any(fits):
            self._wrong.append((self._clock(), peer))
            return b"", b""
        return (given, challenge) if _CHALLENGE.fullmatch(challenge) else (b"", b"")
