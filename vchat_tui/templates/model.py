"""Templates as we keep them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from vchat_tui.models import MessageError, Model


class Template(Model, frozen=True, kw_only=True):
    """A template of an inbox, as its provider last told us.

    `components` are the provider's; `named`: its variables have names, not numbers; `reason`: why
    it was rejected or paused; `hidden`: an admin does not want it offered.
    """

    id: int
    inbox_id: int
    channel: str
    provider_id: str
    name: str
    language: str
    category: str
    status: str
    quality: str | None = None
    reason: str | None = None
    named: bool = False
    components: tuple[dict[str, Any], ...] = ()
    hidden: bool = False


class TemplatePage(Model, frozen=True, kw_only=True):
    """Rows of the list of templates of a channel's inbox. `synced_at`: when the provider last told
    us all of them; `error`: why it could not be asked since."""

    rows: tuple[Template, ...]
    total: int
    channel: str = ""
    offset: int = 0
    synced_at: datetime | None = None
    error: MessageError | None = None
