"""A broadcast under everything that may happen to it, in any order: nobody gets it twice, every
recipient is in exactly one state."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from broadcast_kit import OFFER, customers, draft, get, sent_to, with_templates
from desk_kit import Office
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from vchat_tui.broadcast_models import WAITING, Broadcast
from vchat_tui.channels.base import Accepted, ErrorClass, NotSent, Outcome, Outgoing, Unclear
from vchat_tui.desk import calls

COUNT = 40
FAULTS = (
    "accept",
    "unreachable",
    "silent",
    "131000",
    "131048",
    "131049",
    "131050",
    "132015",
    "190",
)


class BroadcastMachine(RuleBasedStateMachine):
    """Steers one broadcast on a real desk."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.fault = "accept"
        self.taken: list[str] = []  # whom the provider took a message for

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    @initialize()
    def begin(self) -> None:
        self.run(self._begin())

    async def _begin(self) -> None:
        self.office = await Office.open(Path(self.folder.name) / "home")
        self.inbox = await with_templates(self.office, OFFER)
        await customers(self.office, COUNT)
        self.broadcast = (await draft(self.office, self.inbox)).id
        self.office.provider.answer = self._answer
        await self.office.call(calls.StartBroadcast(broadcast_id=self.broadcast))

    def _answer(self, message: Outgoing, attempt: int) -> Outcome:
        """As the fault of the moment has it; the last of three persons always gets through."""
        address = message.address or ""
        fault = self.fault if int(address) % 3 else "accept"
        if fault == "unreachable":
            return NotSent(reason="no connection")
        if fault == "silent":
            self.taken.append(address)  # it was taken, but nobody knows
            return Unclear(reason="the connection broke")
        if fault != "accept":
            refuse = self.office.provider.reject(fault, ErrorClass.OTHER, pauses=fault == "190")(
                message, attempt
            )
            assert not isinstance(refuse, Accepted)
            return refuse  # type: ignore[return-value]
        self.taken.append(address)
        return Accepted(provider_id=f"wamid.{message.callback_data}")

    @rule(fault=st.sampled_from(FAULTS))
    def provider_changes(self, fault: str) -> None:
        self.fault = fault

    @rule()
    def time_passes(self) -> None:
        self.run(asyncio.sleep(0.05))

    @rule(name=st.sampled_from(("Pause", "Resume", "Retry", "Cancel")))
    def somebody_steers(self, name: str) -> None:
        call = getattr(calls, f"{name}Broadcast")(broadcast_id=self.broadcast)
        self.run(self._may_be_refused(call))

    @rule()
    def admin_resumes_the_inbox(self) -> None:
        self.run(self._may_be_refused(calls.ResumeInbox(inbox_id=self.inbox)))

    async def _may_be_refused(self, call: calls.Call[Any]) -> None:
        with contextlib.suppress(calls.DeskError):
            await self.office.call(call)

    @rule(grace=st.sampled_from((0.0, 5.0)))
    def server_starts_again(self, grace: float) -> None:
        self.run(self._again(grace))

    async def _again(self, grace: float) -> None:
        await self.office.close(grace)
        await self.office.start()

    @precondition(lambda self: hasattr(self, "broadcast"))
    @invariant()
    def everybody_is_in_one_state(self) -> None:
        found = self.run(get(self.office, self.broadcast))
        assert found.total == sum(found.counts.values()) == COUNT
        assert len(self.taken) == len(set(self.taken)), "somebody got it twice"
        if found.state != "running":
            assert not found.counts.get("queued")

    def teardown(self) -> None:
        if hasattr(self, "broadcast"):
            self.run(self._end())
        self.loop.close()
        self.folder.cleanup()

    async def _end(self) -> None:
        """Whatever happened, it comes to its end once the provider takes everything."""
        self.fault = "accept"
        await self._may_be_refused(calls.ResumeInbox(inbox_id=self.inbox))
        await self._may_be_refused(calls.ResumeBroadcast(broadcast_id=self.broadcast))
        while not self._is_over(found := await get(self.office, self.broadcast)):
            await self._may_be_refused(calls.ResumeBroadcast(broadcast_id=self.broadcast))
            await asyncio.sleep(0.02)
        assert sum(found.counts.values()) == COUNT
        assert len(self.taken) == len(set(self.taken))
        known = sum(found.counts.get(key, 0) for key in ("accepted", "unknown"))
        assert known >= len(self.taken), "a message that left is not counted as such"
        assert sent_to(self.office) or found.state == "cancelled"
        await self.office.close()

    def _is_over(self, found: Broadcast) -> bool:
        waits = any(found.counts.get(key) for key in WAITING)
        return found.state in ("done", "cancelled") and not waits


TestBroadcastMachine = BroadcastMachine.TestCase
TestBroadcastMachine.settings = settings(
    max_examples=6, stateful_step_count=12, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
