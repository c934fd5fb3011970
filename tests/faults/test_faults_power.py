"""A power cut at any instant: nothing acknowledged is lost, nothing is torn, nothing is half."""

from __future__ import annotations

import asyncio
import hashlib
import random
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

import power_cut
import pytest
from faults_kit import (
    Acks,
    Crowd,
    Server,
    answer,
    configured_home,
    desk_of,
    size,
    text_message,
    until,
)
from invariants import facts_of, opened, whole

from vchat_tui.channels.facts import MessageFact, StatusFact
from vchat_tui.desk import calls
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.world import Simulator, SimulatorSettings
from vchat_tui.store import index

POINTS = size(2_000, 10_000)
DEEP = 10  # every so many points the whole file is checked, not only its pages


@dataclass
class Trace:
    """A run of a server: its files before, the log, and every body that was acknowledged."""

    before: dict[str, bytes]
    log: list[power_cut.Record]
    bodies: dict[bytes, bytes]


async def record(tmp_path: Path, shim: Path, env: dict[str, str]) -> Trace:
    """Runs a server under webhooks and sends, stops it, and runs it again."""
    path = tmp_path / "log"
    log = power_cut.Log(path)

    def accepting(body: dict[str, object]) -> list[str]:
        if "biz_opaque_callback_data" in body:
            log.note("L", str(body["biz_opaque_callback_data"]).encode())
        return []

    knobs = Knobs(statuses=False, pair_seconds=0, sends_per_second=10_000)
    simulator = Simulator(SimulatorSettings(knobs=knobs), check=accepting)
    home = configured_home(tmp_path / "home", await simulator.start())
    before = {file.name: file.read_bytes() for file in home.glob("*.db*")}
    acks = Acks(told=lambda body: log.note("A", hashlib.sha256(body).digest()))
    crowd = Crowd(acks, seed=31)
    logging = {"LD_PRELOAD": str(shim), "FAULTS_DIR": str(home), "FAULTS_LOG": str(path)}
    server = Server(home, env={**logging, **env})
    try:
        for run in range(2):
            await asyncio.to_thread(server.start)
            async with desk_of(home) as desk:
                async with asyncio.TaskGroup() as work:
                    work.create_task(crowd.write(server.port, senders=8, limit=60))
                    work.create_task(_send(desk, simulator, log, run))
                await until(lambda: _all_sent(desk))
            assert await asyncio.to_thread(server.stop) == 0
    finally:
        server.kill()
        await simulator.stop()
        log.close()
    return Trace(before, power_cut.read(path), acks.bodies)


async def _send(desk: calls.Desk, simulator: Simulator, log: power_cut.Log, run: int) -> None:
    for number in range(40):
        person, client_id = f"5255{10_000_000 + 100 * run + number}", f"c{run}-{number}"
        simulator.send_webhook(text_message(person, f"wamid.W{client_id}", "hola"))
        await answer(desk, person, client_id)
        log.note("Q", client_id.encode())


async def _all_sent(desk: calls.Desk) -> bool:
    return (await desk.call(calls.GetDiagnostics())).outbox_queued == 0


@dataclass
class Verdict:
    """What the points showed."""

    points: int = 0
    lost: int = 0
    corrupt: list[str] = field(default_factory=list)
    half: list[str] = field(default_factory=list)


class Judge:
    """Looks at rebuilt folders."""

    def __init__(self, trace: Trace, scratch: Path) -> None:
        self._scratch = scratch
        self._trace = trace
        self._says = {sha: _said(body) for sha, body in trace.bodies.items()}
        self._acked: set[bytes] = set()
        self._queued: set[str] = set()
        self._accepted: set[str] = set()
        self.verdict = Verdict()

    def run(self, points: int, seed: int) -> Verdict:
        """Cuts the power at random points of the trace."""
        chance = random.Random(seed)
        cuts = sorted(chance.randrange(len(self._trace.log)) for _ in range(points))
        disk = power_cut.Disk(self._trace.before)
        at = 0
        for cut in cuts:
            for record in self._trace.log[at:cut]:
                self._follow(disk, record)
            at = cut
            self._look(disk.after_cut(chance))
        return self.verdict

    def _follow(self, disk: power_cut.Disk, record: power_cut.Record) -> None:
        match record.what:
            case "A":
                self._acked.add(record.data)
            case "Q":
                self._queued.add(record.data.decode())
            case "L":
                self._accepted.add(record.data.decode())
            case _:
                disk.do(record)

    def _look(self, files: dict[str, bytes]) -> None:
        self.verdict.points += 1
        for old in self._scratch.iterdir():
            old.unlink()
        for name, content in files.items():
            (self._scratch / name).write_bytes(content)
        try:
            with (
                opened(self._scratch / "journal.db") as journal,
                opened(self._scratch / "vchat.db") as store,
            ):
                self._check(journal, store)
        except sqlite3.DatabaseError as error:
            self.verdict.corrupt.append(str(error))

    def _check(self, journal: sqlite3.Connection, store: sqlite3.Connection) -> None:
        for db in (journal, store):
            if self.verdict.points % DEEP == 0:
                whole(db)
            elif (found := db.execute("PRAGMA quick_check").fetchall()) != [("ok",)]:
                raise sqlite3.DatabaseError(str(found))
        if self.verdict.points % DEEP == 0:
            index.check(store)
        entries = dict(journal.execute("SELECT id, sha256 FROM webhook"))
        if self._missing(set(entries.values()), store):
            self.verdict.lost += 1
        self.verdict.half += self._halves(entries, store)

    def _missing(self, there: set[bytes], store: sqlite3.Connection) -> bool:
        """Whether something that was promised is gone."""
        clients = {row[0] for row in store.execute("SELECT client_id FROM message")}
        attempts = {row[0] for row in store.execute("SELECT callback_data FROM attempt")}
        return bool(
            self._acked - there or self._queued - clients or self._accepted - attempts
        )  # a send that left without a trace would be sent again

    def _halves(self, entries: dict[int, bytes], store: sqlite3.Connection) -> list[str]:
        """Transactions of which only a part is there."""
        position = store.execute("SELECT position FROM projection").fetchone()[0]
        messages = {row[0] for row in store.execute("SELECT provider_id FROM message")}
        statuses = set(store.execute("SELECT provider_id, status FROM delivery"))
        found = []
        for number, sha in entries.items():
            said = self._says.get(sha)
            if number <= position and said and (said[0] - messages or said[1] - statuses):
                found.append(f"webhook {number} was read, but is not all there")
        found += [f"message {row[0]}: {row[1]}" for row in store.execute(_HALF_MESSAGES)]
        return found


_HALF_MESSAGES = """
SELECT id, 'no change was noted' FROM message
 WHERE id NOT IN (SELECT subject_id FROM event WHERE kind IN ('arrived', 'message'))
UNION ALL
SELECT id, 'waits outside the outbox' FROM message
 WHERE status IN ('queued', 'sending', 'unknown') AND id NOT IN (SELECT message_id FROM outbox)
UNION ALL
SELECT m.id, 'in the outbox as ' || o.state FROM outbox o JOIN message m ON m.id = o.message_id
 WHERE m.status <> o.state
UNION ALL
SELECT id, 'is not the last of its conversation' FROM message
 WHERE order_at > (SELECT last_message_at FROM conversation c WHERE c.id = conversation_id)
"""


def _said(body: bytes) -> tuple[set[str], set[tuple[str, str]]]:
    """The messages and the statuses in a webhook."""
    facts = list(facts_of([body]))
    return (
        {fact.provider_id for fact in facts if isinstance(fact, MessageFact)},
        {(f.provider_id, f.status) for f in facts if isinstance(f, StatusFact) and f.status},
    )


@pytest.mark.timeout(3600)
async def test_power_cut(tmp_path: Path, shim: Path, scratch: Path) -> None:
    trace = await record(tmp_path, shim, {})
    kinds = {record.what for record in trace.log}
    assert kinds >= {"W", "S", "U", "A", "Q", "L"}, f"the log has only {kinds}"
    written = {record.name for record in trace.log if record.what == "W"}
    assert written >= {"vchat.db", "journal.db"}, "no checkpoint was cut"
    verdict = Judge(trace, scratch).run(POINTS, seed=32)
    print(f"{len(trace.log)} records, {len(trace.bodies)} bodies, {verdict.points} points")
    assert (verdict.lost, verdict.corrupt[:3], verdict.half[:3]) == (0, [], [])


@pytest.mark.timeout(3600)
async def test_the_power_cut_test_can_fail(tmp_path: Path, shim: Path, scratch: Path) -> None:
    """With synchronous = NORMAL a commit is not on the disk when it returns: rows are lost."""
    trace = await record(tmp_path, shim, {"FAULTS_SYNCHRONOUS": "1"})
    points = POINTS // 5
    verdict = Judge(trace, scratch).run(points, seed=33)
    print(f"{verdict.lost} of {verdict.points} points lost something")
    assert verdict.lost > points / 20
