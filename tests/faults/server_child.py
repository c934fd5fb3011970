"""Runs `vchat-tui` for the fault tests: the real program, which never outlives the test.

When standard input closes, which it does however the test ends, the process ends at once. With
FAULTS_SYNCHRONOUS the databases are written less carefully than the program would ever do: the
control that shows that the power-cut test can fail. With FAULTS_CONSOLES_ARE_BACK nobody waits, after
a start, for consoles to say who is online.
"""

import os
import threading


def _die_with_the_test() -> None:
    while os.read(0, 64):
        pass
    os._exit(99)


if __name__ == "__main__":
    threading.Thread(target=_die_with_the_test, daemon=True).start()
    from vchat_tui.store import database

    if "FAULTS_SYNCHRONOUS" in os.environ:
        database.PRAGMAS["synchronous"] = int(os.environ["FAULTS_SYNCHRONOUS"])
    if "FAULTS_CONSOLES_ARE_BACK" in os.environ:
        from vchat_tui.desk import notifying

        notifying.RECONNECT_MS = 0
    from vchat_tui.__main__ import main

    main()
