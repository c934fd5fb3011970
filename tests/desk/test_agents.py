"""The people who answer: kept, assigned, and online while they press keys at an open console."""

from __future__ import annotations

from typing import Any

import pytest
from desk_kit import Office
from webhook_bodies import from_customer

from vchat_tui.broadcast_models import BroadcastContent
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.presence import Presence
from vchat_tui.models import Agent, Content, Conversation


async def add(office: Office, name: str, **more: Any) -> Agent:
    agent: Agent = await office.call(calls.SaveAgent(name=name, **more))
    return agent


async def names_online(office: Office) -> list[str]:
    return [agent.name for agent in await office.call(calls.ListAgents()) if agent.online]


# ---- records -------------------------------------------------------------------------------------


async def test_an_agent_is_kept_as_typed_and_changed_in_part(office: Office) -> None:
    ana = await add(office, " Ana ", phone="+34 612 345 678", email="ana@example.com", admin=True)
    assert (ana.name, ana.phone, ana.admin) == ("Ana", "+34612345678", True)
    changed = await office.call(
        calls.SaveAgent(agent_id=ana.id, email="", department="Ventas", language="es")
    )
    assert (changed.email, changed.phone) == (None, "+34612345678")
    ben = await add(office, "Ben")
    assert await office.call(calls.ListAgents()) == (changed, ben)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", {"name": "  "}),
        ("name", {"name": "x" * 81}),
        ("name", {"name": "A\x1b[31m"}),
        ("name", {"name": "áNA"}),  # Ana is there
        ("phone", {"name": "Eva", "phone": "612345678"}),
        ("email", {"name": "Eva", "email": "eva at home"}),
        ("department", {"name": "Eva", "department": "x" * 81}),
        ("language", {"name": "Eva", "language": "Spanish"}),
    ],
)
async def test_what_is_wrong_is_said_of_its_field(
    office: Office, field: str, values: dict[str, str]
) -> None:
    await add(office, "Ana")
    with pytest.raises(DeskError) as refused:
        await add(office, **values)
    assert refused.value.field == field
    assert len(await office.call(calls.ListAgents())) == 1


async def test_whoever_wrote_is_disabled_instead_of_deleted(office: Office) -> None:
    ana, ben = await add(office, "Ana"), await add(office, "Ben")
    row = await office.conversation()
    await office.reply(row.id, "hola", author="Ana")
    await office.call(calls.AssignAgent(conversation_id=row.id, agent_id=ana.id))
    assert await office.call(calls.DeleteAgent(agent_id=ben.id)) is True
    assert await office.call(calls.DeleteAgent(agent_id=ana.id)) is False
    (left,) = await office.call(calls.ListAgents())
    assert (left.name, left.disabled) == ("Ana", True)
    row = await office.conversation()
    assert (row.agent_id, row.last_agent_id) == (None, None), "nobody waits for her"
    with pytest.raises(DeskError, match="disabled"):
        await office.call(calls.ChooseAgent(agent_id=ana.id))
    with pytest.raises(DeskError, match="disabled"):
        await office.call(calls.AssignAgent(conversation_id=row.id, agent_id=ana.id))
    with pytest.raises(DeskError, match="no longer there"):
        await office.call(calls.ChooseAgent(agent_id=ben.id))


# ---- conversations -------------------------------------------------------------------------------


async def test_a_conversation_is_given_to_an_agent_and_a_department(office: Office) -> None:
    ana = await add(office, "Ana")
    row, other = await office.conversation(), await office.conversation("34600111222")
    given = await office.call(calls.AssignAgent(conversation_id=row.id, agent_id=ana.id))
    assert (given.agent_id, given.agent) == (ana.id, "Ana")
    given = await office.call(calls.AssignDepartment(conversation_id=row.id, department=" Caja "))
    assert given.department == "Caja"
    assert [mine.id for mine in await office.list(agent_id=ana.id)] == [row.id]
    await office.call(calls.SaveAgent(agent_id=ana.id, name="Ana María"))
    assert (await office.conversation()).agent == "Ana María"
    free = await office.call(calls.AssignAgent(conversation_id=row.id, agent_id=None))
    none = await office.call(calls.AssignDepartment(conversation_id=row.id, department=""))
    assert (free.agent, none.department) == (None, None)
    assert {mine.id for mine in await office.list()} == {row.id, other.id}


async def test_the_last_agent_is_whoever_wrote_last_by_whichever_way(office: Office) -> None:
    ana, ben, eva = [await add(office, name) for name in ("Ana", "Ben", "Eva")]
    row = await office.conversation()

    async def last() -> int | None:
        found: Conversation = await office.call(calls.GetConversation(conversation_id=row.id))
        return found.last_agent_id

    assert await last() is None
    await office.reply(row.id, "one", author="Ana")
    assert await last() == ana.id
    await office.reply(row.id, "somebody else's", author="root")
    await office.reply(row.id, "automatic")
    assert await last() == ana.id
    await office.write("UPDATE conversation SET window_ends_at = 1")
    content = Content(type="text", text="later")
    await office.call(
        calls.Hold(conversation_id=row.id, client_id="h", content=content, author="Ben")
    )
    assert await last() == ben.id, "the customer will hear of Ben"
    await office.write("UPDATE conversation SET last_agent_id = ?", eva.id)
    await office.post(from_customer("wamid.back", "5215512345678"))
    await office.write("UPDATE held SET release_at = 1")
    while await office.rows("SELECT 1 FROM held"):
        await office.told()
    assert await last() == ben.id


async def test_a_broadcast_makes_nobody_the_last_agent(office: Office) -> None:
    await add(office, "Ana")
    row = await office.conversation()
    content = BroadcastContent(text="¡Hola!")
    made = await office.call(
        calls.CreateBroadcast(
            client_id="b", inbox_id=1, name="Navidad", content=content, author="Ana"
        )
    )
    await office.call(calls.AddRecipients(broadcast_id=made.id, user_ids=(row.user_id,)))
    await office.call(calls.StartBroadcast(broadcast_id=made.id))
    while "¡Hola!" not in office.provider.texts():
        await office.told()
    assert (await office.conversation()).last_agent_id is None


async def test_when_two_halves_meet_the_conversation_stays_whose_it_was(office: Office) -> None:
    ana = await add(office, "Ana")
    row = await office.conversation()
    await office.post(from_customer("wamid.id", None, "by id", person="MX.1", name="Eva", at=3))
    half = next(other for other in await office.list() if other.id != row.id)
    await office.call(calls.AssignAgent(conversation_id=half.id, agent_id=ana.id))
    await office.call(calls.AssignDepartment(conversation_id=half.id, department="Caja"))
    await office.reply(half.id, "hola", author="Ana")
    await office.post(from_customer("wamid.both", "5215512345678", "both", person="MX.1", at=4))
    (whole,) = await office.list()
    assert (whole.agent_id, whole.last_agent_id, whole.department) == (ana.id, ana.id, "Caja")


# ---- presence ------------------------------------------------------------------------------------


class Clock:
    """Time that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(office: Office) -> Clock:
    """Presence on a clock of ours; the one of the running desk stays as it is."""
    clock = Clock()
    office.desk.services.presence = Presence(office.desk.services.core, clock)
    return clock


async def test_online_is_who_pressed_a_key_in_the_last_minutes(
    office: Office, clock: Clock
) -> None:
    ana = await add(office, "Ana")
    here, there = office.desk.attach(), office.desk.attach()
    await here.call(calls.ChooseAgent(agent_id=ana.id))
    await there.call(calls.ChooseAgent(agent_id=ana.id, idle=120))
    assert await names_online(office) == ["Ana"]
    here.close()
    clock.now += 179
    assert await names_online(office) == ["Ana"], "at the other console"
    clock.now += 1
    assert await names_online(office) == []
    await here.call(calls.Present())
    assert await names_online(office) == [], "that console is gone"
    await there.call(calls.Present())
    assert await names_online(office) == ["Ana"]
    await office.call(calls.SaveServerSettings(values={"presence_minutes": 1}))
    clock.now += 60
    assert await names_online(office) == []


async def test_away_by_hand_goes_before_any_key(office: Office, clock: Clock) -> None:
    ana = await add(office, "Ana")
    here = office.desk.attach()
    await here.call(calls.ChooseAgent(agent_id=ana.id))
    away = await office.call(calls.SetAway(agent_id=ana.id, away=True))
    assert (away.away, away.online) == (True, False)
    await here.call(calls.Present())
    assert await names_online(office) == []
    back = await office.call(calls.SetAway(agent_id=ana.id, away=False))
    assert (back.away, back.online) == (False, True)
    await here.call(calls.ChooseAgent(agent_id=None))
    assert await names_online(office) == []


async def test_consoles_hear_who_comes_and_goes(office: Office) -> None:
    async def told_times() -> int:
        (row,) = await office.rows("SELECT count(*) FROM event WHERE kind = 'agents'")
        return int(row[0])

    ana = await add(office, "Ana")
    before = await told_times()
    here = office.desk.attach()
    await here.call(calls.ChooseAgent(agent_id=ana.id))
    while await told_times() == before:
        await office.told()
    here.close()
    while await told_times() == before + 1:
        await office.told()
    assert await names_online(office) == []
