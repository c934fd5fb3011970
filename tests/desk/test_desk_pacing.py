"""Our own speed limits are at least as strict as the provider's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vchat_tui.channels.whatsapp_cloud import CAPABILITIES
from vchat_tui.desk.pacing import Bucket, Pair
from vchat_tui.simulator.limits import PairRate, Throughput

INTERVAL, BURST = CAPABILITIES.per_person_interval, CAPABILITIES.per_person_burst

# How long people pause between two messages, and how long each message is on its way, in seconds.
pauses = st.lists(
    st.tuples(
        st.one_of(st.just(0.0), st.floats(0, 2), st.floats(0, 60), st.sampled_from([5, 6, 12])),
        st.floats(0.05, 0.9),
    ),
    max_size=120,
)


def times_to_go(limit: Pair | Bucket, wishes: list[tuple[float, float]]) -> list[float]:
    """When messages reach the provider that are sent as early as our limit lets them."""
    now, arrived, arrivals = 1000.0, 0.0, []
    for pause, under_way in wishes:
        now = max(now + pause, arrived)  # one after the other: the next waits for the answer
        now += limit.wait(now)
        assert limit.wait(now) < 1e-6
        limit.take(now)
        arrived = now + under_way
        arrivals.append(arrived)
    return arrivals


@given(pauses)
def test_nobody_types_faster_than_one_person_may_be_written_to(
    wishes: list[tuple[float, float]],
) -> None:
    theirs = PairRate()
    for arrival in times_to_go(Pair(INTERVAL, BURST), wishes):
        theirs.take("+34600111222", arrival, INTERVAL)


@given(st.integers(1, 200), st.integers(1, 1000))
def test_a_number_is_never_overrun(count: int, per_second: int) -> None:
    theirs = Throughput()
    ours = Bucket(per_second, max(1.0, per_second / 10), 1000.0)
    now = 1000.0
    for _ in range(count):
        now += ours.wait(now)
        ours.take(now)
        theirs.take(now, per_second)


def test_a_burst_goes_at_once_and_is_paid_back() -> None:
    pair = Pair(INTERVAL, BURST)
    for number in range(BURST):
        assert pair.wait(number / 100) == 0
        pair.take(number / 100)
    wait = pair.wait(1.0)
    assert BURST * INTERVAL - 1 <= wait <= BURST * INTERVAL + 1
    assert not pair.is_free(1.0)
    assert pair.is_free(1.0 + wait)
    assert pair.wait(1.0 + wait) == 0


def test_three_lines_in_a_row_do_not_wait() -> None:
    pair = Pair(INTERVAL, BURST)
    for now in (0.0, 1.5, 4.0):
        assert pair.wait(now) == 0
        pair.take(now)
