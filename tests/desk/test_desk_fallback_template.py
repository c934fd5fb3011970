"""The fallback template: its settings are checked when saved and when sent, and say what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from desk_kit import Office
from test_desk_templates import able, template

from vchat_tui.channels.base import TemplateDefinition
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.fallback_template import fallback_content
from vchat_tui.models import Content, MessageError

GOOD = {
    "fallback_template_name": "aviso",
    "fallback_template_languages": "es, en_US",
    "fallback_template_body": "{nombre_destinatario|cliente}, pan\\, queso",
}
ENGLISH = template(language="en_US", text="Hi {{1}}, your order {{2}} left.")
LINKED = TemplateDefinition(
    provider_id="1",
    name="enlace",
    language="es",
    category="UTILITY",
    status="APPROVED",
    components=(
        {"type": "BODY", "text": "Le espera una respuesta."},
        {
            "type": "BUTTONS",
            "buttons": [{"type": "URL", "text": "Ver", "url": "https://c.example/c/{{1}}"}],
        },
    ),
)


async def save(office: Office, inbox_id: int, **values: Any) -> Any:
    return await office.call(
        calls.SaveInbox(
            inbox_id=inbox_id, name="Ventas", channel="whatsapp_cloud", values=GOOD | values
        )
    )


async def content(office: Office, language: str | None = None) -> Content:
    conversation = await office.conversation()
    if language:
        await office.call(calls.SaveUser(user_id=conversation.user_id, language=language))
        conversation = await office.call(calls.GetConversation(conversation_id=conversation.id))
    found: Content = await office.read(fallback_content, conversation)
    return found


@pytest.fixture
async def inbox(empty_office: Office) -> int:
    able(empty_office, template(), ENGLISH, template("otro", status="PAUSED"), LINKED)
    return await empty_office.add_inbox()


async def test_what_is_saved_is_english_and_what_is_sent_is_filled_in(
    empty_office: Office, inbox: int
) -> None:
    office = empty_office
    saved = await save(office, inbox)  # the templates are read first: they never were
    assert saved.settings["fallback_template_body"] == "{recipient_name|cliente}, pan\\, queso"
    assert await office.call(calls.CheckFallback(inbox_id=inbox)) is None
    sent = await content(office)
    assert sent.text == "Hola cliente, su pedido pan, queso ya salió."
    assert sent.template is not None and sent.template.language == "es"
    sent = await content(office, "en")
    assert sent.text == "Hi cliente, your order pan, queso left."


async def test_who_has_no_language_gets_the_number_s(empty_office: Office, inbox: int) -> None:
    office = empty_office
    await save(office, inbox, default_language="en")
    assert (await content(office)).text == "Hi cliente, your order pan, queso left."


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"fallback_template_name": "nada"}, "name", "no template “nada”"),
        ({"fallback_template_name": "otro", "fallback_template_languages": "es"}, "languages",
         "paused"),
        ({"fallback_template_languages": ""}, "languages", "it has: en_US, es"),
        ({"fallback_template_languages": "es, pt"}, "languages", "no such language: pt"),
        ({"fallback_template_body": "a"}, "body", "values: 1; the template takes 2"),
        ({"fallback_template_body": "a, b, c"}, "body", "values: 3; the template takes 2"),
        ({"fallback_template_body": "a, "}, "body", "empty"),
        ({"fallback_template_body": "a, {nada}"}, "body", "no merge field {nada}"),
        ({"fallback_template_body": "a, {user_name"}, "body", "stands alone"),
        ({"fallback_template_header": "a"}, "header", "values: 1; the template takes 0"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said_at_its_setting(
    empty_office: Office, inbox: int, values: dict[str, str], field: str, words: str
) -> None:
    with pytest.raises(DeskError, match=words) as caught:
        await save(empty_office, inbox, **values)
    assert caught.value.field == f"fallback_template_{field}"


async def test_a_button_takes_its_own_setting(empty_office: Office, inbox: int) -> None:
    office = empty_office
    values = {"fallback_template_name": "enlace", "fallback_template_languages": "es",
              "fallback_template_body": ""}  # fmt: skip
    with pytest.raises(DeskError, match="the template takes 1") as caught:
        await save(office, inbox, **values)
    assert caught.value.field == "fallback_template_buttons"
    await save(office, inbox, **values, fallback_template_buttons="{user_name|x}")


async def test_while_meta_cannot_be_asked_it_is_taken_with_a_warning(
    empty_office: Office, inbox: int
) -> None:
    office = empty_office
    office.provider.definitions = MessageError(code="190")
    await save(office, inbox, fallback_template_name="nada")
    problem = await office.call(calls.CheckFallback(inbox_id=inbox))
    assert problem is not None and "could not be read yet" in problem.message
    able(office, template(), ENGLISH)
    await office.call(calls.SyncTemplates(inbox_id=inbox))
    problem = await office.call(calls.CheckFallback(inbox_id=inbox))
    assert problem is not None and problem.field == "fallback_template_name"


async def test_it_is_checked_again_when_it_is_sent(empty_office: Office, inbox: int) -> None:
    office = empty_office
    with pytest.raises(DeskError, match="no fallback template"):
        await content(office)
    await save(office, inbox)
    able(office, template(text="Hola {{1}}"), template(language="en_US", status="PAUSED"))
    await office.call(calls.SyncTemplates(inbox_id=inbox))
    with pytest.raises(DeskError, match="the template takes 1") as caught:
        await content(office)
    assert caught.value.field == "fallback_template_body"
    able(office, template("otro"))
    await office.call(calls.SyncTemplates(inbox_id=inbox))
    with pytest.raises(DeskError, match="not there in any of its languages"):
        await content(office)


async def test_it_may_be_one_that_agents_are_not_offered(empty_office: Office, inbox: int) -> None:
    office = empty_office
    await save(office, inbox)
    page = await office.call(calls.ListTemplates(inbox_id=inbox, words="aviso"))
    for row in page.rows:
        await office.call(calls.HideTemplate(template_id=row.id, hidden=True))
    assert (await content(office)).text == "Hola cliente, su pedido pan, queso ya salió."
    assert await office.call(calls.CheckFallback(inbox_id=inbox)) is None
