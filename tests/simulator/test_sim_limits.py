"""Meta's limits: so many a second, so many to one person, and the 24-hour window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui.simulator.errors import GraphError
from vchat_tui.simulator.limits import BURST, PairRate, Throughput, Windows


def allowed(take) -> bool:
    try:
        take()
    except GraphError:
        return False
    return True


def test_eighty_at_once_and_no_more():
    bucket = Throughput()
    assert [allowed(lambda: bucket.take(100.0, 80)) for _ in range(81)] == [True] * 80 + [False]
    with pytest.raises(GraphError) as refusal:
        bucket.take(100.0, 80)
    assert refusal.value.code == 130429
    assert allowed(lambda: bucket.take(100.5, 80)), "half a second frees forty"


@given(st.lists(st.floats(0, 0.2), max_size=400))
def test_no_second_holds_more_than_the_burst_and_a_second_of_refill(pauses):
    bucket, now, taken = Throughput(), 1000.0, []
    for pause in pauses:
        now += pause
        if allowed(lambda now=now: bucket.take(now, 20)):
            taken.append(now)
    for at in taken:
        assert sum(at <= other < at + 1 for other in taken) <= 40


def test_a_burst_to_one_person_is_paid_back():
    pairs = PairRate()
    for _ in range(20):
        pairs.take("lucia", 1000.0, 6)
    for now in (1006.0, 1119.9):
        with pytest.raises(GraphError) as refusal:
            pairs.take("lucia", now, 6)
        assert refusal.value.code == 131056
    pairs.take("daniel", 1006.0, 6)  # other people are not affected
    pairs.take("lucia", 1120.0, 6)


def test_a_burst_has_an_end():
    pairs = PairRate()
    assert sum(allowed(lambda: pairs.take("lucia", 1000.0, 6)) for _ in range(100)) == BURST


@given(st.lists(st.floats(0, 30), max_size=300))
def test_the_long_run_is_one_message_in_six_seconds(pauses):
    pairs, now, taken = PairRate(), 1000.0, 0
    for pause in pauses:
        now += pause
        taken += allowed(lambda now=now: pairs.take("lucia", now, 6))
    assert taken <= BURST + (now - 1000.0) / 6 + 1


def test_one_message_every_six_seconds_always_goes():
    pairs = PairRate()
    for number in range(1000):
        pairs.take("lucia", 1000.0 + 6 * number, 6)


def test_the_window_closes_after_24_hours():
    windows = Windows()
    with pytest.raises(GraphError):
        windows.check("lucia", 1000.0, 24)
    windows.open("lucia", 1000.0)
    windows.check("lucia", 1000.0 + 86_399, 24)
    with pytest.raises(GraphError) as refusal:
        windows.check("lucia", 1000.0 + 86_400, 24)
    assert refusal.value.code == 131047


async def codes(send, count, **changes):
    answers = [await send(**changes) for _ in range(count)]
    return [a.json().get("error", {}).get("code", 200) for a in answers]


async def test_throughput_over_http(send, simulator):
    simulator.customer_says("lucia", "hola")
    simulator.set_knob(sends_per_second=1, pair_seconds=0)
    answers = await codes(send, 5)
    assert answers[0] == 200 and 130429 in answers


async def test_pair_rate_over_http(send, simulator):
    simulator.customer_says("lucia", "hola")
    assert await codes(send, BURST + 1) == [200] * BURST + [131056]
    simulator.set_knob(pair_seconds=0)
    assert await codes(send, 1) == [200]


async def test_window_over_http(send, simulator):
    assert await codes(send, 1) == [131047], "nobody has written yet"
    simulator.customer_says("lucia", "hola")
    assert await codes(send, 1) == [200]
    simulator.close_window("lucia")
    assert await codes(send, 1) == [131047]
    hello = {"name": "hello_world", "language": {"code": "en_US"}}
    assert await codes(send, 1, type="template", text=None, template=hello) == [200]
    simulator.customer_says("lucia", "hola")
    simulator.set_knob(window_hours=0)
    assert await codes(send, 1) == [131047]


async def test_people_who_cannot_be_reached(send, simulator):
    simulator.customer_says("sam", "hola")
    assert await codes(send, 1, to="+14155550132") == [131026]
    simulator.set_knob(allow_list=["12025550143"])
    simulator.customer_says("lucia", "hola")
    simulator.customer_says("daniel", "hi")
    assert await codes(send, 1) == [131030]
    assert await codes(send, 1, to="+12025550143") == [200]


async def test_the_same_by_webhook(send, simulator, receiver):
    simulator.set_knob(errors_by_webhook=True)
    answer = await send(to="+14155550132", biz_opaque_callback_data="local-1")
    assert answer.status_code == 200
    await receiver.wait(1)
    [value] = receiver.posts[0].values
    assert "contacts" not in value
    [status] = value["statuses"]
    assert status["status"] == "failed" and status["errors"][0]["code"] == 131026
    assert status["biz_opaque_callback_data"] == "local-1"
    assert status["errors"][0]["error_data"]["details"]
