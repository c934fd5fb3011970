"""Templates at the desk: read, kept up to date, sent; in the right language and never by mistake."""

from __future__ import annotations

from typing import Any

import pytest
from desk_kit import Office, Provider
from webhook_bodies import body, of_changes, status

from vchat_tui.channels.base import Capabilities, ErrorClass, TemplateDefinition
from vchat_tui.desk import calls, template_sync
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.templates import choose
from vchat_tui.models import MessageError, Status
from vchat_tui.templates.model import Template

ANA = "5215512345678"


def template(
    name: str = "aviso",
    language: str = "es",
    text: str = "Hola {{1}}, su pedido {{2}} ya salió.",
    **other: Any,
) -> TemplateDefinition:
    given = {"category": "UTILITY", "status": "APPROVED", "provider_id": f"{name}.{language}"}
    return TemplateDefinition(
        name=name,
        language=language,
        components=({"type": "BODY", "text": text},),
        **(given | other),
    )


def able(office: Office, *definitions: TemplateDefinition) -> None:
    """The provider has these templates."""
    capabilities = Capabilities(
        max_text=4096, window_hours=24, templates=True, kinds=frozenset({"text", "template"})
    )
    office.provider.definitions = definitions
    office.provider.capabilities = capabilities


@pytest.fixture
async def inbox(empty_office: Office) -> int:
    """An inbox whose templates were read."""
    able(empty_office, template())
    inbox_id = await empty_office.add_inbox()
    await empty_office.call(calls.SyncTemplates(inbox_id=inbox_id))
    return inbox_id


async def listed(office: Office, inbox_id: int, **wanted: Any) -> tuple[Template, ...]:
    page = await office.call(calls.ListTemplates(inbox_id=inbox_id, **wanted))
    rows: tuple[Template, ...] = page.rows
    return rows


async def send(office: Office, conversation_id: int, template_id: int, **values: str) -> Any:
    """Sends a template; `body_1` stands for `body.1`."""
    return await office.call(
        calls.SendTemplate(
            conversation_id=conversation_id,
            client_id="c1",
            template_id=template_id,
            values={place.replace("_", ".", 1): value for place, value in values.items()},
            author="Eva",
        )
    )


async def test_a_reading_replaces_what_was_there(empty_office: Office, inbox: int) -> None:
    office = empty_office
    able(office, template(status="PAUSED"), template("nuevo"))
    page = await office.call(calls.SyncTemplates(inbox_id=inbox))
    assert page.synced_at is not None and page.error is None
    assert [(row.name, row.status) for row in await listed(office, inbox)] == [
        ("aviso", "PAUSED"),
        ("nuevo", "APPROVED"),
    ]
    able(office, template("nuevo"))
    await office.call(calls.SyncTemplates(inbox_id=inbox))
    assert [row.name for row in await listed(office, inbox)] == ["nuevo"]


async def test_a_reading_that_fails_keeps_what_was_there(empty_office: Office, inbox: int) -> None:
    office = empty_office
    office.provider.definitions = MessageError(code="190")
    page = await office.call(calls.SyncTemplates(inbox_id=inbox))
    assert page.error is not None and page.error.code == "190"
    assert page.synced_at is not None
    assert [row.name for row in await listed(office, inbox)] == ["aviso"]


async def test_the_list_is_filtered_and_paged(empty_office: Office, inbox: int) -> None:
    office = empty_office
    able(
        office,
        *(template(f"n{number:03}", "en_US", category="MARKETING") for number in range(120)),
        template("otro", status="REJECTED", reason="SCAM"),
    )
    await office.call(calls.SyncTemplates(inbox_id=inbox))
    page = await office.call(calls.ListTemplates(inbox_id=inbox, offset=100, limit=100))
    assert (page.total, len(page.rows), page.offset) == (121, 21, 100)
    assert [row.name for row in await listed(office, inbox, words="marketing N007")] == ["n007"]
    assert [row.reason for row in await listed(office, inbox, words="rejected")] == ["SCAM"]
    assert await listed(office, inbox, words="rejected", sendable=True) == ()


async def test_a_hidden_template_stays_hidden_and_is_not_sent(
    empty_office: Office, inbox: int
) -> None:
    office = empty_office
    (row,) = await listed(office, inbox)
    await office.call(calls.HideTemplate(template_id=row.id, hidden=True))
    await office.call(calls.SyncTemplates(inbox_id=inbox))
    assert await listed(office, inbox, sendable=True) == ()
    (row,) = await listed(office, inbox)
    assert row.hidden
    conversation = await office.conversation()
    with pytest.raises(DeskError, match="hidden"):
        await send(office, conversation.id, row.id, body_1="a", body_2="b")


async def test_sending_keeps_what_the_customer_reads(empty_office: Office, inbox: int) -> None:
    office = empty_office
    (row,) = await listed(office, inbox)
    conversation = await office.conversation()
    sent = await send(
        office, conversation.id, row.id, body_1="{recipient_name|cliente}", body_2="{ticket}"
    )
    again = await send(office, conversation.id, row.id, body_1="otra", body_2="vez")
    assert again.id == sent.id
    assert sent.text == f"Hola cliente, su pedido {conversation.id} ya salió."
    assert (sent.type, sent.template.name, sent.template.language) == ("template", "aviso", "es")
    await office.until_status(sent.id, Status.ACCEPTED)
    (outgoing,) = office.provider.sent
    assert outgoing.content.template == sent.template
    (shown,) = [i for i in await office.timeline(conversation.id) if i.message.id == sent.id]
    assert shown.message.text == sent.text


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"body_1": "a"}, "body.2", "empty"),
        ({"body_1": "{user_email}", "body_2": "b"}, "body.1", "{user_email} is empty"),
        ({"body_1": "{nada}", "body_2": "b"}, "body.1", "no merge field"),
        ({"body_1": "a", "body_2": "b", "body_3": "c"}, "body.3", "no value"),
    ],
)
async def test_a_refusal_names_the_value(
    empty_office: Office, inbox: int, values: dict[str, str], field: str, words: str
) -> None:
    office = empty_office
    (row,) = await listed(office, inbox)
    conversation = await office.conversation()
    with pytest.raises(DeskError, match=words) as caught:
        await send(office, conversation.id, row.id, **values)
    assert caught.value.field == field
    assert office.provider.sent == []


async def test_to_somebody_who_never_wrote(empty_office: Office, inbox: int) -> None:
    office = empty_office
    call = calls.SendTemplateTo(
        inbox="Ventas",
        to="+34 600 111 222",
        client_id="c2",
        name="aviso",
        values={"body.1": "Ben", "body.2": "7"},
    )
    sent = await office.call(call)
    await office.until_status(sent.id, Status.ACCEPTED)
    assert office.provider.sent[0].address == "34600111222"
    (row,) = await office.list()
    assert (row.last_text, row.window_ends_at) == ("Hola Ben, su pedido 7 ya salió.", None)


async def test_a_name_or_language_that_is_not_there(empty_office: Office, inbox: int) -> None:
    office = empty_office
    for more, words in (({"name": "nada"}, "no template"), ({"language": "pt"}, "it has: es")):
        given = {"inbox": "Ventas", "to": "+34600111222", "client_id": "c", "name": "aviso"}
        with pytest.raises(DeskError, match=words):
            await office.call(calls.SendTemplateTo(**(given | more), values={}))
    assert await office.list() == ()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("es_MX", "es_MX"), ("es-mx", "es_MX"), ("es_AR", "es"), ("en", "en_US"), ("fr", "it"),
     (None, "it")],
)  # fmt: skip
async def test_the_language_for_a_customer(
    empty_office: Office, inbox: int, wanted: str | None, found: str
) -> None:
    office = empty_office
    able(office, *(template(language=code) for code in ("en_US", "es", "es_MX", "it", "de")))
    await office.call(calls.SyncTemplates(inbox_id=inbox))
    chosen = await office.read(choose, inbox, "aviso", ("it", "es", "en_US", "es_MX"), wanted)
    assert chosen.language == found


async def test_a_language_that_is_paused_is_passed_over(empty_office: Office, inbox: int) -> None:
    office = empty_office
    able(office, template(language="es", status="PAUSED"), template(language="en"))
    await office.call(calls.SyncTemplates(inbox_id=inbox))
    chosen = await office.read(choose, inbox, "aviso", ("es", "en"), "es")
    assert chosen.language == "en"
    assert await office.read(choose, inbox, "nada", ("es",), "es") is None


# ---- kept up to date ----------------------------------------------------------------------------


def told(field: str, **value: Any) -> bytes:
    """A webhook about the template `aviso` in Spanish."""
    value |= {"message_template_name": "aviso", "message_template_language": "es"}
    return of_changes({"field": field, "value": value})


async def wanted(office: Office) -> bool:
    return bool((await office.rows("SELECT max(wanted) FROM template_sync"))[0][0])


async def test_a_webhook_changes_the_row_and_asks_for_a_reading(
    empty_office: Office, inbox: int
) -> None:
    office = empty_office
    await office.post(told("message_template_status_update", event="PAUSED", reason="QUALITY"))
    (row,) = await listed(office, inbox)
    assert (row.status, row.reason) == ("PAUSED", "QUALITY")
    assert await wanted(office)
    await office.post(told("message_template_status_update", event="REINSTATED", reason="NONE"))
    (row,) = await listed(office, inbox)
    assert (row.status, row.reason) == ("APPROVED", None)
    await office.post(told("message_template_quality_update", new_quality_score="RED"))
    await office.post(told("template_category_update", new_category="MARKETING"))
    (row,) = await listed(office, inbox)
    assert (row.quality, row.category) == ("RED", "MARKETING")


@pytest.mark.parametrize("value", [7, None, {"a": 1}, ["x"]])
async def test_a_webhook_full_of_rubbish_does_no_harm(
    empty_office: Office, inbox: int, value: Any
) -> None:
    office = empty_office
    fields = ("message_template_status_update", "message_template_quality_update",
              "template_category_update", "message_template_components_update")  # fmt: skip
    (before,) = await listed(office, inbox)
    for field in fields:
        names = {"event": value, "reason": value, "new_category": value}
        await office.post(told(field, **names, new_quality_score=value))
    (after,) = await listed(office, inbox)
    assert (after.status, after.category) == (before.status, before.category)


async def test_a_webhook_reaches_all_numbers_of_the_account(
    empty_office: Office, inbox: int
) -> None:
    office = empty_office
    second = await office.add_second_inbox()
    await office.call(calls.SyncTemplates(inbox_id=second))
    await office.post(told("message_template_status_update", event="DISABLED"))
    for inbox_id in (inbox, second):
        assert [row.status for row in await listed(office, inbox_id)] == ["DISABLED"]


async def test_a_refused_send_asks_for_a_reading(empty_office: Office, inbox: int) -> None:
    office = empty_office
    (row,) = await listed(office, inbox)
    conversation = await office.conversation()
    office.provider.answer = Provider.reject("132001", ErrorClass.TEMPLATE)
    sent = await send(office, conversation.id, row.id, body_1="a", body_2="b")
    await office.until_status(sent.id, Status.FAILED)
    assert await wanted(office)


async def test_a_failure_told_later_asks_for_a_reading(empty_office: Office, inbox: int) -> None:
    office = empty_office
    (row,) = await listed(office, inbox)
    conversation = await office.conversation()
    sent = await send(office, conversation.id, row.id, body_1="a", body_2="b")
    await office.until_status(sent.id, Status.ACCEPTED)
    (known,) = await office.messages(conversation_id=conversation.id, after_id=sent.id - 1)
    assert known.provider_id and not await wanted(office)
    await office.post(body(statuses=(status(known.provider_id, "failed", code=132016),)))
    assert await wanted(office)


async def test_templates_are_read_by_themselves(
    empty_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = empty_office
    monkeypatch.setattr(template_sync, "LOOK_EVERY", 0.0)
    able(office, template())
    inbox_id = await office.add_inbox()
    while not await listed(office, inbox_id):
        await office.told()
    able(office, template("nuevo"))
    await office.write("UPDATE template_sync SET wanted = 1, tried_at = tried_at - 60000")
    while [row.name for row in await listed(office, inbox_id)] != ["nuevo"]:
        await office.told()
