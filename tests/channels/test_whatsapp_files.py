"""Files, templates and read receipts at a scripted provider: what leaves, and what answers become."""

from __future__ import annotations

import hashlib
import json
import logging
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from contracts import whatsapp_violations
from scripted_provider import (
    Behaviour,
    Provider,
    answers,
    http,
    refuses,
    resets,
    says,
)

from vchat_tui.channels.base import (
    Channel,
    ErrorClass,
    Fetched,
    NotSent,
    Rejected,
    TemplateDefinition,
    Uploaded,
)
from vchat_tui.channels.whatsapp_cloud import open_channel
from vchat_tui.models import Media, MessageError
from vchat_tui.settings import Secret
from vchat_tui.simulator.multipart import parts

TOKEN = "EAAJB-secret"
ACCOUNT = "102290129340398"


@asynccontextmanager
async def channel_to(url: str, **changes: Any) -> AsyncIterator[Channel]:
    given = {"phone_number_id": "106", "business_account_id": ACCOUNT, "api_base_url": url}
    channel = open_channel(given | changes, {"access_token": Secret(TOKEN)})
    try:
        yield channel
    finally:
        await channel.aclose()


class Script:
    """Answers requests one after the other; the last answer stays."""

    def __init__(self, *behaviours: Behaviour) -> None:
        self._left = list(behaviours)

    async def __call__(self, writer: Any) -> None:
        behaviour = self._left.pop(0) if len(self._left) > 1 else self._left[0]
        await behaviour(writer)


# ---- upload -------------------------------------------------------------------------------------


async def test_what_an_upload_sends(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes(range(256)) * 1000)
    async with Provider(says(200, {"id": "1037"})) as provider, channel_to(provider.url) as channel:
        outcome = await channel.upload(path, "audio/ogg; codecs=opus", "né\r\n.ogg")
        assert outcome == Uploaded(provider_id="1037")
        method, target, headers, body = provider.requests[0]
    assert (method, target) == ("POST", "/v25.0/106/media")
    assert headers["authorization"] == f"Bearer {TOKEN}" and "transfer-encoding" not in headers
    sent = parts(body, headers["content-type"])
    assert sent["messaging_product"].data == b"whatsapp"
    assert sent["type"].data == b"audio/ogg; codecs=opus"
    assert sent["file"].data == path.read_bytes() and sent["file"].mime_type == "audio/ogg"
    assert b"\r\nContent-Type: audio/ogg; codecs=opus\r\n" in body
    assert body.count(b"\r\n\r\n") == 3  # the name broke no header


@pytest.mark.parametrize(
    "behaviour",
    [
        resets,
        answers(http(200, b"<html>")),
        answers(http(500, b"")),
        answers(http(502, b"<html>")),
        says(200, {"id": "../1"}),
        says(200, {}),
        answers(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
    ],
)
async def test_an_upload_without_a_clear_answer_may_be_repeated(
    behaviour: Behaviour, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(b"x")
    async with Provider(behaviour) as provider, channel_to(provider.url) as channel:
        outcome = await channel.upload(tmp_path / "a", "image/png", "a.png")
    assert isinstance(outcome, NotSent) and outcome.reason


@pytest.mark.parametrize(
    ("behaviour", "error_class", "again", "pauses"),
    [
        (refuses(190, 401), ErrorClass.AUTH, False, True),
        (refuses(131053), ErrorClass.MEDIA, False, False),
        (refuses(100), ErrorClass.REQUEST, False, False),
        (refuses(130429), ErrorClass.RATE, True, False),
        (refuses(131016, 500), ErrorClass.TRANSIENT, True, False),
        (answers(http(413, b"<html>")), ErrorClass.REQUEST, False, False),
        (answers(http(429, b"", "Retry-After: 7")), ErrorClass.RATE, True, False),
    ],
)
async def test_a_refused_upload(
    behaviour: Behaviour, error_class: ErrorClass, again: bool, pauses: bool, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(b"x")
    async with Provider(behaviour) as provider, channel_to(provider.url) as channel:
        outcome = await channel.upload(tmp_path / "a", "image/png", "a.png")
    assert isinstance(outcome, Rejected) and outcome.error_class == error_class
    assert (outcome.retry_after is not None, outcome.pauses_inbox) == (again, pauses)


async def test_nobody_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    async with channel_to("http://127.0.0.1:1") as channel:
        assert isinstance(await channel.upload(tmp_path / "a", "a/b", "a"), NotSent)
        assert isinstance(await channel.fetch(Media(id="1"), tmp_path / "b", 10), NotSent)
        error = await channel.templates()
        assert isinstance(error, MessageError) and error.code == "no_answer"
        read = await channel.mark_read("wamid.X")
        assert read is not None and read.code == "no_answer"


# ---- fetch --------------------------------------------------------------------------------------


async def fetch(
    tmp_path: Path, file: Behaviour, most: int = 1000, media: Media | None = None, **found: Any
) -> tuple[Any, Provider]:
    """Fetches a file that the lookup finds at the provider."""
    async with Provider(file) as provider:
        answer = {"url": f"{provider.url}/file", "mime_type": "image/png", "id": "1", **found}
        provider.behaviour = Script(says(200, answer), file)
        async with channel_to(provider.url) as channel:
            outcome = await channel.fetch(media or Media(id="1"), tmp_path / "a", most)
    return outcome, provider


BYTES = b"\x89PNG" + bytes(100)
HEX = hashlib.sha256(BYTES).hexdigest()


@pytest.mark.parametrize(
    "digest",
    [None, HEX, HEX.upper(), b64encode(bytes.fromhex(HEX)).decode(), "0" * 64, "nonsense", "é"],
)
async def test_no_digest_keeps_a_file_out(
    digest: str | None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        outcome, provider = await fetch(
            tmp_path,
            answers(http(200, BYTES, "Content-Type: image/png")),
            sha256=digest,
            file_size=str(len(BYTES)),
        )
    assert outcome == Fetched(sha256=HEX, size=len(BYTES), mime_type="image/png")
    assert (tmp_path / "a").read_bytes() == BYTES
    assert oct((tmp_path / "a").stat().st_mode & 0o777) == "0o600"
    good = (
        digest is None or digest.lower() == HEX or digest == b64encode(bytes.fromhex(HEX)).decode()
    )
    assert ("differs" in caplog.text) is not good
    headers = provider.requests[1][2]
    assert headers["accept-encoding"] == "identity"
    assert headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (answers(http(200, b"<html>", "Content-Type: text/html; charset=utf-8")), "not_the_file"),
        (says(200, {"error": {}}, "Content-Type: application/json"), "not_the_file"),
        (answers(http(404, b"")), "not_the_file"),
        (answers(http(401, b"<html>")), "not_the_file"),
        (answers(http(206, b"x")), "not_the_file"),
        (answers(http(200, b"x", "Content-Encoding: gzip")), "not_the_file"),
        (answers(http(200, bytes(1001))), "too_large"),
        (answers(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(1001)), "too_large"),
        (answers(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), None),
        (resets, None),
    ],
)
async def test_what_is_not_the_file(file: Behaviour, code: str | None, tmp_path: Path) -> None:
    outcome, _provider = await fetch(tmp_path, file)
    if code is None:
        assert isinstance(outcome, NotSent)
    else:
        assert isinstance(outcome, Rejected) and outcome.error.code == code
        assert (outcome.retry_after is None) == (code == "too_large")
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240


async def test_a_page_that_a_customer_sent_is_a_file(tmp_path: Path) -> None:
    page = answers(http(200, b"<html>", "Content-Type: text/html"))
    outcome, _provider = await fetch(tmp_path, page, mime_type="text/html")
    assert isinstance(outcome, Fetched) and outcome.mime_type == "text/html"


async def test_a_large_file_is_not_even_asked_for(tmp_path: Path) -> None:
    outcome, provider = await fetch(tmp_path, resets, file_size="1001")
    assert isinstance(outcome, Rejected) and outcome.error.code == "too_large"
    assert len(provider.requests) == 1


async def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await fetch(tmp_path / "nowhere", answers(http(200, b"x")))


@pytest.mark.parametrize(
    ("lookup", "code", "pauses"),
    [
        (refuses(100, error_subcode=33), "media_gone", False),
        (refuses(33), "media_gone", False),
        (answers(http(404, b"")), "media_gone", False),
        (refuses(190, 401), "190", True),
        (refuses(131016, 500), "131016", False),
    ],
)
async def test_a_lookup_that_fails(
    lookup: Behaviour, code: str, pauses: bool, tmp_path: Path
) -> None:
    async with Provider(lookup) as provider, channel_to(provider.url) as channel:
        outcome = await channel.fetch(Media(id="1"), tmp_path / "a", 100)
    assert isinstance(outcome, Rejected)
    assert (outcome.error.code, outcome.pauses_inbox) == (code, pauses)


# ---- templates ----------------------------------------------------------------------------------


def page(*names: str, after: str | None = None, more: bool = True) -> dict[str, Any]:
    data = [
        {"id": f"5{name}", "name": name, "language": "es", "status": "APPROVED",
         "category": "UTILITY", "components": [{"type": "BODY", "text": "Hola"}]}
        for name in names
    ]  # fmt: skip
    paging: dict[str, Any] = {"cursors": {"before": "b", "after": after}}
    if more and after:
        paging["next"] = f"https://graph.facebook.com/x?access_token={TOKEN}&after={after}"
    return {"data": data, "paging": paging}


async def templates(*behaviours: Behaviour, **changes: Any) -> tuple[Any, Provider]:
    async with (
        Provider(Script(*behaviours)) as provider,
        channel_to(provider.url, **changes) as channel,
    ):
        return await channel.templates(), provider


async def test_every_page_is_read_by_its_cursor() -> None:
    found, provider = await templates(
        says(200, page("a", "b", after="q/=&x")), says(200, page("c", after="z", more=False))
    )
    assert [definition.name for definition in found] == ["a", "b", "c"]
    first, second = (urlsplit(request[1]) for request in provider.requests)
    assert first.path == f"/v25.0/{ACCOUNT}/message_templates" == second.path
    assert "after" not in parse_qs(first.query) and parse_qs(second.query)["after"] == ["q/=&x"]
    assert "parameter_format" in parse_qs(first.query)["fields"][0]
    assert TOKEN not in "".join(request[1] for request in provider.requests)


async def test_a_definition() -> None:
    answer = {
        "data": [
            {
                "id": 594,
                "name": "pausada",
                "language": "es_MX",
                "status": "PAUSED",
                "category": "MARKETING",
                "parameter_format": "NAMED",
                "quality_score": {"score": "RED"},
                "rejected_reason": "PROMOTIONAL",
                "components": [{"type": "BODY", "text": "Hola {{name}}"}, "junk"],
            },
            {"id": "595", "name": "b", "language": "es", "rejected_reason": "NONE"},
            {"name": "without id"},
            "junk",
        ]
    }
    found, _provider = await templates(says(200, answer))
    assert found == (
        TemplateDefinition(
            provider_id="594",
            name="pausada",
            language="es_MX",
            category="MARKETING",
            status="PAUSED",
            quality="RED",
            reason="PROMOTIONAL",
            named=True,
            components=({"type": "BODY", "text": "Hola {{name}}"},),
        ),
        TemplateDefinition(provider_id="595", name="b", language="es", category="", status=""),
    )


async def test_a_bad_cursor_begins_again_once() -> None:
    first, bad = says(200, page("a", after="x")), refuses(131059)
    found, provider = await templates(first, bad, first, says(200, page("b")))
    assert [definition.name for definition in found] == ["a", "b"]
    assert len(provider.requests) == 4
    found, provider = await templates(first, bad, first, bad)
    assert isinstance(found, MessageError) and found.code == "131059"


async def test_the_same_cursor_for_ever_ends() -> None:
    found, provider = await templates(says(200, page("a", after="x")))
    assert [definition.name for definition in found] == ["a", "a"]
    assert len(provider.requests) == 2


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (refuses(190, 401), "190"),
        (refuses(200, 403), "200"),
        (answers(http(502, b"<html>")), "http_502"),
        (says(200, {"data": "no"}), "http_200"),
        (resets, "no_answer"),
    ],
)
async def test_a_page_that_fails_fails_the_whole(behaviour: Behaviour, code: str) -> None:
    found, _provider = await templates(says(200, page("a", after="x")), behaviour)
    assert isinstance(found, MessageError) and found.code == code


async def test_without_a_business_account_nothing_is_asked() -> None:
    for account in ("", "1/2"):
        found, provider = await templates(says(200, page("a")), business_account_id=account)
        assert isinstance(found, MessageError) and found.code == "no_account"
        assert provider.requests == []


# ---- read receipts ------------------------------------------------------------------------------


@pytest.mark.parametrize("typing", [False, True])
async def test_a_read_receipt(typing: bool) -> None:
    async with Provider(says(200, {"success": True})) as provider:
        async with channel_to(provider.url) as channel:
            assert await channel.mark_read("wamid.X", typing) is None
        assert provider.requests[0][:2] == ("POST", "/v25.0/106/messages")
        body = json.loads(provider.requests[0][3])
    assert body["message_id"] == "wamid.X" and ("typing_indicator" in body) == typing
    assert whatsapp_violations(body) == []


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [(refuses(131009), "131009"), (says(200, {}), "http_200"), (resets, "no_answer")],
)
async def test_a_read_receipt_that_fails(behaviour: Behaviour, code: str) -> None:
    async with Provider(behaviour) as provider, channel_to(provider.url) as channel:
        error = await channel.mark_read("wamid.X")
    assert error is not None and error.code == code
