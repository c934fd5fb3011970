"""The people who answer."""

from __future__ import annotations

import sqlite3
from typing import Any

from vchat_tui.fold import fold_key
from vchat_tui.models import Agent
from vchat_tui.phones import phone_key
from vchat_tui.store.changes import AGENTS, CONVERSATION, Changes

_COLUMNS = "id, name, phone, email, department, language, admin, disabled, away"


def _agent(row: tuple[Any, ...]) -> Agent:
    agent_id, name, phone, email, department, language, admin, disabled, away = row
    return Agent(
        id=agent_id, name=name, phone=phone, email=email, department=department, language=language,
        admin=bool(admin), disabled=bool(disabled), away=bool(away),
    )  # fmt: skip


def everybody(db: sqlite3.Connection) -> list[Agent]:
    """All agents by name. Who is online, `desk.presence` knows."""
    return [_agent(row) for row in db.execute(f"SELECT {_COLUMNS} FROM agent ORDER BY name_key")]


def get(db: sqlite3.Connection, agent_id: int) -> Agent | None:
    """An agent."""
    row = db.execute(f"SELECT {_COLUMNS} FROM agent WHERE id = ?", (agent_id,)).fetchone()
    return _agent(row) if row else None


def by_name(db: sqlite3.Connection, name: str) -> Agent | None:
    """The agent of that name, however it is written."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM agent WHERE name_key = ?", (fold_key(name),)
    ).fetchone()
    return _agent(row) if row else None


def save(db: sqlite3.Connection, agent: Agent, changes: Changes) -> int:
    """Writes an agent whose name nobody else has; answers the id.

    Args:
        agent: with id 0 where it is a new one.
    """
    before = get(db, agent.id)
    columns = (
        agent.name, fold_key(agent.name), agent.phone,
        phone_key(agent.phone) if agent.phone else None,
        agent.email, agent.department, agent.language, agent.admin, agent.disabled,
    )  # fmt: skip
    if before is None:
        cursor = db.execute(
            "INSERT INTO agent (name, name_key, phone, phone_key, email, department, language, admin,"
            " disabled, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*columns, changes.now),
        )
        assert cursor.lastrowid is not None
        changes.note(AGENTS)
        return cursor.lastrowid
    if agent != before:
        db.execute(
            "UPDATE agent SET name = ?, name_key = ?, phone = ?, phone_key = ?, email = ?,"
            " department = ?, language = ?, admin = ?, disabled = ? WHERE id = ?",
            (*columns, agent.id),
        )
        changes.note(AGENTS)
        if agent.name != before.name:
            _note_conversations(db, agent.id, changes)
        if agent.disabled:
            _release_conversations(db, agent.id, changes)
    return agent.id


def delete(db: sqlite3.Connection, agent_id: int, changes: Changes) -> None:
    """Removes an agent; their conversations are nobody's."""
    _release_conversations(db, agent_id, changes)
    db.execute("DELETE FROM agent WHERE id = ?", (agent_id,))
    changes.note(AGENTS)


def _note_conversations(db: sqlite3.Connection, agent_id: int, changes: Changes) -> None:
    for (conversation_id,) in db.execute(
        "SELECT id FROM conversation WHERE agent_id = ?", (agent_id,)
    ):
        changes.note(CONVERSATION, conversation_id)


def _release_conversations(db: sqlite3.Connection, agent_id: int, changes: Changes) -> None:
    """Nobody waits for somebody who works here no more."""
    _note_conversations(db, agent_id, changes)
    db.execute("UPDATE conversation SET agent_id = NULL WHERE agent_id = ?", (agent_id,))
    db.execute("UPDATE conversation SET last_agent_id = NULL WHERE last_agent_id = ?", (agent_id,))


def set_away(db: sqlite3.Connection, agent_id: int, away: bool, changes: Changes) -> None:
    """Not online by hand, or no longer so."""
    db.execute("UPDATE agent SET away = ? WHERE id = ?", (away, agent_id))
    changes.note(AGENTS)


def has_written(db: sqlite3.Connection, name: str) -> bool:
    """Whether a message bears this name. Reads all messages: not for a write."""
    row = db.execute(
        "SELECT 1 FROM message WHERE author = ? AND direction <> 'in' LIMIT 1", (name,)
    ).fetchone()
    return row is not None


def answered(db: sqlite3.Connection, conversation_id: int, author: str | None) -> None:
    """Somebody wrote in a conversation: where it was an agent, they answered last."""
    agent = by_name(db, author) if author else None
    if agent is not None and not agent.disabled:
        db.execute(
            "UPDATE conversation SET last_agent_id = ? WHERE id = ?", (agent.id, conversation_id)
        )
