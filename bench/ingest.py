"""Webhooks into the real server with many messages stored, against a bare endpoint and pywa's."""

from __future__ import annotations

import asyncio
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench import peers, seed, setup, slow_disk
from bench.load import Result, Traffic, send_all
from bench.process import Program, server
from bench.progress import Progress
from bench.report import Row, percentile
from bench.setup import Setup

TOP_RATE = 3_300  # webhooks a second: Meta's highest figure for one number
CONNECTIONS = 64
SLOW_CONNECTIONS = 256
CLOSED_LOOP = 8_000  # requests in a closed loop for each second of a run


@dataclass
class Measured:
    """One load on the real server. Times in milliseconds."""

    load: Result
    lag_p99: float
    backlog: int  # webhooks that were not applied when the last one was answered
    drained: float  # seconds from the last answer until all were applied
    cpu: float  # cores
    applied_per_second: float


def run(setup_: Setup) -> list[Row]:
    """Every row."""
    kept = seed.seeded(setup_)
    ours = seed.awaiting_status(kept, seed.RECENT)
    with setup_.scratch() as folder:
        home = setup.copy(kept, folder / "home")
        rows = _steady(setup_, home, ours)
        rows += _slow(setup_, home, folder, ours)
    return rows


def _steady(setup_: Setup, home: Path, ours: list[tuple[str, str]]) -> list[Row]:
    stored = f"{setup_.messages:,} messages stored"
    with server(home) as program:
        program.wait_until_idle()
        memory = program.memory_mib()
        rows: list[Row] = []
        for rate in (TOP_RATE, 2 * TOP_RATE, 10_000):
            traffic = Traffic(f"rate{rate}", setup_.conversations, ours)
            found = _load(setup_, program, home, traffic, rate=rate)
            rows += _rows_of_rate(rate, found)
        traffic = Traffic("max", setup_.conversations, ours)
        top = _load(setup_, program, home, traffic, rate=None)
        after = program.memory_mib()
    rows += _rows_of_top(top, _peer_rates(setup_, ours))
    rows.append(
        Row(what=f"server memory, {stored}, started", value=memory, unit="MiB", at_most=150)
    )
    rows.append(Row(what="server memory after these loads", value=after, unit="MiB", at_most=150))
    return rows


def _load(
    setup_: Setup,
    program: Program,
    home: Path,
    traffic: Traffic,
    *,
    rate: int | None,
    connections: int = CONNECTIONS,
) -> Measured:
    """Sends for `setup_.seconds` and waits until everything is applied."""
    count = round((rate or CLOSED_LOOP) * setup_.seconds)
    requests = traffic.requests(count)
    with Progress(home) as progress:
        cpu = program.cpu_seconds()
        load = asyncio.run(
            send_all("127.0.0.1", program.port, requests, connections=connections, rate=rate)
        )
        used = program.cpu_seconds() - cpu
        load.check()
        last = max(load.answered_at)
        done = progress.wait_for(count)
        lags = progress.lags(sorted(load.answered_at))
        backlog = sum(progress.applied_at(number) > last for number in range(1, count + 1))
    return Measured(
        load=load,
        lag_p99=percentile(lags, 0.99) * 1000,
        backlog=backlog,
        drained=max(0.0, done - last),
        cpu=used / load.seconds,
        applied_per_second=count / (load.seconds + max(0.0, done - last)),
    )


def _rows_of_rate(rate: int, found: Measured) -> list[Row]:
    name = f"webhooks at {rate:,}/s"
    goals = rate == TOP_RATE
    load = found.load
    note = (
        f"CPU {found.cpu:.2f} cores; max {percentile(load.latencies, 1) * 1000:.0f} ms; "
        f"{found.backlog} not applied at the last answer, all {found.drained:.2f} s later"
    )
    return [
        Row(what=f"{name}: accepted", value=load.per_second, unit="/s",
            at_least=None if rate == 10_000 else rate * 0.98, note=note),
        Row(what=f"{name}: answer, median", value=load.percentile(0.5), unit="ms",
            at_most=5 if goals else None),
        Row(what=f"{name}: answer, p99", value=load.percentile(0.99), unit="ms",
            at_most=50 if goals else None),
        Row(what=f"{name}: 200 → applied, p99", value=found.lag_p99, unit="ms",
            at_most=100 if goals else None),
    ]  # fmt: skip


def _rows_of_top(top: Measured, rates: dict[str, float]) -> list[Row]:
    bare, pywa = "bare uvicorn endpoint", next((n for n in rates if n.startswith("pywa")), None)
    note = (
        f"closed loop, {CONNECTIONS} connections; CPU {top.cpu:.2f} cores; "
        f"p50 {top.load.percentile(0.5):.1f} ms, p99 {top.load.percentile(0.99):.1f} ms; "
        f"{top.backlog} not applied at the last answer, all {top.drained:.2f} s later"
    )
    accepted = top.load.per_second
    rows = [
        Row(what="webhooks, maximum: accepted", value=accepted, unit="/s", at_least=2 * TOP_RATE,
            peer=bare, peer_value=rates[bare], ratio_at_least=0.40, note=note),
        Row(what="webhooks, maximum: accepted and applied", value=top.applied_per_second, unit="/s",
            at_least=2 * TOP_RATE),
    ]  # fmt: skip
    if pywa:
        rows.append(
            Row(what="webhooks, maximum, against pywa on FastAPI", value=accepted, unit="/s",
                peer=pywa, peer_value=rates[pywa], ratio_at_least=2.0)
        )  # fmt: skip
    return rows


def _peer_rates(setup_: Setup, ours: list[tuple[str, str]]) -> dict[str, float]:
    """Webhooks a second of the others, in a closed loop of the same requests."""
    count = round(CLOSED_LOOP * setup_.seconds)
    requests = Traffic("peers", setup_.conversations, ours).requests(count)
    rates = {}
    with peers.bare() as program:
        rates["bare uvicorn endpoint"] = _rate(program, requests)
    if not setup_.quick:
        try:
            with peers.pywa(setup_.cache) as program:
                version = peers.pywa_version(setup_.cache)
                rates[f"pywa {version}"] = _rate(program, requests[: len(requests) // 2])
        except subprocess.CalledProcessError:
            print("pywa cannot be installed here: not compared")
    return rates


def _rate(program: Program, requests: list[bytes]) -> float:
    load = asyncio.run(
        send_all("127.0.0.1", program.port, requests, connections=CONNECTIONS, rate=None)
    )
    load.check()
    return load.per_second


def _slow(setup_: Setup, home: Path, folder: Path, ours: list[tuple[str, str]]) -> list[Row]:
    environment = slow_disk.environment(folder, 10)
    if environment is None:
        print("no C compiler here: the slow disk is not measured")
        return []
    with server(home, environment) as program:
        program.wait_until_idle()
        traffic = Traffic("slow", setup_.conversations, ours)
        found = _load(setup_, program, home, traffic, rate=TOP_RATE, connections=SLOW_CONNECTIONS)
    name = f"webhooks at {TOP_RATE:,}/s, fsync 10 ms slower"
    note = (
        f"{SLOW_CONNECTIONS} connections; CPU {found.cpu:.2f} cores; {found.backlog} not applied "
        f"at the last answer, all {found.drained:.2f} s later"
    )
    return [
        Row(what=f"{name}: answer, median", value=found.load.percentile(0.5), unit="ms",
            at_most=60, note=note),
        Row(what=f"{name}: answer, p99", value=found.load.percentile(0.99), unit="ms", at_most=200),
        Row(what=f"{name}: 200 → applied, p99", value=found.lag_p99, unit="ms"),
    ]  # fmt: skip
