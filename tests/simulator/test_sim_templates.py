"""Every kind of template: filled in here, taken by the contract and by the simulator; and what Meta
decides about templates."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from contracts import whatsapp_violations

from vchat_tui.channels.base import Outgoing, TemplateDefinition
from vchat_tui.channels.registry import check_content
from vchat_tui.channels.whatsapp_body import build_body
from vchat_tui.models import Content
from vchat_tui.simulator.account import BUSINESS_ACCOUNT_ID
from vchat_tui.simulator.templates import TEMPLATES
from vchat_tui.templates import Variable, fill, unsupported, variables

GOOD = [template for template in TEMPLATES if template["status"] == "APPROVED"]
MOST = {  # a template that has this part
    "text", "code", "image", "video", "document", "location", "url_suffix", "copy_code", "payload",
    "flow_token", "product", "products", "expiry",
}  # fmt: skip


def definition(template: dict[str, Any]) -> TemplateDefinition:
    return TemplateDefinition(
        provider_id=template["id"],
        name=template["name"],
        language=template["language"],
        category=template["category"],
        status=template["status"],
        components=tuple(template["components"]),
    )


def value(variable: Variable) -> str:
    places = {"latitude": "19.43", "longitude": "-99.13"}
    samples = {
        "code": "123456",
        "image": "https://shop.example.com/a.jpg",
        "video": "https://shop.example.com/a.mp4",
        "document": "https://shop.example.com/a.pdf",
        "location": places.get(variable.place.rpartition(".")[2], "Café Aurora"),
        "products": "Pasteles: SKU1, SKU2; Pan: SKU3",
        "expiry": "2030-12-24 18:00",
    }
    return samples.get(variable.kind) or variable.example or "x1"


def content_of(template: dict[str, Any], *, optional: bool) -> Content:
    known = definition(template)
    wanted = [v for v in variables(known) if v.required or optional]
    filled = fill(known, {variable.place: value(variable) for variable in wanted})
    return Content(type="template", text=filled.text, template=filled.use)


def test_there_is_a_template_for_every_kind_of_value() -> None:
    kinds = {v.kind for template in GOOD for v in variables(definition(template))}
    assert kinds == MOST
    assert not any(unsupported(definition(template)) for template in GOOD)


@pytest.mark.parametrize("optional", [True, False])
@pytest.mark.parametrize("template", GOOD, ids=lambda t: f"{t['name']}-{t['language']}")
async def test_each_can_be_filled_in_and_is_taken(
    send: Any, template: dict[str, Any], optional: bool
) -> None:
    content = content_of(template, optional=optional)
    assert check_content("whatsapp_cloud", content) is None
    body = body_of(content)
    assert whatsapp_violations({key: body[key] for key in body if key != "text"}) == []
    answer = await send(**body)
    assert answer.status_code == 200, answer.json()
    assert "{{" not in (content.text or "")


def body_of(content: Content) -> dict[str, Any]:
    outgoing = Outgoing(content=content, callback_data="c:1", address="5215555550101")
    body = build_body(outgoing)
    assert isinstance(body, dict)
    return body | {"text": None}


def without(template: str, language: str, change: Any) -> dict[str, Any]:
    """The send of a template with something changed in it."""
    found = next(t for t in GOOD if (t["name"], t["language"]) == (template, language))
    content = content_of(found, optional=True)
    body = deepcopy(body_of(content))
    change(body["template"]["components"])
    return body


@pytest.mark.parametrize(
    ("code", "template", "language", "change"),
    [
        (132012, "cita_confirmada", "es", lambda c: c[1]["parameters"][0].pop("parameter_name")),
        (132000, "cita_confirmada", "es", lambda c: c[1]["parameters"].pop()),
        (132012, "factura", "es", lambda c: c[1]["parameters"][0].update(type="payload")),
        (132012, "factura", "es", lambda c: c[0]["parameters"][0].update(type="image")),
        (131008, "donde_estamos", "es",
         lambda c: c[0]["parameters"][0]["location"].update(address="")),
        (132000, "oferta_de_hoy", "es", lambda c: c.pop()),
        (132000, "cupon", "en_US", lambda c: c.pop()),
        (100, "cupon", "en_US",
         lambda c: c[-1]["parameters"][0].update(coupon_code="X" * 21)),
        (132000, "pasteles", "es", lambda c: c[-1]["cards"].pop()),
        (132000, "pasteles", "es", lambda c: c[-1]["cards"][1]["components"][1].update(parameters=[])),
        (132012, "encuesta_formulario", "es", lambda c: c[0].update(sub_type="quick_reply")),
        (132000, "menu_de_la_semana", "es", lambda c: c.pop()),
        (132000, "codigo_acceso", "es", lambda c: c.pop()),
    ],
)  # fmt: skip
async def test_wrong_values_get_metas_codes(
    send: Any, code: int, template: str, language: str, change: Any
) -> None:
    answer = await send(**without(template, language, change))
    assert answer.json()["error"]["code"] == code, answer.json()


async def test_what_meta_decides_is_told_listed_and_obeyed(
    simulator: Any, graph: Any, send: Any, receiver: Any
) -> None:
    hello = next(template for template in GOOD if template["name"] == "hello_world")
    body = body_of(content_of(hello, optional=False))
    path = f"/v25.0/{BUSINESS_ACCOUNT_ID}/message_templates"
    for event, status, code in (
        ("PAUSED", "PAUSED", 132015),
        ("DISABLED", "DISABLED", 132016),
        ("REJECTED", "REJECTED", 132001),
        ("REINSTATED", "APPROVED", None),
        ("DELETED", None, 132001),
    ):
        order = {"name": "hello_world", "language": "en_US", "event": event, "reason": "BECAUSE"}
        answer = await graph.post("/_simulator/template", json=order)
        assert answer.status_code == 200
        listed = (await graph.get(path, params={"name": "hello_world"})).json()["data"]
        assert [template["status"] for template in listed] == ([status] if status else [])
        answer = await send(**body)
        assert answer.json().get("error", {}).get("code") == code
    await simulator.idle()
    told = [value for received in receiver.posts for value in received.values if "event" in value]
    assert [value["event"] for value in told] == [
        "PAUSED", "DISABLED", "REJECTED", "REINSTATED", "DELETED",
    ]  # fmt: skip
    assert all(value["message_template_name"] == "hello_world" for value in told)
    for wrong in ({"name": "nada", "language": "es", "event": "PAUSED"}, {"event": "PAUSED"}):
        answer = await graph.post("/_simulator/template", json=wrong)
        assert answer.status_code == 400
