"""What a provider says of our account: the parts of an `AccountReport`.

Each part is asked for on its own, so that one refusal hides nothing else: a part has facts, or the
error that stands in their place. This module is cheap to import: consoles use it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from vchat_tui.models import MessageError, Model

NEEDED_SCOPES = ("whatsapp_business_messaging", "whatsapp_business_management")
"""What a token must be allowed (Meta, "Permissions" of the WhatsApp Business Platform): the first
to send and to hear messages, the second for templates and all other webhooks."""


class TokenState(StrEnum):
    """Whether a token opens anything."""

    VALID = "valid"
    EXPIRED = "expired"
    WRONG = "wrong"  # mistyped, of another app, or taken back
    UNKNOWN = "unknown"  # the provider did not say


class Part(Model, frozen=True, kw_only=True):
    """A part of the report. `error`: why there are no facts."""

    error: MessageError | None = None


class TokenFacts(Part, frozen=True, kw_only=True):
    """The access token. `expires_at`: absent where it never expires."""

    state: TokenState = TokenState.UNKNOWN
    type: str | None = None  # the provider's word: SYSTEM_USER, USER ...
    app: str | None = None
    app_id: str | None = None
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()

    @property
    def missing_scopes(self) -> tuple[str, ...]:
        """What it should be allowed and is not."""
        return tuple(scope for scope in NEEDED_SCOPES if scope not in self.scopes)


class NumberFacts(Part, frozen=True, kw_only=True):
    """The phone number, in the provider's words."""

    number: str | None = None
    name: str | None = None  # as customers see it
    name_status: str | None = None
    quality: str | None = None  # GREEN, YELLOW, RED, UNKNOWN
    status: str | None = None
    throughput: str | None = None
    trial: bool | None = None  # may write to verified numbers only
    sandbox: bool | None = None  # shared with others, for phones that joined it only
    answers: bool | None = None  # False: it is a name, which no customer can write to
    limit: str | None = None  # TIER_250 ... TIER_UNLIMITED: customers a day that we may write to


class HealthFacts(Part, frozen=True, kw_only=True):
    """Whether messages can go at all (payment, policy), and whether the phone app has the number."""

    can_send: str | None = None  # AVAILABLE, LIMITED, BLOCKED
    problems: tuple[MessageError, ...] = ()
    on_phone_app: bool | None = None


class BusinessFacts(Part, frozen=True, kw_only=True):
    """The business account. `has_number`: our number is one of its numbers."""

    has_number: bool | None = None
    numbers: tuple[str, ...] = ()  # as people read them


class SubscriptionFacts(Part, frozen=True, kw_only=True):
    """Whether webhooks of the business account come to our app, and where a rule of the account
    sends them instead of the app's own address.

    `proven`: where each inbox has an address of its own, whether requests to it also carry the header
    that we asked for."""

    subscribed: bool | None = None
    override_url: str | None = None
    proven: bool | None = None


class AccountReport(Model, frozen=True, kw_only=True):
    """Everything; a part that was not asked for (its setting is missing) is None."""

    token: TokenFacts = TokenFacts()
    number: NumberFacts = NumberFacts()
    health: HealthFacts = HealthFacts()
    business: BusinessFacts | None = None
    templates: Part | None = None
    subscription: SubscriptionFacts | None = None
