"""Files made to hurt whoever looks at them: only the process that decodes them suffers (T-09)."""

from __future__ import annotations

import gzip
import io
import resource
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from vchat_tui import thumbnails
from vchat_tui.file_types import HARMLESS, REFUSED, sniff_file
from vchat_tui.thumbnail_child import CPU_SECONDS, MEMORY

SIDE = 13_000


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: bytes, *extra: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def small_png() -> bytes:
    return png(64, 32, zlib.compress((b"\0" + bytes(range(0, 256, 4))) * 32))


def huge_png() -> bytes:
    return png(SIDE, SIDE, zlib.compress(bytes((SIDE + 1) * SIDE), 9))


def many_frames() -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", 800, 800, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 800, 800, 0) + b"\x02\x02\x4c\x01\0"
    return head + frame * 10_000 + b"\x3b"


def lying_webp() -> bytes:
    canvas = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + b"\xff\xff\xff" * 2
    body = b"WEBP" + canvas + (b"ANMF" + struct.pack("<I", 24) + bytes(24)) * 1000
    return b"RIFF" + struct.pack("<I", len(body)) + body


def deep_archive() -> bytes:
    inner = b"\0" * 1_000_000
    for _ in range(8):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
            target.writestr("word/document.xml", inner)
        inner = made.getvalue()
    return inner


def svg_bomb() -> bytes:
    entities = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    return (
        f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a0 "x">{entities}]><svg>&a9;</svg>'.encode()
    )


BOMBS: dict[str, Callable[[], bytes]] = {
    "a PNG of 13,000 squared": huge_png,
    "a GIF of 10,000 frames": many_frames,
    "a moving WebP that lies about its size": lying_webp,
    "a JPEG that breaks off": lambda: b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0" + b"\xff\xda" * 9,
    "an SVG of a billion laughs": svg_bomb,
    "a PDF that is a page, too": lambda: b"%PDF-1.7\n<html><script>alert(1)</script>",
    "nothing": lambda: b"",
    "a PNG that breaks off": lambda: huge_png()[:2000],
    "a program that calls itself a picture": lambda: b"\x7fELF" + bytes(200),
    "64 MiB in a gzip": lambda: gzip.compress(bytes(64 * 1024 * 1024), 9),
    "a document of archives in archives": deep_archive,
    "a PNG with a text of 64 MiB": lambda: png(
        8, 8, zlib.compress((b"\0" + bytes(8)) * 8),
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(64 * 1024 * 1024), 9)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_harms_only_the_child(name: str, tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    path = tmp_path / "bomb"
    path.write_bytes(BOMBS[name]())
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    pixels = await thumbnails.make(path, 48, 24)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert pixels is None or (pixels.width <= 48 and pixels.height <= 24)
    assert after.ru_utime - before.ru_utime <= CPU_SECONDS + 1  # the kernel ends it
    assert after.ru_maxrss <= max(before.ru_maxrss, MEMORY // 1024)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_named_by_its_bytes_and_never_run(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(BOMBS[name]())
    found = sniff_file(path).mime_type
    if "program" in name or "SVG" in name:
        assert found in REFUSED
    elif name.startswith(("a GIF", "a PNG")):
        assert found in HARMLESS


async def test_a_picture_becomes_a_small_one(tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    path = tmp_path / "picture"
    path.write_bytes(small_png())
    pixels = await thumbnails.make(path, 48, 24)
    assert pixels is not None
    assert (pixels.width, pixels.height) == (48, 24)
    assert pixels.data[0] < pixels.data[-1]


@pytest.mark.parametrize(
    "said", [b"", b"48 24\n", b"9999 24\n" + bytes(9), b"1 1\nabcd", b"0 0\n", b"<html>"]
)
def test_what_a_child_says_is_not_believed(said: bytes) -> None:
    assert thumbnails._read(said, 48, 24) is None
