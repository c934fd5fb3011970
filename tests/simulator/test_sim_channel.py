"""The product's own channel against the simulator: they must understand each other."""

from __future__ import annotations

import pytest

from vchat_tui.channels.base import Accepted, ErrorClass, Outgoing, Rejected, Unclear
from vchat_tui.channels.facts import MessageFact, StatusFact
from vchat_tui.channels.meta import parse
from vchat_tui.channels.whatsapp_cloud import open_channel
from vchat_tui.models import Content, Status
from vchat_tui.settings import Secret
from vchat_tui.simulator.cast import CAST


@pytest.fixture
async def channel(simulator):
    account = simulator.settings.account
    channel = open_channel(
        {"phone_number_id": account.phone_number_id, "api_base_url": simulator.base_url},
        {"access_token": Secret(account.access_token)},
    )
    yield channel
    await channel.aclose()


def hello(**changes) -> Outgoing:
    content = {"text": "Hola / ¿qué tal?", "callback_data": "local-1", "address": "525555550101"}
    fields = content | changes
    text, reply_to = fields.pop("text"), fields.pop("reply_to", None)
    return Outgoing(content=Content(type="text", text=text, reply_to=reply_to), **fields)


async def test_every_story_is_understood(simulator, receiver):
    said = [(customer, said) for customer in CAST for story in customer.stories for said in story]
    ids = [simulator.customer_sends(customer, each) for customer, each in said]
    await simulator.idle()
    for (customer, each), message_id, post in zip(said, ids, receiver.posts, strict=True):
        parsed = parse(post.body)
        assert parsed.problems == ()
        [fact] = parsed.facts
        assert isinstance(fact, MessageFact)
        assert (fact.provider_id, fact.from_) == (message_id, customer.wa_id)
        assert fact.from_user_id == customer.user_id
        assert fact.profile_name == customer.name
        assert fact.type == each.type


async def test_a_message_and_its_statuses(simulator, receiver, channel):
    simulator.customer_says("lucia", "hola")
    outcome = await channel.send(hello(), 1)
    assert isinstance(outcome, Accepted) and outcome.address == "5215555550101"
    await receiver.wait(4)
    facts = [fact for post in receiver.posts for fact in parse(post.body).facts]
    statuses = [fact for fact in facts if isinstance(fact, StatusFact)]
    assert [s.status for s in statuses] == [Status.SENT, Status.DELIVERED, Status.READ]
    assert {s.provider_id for s in statuses} == {outcome.provider_id}
    assert {s.callback_data for s in statuses} == {"local-1"}


@pytest.mark.parametrize(
    ("knobs", "error_class"),
    [
        ({"token_expired": True}, ErrorClass.AUTH),
        ({"fail_next": 1, "fail_code": 131000}, ErrorClass.TRANSIENT),
        ({"fail_next": 1, "fail_code": 131056}, ErrorClass.PAIR),
        ({"fail_next": 1, "fail_code": 130429}, ErrorClass.RATE),
        ({"window_hours": 0}, ErrorClass.WINDOW),
        ({"allow_list": []}, ErrorClass.RECIPIENT),
    ],
)
async def test_refusals_are_understood(knobs, error_class, simulator, channel):
    simulator.customer_says("lucia", "hola")
    simulator.set_knob(**knobs)
    outcome = await channel.send(hello(), 1)
    assert isinstance(outcome, Rejected) and outcome.error_class == error_class


@pytest.mark.parametrize("knob", ["without_id_next", "drop_before_next", "drop_after_next"])
async def test_doubt_is_doubt(knob, simulator, channel):
    simulator.customer_says("lucia", "hola")
    simulator.set_knob(**{knob: 1})
    assert isinstance(await channel.send(hello(), 1), Unclear)
    simulator.set_knob(html_next=1)
    assert isinstance(await channel.send(hello(), 1), Unclear)


async def test_the_health_check_passes(simulator, channel):
    result = await channel.check()
    assert result.error is None and "Café Aurora" in str(result.facts)
    simulator.set_knob(token_expired=True)
    assert (await channel.check()).error is not None


async def test_a_person_without_a_number(simulator, channel):
    simulator.customer_says("nico", "hola")
    outcome = await channel.send(hello(address=None, business_scoped_id="CL.1349000000000106"), 1)
    assert isinstance(outcome, Accepted)
    assert outcome.business_scoped_id == "CL.1349000000000106"
    assert outcome.address is None
