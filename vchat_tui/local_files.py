"""Files of ours in an outgoing content: named by hash here, by the provider's id on their way.

A file stands in `media`, or in an object of a template or an interactive message, where providers
take `{"id": ...}`: ours is `{"sha256": ...}` there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from vchat_tui.models import Content


def hashes(content: Content) -> tuple[str, ...]:
    """The files that a provider must have before this can be sent, each once."""
    found: dict[str, None] = {
        media.sha256: None for media in content.media if media.sha256 is not None
    }

    def note(sha256: str, file: dict[str, Any]) -> dict[str, Any]:
        found[sha256] = None
        return file

    if content.template is not None:
        _walk(content.template.components, note)
    _walk(content.interactive, note)
    return tuple(found)


def with_provider_ids(content: Content, ids: Mapping[str, str]) -> Content:
    """The content as its channel sends it: every file under the provider's id.

    Args:
        ids: the provider's id of each file, by hash.
    """

    def named(sha256: str, file: dict[str, Any]) -> dict[str, Any]:
        return {"id": ids[sha256]} | {key: file[key] for key in file if key != "sha256"}

    media = tuple(
        replace(file, id=ids[file.sha256]) if file.sha256 else file for file in content.media
    )
    template = content.template and replace(
        content.template, components=_walk(content.template.components, named)
    )
    return replace(
        content, media=media, template=template, interactive=_walk(content.interactive, named)
    )


def inside(content: Content) -> Iterator[tuple[str, str, str]]:
    """The files in a template or an interactive message: path, kind of file, hash."""
    if content.template is not None:
        yield from _inside(content.template.components, "template.components")
    yield from _inside(content.interactive, "interactive")


def _inside(value: Any, path: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, list | tuple):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        return
    if isinstance(value.get("sha256"), str):
        yield path, path.rpartition(".")[2], value["sha256"]
    for key, inner in value.items():
        yield from _inside(inner, f"{path}.{key}")


def _walk(value: Any, change: Callable[[str, dict[str, Any]], dict[str, Any]]) -> Any:
    """The value with every file in it changed."""
    if isinstance(value, dict):
        if isinstance(value.get("sha256"), str):
            return change(value["sha256"], value)
        return {key: _walk(inner, change) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_walk(inner, change) for inner in value)
    return value
