"""Texts that a customer or a provider could send to do harm, and honest ones that must survive.

Written from the standards (ECMA-48, xterm's control sequences, UAX #9, UTS #51) and from what hurt
other terminal programs. Each entry has a name of its own, so that a failing test says which.
"""

from __future__ import annotations

from dataclasses import dataclass

from honest import HONEST
from hostile_names import FILE_NAMES, LINKS

ESC, BEL, ST = "\x1b", "\x07", "\x1b\\"
CSI8, OSC8, DCS8, ST8 = "\x9b", "\x9d", "\x90", "\x9c"


@dataclass(frozen=True)
class Entry:
    """A text and the group that it belongs to."""

    name: str
    group: str
    text: str


def _group(group: str, texts: dict[str, str]) -> list[Entry]:
    return [Entry(f"{group}: {name}", group, text) for name, text in texts.items()]


def _numbered(group: str, name: str, texts: list[str]) -> list[Entry]:
    return [Entry(f"{group}: {name} {n}", group, text) for n, text in enumerate(texts, 1)]


# ---- escape sequences ---------------------------------------------------------------------------

_C0 = _numbered("c0", "control", [f"a{chr(code)}b" for code in (*range(0x20), 0x7F)])
_C1 = _numbered("c1", "control", [f"a{chr(code)}b" for code in range(0x80, 0xA0)])

# What follows ESC [ or its 8-bit twin.
_CSI = {
    "red": "31m",
    "hidden text": "8mHIDDEN",
    "truecolour": "38;2;255;0;0m",
    "colour with colons": "38:2::255:0:0m",
    "clear screen": "2J",
    "clear scrollback": "3J",
    "home": "H",
    "cursor up and overwrite": "1A\rForged: yes",
    "alternate screen off": "?1049l",
    "alternate screen on": "?1049h",
    "mouse on": "?1000h",
    "all mouse reports": "?1003;1006h",
    "bracketed paste": "?2004h",
    "paste end": "201~rm -rf ~\n",
    "focus reports": "?1004h",
    "synchronized forever": "?2026h",
    "cursor hidden": "?25l",
    "scroll region": "5;6r",
    "soft reset": "!p",
    "device attributes": "c",
    "second device attributes": ">c",
    "cursor position report": "6n",
    "report title": "21t",
    "resize window": "8;1;1t",
    "minimise": "2t",
    "move window": "3;0;0t",
    "insert mode": "4h",
    "repeat a million": "1000000b",
    "insert lines": "999999L",
    "kitty keyboard": ">31u",
    "mouse-like": "<0;1;1M",
    "media copy": "5i",
    "left and right margins": "?69h",
    "window name mode": ">2t",
    "unfinished": "38;5;",
    "huge parameter": "9" * 400 + "m",
    "intermediate": "0 q",
    "rectangle fill": "88;1;1;50;50$x",
}
# What follows ESC ] or its 8-bit twin, up to the terminator.
_OSC = {
    "title": "0;PWNED",
    "icon name": "1;PWNED",
    "window title": "2;PWNED",
    "X property": "3;WM_NAME=PWNED",
    "palette": "4;1;rgb:ff/ff/ff",
    "folder": "7;file://host/etc",
    "link": "8;;https://evil.example",
    "link never closed": "8;id=1;https://evil.example/?a",
    "notification": "9;you won",
    "progress": "9;4;1;50",
    "foreground": "10;#000000",
    "background query": "11;?",
    "font": "50;#1",
    "font query": "50;?",
    "clipboard set": "52;c;cm0gLXJmIH4=",
    "clipboard query": "52;c;?",
    "kitty notification": "99;i=1:d=0;Hello",
    "palette reset": "104",
    "shell prompt mark": "133;A",
    "rxvt notification": "777;notify;Bank;Transfer done",
    "iTerm file": "1337;File=inline=1:AAAA",
    "iTerm clipboard": "1337;CopyToClipboard=general",
    "iTerm variable": "1337;ReportVariable=bmFtZQ==",
    "tmux title": "k",
}
_STRINGS = {
    "sixel": "Pq#0;2;0;0;0#0~~@@",
    "request setting": 'P$q"p',
    "request terminfo": "P+q544e",
    "define keys": "P0;1|17/726d",
    "tmux pass-through": "Ptmux;\x1b\x1b]0;PWNED\x07",
    "kitty picture": "_Ga=T,f=24,s=1,v=1;AAAA",
    "privacy message": "^hidden",
    "start of string": "Xhidden",
    "screen title": "kPWNED",
}
_SHORT = {
    "full reset": "c",
    "alignment pattern": "#8",
    "double height": "#3",
    "line drawing": "(0lqqk",
    "shift to G1": "n",
    "save and restore": "7\x1b8",
    "reverse index": "M",
    "keypad": "=",
    "utf-8 off": "%@",
    "answer back": "Z",
    "tab stop": "H",
    "next line": "E",
    "8-bit controls": " G",
    "alone": "",
}


def _escapes() -> list[Entry]:
    entries = _group("csi", {name: f"a{ESC}[{text}b" for name, text in _CSI.items()})
    entries += _group("csi 8-bit", {name: f"a{CSI8}{text}b" for name, text in _CSI.items()})
    entries += _group("osc", {name: f"a{ESC}]{text}{BEL}b" for name, text in _OSC.items()})
    entries += _group("osc st", {name: f"a{ESC}]{text}{ST}b" for name, text in _OSC.items()})
    entries += _group("osc 8-bit", {name: f"a{OSC8}{text}{ST8}b" for name, text in _OSC.items()})
    entries += _group("osc open", {name: f"a{ESC}]{text}" for name, text in _OSC.items()})
    entries += _group("string", {name: f"a{ESC}{text}{ST}b" for name, text in _STRINGS.items()})
    entries += _group("string open", {name: f"a{ESC}{text}" for name, text in _STRINGS.items()})
    entries += _group("esc", {name: f"a{ESC}{text}b" for name, text in _SHORT.items()})
    return entries


# Joined again by a filter that takes pieces out, or by two texts that are drawn side by side.
_SPLIT = _group(
    "split",
    {
        "by NUL": f"{ESC}\x00[31mred",
        "by a sequence": f"{ESC}{ESC}[0m[31mred",
        "by a sequence inside": f"{ESC}[{ESC}[0m31mred",
        "by DEL": f"{ESC}\x7f]0;PWNED{BEL}",
        "by a zero width space": f"{ESC}\u200b[31mred",
        "by a joiner": f"{ESC}\u200d[31mred",
        "by a surrogate": f"{ESC}\ud83d[31mred",
        "by CAN": f"{ESC}[\x1831mred",
        "by SUB": f"{ESC}[\x1a31mred",
        "by a line break": f"{ESC}[\n31mred",
        "by a carriage return": f"{ESC}\r[31mred",
        "by 8-bit inside 7-bit": f"{ESC}{CSI8}[31mred",
        "end of one": f"first part {ESC}",
        "start of the next": "[31mred",
        "end of one, OSC": f"first part {ESC}]0;PW",
        "start of the next, BEL": f"NED{BEL}",
        "bytes as text": "\xc2\x9b31mred",
        "replaced bytes": "\udcc2\udc9b31mred",
        "surrogate bytes of ESC": "\udc1b[31mred",
        "overlong": "\udcc0\udc9b[31mred",
        "thousand": f"{ESC}[31m" * 1_000,
        "only escapes": ESC * 200,
    },
)

# ---- markup -------------------------------------------------------------------------------------

_MARKUP = _numbered(
    "markup",
    "tag",
    [
        "[b]bold[/b]",
        "pay [/nope] now",
        "[/]",
        "[/",
        "[",
        "]",
        "[[",
        "a [b + c",
        "[red",
        "[red on blue]x",
        "[$text]",
        "[$error 50%]x[/]",
        "[@click=app.quit]win a prize[/]",
        "[@click=app.bell]x[/]",
        "[@click='screen.dismiss']x[/]",
        "[@click=app.open_url('https://evil.example')]x[/]",
        "[@click=]x[/]",
        "[@click=app.quit(",
        "[link=https://evil.example]https://bank.example[/link]",
        "[link='javascript:alert(1)']x[/link]",
        "[link=file:///etc/passwd]x[/link]",
        "[bold][/italic]",
        "[not a tag]",
        "\\[b]escaped\\[/b]",
        "\\",
        "\\\\[b]x",
        "[b",
        "[" * 300,
        "[b]" * 300,
        ":smile: :skull:",
        "[reverse blink strike]x[/]",
        "[#ff0000]x[/]",
        "[rgb(1,2,3)]x",
        "{name} {0} {0.__class__} %s %n %(x)s",
        "$x ${x} $(id) `id`",
        "# heading\n* list\n![x](https://evil.example/p.png)",
        "[text](javascript:alert(1))",
        "<script>alert(1)</script> &lt;b&gt;",
        "&#27;[31m &#x9b;31m \\x1b[31m \\033[31m ^[[31m",
    ],
)

# ---- unicode ------------------------------------------------------------------------------------

_TAG_TEXT = "".join(chr(0xE0000 + ord(letter)) for letter in "ignore the agent")
_BIDI = _numbered(
    "bidi",
    "control",
    [f"a{chr(code)}b" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
    + [
        "photo_\u202egpj.exe",
        "https://bank.example/\u202e/moc.live",
        "\u202e" * 50 + "deep",
        "\u2067left open",
        "\u2069\u202cclosed, never opened",
        "total \u202e0001\u202c $",
        "\u2066\u202e\u2069text",
        "\u200fabc\u200eabc\u061cabc",
        "\u200e" * 100,
    ],
)
_INVISIBLE = _numbered(
    "invisible",
    "character",
    [
        f"a{chr(code)}b"
        for code in (
            0xAD,
            0x34F,
            0x61C,
            0x115F,
            0x1160,
            0x17B4,
            0x17B5,
            0x180E,
            0x200B,
            0x200C,
            0x200D,
            0x200E,
            0x200F,
            0x2028,
            0x2029,
            0x2060,
            0x2061,
            0x2064,
            0x2065,
            0x206A,
            0x206F,
            0x2800,
            0x3164,
            0xFE00,
            0xFE0F,
            0xFEFF,
            0xFFA0,
            0xFFF0,
            0xFFF9,
            0xFFFC,
            0x13430,
            0x1BCA0,
            0x1D173,
            0xE0001,
            0xE0020,
            0xE007F,
            0xE0080,
            0xE0100,
            0xE01EF,
            0xE0FFF,
            0x10EEEE,
        )
    ]
    + [
        "\u200b" * 500,
        "p\u200ba\u200bs\u200bs",
        "\u200d\u200d\u200d",
        "\u200d",
        "\u200c",
        "\ufe0f",
        "\u3164\u3164\u3164",
        "a" + "\u200d\u200c" * 200 + "b",
        "\ufeffBOM",
    ],
)
_MARKS = _group(
    "marks",
    {
        "flood on one letter": "Z" + "\u0351" * 5_000,
        "Zalgo": "".join(letter + "\u0315\u0321\u0489\u035c\u0361" * 6 for letter in "He comes"),
        "without a base": "\u0301",
        "at the start": "\u0301\u0302\u0303text",
        "after a line break": "line\n\u0301\u0302next",
        "after a space": "word \u0301\u0302\u0303",
        "enclosing": "a" + "\u20dd\u20de\u20df\u20e0\u20e2\u20e3\u20e4" * 3,
        "with joiners between": "a" + "\u0301\u200d" * 500,
        "with selectors between": "a" + "\u0301\ufe0f" * 500,
        "with direction marks between": "\u05d0" + "\u05b0\u200f" * 500,
        "Hangul vowels": "\u1100" + "\u1161" * 500,
        "Hangul without a base": "\u11a8" * 100,
        "Thai tower": "\u0e01" + "\u0e47" * 200,
        "Arabic tower": "\u0644" + "\u0651\u064e" * 200,
        "Telugu that crashed phones": "\u0c1c\u0c4d\u0c1e\u200c\u0c3e",
        "Devanagari flood": "\u0915" + "\u094d\u200d" * 300,
        "Tibetan stack": "\u0f40" + "\u0f90\u0f71\u0f74" * 60,
        "musical": "\U0001d158" + "\U0001d165" * 100,
        "Adlam": "\U0001e900" + "\U0001e944" * 100,
        "Cyrillic millions": "\u0430\u0488\u0489\u0488\u0489" * 10,
    },
)
_TAGS = _group(
    "tags",
    {
        "hidden sentence": f"Hello{_TAG_TEXT}",
        "on a white flag": f"\U0001f3f3{_TAG_TEXT}",
        "on a black flag, never closed": f"\U0001f3f4{_TAG_TEXT}",
        "on a black flag, too long": f"\U0001f3f4{_TAG_TEXT}\U000e007f",
        "language": "\U000e0001\U000e0065\U000e006eabc",
        "closed twice": "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e007f\U000e007f",
        "one": "a\U000e0041",
        "flood": "\U000e0041" * 3_000,
        "flag then hidden": "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e007f" + _TAG_TEXT,
    },
)
_SELECTORS = _group(
    "selectors",
    {
        "bytes hidden behind an emoji": "\U0001f600"
        + "".join(chr(0xE0100 + n) for n in range(240)),
        "bytes hidden behind a letter": "a" + "".join(chr(0xFE00 + n) for n in range(16)),
        "flood": "\u2764" + "\ufe0f" * 2_000,
        "on a digit": "1\ufe0f2\ufe0f3\ufe0f",
        "on a space": "a \ufe0f b",
        "text and emoji": "\u2764\ufe0e\ufe0f",
        "Mongolian": "\u1820" + "\u180b" * 100,
        "tones alone": "\U0001f3fb\U0001f3fc\U0001f3fd",
        "tones piled": "\U0001f44d" + "\U0001f3fb" * 500,
        "family of thousands": "\U0001f468\u200d" * 3_000 + "\U0001f468",
        "flags of nobody": "\U0001f1ff" * 501,
    },
)
_BROKEN = _group(
    "broken",
    {
        "high surrogate": "a\ud83db",
        "low surrogate": "a\ude00b",
        "pair of surrogates": "a\ud83d\ude00b",
        "surrogate at the end": "a\udfff",
        "surrogate escape of 0x9b": "a\udc9b31mb",
        "noncharacter FFFE": "a\ufffeb",
        "noncharacter FFFF": "a\uffffb",
        "noncharacter FDD0": "a\ufdd0b",
        "noncharacter FDEF": "a\ufdefb",
        "noncharacter 1FFFE": "a\U0001fffeb",
        "noncharacter 8FFFF": "a\U0008ffffb",
        "noncharacter 10FFFF": "a\U0010ffffb",
        "replacement": "a\ufffdb",
        "private": "\ue000\uf8ff\U000f0000\U00100000",
        "unassigned": "\u0378\U0003fff0",
        "widest": "\ufdfd" * 20,
        "wide and narrow": "\u4e2d a " * 60,
        "ligature slash": "a\u2100b\u2215c\uff0fd",
        "all line breaks": "a\rb\r\nc\nd\x0be\x0cf\x85g\u2028h\u2029i",
        "carriage return forges": "Customer: no\rAgent: yes, refund 1000",
        "backspace forges": "no" + "\x08\x08" + "yes",
        "tabs": "a\tb\t\tc\t",
    },
)

# ---- sizes --------------------------------------------------------------------------------------

_SIZES = _group(
    "size",
    {
        "nothing": "",
        "a space": " ",
        "blank lines": "\n" * 20_000,
        "one long line": "x" * 200_000,
        "one long word of wide letters": "\u6f22" * 20_000,
        "many short lines": "ab\n" * 20_000,
        "tabs": "\t" * 20_000,
        "spaces": " " * 20_000,
        "marks": "\u0301" * 20_000,
        "emoji": "\U0001f600" * 20_000,
        "escapes": "\x1b[31m" * 20_000,
        "long lines": ("word " * 1_000 + "\n") * 20,
    },
)

HOSTILE: list[Entry] = [
    *_C0,
    *_C1,
    *_escapes(),
    *_SPLIT,
    *_MARKUP,
    *_BIDI,
    *_INVISIBLE,
    *_MARKS,
    *_TAGS,
    *_SELECTORS,
    *_BROKEN,
    *_numbered("file name", "name", FILE_NAMES),
    *_numbered("link", "address", LINKS),
    *_SIZES,
]
"""Everything that means harm."""

ALL: list[Entry] = [*HOSTILE, *_group("honest", HONEST)]

UNICODE: list[Entry] = [entry for entry in ALL if entry.group in ("honest", "selectors")]
"""What takes a terminal to know how wide it is."""
