"""The customer's page as HTML: no script, one style, and every foreign word escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC
from html import escape

from vchat_tui.desk.page_links import Access, Page
from vchat_tui.i18n import LANGUAGES, speaker
from vchat_tui.models import Direction, Message, TimelineItem
from vchat_tui.text import clean
from vchat_tui.zones import zone_name

Speak = Callable[[str], str]

_STYLE = """
:root{color-scheme:light dark;--back:#efeae2;--in:#fff;--out:#d9fdd3;--ink:#111b21;--dim:#54656f;--go:#00735c}
@media(prefers-color-scheme:dark){:root{--back:#0b141a;--in:#202c33;--out:#005c4b;--ink:#e9edef;--dim:#a3b1b8;--go:#06a884}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:1rem/1.45 system-ui,sans-serif}
main{max-width:46rem;margin:0 auto;padding:1rem 1rem 7rem}
h1{font-size:1.25rem;margin:.25rem 0 1rem;overflow-wrap:anywhere}
ol{list-style:none;margin:0;padding:0}
li{width:fit-content;max-width:85%;margin:0 0 .5rem;padding:.5rem .75rem;border-radius:.6rem}
li{background:var(--in);overflow-wrap:anywhere}
li.out{margin-left:auto;background:var(--out)}
.who{font-size:.8rem;color:var(--dim)}
.text{white-space:pre-wrap;margin:0}
.file{font-style:italic;margin:0}
.dim{color:var(--dim);font-size:.9rem}
.bar{position:fixed;left:0;right:0;bottom:0;padding:.75rem 1rem;background:var(--back);text-align:center}
.go{display:inline-block;border:0;border-radius:2rem;padding:.85rem 1.5rem;background:var(--go)}
.go{color:#fff;font:inherit;font-weight:600;text-decoration:none;cursor:pointer}
.go:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS = (
    (b"content-type", b"text/html; charset=utf-8"),
    (
        b"content-security-policy",
        f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'".encode(),
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"x-robots-tag", b"noindex, nofollow, noarchive"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
"""Of every page: nothing runs, nothing is fetched, nobody frames it, keeps it or learns of it."""


def choose_language(known: str | None, accepted: str) -> str:
    """The language of the page: the customer's, else the one that the browser likes best.

    Args:
        known: of the customer, for example `es_MX`.
        accepted: the browser's Accept-Language.
    """
    wishes = [((known or "")[:2].lower(), 2.0)]
    for part in accepted[:200].split(","):
        name, _semicolon, rest = part.strip().partition(";")
        quality = rest.strip().removeprefix("q=")
        try:
            wishes.append((name[:2].lower(), float(quality) if rest else 1.0))
        except ValueError:
            continue
    ours = [(quality, name) for name, quality in wishes if name in LANGUAGES and quality > 0]
    return max(ours, key=lambda wish: wish[0])[1] if ours else "en"


def render(page: Page, language: str) -> bytes:
    """The whole page."""
    _ = speaker(language)
    title = _said(page.name)
    match page.access:
        case Access.OPEN:
            body = "".join(_conversation(page, _))
        case Access.UNOPENED:
            body = (
                _line(_("Your conversation with us is here."))
                + _button(_)
                + _line(_("It will open in this browser only."))
            )
        case Access.TAKEN:
            title = _("This link was opened in another browser")
            body = (
                _line(_("To protect your conversation, it shows only there."))
                + _line(_("If it was this browser, try again:"))
                + _button(_)
                + _answer_link(page, _)
            )
        case Access.EXPIRED | Access.UNKNOWN:
            title = _("This link has expired")
            body = _line(_("Write to us, and we will gladly help you.")) + _answer_link(page, _)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    ).encode()


def _said(text: str) -> str:
    return clean(text, one_line=True)


def _line(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _button(_: Speak) -> str:
    label = escape(_("Show the conversation"))
    return f'<form method="post"><button class="go">{label}</button></form>'


def _answer_link(page: Page, _: Speak) -> str:
    if not page.number:
        return ""
    label = escape(_("Answer on WhatsApp"))
    return (
        f'<p class="bar"><a class="go" href="https://wa.me/{page.number}" rel="noreferrer">'
        f"{label}</a></p>"
    )


def _conversation(page: Page, _: Speak) -> Iterator[str]:
    if not page.items:
        yield _line(_("There is no message yet."))
    yield "<ol>"
    for item in page.items:
        yield _item(item, page, _)
    yield "</ol>"
    if page.items:
        zone = zone_name(page.zone) if page.zone else "UTC"
        times = escape(_("Times as in {zone}").format(zone=zone))
        yield f'<p class="dim">{times}</p>'
    yield _answer_link(page, _)


def _item(item: TimelineItem, page: Page, _: Speak) -> str:
    message = item.message
    ours = message.direction is Direction.OUT
    who = escape(_said(page.name) if ours else _("You"))
    when = message.sent_at or message.received_at
    time = ""
    if when is not None:
        local = when.astimezone(page.zone or UTC)
        time = f' · <time datetime="{when.isoformat()}">{local:%Y-%m-%d %H:%M}</time>'
    css = ' class="out"' if ours else ""
    return f'<li{css}><div class="who">{who}{time}</div>{"".join(_body(item, _))}</li>'


def _body(item: TimelineItem, _: Speak) -> Iterator[str]:
    message = item.message
    if item.revoked:
        deleted = escape(_("Deleted message"))
        yield f'<p class="file">{deleted}</p>'
        return
    kind = _kind(message, _)
    if kind:
        yield f'<p class="file">{escape(kind)}</p>'
    text = item.edited_text if item.edited_text is not None else _text(message)
    if text:
        yield f'<p class="text">{escape(clean(text))}</p>'


def _text(message: Message) -> str | None:
    if message.text:
        return message.text
    if message.reply is not None:
        return message.reply.title
    body = (message.interactive or {}).get("body")
    said = body.get("text") if isinstance(body, dict) else None
    return said if isinstance(said, str) else None


def _kind(message: Message, _: Speak) -> str:
    """A file as its name, any other thing as a word."""
    words = {
        "image": _("Photo"), "video": _("Video"), "audio": _("Audio"), "document": _("Document"),
        "sticker": _("Sticker"), "location": _("Location"), "contacts": _("Contacts"),
        "order": _("Order"), "form": _("Form"),
    }  # fmt: skip
    names = [_said(media.filename) for media in message.media if media.filename]
    return ", ".join(names) or words.get(message.type, "")
