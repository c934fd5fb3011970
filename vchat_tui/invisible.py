"""Characters that draw nothing of their own, and where honest writing needs them.

Accents, vowel signs, joiners and selectors ride on the character before them. Stacked by the
hundred they overrun lines and have crashed terminals; between plain letters they hide text. Here
a run of them is kept where a script or an emoji needs it, and else cut short by a visible `·`.
Everything is decided from the run and its two neighbours, so a settled text settles to itself.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

SIGN = "·"
"""Stands for invisible characters that were taken out."""

MOST_MARKS = 8
"""Marks that one character may carry; the heaviest honest stacks (Hebrew, Tibetan) have fewer."""

MOST_JOINS = 8
"""Joiners in one emoji; the longest real ones, families and couples, have three."""

# Unicode 17.0, categories Mn, Me and Mc, without what has a rule of its own below; and the Hangul
# vowels and final consonants, which ride on the first consonant. In hexadecimal.
_MARKS = """
300-34E 350-36F 483-489 591-5BD 5BF 5C1-5C2 5C4-5C5 5C7 610-61A 64B-65F 670 6D6-6DC 6DF-6E4
6E7-6E8 6EA-6ED 711 730-74A 7A6-7B0 7EB-7F3 7FD 816-819 81B-823 825-827 829-82D 859-85B 897-89F
8CA-8E1 8E3-903 93A-93C 93E-94F 951-957 962-963 981-983 9BC 9BE-9C4 9C7-9C8 9CB-9CD 9D7 9E2-9E3
9FE A01-A03 A3C A3E-A42 A47-A48 A4B-A4D A51 A70-A71 A75 A81-A83 ABC ABE-AC5 AC7-AC9 ACB-ACD
AE2-AE3 AFA-AFF B01-B03 B3C B3E-B44 B47-B48 B4B-B4D B55-B57 B62-B63 B82 BBE-BC2 BC6-BC8 BCA-BCD
BD7 C00-C04 C3C C3E-C44 C46-C48 C4A-C4D C55-C56 C62-C63 C81-C83 CBC CBE-CC4 CC6-CC8 CCA-CCD
CD5-CD6 CE2-CE3 CF3 D00-D03 D3B-D3C D3E-D44 D46-D48 D4A-D4D D57 D62-D63 D81-D83 DCA DCF-DD4 DD6
DD8-DDF DF2-DF3 E31 E34-E3A E47-E4E EB1 EB4-EBC EC8-ECE F18-F19 F35 F37 F39 F3E-F3F F71-F84
F86-F87 F8D-F97 F99-FBC FC6 102B-103E 1056-1059 105E-1060 1062-1064 1067-106D 1071-1074
1082-108D 108F 109A-109D 1161-11FF 135D-135F 1712-1715 1732-1734 1752-1753 1772-1773 17B6-17D3
17DD 180B-180D 180F 1885-1886 18A9 1920-192B 1930-193B 1A17-1A1B 1A55-1A5E 1A60-1A7C 1A7F
1AB0-1ADD 1AE0-1AEB 1B00-1B04 1B34-1B44 1B6B-1B73 1B80-1B82 1BA1-1BAD 1BE6-1BF3 1C24-1C37
1CD0-1CD2 1CD4-1CE8 1CED 1CF4 1CF7-1CF9 1DC0-1DFF 20D0-20F0 2CEF-2CF1 2D7F 2DE0-2DFF 302A-302F
3099-309A A66F-A672 A674-A67D A69E-A69F A6F0-A6F1 A802 A806 A80B A823-A827 A82C A880-A881
A8B4-A8C5 A8E0-A8F1 A8FF A926-A92D A947-A953 A980-A983 A9B3-A9C0 A9E5 AA29-AA36 AA43 AA4C-AA4D
AA7B-AA7D AAB0 AAB2-AAB4 AAB7-AAB8 AABE-AABF AAC1 AAEB-AAEF AAF5-AAF6 ABE3-ABEA ABEC-ABED
D7B0-D7FF FB1E FE20-FE2F
"""

# The same beyond U+FFFF: scripts of scholars, musical signs. Apart, because a regular expression
# looks such ranges up one by one, which every other text would pay for.
_RARE_MARKS = """
101FD 102E0 10376-1037A 10A01-10A03 10A05-10A06 10A0C-10A0F 10A38-10A3A 10A3F 10AE5-10AE6
10D24-10D27 10D69-10D6D 10EAB-10EAC 10EFA-10EFF 10F46-10F50 10F82-10F85 11000-11002 11038-11046
11070 11073-11074 1107F-11082 110B0-110BA 110C2 11100-11102 11127-11134 11145-11146 11173
11180-11182 111B3-111C0 111C9-111CC 111CE-111CF 1122C-11237 1123E 11241 112DF-112EA 11300-11303
1133B-1133C 1133E-11344 11347-11348 1134B-1134D 11357 11362-11363 11366-1136C 11370-11374
113B8-113C0 113C2 113C5 113C7-113CA 113CC-113D0 113D2 113E1-113E2 11435-11446 1145E 114B0-114C3
115AF-115B5 115B8-115C0 115DC-115DD 11630-11640 116AB-116B7 1171D-1172B 1182C-1183A 11930-11935
11937-11938 1193B-1193E 11940 11942-11943 119D1-119D7 119DA-119E0 119E4 11A01-11A0A 11A33-11A39
11A3B-11A3E 11A47 11A51-11A5B 11A8A-11A99 11B60-11B67 11C2F-11C36 11C38-11C3F 11C92-11CA7
11CA9-11CB6 11D31-11D36 11D3A 11D3C-11D3D 11D3F-11D45 11D47 11D8A-11D8E 11D90-11D91 11D93-11D97
11EF3-11EF6 11F00-11F01 11F03 11F34-11F3A 11F3E-11F42 11F5A 13440 13447-13455 1611E-1612F
16AF0-16AF4 16B30-16B36 16F4F 16F51-16F87 16F8F-16F92 16FE4 16FF0-16FF1 1BC9D-1BC9E 1CF00-1CF2D
1CF30-1CF46 1D165-1D169 1D16D-1D172 1D17B-1D182 1D185-1D18B 1D1AA-1D1AD 1D242-1D244 1DA00-1DA36
1DA3B-1DA6C 1DA75 1DA84 1DA9B-1DA9F 1DAA1-1DAAF 1E000-1E006 1E008-1E018 1E01B-1E021 1E023-1E024
1E026-1E02A 1E08F 1E130-1E136 1E2AE 1E2EC-1E2EF 1E4EC-1E4EF 1E5EE-1E5EF 1E6E3 1E6E6 1E6EE-1E6EF
1E6F5 1E8D0-1E8D6 1E944-1E94A
"""


def _ranges(table: str) -> str:
    """A table of hexadecimal ranges as the inside of a regular expression's character class."""
    edges = (entry.split("-") for entry in table.split())
    return "".join("-".join(chr(int(edge, 16)) for edge in pair) for pair in edges)


_JOINERS = "\u200c\u200d"  # zero width non-joiner, zero width joiner
_DIRECTION = "\u061c\u200e\u200f"  # Arabic letter mark, left-to-right and right-to-left mark
_WORD_BREAK = "\u200b"  # zero width space
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_SKIN_TONES = "\U0001f3fb-\U0001f3ff"
_TAGS = "\U000e0000-\U000e007f"
_OTHERS = _JOINERS + _DIRECTION + _WORD_BREAK + _SELECTORS + _SKIN_TONES + _TAGS

RIDERS = _ranges(_MARKS) + _OTHERS
"""The inside of a character class: all that rides on the character before it (but rare marks)."""

NEVER = (
    "\xad\u034f\u115f\u1160\u17b4\u17b5\u180e\u2060-\u2065\u206a-\u206f\u2800\u3164\ufeff\uffa0"
    "\ufff0-\ufffc\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a"
    "\U000e0080-\U000e00ff\U000e01f0-\U000e0fff"
)
"""The inside of a character class: invisible (soft hyphen, fillers, formats) and never needed."""

# `[x][x]*` and not `[x]+`: only a pattern that begins with a class is searched for quickly.
_RUN = re.compile(f"[{RIDERS}][{RIDERS}]*")
_LONGEST_RUN = 32  # more than any honest run has
_MARK = re.compile(f"[^{_OTHERS}]")  # of a rider: what has no rule of its own
_RARE = re.compile("[\U00010000-\U0001efff]")

# What is or may be drawn as an emoji (UTS #51, emoji-data), a little more beyond U+FFFF.
_EMOJI_CLASS = (
    "\xa9\xae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf"
    "\u23e9-\u23f3\u23f8-\u23fa\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u27bf"
    "\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001faff"
)
_EMOJI = re.compile(f"[{_EMOJI_CLASS}]")
_SELECTED = re.compile(
    "[\u2200-\u22ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
# Arabic and its kin, the scripts of India, Tibetan, Burmese, Khmer, Mongolian: joiners choose the
# shape of their letters.
_JOINED = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ua8e0-\ua8ff\U00011000-\U000114df]"
)
# Thai, Lao, Burmese, Khmer, Tai: written without spaces, a zero width space marks where words end.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\ua9e0-\uaadf]"
)
# England, Scotland, Wales: a black flag, its region spelled in tags, and a closing tag.
_FLAG = "\U0001f3f4"
_FLAG_TAIL = re.compile("[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
_KEYCAP = "\u20e3"
_CHAIN = re.compile(
    f"((?:\u200d[{_EMOJI_CLASS}][\ufe0e\ufe0f{_SKIN_TONES}]{{0,2}}){{{MOST_JOINS}}})\u200d"
)


def settle(text: str) -> str:
    """The text with every run of riders kept as far as it is honest; linear in its length.

    Args:
        text: without anything of `NEVER`, line breaks as `\\n`.
    """
    runs = _any_run() if _RARE.search(text) else _RUN
    text = runs.sub(_settle_run, text)
    return _CHAIN.sub(rf"\1{SIGN}", text) if "\u200d" in text else text


def without_riders(text: str) -> str:
    """The text without the riders at its end, for one that is cut there."""
    end = len(text)
    while end and _any_run().match(text, end - 1):
        end -= 1
    return text[:end]


@cache
def clusters() -> re.Pattern[str]:
    """Matches a character with all that rides on it."""
    riders = RIDERS + _ranges(_RARE_MARKS)
    return re.compile(f"[^{riders}]?[{riders}]*")


@cache
def _any_run() -> re.Pattern[str]:
    """Matches a run of riders, rare ones too."""
    riders = RIDERS + _ranges(_RARE_MARKS)
    return re.compile(f"[{riders}][{riders}]*")


def _settle_run(found: re.Match[str]) -> str:
    """What becomes of a run, from its neighbours in the text."""
    start, end = found.span()
    base = found.string[start - 1] if start else "\n"
    return _settled(base, found[0][:_LONGEST_RUN], found.string[end : end + 1])


@lru_cache(maxsize=4096)
def _settled(base: str, run: str, following: str) -> str:
    """The honest beginning of a run, and a sign for the rest of it. See `_belongs`."""
    place = 0
    if base == _FLAG and (tail := _FLAG_TAIL.match(run)):
        place = tail.end()
    while place < len(run) and _belongs(base, run, place, following):
        place += 1
    return run if place == len(run) else run[:place] + SIGN


def _belongs(base: str, run: str, place: int, following: str) -> bool:
    """Whether the rider at a place of a run has business there, all before it having some.

    Args:
        base: the character that the run rides on.
        following: the character after the run; empty at the end of the text.
    """
    rider, before = run[place], run[:place]
    if rider in _JOINERS:
        if _JOINED.match(base):
            return before.count("\u200c") + before.count("\u200d") < 2
        last = place == len(run) - 1
        return rider == "\u200d" and last and bool(_EMOJI.match(base) and _EMOJI.match(following))
    if rider in _DIRECTION:
        last = place == len(run) - 1
        near = _RIGHT_TO_LEFT.match(base) or (last and _RIGHT_TO_LEFT.match(following))
        return bool(near) and not re.search(f"[{_DIRECTION}]", before)
    if rider == _WORD_BREAK:
        return bool(_UNSPACED.match(base)) and rider not in before
    if "\U0001f3fb" <= rider <= "\U0001f3ff":
        return bool(_EMOJI.match(base)) and before in ("", "\ufe0f")
    if rider in "\ufe0e\ufe0f":
        keycap = base in "0123456789#*" and run[place + 1 : place + 2] == _KEYCAP
        return (keycap or bool(_EMOJI.match(base))) and not before
    if not _MARK.match(rider):
        return bool(_SELECTED.match(base)) and not before and not _is_tag(rider)
    return not base.isspace() and len(_MARK.findall(before)) < MOST_MARKS


def _is_tag(rider: str) -> bool:
    """Whether it is one of the letters that draw nothing, made for flags and used to hide text."""
    return "\U000e0000" <= rider <= "\U000e007f"
