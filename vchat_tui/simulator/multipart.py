"""Reading multipart/form-data, as uploads come (RFC 7578)."""

from __future__ import annotations

from email.message import Message
from email.parser import BytesHeaderParser
from typing import NamedTuple


class Part(NamedTuple):
    """A field, or a file where there is a file name."""

    data: bytes
    mime_type: str | None
    filename: str | None


def parts(body: bytes, content_type: str) -> dict[str, Part]:
    """The parts of a body by their names; empty where it is no such body.

    Args:
        content_type: the request's header.
    """
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_boundary()
    if header.get_content_type() != "multipart/form-data" or not boundary:
        return {}
    found = {}
    for piece in (b"\r\n" + body).split(b"\r\n--" + boundary.encode("latin-1", "replace"))[1:]:
        head, blank, data = piece.partition(b"\r\n\r\n")
        if piece.startswith(b"--") or not blank:
            continue
        headers = BytesHeaderParser().parsebytes(head.lstrip(b"\r\n") + b"\r\n\r\n")
        name = headers.get_param("name", header="content-disposition")
        mime_type = headers.get_content_type() if "content-type" in headers else None
        found[str(name)] = Part(data, mime_type, headers.get_filename())
    return found
