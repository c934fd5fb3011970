"""`vchat-tui`, and `python -m vchat_tui`."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line and leaves with its exit code."""
    from vchat_tui import cli

    sys.exit(cli.main(sys.argv[1:]))


if __name__ == "__main__":
    main()
