"""360dialog on loopback: what leaves, and what its own answers become; the rest is Meta's line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from scripted_provider import Behaviour, Provider, answers, http, refuses, says

from vchat_tui.channels import errors, registry
from vchat_tui.channels.account import TokenState
from vchat_tui.channels.base import (
    Accepted,
    Channel,
    ErrorClass,
    Fetched,
    Outgoing,
    Rejected,
    TemplateDefinition,
    Unclear,
    Uploaded,
)
from vchat_tui.models import Content, Media, MessageError
from vchat_tui.settings import Secret, SettingError

CHANNEL = "whatsapp_360dialog"
KEY = "d360-key-0123"
SECRETS = {"api_key": Secret(KEY), "webhook_secret": Secret("hook/secret")}
PUBLIC = "https://chat.example.com"
ADDRESS = f"{PUBLIC}/webhooks/360dialog/hook%2Fsecret"
HELLO = Outgoing(
    content=Content(type="text", text="Hi"), callback_data="m-17", address="16505551234"
)


@asynccontextmanager
async def channel_to(url: str, **more: Any) -> AsyncIterator[Channel]:
    given = {"api_base_url": url, "public_url": PUBLIC} | more
    channel = registry.open_channel(CHANNEL, given, SECRETS)
    try:
        yield channel
    finally:
        await channel.aclose()


async def refusal_of(behaviour: Behaviour) -> Any:
    async with Provider(behaviour) as provider, channel_to(provider.url) as channel:
        return await channel.send(HELLO, 1)


def developer_message(status: int, words: str) -> Behaviour:
    meta = {"success": False, "http_code": status, "developer_message": words}
    return says(status, {"meta": meta})


async def test_a_message_has_no_number_in_its_path_and_the_key_in_its_header() -> None:
    taken = {"contacts": [{"wa_id": "16505551234"}], "messages": [{"id": "wamid.A"}]}
    async with Provider(says(200, taken)) as provider, channel_to(provider.url) as channel:
        assert await channel.send(HELLO, 1) == Accepted(
            provider_id="wamid.A", address="16505551234"
        )
        method, path, headers, _body = provider.requests[0]
        assert (method, path, headers["d360-api-key"]) == ("POST", "/messages", KEY)
        assert "authorization" not in headers
        assert provider.sent["messaging_product"] == "whatsapp"
        assert (provider.sent["to"], provider.sent["text"]["body"]) == ("+16505551234", "Hi")


async def test_meta_s_errors_pass_through() -> None:
    assert await refusal_of(refuses(131047)) == Rejected(
        error=MessageError(code="131047", title="(#131047) no"), error_class=ErrorClass.WINDOW
    )
    token = await refusal_of(refuses(190, 401))
    assert token.pauses_inbox and "360dialog" in errors.advice(CHANNEL, token.error)


@pytest.mark.parametrize(
    ("status", "error_class", "again", "pauses"),
    [
        (400, ErrorClass.REQUEST, False, False),
        (401, ErrorClass.AUTH, False, True),
        (403, ErrorClass.PERMISSION, False, True),
        (404, ErrorClass.CONFIG, False, True),
        (429, ErrorClass.RATE, True, False),
    ],
)
async def test_what_360dialog_refuses_itself(
    status: int, error_class: ErrorClass, again: bool, pauses: bool
) -> None:
    for behaviour in (
        developer_message(status, "Invalid thing"),
        says(status, {"error": "Invalid thing"}),
    ):
        outcome = await refusal_of(behaviour)
        assert isinstance(outcome, Rejected)
        assert (outcome.error_class, outcome.pauses_inbox) == (error_class, pauses)
        assert (outcome.retry_after is not None) == again
        assert outcome.error.title == "Invalid thing"
        rule = errors.rule(CHANNEL, outcome.error.code)
        assert rule is not None and (rule.error_class, rule.pauses) == (error_class, pauses)


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_gateway_that_broke_may_have_passed_the_message_on(status: int) -> None:
    assert isinstance(await refusal_of(developer_message(status, "Bad gateway")), Unclear)
    assert isinstance(await refusal_of(says(status, {"error": "Bad gateway"})), Unclear)


async def test_a_file_goes_up(tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    file.write_bytes(b"png")
    async with Provider(says(200, {"id": "1037"})) as provider, channel_to(provider.url) as channel:
        assert await channel.upload(file, "image/png", "photo.png") == Uploaded(provider_id="1037")
        method, path, headers, _body = provider.requests[0]
        assert (method, path, headers["d360-api-key"]) == ("POST", "/media", KEY)


@pytest.mark.parametrize("slash", ["/", "\\/"])
async def test_a_file_is_fetched_from_360dialog_s_own_server(tmp_path: Path, slash: str) -> None:
    """Never from Meta's: the key is not Meta's, and means nothing there."""
    url = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2&hash=Ab_c"
    lookup = says(200, {"url": url.replace("/", slash), "mime_type": "image/png", "id": "77"})
    async with Provider(lookup) as provider, channel_to(provider.url) as channel:

        async def then_the_file(writer: Any) -> None:
            provider.behaviour = answers(http(200, b"png!", "Content-Type: image/png"))
            await lookup(writer)

        provider.behaviour = then_the_file
        media = Media(id="77", url="https://evil.example/x", mime_type="image/png")
        fetched = await channel.fetch(media, tmp_path / "file", 1000)
        assert isinstance(fetched, Fetched) and fetched.size == 4
        asked = [(method, path) for method, path, _headers, _body in provider.requests]
        assert asked == [
            ("GET", "/77"),
            ("GET", "/whatsapp_business/attachments/?mid=1&ext=2&hash=Ab_c"),
        ]
        assert {headers["d360-api-key"] for _, _, headers, _ in provider.requests} == {KEY}


async def test_an_address_in_a_webhook_is_never_called(tmp_path: Path) -> None:
    async with Provider(says(200, {})) as provider, channel_to(provider.url) as channel:
        media = Media(id="not-a-number", url=f"{provider.url}/v1/configs/webhook")
        refused = await channel.fetch(media, tmp_path / "file", 1000)
        assert isinstance(refused, Rejected) and refused.error.code == errors.MEDIA_GONE
        assert provider.requests == []


@pytest.mark.parametrize("status", [404, 400])
async def test_a_file_that_is_gone_is_not_asked_for_again(tmp_path: Path, status: int) -> None:
    behaviour = developer_message(404, "unknown media") if status == 404 else refuses(100)
    async with Provider(behaviour) as provider, channel_to(provider.url) as channel:
        refused = await channel.fetch(Media(id="77"), tmp_path / "file", 1000)
        assert isinstance(refused, Rejected) and refused.retry_after is None
        assert refused.error.code == errors.MEDIA_GONE


def template(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"t{number}", "external_id": str(number), "name": f"n{number}", "language": "es",
            "category": "MARKETING", "status": "approved", "rejected_reason": "NONE",
            "components": [{"type": "BODY", "text": "Hola"}]} | more  # fmt: skip


async def test_templates_are_read_page_by_page() -> None:
    stored = [template(number) for number in range(230)]
    stored[7] = template(7, status="REJECTED", category="utility", rejected_reason="ABUSIVE")
    async with Provider(says(200, {})) as provider:

        async def page(writer: Any) -> None:
            query = dict(
                pair.split("=") for pair in provider.requests[-1][1].partition("?")[2].split("&")
            )
            first = int(query["offset"])
            part = stored[first : first + int(query["limit"])]
            answer = {"waba_templates": part, "count": len(part), "total": len(stored)}
            await says(200, answer)(writer)

        provider.behaviour = page
        async with channel_to(provider.url) as channel:
            found = await channel.templates()
    assert not isinstance(found, MessageError) and len(found) == 230
    assert len(provider.requests) == 3
    assert found[0] == TemplateDefinition(
        provider_id="0", name="n0", language="es", category="MARKETING", status="APPROVED",
        components=({"type": "BODY", "text": "Hola"},),
    )  # fmt: skip
    assert (found[7].status, found[7].category, found[7].reason) == (
        "REJECTED",
        "UTILITY",
        "ABUSIVE",
    )


async def test_a_page_of_templates_that_is_refused_says_why() -> None:
    async with (
        Provider(developer_message(401, "Invalid api key")) as provider,
        channel_to(provider.url) as channel,
    ):
        assert await channel.templates() == MessageError(code="401", title="Invalid api key")


async def test_the_webhook_is_registered_with_address_and_header() -> None:
    async with Provider(says(200, {})) as provider, channel_to(provider.url) as channel:
        assert await channel.subscribe() is None
        assert provider.requests[0][:2] == ("POST", "/v1/configs/webhook")
        assert provider.sent == {
            "url": ADDRESS,
            "headers": {"Authorization": "Bearer hook/secret"},
        }


async def test_what_is_said_of_the_webhook_never_holds_its_secret() -> None:
    said = developer_message(400, f"cannot reach {ADDRESS}, hook/secret")
    async with Provider(said) as provider, channel_to(provider.url) as channel:
        refused = await channel.subscribe()
        assert "hook/secret" not in repr(await channel.inspect())
    assert refused == MessageError(
        code="400", title=f"cannot reach {PUBLIC}/webhooks/360dialog/***, ***"
    )


async def test_without_a_public_url_nothing_is_asked() -> None:
    async with (
        Provider(says(200, {})) as provider,
        channel_to(provider.url, public_url=None) as channel,
    ):
        assert await channel.subscribe() == MessageError(code=errors.NO_WEBHOOK_URL)
        assert provider.requests == []


@pytest.mark.parametrize(
    ("webhook", "expected"),
    [
        ({"url": ADDRESS, "headers": {"Authorization": "Bearer hook/secret"}}, (True, None, True)),
        ({"url": ADDRESS, "headers": {"authorization": "Bearer other"}}, (True, None, False)),
        ({"url": ADDRESS}, (True, None, False)),
        ({"url": ""}, (False, None, None)),
        ({"url": "https://other.example/hooks/their-secret"},
         (False, "https://other.example/…", None)),
        ({"url": "http://[x/y"}, (False, "…", None)),
    ],
)  # fmt: skip
async def test_the_report_says_where_webhooks_go(
    webhook: dict[str, Any], expected: tuple[bool, str | None, bool | None]
) -> None:
    async with Provider(says(200, {})) as provider:

        async def behave(writer: Any) -> None:
            path = provider.requests[-1][1]
            health = {"health_status": {"can_send_message": "AVAILABLE"}}
            number = {"display_phone_number": "+34 600 111 222", "verified_name": "Aurora"}
            await says(200, webhook if "webhook" in path else health | number)(writer)

        provider.behaviour = behave
        async with channel_to(provider.url) as channel:
            report = await channel.inspect()
    assert report.token.state is TokenState.VALID and report.health.can_send == "AVAILABLE"
    assert (report.number.number, report.number.name) == ("+34 600 111 222", "Aurora")
    found = report.subscription
    assert found is not None
    assert (found.subscribed, found.override_url, found.proven) == expected


async def test_a_wrong_key_is_told_apart_from_no_answer() -> None:
    async with (
        Provider(developer_message(401, "Invalid api key")) as provider,
        channel_to(provider.url) as channel,
    ):
        report = await channel.inspect()
        assert report.token.state is TokenState.WRONG
        assert (await channel.check()).error == MessageError(code="401", title="Invalid api key")
    async with channel_to("http://127.0.0.1:9") as channel:
        assert (await channel.inspect()).token.state is TokenState.UNKNOWN


@pytest.mark.parametrize(("secrets", "key"), [({}, "api_key"), ({"api_key": "a b"}, "api_key")])
def test_a_key_that_cannot_be_a_header_is_refused(secrets: dict[str, str], key: str) -> None:
    with pytest.raises(SettingError) as refused:
        registry.open_channel(CHANNEL, {}, {name: Secret(value) for name, value in secrets.items()})
    assert refused.value.key == key
