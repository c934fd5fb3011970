"""Twilio's Content templates: read page after page, and brought into the form of Meta's definitions.

Facts from Twilio's "Content API resources", "Content types overview" and "Using variables with
Content API". Whether WhatsApp approved one stands in its approval request, never in the content.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from vchat_tui.channels import errors
from vchat_tui.channels.base import NotSent, TemplateDefinition, Unclear
from vchat_tui.channels.http_statuses import LONGEST_WORDS, read_payload
from vchat_tui.channels.payload import object_at, plain, text_at
from vchat_tui.channels.twilio_answers import read_error
from vchat_tui.channels.twilio_content_types import RICHEST_FIRST, components_of
from vchat_tui.models import MessageError

if TYPE_CHECKING:
    from vchat_tui.channels.http import Line

_PATH = "/v1/ContentAndApprovals"
_FIRST = f"{_PATH}?PageSize=50"
_MOST_PAGES = 200
_MOST_BYTES = 16 * 1024 * 1024
_SID = re.compile(r"HX[0-9a-fA-F]{32}")

_log = logging.getLogger(__name__)


def content_url(api_url: str) -> str:
    """Where the Content API is, beside the API for messages: `content.` in place of `api.`; an
    address without that serves both."""
    scheme, _sep, host = api_url.partition("://")
    return f"{scheme}://content.{host[4:]}" if host.startswith("api.") else api_url


async def list_contents(line: Line, base_url: str) -> tuple[TemplateDefinition, ...] | MessageError:
    """All templates of the account; an error where one page could not be read.

    Args:
        line: to the Content API.
        base_url: its address; no page of another host is read.
    """
    found: list[TemplateDefinition] = []
    path: str | None = _FIRST
    for _page in range(_MOST_PAGES):
        answer = await line.request("GET", path or _FIRST, most=_MOST_BYTES)
        if isinstance(answer, (NotSent, Unclear)):
            return MessageError(code=errors.NO_ANSWER, details=answer.reason)
        payload = read_payload(answer)
        contents = payload.get("contents")
        if answer.status != 200 or not isinstance(contents, list):
            return read_error(answer)
        found += _read(contents)
        following = text_at(object_at(payload, "meta"), "next_page_url")
        if following is None:
            return _with_names_of_their_own(found)
        path = _path_at(base_url, following)
        if path is None:
            break
    return MessageError(code=errors.NO_ANSWER, details="the list of templates has no end")


def _path_at(base_url: str, url: str) -> str | None:
    """The path of a page of the same host; None for any other address."""
    try:
        here, there = urlsplit(base_url), urlsplit(url)
        same = (here.scheme, here.netloc) == (there.scheme, there.netloc)
    except ValueError:
        return None
    if not same or there.path != _PATH or not re.fullmatch(r"[!-~]{1,2000}", there.query):
        return None
    return f"{_PATH}?{there.query}"


def _read(contents: list[Any]) -> list[TemplateDefinition]:
    read = [_definition(content) for content in contents if isinstance(content, dict)]
    known = [definition for definition in read if definition is not None]
    if len(known) < len(contents):
        _log.warning("%d templates could not be read", len(contents) - len(known))
    return known


def _definition(content: dict[str, Any]) -> TemplateDefinition | None:
    sid, language = text_at(content, "sid"), text_at(content, "language")
    types = object_at(content, "types")
    if sid is None or not _SID.fullmatch(sid) or not language or not types:
        return None
    approval = object_at(content, "approval_requests")
    approval = object_at(approval, "whatsapp") or approval
    approved_as = text_at(approval, "content_type")
    kind = next((name for name in (approved_as, *RICHEST_FIRST) if name in types), None)
    kind = kind or next(iter(types))
    samples = plain(object_at(content, "variables"))
    reason = text_at(approval, "rejection_reason")
    return TemplateDefinition(
        provider_id=sid,
        name=text_at(content, "friendly_name") or sid,
        language=language,
        category=(text_at(approval, "category") or "").upper(),
        status=(text_at(approval, "status") or "unsubmitted").upper(),
        reason=reason[:LONGEST_WORDS] if reason else None,
        components=components_of(kind, plain(object_at(types, kind)), samples, language),
    )


def _with_names_of_their_own(
    found: list[TemplateDefinition],
) -> tuple[TemplateDefinition, ...]:
    """Twilio lets several contents have the same name and language; ours are known by these."""
    times = Counter((definition.name, definition.language) for definition in found)
    return tuple(
        replace(definition, name=f"{definition.name} ({definition.provider_id[-6:]})")
        if times[definition.name, definition.language] > 1
        else definition
        for definition in found
    )
