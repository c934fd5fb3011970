"""Words in a list of recipients that stand for many: everybody, or all whom a channel knows."""

from __future__ import annotations

from vchat_tui.settings import CHANNEL_FIELDS, _

EVERYBODY = frozenset({"all", "todos"})
CHANNEL_WORDS = frozenset(
    {
        "whatsapp", "sms", "messenger", "instagram", "telegram", "twitter", "google", "wechat",
        "viber", "line", "tickets",
    }
)  # fmt: skip
"""Those of the product that this one follows; here are fewer."""


class WordError(ValueError):
    """A channel that is not here. `message` has `{name}` places for `values`."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.message = _("There is no channel “{word}” here; there are: {known}")
        self.values = {"word": word, "known": ", ".join(_known())}


def everybody(word: str) -> bool:
    """Whether a word stands for all users."""
    return word.casefold() in EVERYBODY


def stands_for_many(word: str) -> bool:
    """Whether a word stands for more than one person."""
    return everybody(word) or word.casefold() in CHANNEL_WORDS


def channels(word: str) -> tuple[str, ...] | None:
    """The channels that a word stands for; None where it is no such word.

    Raises:
        WordError: it is one, and there is no such channel here.
    """
    folded = word.casefold()
    if folded not in CHANNEL_WORDS:
        return None
    found = tuple(name for name in CHANNEL_FIELDS if _word_of(name) == folded)
    if not found:
        raise WordError(word)
    return found


def _word_of(channel: str) -> str:
    return channel.partition("_")[0]


def _known() -> list[str]:
    return sorted({_word_of(name) for name in CHANNEL_FIELDS})
