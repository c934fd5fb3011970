"""Reading the templates of a business account, page after page, from Meta or from 360dialog.

Facts from Meta's page "Message templates" of the WhatsApp Business Platform, and 360dialog's
"Templates". Meta's link to the next page carries the token, so the cursor alone is used.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from vchat_tui.channels import errors
from vchat_tui.channels.base import NotSent, TemplateDefinition, Unclear
from vchat_tui.channels.http_statuses import LONGEST_WORDS, read_payload
from vchat_tui.channels.payload import number_at, object_at, plain, text_at
from vchat_tui.channels.whatsapp_answers import read_error
from vchat_tui.models import MessageError

if TYPE_CHECKING:
    from vchat_tui.channels.http import Line

_FIELDS = (
    "id,name,language,status,category,components,parameter_format,quality_score,rejected_reason"
)
_ON_A_PAGE = 100
_MOST_BYTES = 16 * 1024 * 1024  # carousels carry long links to their examples
_MOST_PAGES = 200  # an account may have 6,000 templates
_BAD_CURSOR = "131059"

_log = logging.getLogger(__name__)


async def list_templates(
    line: Line, version: str, account: str
) -> tuple[TemplateDefinition, ...] | MessageError:
    """All templates; an error where one page could not be read.

    Args:
        version: of the API, such as v25.0.
        account: the business account's id.
    """
    if not re.fullmatch(r"[0-9]{1,32}", account):
        return MessageError(code=errors.NO_ACCOUNT)
    path = f"/{version}/{account}/message_templates"
    found = await _all_pages(line, path)
    if isinstance(found, MessageError) and found.code == _BAD_CURSOR:
        found = await _all_pages(line, path)  # the list changed while it was read
    return found


async def _all_pages(line: Line, path: str) -> tuple[TemplateDefinition, ...] | MessageError:
    found: list[TemplateDefinition] = []
    query = {"fields": _FIELDS, "limit": str(_ON_A_PAGE)}
    for _page in range(_MOST_PAGES):
        answer = await line.request("GET", f"{path}?{urlencode(query)}", most=_MOST_BYTES)
        if isinstance(answer, (NotSent, Unclear)):
            return MessageError(code=errors.NO_ANSWER, details=answer.reason)
        payload = read_payload(answer)
        if answer.status != 200 or not isinstance(payload.get("data"), list):
            return read_error(answer)
        found += _read(payload["data"])
        paging = object_at(payload, "paging")
        after = text_at(object_at(paging, "cursors"), "after")
        if "next" not in paging or after is None or after == query.get("after"):
            return tuple(found)
        query["after"] = after
    return MessageError(code=_BAD_CURSOR, details=f"more than {_MOST_PAGES} pages")


async def list_templates_of_360dialog(
    line: Line,
) -> tuple[TemplateDefinition, ...] | MessageError:
    """All templates of the key's account; an error where one page could not be read."""
    found: list[TemplateDefinition] = []
    seen = 0
    for _page in range(_MOST_PAGES):
        path = f"/v1/configs/templates?limit={_ON_A_PAGE}&offset={seen}"
        answer = await line.request("GET", path, most=_MOST_BYTES)
        if isinstance(answer, (NotSent, Unclear)):
            return MessageError(code=errors.NO_ANSWER, details=answer.reason)
        payload = read_payload(answer)
        page = payload.get("waba_templates")
        if answer.status != 200 or not isinstance(page, list):
            return read_error(answer)
        found += _read(page)
        seen += len(page)
        total = number_at(payload, "total")
        if not page or (seen >= total if total is not None else len(page) < _ON_A_PAGE):
            return _each_once(found)
    return MessageError(code=_BAD_CURSOR, details=f"more than {_MOST_PAGES} pages")


def _each_once(found: list[TemplateDefinition]) -> tuple[TemplateDefinition, ...]:
    """Pages overlap where the list changed while it was read."""
    return tuple({(each.name, each.language): each for each in found}.values())


def _read(elements: list[Any]) -> list[TemplateDefinition]:
    read = [_definition(element) for element in elements if isinstance(element, dict)]
    known = [definition for definition in read if definition is not None]
    if len(known) < len(elements):
        _log.warning("%d templates could not be read", len(elements) - len(known))
    return known


def _definition(element: dict[str, Any]) -> TemplateDefinition | None:
    # Meta's id, which webhooks name; 360dialog gives one of its own beside it.
    identifier = text_at(element, "external_id") or text_at(element, "id")
    name = text_at(element, "name")
    language, components = text_at(element, "language"), element.get("components", [])
    if not identifier or not name or not language or not isinstance(components, list):
        return None
    reason = text_at(element, "rejected_reason")
    return TemplateDefinition(
        provider_id=identifier,
        name=name,
        language=language,
        category=(text_at(element, "category") or "").upper(),
        # In lower case on older accounts of 360dialog.
        status=(text_at(element, "status") or "").upper(),
        quality=text_at(object_at(element, "quality_score"), "score"),
        reason=None if reason in (None, "NONE") else str(reason)[:LONGEST_WORDS],
        named=element.get("parameter_format") == "NAMED",
        components=tuple(plain(part) for part in components if isinstance(part, dict)),
    )
