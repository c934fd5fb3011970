"""One person is one user, under whatever number or id they appear."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from desk_kit import Office
from webhook_bodies import NUMBER, OTHER_NUMBER, body, from_customer, moved_message

from vchat_tui.desk import calls
from vchat_tui.models import Status, UserCard

ANA, BEN = "5215512345678", "34600111222"
ANA_ID, BEN_ID = "MX.1111", "ES.2222"


async def users(office: Office) -> list[UserCard]:
    page = await office.call(calls.ListUsers(limit=500))
    return [await office.call(calls.GetUser(user_id=user.id)) for user in page.rows]


async def only_user(office: Office) -> UserCard:
    (card,) = await users(office)
    return card


BY_ID = from_customer("wamid.id", None, "by id", person=ANA_ID, name="Ana", username="@ana", at=1)
BY_NUMBER = from_customer("wamid.number", ANA, "by number", at=2)
BY_BOTH = from_customer("wamid.both", ANA, "by both", person=ANA_ID, name="Ana María", at=3)


@pytest.mark.parametrize("order", list(permutations((BY_ID, BY_NUMBER, BY_BOTH))))
async def test_halves_of_a_person_come_together_in_any_order(
    office: Office, order: tuple[bytes, ...]
) -> None:
    await office.post(*order)
    card = await only_user(office)
    assert card.user.name == "Ana María"
    assert card.user.phone == f"+{ANA}"
    assert card.user.conversations == 1
    (identity,) = card.identities
    assert (identity.address, identity.business_scoped_id) == (ANA, ANA_ID)
    assert (identity.username, identity.profile_name) == ("@ana", "Ana María")
    (row,) = await office.list()
    assert (row.unread, row.last_text, row.title) == (3, "by both", "Ana María")
    texts = [item.message.text for item in await office.timeline(row.id)]
    assert texts == ["by id", "by number", "by both"]
    assert identity.last_inbound_at == row.last_message_at
    for found in ("ana maria", "@ana", "5512345678", "+52 55 1234 5678"):
        assert [row.id for row in await office.list(text=found)] == [row.id], found


async def test_what_hangs_on_both_halves_moves_along(office: Office) -> None:
    await office.post(BY_NUMBER, BY_ID)
    rows = {row.address: row for row in await office.list()}
    by_number, by_id = rows[ANA], rows[None]
    await office.call(calls.SaveDraft(conversation_id=by_number.id, text="to the number"))
    await office.call(calls.SaveDraft(conversation_id=by_id.id, text="to the id"))
    await office.call(
        calls.SaveUser(user_id=by_id.user_id, name="Tía Ana", email="ana@example.com")
    )
    await office.call(calls.MoveConversation(conversation_id=by_id.id, folder="archive"))
    office.provider.answer = office.provider.silent
    doubtful = await office.reply(by_id.id, "doubtful")
    await office.until_status(doubtful.id, Status.UNKNOWN)
    office.provider.answer = office.provider.accept
    behind = await office.reply(by_id.id, "behind")
    await office.post(BY_BOTH)

    (row,) = await office.list()
    assert row.id == by_number.id
    assert row.title == "Tía Ana"
    assert row.draft is not None
    assert sorted(row.draft.split("\n")) == ["to the id", "to the number"]
    card = await only_user(office)
    assert card.user.email == "ana@example.com"
    await office.call(calls.ConfirmArrived(message_id=doubtful.id))
    await office.until_status(behind.id, Status.ACCEPTED)
    assert office.provider.sent[-1].address == ANA
    assert office.provider.sent[-1].business_scoped_id == ANA_ID
    with pytest.raises(calls.DeskError, match="no longer there"):
        await office.call(calls.GetConversation(conversation_id=by_id.id))


async def test_a_merge_makes_nothing_read_that_was_not(office: Office) -> None:
    await office.post(BY_NUMBER)
    (by_number,) = await office.list()
    await office.call(calls.MarkRead(conversation_id=by_number.id))
    await office.post(BY_ID, from_customer("wamid.n2", ANA, "again", at=4))
    by_id = next(row for row in await office.list() if row.address is None)
    await office.call(calls.MarkRead(conversation_id=by_id.id))
    await office.post(BY_BOTH)
    (row,) = await office.list()
    assert row.unread == 2  # "again" and "by both"


async def test_numbers_of_gone_conversations_are_never_used_again(office: Office) -> None:
    await office.post(BY_NUMBER, BY_ID)
    gone = next(row for row in await office.list() if row.address is None)
    await office.post(BY_BOTH, from_customer("wamid.ben", BEN))
    ben = next(row for row in await office.list() if row.address == BEN)
    assert ben.id > gone.id
    assert ben.user_id > gone.user_id


async def test_a_number_decides_where_number_and_id_disagree(office: Office) -> None:
    await office.post(
        from_customer("wamid.1", ANA, person=ANA_ID, name="Ana"),
        from_customer("wamid.2", BEN, person=BEN_ID, name="Ben"),
        from_customer("wamid.3", ANA, "whose?", person=BEN_ID, at=5),
        from_customer("wamid.4", "34699000111", "a third", person=BEN_ID, at=6),
    )
    rows = {row.address: row for row in await office.list()}
    assert len(rows) == 3
    assert rows[ANA].last_text == "whose?"
    assert rows["34699000111"].last_text == "a third"
    ids = {
        identity.address: identity.business_scoped_id
        for card in await users(office)
        for identity in card.identities
    }
    assert ids == {ANA: ANA_ID, BEN: BEN_ID, "34699000111": None}


async def test_an_id_alone_is_not_taken_from_whoever_has_a_number_with_another(
    office: Office,
) -> None:
    await office.post(
        from_customer("wamid.1", ANA, person=ANA_ID),
        from_customer("wamid.2", None, person=BEN_ID, name="Ben"),
        from_customer("wamid.3", ANA, "whose?", person=BEN_ID, at=5),
    )
    rows = {row.address: row for row in await office.list()}
    assert rows[ANA].last_text == "whose?"
    assert rows[None].last_text == "hola"


@pytest.mark.parametrize(
    ("one", "other"),
    [("5215512345678", "525512345678"), ("5511987654321", "551187654321"),
     ("5491155551234", "541155551234")],
)  # fmt: skip
async def test_spellings_of_a_number_are_one_person(office: Office, one: str, other: str) -> None:
    await office.post(
        from_customer("wamid.1", one, "old spelling", at=1),
        from_customer("wamid.2", other, "new spelling", at=2),
    )
    (row,) = await office.list()
    assert (row.unread, row.address) == (2, other)
    assert (await only_user(office)).user.phone == f"+{other}"
    sent = await office.call(calls.SendTo(inbox="Ventas", to=f"+{one}", client_id="c", text="a"))
    assert sent.conversation_id == row.id
    for spelling in (one, other, f"+{one}", f"+{other}"):
        assert len((await office.call(calls.ListUsers(text=spelling))).rows) == 1, spelling


async def test_land_lines_are_left_as_they_are(office: Office) -> None:
    await office.post(
        from_customer("wamid.1", "551133334444"), from_customer("wamid.2", "5511933334444")
    )
    assert len(await office.list()) == 2


@pytest.mark.parametrize("late", [False, True])
async def test_one_person_on_two_inboxes(office: Office, late: bool) -> None:
    """Whether the number is known at once or learned only later."""
    await office.add_second_inbox()
    there = from_customer("wamid.2", ANA, "there", name="Ana", number=OTHER_NUMBER, at=1)
    here = [from_customer("wamid.1", ANA, "here", person=ANA_ID, at=5)]
    if late:
        here.insert(0, from_customer("wamid.0", None, "earlier", person=ANA_ID, at=4))
        here.insert(1, there)
    else:
        here.append(there)
    await office.post(*here)
    card = await only_user(office)
    assert card.user.name == "Ana"
    assert card.user.conversations == 2
    assert {row.inbox for row in card.conversations} == {"Ventas", "Soporte"}
    assert {row.title for row in await office.list()} == {"Ana"}


async def test_a_new_name_is_shown_in_all_conversations(office: Office) -> None:
    await office.add_second_inbox()
    await office.post(
        from_customer("wamid.1", ANA, name="Ana", at=1),
        from_customer("wamid.2", ANA, name="Ana", number=OTHER_NUMBER, at=2),
    )
    await office.post(from_customer("wamid.3", ANA, name="Ana María", at=3))
    assert {row.title for row in await office.list()} == {"Ana María"}
    await office.post(from_customer("wamid.0", ANA, name="Anita", at=0))
    assert {row.title for row in await office.list()} == {"Ana María"}
    assert [row.name for row in (await office.call(calls.ListUsers(text="maría"))).rows]


async def test_a_name_said_again_is_newer_than_one_said_elsewhere(office: Office) -> None:
    await office.add_second_inbox()
    await office.post(
        from_customer("wamid.1", ANA, name="Ana", at=1),
        from_customer("wamid.2", ANA, name="Ana María", number=OTHER_NUMBER, at=2),
        from_customer("wamid.3", ANA, name="Ana", at=3),
    )
    assert {row.title for row in await office.list()} == {"Ana"}


async def test_the_phone_is_written_as_it_was_last_said_in_any_inbox(office: Office) -> None:
    await office.add_second_inbox()
    await office.post(
        from_customer("wamid.1", "5215512345678", at=1),
        from_customer("wamid.2", "525512345678", number=OTHER_NUMBER, at=2),
        from_customer("wamid.3", "5215512345678", at=3),
    )
    assert (await only_user(office)).user.phone == "+5215512345678"


async def test_a_name_given_by_an_agent_stays(office: Office) -> None:
    await office.post(from_customer("wamid.1", ANA, name="xX ana Xx", at=1))
    user_id = (await only_user(office)).user.id
    await office.call(calls.SaveUser(user_id=user_id, name="Ana Pérez"))
    await office.post(from_customer("wamid.2", ANA, name="new nick", username="@new", at=2))
    card = await only_user(office)
    assert card.user.name == "Ana Pérez"
    assert card.identities[0].profile_name == "new nick"
    assert {row.title for row in await office.list()} == {"Ana Pérez"}
    for text in ("ana perez", "new nick", "@new"):
        assert len((await office.call(calls.ListUsers(text=text))).rows) == 1, text
    assert not (await office.call(calls.ListUsers(text="xX ana"))).rows


async def test_a_customer_with_a_new_number(office: Office) -> None:
    await office.post(from_customer("wamid.1", ANA, "before", name="Ana", at=1))
    await office.post(
        body(messages=(moved_message("wamid.2", ANA, to="34699000111", at=2),)),
        from_customer("wamid.3", "34699000111", "after", at=3),
    )
    (row,) = await office.list()
    assert (row.address, row.last_text, row.unread) == ("34699000111", "after", 2)
    assert (await only_user(office)).user.phone == "+34699000111"
    await office.call(calls.ReplayWebhook(webhook_id=1))  # carries the old number
    assert len(await office.list()) == 1
    sent = await office.reply(row.id, "hola")
    await office.until_status(sent.id, Status.ACCEPTED)
    assert office.provider.sent[0].address == "34699000111"


async def test_a_customer_with_a_new_id(office: Office) -> None:
    await office.post(
        from_customer("wamid.1", None, "before", person=ANA_ID, name="Ana", at=1),
        body(messages=(moved_message("wamid.2", None, person=ANA_ID, to_person="MX.9", at=2),)),
        from_customer("wamid.3", None, "after", person="MX.9", at=3),
    )
    (row,) = await office.list()
    assert (row.title, row.last_text, row.unread) == ("Ana", "after", 2)


async def test_a_number_that_somebody_has_is_not_taken_over(office: Office) -> None:
    """Order matters here by nature: whoever wrote from the number first has it."""
    await office.post(
        from_customer("wamid.1", BEN, "I am Ben", name="Ben"),
        from_customer("wamid.2", ANA, "I am Ana", name="Ana"),
        body(messages=(moved_message("wamid.3", ANA, to=BEN, at=5),)),
        from_customer("wamid.4", BEN, "still Ben", at=6),
    )
    rows = {row.address: row for row in await office.list()}
    assert rows[BEN].title == "Ben" and rows[BEN].last_text == "still Ben"
    assert rows[ANA].title == "Ana"


async def test_the_id_in_the_place_of_the_number(office: Office) -> None:
    """Some webhooks write the business-scoped id where the number belongs."""
    await office.post(
        from_customer("wamid.1", ANA_ID, "odd", at=1), from_customer("wamid.2", None, person=ANA_ID)
    )
    (row,) = await office.list()
    assert (row.address, row.unread) == (None, 2)


async def test_ids_are_those_of_one_inbox(office: Office) -> None:
    """A business-scoped id means nobody on another number."""
    await office.add_second_inbox()
    await office.post(
        from_customer("wamid.1", None, person=ANA_ID, number=NUMBER),
        from_customer("wamid.2", None, person=ANA_ID, number=OTHER_NUMBER),
    )
    assert len(await users(office)) == 2


async def test_a_person_whom_we_write_first(office: Office, tmp_path: Path) -> None:
    inbox = (await office.call(calls.ListInboxes()))[0]
    started = await office.call(
        calls.StartConversation(inbox_id=inbox.id, address="+34 600 111 222")
    )
    assert (started.title, started.unread, started.window_ends_at) == ("+34 600 111 222", 0, None)
    card = await only_user(office)
    assert card.user.last_seen_at is None
    again = await office.call(calls.StartConversation(inbox_id=inbox.id, user_id=card.user.id))
    assert again.id == started.id
    await office.post(from_customer("wamid.1", BEN, name="Ben"))
    (row,) = await office.list()
    assert (row.id, row.title) == (started.id, "Ben")


async def test_the_number_that_an_agent_typed_is_found_when_it_writes(office: Office) -> None:
    await office.add_second_inbox()
    await office.post(from_customer("wamid.1", None, person=ANA_ID, name="Ana"))
    user_id = (await only_user(office)).user.id
    await office.call(calls.SaveUser(user_id=user_id, phone="+52 55 1234 5678"))
    await office.post(from_customer("wamid.2", ANA, number=OTHER_NUMBER))
    card = await only_user(office)
    assert card.user.id == user_id
    assert card.user.phone == "+525512345678"
    assert len(card.identities) == 2
