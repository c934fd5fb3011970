"""`vchat-tui doctor`: checks everything that can be checked, and says what to do.

First the home as it lies on the disk, then the desk (the server's, where one runs), then each
inbox at its provider. A check that fails never keeps the others from running.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import stat
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import msgspec

from vchat_tui import address_check, inbox_check, setup_check, sockets
from vchat_tui.channels import errors
from vchat_tui.desk import calls
from vchat_tui.desk.calls import Desk, DeskError, Disconnected
from vchat_tui.findings import Finding, Mark
from vchat_tui.home import Home, HomeError
from vchat_tui.i18n import _, ngettext
from vchat_tui.keys import KeyFileError, KeyRing
from vchat_tui.models import Diagnostics, InboxHealth, Model
from vchat_tui.store import checks
from vchat_tui.store.database import StoreError
from vchat_tui.text import clean

SAFE_SQLITE = (3, 51, 3)
DISK_FLOOR = 500_000_000  # bytes
LAG = 1_000  # webhooks that may wait before it is worth a word
OLDEST_LIVING_API = 22  # Graph API versions live about two years: Meta, "Platform Versioning"

OpenDesk = Callable[[], AbstractAsyncContextManager[Desk]]


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


_SIGNS = {State.OK: "●", State.WARN: "▲", State.FAIL: "✗"}


class Check(Model, frozen=True, kw_only=True):
    """One check: its name for scripts, what was found, and what to do about it."""

    check: str
    state: State
    what: str
    advice: str | None = None
    inbox: str | None = None


def _ok(check: str, what: str, inbox: str | None = None) -> Check:
    return Check(check=check, state=State.OK, what=what, inbox=inbox)


def _warn(check: str, what: str, advice: str, inbox: str | None = None) -> Check:
    return Check(check=check, state=State.WARN, what=what, advice=advice, inbox=inbox)


def _fail(check: str, what: str, advice: str, inbox: str | None = None) -> Check:
    return Check(check=check, state=State.FAIL, what=what, advice=advice, inbox=inbox)


async def doctor(home: Home, open_desk: OpenDesk, *, as_json: bool) -> int:
    """Runs every check and prints each as soon as it is known.

    Args:
        home: as it is; its rights are looked at before anything mends them.
        open_desk: opens the desk of the home, the running server's or one of our own.
        as_json: one JSON object per check, else lines for people.

    Returns:
        1 where something failed, else 0.
    """
    failed = False
    async for check in _checks(home, open_desk):
        failed = failed or check.state is State.FAIL
        _print(check, as_json)
    return 1 if failed else 0


def _print(check: Check, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(check).decode(), flush=True)
        return
    about = f"{check.inbox}: " if check.inbox else ""
    print(f"{_SIGNS[check.state]} {clean(about + check.what, one_line=True)}")
    if check.advice:
        print(f"    → {clean(check.advice, one_line=True)}")
    sys.stdout.flush()


async def _checks(home: Home, open_desk: OpenDesk) -> AsyncIterator[Check]:
    yield _sqlite(sqlite3.sqlite_version_info)
    yield _rights(home)
    yield _key(home)
    yield _disk(home)
    for path in (home.store, home.journal):
        yield await asyncio.to_thread(_database, path)
    running = sockets.answers(home.socket)
    yield _server(running)
    try:
        async with open_desk() as desk:
            async for check in _desk_checks(desk, running):
                yield check
    except (HomeError, StoreError, KeyFileError, DeskError, sqlite3.Error) as error:
        yield _fail("desk", str(error), _("Mend this first; the other checks need it."))
    except Disconnected:
        yield _fail(
            "desk", _("the server does not answer"), _("Look into its log; start it again.")
        )


# ---- the machine and the home -------------------------------------------------------------------


def _sqlite(version: tuple[int, ...]) -> Check:
    """SQLite before 3.51.3 has the WAL-reset bug (sqlite.org/wal.html): two connections that
    write or checkpoint at the same moment can lose a transaction."""
    shown = ".".join(map(str, version[:3]))
    if version < SAFE_SQLITE:
        return _warn(
            "sqlite",
            _("SQLite {version} has the WAL-reset bug").format(version=shown),
            _("It cannot strike here: one connection alone writes each database. Never open the"
              " databases with another program while the server runs."),
        )  # fmt: skip
    return _ok("sqlite", f"SQLite {shown}")


def _rights(home: Home) -> Check:
    """Whether somebody else could read the home."""
    if not home.path.exists():
        return _ok("home", _("{path} is not there yet; it is made now").format(path=home.path))
    open_to_others = [path for path in (home.path, *sorted(home.path.iterdir())) if _open(path)]
    if not open_to_others:
        return _ok("home", _("only you can read {path}").format(path=home.path))
    return _warn(
        "home",
        _("others can read {path}").format(path=open_to_others[0]),
        _("Run: {command}").format(command=f"chmod -R go= {home.path}"),
    )


def _open(path: Path) -> bool:
    """Whether group or others have rights. Links and what vanishes meanwhile have none."""
    try:
        found = path.lstat().st_mode
    except OSError:
        return False
    return not stat.S_ISLNK(found) and bool(found & (stat.S_IRWXG | stat.S_IRWXO))


def _key(home: Home) -> Check:
    if not home.key.exists():
        if home.store.exists():
            return _fail(
                "key",
                _("the key file {path} is missing").format(path=home.key),
                _("Restore it from your backup of the key; without it no secret can be read."),
            )
        return _ok("key", _("there is no key yet; it is made with the home"))
    try:
        KeyRing(home.key)
    except (KeyFileError, OSError) as error:
        return _fail("key", str(error), _("Nothing runs before this is mended."))
    return _ok("key", _("the key file is whole and private; keep a copy apart from the backups"))


def _disk(home: Home) -> Check:
    folder = next(path for path in (home.path, *home.path.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    what = _("{free} MB are free on the disk").format(free=free // 1_000_000)
    if free < DISK_FLOOR:
        return _fail("disk", what, _("Make room: without it webhooks cannot be kept."))
    return _ok("disk", what)


def _database(path: Path) -> Check:
    if not path.exists():
        return _ok("database", _("{name} is not there yet").format(name=path.name))
    damage = checks.damage(path)
    if damage is not None:
        return _fail(
            "database",
            f"{path.name}: {damage}",
            _("Stop the server and restore a backup of this file."),
        )
    size = path.stat().st_size // 1_000_000
    return _ok("database", _("{name} is whole ({size} MB)").format(name=path.name, size=size))


def _server(running: bool) -> Check:
    if running:
        return _ok("server", _("a server runs on this home"))
    return _warn(
        "server",
        _("no server runs on this home; nothing is received or sent now"),
        _("Start one: vchat-tui serve. The listener can be checked only then."),
    )


# ---- the desk -----------------------------------------------------------------------------------


async def _desk_checks(desk: Desk, running: bool) -> AsyncIterator[Check]:
    found = await desk.call(calls.GetDiagnostics())
    if running:
        yield _listener(found)
    yield await _public_url(desk, found, running)
    yield _signatures(found, datetime.now(UTC))
    yield _journal(found)
    yield _dead(found.dead)
    yield _outbox(found)
    if mail := await _mail(desk):
        yield mail
    if not found.inboxes:
        yield _warn(
            "inbox",
            _("there is no inbox"),
            _("Add one in the console (Settings), or with: vchat-tui config apply FILE"),
        )
    asked = [asyncio.create_task(_inbox(desk, health)) for health in found.inboxes]
    for inbox in asked:
        for check in await inbox:
            yield check


def _listener(found: Diagnostics) -> Check:
    if found.listening:
        return _ok("listener", _("listening on {address}").format(address=found.listening))
    return _fail(
        "listener",
        found.listener_error or _("the server does not listen for webhooks"),
        _("Free the port, or start the server with another: vchat-tui serve --port P"),
    )


async def _public_url(desk: Desk, found: Diagnostics, running: bool) -> Check:
    url = found.public_url
    if not url:
        return _warn(
            "public_url",
            _("no public address is set"),
            _("Set public_url to where the internet reaches this server, with https."),
        )
    if not url.startswith("https://"):
        return _warn(
            "public_url",
            _("{url} is not https").format(url=url),
            _("Providers deliver webhooks to https addresses only."),
        )
    if not running or not found.listening or address_check.is_local(url):
        return _ok("public_url", url)
    came = await desk.call(calls.CheckPublicUrl())
    finding = address_check.reached(Finding(Mark.DONE, url), url, came)
    return Check(
        check="public_url", state=_STATES[finding.mark], what=f"{url}: {finding.what}",
        advice=finding.advice or None,
    )  # fmt: skip


def _signatures(found: Diagnostics, now: datetime) -> Check:
    """Refused webhooks of the last day are worth a warning; older ones only their number."""
    what = ngettext(
        "{n} webhook was refused", "{n} webhooks were refused", found.bad_signatures
    ).format(n=found.bad_signatures)
    if found.last_bad_at is None or now - found.last_bad_at > timedelta(days=1):
        return _ok("signatures", what)
    reason = _(found.last_bad_reason) if found.last_bad_reason else "?"
    return _warn(
        "signatures",
        f"{what}: {reason}",
        _("If they were the provider's, enter the app secret again: Meta › App settings › Basic."),
    )


def _journal(found: Diagnostics) -> Check:
    lag = max(found.journal_last_id - found.projected_id, 0)
    what = ngettext("{n} webhook waits to be read", "{n} webhooks wait to be read", lag).format(
        n=lag
    )
    if lag > LAG:
        return _warn("journal", what, _("Look again in a minute; it should shrink."))
    return _ok("journal", what)


def _dead(dead: int) -> Check:
    what = ngettext("{n} webhook is not applied", "{n} webhooks are not applied", dead).format(
        n=dead
    )
    if not dead:
        return _ok("dead", what)
    return _warn(
        "dead",
        what,
        _("See why: vchat-tui webhooks list --state dead; then: vchat-tui webhooks replay ID"),
    )


def _outbox(found: Diagnostics) -> Check:
    what = _("{queued} messages wait, {unknown} have an unknown fate, {failed} failed").format(
        queued=found.outbox_queued, unknown=found.outbox_unknown, failed=found.outbox_failed
    )
    if found.outbox_unknown or found.outbox_failed:
        return _warn("outbox", what, _("Settle them in the console, on the screen of failures."))
    return _ok("outbox", what)


async def _mail(desk: Desk) -> Check | None:
    """Whether e-mails of notices would go; None where no mail server is set."""
    found = await desk.call(calls.CheckMailServer())
    if found.host is None:
        return None
    host = clean(found.host, one_line=True)
    if found.error is None:
        return _ok("mail", _("the mail server {host} takes our e-mail").format(host=host))
    return _fail(
        "mail",
        _("the mail server {host} would not take an e-mail").format(host=host),
        errors.advice("email", found.error),
    )


# ---- an inbox -----------------------------------------------------------------------------------


async def _inbox(desk: Desk, health: InboxHealth) -> list[Check]:
    """How far its set-up is, in the words of the guided set-up, and its version of the API."""
    name = health.inbox.name
    try:
        seen = await desk.call(calls.InspectInbox(inbox_id=health.inbox.id))
    except (DeskError, Disconnected) as error:
        return [_fail("inbox", str(error), _("Try again."), name)]
    now = datetime.now(UTC)
    if health.inbox.channel in setup_check.GUIDED:
        findings = setup_check.examine(seen, now)
    else:
        findings = {found.check: found.finding for found in inbox_check.check(seen, now)}
    found = [
        _check(step, finding, name)
        for step, finding in findings.items()
        if finding.mark is not Mark.WAIT and step != "public_url"
    ]
    version = _version(health)
    return [*found, version] if version else found


def _check(step: str, finding: Finding, inbox: str) -> Check:
    return Check(
        check=step,
        state=_STATES[finding.mark],
        what=finding.what,
        advice=finding.advice or None,
        inbox=inbox,
    )


_STATES = {
    Mark.WAIT: State.WARN,
    Mark.DONE: State.OK,
    Mark.INFO: State.OK,
    Mark.OPEN: State.WARN,
    Mark.WARN: State.WARN,
    Mark.FAIL: State.FAIL,
}


def _version(health: InboxHealth) -> Check | None:
    """Whether the version of the API still lives; None for channels that have none."""
    version = health.inbox.settings.get("api_version")
    if not isinstance(version, str):
        return None
    if int(version.removeprefix("v").partition(".")[0]) < OLDEST_LIVING_API:
        return _warn(
            "api_version",
            _("the Graph API {version} has expired or soon will").format(version=version),
            _("Set api_version to a newer one, for example v25.0."),
            health.inbox.name,
        )
    return _ok("api_version", f"Graph API {version}", health.inbox.name)
