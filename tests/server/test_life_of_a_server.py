"""A server starts, is alone on its home, stops when it is told to, and survives being killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from running import ENVIRONMENT, PATIENCE, PROGRAM, Server, ask, configure, message, run, settings


def serve(home: Path, *arguments: str) -> tuple[int, str, str]:
    """A server that is expected to refuse; exit code, output, errors."""
    done = subprocess.run(
        [*PROGRAM, "serve", "--home", str(home), "--port", "0", *arguments],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, env=ENVIRONMENT,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well_and_nothing_is_lost(tmp_path: Path, number: signal.Signals) -> None:
    configure(tmp_path, settings())
    with Server(tmp_path) as server:
        assert server.http.get("/healthz").status_code == 200
        for count in range(20):
            assert server.post(message("hello", count)) == 200
        assert server.end(number) == (0, "")
    assert len(ask(tmp_path, "messages", "list")) == 20
    assert not (tmp_path / "server.sock").exists()


def test_killed_in_the_middle_it_has_everything_that_it_acknowledged(tmp_path: Path) -> None:
    configure(tmp_path, settings())
    for part in range(3):
        with Server(tmp_path) as server:
            for count in range(10):
                assert server.post(message("hello", 10 * part + count)) == 200
            assert server.end(signal.SIGKILL)[0] == -signal.SIGKILL
    texts = [row["provider_id"] for row in ask(tmp_path, "messages", "list")]
    assert sorted(texts) == [f"wamid.made{count:08d}" for count in range(30)]
    with Server(tmp_path) as server:
        assert len(ask(tmp_path, "messages", "list")) == 30


def test_a_second_server_on_the_same_home_says_who_is_first(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        code, output, errors = serve(tmp_path)
        assert (code, output) == (1, "")
        assert f"process {server.pid}" in errors
        link = tmp_path.parent / f"{tmp_path.name}-link"
        link.symlink_to(tmp_path)
        assert serve(link)[0] == 1
        assert server.http.get("/healthz").status_code == 200
        assert server.end() == (0, "")


def test_of_many_servers_started_at_once_one_lives(tmp_path: Path) -> None:
    argv = [*PROGRAM, "serve", "--home", str(tmp_path), "--port", "0"]
    started = [
        subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
        for _ in range(6)
    ]
    lines = [process.stdout.readline() for process in started if process.stdout]
    alive = [process for process, line in zip(started, lines, strict=True) if line]
    assert len(alive) == 1
    alive[0].terminate()
    codes = []
    for process in started:
        _, errors = process.communicate(timeout=PATIENCE)
        codes.append(process.returncode)
        assert process in alive or errors.startswith(b"vchat-tui: a server already runs on ")
    assert sorted(codes) == [0, 1, 1, 1, 1, 1]


def test_a_taken_port_is_said_so(tmp_path: Path) -> None:
    with Server(tmp_path / "one") as server:
        port = server.address.rpartition(":")[2]
        code, output, errors = serve(tmp_path / "two", "--port", port)
        assert (code, output) == (1, "")
        assert f"127.0.0.1:{port}" in errors
        assert "--port" in errors


def test_only_the_owner_reads_the_home_whatever_the_umask(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Server(home, umask=0) as server:
        configure(home, settings())
        assert server.post(message("hello", 1)) == 200
        ask(home, "messages", "list")
        for path in [home, *home.rglob("*")]:
            mode = stat.S_IMODE(path.lstat().st_mode)
            wanted = 0o700 if path.is_dir() else 0o600
            assert mode == wanted, f"{path.name} has {mode:o}"
        limits = Path(f"/proc/{server.pid}/limits")
        if limits.exists():
            (core,) = [row for row in limits.read_text().splitlines() if "core file" in row]
            assert core.split()[4:6] == ["0", "0"]


def test_a_home_that_others_could_read_is_closed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o777)
    home.chmod(0o777)
    run(home, "users", "list")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    configure(tmp_path, settings())
    (tmp_path / "key").chmod(mode)
    code, output, errors = serve(tmp_path)
    assert (code, output) == (1, "")
    assert "chmod 600" in errors
    assert run(tmp_path, "config", "show").returncode == 1


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    configure(tmp_path, settings())
    (tmp_path / "key").write_text("nonsense")
    code, _, errors = serve(tmp_path)
    assert code == 1
    assert "backup of the key" in errors


@pytest.mark.parametrize("name", ["vchat.db", "journal.db"])
def test_an_older_program_leaves_a_newer_database_alone(tmp_path: Path, name: str) -> None:
    run(tmp_path, "users", "list")
    with closing(sqlite3.connect(tmp_path / name)) as db:
        db.execute("PRAGMA user_version = 9999")
    before = (tmp_path / name).read_bytes()
    code, _, errors = serve(tmp_path)
    assert code == 1
    assert "newer" in errors
    done = run(tmp_path, "users", "list")
    assert done.returncode == 1
    assert "newer" in done.stderr
    assert (tmp_path / name).read_bytes() == before


def test_a_database_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vchat.db").write_bytes(b"This is no database, it is a letter." * 100)
    code, _, errors = serve(tmp_path)
    assert code == 1
    assert "restore a backup" in errors


def test_a_database_that_is_a_link_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    elsewhere = tmp_path / "elsewhere.db"
    elsewhere.touch()
    (home / "vchat.db").symlink_to(elsewhere)
    code, _, errors = serve(home)
    assert code == 1
    assert "is a link" in errors
    assert elsewhere.stat().st_size == 0


def test_a_part_that_breaks_ends_the_program_with_a_word(tmp_path: Path) -> None:
    configure(tmp_path, settings())
    with Server(tmp_path) as server:
        assert server.post(message("hello", 1)) == 200
        assert server.end() == (0, "")
    with closing(sqlite3.connect(tmp_path / "vchat.db")) as db:
        db.executescript(
            "UPDATE projection SET position = 0; CREATE TRIGGER broken BEFORE UPDATE ON projection"
            " BEGIN SELECT raise(ABORT, 'it is broken'); END;"
        )
    done = run(tmp_path, "messages", "list")
    assert (done.returncode, done.stdout) == (1, "")
    assert "it is broken" in done.stderr
    code, _, errors = serve(tmp_path)
    assert code == 1
    assert "it is broken" in errors
    assert errors.count("\n") == 1


def test_the_lock_goes_with_the_process(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        server.end(signal.SIGKILL)
    assert (tmp_path / "server.sock").exists()  # nobody was left to remove it
    with Server(tmp_path) as server:
        assert int((tmp_path / "lock").read_text()) == server.pid
        assert os.getpgid(server.pid) != os.getpgid(0)
        assert server.end() == (0, "")
