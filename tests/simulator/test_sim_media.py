"""Files at the simulated Meta: uploads, customers' files, and the channel's way with both."""

from __future__ import annotations

import hashlib
from pathlib import Path

import httpx
import pytest
from callback_receiver import Receiver
from contracts import whatsapp_violations
from message_kinds import KINDS

from vchat_tui.channels.base import Accepted, Fetched, NotSent, Outgoing, Rejected, Uploaded
from vchat_tui.channels.facts import MessageFact, StatusFact
from vchat_tui.channels.meta import parse
from vchat_tui.channels.whatsapp_cloud import WhatsAppCloud, open_channel
from vchat_tui.models import Content, Media, Status
from vchat_tui.settings import Secret
from vchat_tui.simulator import samples
from vchat_tui.simulator.account import ACCESS_TOKEN, PHONE_NUMBER_ID, SECOND
from vchat_tui.simulator.cast import CAST
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.said import file
from vchat_tui.simulator.world import Simulator, SimulatorSettings

ADDRESS = "525555550101"


class Clock:
    """Unix seconds that a test moves."""

    def __init__(self) -> None:
        self.at = 1_790_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def simulator(receiver: Receiver, clock: Clock):
    simulator = Simulator(
        SimulatorSettings(
            callback_url=f"http://127.0.0.1:{receiver.port}/webhooks/meta",
            more_numbers=(SECOND,),
            knobs=Knobs(status_delay=0, pair_seconds=0),
        ),
        check=whatsapp_violations,
        now=clock,
    )
    await simulator.start()
    await simulator.verified()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def channel(simulator):
    channel = open_channel(
        {"phone_number_id": PHONE_NUMBER_ID, "api_base_url": simulator.base_url},
        {"access_token": Secret(ACCESS_TOKEN)},
    )
    yield channel
    await channel.aclose()


async def received(simulator: Simulator, receiver: Receiver, said) -> Media:
    """What the product reads of a file that a customer sends."""
    simulator.customer_sends("lucia", said)
    await simulator.idle()
    [fact] = parse(receiver.posts[-1].body).facts
    assert isinstance(fact, MessageFact) and fact.media
    return fact.media[0]


async def test_there_and_back(simulator, channel: WhatsAppCloud, tmp_path: Path):
    path, back = tmp_path / "a", tmp_path / "b"
    path.write_bytes(samples.picture("cake"))
    uploaded = await channel.upload(path, "image/png", 'a "cake"\r\n.png')
    assert isinstance(uploaded, Uploaded)
    fetched = await channel.fetch(Media(id=uploaded.provider_id), back, 10**6)
    assert back.read_bytes() == path.read_bytes()
    assert fetched == Fetched(
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        size=path.stat().st_size,
        mime_type="image/png",
    )


async def test_what_every_customer_sends_can_be_fetched(simulator, receiver, channel, tmp_path):
    files = [said for who in CAST for story in who.stories for said in story if said.file]
    assert {said.type for said in files} == {"image", "audio", "sticker", "document"}
    for number, said in enumerate(files):
        media = await received(simulator, receiver, said)
        target = tmp_path / str(number)
        fetched = await channel.fetch(media, target, 10**6)
        assert isinstance(fetched, Fetched) and fetched.mime_type == said.content["mime_type"]
        assert target.read_bytes() == said.file


async def test_a_file_without_id_is_fetched_from_its_address(
    simulator, receiver, channel, tmp_path
):
    media = await received(simulator, receiver, file("image", b"x", "image/png"))
    only_url = Media(url=media.url, mime_type="image/png")
    assert isinstance(await channel.fetch(only_url, tmp_path / "a", 10), Fetched)


async def test_days_and_minutes(simulator, receiver, channel, clock, tmp_path):
    media = await received(simulator, receiver, file("image", b"x", "image/png"))
    old_url = Media(url=media.url)
    clock.at += 301
    refused = await channel.fetch(old_url, tmp_path / "a", 10)
    assert isinstance(refused, Rejected) and refused.error.code == "not_the_file"
    assert isinstance(await channel.fetch(media, tmp_path / "a", 10), Fetched)
    clock.at += 7 * 86_400
    gone = await channel.fetch(media, tmp_path / "b", 10)
    assert isinstance(gone, Rejected) and gone.error.code == "media_gone"
    assert (gone.retry_after, gone.pauses_inbox) == (None, False)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


async def test_faults_leave_nothing_behind(simulator, receiver, channel, tmp_path):
    media = await received(simulator, receiver, file("image", b"x" * 100_000, "image/png"))
    simulator.set_knob(media_page_next=1)
    page = await channel.fetch(media, tmp_path / "a", 10**6)
    assert isinstance(page, Rejected) and page.error.code == "not_the_file" and page.retry_after
    simulator.set_knob(media_drop_next=1)
    assert isinstance(await channel.fetch(media, tmp_path / "a", 10**6), NotSent)
    large = await channel.fetch(media, tmp_path / "a", 99_999)
    assert isinstance(large, Rejected) and large.error.code == "too_large"
    assert list(tmp_path.iterdir()) == []
    assert isinstance(await channel.fetch(media, tmp_path / "a", 100_000), Fetched)


async def test_an_expired_token_is_told(simulator, receiver, channel, tmp_path):
    media = await received(simulator, receiver, file("image", b"x", "image/png"))
    (tmp_path / "up").write_bytes(b"x")
    simulator.set_knob(token_expired=True)
    for outcome in (
        await channel.fetch(media, tmp_path / "a", 10),
        await channel.upload(tmp_path / "up", "image/png", "x"),
    ):
        assert isinstance(outcome, Rejected) and outcome.error.code == "190"
        assert outcome.pauses_inbox
    error = await channel.mark_read("wamid.X")
    assert error is not None and error.code == "190"


async def test_uploads_that_are_refused(simulator, channel, tmp_path):
    for name, size, code in (("a", 0, "131053"), ("b", 5 * 1024 * 1024 + 1, "131053")):
        path = tmp_path / name
        path.write_bytes(bytes(size))
        outcome = await channel.upload(path, "image/png", name)
        assert isinstance(outcome, Rejected) and outcome.error.code == code
        assert outcome.retry_after is None and not outcome.pauses_inbox
    with pytest.raises(FileNotFoundError):
        await channel.upload(tmp_path / "none", "image/png", "x")


async def test_the_graph(simulator, graph: httpx.AsyncClient, clock):
    media_id = simulator.keep_file(b"x", "image/png")
    node = f"/v25.0/{media_id}"
    assert (await graph.get(node, params={"phone_number_id": PHONE_NUMBER_ID})).status_code == 200
    other = await graph.get(node, params={"phone_number_id": SECOND.phone_number_id})
    assert other.json()["error"]["error_subcode"] == 33
    url = (await graph.get(node)).json()["url"]
    assert (await graph.get(url)).content == b"x"
    assert (await graph.get(url, headers={"Authorization": "Bearer no"})).status_code == 404
    clock.at += 300
    assert (await graph.get(url)).status_code == 404
    assert (await graph.delete(node)).json() == {"success": True}
    assert (await graph.get(node)).status_code == 400
    path = f"/v25.0/{PHONE_NUMBER_ID}/media"
    part = {"file": ("a.png", b"x", "image/png")}
    assert (await graph.post(path, files=part)).json()["error"]["code"] == 100
    form = {"messaging_product": "whatsapp"}
    assert (await graph.post(path, data=form)).json()["error"]["code"] == 100
    assert (await graph.post(path, data=form, files=part)).json()["id"].isdigit()


async def test_messages_with_files(simulator, receiver, channel):
    simulator.customer_says("lucia", "hola")
    await simulator.idle()

    async def send(content: Content):
        return await channel.send(Outgoing(content=content, callback_data="m", address=ADDRESS), 1)

    unknown = await send(KINDS["image"])
    assert isinstance(unknown, Rejected) and unknown.error.code == "100"
    simulator.keep_file(b"x", "application/pdf", "1")  # and no picture
    assert isinstance(await send(KINDS["image"]), Accepted)
    simulator.keep_file(b"x", "image/png", "1")
    simulator.set_knob(media_refused_next=1)
    assert isinstance(await send(KINDS["image"]), Accepted)
    assert isinstance(await send(KINDS["image"]), Accepted)
    await simulator.idle()
    facts = [fact for post in receiver.posts for fact in parse(post.body).facts]
    statuses = [fact for fact in facts if isinstance(fact, StatusFact)]
    failed = [fact for fact in statuses if fact.status == Status.FAILED]
    assert [fact.error.code for fact in failed if fact.error] == ["131053"] * 2


async def test_read_and_typing_are_written_down(simulator, channel):
    message_id = simulator.customer_says("lucia", "hola")
    assert await channel.mark_read(message_id) is None
    assert await channel.mark_read(message_id, typing=True) is None
    plain, typing = simulator.ledger.entries(kind="read")
    assert plain.id == typing.id == message_id
    assert "typing_indicator" not in plain.body
    assert typing.body["typing_indicator"] == {"type": "text"}
    assert simulator.violations == []
