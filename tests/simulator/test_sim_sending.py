"""POST /messages: what Meta takes in, what it refuses and with which code."""

from __future__ import annotations

import time

import pytest
from contracts import whatsapp_violations
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui.simulator.account import ACCESS_TOKEN, PHONE_NUMBER_ID, Account
from vchat_tui.simulator.cast import CAST
from vchat_tui.simulator.checks.message import KINDS
from vchat_tui.simulator.customers import People
from vchat_tui.simulator.errors import GraphError
from vchat_tui.simulator.knobs import Controls
from vchat_tui.simulator.media import Files
from vchat_tui.simulator.meta_json import encode
from vchat_tui.simulator.sending import Sending
from vchat_tui.simulator.template_states import TemplateStates

IMAGE = {"id": "1234"}


@pytest.fixture(autouse=True)
def open_windows(simulator):
    for key in ("lucia", "daniel", "bia", "nico", "marta", "emma", "sam"):
        simulator.customer_says(key, "hola")
    simulator.set_knob(pair_seconds=0)


def interactive(kind, action, **keys):
    content = {"type": kind, "body": {"text": "Elige"}, "action": action} | keys
    return {"type": "interactive", "text": None, "interactive": content}


def buttons(*titles):
    return {
        "buttons": [
            {"type": "reply", "reply": {"id": f"b{n}", "title": title}}
            for n, title in enumerate(titles)
        ]
    }


def rows(*counts, title="Sección"):
    named = {"title": title} if title else {}
    sections = [
        named | {"rows": [{"id": f"r{s}-{n}", "title": f"Fila {n}"} for n in range(count)]}
        for s, count in enumerate(counts)
    ]
    return {"button": "Ver", "sections": sections}


def template(name="seguimos_en_contacto", code="es", components=None):
    if components is None:
        components = [{"type": "body", "parameters": [{"type": "text", "text": "Ana"}]}]
    content = {"name": name, "language": {"code": code}, "components": components}
    return {"type": "template", "text": None, "template": content}


def values(*texts):
    return [{"type": "body", "parameters": [{"type": "text", "text": t} for t in texts]}]


def media(kind, **content):
    return {"type": kind, "text": None, kind: content}


GOOD = [
    {},
    {"type": None},
    {"text": {"body": "x" * 4096, "preview_url": True}},
    {"recipient_type": "individual", "biz_opaque_callback_data": "x" * 512},
    {"context": {"message_id": "wamid.X"}},
    {"to": "+52 1 (55) 5555-0101"},
    media("image", id="1234", caption="c" * 1024),
    media("document", link="https://example.com/a.pdf", filename="a.pdf"),
    media("audio", id="1234", voice=True),
    media("sticker", id="1234"),
    {"type": "location", "text": None, "location": {"latitude": 0, "longitude": "-99.1"}},
    {
        "type": "contacts",
        "text": None,
        "contacts": [{"name": {"formatted_name": "Ana", "first_name": "Ana"}}],
    },
    {"type": "reaction", "text": None, "reaction": {"message_id": "wamid.X", "emoji": ""}},
    interactive("button", buttons("Sí", "No", "Luego")),
    interactive("button", buttons("Sí"), header={"type": "image", "image": IMAGE}),
    interactive("list", rows(5, 5), body={"text": "x" * 4096}),
    interactive("list", rows(10, title=None) | {"button": "x" * 20}),
    interactive(
        "cta_url",
        {"name": "cta_url", "parameters": {"display_text": "Ir", "url": "https://example.com"}},
    ),
    interactive("location_request_message", {"name": "send_location"}),
    interactive(
        "product_list",
        {
            "catalog_id": "1",
            "sections": [{"title": "t", "product_items": [{"product_retailer_id": "p"}] * 30}],
        },
        header={"type": "text", "text": "Menú"},
    ),
    template(),
    template("hello_world", "en_US", components=[]),
    template(
        "pedido_en_camino",
        "es_MX",
        [
            {"type": "header", "parameters": [{"type": "image", "image": IMAGE}]},
            *values("Ana", "42"),
            {
                "type": "button",
                "sub_type": "url",
                "index": "0",
                "parameters": [{"type": "text", "text": "42"}],
            },
        ],
    ),
]

BAD = [
    (100, {"messaging_product": None}),
    (100, {"to": None}),
    (100, {"nonsense": 1}),
    (100, {"text": {"body": "x" * 4097}}),
    (100, {"text": {"body": "hi", "nonsense": 1}}),
    (100, {"biz_opaque_callback_data": "x" * 513}),
    (131008, {"text": None}),
    (131008, {"text": {"body": ""}}),
    (131008, {"text": {}}),
    (131009, {"text": "hola"}),
    (131009, {"text": {"body": 7}}),
    (131009, {"to": "Lucía"}),
    (131009, {"recipient_type": "everybody"}),
    (131009, {"to": None, "recipient": "5215555550101"}),
    (131021, {"to": "+15550783881"}),
    (131051, {"type": "hologram"}),
    (131009, media("image", id="1", link="https://example.com/a.png")),
    (131009, media("image")),
    (131009, media("image", id="../me")),
    (131009, media("image", link="file:///etc/passwd")),
    (100, media("image", id="1", caption="c" * 1025)),
    (100, media("audio", id="1", caption="no captions here")),
    (131009, {"type": "location", "text": None, "location": {"latitude": 91, "longitude": 0}}),
    (131008, {"type": "location", "text": None, "location": {"latitude": 1}}),
    (131008, {"type": "reaction", "text": None, "reaction": {"message_id": "wamid.X"}}),
    (131009, {"type": "contacts", "text": None, "contacts": []}),
    (
        131008,
        {"type": "contacts", "text": None, "contacts": [{"name": {"formatted_name": "Ana"}}]},
    ),
    (131009, interactive("button", buttons("1", "2", "3", "4"))),
    (131009, interactive("button", buttons("same", "same"))),
    (100, interactive("button", buttons("x" * 21))),
    (100, interactive("button", buttons("ok"), body={"text": "x" * 1025})),
    (100, interactive("button", buttons("ok"), footer={"text": "x" * 61})),
    (100, interactive("button", buttons("ok"), header={"type": "text", "text": "x" * 61})),
    (131008, interactive("button", buttons("ok"), body=None)),
    (131009, interactive("list", rows(6, 5))),
    (131009, interactive("list", rows(*[1] * 11))),
    (131008, interactive("list", rows(1, 1, title=None))),
    (100, interactive("list", rows(1, title="x" * 25))),
    (100, interactive("list", rows(1) | {"button": "x" * 21})),
    (131009, interactive("list", rows(1), header={"type": "image", "image": IMAGE})),
    (131009, interactive("dance", {})),
    (
        131009,
        interactive("cta_url", {"name": "cta_url", "parameters": {"display_text": "Ir", "url": "x"}}),
    ),
    (131008, interactive("product_list", {"catalog_id": "1", "sections": []})),
    (132001, template("no_such_template")),
    (132001, template(code="es_MX")),
    (132001, template("encuesta", components=[])),
    (132015, template("promo_invierno")),
    (132000, template(components=[])),
    (132000, template(components=values("a", "b"))),
    (132000, template("pedido_en_camino", "es_MX", [
        {"type": "header", "parameters": [{"type": "image", "image": IMAGE}]}, *values("a", "b"),
    ])),
    (132012, template("pedido_en_camino", "es_MX", values("a", "b"))),
    (132012, template(components=[{"type": "body", "parameters": [{"type": "image"}]}])),
    (132018, template(components=values("two\nlines"))),
    (132018, template(components=values("tab\t"))),
    (132018, template(components=values("five     spaces"))),
    (132005, template(components=values("x" * 1024))),
    (131008, template(components=values(" "))),
    (131009, {**template(), "template": {"name": "hello_world", "language": "en_US"}}),
    (131062, {**template("codigo_acceso", components=[
        *values("1"),
        {"type": "button", "sub_type": "url", "index": 0,
         "parameters": [{"type": "text", "text": "1"}]},
    ]), "to": None, "recipient": "CL.1349000000000106"}),
]  # fmt: skip


async def test_accepted(send, simulator):
    for media_id in ("1", IMAGE["id"]):
        simulator.keep_file(b"x", "image/png", media_id)
    for changes in GOOD:
        answer = await send(**changes)
        assert answer.status_code == 200, (changes, answer.text)
        assert answer.json()["messages"][0]["id"] == simulator.ledger.messages()[-1].id


@pytest.mark.contract
def test_what_is_accepted_here_meta_accepts_too():
    for changes in GOOD:
        body = {
            "messaging_product": "whatsapp",
            "to": "+5215555550101",
            "type": "text",
            "text": {"body": "Hola"},
        }
        body |= {key: value for key, value in changes.items() if key != "type" or value}
        assert whatsapp_violations({k: v for k, v in body.items() if v is not None}) == []


async def test_refused(send, simulator):
    for code, changes in BAD:
        answer = await send(**changes)
        error = answer.json().get("error", {})
        assert error.get("code") == code, (changes, answer.text)
        assert answer.status_code == {132001: 404}.get(code, 400)
        assert error["type"] == "OAuthException" and error["fbtrace_id"]
        assert error["error_data"]["details"]
    assert simulator.ledger.messages() == []
    assert simulator.ledger.refused.total() == len(BAD)


WORDS = st.sampled_from(
    ("type", "parameters", "index", "header", "body", "text", "button", "list", "title", "rows")
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(), inner),
    max_leaves=12,
)
HELLO = st.fixed_dictionaries(
    {
        "name": st.just("pedido_en_camino"),
        "language": st.just({"code": "es_MX"}),
        "components": st.lists(
            st.fixed_dictionaries(
                {"type": st.sampled_from(("header", "body", "button"))},
                optional={"parameters": ANYTHING, "index": ANYTHING, "sub_type": ANYTHING},
            )
        ),
    }
)


@given(st.data())
def test_a_body_is_taken_or_refused_whatever_it_is(data):
    body = {"messaging_product": "whatsapp", "to": "+525555550101"}
    kind = data.draw(st.sampled_from(KINDS))
    inner = HELLO if kind == "template" else ANYTHING
    body |= {"type": kind, kind: data.draw(ANYTHING | inner)}
    body |= data.draw(
        st.fixed_dictionaries({}, optional=dict.fromkeys(("to", "context", "status"), ANYTHING))
    )
    sending = Sending(People(CAST), Controls(), Files(time.time), TemplateStates())
    sending.windows.open("lucia", 0)
    try:
        answer = sending.answer(sending.take(body, Account()))
    except GraphError as refusal:
        answer = refusal.body()
    assert encode(answer)


async def test_text_that_cannot_be_utf8_is_answered(graph):
    path = f"/v25.0/{PHONE_NUMBER_ID}/messages"
    raw = b'{"messaging_product":"whatsapp","to":"+525555550101","text":{"body":"x"},"\\ud800":1}'
    refused = await graph.post(path, content=raw)
    assert refused.json()["error"]["code"] == 100
    raw = raw.replace(b'"body":"x"', b'"body":"\\ud800"').replace(b',"\\ud800":1', b"")
    assert (await graph.post(path, content=raw)).status_code == 200
    assert (await graph.get("/_simulator/ledger")).status_code == 200


async def test_the_answer_and_the_ledger(send, simulator, graph):
    answer = await send(biz_opaque_callback_data="local-17", to="+525555550101")
    content = answer.json()
    assert content["messaging_product"] == "whatsapp"
    assert content["contacts"] == [{"input": "+525555550101", "wa_id": "5215555550101"}]
    ledger = (await graph.get("/_simulator/ledger")).json()
    entry = ledger["entries"][0]
    assert entry["callback_data"] == "local-17" and entry["recipient"] == "lucia"
    assert entry["id"] == content["messages"][0]["id"]
    assert entry["body"]["text"] == {"body": "Hola"}
    assert (await graph.get("/_simulator/ledger?after=1")).json()["entries"] == []


@pytest.mark.parametrize(
    ("to", "wa_id"),
    [
        ("+5511955550101", "551155550101"),  # Brazil: WhatsApp leaves the ninth digit out
        ("+525555550101", "5215555550101"),  # Mexico: WhatsApp puts a 1 in
        ("+541155550101", "5491155550101"),  # Argentina: a 9
        ("2025550143", "12025550143"),  # no +: the business's own country
    ],
)
async def test_whatsapp_spells_numbers_its_own_way(to, wa_id, send, simulator):
    simulator.customer_says("rafa", "hola")
    answer = (await send(to=to)).json()
    assert answer["contacts"] == [{"input": to, "wa_id": wa_id}]


async def test_a_user_id_goes_in_recipient(send, simulator, receiver):
    answer = (await send(to=None, recipient="CL.1349000000000106")).json()
    assert answer["contacts"] == [
        {"input": "CL.1349000000000106", "user_id": "CL.1349000000000106"}
    ]


async def test_a_user_id_in_the_wrong_field_is_lost_silently(send, simulator, receiver):
    lost = (await send(to="CL.1349000000000106")).json()["messages"][0]["id"]
    kept = (await send()).json()["messages"][0]["id"]
    await receiver.wait(10)  # seven customers wrote; three statuses
    assert {s["id"] for s in receiver.statuses_seen()} == {kept} and lost != kept


async def test_read_receipts(graph, simulator):
    path = f"/v25.0/{PHONE_NUMBER_ID}/messages"
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.X"}
    assert (await graph.post(path, json=body)).json() == {"success": True}
    typing = body | {"typing_indicator": {"type": "text"}}
    assert (await graph.post(path, json=typing)).json() == {"success": True}
    assert [entry.kind for entry in simulator.ledger.entries()] == ["read", "read"]
    for wrong in ({"status": "seen"}, {"message_id": None}, {"typing_indicator": {}}, {"to": "1"}):
        assert (await graph.post(path, json=body | wrong)).status_code == 400


@pytest.mark.parametrize("authorization", ["", "Bearer wrong", ACCESS_TOKEN, "Bearer"])
async def test_a_wrong_token(authorization, graph):
    path = f"/v25.0/{PHONE_NUMBER_ID}/messages"
    answer = await graph.post(path, json={}, headers={"Authorization": authorization})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == 190


async def test_an_unknown_number(graph):
    answer = await graph.post("/v25.0/999/messages", json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 33)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000])
async def test_a_body_that_is_no_object(raw, graph):
    answer = await graph.post(f"/v25.0/{PHONE_NUMBER_ID}/messages", content=raw)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


@pytest.mark.parametrize("path", ["/", "/25/1/messages", "/v25.0/1/2/3", f"/x/{PHONE_NUMBER_ID}"])
async def test_unknown_paths(path, graph):
    for answer in (await graph.get(path), await graph.post(path, json={})):
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, 2500)
