"""Keeps drafts twice: on this machine at once, on the desk as soon as it answers.

The file on this machine goes once the desk has the same text. While a send is unanswered it
stays, because only it knows under which id the text was handed over.
"""

from __future__ import annotations

import asyncio

from vchat_tui.desk.calls import Desk, DeskError, Disconnected, GetDraft, SaveDraft
from vchat_tui.widgets.drafts import LocalDraft, LocalDrafts

LEAVE_SECONDS = 2


class DraftKeeper:
    """Drafts of one console.

    Args:
        desk: where every console finds them.
        local: the files of this machine.
    """

    def __init__(self, desk: Desk, local: LocalDrafts) -> None:
        self._desk = desk
        self._local = local

    async def load(self, conversation_id: int) -> LocalDraft | None:
        """What was typed and not sent: this machine's file, else the desk's."""
        draft = self._local.load(conversation_id)
        if draft is None:
            stored = await self._desk.call(GetDraft(conversation_id=conversation_id))
            draft = LocalDraft(text=stored.text, cursor=stored.cursor) if stored else None
        return draft

    def save_here(self, conversation_id: int, draft: LocalDraft) -> None:
        """On this machine, before anything else can happen.

        Raises:
            OSError: the disk is full, or not ours.
        """
        self._local.save(conversation_id, draft)

    async def save_there(self, conversation_id: int, draft: LocalDraft) -> None:
        """On the desk; where it cannot be reached the file on this machine stays.

        Raises:
            DeskError: the desk refused it.
        """
        call = SaveDraft(conversation_id=conversation_id, text=draft.text, cursor=draft.cursor)
        try:
            await self._desk.call(call)
        except Disconnected:
            return
        if draft.client_id is None:
            self._local.forget(conversation_id, draft.text)

    async def save_and_leave(self, conversation_id: int, draft: LocalDraft) -> None:
        """Both, for the last time; a desk that does not answer is not waited for."""
        self.save_here(conversation_id, draft)
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await self.save_there(conversation_id, draft)
        except (DeskError, TimeoutError):
            return
