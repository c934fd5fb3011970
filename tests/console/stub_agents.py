"""The part of the desk in memory that knows the people who answer."""

from __future__ import annotations

from typing import Any

from msgspec import to_builtins
from msgspec.structs import replace

from vchat_tui.desk import calls
from vchat_tui.events import AnyEvent, ConversationChanged
from vchat_tui.models import Agent, Conversation


class StubAgents:
    """Agents over a dictionary."""

    def __init__(self) -> None:
        self.agents: dict[int, Agent] = {}
        self.conversations: dict[int, Conversation] = {}

    def push(self, *events: AnyEvent, resync: bool = False) -> None:
        raise NotImplementedError

    def _list_agents(self, _call: object) -> tuple[Agent, ...]:
        return tuple(sorted(self.agents.values(), key=lambda agent: agent.name))

    def _choose_agent(self, call: calls.ChooseAgent) -> Agent | None:
        if call.agent_id is None:
            return None
        return self._agent(call.agent_id, online=True)

    def _set_away(self, call: calls.SetAway) -> Agent:
        return self._agent(call.agent_id, away=call.away, online=not call.away)

    def _present(self, _call: object) -> None:
        return None

    def _agent(self, agent_id: int, **fields: Any) -> Agent:
        self.agents[agent_id] = replace(self.agents[agent_id], **fields)
        return self.agents[agent_id]

    def _save_agent(self, call: calls.SaveAgent) -> Agent:
        agent_id = call.agent_id or len(self.agents) + 1
        before = self.agents.get(agent_id, Agent(id=agent_id, name=""))
        given = {
            key: value
            for key, value in to_builtins(call).items()
            if key not in ("call", "agent_id")
        }
        fields = {key: value or None for key, value in given.items() if value is not None}
        fields |= {key: bool(fields[key]) for key in ("admin", "disabled") if key in fields}
        self.agents[agent_id] = replace(before, **fields)
        return self.agents[agent_id]

    def _delete_agent(self, call: calls.DeleteAgent) -> bool:
        del self.agents[call.agent_id]
        return True

    def _assign_agent(self, call: calls.AssignAgent) -> Conversation:
        name = self.agents[call.agent_id].name if call.agent_id else None
        return self._give(call.conversation_id, agent_id=call.agent_id, agent=name)

    def _assign_department(self, call: calls.AssignDepartment) -> Conversation:
        return self._give(call.conversation_id, department=call.department or None)

    def _give(self, conversation_id: int, **fields: Any) -> Conversation:
        row = replace(self.conversations[conversation_id], **fields)
        self.conversations[conversation_id] = row
        self.push(ConversationChanged(conversation=row))
        return row
