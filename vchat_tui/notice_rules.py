"""Who is told of a message by SMS and e-mail, and why: pure rules.

On a customer's first message (and until an agent has answered): the agents of the conversation's
department; where it has none, the agent to whom it is assigned; else all agents. On later
messages: the agent who answered last. Nobody who is online is told: they see it on their screen.
A customer is told of an agent's message while offline, by e-mail once for a run of messages.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from vchat_tui.fold import fold_key
from vchat_tui.models import Agent
from vchat_tui.settings import _


class Way(StrEnum):
    """How somebody is told."""

    SMS = "sms"
    EMAIL = "email"


class Audience(StrEnum):
    """Whom we tell."""

    AGENT = "agent"
    USER = "user"


class Rule(StrEnum):
    """What decided; see `EXPLANATIONS`."""

    DEPARTMENT = "department"
    ASSIGNED = "assigned"
    ALL_OFFLINE = "all_offline"
    LAST_AGENT = "last_agent"
    USER_OFFLINE = "user_offline"
    TEST = "test"
    ONLINE = "online"
    USER_ONLINE = "user_online"
    NOBODY = "nobody"
    NO_PHONE = "no_phone"
    NO_EMAIL = "no_email"
    NO_ADMINS = "no_admins"
    SAME_CHANNEL = "same_channel"
    RUN = "run"
    OPTED_OUT = "opted_out"
    SWITCHED_OFF = "switched_off"
    CAME_BACK = "came_back"


EXPLANATIONS: dict[Rule, str] = {
    Rule.DEPARTMENT: _("First message, or none answered yet: the agents of its department"),
    Rule.ASSIGNED: _("First message, or none answered yet: the agent to whom it is assigned"),
    Rule.ALL_OFFLINE: _("First message, or none answered yet: all agents who are not online"),
    Rule.LAST_AGENT: _("Later message: the agent who answered last"),
    Rule.USER_OFFLINE: _("The customer is offline"),
    Rule.TEST: _("A test from the settings"),
    Rule.ONLINE: _("Not told: this agent is online"),
    Rule.USER_ONLINE: _("Not told: the customer wrote a moment ago"),
    Rule.NOBODY: _("Nobody to tell: no agent fits"),
    Rule.NO_PHONE: _("Not told: no phone number is known"),
    Rule.NO_EMAIL: _("Not told: no e-mail address is known"),
    Rule.NO_ADMINS: _("Not told: administrators get no e-mail"),
    Rule.SAME_CHANNEL: _("Not told: the message itself goes by SMS"),
    Rule.RUN: _("Not told: one e-mail is enough for a run of messages"),
    Rule.OPTED_OUT: _("Not told: this number asked for no more SMS"),
    Rule.SWITCHED_OFF: _("Not told: these notices were switched off meanwhile"),
    Rule.CAME_BACK: _("Not told: they came online before the notice left"),
}


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One person, one way, and whether they are told. `recipient_id` 0: there was nobody."""

    audience: Audience
    recipient_id: int
    name: str
    way: Way
    address: str | None
    send: bool
    rule: Rule


class CustomerWrote(msgspec.Struct, frozen=True, kw_only=True):
    """What decides which agents are told of a customer's message.

    Attributes:
        first: the customer's first message in this conversation.
        agents: all of them; `Agent.online` tells who sees the message anyhow.
        ways: that are switched on for agents.
        spare_admins: administrators get no e-mail.
    """

    first: bool
    department: str | None
    agent_id: int | None
    last_agent_id: int | None
    agents: tuple[Agent, ...]
    ways: frozenset[Way]
    spare_admins: bool = False


class AgentWrote(msgspec.Struct, frozen=True, kw_only=True):
    """What decides whether a customer is told of an agent's message.

    Attributes:
        online: they wrote within the last minutes.
        by_sms: the message itself goes out as an SMS.
        emailed: an e-mail went to them, or waits, since they last wrote.
        ways: that are switched on for customers.
    """

    user_id: int
    name: str
    phone: str | None
    email: str | None
    online: bool
    by_sms: bool
    emailed: bool
    ways: frozenset[Way]


TESTABLE = (Rule.DEPARTMENT, Rule.ASSIGNED, Rule.ALL_OFFLINE, Rule.LAST_AGENT)
"""The rules about a customer's message, in their order."""


def by_rule(
    rule: Rule, agents: tuple[Agent, ...], way: Way, *, department: str | None,
    agent_id: int | None, spare_admins: bool,
) -> CustomerWrote:  # fmt: skip
    """A customer's message on which one of the TESTABLE rules decides.

    Args:
        department: which one, for DEPARTMENT.
        agent_id: who, for ASSIGNED and LAST_AGENT.
    """
    return CustomerWrote(
        first=rule is not Rule.LAST_AGENT,
        department=department if rule is Rule.DEPARTMENT else None,
        agent_id=agent_id if rule is Rule.ASSIGNED else None,
        last_agent_id=agent_id if rule is Rule.LAST_AGENT else None,
        agents=agents,
        ways=frozenset({way}),
        spare_admins=spare_admins,
    )


def for_agents(facts: CustomerWrote) -> list[Decision]:
    """Which agents are told of a customer's message, and which are not."""
    rule, chosen = _chosen(facts)
    ways = [way for way in Way if way in facts.ways]
    if not chosen:
        return [
            Decision(audience=Audience.AGENT, recipient_id=0, name="", way=way, address=None,
                     send=False, rule=Rule.NOBODY)
            for way in ways
        ]  # fmt: skip
    return [_about_agent(agent, way, rule, facts) for agent in chosen for way in ways]


def _chosen(facts: CustomerWrote) -> tuple[Rule, list[Agent]]:
    """The agents whom a message concerns, online or not, and the rule that says so."""
    at_work = [agent for agent in facts.agents if not agent.disabled]
    if not facts.first and facts.last_agent_id is not None:
        return Rule.LAST_AGENT, [agent for agent in at_work if agent.id == facts.last_agent_id]
    if facts.department:
        wanted = fold_key(facts.department)
        fits = [agent for agent in at_work if fold_key(agent.department or "") == wanted]
        return Rule.DEPARTMENT, fits
    if facts.agent_id is not None:
        return Rule.ASSIGNED, [agent for agent in at_work if agent.id == facts.agent_id]
    return Rule.ALL_OFFLINE, at_work


def _about_agent(agent: Agent, way: Way, rule: Rule, facts: CustomerWrote) -> Decision:
    address = agent.phone if way is Way.SMS else agent.email
    against: Rule | None
    if agent.online:
        against = Rule.ONLINE
    elif way is Way.EMAIL and agent.admin and facts.spare_admins:
        against = Rule.NO_ADMINS
    else:
        against = None if address else _missing(way)
    return Decision(
        audience=Audience.AGENT, recipient_id=agent.id, name=agent.name, way=way, address=address,
        send=against is None, rule=against or rule,
    )  # fmt: skip


def for_user(facts: AgentWrote) -> list[Decision]:
    """Whether a customer is told of an agent's message."""
    return [_about_user(facts, way) for way in Way if way in facts.ways]


def _about_user(facts: AgentWrote, way: Way) -> Decision:
    address = facts.phone if way is Way.SMS else facts.email
    against: Rule | None
    if facts.online:
        against = Rule.USER_ONLINE
    elif way is Way.SMS and facts.by_sms:
        against = Rule.SAME_CHANNEL
    elif not address:
        against = _missing(way)
    else:
        against = Rule.RUN if way is Way.EMAIL and facts.emailed else None
    return Decision(
        audience=Audience.USER, recipient_id=facts.user_id, name=facts.name, way=way,
        address=address, send=against is None, rule=against or Rule.USER_OFFLINE,
    )  # fmt: skip


def _missing(way: Way) -> Rule:
    return Rule.NO_PHONE if way is Way.SMS else Rule.NO_EMAIL
