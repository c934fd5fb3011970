"""Breaks the program on purpose, one promise at a time, and sees whether the tests notice.

    python tests/mutants.py              all of them
    python tests/mutants.py flock toast  those whose names hold one of these words

Each mutant is a small change of the text of one file. The checkout is copied to a temporary
folder, the named tests must pass there as it is, and one of them must fail with the change. A
mutant that survives, or whose text is no longer there to be changed, makes the exit code 1.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".*_cache", ".hypothesis", "__pycache__")
PATIENCE = 600  # seconds for the tests of one mutant

DESK = "tests/desk"
FAULTS = "tests/faults"
FAULTS2 = "tests/outages"
PROVIDER = f"{FAULTS2}/test_provider_faults.py"
CUT_OFF = f"{FAULTS2}/test_console_cut_off.py"
SSRF = "tests/channels/test_ssrf.py"
FILES = "tests/channels/test_whatsapp_files.py"
LIMITS = "tests/channels/test_whatsapp_limits.py"
SIGNATURES = "tests/listener/test_listener_signatures.py"


class Mutant(NamedTuple):
    """A change that breaks a promise.

    `old` stands exactly once in `file`; `tests` are arguments for pytest.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


class Result(NamedTuple):
    """What became of a mutant: the test that noticed it, or why there is none."""

    killed_by: str | None
    problem: str
    seconds: float


MUTANTS = (
    # ---- nothing is lost --------------------------------------------------------------------
    Mutant(
        "synchronous NORMAL", "vchat_tui/store/database.py",
        '"synchronous": 2,', '"synchronous": 1,',
        (f"{FAULTS}/test_faults_power.py::test_power_cut",),
    ),
    Mutant(
        "answered before the commit", "vchat_tui/desk/gate.py",
        "return await done", "return 0",
        (f"{FAULTS}/test_faults_kill.py",),
    ),
    Mutant(
        "position ahead of the facts", "vchat_tui/desk/inbound.py",
        "projection.advance(db, entries[-1].id)", "projection.advance(db, entries[-1].id + 1)",
        (f"{DESK}/test_desk_inbound.py",),
    ),
    Mutant(
        "a failing fact takes its neighbours along", "vchat_tui/desk/inbound.py",
        'problems.append(f"fact {number}: {type(error).__name__}: {error}")',
        "raise",
        (f"{DESK}/test_desk_inbound.py",),
    ),
    Mutant(
        "a read of several moments", "vchat_tui/store/database.py",
        'db.execute("BEGIN")\n', 'db.execute("SELECT 1")\n',
        ("tests/store/test_store_reading.py",),
    ),
    Mutant(
        "what falls due between two looks", "vchat_tui/desk/outbound.py",
        "read(outbox.next_due_at, at)", "read(outbox.next_due_at, now_ms())",
        (f"{FAULTS}/test_faults_clock.py",),
    ),
    Mutant(
        "a slow line asked for ever", "vchat_tui/widgets/paged_list.py",
        "        if self._wanted:  #", "        if False:  #",
        ("tests/console/test_paged_list.py",),
    ),
    Mutant(
        "changed before its copy is on the disk", "vchat_tui/store/backup.py",
        "    _sync(folder)\n    return target", "    return target",
        (f"{FAULTS}/test_faults_power_migration.py",),
    ),
    Mutant(
        "a damaged schema is a crash", "vchat_tui/store/database.py",
        "ERRORS = (sqlite3.Error, UnicodeDecodeError)", "ERRORS = (sqlite3.Error,)",
        (f"{FAULTS}/test_faults_damage.py", "-k", "unreadable"),
    ),
    Mutant(
        "autosave off", "vchat_tui/widgets/composer.py",
        "SAVE_SECONDS = 0.7", "SAVE_SECONDS = 86_400.0",
        (f"{FAULTS2}/test_terminal_dies.py::test_killed_only_the_last_moment_is_lost",),
    ),
    Mutant(
        "a hang-up is not heard", "vchat_tui/app.py",
        "asyncio.get_running_loop().add_signal_handler(number, self._terminal_goes)",
        "signal.signal(number, signal.SIG_DFL)",
        (f"{FAULTS2}/test_terminal_dies.py::test_nothing_typed_is_lost",),
    ),
    Mutant(
        "the cursor of a draft is forgotten", "vchat_tui/store/drafts.py",
        "(row[0], (row[1], row[2]))", "(row[0], (0, 0))",
        ("tests/console/test_main_screen.py", f"{FAULTS2}/test_terminal_dies.py"),
    ),
    # ---- nothing is there twice --------------------------------------------------------------
    Mutant(
        "messages without a unique index", "vchat_tui/store/schema.py",
        "    webhook_id INTEGER,              -- the journal entry it was read in\n"
        "    UNIQUE (inbox_id, provider_id)\n",
        "    webhook_id INTEGER\n",
        (f"{FAULTS2}/test_two_inboxes.py",),
    ),
    Mutant(
        "ids known without their inbox", "vchat_tui/store/schema.py",
        "    webhook_id INTEGER,              -- the journal entry it was read in\n"
        "    UNIQUE (inbox_id, provider_id)\n",
        "    webhook_id INTEGER,\n    UNIQUE (provider_id)\n",
        (f"{FAULTS2}/test_two_inboxes.py",),
    ),
    Mutant(
        "status overwritten", "vchat_tui/store/deliveries.py",
        "forward = status.rank > Status(message.status).rank", "forward = True",
        (f"{DESK}/test_desk_inbound.py", f"{FAULTS2}/test_two_inboxes.py"),
    ),
    Mutant(
        "sends of a dead server go again", "vchat_tui/store/deliveries.py",
        "UPDATE outbox SET state = 'unknown' WHERE message_id = ?\", (message_id,))",
        "UPDATE outbox SET state = 'queued' WHERE message_id = ?\", (message_id,))",
        (f"{FAULTS}/test_faults_kill_sending.py",),
    ),
    Mutant(
        "sent again after a read time-out", "vchat_tui/channels/http.py",
        "    httpx.ConnectTimeout,\n", "    httpx.ConnectTimeout,\n    httpx.ReadTimeout,\n",
        (PROVIDER, "-k", "black"),
    ),
    Mutant(
        "sent again after a broken connection", "vchat_tui/channels/http.py",
        "    httpx.ConnectTimeout,\n",
        "    httpx.ConnectTimeout,\n    httpx.NetworkError,\n    httpx.RemoteProtocolError,\n",
        (PROVIDER, "-k", "reset or truncated"),
    ),
    Mutant(
        "a gateway's 502 taken for a refusal", "vchat_tui/channels/http_statuses.py",
        "if not 300 <= status < 500:", "if not 300 <= status < 503:",
        (PROVIDER, "-k", "gateway"),
    ),
    Mutant(
        "Retry-After not read", "vchat_tui/channels/waiting.py",
        "    asked = read_retry_after(retry_after)\n", "    asked = None\n",
        (PROVIDER, "-k", "429"),
    ),
    Mutant(
        "unknown sent again without asking", "vchat_tui/desk/replies.py",
        "and not call.may_double", "and False",
        (PROVIDER, "-k", "person"),
    ),
    Mutant(
        "a second Enter is a second message", "vchat_tui/desk/outgoing.py",
        "before = messages.by_client_id(db, client_id)", "before = None",
        (CUT_OFF, "-k", "offline"),
    ),
    Mutant(
        "no order within a conversation", "vchat_tui/store/outbox.py",
        'OR o.changed_at > ?1) AND {_NOTHING_BEFORE}"', 'OR o.changed_at > ?1)"',
        (f"{DESK}/test_desk_sending.py", f"{FAULTS2}/test_token_expires.py"),
    ),
    Mutant(
        "a restart forgets that a number is paused", "vchat_tui/store/outbox.py",
        " JOIN inbox b ON b.id = o.inbox_id WHERE b.paused IS NULL AND o.state = 'queued'",
        " JOIN inbox b ON b.id = o.inbox_id WHERE o.state = 'queued'",
        (f"{FAULTS2}/test_token_expires.py",),
    ),
    Mutant(
        "the old token stops the new one", "vchat_tui/desk/outbound.py",
        "if outcome.pauses_inbox and self._lines.get(sent.inbox_id) is not line:", "if False:",
        (f"{FAULTS2}/test_token_expires.py", "-k", "late"),
    ),
    Mutant(
        "no lock on the home", "vchat_tui/home.py",
        "fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)", "pass",
        ("tests/server/test_life_of_a_server.py", "-k", "second or lock or many"),
    ),
    Mutant(
        "a held answer is held again after it went", "vchat_tui/store/held.py",
        'db.execute("DELETE FROM held WHERE message_id = ?", (row.message_id,))', "pass",
        (f"{DESK}/test_holding.py",),
    ),
    Mutant(
        "a broadcast forgets whom it wrote to", "vchat_tui/desk/feeder.py",
        "    broadcasts.queued(db, job.id, recipient.number, user_id, message.id, changes)\n", "",
        (f"{DESK}/test_broadcasts.py",),
    ),
    Mutant(
        "marketing to whoever opted out", "vchat_tui/desk/outgoing.py",
        "    if conversation.opted_out:\n", "    if False:\n",
        (f"{DESK}/test_opting_out.py",),
    ),
    Mutant(
        "an old preference said again", "vchat_tui/desk/inbound.py",
        "if is_new:  # an old one", "if True:  # an old one",
        (f"{DESK}/test_desk_inbound.py",),
    ),
    Mutant(
        "the shop's answer said twice", "vchat_tui/desk/order_posts.py",
        'f"order-{post.delivery_id}"', 'f"order-{post.delivery_id}-{changes.now}"',
        (f"{DESK}/test_order_webhook.py",),
    ),
    Mutant(
        "notices of a dead server go again", "vchat_tui/store/notices.py",
        "SET state = 'unknown', error = ? WHERE state = 'sending'",
        "SET state = 'pending', error = ? WHERE state = 'sending'",
        ("tests/notices/test_notifying.py",),
    ),
    # ---- nothing is hidden -------------------------------------------------------------------
    Mutant(
        "no snapshot after a cut", "vchat_tui/desk/hub.py",
        "deque([Frame(seq=seq, resync=True)])", "deque([Frame(seq=seq)])",
        (CUT_OFF, "-k", "every_fault"),
    ),
    Mutant(
        "a snapshot that is not read", "vchat_tui/screens/main.py",
        "        self.conversations.reload()\n        self.chat.resync()\n", "",
        ("tests/console/test_flood.py", "-k", "cut"),
    ),
    Mutant(
        "a flood is not read again", "vchat_tui/screens/users.py",
        "UserChanged | ManyChanged", "UserChanged",
        ("tests/console/test_flood.py",),
    ),
    Mutant(
        "a console hears of no dead letters", "vchat_tui/desk/hub.py",
        "if log.DIAGNOSTICS in kinds:", "if False:",
        (CUT_OFF, "-k", "DiagnosticsChanged"),
    ),
    # ---- nobody gets in ----------------------------------------------------------------------
    Mutant(
        "no secret, no check", "vchat_tui/listener/meta.py",
        "        return NO_SECRET\n", "        return 1\n",
        ("tests/listener/test_listener_routes.py", SIGNATURES),
    ),
    Mutant(
        "signature of JSON written anew", "vchat_tui/listener/meta.py",
        'hmac.digest(secret, body, "sha256")',
        'hmac.digest(secret, __import__("json").dumps(__import__("json").loads(body)).encode(),'
        ' "sha256")',
        (SIGNATURES, "tests/listener/test_listener_routes.py"),
    ),
    Mutant(
        "signatures compared with ==", "vchat_tui/listener/meta.py",
        "return hmac.compare_digest(expected, signature)", "return expected == signature",
        ("tests/test_hygiene.py",),
    ),
    Mutant(
        "two signatures, one right", "vchat_tui/listener/meta.py",
        "if len(signatures) > 1 or not", "if not",
        (SIGNATURES,),
    ),
    Mutant(
        "packed bodies are taken", "vchat_tui/listener/protocol.py",
        'elif name == b"content-encoding":', 'elif name == b"content-encoded":',
        ("tests/listener/test_listener_abuse.py", "-k", "packed"),
    ),
    Mutant(
        "any signature of Twilio", "vchat_tui/listener/twilio.py",
        "if hmac.compare_digest(signature(token.auth_token, address, fields), signatures[0])",
        "if True",
        ("tests/listener/test_twilio_signatures.py",),
    ),
    Mutant(
        "any address at 360dialog", "vchat_tui/listener/dialog360.py",
        'if hmac.compare_digest(known.secret, given.encode("utf-8", "replace"))', "if True",
        ("tests/listener/test_dialog360_address.py",),
    ),
    Mutant(
        "any header at 360dialog", "vchat_tui/listener/dialog360.py",
        "if len(authorization) > 1 or (authorization and not any(fits)):", "if False:",
        ("tests/listener/test_dialog360_address.py", "tests/dialog360/test_dialog360_registering.py"),
    ),
    Mutant(
        "a file's link signed by anybody", "vchat_tui/file_links.py",
        "if not hmac.compare_digest(_sign(key, signed), signature) or not whole:",
        "if not whole:",
        ("tests/sms/test_files_out.py",),
    ),
    Mutant(
        "a file's link that never ends", "vchat_tui/file_links.py",
        "return digest.hex() if now < ends_at else None", "return digest.hex()",
        ("tests/sms/test_files_out.py",),
    ),
    Mutant(
        "a link for every browser", "vchat_tui/desk/page_links.py",
        "elif not secrets.compare_digest(link.opened_by, browser):", "elif False:",
        ("tests/page/test_page.py",),
    ),
    Mutant(
        "files from private addresses", "vchat_tui/channels/addresses.py",
        "return address.is_global and not (", "return not (",
        ("tests/channels/test_ssrf.py",),
    ),
    Mutant(
        "a private address inside a public one", "vchat_tui/channels/addresses.py",
        "return (ipaddress.IPv4Address(int(address) & 0xFFFFFFFF),)", "return (address,)",
        ("tests/channels/test_ssrf.py",),
    ),
    Mutant(
        "formulas in a spreadsheet", "vchat_tui/recipients_csv.py",
        "return f\"'{text}\" if str(value).strip(\" \").startswith(_FORMULA) else str(text)",
        "return str(text)",
        ("tests/text/test_formula_cells.py",),
    ),
    Mutant(
        "raw search queries", "vchat_tui/fold.py",
        'return " ".join(terms) + "*" if terms else None', "return query",
        ("tests/text/test_fold.py",),
    ),
    Mutant(
        "httpx logs its requests", "vchat_tui/logs.py",
        'for talkative in ("httpx", "httpcore",', "for talkative in (",
        ("tests/server/test_secrets_stay_secret.py", f"{FAULTS2}/test_quiet_log.py"),
    ),
    Mutant(
        "tokens in the log", "vchat_tui/logs.py",
        '_SECRETS.sub("***", text)', "text",
        ("tests/server/test_secrets_stay_secret.py",),
    ),
    # ---- the terminal is nobody's but ours ---------------------------------------------------
    Mutant(
        "toasts read markup", "vchat_tui/app.py",
        "title=clean(title, one_line=True), markup=False, **more",
        "title=clean(title, one_line=True), markup=True, **more",
        ("tests/console/test_hostile_toast.py",),
    ),
    Mutant(
        "toasts are not cleaned", "vchat_tui/app.py",
        "super().notify(clean(message),", "super().notify(message,",
        ("tests/console/test_hostile_toast.py",),
    ),
    Mutant(
        "a quote is not cleaned", "vchat_tui/widgets/message_view.py",
        "    return Content(clean(text, one_line=True))\n", "    return Content(text)\n",
        ("tests/terminal/test_console_on_a_terminal.py", "tests/console/test_hostile_main.py"),
    ),
    Mutant(
        "control characters are deleted, not shown", "vchat_tui/text.py",
        "def _stand_in(found: re.Match[str]) -> str:\n",
        "def _stand_in(found: re.Match[str]) -> str:\n    return ''\n",
        ("tests/text/test_clean.py",),
    ),
    Mutant(
        "file names as they come", "vchat_tui/text.py",
        '_UNNAMED.sub("_", text)', "text",
        ("tests/text/test_names_and_links.py",),
    ),
    # ---- what WhatsApp takes, and where files come from ----------------------------------------
    Mutant(
        "files from any host", "vchat_tui/channels/download.py",
        "not _is_one_of(self._hosts, url.host)", "False", (SSRF,),
    ),
    Mutant(
        "files from private networks", "vchat_tui/channels/download.py",
        "if not all(map(is_public, addresses)):", "if False:", (SSRF,),
    ),
    Mutant(
        "files by any certificate", "vchat_tui/channels/download.py",
        'extensions={"sni_hostname": url.host},', "extensions={},",
        ("tests/channels/test_fetch_tls.py",),
    ),
    Mutant(
        "files of any size", "vchat_tui/channels/download.py",
        "if size > max_bytes:", "if False:", (FILES,),
    ),
    Mutant(
        "files that are pages", "vchat_tui/channels/download.py",
        "if kind in _PAGES and", "if False and", (FILES,),
    ),
    Mutant(
        "files of ours by a customer's link", "vchat_tui/channels/whatsapp_body.py",
        "media.url is not None and media.sha256 is None", "media.url is not None", (LIMITS,),
    ),
    Mutant(
        "templates of the first page only", "vchat_tui/channels/whatsapp_templates.py",
        'query["after"] = after', "return tuple(found)", (FILES,),
    ),
    Mutant(
        "limit of rows in each section only", "vchat_tui/channels/whatsapp_interactive.py",
        "if len(rows) > MAX_ROWS:", "if False:", (LIMITS,),
    ),
    Mutant(
        "limit of what Meta takes: nulls", "vchat_tui/channels/whatsapp_body.py",
        "for key, item in value.items() if item is not None}", "for key, item in value.items()}",
        ("tests/channels/test_whatsapp_contract.py",),
    ),
    Mutant(
        "limit of headers: any file", "vchat_tui/desk/outgoing.py",
        "    _check_files_inside(db, conversation.channel, content)\n", "",
        ("tests/e2e/test_every_kind.py::test_a_limit_is_told_before_anything_leaves",),
    ),
    Mutant(
        "quote on a reaction", "vchat_tui/channels/whatsapp_body.py",
        ' and content.type != "reaction"', "",
        ("tests/e2e/test_every_kind.py::test_a_quote_goes_with_any_kind_but_a_reaction",),
    ),
    Mutant("notice: sent again after a kill", "vchat_tui/store/notices.py",
           "UPDATE notice SET state = 'unknown', error = ? WHERE state = 'sending'",
           "UPDATE notice SET state = 'pending', error = ? WHERE state = 'sending'",
           ("tests/notices/test_notifying.py",)),
    Mutant("notice: told although online", "vchat_tui/notice_rules.py",
           "    if agent.online:", "    if False:", ("tests/notices/test_notice_rules.py",)),
    Mutant("notice: a second e-mail in a run", "vchat_tui/desk/notice_facts.py",
           "emailed=notices.emailed_since(db, user.id, seen)", "emailed=False",
           ("tests/notices/test_notifying.py",)),
    Mutant("e-mail: silence taken for a no", "vchat_tui/channels/mail.py",
           "return Unclear(reason=_words(str(error) or type(error).__name__))",
           "return NotSent(reason=_words(str(error) or type(error).__name__))",
           ("tests/notices/test_mail.py",)),
)  # fmt: skip


def copied(folder: Path) -> Path:
    """A copy of the checkout."""
    copy = folder / "checkout"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT, symlinks=True)
    return copy


def run(copy: Path, tests: tuple[str, ...]) -> tuple[int, str]:
    """Runs tests on a copy; the exit code and what pytest said."""
    contracts = os.environ.get("VCHAT_CONTRACTS") or str(ROOT.parent / "shared" / "contracts")
    environment = {
        **os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1",
        # They lie beside the checkout, not beside its copy; tests that skip would judge nothing.
        "VCHAT_CONTRACTS": contracts, "VCHAT_REQUIRE_CONTRACTS": "1",
    }  # fmt: skip
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return 1, f"FAILED {tests[0]} (took longer than {PATIENCE} s)"
    return done.returncode, done.stdout


@cache
def passes_as_it_is(tests: tuple[str, ...]) -> bool:
    """Whether the tests pass without a mutant: one that always fails proves nothing."""
    with tempfile.TemporaryDirectory() as folder:
        return run(copied(Path(folder)), tests)[0] == 0


def judge(mutant: Mutant) -> Result:
    """Makes the change in a copy and runs the tests."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(Path(folder))
        file = copy / mutant.file
        text = file.read_text(encoding="utf-8")
        if text.count(mutant.old) != 1:
            problem = f"{mutant.file} holds its text {text.count(mutant.old)} times, not once"
            return Result(None, problem, 0.0)
        file.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
        code, said = run(copy, mutant.tests)
    seconds = time.perf_counter() - began
    if code == 0:
        return Result(None, "SURVIVED", seconds)
    if code != 1:
        return Result(None, f"pytest could not run the tests (exit {code})", seconds)
    if not passes_as_it_is(mutant.tests):
        return Result(None, "its tests fail without it too", seconds)
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", said, re.MULTILINE)
    return Result(found[1] if found else mutant.tests[0], "", seconds)


def main(words: list[str]) -> int:
    """Judges the mutants and prints a table; answers the exit code."""
    chosen = [m for m in MUTANTS if not words or any(word in m.name for word in words)]
    survived = 0
    print(f"{'mutant':<44} {'seconds':>7}  killed by", flush=True)
    for mutant in chosen:
        result = judge(mutant)
        survived += result.killed_by is None
        verdict = result.killed_by or f"-- {result.problem}"
        print(f"{mutant.name:<44} {result.seconds:>7.1f}  {verdict}", flush=True)
    print(f"{len(chosen) - survived} of {len(chosen)} killed")
    return 1 if survived or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
