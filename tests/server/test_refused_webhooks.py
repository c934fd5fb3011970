"""Webhooks that must not be applied: forged ones, and those for a number that nobody configured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import APP_SECRET, Server, ask, configure, message, run, settings

OTHER = "200000000000002"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    configure(tmp_path, settings())
    with Server(tmp_path) as server:
        yield server


def test_a_forged_webhook_is_refused_counted_and_not_stored(server: Server) -> None:
    assert server.post(message("forged", 1), secret="another secret") == 403
    unsigned = server.http.post("/webhooks/meta", json=message("unsigned", 2))
    assert unsigned.status_code == 403
    assert ask(server.home, "webhooks", "list") == []
    assert ask(server.home, "messages", "list") == []
    (check,) = [row for row in ask_doctor(server.home) if row["check"] == "signatures"]
    assert check["state"] == "warn"
    assert check["what"].startswith("2 webhooks were refused")
    shown = run(server.home, "doctor").stdout
    assert "▲ 2 webhooks were refused: The webhook was not signed" in shown


def ask_doctor(home: Path) -> list[dict[str, str]]:
    """The doctor's checks; it ends with 1 here, because the provider cannot be reached."""
    done = run(home, "doctor", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_webhook_for_an_unknown_number_waits_until_its_inbox_is_added(server: Server) -> None:
    assert server.post(message("early bird", 1, account=OTHER)) == 200
    assert server.post(message("in time", 2)) == 200
    (waiting,) = ask(server.home, "webhooks", "list", "--state", "dead")
    assert waiting["error"] == "not_configured"
    assert "inbox" not in waiting
    assert [row["text"] for row in ask(server.home, "messages", "list")] == ["in time"]
    (check,) = [row for row in ask_doctor(server.home) if row["check"] == "dead"]
    assert check["state"] == "warn"

    configure(server.home, settings("Soporte", phone_number_id=OTHER))
    assert ask(server.home, "webhooks", "list", "--state", "dead") == []
    texts = {row["text"]: row["inbox"] for row in ask(server.home, "messages", "list")}
    assert texts == {"in time": "Ventas", "early bird": "Soporte"}


def test_a_webhook_that_nobody_can_read_is_kept(server: Server) -> None:
    assert server.post(b'{"object": "whatsapp_business_account", "entry": 7') == 200
    (dead,) = ask(server.home, "webhooks", "list", "--state", "dead")
    assert dead["error"]
    (shown,) = ask(server.home, "webhooks", "show", str(dead["id"]))
    assert shown["body"].endswith("7")
    (again,) = ask(server.home, "webhooks", "replay", str(dead["id"]))
    assert again["state"] == "dead"
    assert server.post(message("after it", 1)) == 200
    assert [row["text"] for row in ask(server.home, "messages", "list")] == ["after it"]


def test_the_old_app_secret_is_good_until_the_new_one_has_settled(server: Server) -> None:
    configure(server.home, settings(app_secret="0123456789abcdef0123456789abcdef"))
    assert server.post(message("signed with the old one", 1), secret=APP_SECRET) == 200
    new = "0123456789abcdef0123456789abcdef"
    assert server.post(message("signed with the new one", 2), secret=new) == 200
    assert server.post(message("signed with neither", 3), secret="neither") == 403
    assert len(ask(server.home, "messages", "list")) == 2
