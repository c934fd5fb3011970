"""The people who answer, and whose a conversation is."""

from __future__ import annotations

import sqlite3

from msgspec.structs import replace

from vchat_tui import settings
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.presence import Seat
from vchat_tui.desk.services import Services
from vchat_tui.models import Agent, Conversation
from vchat_tui.settings import SettingError, _
from vchat_tui.settings.agent_fields import AGENT_FIELDS
from vchat_tui.store import agents, conversations
from vchat_tui.store.changes import Changes
from vchat_tui.text import clean

MAX_NAME = 80


async def list_agents(services: Services, call: calls.ListAgents) -> tuple[Agent, ...]:
    """All agents, and who is online."""
    online = services.presence.online()
    everybody = await services.core.store.read(agents.everybody)
    return tuple(replace(agent, online=agent.id in online) for agent in everybody)


async def save_agent(services: Services, call: calls.SaveAgent) -> Agent:
    """Adds or changes an agent."""

    def save(db: sqlite3.Connection, changes: Changes) -> Agent:
        before = Agent(id=0, name="") if call.agent_id is None else _agent(db, call.agent_id)
        agent = _changed(before, call)
        other = agents.by_name(db, agent.name)
        if other is not None and other.id != agent.id:
            raise DeskError(
                _("Another agent is called “{name}” already."), name=other.name, field="name"
            )
        return _agent(db, agents.save(db, agent, changes))

    return await _changing(services, await services.core.change(save))


def _changed(before: Agent, call: calls.SaveAgent) -> Agent:
    """The agent with what was given, checked."""
    given = {
        field.key: (field, value)
        for field in AGENT_FIELDS
        if (value := getattr(call, field.key)) is not None
    }
    try:
        cleaned = {key: settings.clean_value(*one) for key, one in given.items()}
    except SettingError as error:
        raise DeskError(error.message, field=error.key, **error.values) from None
    agent = replace(before, **cleaned)
    if not agent.name or len(agent.name) > MAX_NAME:
        raise DeskError(
            _("An agent needs a name of up to {limit} characters."), limit=str(MAX_NAME),
            field="name",
        )  # fmt: skip
    _check_department(agent.department)
    return agent


def _check_department(department: str | None) -> None:
    if department is not None and len(department) > MAX_NAME:
        raise DeskError(
            _("This is longer than {limit} characters."), limit=str(MAX_NAME), field="department"
        )


async def delete_agent(services: Services, call: calls.DeleteAgent) -> bool:
    """Removes an agent, or disables one who wrote messages."""
    agent = await services.core.store.read(_agent, call.agent_id)
    if await services.core.store.read(agents.has_written, agent.name):
        await save_agent(services, calls.SaveAgent(agent_id=agent.id, disabled=True))
        return False
    await services.core.change(lambda db, changes: agents.delete(db, agent.id, changes))
    await services.presence.reload()
    return True


async def choose_agent(services: Services, seat: Seat, call: calls.ChooseAgent) -> Agent | None:
    """Says who sits at the console that asks."""
    if call.agent_id is None:
        seat.sit(None, 0)
        return None
    agent = await services.core.store.read(_agent, call.agent_id)
    if agent.disabled:
        raise DeskError(_("This agent is disabled; an administrator can enable them again."))
    seat.sit(agent.id, call.idle)
    return _seen(services, agent)


async def present(services: Services, seat: Seat, call: calls.Present) -> None:
    """A key was pressed at the console that asks."""
    seat.press()


async def set_away(services: Services, call: calls.SetAway) -> Agent:
    """Goes away by hand, or comes back."""

    def write(db: sqlite3.Connection, changes: Changes) -> Agent:
        _agent(db, call.agent_id)
        agents.set_away(db, call.agent_id, call.away, changes)
        return _agent(db, call.agent_id)

    return await _changing(services, await services.core.change(write))


async def assign_agent(services: Services, call: calls.AssignAgent) -> Conversation:
    """Gives a conversation to an agent, or to nobody."""

    def write(db: sqlite3.Connection, changes: Changes) -> Conversation:
        if call.agent_id is not None and _agent(db, call.agent_id).disabled:
            raise DeskError(_("This agent is disabled; an administrator can enable them again."))
        _conversation(db, call.conversation_id)
        conversations.assign(db, call.conversation_id, call.agent_id, changes)
        return _conversation(db, call.conversation_id)

    return await services.core.change(write)


async def assign_department(services: Services, call: calls.AssignDepartment) -> Conversation:
    """Gives a conversation to a department, or to none."""
    department = clean(call.department, one_line=True).strip()
    _check_department(department)

    def write(db: sqlite3.Connection, changes: Changes) -> Conversation:
        _conversation(db, call.conversation_id)
        conversations.set_department(db, call.conversation_id, department or None, changes)
        return _conversation(db, call.conversation_id)

    return await services.core.change(write)


async def _changing(services: Services, agent: Agent) -> Agent:
    """An agent who was just changed: presence hears of it."""
    await services.presence.reload()
    return _seen(services, agent)


def _seen(services: Services, agent: Agent) -> Agent:
    return replace(agent, online=agent.id in services.presence.online())


def _agent(db: sqlite3.Connection, agent_id: int) -> Agent:
    found = agents.get(db, agent_id)
    if found is None:
        raise DeskError(_("This agent is no longer there."))
    return found


def _conversation(db: sqlite3.Connection, conversation_id: int) -> Conversation:
    found = conversations.get(db, conversation_id)
    if found is None:
        raise DeskError(_("This conversation is no longer there."))
    return found
