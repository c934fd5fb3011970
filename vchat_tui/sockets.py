"""Unix sockets at paths of any length, for both ends of the console link.

The kernel takes 107 bytes of path (`sun_path` in unix(7); 103 on macOS), and a home may lie
deeper than that. A deep folder is reached through a symbolic link in a private temporary folder,
needed only while `bind` or `connect` looks at the path.
"""

from __future__ import annotations

import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAX_ADDRESS = 103


@contextmanager
def short_address(path: Path) -> Iterator[str]:
    """An address of the socket that the kernel accepts, good inside the `with` block.

    Raises:
        OSError: the temporary folder cannot be written.
    """
    if len(os.fsencode(path)) <= MAX_ADDRESS:
        yield str(path)
        return
    with tempfile.TemporaryDirectory(prefix="vchat-") as private:
        link = Path(private) / "home"
        link.symlink_to(path.parent.absolute(), target_is_directory=True)
        try:
            yield str(link / path.name)
        finally:
            link.unlink()


def answers(path: Path) -> bool:
    """Whether somebody listens on the socket now. Never waits."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe, short_address(path) as address:
        probe.setblocking(False)
        try:
            probe.connect(address)
        except BlockingIOError:
            return True  # its queue is full: busy, but there
        except OSError:
            return False
        return True


def bind(path: Path) -> socket.socket:
    """A socket bound to the path, for its owner only, not yet listening.

    A socket file that a crashed server left behind is replaced.

    Raises:
        OSError: somebody listens there, or something that is no socket is in the way.
    """
    if answers(path):
        raise OSError(f"another server already listens on {path}")
    if path.exists() and stat.S_ISSOCK(path.lstat().st_mode):
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with short_address(path) as address:
            listener.bind(address)
        # Nobody can connect before `listen`, so there is no moment with wider rights.
        path.chmod(0o600)
    except BaseException:
        listener.close()
        raise
    return listener
