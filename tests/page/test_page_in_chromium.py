"""The page in a real browser: readable on a phone and wide, opened once, silent about itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from chromium import browser, tab
from page_kit import Site

FITS = "document.documentElement.scrollWidth <= window.innerWidth"
FONT = "parseFloat(getComputedStyle(document.querySelector('.text')).fontSize) >= 16"
BUTTON_IN_VIEW = (
    "(() => {const b = document.querySelector('a.go').getBoundingClientRect();"
    "return b.top >= 0 && b.bottom <= window.innerHeight && b.height >= 44})()"
)
STYLED = "getComputedStyle(document.querySelector('.go')).borderTopLeftRadius === '32px'"
SIZES = [pytest.param(390, 844, True, id="phone"), pytest.param(1280, 800, False, id="wide")]


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("width", "height", "phone"), SIZES)
async def test_a_person_opens_the_link(
    site: Site, tmp_path: Path, width: int, height: int, phone: bool
) -> None:
    pictures = Path(os.environ.get("VCHAT_PICTURES", tmp_path))
    url = await site.link()
    async with browser(tmp_path / "profile") as socket:
        mine = await tab(socket)
        await mine.size(width, height, phone=phone)
        await mine.open(url)
        assert await mine.see(FITS) and await mine.see(STYLED)
        assert not await mine.see("document.body.innerText.includes('blue')")
        await mine.picture(pictures / f"closed-{width}.png")
        await mine.press("button.go")
        await mine.until("document.body.innerText.includes('blue & green')")
        assert await mine.see("location.href") == url
        for holds in (FITS, FONT, BUTTON_IN_VIEW, STYLED):
            assert await mine.see(holds), holds
        assert await mine.see("document.scripts.length") == 0
        assert await mine.see("document.cookie") == "", "no script could read it"
        assert await mine.see("document.body.innerText.includes('<script>alert(1)</script>')")
        link = "document.querySelector('a.go').href"
        assert await mine.see(link) == "https://wa.me/15550783881"
        await mine.picture(pictures / f"open-{width}.png")

        await mine.open("about:blank")
        await mine.open(url)
        await mine.until("document.body.innerText.includes('blue & green')")  # the cookie holds

        other = await tab(socket, apart=True)
        await other.size(width, height, phone=phone)
        await other.open(url)
        assert await other.see(FITS)
        assert await other.see("document.body.innerText.includes('another browser')")
        assert not await other.see("document.body.innerText.includes('blue')")
        await other.picture(pictures / f"taken-{width}.png")
        refused = [problem for problem in mine.problems if "Content Security" in problem]
        assert not refused
