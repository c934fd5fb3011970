"""The language of what people read: English message ids, catalogues `es` and `en`.

`use(language)` once at start (and when the person changes it); `_` translates where a text is
shown, never at import, so that a switch of language reaches everything.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "es")
DOMAIN = "vchat_tui"


class _Current:
    """The language of this process: one terminal, one reader."""

    language = "en"
    catalogue: gettext.NullTranslations = gettext.NullTranslations()


def preferred() -> str:
    """The language that the environment asks for: VCHAT_LANG, else the locale; English if neither
    is one of ours."""
    for name in ("VCHAT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            language = value[:2].lower()
            return language if language in LANGUAGES else "en"
    return "en"


def use(language: str) -> None:
    """Speak this language from now on."""
    _Current.language = language if language in LANGUAGES else "en"
    folder = Path(__file__).parent / "locales"
    _Current.catalogue = gettext.translation(DOMAIN, folder, [_Current.language], fallback=True)


def language() -> str:
    """The language spoken now."""
    return _Current.language


@cache
def speaker(language: str) -> Callable[[str], str]:
    """What translates into a language, whatever this process speaks: for readers elsewhere."""
    folder = Path(__file__).parent / "locales"
    return gettext.translation(DOMAIN, folder, [language], fallback=True).gettext


def _(message: str) -> str:
    """The text in the reader's language."""
    return _Current.catalogue.gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """The text for a number of things; `{n}` in it is for the caller to fill."""
    return _Current.catalogue.ngettext(singular, plural, number)
