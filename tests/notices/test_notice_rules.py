"""The rules of notices, in the order and words of their specification."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui.models import Agent
from vchat_tui.notice_rules import (
    EXPLANATIONS,
    AgentWrote,
    Audience,
    CustomerWrote,
    Decision,
    Rule,
    Way,
    for_agents,
    for_user,
)

BOTH = frozenset(Way)
SMS, EMAIL = frozenset({Way.SMS}), frozenset({Way.EMAIL})

ANA = Agent(id=1, name="Ana", phone="+34600000001", email="ana@x.example", department="Ventas")
LUIS = Agent(id=2, name="Luis", phone="+34600000002", email="luis@x.example", department="Ventas",
             online=True)  # fmt: skip
EVA = Agent(id=3, name="Eva", phone="+34600000003", email="eva@x.example", admin=True)
TEO = Agent(id=4, name="Teo")
EX = Agent(id=5, name="Ex", phone="+34600000005", department="Ventas", disabled=True)
TEAM = (ANA, LUIS, EVA, TEO, EX)


def customer(**facts: Any) -> list[Decision]:
    """A customer wrote, for the first time where nothing else is said."""
    usual = {"first": True, "department": None, "agent_id": None, "last_agent_id": None,
             "agents": TEAM, "ways": SMS}  # fmt: skip
    return for_agents(CustomerWrote(**{**usual, **facts}))


def agent(**facts: Any) -> list[Decision]:
    """An agent wrote to a customer who is offline and wrote on WhatsApp."""
    usual = {"user_id": 9, "name": "Mia", "phone": "+52155", "email": "mia@y.example",
             "online": False, "by_sms": False, "emailed": False, "ways": BOTH}  # fmt: skip
    return for_user(AgentWrote(**{**usual, **facts}))


def lines(decisions: list[Decision]) -> str:
    """`Ana sms: department`, and `(Luis sms: online)` for who is not told."""
    words = (f"{one.name} {one.way}: {one.rule}".strip() for one in decisions)
    return ", ".join(
        text if one.send else f"({text})" for text, one in zip(words, decisions, strict=True)
    )


A15 = [
    ("1  agents get texts when a customer's message arrives",
     customer(agents=(ANA,)), "Ana sms: all_offline"),
    ("1  and customers when an agent's does",
     agent(ways=SMS), "Mia sms: user_offline"),
    ("2  first message, a department: only its agents",
     customer(department="ventas"), "Ana sms: department, (Luis sms: online)"),
    ("2  a department goes before an agent",
     customer(department="Ventas", agent_id=3), "Ana sms: department, (Luis sms: online)"),
    ("2  else the agent to whom it is assigned, and only that one",
     customer(agent_id=3), "Eva sms: assigned"),
    ("2  else all who are not online",
     customer(), "Ana sms: all_offline, (Luis sms: online), Eva sms: all_offline, (Teo sms: no_phone)"),
    ("2  ... by text and e-mail",
     customer(agents=(ANA, LUIS), ways=BOTH),
     "Ana sms: all_offline, Ana email: all_offline, (Luis sms: online), (Luis email: online)"),
    ("2  a department in which nobody works: nobody, and that is said",
     customer(department="Compras"), "(sms: nobody)"),
    ("3  later messages: only the last agent, whatever the department",
     customer(first=False, last_agent_id=3, department="Ventas", agent_id=1), "Eva sms: last_agent"),
    ("3  as long as no agent has answered there is no last one: as the first message",
     customer(first=False, agent_id=1), "Ana sms: assigned"),
    ("4  only while the last agent is offline",
     customer(first=False, last_agent_id=2), "(Luis sms: online)"),
    ("4  a last agent who works here no more gets nothing",
     customer(first=False, last_agent_id=5), "(sms: nobody)"),
    ("6  agents need a phone number",
     customer(agent_id=4), "(Teo sms: no_phone)"),
    ("E  the same rules for e-mail",
     customer(first=False, last_agent_id=1, ways=EMAIL), "Ana email: last_agent"),
    ("E  an address is needed",
     customer(agent_id=4, ways=EMAIL), "(Teo email: no_email)"),
    ("E  no e-mail to admins, where that is set",
     customer(agent_id=3, ways=BOTH, spare_admins=True), "Eva sms: assigned, (Eva email: no_admins)"),
    ("E  ... else they get it",
     customer(agent_id=3, ways=EMAIL), "Eva email: assigned"),
    ("U  a customer is told while offline",
     agent(), "Mia sms: user_offline, Mia email: user_offline"),
    ("U  never while online",
     agent(online=True), "(Mia sms: user_online), (Mia email: user_online)"),
    ("U  one e-mail for a run of messages",
     agent(emailed=True), "Mia sms: user_offline, (Mia email: run)"),
    ("U  no SMS about an SMS",
     agent(by_sms=True), "(Mia sms: same_channel), Mia email: user_offline"),
    ("U  not without number or address",
     agent(phone=None, email=None), "(Mia sms: no_phone), (Mia email: no_email)"),
    ("0  what is switched off is not even listed",
     customer(ways=frozenset()) + agent(ways=frozenset()), ""),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "decisions", "expected"), A15, ids=[row[0] for row in A15])
def test_a15(rule: str, decisions: list[Decision], expected: str) -> None:
    assert lines(decisions) == expected


some = st.one_of(st.none(), st.sampled_from(["Ventas", "ventas ", "Compras", ""]))
people = st.builds(
    Agent, id=st.integers(1, 6), name=st.just("A"), phone=st.sampled_from([None, "+34600000001"]),
    email=st.sampled_from([None, "a@x.example"]), department=some, admin=st.booleans(),
    disabled=st.booleans(), online=st.booleans(),
)  # fmt: skip
teams = st.lists(people, unique_by=lambda each: each.id, max_size=6).map(tuple)
ways = st.frozensets(st.sampled_from(Way))
ids = st.one_of(st.none(), st.integers(1, 7))


@given(
    st.builds(
        CustomerWrote, first=st.booleans(), department=some, agent_id=ids, last_agent_id=ids,
        agents=teams, ways=ways, spare_admins=st.booleans(),
    )
)  # fmt: skip
def test_whatever_the_facts(facts: CustomerWrote) -> None:
    decisions = for_agents(facts)
    by_id = {each.id: each for each in facts.agents}
    told = [(one.recipient_id, one.way) for one in decisions if one.send]
    assert len(set(told)) == len(told), "told twice in one way"
    for one in decisions:
        assert one.audience is Audience.AGENT and one.way in facts.ways
        assert one.rule in EXPLANATIONS
        if one.send:
            agent = by_id[one.recipient_id]
            assert one.address and not agent.online and not agent.disabled
            assert one.address == (agent.phone if one.way is Way.SMS else agent.email)
            if not facts.first and facts.last_agent_id is not None:
                assert one.recipient_id == facts.last_agent_id
            assert not (agent.admin and facts.spare_admins and one.way is Way.EMAIL)
    if facts.ways:
        assert decisions, "somebody is told, or it is said why nobody is"


@given(
    st.builds(
        AgentWrote, user_id=st.just(1), name=st.just("M"), phone=st.sampled_from([None, "+521"]),
        email=st.sampled_from([None, "m@x.example"]), online=st.booleans(), by_sms=st.booleans(),
        emailed=st.booleans(), ways=ways,
    )
)  # fmt: skip
def test_a_customer_is_never_told_too_much(facts: AgentWrote) -> None:
    for one in for_user(facts):
        if one.send:
            assert one.address and not facts.online and one.rule is Rule.USER_OFFLINE
            assert not (one.way is Way.EMAIL and facts.emailed)
            assert not (one.way is Way.SMS and facts.by_sms)
