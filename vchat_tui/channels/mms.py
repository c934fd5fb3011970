"""Files in an SMS: as MMS where there is such a thing, else as links in the text.

Facts from Twilio's "Accepted content types for media" and "MMS: supported countries": MMS exist
for numbers of the US, Canada and Australia only; JPEG, PNG and GIF up to 5 MB, other files up to
500 KB, ten to a message.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from vchat_tui import file_links
from vchat_tui.channels.base import MediaRule
from vchat_tui.channels.checking import readable, refuse
from vchat_tui.channels.sms_text import MAX_TEXT
from vchat_tui.models import Content, Media
from vchat_tui.settings import _

_PICTURES = ("image/jpeg", "image/png", "image/gif")
_MOST_OF_A_PICTURE = 5 * 1024 * 1024
_MOST = 500 * 1024
MOST_FILES = 10

MEDIA = {
    "image": MediaRule(max_bytes=_MOST_OF_A_PICTURE, mime_types=_PICTURES, caption=True),
    "video": MediaRule(max_bytes=_MOST, caption=True),
    "audio": MediaRule(max_bytes=_MOST, caption=True),
    "document": MediaRule(max_bytes=_MOST_OF_A_PICTURE, caption=True),
}
"""The kinds of message with files. A document's limit is that of its type: see `check_files`."""

# The countries that send MMS to each other (ITU codes: +1 also has many islands that do not).
_TOGETHER = ({"US", "CA", "PR"}, {"AU"})
_LINK_ROOM = 200  # characters of a link without its name: public URL, token


def check_files(content: Content) -> None:
    """Refuses files that an MMS cannot carry, wherever it goes.

    Raises:
        Wrong: one is too large or of another type, or there are too many.
    """
    if not 1 <= len(content.media) <= MOST_FILES:
        refuse("media", _("Such a message takes one to {limit} files."), limit=MOST_FILES)
    rule = MEDIA[content.type]
    for number, file in enumerate(content.media):
        _check_file(file, rule, f"media.{number}")
    room = MAX_TEXT - sum(_longest_link(file) for file in content.media)
    if len(content.text or "") > room:
        refuse(
            "text",
            _("The message has {length} characters; with these files at most {limit} are allowed."),
            length=len(content.text or ""), limit=max(0, room),
        )  # fmt: skip


def _check_file(file: Media, rule: MediaRule, where: str) -> None:
    if not file.sha256:
        refuse(where, _("The file is not on the server; attach it again."))
    mime_type = (file.mime_type or "").partition(";")[0]
    if rule.mime_types and mime_type not in rule.mime_types:
        refuse(
            f"{where}.mime_type",
            _("A picture is a JPEG, PNG or GIF here; send any other file as a document."),
        )
    most = _MOST_OF_A_PICTURE if mime_type in _PICTURES else _MOST
    if file.size is not None and file.size > most:
        refuse(
            f"{where}.size",
            _("The file has {size}; at most {limit} are allowed."),
            size=readable(file.size),
            limit=readable(most),
        )


def _longest_link(file: Media) -> int:
    name = file_links.shown_name(file.filename or "")
    return 1 + _LINK_ROOM + len(quote(name, safe=""))


def carries_files(sender: str | None, recipient: str) -> bool:
    """Whether a message to a number can be an MMS.

    Args:
        sender: our number, short code or name; None: a messaging service chooses one.
        recipient: `+` and digits.
    """
    there = _country(recipient)
    if sender is None or re.fullmatch(r"[0-9]{3,8}", sender):
        return any(there in countries for countries in _TOGETHER)
    here = _country(sender)
    return any({here, there} <= countries for countries in _TOGETHER)


def _country(number: str) -> str | None:
    if not re.fullmatch(r"\+(1|61)[0-9]{7,13}", number):
        return None  # a name, or a number elsewhere
    import phonenumbers

    try:
        return str(phonenumbers.region_code_for_number(phonenumbers.parse(number)))
    except phonenumbers.NumberParseException:
        return None


def with_links(text: str, addresses: list[str]) -> str:
    """A text with the links of its files below."""
    return "\n".join([text, *addresses] if text else addresses)
