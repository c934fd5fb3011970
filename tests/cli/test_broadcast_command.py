"""`vchat-tui broadcast` and its CSV."""

from __future__ import annotations

import csv
import io
import json
import stat
from pathlib import Path

import pytest
from faults_kit import command, configured_home
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui.broadcast_models import Recipient
from vchat_tui.recipients_csv import HEADER, PART, finish, lines, new_file

NUMBERS = "+34 600 000 001, +34600000002\n+34 600 000 002; nobody\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return configured_home(tmp_path_factory.mktemp("cli") / "home")


def create(home: Path, *more: str) -> tuple[int, str, str]:
    done = command(
        home, "broadcast", "create", "--inbox", "Ventas", "--text", "Hola", "--to", "-", *more,
        stdin=NUMBERS,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_a_broadcast_from_the_shell(home: Path) -> None:
    code, out, _err = create(home, "--dry-run", "--json")
    assert code == 0
    assert json.loads(out)["left_out"] == {"window_closed": 2, "duplicate": 1, "not_a_number": 1}
    assert command(home, "broadcast", "list").stdout == "", "a dry run leaves nothing"
    later = ("--at", "2099-12-01T09:00", "--quiet", "21-9")
    code, out, _err = create(home, "--name", "Navidad", *later, "--json")
    made = json.loads(out)
    assert made["quiet"] == "21:00-09:00"
    assert (code, made["state"], made["total"]) == (0, "scheduled", 4)
    number = str(made["id"])
    assert "Navidad" in command(home, "broadcast", "show", number).stdout
    cancelled = command(home, "broadcast", "cancel", number, "--json")
    assert json.loads(cancelled.stdout)["counts"] == {"skipped": 4}
    rows = list(csv.reader(io.StringIO(command(home, "broadcast", "export", number).stdout)))
    assert rows[0] == list(HEADER)
    assert [row[5] for row in rows[1:]] == ["cancelled", "cancelled", "duplicate", "not_a_number"]
    saved = home.parent / "out.csv"
    command(home, "broadcast", "export", number, "--output", str(saved))
    assert list(csv.reader(io.StringIO(saved.read_text()))) == rows
    again = command(home, "broadcast", "export", number, "--output", str(saved))
    assert again.returncode == 1 and "already" in again.stderr
    assert command(home, "broadcast", "export", "99", "--output", str(saved)).returncode == 1
    assert [path.name for path in home.parent.iterdir() if path.is_file()] == ["out.csv"]
    exported = command(home, "broadcast", "export", number, "--json").stdout.splitlines()
    assert [json.loads(line)["state"] for line in exported] == ["skipped"] * 4


def test_an_sms_from_the_shell(home: Path) -> None:
    sms = f'[[inbox]]\nname = "SMS"\nchannel = "sms_twilio"\naccount_sid = "AC{"0" * 32}"\n'
    sms += 'auth_token = "x"\nsender = "ACME"\n'
    assert command(home, "config", "apply", "-", stdin=sms).returncode == 0
    words = ("broadcast", "create", "--inbox", "SMS", "--text", "ó" * 71, "--to", "-", "--dry-run")
    plan = json.loads(command(home, *words, "--json", stdin=NUMBERS).stdout)
    assert (plan["ready"], plan["segments"], plan["answers"]) == (2, 4, False)
    done = command(home, *words, stdin=NUMBERS + "telegram")
    assert done.returncode != 0 and "no channel “telegram” here" in done.stderr
    assert "ó" not in command(home, "broadcast", "list").stdout


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--template", "x"), "one of them"),
        (("--at", "tomorrow"), "is no time"),
        (("--set", "body.1"), "must look like"),
        (("--inbox", "Nada"), "Ventas"),
        (("--quiet", "21:00"), "21:00-09:00"),
        (("--at", "2001-01-01T00:00"), "past"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    home: Path, more: tuple[str, ...], says: str
) -> None:
    code, _out, err = create(home, *more)
    assert code == 1
    assert says in err
    assert err.count("\n") == 1


@given(st.text(), st.text(st.sampled_from("=+-@\t\r\n ＝＋－＠'\"a,;")))
def test_no_cell_is_a_formula(name: str, odd: str) -> None:
    text = lines([Recipient(number=1, state="sent", name=name, address=odd)])
    (row,) = csv.reader(io.StringIO(text))
    assert len(row) == len(HEADER)
    for cell in row:
        assert not cell.strip(" ").startswith(tuple("=+-@\t\r\n＝＋－＠"))


@given(st.text(max_size=200))
def test_a_file_of_any_name_is_ours_alone_and_replaces_none(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    first, second = new_file(folder, name), new_file(folder, name)
    assert first != second
    for part, text in ((first, "1"), (second, "2")):
        assert part.suffix == PART
        part.write_text(text)
    one, two = finish(first, name), finish(second, name)
    assert sorted(folder.iterdir()) == sorted((one, two))
    assert (one.read_text(), two.read_text()) == ("1", "2")
    for path in (one, two):
        assert path.suffix == ".csv"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
