"""What may be done with the marked message besides answering: react, open, save, fetch again."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.containers import Vertical

from vchat_tui import attachments, opening, thumbnails
from vchat_tui.actions import key_of
from vchat_tui.channels.registry import capabilities
from vchat_tui.desk.calls import DeskError, Disconnected, FetchAgain, GetFile, Send, StoredFile
from vchat_tui.i18n import _
from vchat_tui.models import Content, Conversation, Direction, Media, Reaction, Status, TimelineItem
from vchat_tui.screens.confirm import ConfirmDialog
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.message_view import MessageView

if TYPE_CHECKING:
    from vchat_tui.screens.pictures import Pictures


class MessageDeeds(Vertical):
    """Part of the open conversation."""

    _pictures: Pictures | None = None

    def chosen_item(self, *states: Status) -> TimelineItem | None:
        """The marked message, if it is in one of these states (any, where none is given)."""
        raise NotImplementedError

    # ---- attaching --------------------------------------------------------------------------

    def attachable(self) -> tuple[Conversation, int | None] | None:
        """The open conversation and what is being answered, where files may be sent now; else the
        person hears why not."""
        raise NotImplementedError

    def attached(self) -> None:
        """Files are on their way."""
        raise NotImplementedError

    @work(group="attach", exclusive=True, exit_on_error=False)
    async def attach(self, paths: tuple[Path, ...] = ()) -> None:
        """Send files: these, or one that the person chooses first."""
        from vchat_tui.screens.attach import Attach  # only when asked for
        from vchat_tui.screens.pick_file import PickFile

        place = self.attachable()
        if place is None:
            return
        conversation, reply_to = place
        if not paths:
            picked = await self.app.push_screen_wait(PickFile(Path.cwd()))
            if picked is None:
                return
            paths = (picked,)
        try:
            chosen = [attachments.look_at(path) for path in paths]
        except attachments.Unusable as error:
            console(self).say(str(error), severity="warning")
            return
        if await self.app.push_screen_wait(Attach(conversation, chosen, reply_to)):
            self.attached()

    @work(group="attach", exclusive=True, exit_on_error=False)
    async def ask_about(self, paths: tuple[Path, ...], text: str) -> None:
        """Files were named where one writes: they are meant, or their names are."""
        names = clean(", ".join(path.name for path in paths), one_line=True, limit=200)
        question = _("Attach {names}? Otherwise the path is inserted as text.").format(names=names)
        if await self.app.push_screen_wait(ConfirmDialog(question, _("Attach"))):
            self.attach(paths)
        else:
            self.insert(text)

    def insert(self, text: str) -> None:
        """Put a text where the cursor writes."""
        raise NotImplementedError

    # ---- pictures ---------------------------------------------------------------------------

    def show_pictures(self, views: list[MessageView]) -> None:
        """Small pictures under the messages that have one, where this installation can."""
        if thumbnails.available() and any(view.item.message.media for view in views):
            self._show_pictures(views)

    @work(group="pictures", exclusive=True, exit_on_error=False)
    async def _show_pictures(self, views: list[MessageView]) -> None:
        from vchat_tui.screens.pictures import Pictures  # only where there are some

        if self._pictures is None:
            self._pictures = Pictures()
        with contextlib.suppress(DeskError, Disconnected):  # there are words for each picture, too
            await self._pictures.show(console(self).desk, views)

    # ---- files ------------------------------------------------------------------------------

    def _media(self) -> Media | None:
        """The file of the marked message, where it is here; else the person hears why not."""
        item = self.chosen_item()
        files = item.message.media if item is not None else ()
        ready = [file for file in files if file.state == "ready"]
        if not files:
            console(self).say(_("There is no file in this message."))
        elif not ready:
            console(self).say(_("The file is not here yet."), severity="warning")
        return ready[0] if ready else None

    @work(group="file", exclusive=True, exit_on_error=False)
    async def action_open_file(self) -> None:
        """Show the file of the marked message in the system's viewer."""
        media = self._media()
        if media is None or media.sha256 is None:
            return
        stored = await console(self).desk.call(GetFile(sha256=media.sha256))
        if opening.is_refused(stored):
            text = _(
                "This kind of file could run commands, so it is not opened from here. {key} saves it."
            )
            console(self).say(text.format(key=key_of("save-file")), severity="warning")
        elif not opening.needs_question(stored) or await self._agreed(stored):
            await self._show(stored, media)

    async def _agreed(self, stored: StoredFile) -> bool:
        question = _("A customer sent this file ({type}). Open it only if you expect it. Open it?")
        dialog = ConfirmDialog(question.format(type=stored.extension.upper()), _("Open"))
        agreed: bool = await self.app.push_screen_wait(dialog)
        return agreed

    async def _show(self, stored: StoredFile, media: Media) -> None:
        name = opening.export_name(media.filename, stored)
        try:
            folder = await asyncio.to_thread(opening.private_folder)
            path = await opening.save(console(self).desk, stored, folder, name)
            await asyncio.to_thread(opening.show, path)
        except opening.NoViewer:
            text = _("No viewer can be started here. The file is at {path}")
            console(self).say(text.format(path=path), severity="warning")
        except OSError as error:
            self._say_refused(error)

    def _say_refused(self, error: OSError) -> None:
        reason = clean(error.strerror or str(error), one_line=True)
        text = _("The file cannot be written on this machine: {reason}").format(reason=reason)
        console(self).say(text, severity="error")

    @work(group="file", exclusive=True, exit_on_error=False)
    async def action_save_file(self) -> None:
        """Write the file of the marked message to a folder of this machine."""
        from vchat_tui.screens.save_file import SaveFile  # only when asked for

        media = self._media()
        if media is None or media.sha256 is None:
            return
        stored = await console(self).desk.call(GetFile(sha256=media.sha256))
        path: Path | None = await self.app.push_screen_wait(SaveFile(stored, media.filename))
        if path is not None:
            console(self).say(_("Saved as {path}").format(path=path))

    def fetch_again(self) -> bool:
        """Fetch the file of the marked message, where that had failed or was never done."""
        item = self.chosen_item()
        if item is None or not any(file.state in (None, "failed") for file in item.message.media):
            return False
        if item.message.direction is Direction.OUT and item.message.author != "phone":
            return False
        self._fetch_again(item.message.id)
        return True

    @work(group="file", exit_on_error=False)
    async def _fetch_again(self, message_id: int) -> None:
        await console(self).desk.call(FetchAgain(message_id=message_id))

    # ---- reactions --------------------------------------------------------------------------

    @work(group="react", exclusive=True, exit_on_error=False)
    async def action_react(self) -> None:
        """Put an emoji on the marked message, or take ours away."""
        from vchat_tui.screens.react import NONE, React  # only when asked for

        item = self.chosen_item()
        if item is None:
            return
        message = item.message
        if message.provider_id is None or not capabilities(message.channel).reactions:
            console(self).say(_("This message cannot have a reaction."), severity="warning")
            return
        ours = any(mark.direction is Direction.OUT for mark in item.reactions)
        emoji: str | None = await self.app.push_screen_wait(React(ours))
        if emoji is None:
            return
        reaction = (
            Reaction(message_id=message.provider_id, removed=True)
            if emoji == NONE
            else Reaction(message_id=message.provider_id, emoji=emoji)
        )
        await console(self).desk.call(
            Send(
                conversation_id=message.conversation_id,
                client_id=str(uuid.uuid4()),
                content=Content(type="reaction", reaction=reaction),
                author=console(self).author,
            )
        )
