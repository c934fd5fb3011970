"""The only door for foreign text: what customers and providers send becomes safe to draw.

Textual and Rich pass escape sequences in text on to the terminal. `clean` replaces (never
deletes: pieces could join) every character that a terminal acts on, and tames the invisible ones.
The store keeps text exactly as it came; it is cleaned on every way out: screen, toast, title,
clipboard, log, export. Text that is searched for is made in `vchat_tui.fold`.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import NewType
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from vchat_tui import invisible

SafeText = NewType("SafeText", str)
"""Text that holds nothing a terminal acts on. Only this module makes it."""

LIMIT = 65_536
"""Characters that `clean` keeps; no provider sends a message that long."""

CUT = "…"
"""Ends a text that was cut."""

# A text of these alone is safe as it is, and most are: Latin, Greek, Cyrillic, punctuation,
# symbols, kana, ideographs, Hangul, emoji without tones. It says what is allowed and not what is
# forbidden, because such a class finds an allowed character at the first look.
_SUSPECT = re.compile(
    "[^\n -~\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u058f\u1e00-\u200a\u2010-\u2027\u202f-\u205f"
    "\u2070-\u20cf\u2100-\u27ff\u2900-\u2bff\u3000-\u3029\u3030-\u3098\u309b-\u3163\u3165-\ua4ff"
    "\uac00-\ud7a3\uff01-\uff9f\U0001f000-\U0001f3f3\U0001f3f5-\U0001f3fa\U0001f400-\U0001faff]"
)

# What a terminal acts on, or draws as something that is not there: control characters; embedding,
# overriding and isolating bidirectional controls; half characters; what Unicode promises never to
# use; the cell that kitty paints pictures into.
_UNUSED = "".join(
    chr(plane + last) for plane in range(0, 17 << 16, 1 << 16) for last in (0xFFFE, 0xFFFF)
)
_HARMFUL = (
    "\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\U0010eeee"
    + _UNUSED
)
_REPLACED = re.compile(f"[{_HARMFUL}{invisible.NEVER}]")
_UNNEEDED = re.compile(f"[{invisible.NEVER}]")
_LINE_BREAKS = "\r\x0b\x0c\x85\u2028\u2029"


def clean(text: str, *, one_line: bool = False, limit: int = LIMIT) -> SafeText:
    """Text that may be drawn.

    Args:
        text: anything.
        one_line: line breaks become a visible sign.
        limit: characters to keep; a text that is longer ends in `CUT`.
    """
    cut = len(text) > limit
    if cut:
        text = text[:limit]
    if _SUSPECT.search(text):
        text = _REPLACED.sub(_stand_in, text.replace("\r\n", "\n"))
        text = invisible.settle(text)
    if cut or len(text) > limit:  # a tab becomes four characters
        text = invisible.without_riders(text[: limit - 1]) + CUT
    return SafeText(text.replace("\n", "⏎") if one_line else text)


def _stand_in(found: re.Match[str]) -> str:
    """What is drawn in place of a character of `_REPLACED`."""
    character = found[0]
    if character == "\t":
        return "    "
    if character in _LINE_BREAKS:
        return "\n"
    if character < " ":
        return chr(0x2400 + ord(character))  # the picture of the control character
    if character == "\x7f":
        return "␡"
    return invisible.SIGN if _UNNEEDED.match(character) else "\ufffd"


def fold(text: SafeText, lines: int = 40, cells: int = 4_000) -> tuple[SafeText, int]:
    """The beginning of a text, short enough to lay out at once.

    Args:
        text: what a bubble would hold.
        lines: the most lines that it shows.
        cells: the most terminal cells that it shows.

    Returns:
        The beginning (ending in `CUT` where a line was cut) and how many lines are hidden in full
        or in part.
    """
    head = text
    total = text.count("\n") + 1
    if total > lines:
        head = SafeText("\n".join(text.split("\n", lines)[:lines]))
    shown = _fit(head, cells)
    if len(shown) < len(head):
        return SafeText(shown + CUT), total - shown.count("\n")
    return head, max(total - lines, 0)


def _fit(text: str, cells: int) -> str:
    """The beginning of a text that takes at most so many terminal cells."""
    if len(text) * 2 <= cells:  # no character is wider than two
        return text
    from rich.cells import cell_len

    used = end = 0
    for cluster in invisible.clusters().finditer(text):
        used += cell_len(cluster[0])
        if used > cells:
            return invisible.without_riders(text[:end])
        end = cluster.end()
    return text


# ---- links --------------------------------------------------------------------------------------

_LONGEST_LINK = 2_048
_UNLINKED = re.compile(r"[\x00-\x20\x7f-\xa0\\<>\"`{}|^\s]")
_NAMING = {"Ll", "Lo", "Lm", "Mn", "Mc", "Nd", "So"}  # RFC 5892, and emoji, which registries sell
_LABEL = re.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")


def safe_link(url: str) -> SafeText | None:
    """A link that may be shown and opened, its host as the network knows it.

    Only http and https, without user name and password (`https://bank.example@evil.example`).
    Foreign letters in the host are shown in punycode, so that it cannot look like another's.

    Returns:
        The link in ASCII; None where it must not be opened.
    """
    url = url.strip(" \n")
    if len(url) > _LONGEST_LINK or _UNLINKED.search(url):
        return None
    try:
        parts = urlsplit(url)
        host, port = _host(parts), parts.port
    except ValueError:  # brackets, port or letters that no address has
        return None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or host is None:
        return None
    netloc = host if port is None else f"{host}:{port}"
    try:
        rest = (
            quote(part, safe="/%:@!$&'()*+,;=~?")
            for part in (parts.path, parts.query, parts.fragment)
        )
        return clean(urlunsplit((parts.scheme, netloc, *rest)))
    except UnicodeEncodeError:  # half a character
        return None


def _host(parts: SplitResult) -> str | None:
    """The host of a link in ASCII; None where it has none or a false one.

    Raises:
        ValueError: it looks like an IP address and is none.
    """
    name = (parts.hostname or "").rstrip(".")
    if ":" in name:
        return f"[{ipaddress.IPv6Address(name)}]"
    name = unicodedata.normalize("NFKC", name).lower().replace("。", ".")
    labels = [_ascii_label(label) for label in name.split(".")]
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    if labels[-1].isdigit() or labels[-1].startswith("0x"):
        return str(ipaddress.IPv4Address(".".join(labels)))  # not 2130706433, not 0x7f.1
    return ".".join(labels)


def _ascii_label(label: str) -> str:
    """A part of a host's name in the letters of the domain name system (RFC 3492); empty where
    it holds what no name may have, such as a look-alike of a slash."""
    if label.isascii():
        return label
    named = all(c in "-_" or unicodedata.category(c) in _NAMING for c in label)
    return "xn--" + label.encode("punycode").decode("ascii") if named else ""


# ---- file names ---------------------------------------------------------------------------------

_LONGEST_NAME = 150  # bytes; common file systems take 255
_LONGEST_ENDING = 16
# Separators and what looks like them, and what Windows reserves.
_UNNAMED = re.compile(
    '[/\\\\:*?"<>|\u2044\u2215\u2216\u2571\u2572\u27cb\u27cd\u29f5\u29f8\u29f9\ufe68\uff0f\uff3c\uff1a\ua789'
    f"{_HARMFUL}]"
)
_DEVICES = re.compile("(con|prn|aux|nul|conin\\$|conout\\$|(com|lpt)[0-9¹²³])", re.IGNORECASE)


def safe_filename(name: str) -> SafeText:
    """A customer's file name, fit for a file on disk: one name, visible, at most 150 bytes.

    It keeps its ending. Where the file goes, and that it replaces none, is up to the caller.
    """
    text = " ".join(unicodedata.normalize("NFC", name[:1_024]).split())
    text = clean(_UNNAMED.sub("_", text), one_line=True).rstrip(". ")
    if text.startswith((".", "-", "~")) or _DEVICES.fullmatch(text.split(".")[0].rstrip()):
        text = "_" + text
    return SafeText(_shorten_name(text) or "file")


def _shorten_name(name: str) -> str:
    """The name in at most `_LONGEST_NAME` bytes, cut in the middle so that its ending stays."""
    if len(name.encode()) <= _LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending.encode()) > _LONGEST_ENDING:
        stem, dot, ending = name, "", ""
    room = _LONGEST_NAME - len((dot + ending).encode())
    stem = stem.encode()[:room].decode(errors="ignore")
    return invisible.without_riders(stem).rstrip(". ") + dot + ending
