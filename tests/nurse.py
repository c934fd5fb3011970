"""The process that `nursery` forks programs from. Has one thread, so that a fork of it is whole."""

from __future__ import annotations

import gc
import importlib
import json
import os
import socket
import sys
import threading
import time
import warnings
from typing import Any

MODULES = (
    "asyncio", "concurrent.futures.thread", "encodings.idna", "httpcore", "anyio",
    "anyio._backends._asyncio", "phonenumbers", "vchat_tui.cli", "vchat_tui.server",
    "vchat_tui.channels.whatsapp_cloud", "vchat_tui.channels.sms_twilio",
    "vchat_tui.channels.download", "vchat_tui.channels.order_http", "vchat_tui.commands",
    "vchat_tui.remote", "vchat_tui.link", "vchat_tui.doctor", "vchat_tui.broadcast_commands",
)  # fmt: skip


def wait_for_a_program(line: socket.socket) -> list[str]:
    """Forks whatever is asked for. Returns in the forks, with their arguments; ends with the line."""
    while True:
        head, files, _, _ = socket.recv_fds(line, 4, 4)
        if not head:
            os._exit(0)
        wanted = json.loads(line.recv(int.from_bytes(head, "little"), socket.MSG_WAITALL))
        if os.fork() == 0:
            line.close()
            report = files.pop()
            _report_on_a_fork(report, files)
            become(wanted, files)
            os.close(report)
            return list(wanted["arguments"])
        for file in files:
            os.close(file)
        _forget_who_ended()


def _report_on_a_fork(report: int, files: list[int]) -> None:
    """Forks once more and tells its id and its exit code; returns in the fork only."""
    child = os.fork()
    if child == 0:
        return
    for file in files:
        os.close(file)
    os.write(report, str(child).encode().ljust(16))
    _, status = os.waitpid(child, 0)
    os.write(report, str(os.waitstatus_to_exitcode(status)).encode().ljust(16))
    os._exit(0)


def _forget_who_ended() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def become(wanted: dict[str, Any], files: list[int]) -> None:
    """Makes this process what a new one would be."""
    os.setsid()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(wanted["env"])
    _open_streams(os.environ.get("PYTHONIOENCODING"))
    time.tzset()
    os.chdir(wanted["cwd"])
    if wanted["umask"] >= 0:
        os.umask(wanted["umask"])
    if os.environ.get("PYTHONWARNINGS"):
        warnings.simplefilter(os.environ["PYTHONWARNINGS"])  # type: ignore[arg-type]
    if wanted["leash"]:
        threading.Thread(target=_die_with_the_test, daemon=True).start()


def _open_streams(encoding: str | None) -> None:
    """Ours were made for other files."""
    sys.stdin = open(0, encoding=encoding, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding=encoding, closefd=False)  # noqa: SIM115
    sys.stderr = open(  # noqa: SIM115
        2, "w", buffering=1, encoding=encoding, errors="backslashreplace", closefd=False
    )


def _die_with_the_test() -> None:
    while os.read(0, 64):
        pass
    os._exit(99)


if __name__ == "__main__":
    for module in MODULES:
        importlib.import_module(module)
    sys.modules["vchat_tui.channels.http"].certificates()
    gc.collect()
    gc.freeze()
    sys.argv[1:] = wait_for_a_program(socket.socket(fileno=int(sys.argv[1])))
    from vchat_tui.__main__ import main

    main()
