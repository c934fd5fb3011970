"""`/c/<token>` over real HTTP: who gets in, what is shown, and what never is."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from page_kit import Site, open_site
from webhook_bodies import START, from_customer

from vchat_tui.desk import calls
from vchat_tui.listener import Limits
from vchat_tui.listener.page_html import choose_language


async def opened(browser: httpx.AsyncClient, url: str) -> httpx.Response:
    """Presses the button and follows where it leads; the cookie goes along, as on https."""
    answer = await browser.post(url)
    if answer.status_code == 303:
        assert answer.headers["location"] == url.rsplit("/", 1)[1]
        if "set-cookie" in answer.headers:
            browser.headers["cookie"] = answer.headers["set-cookie"].partition(";")[0]
        return await browser.get(url)
    return answer


async def test_a_look_shows_nothing_and_a_press_everything(site: Site) -> None:
    url = await site.link()
    async with site.browser() as browser:
        for _ in range(2):
            preview = await browser.get(url)
            assert preview.status_code == 200
            assert "Show the conversation" in preview.text
            assert "blue" not in preview.text and "set-cookie" not in preview.headers
        page = await opened(browser, url)
        assert page.status_code == 200
        for shown in (
            "&lt;script&gt;alert(1)&lt;/script&gt; &amp;", "blue &amp; green.\nShall",
            "Photo", "../&lt;i&gt;invoice.pdf", "https://wa.me/15550783881", "Answer on WhatsApp",
        ):  # fmt: skip
            assert shown in page.text, shown
        for hidden in ("<script", "never arrived", "held words", "\x1b", "\u202e", "<i>"):
            assert hidden not in page.text, hidden
        assert (await browser.get(url)).status_code == 200, "it may be read again"
        assert (await opened(browser, url)).status_code == 200


async def test_the_cookie_is_for_this_browser_alone(site: Site) -> None:
    url = await site.link()
    async with site.browser() as browser, site.browser() as other:
        answer = await browser.post(url)
        cookie = answer.headers["set-cookie"]
        for flag in ("HttpOnly", "SameSite=Strict", "Secure", "Max-Age="):
            assert flag in cookie
        for answer in (await other.get(url), await other.post(url)):
            assert answer.status_code == 410
            assert "another browser" in answer.text and "blue" not in answer.text
            assert "https://wa.me/15550783881" in answer.text
        browser.headers["cookie"] = cookie.partition(";")[0]
        second = await site.link()
        assert "blue" not in (await browser.get(second)).text, "each link is opened by itself"


async def test_forged_tokens_are_no_address_at_all(site: Site) -> None:
    url = await site.link()
    base, token = url.rsplit("/", 1)
    other, last = ("B" if token[place] == "A" else "A" for place in (5, -2))
    async with site.browser() as browser:
        nothing = await browser.get(f"{site.url}/nothing")
        forged = [
            "", "x", token[:-1], token + "A", f"{token[:5]}{other}{token[6:]}", token + "=",
            "%C3%B1" * 20, "A" * 43, "A" * 5000, f"{token}/", f"{token[:-2]}{last}{token[-1]}",
        ]  # fmt: skip
        for wrong in forged:
            for method in ("GET", "POST"):
                answer = await browser.request(method, f"{base}/{wrong}")
                assert (answer.status_code, answer.content) == (404, b""), wrong
                assert sorted(answer.headers) == sorted(nothing.headers)
        assert (await browser.put(url)).status_code == 405


async def test_an_expired_link_says_so(site: Site) -> None:
    url = await site.link()
    async with site.browser("es-MX,es;q=0.9") as browser:
        assert (await opened(browser, url)).status_code == 200
        await site.office.write("UPDATE page_link SET expires_at = 1")
        for answer in (await browser.get(url), await browser.post(url)):
            assert answer.status_code == 410
            assert "ha caducado" in answer.text and "green" not in answer.text
            assert "https://wa.me/" in answer.text
        await site.office.write("DELETE FROM page_link")
        assert (await browser.get(url)).status_code == 410, "forgotten is expired, not forged"


async def test_nothing_runs_and_nothing_is_kept(site: Site) -> None:
    url = await site.link()
    async with site.browser() as browser:
        for page in (await browser.get(url), await opened(browser, url)):
            policy = page.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; style-src 'sha256-")
            assert "frame-ancestors 'none'" in policy and "unsafe" not in policy
            assert page.headers["x-content-type-options"] == "nosniff"
            assert page.headers["referrer-policy"] == "no-referrer"
            assert page.headers["cache-control"] == "no-store"
            assert "noindex" in page.headers["x-robots-tag"]
            assert "<script" not in page.text and "style=" not in page.text


async def test_the_customers_language_comes_before_the_browsers(site: Site) -> None:
    url = await site.link()
    row = (await site.office.list())[0]
    async with site.browser("en") as browser:
        await site.office.call(calls.SaveUser(user_id=row.user_id, language="es_MX"))
        page = await browser.get(url)
        assert 'lang="es"' in page.text and "Mostrar la conversación" in page.text


async def test_times_are_those_of_where_the_customer_lives(site: Site) -> None:
    async with site.browser() as browser:
        link = await site.link()
        page = (await opened(browser, link)).text
        moment = datetime.fromtimestamp(START, UTC)
        there = moment.astimezone(ZoneInfo("America/Mexico_City"))
        assert f"{there:%Y-%m-%d %H:%M}</time>" in page
        assert "Times as in Mexico City" in page
        await site.office.write("UPDATE identity SET address = NULL")
        await site.office.write("UPDATE user SET phone = NULL")
        page = (await browser.get(link)).text
        assert f"{moment:%Y-%m-%d %H:%M}</time>" in page
        assert "Times as in UTC" in page


@pytest.mark.parametrize(
    ("known", "accepted", "chosen"),
    [
        (None, "", "en"), (None, "es", "es"), (None, "fr, es;q=0.5, en;q=0.4", "es"),
        (None, "en;q=0.1,es-419;q=0.9", "es"), (None, "es;q=x,;,q=1", "en"), ("de", "es", "es"),
        ("en_US", "es", "en"), (None, "es;q=0", "en"), (None, ",".join(["x"] * 9999), "en"),
    ],
)  # fmt: skip
def test_which_language_is_spoken(known: str | None, accepted: str, chosen: str) -> None:
    assert choose_language(known, accepted) == chosen


async def test_the_last_hundred_messages_are_shown(site: Site) -> None:
    bodies = [
        from_customer(f"wamid.n{n}", "5215512345678", f"word{n}.", at=9 + n) for n in range(120)
    ]
    await site.office.post(*bodies)
    async with site.browser() as browser:
        page = await opened(browser, await site.link())
    assert page.text.count("<li") == 100
    assert "word119." in page.text and ">word21." in page.text and ">word20." not in page.text


async def test_who_asks_too_often_waits(tmp_path: Path) -> None:
    limits = Limits(page_requests_per_minute=3)
    async with open_site(tmp_path / "home", limits) as site, site.browser() as browser:
        url = await site.link()
        answers = [(await browser.get(url)).status_code for _ in range(5)]
        assert answers == [200, 200, 200, 429, 429]
        named = {"x-forwarded-for": "6.6.6.6, 198.51.100.7"}
        assert (await browser.get(url, headers=named)).status_code == 200
        assert (await browser.get(f"{site.url}/healthz")).status_code == 200


async def test_the_token_is_in_no_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    url = await site.link()
    logging.getLogger("httpx").disabled = True  # the client's own log is not ours
    try:
        async with site.browser() as browser:
            await opened(browser, url)
            site.office.desk.services.core.page_key = b""  # a fault of ours
            await browser.get(url)
    finally:
        logging.getLogger("httpx").disabled = False
    assert url.rsplit("/", 1)[1] not in "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("http")
    )
