"""How much a stranger may cost us: sizes, times and numbers of the public listener."""

from __future__ import annotations

import msgspec

KIB = 1024
MIB = 1024 * KIB


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The listener's limits. Meta's webhooks are at most 3 MB, and it gives up on a request long
    before `answer_seconds` (developers.facebook.com, WhatsApp › Webhooks)."""

    request_seconds: float = 10  # from a request's first byte to its last
    idle_seconds: float = 75  # between requests; proxies keep theirs 60 s, and should close first
    answer_seconds: float = 30  # our own work, and the sender taking the answer
    linger_seconds: float = 2  # after a refusal, so that a sender in mid-body reads it
    spare_seconds: float = 1  # waiting longer than this, a connection may have to make room
    header_bytes: int = 16 * KIB  # the address and all header fields
    header_fields: int = 100
    body_bytes: int = 3 * MIB
    held_bytes: int = 32 * MIB  # the bodies of all unanswered requests together
    connections: int = 256
    in_flight: int = 256  # waiting for the journal; more than connections only if senders give up
    pipelined: int = 64  # requests sent on one connection before the first is answered
    backlog: int = 1024  # connections that the kernel holds until we accept them
    page_requests_per_minute: int = 60  # from one address, to all pages of conversations
    page_peers: int = 4096  # addresses that are counted apart
    file_requests_per_minute: int = 1200  # from one address; Twilio fetches for every message
    wrong_tokens_per_minute: int = 10  # from one address
    wrong_tokens_per_hour: int = 50  # from everywhere
