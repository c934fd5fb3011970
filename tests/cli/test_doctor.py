"""The doctor finds what is broken, says what to do, and fails only where something must be done."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from running import ACCESS_TOKEN, Server, configure, message, run, settings

from vchat_tui.simulator import account
from vchat_tui.simulator.world import Simulator, SimulatorSettings


def examine(home: Path) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code, and the checks by name (two databases: by name and what was found)."""
    done = run(home, "doctor", "--json")
    assert done.stderr == ""
    checks = [json.loads(line) for line in done.stdout.splitlines()]
    for check in checks:
        assert set(check) <= {"check", "state", "what", "advice", "inbox"}
        assert check["what"]
        assert check["state"] in ("ok", "warn", "fail")
        assert (check["state"] == "ok") == ("advice" not in check)
    assert done.returncode == any(check["state"] == "fail" for check in checks)
    return done.returncode, {check["check"]: check for check in checks}


@pytest.fixture
async def provider() -> AsyncIterator[Simulator]:
    simulator = Simulator(SimulatorSettings(pace=0))
    await simulator.start()
    yield simulator
    await simulator.stop()


def test_a_fresh_home_is_not_broken(tmp_path: Path) -> None:
    code, checks = examine(tmp_path / "home")
    assert code == 0
    assert checks["inbox"]["state"] == checks["server"]["state"] == "warn"
    assert "listener" not in checks


async def test_all_is_well_when_the_provider_takes_the_token(
    tmp_path: Path, provider: Simulator
) -> None:
    right = settings(
        public_url="https://localhost",
        access_token=account.ACCESS_TOKEN,
        api_base_url=provider.base_url,
    )
    configure(tmp_path, right)
    with await asyncio.to_thread(Server, tmp_path) as server:
        assert server.post(message("hello", 1)) == 200
        code, checks = await asyncio.to_thread(examine, tmp_path)
        assert code == 0
        states = {name: check["state"] for name, check in checks.items() if name != "sqlite"}
        assert states.pop("reply") == "warn"  # nobody has answered yet
        assert set(states.values()) == {"ok"}, states
        assert server.address in checks["listener"]["what"]
        assert account.VERIFIED_NAME in checks["number"]["what"]
        assert checks["token"]["inbox"] == "Ventas"
        text = (await asyncio.to_thread(run, tmp_path, "doctor")).stdout
        assert "✗" not in text
        assert "● Ventas: permanent token, with all permissions" in text


async def test_a_wrong_token_fails(tmp_path: Path, provider: Simulator) -> None:
    configure(tmp_path, settings(api_base_url=provider.base_url))
    code, checks = await asyncio.to_thread(examine, tmp_path)
    assert code == 1
    assert checks["token"]["state"] == "fail"
    assert ACCESS_TOKEN not in str(checks)
    assert "business" not in checks  # what needs the token waits for it


async def test_the_words_of_the_set_up(tmp_path: Path, provider: Simulator) -> None:
    right = settings(
        public_url="https://localhost",
        access_token=account.ACCESS_TOKEN,
        api_base_url=provider.base_url,
    )
    configure(tmp_path, right)
    provider.set_knob(subscribed=False, payment_problem=True)
    code, checks = await asyncio.to_thread(examine, tmp_path)
    assert code == 1
    assert checks["subscribed"]["state"] == checks["account"]["state"] == "fail"
    assert "not subscribed" in checks["subscribed"]["what"]
    assert "payment method" in checks["account"]["advice"]
    provider.set_knob(token_expires_at=1.0)
    code, checks = await asyncio.to_thread(examine, tmp_path)
    assert "has expired" in checks["token"]["what"]


def test_what_to_look_at_in_an_inbox(tmp_path: Path) -> None:
    configure(tmp_path, settings(api_version="v21.0", public_url="http://localhost"))
    code, checks = examine(tmp_path)
    assert code == 1
    assert checks["token"]["state"] == "fail"  # nobody answers there
    for name in ("api_version", "handshake", "message", "public_url"):
        assert checks[name]["state"] == "warn", name
    assert "v21.0" in checks["api_version"]["what"]


def test_a_mail_server_that_is_not_there(tmp_path: Path) -> None:
    smtp = 'host = "127.0.0.1"\nport = 1\nsecurity = "none"\nfrom_address = "chat@shop.example"\n'
    configure(tmp_path, f"{settings()}\n[smtp]\n{smtp}")
    code, checks = examine(tmp_path)
    assert code == 1
    assert checks["mail"]["state"] == "fail"
    assert "127.0.0.1" in checks["mail"]["what"]


def test_a_damaged_database_and_a_lost_key_fail(tmp_path: Path) -> None:
    configure(tmp_path, settings())
    with (tmp_path / "journal.db").open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 4000)
    (tmp_path / "key").unlink()
    code, checks = examine(tmp_path)
    assert code == 1
    assert checks["key"]["state"] == "fail"
    assert checks["database"]["state"] == "fail"
    assert "journal.db" in checks["database"]["what"]
    assert checks["desk"]["state"] == "fail"


def test_rights_are_looked_at_before_they_are_mended(tmp_path: Path) -> None:
    configure(tmp_path, settings())
    tmp_path.chmod(0o755)
    (tmp_path / "key").chmod(0o644)
    code, checks = examine(tmp_path)
    assert code == 1
    assert checks["home"]["state"] == "warn"
    assert checks["key"]["state"] == "fail"
    assert "chmod 600" in checks["key"]["what"]


def test_a_newer_database_fails(tmp_path: Path) -> None:
    configure(tmp_path, settings())
    with closing(sqlite3.connect(tmp_path / "vchat.db")) as db:
        db.execute("PRAGMA user_version = 9999")
    code, checks = examine(tmp_path)
    assert code == 1
    assert "newer" in checks["desk"]["what"]
