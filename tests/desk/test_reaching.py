"""The question whether the public address leads here is asked once in a while, not at every look."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk_kit import Office

from vchat_tui.channels import public_url
from vchat_tui.channels.reach import Reach, Reached
from vchat_tui.desk import calls


async def test_it_is_asked_again_when_it_is_old_or_the_address_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def probe(url: str) -> Reached:
        asked.append(url)
        return Reached(reach=Reach.OK)

    monkeypatch.setattr(public_url, "probe", probe)
    office = await Office.open(tmp_path / "home")
    try:
        assert await office.call(calls.CheckPublicUrl()) is None
        one, other = "https://one.example", "https://other.example"
        await office.call(calls.SaveServerSettings(values={"public_url": one}))
        for max_age in (0, 60, 0):
            found = await office.call(calls.CheckPublicUrl(max_age=max_age))
            assert found == Reached(reach=Reach.OK)
        assert asked == [one, one]
        await office.call(calls.SaveServerSettings(values={"public_url": other}))
        await office.call(calls.CheckPublicUrl(max_age=60))
        assert asked == [one, one, other]
    finally:
        await office.close()
