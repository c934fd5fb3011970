"""The same webhooks in any order, any number of times, end in the same picture.

Two things follow the order of arrival by nature, because the provider says no more than the
second: which of two messages of one second stands first, and which of two changes of one second
(two reactions of one person to one message) holds. Times here are therefore all different.
Changes of number and of id depend on it, too: see `Moves`.
"""

from __future__ import annotations

import random
from typing import Any

from desk_kit import check_store
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from store_kit import Store, examples
from webhook_bodies import (
    NUMBER,
    OTHER_NUMBER,
    body,
    contact,
    echo,
    edit_message,
    from_customer,
    moved_message,
    reaction_message,
    revoke_message,
    status,
    text_message,
)

# Spellings of one person's number, and their business-scoped id in each inbox.
PEOPLE = [
    (("5215512345678", "525512345678"), "MX.1111"),
    (("5511987654321", "551187654321"), "BR.2222"),
    (("5491155551234", "541155551234"), "AR.3333"),
    (("34600111222",), "ES.4444"),
]
TARGETS = [f"wamid.{number}" for number in range(1, 13)]
OURS = ["ours-1", "ours-2"]
WORDS = ["sent", "delivered", "read", "played", "failed"]

person = st.sampled_from(PEOPLE)
target = st.sampled_from([*TARGETS, *(f"wamid.{name}" for name in OURS)])


class Arrivals(RuleBasedStateMachine):
    """Webhooks and answers come; at the end they come again, in other orders."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Store()
        self.steps: list[tuple[str, Any]] = []  # ("body", bytes) or ("answer", name)
        self.made = 0
        self.times = 0
        self.furthest: dict[str, Any] = {}
        self.answered: set[str] = set()

    @initialize(seed=st.integers(0, 2**32 - 1))
    def begin(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.moments = self.random.sample(range(100, 900_000), 500)
        self.first = from_customer("wamid.first", PEOPLE[3][0][0], "first", at=1)
        self.claimed = self.prepare(self.store)

    def prepare(self, store: Store) -> dict[str, Any]:
        store.apply(self.first)
        return {name: store.send(name, PEOPLE[3][0][0]) for name in OURS}

    def at(self) -> int:
        """A moment that no other webhook has."""
        self.times += 1
        return self.moments[self.times]

    def new_id(self) -> str:
        self.made += 1
        return f"wamid.{self.made}"

    def comes(self, arriving: bytes) -> None:
        self.steps.append(("body", arriving))
        self.store.apply(arriving)

    @rule(
        who=person,
        names=st.sampled_from(["number", "id", "both"]),
        name=st.sampled_from([None, "Ana", "Ana María", "Ánna"]),
        username=st.sampled_from([None, "@ana", "@maria"]),
        number=st.sampled_from([NUMBER, OTHER_NUMBER]),
        pick=st.integers(0, 1),
        quotes=st.none() | target,
    )
    def a_text(
        self, who: Any, names: str, name: Any, username: Any, number: str, pick: int, quotes: Any
    ) -> None:
        spellings, scoped = who
        sender = None if names == "id" else spellings[pick % len(spellings)]
        named = None if names == "number" else f"{scoped}{number[0]}"
        identifier = self.new_id()
        message = text_message(
            identifier, sender, f"text of {identifier}", at=self.at(), person=named, quotes=quotes
        )
        people = (contact(sender, name, person=named, username=username),)
        self.comes(body(messages=(message,), contacts=people, number=number))

    @rule(who=person, to=target, emoji=st.sampled_from(["👍", "❤️", None]))
    def a_reaction(self, who: Any, to: str, emoji: str | None) -> None:
        made = reaction_message(self.new_id(), who[0][0], to, emoji, at=self.at())
        self.comes(body(messages=(made,)))

    @rule(who=person, to=target)
    def an_edit(self, who: Any, to: str) -> None:
        at = self.at()
        self.comes(body(messages=(edit_message(self.new_id(), who[0][0], to, f"{at}", at=at),)))

    @rule(who=person, to=target)
    def a_revocation(self, who: Any, to: str) -> None:
        made = revoke_message(self.new_id(), who[0][0], to, at=self.at())
        self.comes(body(messages=(made,)))

    @rule(who=person)
    def an_echo(self, who: Any) -> None:
        self.comes(body(echoes=(echo(self.new_id(), who[0][0], at=self.at()),)))

    @rule(to=target, words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3))
    def statuses(self, to: str, words: list[str]) -> None:
        ours = to.removeprefix("wamid.") if to.removeprefix("wamid.") in OURS else None
        self.comes(
            body(
                statuses=tuple(
                    status(
                        to, word, at=self.at(), callback=f"{ours}:1" if ours else None,
                        code=131026 if word == "failed" else None,
                    )
                    for word in words
                )
            )
        )  # fmt: skip

    @rule(name=st.sampled_from(OURS))
    def the_provider_answers(self, name: str) -> None:
        if name not in self.answered:
            self.answered.add(name)
            self.steps.append(("answer", name))
            self.store.answer(self.claimed[name], f"wamid.{name}")

    @rule()
    def something_comes_again(self) -> None:
        bodies = [step for kind, step in self.steps if kind == "body"]
        if bodies:
            before = self.store.picture()
            self.store.apply(self.random.choice(bodies))
            assert self.store.picture() == before

    @invariant()
    def no_status_goes_back(self) -> None:
        now = self.store.statuses()
        for name, was in self.furthest.items():
            assert now[name].rank >= was.rank, (name, was, now[name])
        self.furthest = now

    def teardown(self) -> None:
        check_store(self.store.db)
        expected = self.store.picture()
        for _ in range(2):
            other = Store()
            claimed = self.prepare(other)
            again = self.steps + [step for step in self.steps if step[0] == "body"][::3]
            self.random.shuffle(again)
            for kind, step in again:
                if kind == "body":
                    other.apply(step)
                else:
                    other.answer(claimed[step], f"wamid.{step}")
            check_store(other.db)
            assert other.picture() == expected
            other.close()
        self.store.close()


class Moves(Arrivals):
    """Customers change their number or their id as well. What comes later under the old one is a
    new person's, what came earlier under the new one keeps it, so the order of arrival matters;
    everything else must hold all the same."""

    @rule(who=person, to=person)
    def a_new_number(self, who: Any, to: Any) -> None:
        moved = moved_message(self.new_id(), who[0][0], to=to[0][0], at=self.at())
        self.comes(body(messages=(moved,)))

    @rule(who=person, to=person)
    def a_new_id(self, who: Any, to: Any) -> None:
        moved = moved_message(
            self.new_id(), None, person=f"{who[1]}1", to_person=f"{to[1]}1", at=self.at()
        )
        self.comes(body(messages=(moved,)))

    def teardown(self) -> None:
        check_store(self.store.db)
        before = self.store.picture()
        again = [step for kind, step in self.steps if kind == "body"]
        self.random.shuffle(again)
        for arriving in again:
            self.store.apply(arriving)
        assert self.store.picture() == before
        check_store(self.store.db)
        self.store.close()


TestArrivals = Arrivals.TestCase
TestArrivals.settings = settings(
    max_examples=examples(60), stateful_step_count=40, deadline=None, print_blob=True
)
TestMoves = Moves.TestCase
TestMoves.settings = settings(
    max_examples=examples(40), stateful_step_count=40, deadline=None, print_blob=True
)
