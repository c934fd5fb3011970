"""Notices on the command line: who was told and who was not; send one that failed again."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from vchat_tui.channels import errors
from vchat_tui.desk import calls
from vchat_tui.desk.calls import Desk
from vchat_tui.i18n import _
from vchat_tui.notice_models import Notice, NoticeState
from vchat_tui.notice_rules import EXPLANATIONS
from vchat_tui.printing import moment, print_json, print_row

PAGE = 200


async def _listed(desk: Desk, state: NoticeState | None) -> AsyncIterator[Notice]:
    """All notices, the newest first."""
    before_id = None
    while rows := await desk.call(calls.ListNotices(state=state, before_id=before_id, limit=PAGE)):
        for row in rows:
            yield row
        before_id = rows[-1].id


async def _list(desk: Desk, options: argparse.Namespace) -> int:
    state = NoticeState(options.state) if options.state else None
    async for notice in _listed(desk, state):
        _print(notice, options.json)
    return 0


async def _retry(desk: Desk, options: argparse.Namespace) -> int:
    notice = await desk.call(calls.RetryNotice(notice_id=options.id, may_double=options.may_double))
    _print(notice, options.json)
    return 0


def _print(notice: Notice, as_json: bool) -> None:
    if as_json:
        print_json([notice])
        return
    why = errors.advice(notice.channel or "email", notice.error) if notice.error else ""
    print_row(
        notice.id, moment(notice.created_at), notice.state, notice.way, notice.name or "-",
        notice.address or "-", _(EXPLANATIONS[notice.rule]), why,
    )  # fmt: skip


ACTIONS: dict[str, Callable[[Desk, argparse.Namespace], Coroutine[Any, Any, int]]] = {
    "notices list": _list,
    "notices retry": _retry,
}
