"""The provider contracts that lie beside the checkout: schemas of what a provider accepts.

They are not part of the project. Where they are absent, tests that need them are skipped and say
so; with VCHAT_REQUIRE_CONTRACTS set, they fail instead.
"""

from __future__ import annotations

import importlib.util
import json
import os
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest


def folder() -> Path:
    """Where the contracts lie: VCHAT_CONTRACTS, else `shared/contracts` beside the checkout.

    Skips the test, or fails it, where there are none.
    """
    beside = Path(__file__).resolve().parents[2] / "shared" / "contracts"
    found = Path(os.environ.get("VCHAT_CONTRACTS") or beside)
    if (found / "contract_check.py").is_file():
        return found
    if os.environ.get("VCHAT_REQUIRE_CONTRACTS"):
        pytest.fail("the provider contracts are required, and they are not here")
    pytest.skip("the provider contracts are not here (set VCHAT_CONTRACTS)")


def whatsapp_violations(body: dict[str, Any]) -> list[str]:
    """What Meta would refuse in the body of POST /{phone-number-id}/messages; empty: nothing."""
    violations: list[str] = _checker().check_whatsapp(body)
    return violations


def twilio_violations(fields: list[tuple[str, str]]) -> list[str]:
    """What Twilio would refuse in the fields of POST …/Messages.json; empty: nothing."""
    violations: list[str] = _checker().check_twilio(urlencode(fields))
    return violations


def error_codes(provider: str) -> dict[str, dict[str, Any]]:
    """The provider's error codes as the contracts list them, by code."""
    listed = json.loads((folder() / "error_codes.json").read_text("utf-8"))["errors"]
    return {error["code"]: error for error in listed if error["provider"] == provider}


def _checker() -> Any:
    return _load(folder())


@cache
def _load(where: Path) -> Any:
    spec = importlib.util.spec_from_file_location("contract_check", where / "contract_check.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
