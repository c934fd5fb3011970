"""The people who answer: who they are, who sits at a console, whose a conversation is."""

from __future__ import annotations

from vchat_tui.desk.calls.base import Call
from vchat_tui.models import Agent, Conversation


class ListAgents(Call[tuple[Agent, ...]], frozen=True, kw_only=True, tag="list_agents"):
    """All agents by name, also disabled ones."""


class SaveAgent(Call[Agent], frozen=True, kw_only=True, tag="save_agent"):
    """Add or change an agent. What is None stays as it was; an empty text removes it."""

    agent_id: int | None = None
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    department: str | None = None
    language: str | None = None
    admin: bool | None = None
    disabled: bool | None = None


class DeleteAgent(Call[bool], frozen=True, kw_only=True, tag="delete_agent"):
    """Remove an agent. One who wrote messages is disabled instead, and the answer is False."""

    agent_id: int


class ChooseAgent(Call[Agent | None], frozen=True, kw_only=True, tag="choose_agent"):
    """Who sits at this console from now on (None: nobody known), made again after every cut.

    `idle`: seconds since the last key press here.
    """

    agent_id: int | None
    idle: float = 0


class Present(Call[None], frozen=True, kw_only=True, tag="present"):
    """A key was pressed at this console. Twice a minute is often enough."""


class SetAway(Call[Agent], frozen=True, kw_only=True, tag="set_away"):
    """Not online, whatever keys are pressed; or online again."""

    agent_id: int
    away: bool


class AssignAgent(Call[Conversation], frozen=True, kw_only=True, tag="assign_agent"):
    """A conversation is an agent's from now on, or nobody's."""

    conversation_id: int
    agent_id: int | None


class AssignDepartment(Call[Conversation], frozen=True, kw_only=True, tag="assign_department"):
    """A conversation is a department's from now on; an empty text: no department's."""

    conversation_id: int
    department: str
