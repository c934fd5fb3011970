"""Small real files for the make-believe customers: a picture, a voice note, a sticker, a PDF.

They are made here, bit by bit, so that every program that reads such files takes them.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from base64 import b64decode

_SIDE = 96  # pixels of a picture
# One violet pixel, lossless.
_STICKER = b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
_SILENCE = b"\xf8\xff\xfe"  # 20 ms of Opus
_SAMPLES = 960  # in each of those


def picture(name: str) -> bytes:
    """A PNG: a slope between two colours that come from the name."""
    colours = hashlib.sha256(name.encode()).digest()
    rows = bytearray()
    for y in range(_SIDE):
        rows.append(0)  # no filter
        for x in range(_SIDE):
            share = (x + y) / (2 * _SIDE)
            rows += bytes(
                round(colours[channel] * (1 - share) + colours[channel + 3] * share)
                for channel in range(3)
            )
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def sticker() -> bytes:
    """A WebP."""
    return _STICKER


def voice(seconds: int = 2) -> bytes:
    """An Ogg file with Opus sound: silence."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48_000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 9) + b"simulator" + struct.pack("<I", 0)
    sound = [_SILENCE] * (seconds * 50)
    pages = [_page(0, 2, 0, [head]), _page(1, 0, 0, [tags])]
    for start in range(0, len(sound), 200):
        packets = sound[start : start + 200]
        last = 4 if start + 200 >= len(sound) else 0
        pages.append(_page(len(pages), last, (start + len(packets)) * _SAMPLES, packets))
    return b"".join(pages)


def _page(number: int, flags: int, position: int, packets: list[bytes]) -> bytes:
    """A page of an Ogg stream (RFC 3533); every packet is shorter than 255 bytes."""
    sizes = bytes(len(packet) for packet in packets)
    start = struct.pack("<4sBBqII", b"OggS", 0, flags, position, 1, number)
    rest = bytes([len(packets)]) + sizes + b"".join(packets)
    checksum = _ogg_crc(start + bytes(4) + rest)
    return start + struct.pack("<I", checksum) + rest


def _ogg_crc(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte << 24
        for _bit in range(8):
            crc = (crc << 1) ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1
        crc &= 0xFFFFFFFF
    return crc


def pdf(title: str) -> bytes:
    """A page with a title on it."""
    words = title.encode("latin-1", "replace").translate(None, b"()\\")
    drawing = b"BT /F1 24 Tf 72 720 Td (" + words + b") Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, len(body))
    )
