"""The command line: what there is to type, and which function does it.

Exit codes: 0 done, 1 failed, 2 wrong usage. An error is one clear sentence on standard error.
Imports happen inside the commands: the console must not pay for the server's modules.
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from vchat_tui import __version__, i18n
from vchat_tui.cli_values import id_value, place_and_value, port_value, text_value
from vchat_tui.home import Home, HomeError, default_home
from vchat_tui.i18n import _
from vchat_tui.text import clean

Command = Callable[[argparse.Namespace], int]


class UsageError(Exception):
    """What was typed cannot be done; the text says what can."""


def main(arguments: Sequence[str]) -> int:
    """Runs one command; answers the exit code."""
    i18n.use(i18n.preferred())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no emoji gets a ?
    options = _parser().parse_args(arguments)
    command: Command = options.run
    try:
        return command(options)
    except UsageError as error:
        return _fail(str(error), 2)
    except HomeError as error:
        return _fail(str(error), 1)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of a pipe left; what remains to be written has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), 1)


def _fail(text: str, code: int) -> int:
    print(f"vchat-tui: {clean(text)}", file=sys.stderr)
    return code


def _home(options: argparse.Namespace) -> Home:
    return Home(options.home or default_home())


def need_terminal() -> None:
    """Refuses to draw a console where nobody would see it.

    Raises:
        UsageError: standard input or output is not a terminal.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            _("the console needs a terminal; use “vchat-tui serve” to run without one")
        )


def _console(options: argparse.Namespace) -> int:
    need_terminal()
    from vchat_tui.attach import run_attached

    return run_attached(_home(options), options.agent)


def _demo(options: argparse.Namespace) -> int:
    need_terminal()
    from vchat_tui.demo import run_demo

    return run_demo(pace=options.pace, seed=options.seed, agent=options.agent)


def _serve(options: argparse.Namespace) -> int:
    import asyncio

    from vchat_tui import logs
    from vchat_tui.keys import KeyFileError
    from vchat_tui.server import ServerError, serve
    from vchat_tui.store.database import StoreError

    home = _home(options)
    home.prepare()
    logs.to_file(home.logs)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash leaves no secrets in a core file

    def ready(address: str | None) -> None:
        if address:
            print(f"listening on {address}", flush=True)

    try:
        asyncio.run(
            serve(
                home, host=options.host, port=options.port, attached=options.attached, ready=ready
            )
        )
    except (HomeError, StoreError, KeyFileError, ServerError) as error:
        return _fail(str(error), 1)
    return 0


def _simulate(options: argparse.Namespace) -> int:
    import asyncio

    from vchat_tui.simulator.__main__ import run

    try:
        asyncio.run(
            run(
                port=options.port,
                callback_url=options.callback,
                pace=options.pace,
                seed=options.seed,
                sms_callback_url=options.sms_callback,
                stop_with_stdin=options.stop_with_stdin,
            )
        )
    except (OSError, ValueError) as error:
        return _fail(str(error), 1)
    return 0


def _data(options: argparse.Namespace) -> int:
    from vchat_tui import commands

    return commands.run(_home(options), options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vchat-tui",
        description=_("An agent console for customer messaging. Without a command: the console."),
    )
    parser.add_argument("--version", action="version", version=f"vchat-tui {__version__}")
    _add_home(parser)
    parser.add_argument(
        "--agent", type=text_value, metavar="NAME", default=os.environ.get("VCHAT_AGENT"),
        help=_("who sits at this console (default: VCHAT_AGENT, else it asks where there are agents)"),
    )  # fmt: skip
    parser.set_defaults(run=_console)
    commands = parser.add_subparsers(metavar=_("COMMAND"))
    _add_programs(commands)
    _add_settings(commands)
    _add_lists(commands)
    _add_broadcasts(commands)
    return parser


# The type that add_subparsers returns; it has no public name.
Subparsers = argparse._SubParsersAction


def _add_home(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--home", type=Path, metavar="DIR", default=argparse.SUPPRESS if parser.prog != "vchat-tui" else None,
        help=_("the folder of this installation (default: VCHAT_HOME, else the user's data folder)"),
    )  # fmt: skip


def _command(
    commands: Subparsers[argparse.ArgumentParser],
    name: str,
    help_text: str,
    run: Command,
    *,
    json: bool = False,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=help_text, description=help_text)
    _add_home(parser)
    if json:
        parser.add_argument("--json", action="store_true", help=_("print JSON Lines"))
    parser.set_defaults(run=run)
    return parser


def _add_programs(commands: Subparsers[argparse.ArgumentParser]) -> None:
    demo = _command(commands, "demo", _("the console with simulated customers"), _demo)
    simulate = _command(commands, "simulate", _("the simulated provider alone"), _simulate)
    for parser in (demo, simulate):
        parser.add_argument(
            "--pace",
            type=float,
            default=8.0,
            metavar="S",
            help=_("seconds between customers' messages"),
        )
        parser.add_argument(
            "--seed",
            type=int,
            default=1,
            metavar="N",
            help=_("the same number tells the same stories"),
        )
    simulate.add_argument(
        "--port", type=port_value, default=0, metavar="P", help=_("0 picks a free one")
    )
    simulate.add_argument(
        "--callback", metavar="URL", help=_("where its webhooks go, on this machine")
    )
    simulate.add_argument("--sms-callback", metavar="URL", help=argparse.SUPPRESS)
    simulate.add_argument("--stop-with-stdin", action="store_true", help=argparse.SUPPRESS)
    serve = _command(commands, "serve", _("the server without a console"), _serve)
    serve.add_argument(
        "--host", default="127.0.0.1", metavar="H", help=_("where to listen for webhooks")
    )
    serve.add_argument(
        "--port", type=port_value, default=8765, metavar="P", help=_("0 picks a free one")
    )
    serve.add_argument("--attached", action="store_true", help=argparse.SUPPRESS)


def _add_settings(commands: Subparsers[argparse.ArgumentParser]) -> None:
    config = commands.add_parser("config", help=_("settings and inboxes as TOML"))
    parts = config.add_subparsers(required=True, metavar=_("COMMAND"))
    apply = _command(parts, "apply", _("read settings from a TOML file"), _data)
    apply.add_argument("file", metavar="FILE", help=_("a file, or - for standard input"))
    apply.set_defaults(action="config apply")
    show = _command(
        parts, "show", _("print the settings as TOML, secrets masked"), _data, json=True
    )
    show.set_defaults(action="config show")
    doctor = _command(
        commands, "doctor", _("check everything and say what to do"), _data, json=True
    )
    doctor.set_defaults(action="doctor")
    send = _command(commands, "send", _("queue a message"), _data, json=True)
    send.add_argument(
        "--inbox", required=True, type=text_value, metavar="NAME", help=_("through which inbox")
    )
    send.add_argument(
        "--to", required=True, type=text_value, metavar="ADDRESS", help=_("a phone number with +")
    )
    send.add_argument(
        "--text", type=text_value, metavar="TEXT", help=_("default: what standard input says")
    )
    send.add_argument(
        "--hold", action="store_true",
        help=_("where the 24-hour window is closed, keep the text until the customer writes"),
    )  # fmt: skip
    _add_template_options(send)
    send.set_defaults(action="send")


def _add_template_options(send: argparse.ArgumentParser) -> None:
    send.add_argument(
        "--template", type=text_value, metavar="NAME", help=_("a template instead of a text")
    )
    send.add_argument(
        "--language",
        type=text_value,
        metavar="CODE",
        help=_("the template's language, such as es or en_US (default: the user's)"),
    )
    send.add_argument(
        "--set",
        action="append",
        type=place_and_value,
        metavar="PLACE=VALUE",
        help=_("a value of the template, such as body.1=Ana; “templates list” names the places"),
    )
    send.add_argument(
        "--values",
        type=text_value,
        metavar="VALUES",
        help=_("the values of its text in order, with commas (\\, for a comma in a value)"),
    )


def _add_lists(commands: Subparsers[argparse.ArgumentParser]) -> None:
    agents = commands.add_parser("agents", help=_("the people who answer"))
    parts = agents.add_subparsers(required=True, metavar=_("COMMAND"))
    listing = _command(parts, "list", _("the people who answer"), _data, json=True)
    listing.set_defaults(action="agents list")
    for name, text in (
        ("users", _("the users")),
        ("conversations", _("the conversations")),
        ("messages", _("the messages")),
    ):
        parts = commands.add_parser(name, help=text).add_subparsers(
            required=True, metavar=_("COMMAND")
        )
        listing = _command(parts, "list", text, _data, json=True)
        listing.set_defaults(action=f"{name} list")
        if name == "messages":
            listing.add_argument("--conversation", type=id_value, metavar="N")
            listing.add_argument("--user", type=id_value, metavar="N")
    templates = commands.add_parser("templates", help=_("the templates"))
    parts = templates.add_subparsers(required=True, metavar=_("COMMAND"))
    for name, text in (
        ("list", _("the templates with the places of their values")),
        ("sync", _("read the templates from the provider again")),
    ):
        one = _command(parts, name, text, _data, json=True)
        one.add_argument("--inbox", type=text_value, metavar="NAME", help=_("of this inbox only"))
        one.set_defaults(action=f"templates {name}")
    webhooks = commands.add_parser("webhooks", help=_("the journal of webhooks"))
    parts = webhooks.add_subparsers(required=True, metavar=_("COMMAND"))
    listing = _command(parts, "list", _("the journal, oldest first"), _data, json=True)
    listing.add_argument("--state", choices=("pending", "applied", "ignored", "dead"))
    listing.add_argument("--facts", action="store_true", help=_("with what was read in each"))
    listing.set_defaults(action="webhooks list")
    for name, text in (("show", _("one webhook whole")), ("replay", _("apply one again"))):
        one = _command(parts, name, text, _data, json=True)
        one.add_argument("id", type=id_value, metavar="ID")
        one.set_defaults(action=f"webhooks {name}")
    _add_notices(commands)
    search = _command(commands, "search", _("search all messages"), _data, json=True)
    search.add_argument("query", type=text_value, metavar="QUERY")
    search.set_defaults(action="search")


def _add_notices(commands: Subparsers[argparse.ArgumentParser]) -> None:
    notices = commands.add_parser("notices", help=_("notices to agents and customers"))
    parts = notices.add_subparsers(required=True, metavar=_("COMMAND"))
    text = _("who was told and who was not, newest first")
    listing = _command(parts, "list", text, _data, json=True)
    listing.set_defaults(action="notices list")
    listing.add_argument("--state", choices=("pending", "sent", "skipped", "failed", "unknown"))
    retry = _command(parts, "retry", _("send one that failed once more"), _data, json=True)
    retry.set_defaults(action="notices retry")
    retry.add_argument("id", type=id_value, metavar="ID")
    retry.add_argument("--may-double", action="store_true", help=_("also if it may have arrived"))


def _add_broadcasts(commands: Subparsers[argparse.ArgumentParser]) -> None:
    broadcast = commands.add_parser("broadcast", help=_("one message to many users"))
    parts = broadcast.add_subparsers(required=True, metavar=_("COMMAND"))
    create = _command(
        parts, "create", _("make a broadcast; see who is left out; start it"), _data, json=True
    )
    create.set_defaults(action="broadcast create")
    for flag, name, text in (
        ("--inbox", "NAME", _("through which inbox")),
        ("--to", "FILE", _("numbers with + and user ids, one a line; - for standard input")),
    ):
        create.add_argument(flag, required=True, type=text_value, metavar=name, help=text)
    for flag, name, text in (
        ("--name", "NAME", _("what the list of broadcasts shows")),
        ("--template", "NAME", _("an approved template")),
        ("--language", "CODE", _("for those in whose language there is none")),
        ("--text", "TEXT", _("instead of a template: for those with an open window")),
        ("--at", "TIME", _("start by itself then, for example 2026-12-01T09:00")),
        ("--quiet", "HOURS", _("nobody gets it then, by the clock where they live: 21:00-09:00")),
    ):
        create.add_argument(flag, type=text_value, metavar=name, help=text)
    create.add_argument(
        "--set", action="append", default=[], type=text_value, metavar="PLACE=VALUE",
        help=_("a value of the template, with merge fields: body.1=TEXT"),
    )  # fmt: skip
    create.add_argument("--dry-run", action="store_true", help=_("only say who would get it"))
    create.add_argument("--start", action="store_true", help=_("start it now"))
    listing = _command(parts, "list", _("the broadcasts, newest first"), _data, json=True)
    listing.set_defaults(action="broadcast list")
    for name, text in (
        ("show", _("one broadcast with its counts")),
        ("start", _("start a draft")),
        ("pause", _("stop sending for now")),
        ("resume", _("go on sending")),
        ("cancel", _("end it; whoever was not written to will not be")),
        ("retry", _("send the failed messages again")),
        ("export", _("all recipients as CSV")),
    ):
        one = _command(parts, name, text, _data, json=True)
        one.add_argument("id", type=id_value, metavar="ID")
        one.set_defaults(action=f"broadcast {name}")
        if name == "export":
            one.add_argument(
                "--output", type=text_value, metavar="FILE",
                help=_("a new file; whatever interrupts it, there is no half of one"),
            )  # fmt: skip
