"""Customers."""

from __future__ import annotations

from vchat_tui.desk.calls.base import Call
from vchat_tui.models import UserCard, UserPage


class ListUsers(Call[UserPage], frozen=True, kw_only=True, tag="list_users"):
    """A page of the users screen, by name; `text` matches name, phone digits, e-mail, username."""

    text: str = ""
    offset: int = 0
    limit: int = 50


class GetUser(Call[UserCard], frozen=True, kw_only=True, tag="get_user"):
    """A user with identities and conversations."""

    user_id: int


class SaveUser(Call[UserCard], frozen=True, kw_only=True, tag="save_user"):
    """Change what we know of a user; only the fields given."""

    user_id: int
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    language: str | None = None


class SetOptOut(Call[UserCard], frozen=True, kw_only=True, tag="set_opt_out"):
    """A customer wants no marketing, or wants it again, and said so to an agent."""

    user_id: int
    out: bool
