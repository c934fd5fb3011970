"""Templates from the shell: read from (simulated) Meta, listed, sent with values."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from running import ask, configure, run, settings

from vchat_tui.simulator.account import ACCESS_TOKEN, BUSINESS_ACCOUNT_ID, PHONE_NUMBER_ID
from vchat_tui.simulator.world import Simulator

TO = "+34612345678"


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Path]:
    """A home whose inbox belongs to a simulated Meta."""
    simulator = Simulator()
    base_url = await simulator.start()
    given = settings(
        api_base_url=base_url,
        phone_number_id=PHONE_NUMBER_ID,
        business_account_id=BUSINESS_ACCOUNT_ID,
        access_token=ACCESS_TOKEN,
    )
    await asyncio.to_thread(configure, tmp_path, given)
    yield tmp_path
    await simulator.stop()


async def command(home: Path, *words: str) -> list[dict[str, Any]]:
    """What a command prints as JSON."""
    return await asyncio.to_thread(ask, home, *words)


async def refused(home: Path, *words: str) -> str:
    """What a command that fails says."""
    done = await asyncio.to_thread(run, home, *words)
    assert (done.returncode, done.stdout) == (1, "")
    return str(done.stderr)


async def test_read_list_and_send(home: Path, tmp_path: Path) -> None:
    assert await command(home, "templates", "list") == []
    (read,) = await command(home, "templates", "sync")
    rows = await command(home, "templates", "list", "--inbox", "Ventas")
    assert read == {"inbox": "Ventas", "templates": len(rows)}
    order = next(row for row in rows if row["name"] == "order_update")
    assert list(order["values"]) == ["body.1", "body.2", "body.3"] and "problem" not in order
    paused = next(row for row in rows if row["name"] == "promo_invierno")
    assert "paused" in paused["problem"]
    to = ("send", "--inbox", "Ventas", "--to", TO)
    (sent,) = await command(
        home, *to, "--template", "order_update", "--set", "body.1=Ann", "--set", "body.2=42",
        "--set", "body.3=on its way = soon",
    )  # fmt: skip
    assert sent["text"] == "Ann, your order 42 is on its way = soon."
    assert (sent["type"], sent["template"]["language"]) == ("template", "en_US")
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(200))
    (sent,) = await command(
        home, *to, "--template", "pedido_en_camino", "--language", "es_MX", "--set",
        f"header={photo}", "--values", "Ana\\, la de siempre, 42", "--set", "button.0=42",
    )  # fmt: skip
    file = sent["template"]["components"][0]["parameters"][0]["image"]
    assert len(file["sha256"]) == 64
    assert "Ana, la de siempre, tu pedido 42" in sent["text"]
    assert "[Ver pedido] https://shop.example.com/p/42" in sent["text"]


async def test_what_is_wrong_is_said_in_one_sentence(home: Path) -> None:
    await command(home, "templates", "sync")
    to = ("send", "--inbox", "Ventas", "--to", TO, "--template")
    for words, said in (
        (("nada",), "there is no template “nada”"),
        (("order_update", "--language", "fr"), "it has: en_us"),
        (("order_update", "--set", "body.1=a"), "body.2: may not be empty"),
        (("order_update", "--values", "a, b"), "number of values: 2; the template takes 3"),
        (("order_update", "--set", "body.1={nada}"), "no merge field {nada}"),
        (("promo_invierno", "--set", "body.1=a"), "paused"),
        (("pedido_en_camino", "--set", "header=/nowhere/a.jpg"), "cannot be read"),
    ):
        assert said in (await refused(home, *to, *words)).lower()
    assert "there are: Ventas" in await refused(home, "templates", "list", "--inbox", "Otra")
    done = await asyncio.to_thread(run, home, *to, "order_update", "--set", "body.1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "body.1=Ana" in done.stderr


async def test_meta_that_cannot_be_asked_is_a_failure(tmp_path: Path) -> None:
    await asyncio.to_thread(configure, tmp_path, settings())
    assert "Ventas: " in await refused(tmp_path, "templates", "sync")
