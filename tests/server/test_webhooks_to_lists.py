"""A webhook in, a message listed: the whole way through the real program."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from running import ENVIRONMENT, PROGRAM, Server, ask, configure, run, samples, settings

SAMPLES = samples()
CONTENT = ["message", "echo"]

# Keys that only facts have, and keys that a message gets from us.
OF_FACTS = {"kind", "account", "to_user_id", "parent_user_id", "username", "moved_to"}
OURS = {"id", "conversation_id", "user_id", "inbox", "received_at"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has had every recorded webhook once."""
    home = tmp_path_factory.mktemp("home")
    configure(home, settings())
    with Server(home) as server:
        assert {server.post(sample["body"]) for sample in SAMPLES.values()} == {200}
        yield server
        assert server.end() == (0, "")


def facts(*kinds: str) -> list[dict[str, Any]]:
    return [
        fact for sample in SAMPLES.values() for fact in sample["facts"] if fact["kind"] in kinds
    ]


def test_every_message_is_listed_with_exactly_what_was_in_the_webhook(server: Server) -> None:
    listed = {row["provider_id"]: row for row in ask(server.home, "messages", "list")}
    assert len(listed) == len(facts(*CONTENT)) > 40
    for fact in facts(*CONTENT):
        row = listed[fact["provider_id"]]
        assert set(row) >= OURS
        if "error" in row:
            assert row["error"].pop("advice")
        for media in row.get("media", ()):
            media.pop("state", None)  # how far we are with fetching it is not in the webhook
        added = {"author": "phone", "status": "sent"} if fact["kind"] == "echo" else {}
        wanted = {key: value for key, value in fact.items() if key not in OF_FACTS} | added
        assert {key: value for key, value in row.items() if key not in OURS} == wanted
        assert row["inbox"] == "Ventas"


def test_each_webhook_shows_the_facts_that_were_read_in_it(server: Server) -> None:
    listed = ask(server.home, "webhooks", "list", "--facts")
    assert [row["id"] for row in listed] == sorted(row["id"] for row in listed)
    for row, sample in zip(listed, SAMPLES.values(), strict=False):
        assert row["state"] == "applied", row.get("error")
        assert row["inbox"] == "Ventas"
        assert "body" not in row
        shown = [{k: v for k, v in fact.items() if k != "inbox"} for fact in row["facts"]]
        assert shown == sample["facts"]
    assert all("facts" not in row for row in ask(server.home, "webhooks", "list"))


def test_webhooks_show_adds_the_raw_body(server: Server) -> None:
    (shown,) = ask(server.home, "webhooks", "show", "1")
    first = next(iter(SAMPLES.values()))
    assert json.loads(shown["body"]) == first["body"]
    assert len(shown["facts"]) == len(first["facts"])


def test_the_same_webhooks_again_in_another_order_change_nothing(server: Server) -> None:
    lists = ("users", "conversations", "messages")
    before = [ask(server.home, name, "list") for name in lists]
    again = [sample["body"] for sample in SAMPLES.values()] * 2
    random.Random(7).shuffle(again)
    assert {server.post(body) for body in again} == {200}
    assert [ask(server.home, name, "list") for name in lists] == before


def test_replaying_a_webhook_changes_nothing_either(server: Server) -> None:
    before = ask(server.home, "messages", "list")
    (replayed,) = ask(server.home, "webhooks", "replay", "1")
    assert replayed["state"] == "applied"
    assert ask(server.home, "messages", "list") == before


def test_messages_are_listed_by_user_and_by_conversation(server: Server) -> None:
    everything = ask(server.home, "messages", "list")
    for user in ask(server.home, "users", "list"):
        wanted = [row for row in everything if row["user_id"] == user["id"]]
        assert ask(server.home, "messages", "list", "--user", str(user["id"])) == wanted
    for conversation in ask(server.home, "conversations", "list"):
        wanted = [row for row in everything if row["conversation_id"] == conversation["id"]]
        shown = ask(server.home, "messages", "list", "--conversation", str(conversation["id"]))
        assert shown == wanted


def test_search_finds_words_without_their_accents(server: Server) -> None:
    found = ask(server.home, "search", "LO TIENEN en ázul")
    assert found
    assert all("azul" in row["text"] for row in found)
    assert ask(server.home, "search", "nobodysaidthis") == []


def test_the_lists_are_readable_without_json(server: Server) -> None:
    for command in ("users", "conversations", "messages", "webhooks"):
        done = run(server.home, command, "list")
        assert (done.returncode, done.stderr) == (0, "")
        assert len(done.stdout.splitlines()) == len(ask(server.home, command, "list"))


def test_the_handshake_answers_the_challenge_only_for_the_right_token(server: Server) -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    right = {**query, "hub.verify_token": "a-secret-key-that-we-invented"}
    answer = server.http.get("/webhooks/meta", params=right)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    wrong = server.http.get("/webhooks/meta", params={**query, "hub.verify_token": "guess"})
    assert wrong.status_code == 403


def test_a_list_that_nobody_reads_on_ends_quietly(server: Server) -> None:
    listing = [*PROGRAM, "messages", "list", "--json", "--home", str(server.home)]
    with subprocess.Popen(
        listing, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
