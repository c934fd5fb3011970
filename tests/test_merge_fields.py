"""Merge fields: filled in or refused, in both languages, and never a brace that is left over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui.merge_fields import FIELDS, MergeError, canonical, detail_field, fill, used

VALUES = {"user_name": "Ana Díaz", "recipient_name": "Ana", "user:birth_date": "4 de mayo"}


def test_fields_become_values() -> None:
    text = "Hola {recipient_name}, {user_name}: {user:birth_date}"
    assert fill(text, VALUES) == "Hola Ana, Ana Díaz: 4 de mayo"


@pytest.mark.parametrize(
    ("spanish", "english"),
    [
        ("{nombre_destinatario}", "{recipient_name}"),
        ("{parámetro_url_conversación}", "{conversation_url_parameter}"),
        ("{parametro_url_conversacion}", "{conversation_url_parameter}"),
        ("{Nombre_Usuario|cliente}", "{user_name|cliente}"),
        ("{usuario:Fecha de nacimiento}", "{user:fecha_de_nacimiento}"),
        ("{departamento} {algo} {", "{department} {algo} {"),
    ],
)
def test_spanish_is_understood_and_english_is_kept(spanish: str, english: str) -> None:
    assert canonical(spanish) == english
    assert canonical(english) == english


def test_a_default_stands_in_for_what_is_empty() -> None:
    assert fill("Hola {user_email|cliente}", {"user_email": " "}) == "Hola cliente"
    assert fill("Hola {user_name|cliente}", VALUES) == "Hola Ana Díaz"
    assert fill("Hola{user_email|}", {}) == "Hola"


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("{user_email}", "user_email", "{user_email} is empty"),
        ("{usuario:talla}", "user:talla", "is empty"),
        ("{user_nmae}", "user_nmae", "no merge field {user_nmae}"),
        ("{}", "", "no merge field"),
        ("{user:}", "user:", "no merge field"),
        ("{{1}}", "{", "stands alone"),
        ("Hola {user_name", "{", "stands alone"),
        ("Hola user_name}", "}", "stands alone"),
        ("{user_name}}", "}", "stands alone"),
    ],
)
def test_what_cannot_be_filled_in_stops_the_sending(text: str, field: str, words: str) -> None:
    with pytest.raises(MergeError) as caught:
        fill(text, VALUES)
    assert caught.value.field == field
    assert words in str(caught.value)


def test_a_value_is_never_read_as_a_field() -> None:
    values = {"user_name": "{agent_email}", "agent_email": "secret@example.com"}
    assert fill("Hola {user_name}", values) == "Hola {agent_email}"


def test_fields_that_a_text_needs() -> None:
    assert used("{nombre_usuario} {user_name|x} {ticket}") == ("user_name", "ticket")
    with pytest.raises(MergeError):
        used("{user_name} }")


pieces = st.one_of(
    st.sampled_from([f"{{{name}}}" for name in FIELDS]),
    st.sampled_from(["{", "}", "|", "{user:x}", "{x|y}", "{mensaje|hola}"]),
    st.text(max_size=5),
)


@given(st.lists(pieces, max_size=8).map("".join))
def test_no_brace_is_ever_left_over(text: str) -> None:
    values = dict.fromkeys((*FIELDS, "user:x"), "v")
    try:
        filled = fill(text, values)
    except MergeError as error:
        assert error.message.format(name=error.field)
        return
    assert "{" not in filled and "}" not in filled


@given(st.lists(pieces, max_size=8).map("".join))
def test_to_english_once_is_to_english_for_good(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once


@given(st.text(min_size=1))
def test_every_detail_of_a_user_has_one_field(key: str) -> None:
    assert detail_field(detail_field(key).removeprefix("user:")) == detail_field(key)
