"""`config apply` and `config show`: the settings as TOML."""

from __future__ import annotations

import itertools
import json
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path

import pytest
from running import ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN, Server, ask, configure, run, settings

SECRETS = (ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN)


def refuse(home: Path, toml: str | bytes) -> str:
    """What `config apply` says of a file that is wrong; it must change nothing."""
    before = stored(home)
    file = home.parent / "settings.toml"
    file.write_bytes(toml.encode() if isinstance(toml, str) else toml)
    done = run(home, "config", "apply", str(file))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"vchat-tui: {file}: ")
    assert stored(home) == before
    assert not any(secret in done.stderr for secret in SECRETS)
    return done.stderr.removeprefix(f"vchat-tui: {file}: ").strip()


def stored(home: Path) -> list[tuple[object, ...]]:
    """The settings as they lie in the database; nothing where there is none."""
    if not (home / "vchat.db").exists():
        return []
    with closing(sqlite3.connect(home / "vchat.db")) as db:
        tables = ("inbox", "secret", "setting")
        return [row for table in tables for row in db.execute(f"SELECT * FROM {table}")]


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an inbox called “Other”."""
    home = tmp_path_factory.mktemp("configured") / "home"
    configure(home, settings("Other", phone_number_id="300000000000003"))
    return home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_what_was_applied_is_shown_with_its_secrets_masked(home: Path) -> None:
    configure(home, settings())
    done = run(home, "config", "show")
    assert (done.returncode, done.stderr) == (0, "")
    assert not any(secret in done.stdout for secret in SECRETS)
    shown = tomllib.loads(done.stdout)
    assert shown["server"]["public_url"] == "https://chat.example.com"
    (inbox,) = shown["inbox"]
    assert inbox["name"] == "Ventas"
    assert inbox["api_version"] == "v25.0"
    assert {inbox[key][:4] for key in ("access_token", "app_secret", "verify_token")} == {"*** "}
    assert ask(home, "config", "show") == [shown]


def test_applying_twice_changes_nothing(home: Path) -> None:
    configure(home, settings())
    first = run(home, "config", "show").stdout
    before = stored(home)
    configure(home, settings())
    assert run(home, "config", "show").stdout == first
    assert stored(home) == before != []


def test_secrets_may_be_left_out_once_they_are_there(home: Path) -> None:
    configure(home, settings())
    configure(
        home, settings(access_token=None, app_secret=None, verify_token="", api_version="v24.0")
    )
    (inbox,) = tomllib.loads(run(home, "config", "show").stdout)["inbox"]
    assert inbox["api_version"] == "v24.0"
    assert {inbox[key][:4] for key in ("access_token", "app_secret", "verify_token")} == {"*** "}


def test_a_running_server_takes_the_settings_at_once(home: Path) -> None:
    with Server(home) as server:
        query = {"hub.mode": "subscribe", "hub.challenge": "7", "hub.verify_token": VERIFY_TOKEN}
        assert server.http.get("/webhooks/meta", params=query).status_code == 403
        configure(home, settings())
        assert server.http.get("/webhooks/meta", params=query).status_code == 200


def test_two_inboxes_in_one_file(home: Path) -> None:
    second = settings("Soporte", phone_number_id="200000000000002").partition("\n\n")[2]
    configure(home, settings() + "\n" + second)
    shown = tomllib.loads(run(home, "config", "show").stdout)
    assert [inbox["name"] for inbox in shown["inbox"]] == ["Soporte", "Ventas"]


def test_a_file_from_windows(home: Path) -> None:
    file = home.parent / "settings.toml"
    file.write_bytes(b"\xef\xbb\xbf" + settings().replace("\n", "\r\n").encode())
    assert run(home, "config", "apply", str(file)).returncode == 0


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("a = [", "Invalid value"),
        (b"\xff", "UTF-8"),
        ("[" * 100_000, ""),
        ("[[inbox]]\n" + "x = " + "[" * 100_000, ""),
        ("color = 1", "[color] is not known"),
        ("server = 1", "[server] must be a table"),
        ("[inbox]\nname = 1", "[[inbox]]"),
        ("inbox = [1]", "[[inbox]]"),
        ("[[inbox]]\nchannel = 'whatsapp_cloud'", "inbox 1: “name” and “channel” are needed"),
        ("[server]\ncolor = 1", "[server]: color: is not a setting"),
        (settings(public_url="http://chat.example.com"), "[server]: public_url: must begin with"),
        (settings(color="blue"), "inbox “Ventas”: color: is not a setting"),
        (settings(access_token=None), "inbox “Ventas”: access_token: is required"),
        (settings(app_secret=""), "inbox “Ventas”: app_secret: is required"),
        (settings(app_secret=7), "inbox “Ventas”: app_secret: must be text"),
        (settings(api_version=25), "inbox “Ventas”: api_version: must be text"),
        (settings(api_version="25"), "inbox “Ventas”: api_version: must look like v25.0"),
        (settings(phone_number_id="+52 55"), "inbox “Ventas”: phone_number_id: must be a number"),
        (settings(phone_number_id=10**50), "inbox “Ventas”: phone_number_id: must be a number"),
        (settings(sends_per_second=0), "inbox “Ventas”: sends_per_second: must be between"),
        (settings(read_receipts="maybe"), "inbox “Ventas”: read_receipts: must be true or false"),
        (settings(channel="pigeon"), "inbox “Ventas”: channel: “pigeon” is not a channel"),
        (settings(verify_token="two words"), "inbox “Ventas”: verify_token: contains spaces"),
        (settings(access_token="EAA\u200babc"), "inbox “Ventas”: access_token: contains spaces"),
        (settings("a\u001bb"), "Illegal character"),
        (settings("a\\u001bb"), "inbox “a␛b”: name: "),
    ],
    ids=itertools.count(1),
)  # fmt: skip
def test_a_mistake_is_named_and_changes_nothing(
    configured: Path, toml: str | bytes, said: str
) -> None:
    assert said in refuse(configured, toml)


def test_a_mistake_in_the_last_inbox_leaves_the_first_alone(home: Path) -> None:
    wrong = settings("Soporte", phone_number_id="x").partition("\n\n")[2]
    assert "inbox “Soporte”: phone_number_id" in refuse(home, settings() + "\n" + wrong)


def test_one_number_belongs_to_one_inbox(home: Path) -> None:
    again = settings("Soporte").partition("\n\n")[2]
    said = refuse(home, settings() + "\n" + again)
    assert said == "the inboxes “Soporte” and “Ventas” have the same id"
    assert "“Ventas” is there twice" in refuse(home, settings() + settings().partition("\n\n")[2])
    configure(home, settings())
    said = refuse(home, settings("Soporte"))
    assert said == "inbox “Soporte”: phone_number_id: The inbox “Ventas” already has this id."


def test_a_file_that_is_not_there(home: Path, tmp_path: Path) -> None:
    done = run(home, "config", "apply", str(tmp_path / "none.toml"))
    assert done.returncode == 1
    assert done.stderr == f"vchat-tui: {tmp_path / 'none.toml'}: No such file or directory\n"
    done = run(home, "config", "apply", "-", given="a = ")
    assert (done.returncode, "standard input: " in done.stderr) == (1, True)


def test_an_error_never_carries_what_a_terminal_acts_on(home: Path) -> None:
    done = run(home, "config", "apply", "-", given='["\\u001b[31mred"]\na = 1')
    assert done.returncode == 1
    assert "\x1b" not in done.stderr
    assert json.dumps("␛[31mred", ensure_ascii=False)[1:-1] in done.stderr
