"""The limits of WhatsApp, as the provider contracts list them: at the limit it goes, one over not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from contracts import whatsapp_violations
from message_kinds import CARD, KINDS, RICH_TEMPLATE, WAMID, button, interactive, media, row

from vchat_tui.channels import registry
from vchat_tui.channels.base import Outgoing, Problem
from vchat_tui.channels.whatsapp_body import build_body
from vchat_tui.models import Content, Reaction, TemplateUse
from vchat_tui.simulator.checks.message import check_message
from vchat_tui.simulator.errors import GraphError

KB, MB = 1024, 1024 * 1024


def check(content: Content) -> Problem | None:
    return registry.check_content("whatsapp_cloud", content)


def x(number: int) -> str:
    return "x" * number


def file(kind: str, mime_type: str, **more: Any) -> Content:
    return Content(type=kind, media=media(id="1", mime_type=mime_type, **more))


def part(name: str, **parts: Any) -> Content:
    """A message of this kind with parts of its `interactive` changed."""
    given = {**(KINDS[name].interactive or {}), **parts}
    return Content(type="interactive", interactive=given)


def reply(**changed: str) -> Content:
    one = {"type": "reply", "reply": {"id": "1", "title": "Yes", **changed}}
    return part("button", action={"buttons": [one]})


def listed(sections: list[dict[str, Any]], label: str = "Choose") -> Content:
    return part("list", action={"button": label, "sections": sections})


def one_row(**changed: str) -> Content:
    return listed([{"rows": [{"id": "1", "title": "Row", **changed}]}])


def rows_in_two(number: int) -> Content:
    first, rest = [row(n) for n in range(5)], [row(n) for n in range(5, number)]
    return listed([{"title": "A", "rows": first}, {"title": "B", "rows": rest}])


def products(number: int, sections: int = 2, title: str = "Cakes") -> Content:
    items = [{"product_retailer_id": f"SKU-{n}"} for n in range(number)]
    parts = [{"title": title, "product_items": items[n::sections]} for n in range(sections)]
    return part("product_list", action={"catalog_id": "1", "sections": parts})


def link_button(label: str, url: str = "https://example.com") -> Content:
    parameters = {"display_text": label, "url": url}
    return part("cta_url", action={"name": "cta_url", "parameters": parameters})


def flow(**changed: Any) -> Content:
    action = KINDS["flow"].interactive["action"]  # type: ignore[index]
    return part("flow", action={**action, "parameters": {**action["parameters"], **changed}})


def contacts(number: int) -> Content:
    return Content(type="contacts", contacts=({"name": CARD["name"]},) * number)


def place(**changed: Any) -> Content:
    return Content(type="location", location={"latitude": 1, "longitude": 2, **changed})


def template(*components: dict[str, Any], name: str = "a", language: str = "es") -> Content:
    use = TemplateUse(name=name, language=language, components=components)
    return Content(type="template", template=use)


def values(kind: str, *texts: str) -> dict[str, Any]:
    return {"type": kind, "parameters": [{"type": "text", "text": text} for text in texts]}


def tap(sub_type: str, index: Any = 0, **parameter: Any) -> dict[str, Any]:
    kind = {"quick_reply": "payload", "url": "text", "copy_code": "coupon_code"}[sub_type]
    one = {"type": kind, **parameter}
    return {"type": "button", "sub_type": sub_type, "index": index, "parameters": [one]}


def cards(number: int) -> Content:
    made = [{"card_index": n, "components": [values("body", "x")]} for n in range(number)]
    return template({"type": "carousel", "cards": made})


Make = Callable[[int], Content]
ACTION, VALUES = "interactive.action", "template.components.0.parameters.0"

# What, the most that is taken, how to make so much, and the place where one more is refused.
LIMITS: list[tuple[str, int, Make, str]] = [
    ("text", 4096, lambda n: Content(type="text", text=x(n)), "text"),
    ("image caption", 1024, lambda n: msgspec.structs.replace(KINDS["image"], text=x(n)), "text"),
    ("video caption", 1024, lambda n: msgspec.structs.replace(KINDS["video"], text=x(n)), "text"),
    ("document caption", 1024, lambda n: msgspec.structs.replace(KINDS["document"], text=x(n)),
     "text"),
    ("image size", 5 * MB, lambda n: file("image", "image/jpeg", size=n), "media.0.size"),
    ("video size", 16 * MB, lambda n: file("video", "video/3gpp", size=n), "media.0.size"),
    ("audio size", 16 * MB, lambda n: file("audio", "audio/amr", size=n), "media.0.size"),
    ("document size", 100 * MB, lambda n: file("document", "text/plain", size=n), "media.0.size"),
    ("sticker size", 100 * KB, lambda n: file("sticker", "image/webp", animated=False, size=n),
     "media.0.size"),
    ("animated sticker size", 500 * KB,
     lambda n: file("sticker", "image/webp", animated=True, size=n), "media.0.size"),
    ("file name", 240, lambda n: file("document", "text/plain", filename=x(n)),
     "media.0.filename"),
    ("latitude", 90, lambda n: place(latitude=n), "location.latitude"),
    ("latitude south", 90, lambda n: place(latitude=f"-{n}"), "location.latitude"),
    ("longitude", 180, lambda n: place(longitude=n), "location.longitude"),
    ("contacts", 257, contacts, "contacts"),
    ("body", 1024, lambda n: part("button", body={"text": x(n)}), "interactive.body.text"),
    ("body of a list", 4096, lambda n: part("list", body={"text": x(n)}),
     "interactive.body.text"),
    ("header", 60, lambda n: part("button", header={"type": "text", "text": x(n)}),
     "interactive.header.text"),
    ("footer", 60, lambda n: part("button", footer={"text": x(n)}), "interactive.footer.text"),
    ("buttons", 3, lambda n: part("button", action={"buttons": [button(i) for i in range(n)]}),
     f"{ACTION}.buttons"),
    ("button id", 256, lambda n: reply(id=x(n)), f"{ACTION}.buttons.0.reply.id"),
    ("button title", 20, lambda n: reply(title=x(n)), f"{ACTION}.buttons.0.reply.title"),
    ("list button", 20, lambda n: listed([{"rows": [row(1)]}], x(n)), f"{ACTION}.button"),
    ("sections", 10, lambda n: listed([{"title": x(3), "rows": [row(i)]} for i in range(n)]),
     f"{ACTION}.sections"),
    ("rows in one section", 10, lambda n: listed([{"rows": [row(i) for i in range(n)]}]),
     f"{ACTION}.sections.0.rows"),
    ("rows in all sections", 10, rows_in_two, f"{ACTION}.sections"),
    ("section title", 24, lambda n: listed([{"title": x(n), "rows": [row(1)]}]),
     f"{ACTION}.sections.0.title"),
    ("row id", 200, lambda n: one_row(id=x(n)), f"{ACTION}.sections.0.rows.0.id"),
    ("row title", 24, lambda n: one_row(title=x(n)), f"{ACTION}.sections.0.rows.0.title"),
    ("row description", 72, lambda n: one_row(description=x(n)),
     f"{ACTION}.sections.0.rows.0.description"),
    ("link button", 20, lambda n: link_button(x(n)), f"{ACTION}.parameters.display_text"),
    ("products in all sections", 30, products, f"{ACTION}.sections"),
    ("sections of products", 10, lambda n: products(20, n), f"{ACTION}.sections"),
    ("title of a section of products", 24, lambda n: products(2, 1, x(n)),
     f"{ACTION}.sections.0.title"),
    ("flow button", 30, lambda n: flow(flow_cta=x(n)), f"{ACTION}.parameters.flow_cta"),
    ("cards", 10, lambda n: part("carousel", action={"cards": [{}] * n}), f"{ACTION}.cards"),
    ("template name", 512, lambda n: template(name=x(n)), "template.name"),
    ("template body value", 1024, lambda n: template(values("body", x(n))), f"{VALUES}.text"),
    ("template body values", 1024, lambda n: template(values("body", x(500), x(n - 500))),
     "template.components.0.parameters"),
    ("template header value", 60, lambda n: template(values("header", x(n))), f"{VALUES}.text"),
    ("template quick reply payload", 256, lambda n: template(tap("quick_reply", payload=x(n))),
     f"{VALUES}.payload"),
    ("template coupon", 20, lambda n: template(tap("copy_code", coupon_code=x(n))),
     f"{VALUES}.coupon_code"),
    ("template button number", 9, lambda n: template(tap("url", n, text="x")),
     "template.components.0.index"),
    ("template cards", 10, cards, "template.components.0.cards"),
]  # fmt: skip


@pytest.mark.parametrize(("limit", "make", "field"), [pytest.param(*rest, id=name)
                                                      for name, *rest in LIMITS])  # fmt: skip
def test_limit(limit: int, make: Make, field: str) -> None:
    taken = make(limit)
    assert check(taken) is None
    body = build_body(Outgoing(content=taken, callback_data="m-1", address="16505551234"))
    assert isinstance(body, dict) and whatsapp_violations(body) == []
    problem = check(make(limit + 1))
    assert problem is not None and problem.field == field
    assert "{" not in problem.message.format(**problem.values)


# Here the files' own limits and templates count, which a body does not show.
NOT_IN_THE_BODY = ("size", "template")


@pytest.mark.parametrize(("limit", "make"), [pytest.param(limit, make, id=name)
    for name, limit, make, _field in LIMITS
    if not any(word in name for word in NOT_IN_THE_BODY)])  # fmt: skip
def test_the_simulator_has_the_same_limits(limit: int, make: Make) -> None:
    bodies = [
        build_body(Outgoing(content=make(number), callback_data="m-1", address="16505551234"))
        for number in (limit, limit + 1)
    ]
    assert isinstance(bodies[0], dict) and isinstance(bodies[1], dict)
    assert check_message(bodies[0]) == bodies[0]["type"]
    with pytest.raises(GraphError):
        check_message(bodies[1])


def with_rows(*rows: dict[str, str]) -> Content:
    return listed([{"rows": list(rows)}])


# Never taken, whatever the length: what, the message, the place that is named.
REFUSED: list[tuple[str, Content, str]] = [
    ("unknown kind", Content(type="poll"), "type"),
    ("empty text", Content(type="text", text=" \n"), "text"),
    ("no text", Content(type="text"), "text"),
    ("no file", Content(type="image"), "media"),
    ("two files", Content(type="image", media=media() * 2), "media"),
    ("a file of nowhere", Content(type="image", media=media(mime_type="image/png")), "media.0"),
    ("an empty file", file("image", "image/png", size=0), "media.0.size"),
    ("an id with a path in it", Content(type="image", media=media(id="../1")), "media.0.id"),
    ("a hash that is none", Content(type="image", media=media(sha256="x")), "media.0.sha256"),
    ("a link without TLS", Content(type="image", media=media(url="http://a.example/b")),
     "media.0.url"),
    ("a link with a space", Content(type="image", media=media(url="https://a.example/b c")),
     "media.0.url"),
    ("a GIF", file("image", "image/gif"), "media.0.mime_type"),
    ("a MOV", file("video", "video/quicktime"), "media.0.mime_type"),
    ("a WAV", file("audio", "audio/wav"), "media.0.mime_type"),
    ("a PNG as sticker", file("sticker", "image/png"), "media.0.mime_type"),
    ("an MP3 as voice", file("audio", "audio/mpeg", voice=True), "media.0.mime_type"),
    ("audio with a caption", msgspec.structs.replace(KINDS["audio"], text="x"), "text"),
    ("sticker with a caption", msgspec.structs.replace(KINDS["sticker"], text="x"), "text"),
    ("no place", Content(type="location"), "location.latitude"),
    ("latitude in words", place(latitude="north"), "location.latitude"),
    ("latitude that is no number", place(latitude="nan"), "location.latitude"),
    ("address without name", place(address="1 Main St"), "location.name"),
    ("no contacts", Content(type="contacts"), "contacts"),
    ("a card without a name", Content(type="contacts", contacts=({},)), "contacts.0.name"),
    ("a card with one name only", Content(type="contacts", contacts=(
        {"name": {"formatted_name": "Ann"}},)), "contacts.0.name.first_name"),
    ("a birthday in words", Content(type="contacts", contacts=({**CARD, "birthday": "May"},)),
     "contacts.0.birthday"),
    ("a phone without number", Content(type="contacts", contacts=(
        {**CARD, "phones": [{"type": "CELL"}]},)), "contacts.0.phones.0.phone"),
    ("a vCard", Content(type="contacts", contacts=({**CARD, "vcard": "x"},)), "contacts.0.vcard"),
    ("no target", Content(type="reaction"), "reaction.message_id"),
    ("a letter as reaction", Content(type="reaction", reaction=Reaction(
        message_id=WAMID, emoji="ok")), "reaction.emoji"),
    *((f"{emoji!r} as reaction", Content(type="reaction", reaction=Reaction(
        message_id=WAMID, emoji=emoji)), "reaction.emoji")
      for emoji in ("😀😀", "👍🏽👍", "🇲🇽🇪🇸", "👍 ", "é", "😀x", "1", " ", "\u200d", "😀" * 40)),
    ("no emoji", Content(type="reaction", reaction=Reaction(message_id=WAMID)), "reaction.emoji"),
    ("unknown interactive", interactive("dance", {}), "interactive.type"),
    ("no body", part("button", body=None), "interactive.body"),
    ("no action", part("button", action=None), "interactive.action"),
    ("no buttons", part("button", action={"buttons": []}), f"{ACTION}.buttons"),
    ("a title twice", part("button", action={"buttons": [
        {"type": "reply", "reply": {"id": n, "title": "Yes"}} for n in "ab"]}),
     f"{ACTION}.buttons.1.reply.title"),
    ("an id twice", part("button", action={"buttons": [
        {"type": "reply", "reply": {"id": "1", "title": n}} for n in "ab"]}),
     f"{ACTION}.buttons.1.reply.id"),
    ("a row id twice", with_rows({"id": "1", "title": "a"}, {"id": "1", "title": "b"}),
     f"{ACTION}.sections.0.rows.1.id"),
    ("an untitled section of two", listed([{"title": "A", "rows": [row(1)]}, {"rows": [row(2)]}]),
     f"{ACTION}.sections.1.title"),
    ("an image on a list", part("list", header={"type": "image", "image": {"id": "1"}}),
     "interactive.header.type"),
    ("a header on a product", part("product", header={"type": "text", "text": "x"}),
     "interactive.header"),
    ("products without header", part("product_list", header=None), "interactive.header"),
    ("an untitled section of products", products(2, 1, " "), f"{ACTION}.sections.0.title"),
    ("a header on a request", part("location_request_message", header={"type": "text",
     "text": "x"}), "interactive.header"),
    ("a footer on a request", part("location_request_message", footer={"text": "x"}),
     "interactive.footer"),
    ("a link that is none", link_button("Go", "example.com"), f"{ACTION}.parameters.url"),
    ("a script as link", link_button("Go", "javascript:alert(1)"), f"{ACTION}.parameters.url"),
    ("file and link", part("button", header={"type": "image", "image": {
        "id": "1", "link": "https://a.example/b"}}), "interactive.header.image.link"),
    ("a form with id and name", flow(flow_name="x"), f"{ACTION}.parameters.flow_id"),
    ("one card", part("carousel", action={"cards": [{}]}), f"{ACTION}.cards"),
    ("no template", Content(type="template"), "template"),
    ("template in capitals", template(name="Order"), "template.name"),
    ("language in words", template(language="Spanish"), "template.language"),
    *((f"template value {value!r}", template(values("body", value)), f"{VALUES}.text")
      for value in ("", " ", "a\nb", "a\tb", "a     b", "a\rb")),
    ("one value with a name, one without", template({"type": "body", "parameters": [
        {"type": "text", "text": "x", "parameter_name": "a"}, {"type": "text", "text": "x"}]}),
     "template.components.0.parameters.1.parameter_name"),
    ("an image in the body", template({"type": "body", "parameters": [
        {"type": "image", "image": {"id": "1"}}]}), f"{VALUES}.type"),
    ("a button twice", template(tap("url", 0, text="x"), tap("url", "0", text="y")),
     "template.components.1.index"),
    ("a card's value with a line break", template({"type": "carousel", "cards": [
        {"card_index": 0, "components": [values("body", "a\nb")]}]}),
     "template.components.0.cards.0.components.0.parameters.0.text"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "field"), [pytest.param(*rest, id=name)
                                                for name, *rest in REFUSED])  # fmt: skip
def test_refused(content: Content, field: str) -> None:
    problem = check(content)
    assert problem is not None and problem.field == field
    assert "{" not in problem.message.format(**problem.values)


def test_what_must_not_be_refused() -> None:
    for content in (
        Content(type="text", text="x"),
        file("image", "IMAGE/PNG; x=y"),
        file("audio", "audio/ogg; codecs=opus", voice=True, size=600 * KB),
        Content(type="document", media=media(sha256="a" * 64, mime_type="application/x-thing")),
        Content(type="image", media=media(sha256="a" * 64, url="https://lookaside.fbsbx.com/x")),
        place(latitude=0, longitude=0, name="", address=""),
        place(latitude="-0.5", longitude="179.99"),
        *(Content(type="reaction", reaction=Reaction(message_id=WAMID, emoji=emoji))
          for emoji in ("❤️", "1️⃣", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🇲🇽", "☑", "👍🏽")),
        template(values("body", "a    b")),
        Content(type="template", template=RICH_TEMPLATE),
    ):  # fmt: skip
        assert check(content) is None


def test_a_file_of_ours_without_the_providers_id_is_not_sent() -> None:
    content = Content(
        type="image", media=media(sha256="a" * 64, url="https://lookaside.fbsbx.com/x")
    )
    outcome = build_body(Outgoing(content=content, callback_data="m", address="16505551234"))
    assert not isinstance(outcome, dict) and outcome.error.code == "no_file"


def test_a_console_checks_without_an_http_client() -> None:
    program = (
        "import sys; from vchat_tui.channels import registry; from vchat_tui.models import Content;"
        "registry.check_content('whatsapp_cloud', Content(type='text', text='x'));"
        "sys.exit('httpx' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
