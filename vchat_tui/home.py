"""The folder that holds everything of one installation: databases, key, media, logs, socket.

Only its owner may read it. One server runs per home: the lock says which.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

FOLDERS = ("media", "backups", "logs", "crash", "drafts")


class HomeError(Exception):
    """The home cannot be used; the text says why and what to do."""


def default_home() -> Path:
    """VCHAT_HOME, else the platform's folder for a user's data."""
    given = os.environ.get("VCHAT_HOME")
    if given:
        return Path(given).expanduser()
    from platformdirs import user_data_path  # 15 ms that most starts do not need

    return user_data_path("vchat-tui")


class Home:
    """Paths of one home.

    Args:
        path: the folder; made by `prepare` where it does not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self.store = self.path / "vchat.db"
        self.journal = self.path / "journal.db"
        self.key = self.path / "key"
        self.socket = self.path / "server.sock"
        self.lock = self.path / "lock"
        self.logs = self.path / "logs"
        self.crash = self.path / "crash"
        self.drafts = self.path / "drafts"
        self.media = self.path / "media"
        self.backups = self.path / "backups"

    def prepare(self) -> None:
        """Makes what is missing and closes what is open to others.

        Raises:
            HomeError: the folder cannot be made, or belongs to somebody else.
        """
        os.umask(0o077)
        try:
            for folder in (self.path, *(self.path / name for name in FOLDERS)):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                folder.chmod(0o700)
        except OSError as error:
            raise HomeError(f"cannot use the folder {self.path}: {error.strerror}") from error
        for file in (self.store, self.journal):
            if file.is_symlink():
                raise HomeError(f"{file} is a link; databases must lie in the home itself")
            if file.exists():
                file.chmod(0o600)

    def acquire(self) -> IO[str]:
        """Takes the lock of this home for as long as the returned file stays open.

        Raises:
            HomeError: another server has it; its process id is in the text.
        """
        descriptor = os.open(self.lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        holder = os.fdopen(descriptor, "r+")
        try:
            fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = holder.read(32).strip() or "unknown"
            holder.close()
            raise HomeError(
                f"a server already runs on {self.path} (process {pid}); stop it or attach to it"
            ) from None
        holder.seek(0)
        holder.truncate()
        holder.write(f"{os.getpid()}\n")
        holder.flush()
        return holder
