"""Search in all messages."""

from __future__ import annotations

from driving import drawn, open_screen, type_text, until
from hypothesis import given
from hypothesis import strategies as st
from stub_desk import StubDesk, make_item

from vchat_tui.app import VchatApp
from vchat_tui.desk.calls import DeskError, SearchMessages
from vchat_tui.screens.search import SearchScreen
from vchat_tui.screens.snippet import matches, snippet


async def test_results_as_you_type_and_enter_dismisses_with_the_message(
    app: VchatApp, desk: StubDesk
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        results = await open_screen(pilot, SearchScreen(), "accents and capitals")
        await type_text(pilot, "viernes")
        await until(pilot, lambda: "Las querría para el viernes" in drawn(pilot))
        assert len(desk.of(SearchMessages)) < len("viernes")  # not one for each key
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: results)
    [(conversation_id, message_id)] = results
    assert desk._item(message_id).message.conversation_id == conversation_id


async def test_the_end_of_the_list_fetches_older_hits(app: VchatApp, desk: StubDesk) -> None:
    desk.timelines[1] = [make_item(n, f"paquete {n}", minutes=n) for n in range(1, 121)]
    async with app.run_test(size=(80, 24)) as pilot:
        results = await open_screen(pilot, SearchScreen(), "accents and capitals")
        await type_text(pilot, "paquete")
        await until(pilot, lambda: "paquete 1\n" in drawn(pilot))
        await pilot.press("down")
        for pages in (2, 3):
            await pilot.press("end")
            await until(pilot, lambda pages=pages: len(desk.of(SearchMessages)) == pages)
            await until(pilot, lambda pages=pages: hits(app) == min(pages * 50, 120))
        await pilot.press("end", "enter")
        await until(pilot, lambda: results)
    assert results == [(1, 120)]
    assert desk.of(SearchMessages)[1].before is not None


def hits(app: VchatApp) -> int:
    """How many hits the list holds."""
    screen = app.screen
    assert isinstance(screen, SearchScreen)
    return screen.hits.option_count


async def test_nothing_found_says_what_to_try(app: VchatApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, SearchScreen(), "accents and capitals")
        await type_text(pilot, "zzzz")
        await until(pilot, lambda: "Try fewer words" in drawn(pilot))


async def test_a_refusal_is_told_and_the_words_stay(app: VchatApp, desk: StubDesk) -> None:
    desk.refuse[SearchMessages] = DeskError("Too many words")
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, SearchScreen(), "accents and capitals")
        await type_text(pilot, "hola")
        await until(pilot, lambda: "✗ Too many words" in drawn(pilot))
        assert "hola" in drawn(pilot)


async def test_escape_goes_back_with_nothing(app: VchatApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        results = await open_screen(pilot, SearchScreen(), "accents and capitals")
        await pilot.press("escape")
        await until(pilot, lambda: results)
    assert results == [None]


def test_matches_are_blind_to_accents_and_case_and_start_words() -> None:
    text = "ENVÍO incluido; el reenvío no. Envíos"
    assert [text[a:b] for a, b in matches(text, "envio")] == ["ENVÍO", "Envío"]
    assert matches(text, '"*(') == []


def test_a_decomposed_accent_still_matches() -> None:
    content = snippet("un cafe\u0301 solo", "café", "bold")
    [span] = content.spans
    assert content.plain[span.start : span.end] == "café"


def test_the_snippet_begins_near_the_match() -> None:
    content = snippet("palabra " * 40 + "aguja y más", "aguja", "bold")
    assert content.plain.startswith("…")
    assert content.plain.index("aguja") < 40


@given(st.text(), st.text())
def test_every_match_lies_in_the_text(text: str, query: str) -> None:
    content = snippet(text, query, "bold")
    for span in content.spans:
        assert 0 <= span.start < span.end <= len(content.plain)
    assert "\x1b" not in content.plain
