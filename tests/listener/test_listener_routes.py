"""The paths of the public listener, over real HTTP."""

from __future__ import annotations

import logging
import sqlite3

import httpx
import pytest
from listener_kit import PATH, SECRET, TOKEN, RememberingGate, listening, signature

from vchat_tui.listener import JournalUnavailable, Limits, Listener
from vchat_tui.listener.meta import NO_SECRET, Handshake

BODY = rb'{"object":"whatsapp_business_account","entry":[{"id":"1","text":"\u00e9 \/"}]}'


def handshake(token: str = TOKEN.decode(), challenge: str = "1158201444") -> dict[str, str]:
    return {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": challenge}


async def post(url: str, body: bytes = BODY, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.post(
            url + PATH, content=body, headers={"X-Hub-Signature-256": signature(body), **given}
        )


async def get(url: str, path: str, params: dict[str, str] | None = None) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(url + path, params=params)


async def test_a_signed_webhook_is_kept_as_it_came_and_then_answered() -> None:
    async with listening() as running:
        response = await post(running.url, Content_Type="application/json", Cookie="no")
        assert response.status_code == 200
        [kept] = running.gate.kept
        assert (kept.source, kept.inbox_id, kept.body) == ("meta", 1, BODY)
        assert kept.headers["x-hub-signature-256"] == signature(BODY)
        assert kept.headers["content-type"] == "application/json"
        assert "cookie" not in kept.headers
        assert running.gate.refused == []


async def test_answers_name_no_software() -> None:
    async with listening() as running:
        assert "server" not in (await post(running.url)).headers


async def test_the_secret_tells_the_inbox() -> None:
    gate = RememberingGate(secrets=[(1, SECRET), (7, b"current"), (7, b"previous")])
    async with listening(gate) as running:
        for secret in (b"previous", b"current", SECRET):
            response = await post(running.url, X_Hub_Signature_256=signature(BODY, secret))
            assert response.status_code == 200
    assert [kept.inbox_id for kept in gate.kept] == [7, 7, 1]


@pytest.mark.parametrize("secrets", [[], [(1, b"")]])
async def test_without_a_secret_nothing_is_believed(secrets: list[tuple[int, bytes]]) -> None:
    async with listening(RememberingGate(secrets=secrets)) as running:
        response = await post(running.url, X_Hub_Signature_256=signature(BODY, b""))
        assert response.status_code == 403
        assert running.gate.kept == []
        assert running.gate.refused == [(NO_SECRET, "127.0.0.1")]


@pytest.mark.parametrize(
    "failure", [JournalUnavailable(), OSError(28, "full"), sqlite3.OperationalError("disk I/O")]
)
async def test_an_unwritable_journal_asks_the_provider_to_come_back(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening(RememberingGate(failure=failure)) as running:
        assert [(await post(running.url)).status_code for _ in range(3)] == [503, 503, 503]
        assert len(caplog.records) == 1  # not one for each webhook of an outage
        running.gate.failure = None
        assert (await post(running.url)).status_code == 200
        assert len(caplog.records) == 2


async def test_a_bug_is_500_and_its_log_holds_no_body(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with listening(RememberingGate(failure=ValueError(f"cannot read {BODY!r}"))) as running:
        assert (await post(running.url)).status_code == 500
        running.gate.failure = None
        assert (await post(running.url)).status_code == 200
    assert "ValueError" in caplog.text
    assert "whatsapp_business_account" not in caplog.text


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", [PATH, "/healthz"])
async def test_other_methods_are_405(method: str, path: str) -> None:
    async with listening() as running, httpx.AsyncClient() as client:
        response = await client.request(method, running.url + path)
        assert response.status_code == 405
        assert response.headers["allow"].startswith("GET")


async def test_everything_else_is_the_same_404() -> None:
    paths = ["/", "/docs", "/webhooks", "/webhooks/meta/", "/Webhooks/Meta", "/api/v1/users",
             "/healthz/../webhooks/meta%00", "//healthz", "/%ff%fe"]  # fmt: skip
    seen = set()
    async with listening() as running, httpx.AsyncClient() as client:
        for path in paths:
            for method in ("GET", "POST", "HEAD"):
                response = await client.request(method, running.url + path)
                seen.add((response.status_code, response.content, str(response.headers)))
    assert len(seen) == 1
    assert next(iter(seen))[:2] == (404, b"")


async def test_health_follows_the_gate() -> None:
    async with listening() as running:
        assert (await get(running.url, "/healthz")).text == "ok"
        running.gate.well = False
        assert (await get(running.url, "/healthz")).status_code == 503


@pytest.mark.parametrize("challenge", ["1158201444", "not a number!", "~" * 256])
async def test_the_handshake_gives_the_challenge_back(challenge: str) -> None:
    gate = RememberingGate(tokens=[b"another", TOKEN])
    async with listening(gate) as running:
        response = await get(running.url, PATH, handshake(challenge=challenge))
    assert (response.status_code, response.text) == (200, challenge)
    assert response.headers["content-type"].startswith("text/plain")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert gate.handshakes == [TOKEN]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"hub.mode": "subscribe"},
        handshake(token="wrong"),
        handshake(token="the-verify-tökén"),
        handshake(token=""),
        handshake(challenge=""),
        handshake(challenge="x" * 257),
        handshake(challenge="line\r\nSet-Cookie: a=b"),
        handshake(challenge="<script>\x00"),
        handshake(challenge="é"),
        {**handshake(), "hub.mode": "unsubscribe"},
        {f"field{n}": "x" for n in range(100)},
    ],
)
async def test_any_other_handshake_is_403(params: dict[str, str]) -> None:
    async with listening() as running:
        response = await get(running.url, PATH, params)
        assert (response.status_code, response.content) == (403, b"")
        assert running.gate.handshakes == []


async def test_a_token_of_bytes_that_are_not_text_is_compared_as_bytes() -> None:
    async with listening(RememberingGate(tokens=[b"\xff\xfe"])) as running:
        query = "?hub.mode=subscribe&hub.challenge=1&hub.verify_token="
        assert (await get(running.url, PATH + query + "%FF%FE")).status_code == 200
        assert (await get(running.url, PATH + query + "%C3%BF")).status_code == 403


async def test_guessing_the_token_is_stopped(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with listening() as running:
        tries = [await get(running.url, PATH, handshake(token=f"guess-{n}")) for n in range(30)]
        assert [one.status_code for one in tries] == [403] * 10 + [429] * 20
        assert (await get(running.url, PATH, handshake())).status_code == 429
        assert (await post(running.url)).status_code == 200  # webhooks still arrive
    written = [one.getMessage() for one in caplog.records if one.name != "httpx"]
    assert not any("guess-" in line for line in written)


async def test_a_request_that_guesses_nothing_does_not_count() -> None:
    async with listening() as running:
        for _ in range(15):
            assert (await get(running.url, PATH)).status_code == 403
        assert (await get(running.url, PATH, handshake())).status_code == 200


async def test_all_addresses_together_are_limited() -> None:
    limits = Limits(wrong_tokens_per_minute=100, wrong_tokens_per_hour=3)
    async with listening(limits=limits) as running:
        for _ in range(3):
            assert (await get(running.url, PATH, handshake(token="x"))).status_code == 403
        assert (await get(running.url, PATH, handshake())).status_code == 429


def test_old_guesses_are_forgotten() -> None:
    now = 0.0
    hands = Handshake(Limits(wrong_tokens_per_minute=2, wrong_tokens_per_hour=4), lambda: now)
    wrong = b"hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong"

    def guess_twice(peer: str) -> None:
        for _ in range(2):
            assert not hands.too_many(peer)
            hands.answer(wrong, [TOKEN], peer)

    guess_twice("10.0.0.1")
    assert hands.too_many("10.0.0.1")
    assert not hands.too_many("10.0.0.2")
    now = 60.0
    guess_twice("10.0.0.1")
    assert hands.too_many("10.0.0.2")
    now = 3599.9
    assert hands.too_many("10.0.0.2")
    now = 3600.0
    guess_twice("10.0.0.2")


async def test_a_taken_port_is_an_os_error() -> None:
    async with listening() as running:
        with pytest.raises(OSError, match="in use"):
            await Listener(RememberingGate()).start("127.0.0.1", running.port)


async def test_it_listens_on_ipv6_too() -> None:
    listener = Listener(RememberingGate())
    try:
        url = await listener.start("::1", 0)
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert url.startswith("http://[::1]:")
    assert (await get(url, "/healthz")).status_code == 200
    await listener.stop()


async def test_stopping_what_never_started_does_nothing() -> None:
    await Listener(RememberingGate()).stop()
