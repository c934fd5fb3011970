"""What can be turned while the simulator runs: delays, faults, and how webhooks misbehave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=3_600)]

Moment = Annotated[float, msgspec.Meta(ge=0, le=4_102_444_800)]  # Unix seconds
SCOPES = (
    "business_management",
    "whatsapp_business_management",
    "whatsapp_business_messaging",
)


class Knobs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every knob, at its rest position. `..._next`: that many of the next sends."""

    # How sends are answered.
    latency: Seconds = 0
    fail_next: Count = 0  # refused with `fail_code`
    fail_code: int = 131000
    html_next: Count = 0  # an HTML page with `html_status`, as a gateway answers
    html_status: Annotated[int, msgspec.Meta(ge=200, le=599)] = 502
    without_id_next: Count = 0  # sent, but the 200 carries no message id
    hang_next: Count = 0  # sent, but no answer ever comes
    drop_before_next: Count = 0  # the connection breaks; nothing was sent
    drop_after_next: Count = 0  # the connection breaks; it was sent

    held_next: Count = 0  # templates taken, held for a look at their quality, and never sent

    # Files. `..._next`: that many of the next ones.
    media_refused_next: Count = 0  # sent, then a `failed` status says that the file is not taken
    media_page_next: Count = 0  # downloads answered with an HTML page in place of the file
    media_drop_next: Count = 0  # downloads that break in the middle

    # The account, as `Management` and every answer to a token tell of it.
    token_expired: bool = False
    token_expires_at: Moment | None = None  # a temporary token of a person; None: one for good
    token_scopes: tuple[str, ...] = SCOPES
    subscribed: bool = True  # the app gets the account's webhooks; else nothing comes
    payment_problem: bool = False
    quality: str = "GREEN"
    messaging_limit: str = "TIER_2K"
    on_phone_app: bool = False  # coexistence

    # Meta's limits.
    sends_per_second: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 80
    pair_seconds: Seconds = 6  # between messages to one person; 0: no limit
    window_hours: Annotated[float, msgspec.Meta(ge=0, le=1_000_000)] = 24
    allow_list: tuple[str, ...] | None = None  # digits; a test number writes to these only
    errors_by_webhook: bool = False  # recipient and window errors come as `failed` statuses

    # How webhooks arrive.
    statuses: bool = True
    status_delay: Seconds = 0.4  # between sent, delivered and read
    statuses_first: bool = False  # `sent` arrives before the answer to the send
    duplicates: Annotated[int, msgspec.Meta(ge=0, le=20)] = 0  # extra copies of each webhook
    shuffle: bool = False
    batch_size: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 1  # updates in one POST, at most
    parallel: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1  # 1: in order, one at a time

    # The shop that hears of orders. `..._next`: that many of the next posts.
    shop_delay: Seconds = 0
    shop_fail_next: Count = 0  # answered with 500
    shop_redirect_next: Count = 0
    shop_drop_next: Count = 0  # taken, but the connection breaks before the answer


class Controls:
    """Holds the knobs; changes are checked as a whole, so a bad one changes nothing."""

    def __init__(self, knobs: Knobs | None = None) -> None:
        self.knobs = knobs or Knobs()

    def turn(self, changes: Mapping[str, Any]) -> Knobs:
        """Set some knobs.

        Raises:
            msgspec.ValidationError: an unknown knob or a value out of its range.
        """
        self.knobs = msgspec.convert({**msgspec.to_builtins(self.knobs), **changes}, Knobs)
        return self.knobs

    def take(self, counter: str) -> bool:
        """Whether this send (or post) is one of the next ones that `counter` is about; counts it."""
        left: int = getattr(self.knobs, counter)
        if left:
            self.turn({counter: left - 1})
        return left > 0
