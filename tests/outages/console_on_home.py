"""The real console on the home that is named, on a terminal that is its own.

A terminal that is closed sends SIGHUP only to a session that it controls, as every login has it.
"""

from __future__ import annotations

import fcntl
import sys
import termios

from vchat_tui import cli

if __name__ == "__main__":
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    sys.exit(cli.main(["--home", sys.argv[1]]))
