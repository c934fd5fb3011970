"""What commands answer: exit codes, errors in one sentence, the same with and without a server."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from open_windows import open_window_of
from running import ENVIRONMENT, PATIENCE, PROGRAM, Server, ask, configure, message, run, settings

TO = "+34612345678"


@pytest.fixture(scope="module", params=["alone", "with a server"])
def home(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A home with an inbox; every test runs without a server on it and with one."""
    home = tmp_path_factory.mktemp("home")
    configure(home, settings())
    open_window_of(home, TO)
    if request.param == "alone":
        yield home
        return
    with Server(home) as server:
        yield home
        assert server.end() == (0, "")


def test_a_text_is_queued_and_printed(home: Path) -> None:
    (sent,) = ask(home, "send", "--inbox", "Ventas", "--to", TO, "--text", "¡Hola! 👋")
    assert sent["text"] == "¡Hola! 👋"
    assert (sent["direction"], sent["type"], sent["to"]) == ("out", "text", TO)
    assert sent["status"] in ("queued", "sending")
    assert sent["author"]
    assert sent["inbox"] == "Ventas"
    listed = ask(home, "messages", "list", "--conversation", str(sent["conversation_id"]))
    assert [row["id"] for row in listed if row["id"] == sent["id"]] == [sent["id"]]


def test_a_text_may_come_from_standard_input(home: Path) -> None:
    given = "two lines,\nthe second with a tab\t.\n"
    (sent,) = ask(home, "send", "--inbox", "Ventas", "--to", TO, given=given)
    assert sent["text"] == given.rstrip("\n")
    done = run(home, "send", "--inbox", "Ventas", "--to", TO, given=b"\xff\xfe")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "vchat-tui: standard input is not text in UTF-8\n"


def test_free_text_waits_for_the_customer(home: Path) -> None:
    done = run(home, "send", "--inbox", "Ventas", "--to", "+34612000000", "--text", "a")
    assert (done.returncode, done.stdout) == (1, "")
    assert "has not written yet" in done.stderr
    assert "template" in done.stderr
    to = ("send", "--inbox", "Ventas", "--to", "+34612000000", "--hold")
    (held,) = ask(home, *to, "--text", "a")
    assert held["status"] == "held"
    (queued,) = ask(home, "send", "--inbox", "Ventas", "--to", TO, "--text", "a", "--hold")
    assert queued["status"] in ("queued", "sending")
    assert "no --hold" in run(home, *to, "--template", "x").stderr


def test_the_words_of_a_customer_cannot_write_escape_sequences(home: Path) -> None:
    (sent,) = ask(home, "send", "--inbox", "Ventas", "--to", TO, "--text", "a\x1b]0;b\x07c")
    assert sent["text"] == "a\x1b]0;b\x07c"
    done = run(home, "messages", "list")
    assert "a␛]0;b␇c" in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("send", "--inbox", "Nope", "--to", TO, "--text", "a"), "there are: Ventas"),
        (("send", "--inbox", "Ventas", "--to", "12", "--text", "a"), "country code"),
        (("send", "--inbox", "Ventas", "--to", TO, "--text", " "), "The message is empty."),
        (("send", "--inbox", "Ventas", "--to", TO, "--text", "a" * 5000), "at most 4096"),
        (("webhooks", "show", "4711"), "There is no webhook 4711 in the journal."),
        (("webhooks", "replay", "4711"), "There is no webhook 4711 in the journal."),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    home: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = run(home, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert done.stderr.startswith("vchat-tui: ")
    assert done.stderr.count("\n") == 1


def test_nothing_found_is_no_failure(home: Path) -> None:
    for arguments in (
        ("messages", "list", "--conversation", "4711"),
        ("messages", "list", "--user", "4711"),
        ("search", "nobodysaidthis"),
        ("search", ""),
        ("search", '"'),
        ("search", "NEAR( AND *"),
        ("webhooks", "list", "--state", "dead"),
    ):
        assert ask(home, *arguments) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("messages",),
        ("config",),
        ("config", "apply"),
        ("webhooks", "list", "--state", "unheard-of"),
        ("webhooks", "show", "first"),
        ("webhooks", "show", "0"),
        ("webhooks", "show", "99999999999999999999"),
        ("messages", "list", "--user", "-1"),
        ("serve", "--port", "99999"),
        ("serve", "--port", "http"),
        ("simulate", "--port", "-1"),
        ("send", "--inbox", "Ventas", "--text", "a"),
        ("send", "--inbox", "Ventas", "--to", TO, "--text", b"\xff"),
        ("search", b"\xff"),
        (),
        ("demo",),
    ],
)
def test_wrong_usage_is_2(tmp_path: Path, arguments: tuple[str | bytes, ...]) -> None:
    done = subprocess.run(
        [*PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE,
        env=ENVIRONMENT | {"VCHAT_HOME": str(tmp_path)},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [(), ("demo",)])
def test_without_a_terminal_the_console_says_so(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = run(tmp_path, *arguments)
    assert done.stderr == (
        "vchat-tui: the console needs a terminal; use “vchat-tui serve” to run without one\n"
    )


def test_the_version(tmp_path: Path) -> None:
    done = run(tmp_path, "--version")
    assert (done.returncode, done.stdout.split()[0]) == (0, "vchat-tui")


def test_errors_are_in_the_readers_language(tmp_path: Path) -> None:
    done = run(tmp_path, environment={"VCHAT_LANG": "es"})
    assert done.returncode == 2
    assert "terminal" in done.stderr
    assert "the console" not in done.stderr


def test_a_terminal_without_emoji_shows_a_question_mark(tmp_path: Path) -> None:
    configure(tmp_path, settings())
    open_window_of(tmp_path, TO)
    run(tmp_path, "send", "--inbox", "Ventas", "--to", TO, "--text", "Hola 👋")
    done = run(tmp_path, "messages", "list", environment={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "Hola ?" in done.stdout


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run(tmp_path / "file" / "home", "users", "list")
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot use the folder" in done.stderr


def test_the_home_may_be_named_in_the_environment(tmp_path: Path) -> None:
    done = subprocess.run(
        [*PROGRAM, "users", "list"], stdin=subprocess.DEVNULL, capture_output=True,
        timeout=PATIENCE, env=ENVIRONMENT | {"VCHAT_HOME": str(tmp_path / "here")},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (tmp_path / "here" / "vchat.db").exists()


def test_a_command_waits_for_what_has_just_arrived(tmp_path: Path) -> None:
    configure(tmp_path, settings())
    with Server(tmp_path) as server:
        for number in range(3):
            assert server.post(message(f"word{number}", number)) == 200
            assert len(ask(tmp_path, "messages", "list")) == number + 1
            assert len(ask(tmp_path, "search", f"word{number}")) == 1
