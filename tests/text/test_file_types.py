"""What files are, by their bytes."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui.file_types import HARMLESS, REFUSED, FileType, sniff, sniff_file

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 16
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF"
MP4 = b"\0\0\0\x20ftypisom"
OGG_OPUS = b"OggS\0\x02" + b"\0" * 22 + b"OpusHead"


@pytest.mark.parametrize(
    ("head", "mime_type", "kind"),
    [
        (PNG, "image/png", "image"),
        (JPEG, "image/jpeg", "image"),
        (b"GIF89a....", "image/gif", "document"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp", "sticker"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "audio/wav", "document"),
        (MP4, "video/mp4", "video"),
        (b"\0\0\0\x20ftyp3gp4", "video/3gpp", "video"),
        (b"\0\0\0\x20ftypM4A ", "audio/mp4", "audio"),
        (b"\0\0\0\x20ftypqt  ", "video/quicktime", "document"),
        (OGG_OPUS, "audio/ogg", "voice"),
        (b"OggS\0\x02" + b"\0" * 22 + b"\x01vorbis", "audio/ogg", "audio"),
        (b"ID3\x04", "audio/mpeg", "audio"),
        (b"\xff\xfb\x90\x64", "audio/mpeg", "audio"),
        (b"\xff\xf1\x50\x80", "audio/aac", "audio"),
        (b"#!AMR\n", "audio/amr", "audio"),
        (b"%PDF-1.7\n", "application/pdf", "document"),
        (b"Hola\n\xc3\xb1", "text/plain", "document"),
        (b"", "application/octet-stream", "document"),
        (b"\0\1\2\3", "application/octet-stream", "document"),
        (b"\x7fELF\2\1\1", "application/x-elf", "document"),
        (b"MZ\x90\0", "application/x-msdownload", "document"),
        (b"#!/bin/sh\nrm", "text/x-script", "document"),
        (b"[Desktop Entry]\nExec=sh", "application/x-desktop", "document"),
        (b"[InternetShortcut]\nURL=", "application/x-desktop", "document"),
        (b"\xef\xbb\xbf  <!DOCTYPE html><p>", "text/html", "document"),
        (b"hello <script>alert(1)</script>", "text/html", "document"),
        (b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "b">]><svg>', "image/svg+xml", "document"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml", "document"),
        (b'<?xml version="1.0"?><a/>', "application/xml", "document"),
        (b"BEGIN:VCARD\nFN:Ana", "text/vcard", "document"),
    ],
)  # fmt: skip
def test_by_the_first_bytes(head: bytes, mime_type: str, kind: str) -> None:
    found = sniff(head)
    assert (found.mime_type, found.kind) == (mime_type, kind)


@given(st.binary(max_size=300))
def test_any_bytes_have_a_type(head: bytes) -> None:
    found = sniff(head)
    assert isinstance(found, FileType)
    assert found.extension.isalnum()
    assert not (found.mime_type in HARMLESS and found.mime_type in REFUSED)


def archive(*names: str, filler: int = 0) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        if filler:
            target.writestr("filler", b"\x01" * filler)
        for name in names:
            target.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("names", "filler", "extension"),
    [
        (("[Content_Types].xml", "word/document.xml"), 0, "docx"),
        (("[Content_Types].xml", "xl/workbook.xml"), 0, "xlsx"),
        (("ppt/presentation.xml",), 0, "pptx"),
        (("classes.dex", "AndroidManifest.xml"), 0, "apk"),
        (("META-INF/MANIFEST.MF",), 0, "jar"),
        (("a.txt",), 0, "zip"),
        (("word/document.xml",), 300_000, "docx"),
        (("META-INF/MANIFEST.MF",), 300_000, "jar"),
    ],
)
def test_archives_by_what_is_in_them(
    names: tuple[str, ...], filler: int, extension: str, tmp_path: Path
) -> None:
    (tmp_path / "x").write_bytes(archive(*names, filler=filler))
    assert sniff_file(tmp_path / "x").extension == extension


@pytest.mark.parametrize(
    ("stream", "extension"),
    [("WordDocument", "doc"), ("Workbook", "xls"), ("PowerPoint Document", "ppt"),
     ("\u4840\u3f3f", "msi"), ("Other", "ole")],
)  # fmt: skip
def test_old_office_files(stream: str, extension: str, tmp_path: Path) -> None:
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<H", header, 30, 9)
    struct.pack_into("<i", header, 48, 1)
    entries = b""
    for name in ("Root Entry", stream):
        encoded = name.encode("utf-16-le") + b"\0\0"
        entries += encoded.ljust(64, b"\0") + struct.pack("<H", len(encoded)) + b"\0" * 62
    (tmp_path / "x").write_bytes(bytes(header) + b"\0" * 512 + entries)
    assert sniff_file(tmp_path / "x").extension == extension
