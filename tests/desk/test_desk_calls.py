"""What agents and admins ask for, and what they are told when it cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from desk_kit import Office, plain
from webhook_bodies import OTHER_NUMBER, from_customer

from vchat_tui.desk import calls
from vchat_tui.desk.calls import Call, DeskError
from vchat_tui.desk.core import secret_place
from vchat_tui.desk.local import HANDLERS, SEAT_HANDLERS, LocalDesk
from vchat_tui.home import Home
from vchat_tui.keys import KeyFileError
from vchat_tui.models import Folder, Status

ANA, BEN, EVA = "5215512345678", "34600111222", "34600333444"


def inbox_values(**values: Any) -> dict[str, Any]:
    given = {
        "phone_number_id": "55555", "access_token": "t", "app_secret": "s", "verify_token": "v",
    }  # fmt: skip
    return {key: value for key, value in (given | values).items() if value is not None}


def save_inbox(name: str = "New", **values: Any) -> calls.SaveInbox:
    return calls.SaveInbox(name=name, channel="whatsapp_cloud", values=inbox_values(**values))


REFUSED: list[tuple[Call[Any], str, str | None]] = [
    (calls.GetConversation(conversation_id=99), "conversation is no longer there", None),
    (calls.MarkRead(conversation_id=99), "conversation is no longer there", None),
    (calls.MarkUnread(conversation_id=99), "conversation is no longer there", None),
    (calls.MoveConversation(conversation_id=99, folder=Folder.TRASH), "no longer there", None),
    (calls.Reply(conversation_id=99, client_id="c", text="a"), "no longer there", None),
    (calls.Reply(conversation_id=1, client_id="c", text="  \n "), "is empty", "text"),
    (calls.Reply(conversation_id=1, client_id="c", text="x" * 4097), "4097 characters", "text"),
    (calls.Reply(conversation_id=1, client_id="", text="a"), "no usable id", None),
    (calls.Reply(conversation_id=1, client_id="x" * 65, text="a"), "no usable id", None),
    (calls.Reply(conversation_id=1, client_id="c", text="a", reply_to=99), "you quote", None),
    (calls.SendTo(inbox="Nope", to="+1", client_id="c", text="a"), "there are: Ventas", "inbox"),
    (calls.SendTo(inbox="Ventas", to="ana", client_id="c", text="a"), "phone number", "address"),
    (calls.SendTo(inbox="Ventas", to="+34", client_id="c", text="a"), "", "address"),
    (calls.StartConversation(inbox_id=99, address="+34600111222"), "inbox is no longer", "inbox"),
    (calls.StartConversation(inbox_id=1, user_id=99), "user is no longer there", None),
    (calls.StartConversation(inbox_id=1), "phone number with its country code", "address"),
    (calls.StartConversation(inbox_id=1, address="600"), "country code", "address"),
    (calls.Retry(message_id=99), "message is no longer there", None),
    (calls.ConfirmArrived(message_id=99), "message is no longer there", None),
    (calls.GetRaw(message_id=99), "message is no longer there", None),
    (calls.GetUser(user_id=99), "user is no longer there", None),
    (calls.SaveUser(user_id=99, name="a"), "user is no longer there", None),
    (calls.SaveUser(user_id=1, name="  "), "needs a name", "name"),
    (calls.SaveUser(user_id=1, name="x" * 201), "longer than 200", "name"),
    (calls.SaveUser(user_id=1, email="ana"), "not an e-mail", "email"),
    (calls.SaveUser(user_id=1, phone="ana"), "not a phone number", "phone"),
    (calls.SaveUser(user_id=1, language="español"), "looks like es", "language"),
    (calls.SaveDraft(conversation_id=1, text="x" * 70_000), "longer than 65536", None),
    (calls.GetWebhook(webhook_id=99), "no webhook 99", None),
    (calls.ReplayWebhook(webhook_id=99), "no webhook 99", None),
    (calls.DeleteInbox(inbox_id=1), "has conversations", None),
    (calls.DeleteInbox(inbox_id=99), "inbox is no longer there", None),
    (calls.ResumeInbox(inbox_id=99), "inbox is no longer there", None),
    (save_inbox(name="  "), "needs a name", "name"),
    (save_inbox(name="a\x1b[31m"), "needs a name", "name"),
    (save_inbox(name="Ventas"), "called “Ventas” already", "name"),
    (save_inbox(phone_number_id="106540352242922"), "“Ventas” already has this id", None),
    (save_inbox(phone_number_id="12"), "5 to 32 digits", "phone_number_id"),
    (save_inbox(access_token=None), "is required", "access_token"),
    (save_inbox(colour="red"), "is not a setting", "colour"),
    (save_inbox(api_base_url="ftp://x"), "full address", "api_base_url"),
    (calls.SaveInbox(name="x", channel="fax", values={}), "is not a channel", "channel"),
    (calls.SaveInbox(inbox_id=99, name="x", channel="whatsapp_cloud", values={}), "no longer", None),
    (calls.SaveInbox(inbox_id=0, name="x", channel="whatsapp_cloud", values={}), "no longer", None),
    (calls.SaveInbox(inbox_id=1, name="x", channel="sms", values={}), "cannot be changed", "channel"),
    (calls.SaveServerSettings(values={"public_url": "http://x.example"}), "https://", "public_url"),
    (calls.SaveServerSettings(values={"nonsense": 1}), "is not a setting", "nonsense"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "says", "field"), REFUSED, ids=[f"{type(c).__name__}-{n}" for n, (c, _, _) in
                                             enumerate(REFUSED)],
)  # fmt: skip
async def test_a_refusal_says_what_is_wrong(
    office: Office, call: Call[Any], says: str, field: str | None
) -> None:
    await office.conversation(ANA)
    before = await office.rows("SELECT count(*) FROM message")
    with pytest.raises(DeskError) as caught:
        await office.call(call)
    assert says in str(caught.value)
    if field is not None:
        assert caught.value.field == field
    assert "{" not in str(caught.value)
    assert await office.rows("SELECT count(*) FROM message") == before


def test_every_call_has_its_handler() -> None:
    from typing import get_args

    assert HANDLERS.keys() | SEAT_HANDLERS.keys() == set(get_args(calls.AnyCall))
    assert not HANDLERS.keys() & SEAT_HANDLERS.keys()


async def test_a_user_without_a_number_cannot_be_written_to_first(office: Office) -> None:
    await office.post(from_customer("wamid.1", None, person="MX.1", name="Ana"))
    second = await office.add_second_inbox()
    user_id = (await office.call(calls.ListUsers())).rows[0].id
    with pytest.raises(DeskError, match="only they can write first"):
        await office.call(calls.StartConversation(inbox_id=second, user_id=user_id))


# ---- secrets ---------------------------------------------------------------------------------

SECRETS = ("canary-token-1", "canary-app-1", "canary-verify-1", "canary-token-2", "canary-app-2")


async def test_no_call_gives_a_secret_away(office: Office) -> None:
    values = {"access_token": SECRETS[0], "app_secret": SECRETS[1], "verify_token": SECRETS[2]}
    inbox_id = await office.add_inbox("Safe", OTHER_NUMBER, **values)
    changed = await office.call(
        calls.SaveInbox(
            inbox_id=inbox_id, name="Safe", channel="whatsapp_cloud",
            values={"access_token": SECRETS[3], "app_secret": SECRETS[4], "verify_token": ""},
        )
    )  # fmt: skip
    chat = await office.conversation(ANA)
    answers = [
        changed,
        await office.call(calls.ListInboxes()),
        await office.call(calls.GetDiagnostics()),
        await office.call(calls.GetServerSettings()),
        await office.call(calls.GetUser(user_id=chat.user_id)),
        await office.call(calls.ListWebhooks(facts=True)),
        await office.call(calls.GetRaw(message_id=1)),
    ]
    shown = repr([plain(answer) for answer in answers]) + repr(answers)
    for secret in SECRETS:
        assert secret not in shown
    assert changed.secrets["access_token"].set
    assert len(changed.secrets["access_token"].fingerprint) == 8
    # An empty value left the verify token as it was; the app secret before goes on being accepted.
    gate = office.desk.services.gate
    assert SECRETS[2].encode() in gate.verify_tokens()
    assert {secret for _, secret in gate.app_secrets()} >= {s.encode() for s in SECRETS[1::3]}
    for file in office.home.path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not any(secret.encode() in content for secret in SECRETS), file


async def test_a_secret_opens_only_where_it_lies(office: Office) -> None:
    second = await office.add_second_inbox()
    keys = office.desk.services.core.keys
    ((sealed,),) = await office.rows(
        "SELECT sealed FROM secret WHERE inbox_id = 1 AND key = 'access_token'"
    )
    assert keys.open(sealed, secret_place(1, "access_token", "current")).reveal() == (
        "token-of-Ventas"
    )
    for place in (
        secret_place(second, "access_token", "current"),
        secret_place(1, "app_secret", "current"),
        secret_place(1, "access_token", "previous"),
    ):
        with pytest.raises(KeyFileError, match="enter it again"):
            keys.open(sealed, place)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
async def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    office = await Office.open(tmp_path / "home")
    await office.close()
    office.home.key.chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        await LocalDesk.open(Home(tmp_path / "home"))


# ---- the list --------------------------------------------------------------------------------


async def people(office: Office) -> dict[str, int]:
    """Three customers; answers their conversations by name."""
    await office.add_second_inbox()
    await office.post(
        from_customer("wamid.1", ANA, "¿Tienen sofás?", name="Ana Núñez", at=1),
        from_customer("wamid.2", BEN, "Quiero una mesa", name="Ben 100%_\\", at=2),
        from_customer(
            "wamid.3", EVA, "Hola", name="Éva", username="@eva", at=3, number=OTHER_NUMBER
        ),
    )
    return {row.title: row.id for row in await office.list()}


async def test_the_list_by_what_people_type(office: Office) -> None:
    rows = await people(office)
    ana = next(row for row in await office.list() if row.title == "Ana Núñez")
    await office.call(calls.SaveUser(user_id=ana.user_id, email="Ana@Example.com"))
    for text, names in {
        "nunez": {"Ana Núñez"}, "ANA": {"Ana Núñez"}, "eva": {"Éva"},
        "100%": {"Ben 100%_\\"}, "_\\": {"Ben 100%_\\"}, "%": {"Ben 100%_\\"},
        "600 111": {"Ben 100%_\\"}, "+34 600-333.444": {"Éva"}, "600": {"Ben 100%_\\", "Éva"},
        "+52 1 55 1234 5678": {"Ana Núñez"}, "+52 55 1234 5678": {"Ana Núñez"},
        "55 1234": {"Ana Núñez"}, "ana@example": {"Ana Núñez"}, "nobody": set(), "'": set(),
        '"': set(), "AND": set(), "*": set(), "   ": set(rows),
    }.items():  # fmt: skip
        assert {row.title for row in await office.list(text=text)} == names, text
    assert [row.title for row in await office.list(inbox_id=2)] == ["Éva"]
    assert [row.title for row in await office.list()] == ["Éva", "Ben 100%_\\", "Ana Núñez"]
    for place, row in enumerate(await office.list()):
        call = calls.LocateConversation(conversation_id=row.id)
        assert await office.call(call) == place
    nowhere = calls.LocateConversation(
        conversation_id=rows["Éva"], filter=calls.ConversationFilter(text="ana")
    )
    assert await office.call(nowhere) is None


async def test_reading_and_not(office: Office) -> None:
    rows = await people(office)
    await office.post(from_customer("wamid.4", ANA, "?", at=4))
    ana = rows["Ana Núñez"]
    counts = await office.call(calls.GetCounts())
    assert (counts.unread_conversations, counts.unread_messages) == (3, 4)
    waiting = await office.call(calls.NextUnread())
    assert waiting.title == "Ben 100%_\\"
    assert (await office.call(calls.NextUnread(after=waiting.id))).title == "Éva"
    first, second = await office.messages(conversation_id=ana)
    row = await office.call(calls.MarkRead(conversation_id=ana, up_to=first.id))
    assert row.unread == 1
    assert (await office.call(calls.MarkRead(conversation_id=ana))).unread == 0
    assert ana not in {row.id for row in await office.list(unread_only=True)}
    assert (await office.call(calls.MarkUnread(conversation_id=ana))).unread == 1
    assert (await office.call(calls.MarkRead(conversation_id=ana, up_to=10**9))).unread == 0
    await office.post(from_customer("wamid.5", ANA, "!", at=5))
    assert (await office.call(calls.GetConversation(conversation_id=ana))).unread == 1
    for other in rows.values():
        await office.call(calls.MarkRead(conversation_id=other))
    assert await office.call(calls.NextUnread()) is None
    assert second.id > first.id


async def test_folders_and_the_way_back(office: Office) -> None:
    rows = await people(office)
    ana, ben = rows["Ana Núñez"], rows["Ben 100%_\\"]
    await office.call(calls.MoveConversation(conversation_id=ana, folder=Folder.ARCHIVE))
    await office.call(calls.MoveConversation(conversation_id=ben, folder=Folder.TRASH))
    assert [row.id for row in await office.list(folder=Folder.ARCHIVE)] == [ana]
    assert [row.id for row in await office.list(folder=Folder.TRASH)] == [ben]
    assert (await office.call(calls.GetCounts())).unread_conversations == 1
    await office.post(
        from_customer("wamid.7", ANA, "still there?", at=7), from_customer("wamid.8", BEN, at=8)
    )
    assert {row.id for row in await office.list()} == set(rows.values())
    await office.call(calls.MoveConversation(conversation_id=ana, folder=Folder.TRASH))
    restored = await office.call(calls.MoveConversation(conversation_id=ana, folder=Folder.INBOX))
    assert restored.folder is Folder.INBOX
    await office.call(calls.MoveConversation(conversation_id=ana, folder=Folder.ARCHIVE))
    again = await office.call(calls.StartConversation(inbox_id=1, address=f"+{ANA}"))
    assert (again.id, again.folder) == (ana, Folder.INBOX)


async def test_drafts(office: Office) -> None:
    chat = await office.conversation(ANA)
    assert await office.call(calls.GetDraft(conversation_id=chat.id)) is None
    await office.call(calls.SaveDraft(conversation_id=chat.id, text="dra\nft", cursor=(1, 2)))
    draft = await office.call(calls.GetDraft(conversation_id=chat.id))
    assert (draft.text, draft.cursor) == ("dra\nft", (1, 2))
    assert (await office.list())[0].draft == "dra\nft"
    await office.close()
    await office.start()
    assert (await office.call(calls.GetDraft(conversation_id=chat.id))).text == "dra\nft"
    await office.call(calls.SaveDraft(conversation_id=chat.id, text=""))
    assert await office.call(calls.GetDraft(conversation_id=chat.id)) is None
    await office.call(calls.SaveDraft(conversation_id=99, text="nowhere"))  # gone meanwhile


# ---- search ----------------------------------------------------------------------------------


async def test_search_is_blind_to_accents_and_deaf_to_syntax(office: Office) -> None:
    await people(office)
    for text, found in {
        "sofas": ["wamid.1"], "SOFÁS": ["wamid.1"], "sof": ["wamid.1"], "quiero mesa": ["wamid.2"],
        "mesa quiero": ["wamid.2"], "mesa sofas": [], "quier mesa": [], "": [], "  ": [], "¿?": [],
        "mesa OR sofas": [], "mesa*": ["wamid.2"], '"mesa"': ["wamid.2"], "text:mesa": [],
        'mesa"': ["wamid.2"], "mesa)": ["wamid.2"], "(mesa": ["wamid.2"], "-mesa": ["wamid.2"],
        "mesa NOT sofas": [], "NEAR(mesa)": [], "mesa\x00": ["wamid.2"], "^mesa": ["wamid.2"],
        "{mesa}": ["wamid.2"], "'; DROP TABLE message; --": [], "\ud800mesa": ["wamid.2"],
    }.items():  # fmt: skip
        page = await office.call(calls.SearchMessages(text=text))
        assert [hit.message.provider_id for hit in page.hits] == found, text
    long = await office.call(calls.SearchMessages(text="mesa " * 10_000))
    assert len(long.hits) == 1


async def test_search_pages_on_newest_first(office: Office) -> None:
    await office.post(*(from_customer(f"wamid.{n}", ANA, f"word {n}", at=n) for n in range(25)))
    seen: list[int] = []
    before = None
    while True:
        page = await office.call(calls.SearchMessages(text="word", before=before, limit=10))
        seen += [hit.message.id for hit in page.hits]
        if not page.more:
            break
        before = page.hits[-1].order
    assert len(seen) == 25
    assert seen == sorted(seen, reverse=True)
    assert page.hits[0].conversation.address == ANA


# ---- users, inboxes, pages -------------------------------------------------------------------


async def test_users_by_name_in_pages(office: Office) -> None:
    for number in range(7):
        await office.post(from_customer(f"w{number}", f"3460011100{number}", name=f"N{6 - number}"))
    first = await office.call(calls.ListUsers(limit=3))
    then = await office.call(calls.ListUsers(limit=500, offset=3))
    assert first.total == then.total == 7
    assert [user.name for user in (*first.rows, *then.rows)] == [f"N{n}" for n in range(7)]
    card = await office.call(
        calls.SaveUser(user_id=first.rows[0].id, name="Zoe", email="", phone="+34 600 999 888")
    )
    assert (card.user.name, card.user.email, card.user.phone) == ("Zoe", None, "+34600999888")


async def test_an_inbox_that_nobody_wrote_to_can_go(office: Office) -> None:
    second = await office.add_second_inbox()
    await office.call(calls.DeleteInbox(inbox_id=second))
    assert [inbox.name for inbox in await office.call(calls.ListInboxes())] == ["Ventas"]
    third = await office.add_second_inbox()
    assert third > second


async def test_the_limits_of_a_page(office: Office) -> None:
    await people(office)
    for call in (
        calls.ListConversations(limit=0, offset=-5),
        calls.ListUsers(limit=-1, offset=-1),
        calls.ListConversations(limit=10**9, offset=10**6),
    ):
        assert (await office.call(call)).total == 3
    assert len(await office.call(calls.ListMessages(limit=10**9))) == 3
    assert await office.call(calls.ListMessages(after_id=10**9)) == ()


async def test_the_raw_view_of_a_message_of_ours(office: Office) -> None:
    chat = await office.conversation(ANA)
    sent = await office.reply(chat.id, "hola")
    await office.until_status(sent.id, Status.ACCEPTED)
    raw = await office.call(calls.GetRaw(message_id=sent.id))
    assert raw["message"]["text"] == "hola"
    assert "provider" not in raw
