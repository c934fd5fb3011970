"""The facts from which the rules of notices decide, as the database and the consoles have them."""

from __future__ import annotations

import sqlite3

from msgspec.structs import replace

from vchat_tui.channels import registry
from vchat_tui.desk.notice_config import Config, sms_inbox
from vchat_tui.models import Agent, Conversation, Direction, Message
from vchat_tui.notice_rules import (
    AgentWrote,
    Audience,
    CustomerWrote,
    Decision,
    Rule,
    Way,
    for_agents,
    for_user,
)
from vchat_tui.store import agents, conversations, messages, notices, people
from vchat_tui.store.times import to_ms


def decide(
    db: sqlite3.Connection, message_id: int, online: frozenset[int], config: Config, now: int
) -> list[Decision]:
    """Who is told of a message, and who is not.

    Args:
        online: ids of the agents who are.
    """
    message = messages.get(db, message_id)
    conversation = conversations.get(db, message.conversation_id) if message else None
    if message is None or conversation is None:
        return []
    if message.direction is Direction.IN:
        first = not notices.wrote_before(db, conversation.id, message.id)
        return for_agents(customer_wrote(db, conversation, first, online, config))
    return _of_our_own(db, message, conversation, config, now)


def _of_our_own(
    db: sqlite3.Connection, message: Message, conversation: Conversation, config: Config, now: int
) -> list[Decision]:
    facts = agent_wrote(db, conversation, config, now)
    return for_user(facts) if facts is not None and message.direction is Direction.OUT else []


def customer_wrote(
    db: sqlite3.Connection, conversation: Conversation, first: bool, online: frozenset[int],
    config: Config,
) -> CustomerWrote:  # fmt: skip
    """What decides on a customer's message."""
    return CustomerWrote(
        first=first, department=conversation.department, agent_id=conversation.agent_id,
        last_agent_id=conversation.last_agent_id,
        agents=everybody(db, online),
        ways=config.ways(Audience.AGENT), spare_admins=config.spare_admins,
    )  # fmt: skip


def everybody(db: sqlite3.Connection, online: frozenset[int]) -> tuple[Agent, ...]:
    """All agents, each with whether they are online."""
    return tuple(replace(agent, online=agent.id in online) for agent in agents.everybody(db))


def agent_wrote(
    db: sqlite3.Connection, conversation: Conversation, config: Config, now: int
) -> AgentWrote | None:
    """What decides on an agent's message; None where the customer is gone."""
    user = people.get_user(db, conversation.user_id)
    if user is None:
        return None
    seen = to_ms(user.last_seen_at) if user.last_seen_at else 0
    return AgentWrote(
        user_id=user.id, name=user.name, phone=user.phone, email=user.email,
        online=is_online(db, user.id, config, now), by_sms=registry.is_sms(conversation.channel),
        emailed=notices.emailed_since(db, user.id, seen), ways=config.ways(Audience.USER),
    )  # fmt: skip


def is_online(db: sqlite3.Connection, user_id: int, config: Config, now: int) -> bool:
    """Whether a customer wrote within the last minutes."""
    user = people.get_user(db, user_id)
    if user is None or user.last_seen_at is None:
        return False
    return now - to_ms(user.last_seen_at) < config.online_ms


def heeding_stop(
    db: sqlite3.Connection, config: Config, decisions: list[Decision]
) -> list[Decision]:
    """The decisions, but no SMS to whoever told the inbox that would send it to stop."""
    inbox = sms_inbox(db, config)
    if inbox is None:
        return decisions
    return [
        replace(one, send=False, rule=Rule.OPTED_OUT)
        if one.send
        and one.way is Way.SMS
        and one.address
        and notices.wants_no_sms(db, inbox.id, one.address)
        else one
        for one in decisions
    ]


def language_of(
    db: sqlite3.Connection, audience: Audience, recipient_id: int, message_id: int | None
) -> str | None:
    """The language in which somebody wants to be told, where it is known."""
    if audience is Audience.AGENT:
        agent = agents.get(db, recipient_id)
        return agent.language if agent else None
    message = messages.get(db, message_id) if message_id is not None else None
    conversation = conversations.get(db, message.conversation_id) if message else None
    return conversation.language if conversation else None
