"""A server with an inbox at the simulated Twilio; every request is checked against its contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sms_kit import OUR_WHATSAPP, Texting, texting_at

from vchat_tui.simulator.twilio import NUMBER


@pytest.fixture
async def texting(tmp_path: Path) -> AsyncIterator[Texting]:
    """An SMS number."""
    async with texting_at(tmp_path, "sms_twilio", NUMBER) as found:
        yield found


@pytest.fixture
async def whatsapp(tmp_path: Path) -> AsyncIterator[Texting]:
    """A WhatsApp sender."""
    async with texting_at(tmp_path, "whatsapp_twilio", OUR_WHATSAPP) as found:
        yield found
