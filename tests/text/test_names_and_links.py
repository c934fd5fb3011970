"""File names and links from customers."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from honest import HONEST
from hostile_names import FILE_NAMES, LINKS
from hypothesis import given
from hypothesis import strategies as st
from test_clean import ANY_TEXT, FORBIDDEN

from vchat_tui.text import clean, safe_filename, safe_link

NAMES = st.one_of(
    ANY_TEXT,
    st.sampled_from(FILE_NAMES),
    st.lists(
        st.sampled_from(
            [*"./\\-~:_ aé", "..", "con", "nul.", "\u0301", "\u202e", "x" * 60, "😀" * 30]
        ),
        max_size=12,
    ).map("".join),
)


def check_name(name: str) -> None:
    """A name that every common file system takes, and that hides nothing."""
    assert 1 <= len(name.encode()) <= 150
    assert Path(name).name == name
    assert not set(name) & set('/\\:*?"<>|\n\0\u2215\u2044\uff0f\uff3c')
    assert name[0] not in ".-~ "
    assert name[-1] not in ". "
    assert not FORBIDDEN.search(name)
    assert clean(name, one_line=True) == name
    assert safe_filename(name) == name


@given(NAMES)
def test_any_name_becomes_a_file_name(name: str) -> None:
    check_name(safe_filename(name))


@pytest.mark.parametrize("name", FILE_NAMES)
def test_hostile_names(name: str, tmp_path: Path) -> None:
    safe = safe_filename(name)
    check_name(safe)
    (tmp_path / safe).touch(exist_ok=False)
    assert [path.name for path in tmp_path.iterdir()] == [safe]


@pytest.mark.parametrize("name", HONEST)
def test_honest_names_keep_their_letters(name: str) -> None:
    check_name(safe_filename(HONEST[name] + ".pdf"))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("invoice 2026.pdf", "invoice 2026.pdf"),
        ("Cotización año.pdf", "Cotización año.pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("../../etc/passwd", "_.._.._etc_passwd"),
        (".bashrc", "_.bashrc"),
        ("-rf", "_-rf"),
        ("con.txt", "_con.txt"),
        ("photo_\u202egpj.exe", "photo__gpj.exe"),
        ("a\x1b[31m.pdf", "a_[31m.pdf"),
        ("", "file"),
        ("...", "file"),
        ("a" * 300 + ".pdf", "a" * 146 + ".pdf"),
    ],
)
def test_what_becomes_of_a_name(name: str, safe: str) -> None:
    assert safe_filename(name) == safe


# ---- links --------------------------------------------------------------------------------------


def check_link(link: str | None) -> None:
    """A link that goes where it says."""
    if link is None:
        return
    parts = urlsplit(link)
    assert link.isascii() and link.isprintable() and " " not in link
    assert parts.scheme in ("http", "https")
    assert parts.hostname
    assert parts.username is None and parts.password is None and "@" not in parts.netloc
    assert safe_link(link) == link


@given(st.one_of(ANY_TEXT, st.builds("https://{}/{}".format, ANY_TEXT, ANY_TEXT)))
def test_any_link(url: str) -> None:
    check_link(safe_link(url))


@pytest.mark.parametrize("url", LINKS)
def test_hostile_links(url: str) -> None:
    check_link(safe_link(url))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://bank.example@evil.example",
        "https://bank.example\\@evil.example/",
        "https://evil.example/\x1b]0;x\x07",
        "http://2130706433/",
        "http://0x7f.1/",
        "https://bank.example\uff0fx.evil.example/",
        "https://bank.example\u2215x.evil.example/",
        "https://$(id).example/",
        "http://a.example:99999/",
        "--help",
        "//evil.example",
        "https://",
    ],
)
def test_links_that_are_never_opened(url: str) -> None:
    assert safe_link(url) is None


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.com", "https://example.com"),
        (" https://Example.COM/Path?q=1#x \n", "https://example.com/Path?q=1#x"),
        ("http://example.com:8080/a%20b", "http://example.com:8080/a%20b"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://аррӏе.example/", "https://xn--80ak6aa92e.example/"),
        ("https://faß.example/ñ", "https://xn--fa-hia.example/%C3%B1"),
        ("https://evil.example/\u202emoc", "https://evil.example/%E2%80%AEmoc"),
        ("https://evil。example/", "https://evil.example/"),
        ("http://127.0.0.1/", "http://127.0.0.1/"),
        ("http://[::1]:80/", "http://[::1]:80/"),
        ("https://wa.me/5215550100?text=Hola%20", "https://wa.me/5215550100?text=Hola%20"),
    ],
)
def test_links_as_they_are_shown(url: str, safe: str) -> None:
    assert safe_link(url) == safe
