"""What a file is, read from its first bytes: names and providers are never believed.

The table holds what customers and agents exchange, and what must never be opened. A type that is
not in it is `application/octet-stream`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO, NamedTuple

HEAD = 64 * 1024
"""Bytes that are enough to tell."""


class FileType(NamedTuple):
    """A type of file. `kind` is the kind of message that shows it best."""

    mime_type: str
    extension: str
    kind: str = "document"


UNKNOWN = FileType("application/octet-stream", "bin")
TEXT = FileType("text/plain", "txt")
HTML = FileType("text/html", "html")
SVG = FileType("image/svg+xml", "svg")
XML = FileType("application/xml", "xml")
SCRIPT = FileType("text/x-script", "script")
LAUNCHER = FileType("application/x-desktop", "desktop")
WEBP = FileType("image/webp", "webp", "sticker")
ZIP = FileType("application/zip", "zip")
OLE = FileType("application/x-ole-storage", "ole")
MP4 = FileType("video/mp4", "mp4", "video")
M4A = FileType("audio/mp4", "m4a", "audio")
OGG = FileType("audio/ogg", "ogg", "audio")
OPUS = FileType("audio/ogg", "ogg", "voice")
HARMLESS = frozenset(
    {
        "image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff",
        "image/heic", "image/avif", "audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac",
        "audio/amr", "audio/wav", "audio/flac", "audio/midi", "video/mp4", "video/3gpp",
        "video/quicktime", "video/webm", "video/x-msvideo", "video/ogg", "application/pdf",
    }
)  # fmt: skip
"""Types that a viewer shows without running what is in them."""

REFUSED = frozenset(
    {
        HTML.mime_type, SVG.mime_type, XML.mime_type, SCRIPT.mime_type, LAUNCHER.mime_type,
        "application/x-elf", "application/x-msdownload", "application/x-mach-binary",
        "application/java-archive", "application/vnd.android.package-archive",
        "application/x-ms-shortcut", "application/vnd.debian.binary-package",
        "application/x-rpm", "application/x-msi",
    }
)  # fmt: skip
"""Types that may run a stranger's commands: they are saved, never opened from here."""

_SIGNATURES: tuple[tuple[int, bytes, FileType], ...] = (
    (0, b"\xff\xd8\xff", FileType("image/jpeg", "jpg", "image")),
    (0, b"\x89PNG\r\n\x1a\n", FileType("image/png", "png", "image")),
    (0, b"GIF87a", FileType("image/gif", "gif")),
    (0, b"GIF89a", FileType("image/gif", "gif")),
    (0, b"BM", FileType("image/bmp", "bmp")),
    (0, b"II*\0", FileType("image/tiff", "tif")),
    (0, b"MM\0*", FileType("image/tiff", "tif")),
    (0, b"%PDF-", FileType("application/pdf", "pdf")),
    (0, b"{\\rtf", FileType("application/rtf", "rtf")),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (0, b"PK\x03\x04", ZIP),
    (0, b"PK\x05\x06", ZIP),
    (0, b"Rar!\x1a\x07", FileType("application/vnd.rar", "rar")),
    (0, b"7z\xbc\xaf\x27\x1c", FileType("application/x-7z-compressed", "7z")),
    (0, b"\x1f\x8b", FileType("application/gzip", "gz")),
    (0, b"ID3", FileType("audio/mpeg", "mp3", "audio")),
    (0, b"#!AMR", FileType("audio/amr", "amr", "audio")),
    (0, b"fLaC", FileType("audio/flac", "flac")),
    (0, b"MThd", FileType("audio/midi", "mid")),
    (0, b"\x1aE\xdf\xa3", FileType("video/webm", "webm")),
    (0, b"\x7fELF", FileType("application/x-elf", "elf")),
    (0, b"MZ", FileType("application/x-msdownload", "exe")),
    (0, b"\xfe\xed\xfa", FileType("application/x-mach-binary", "macho")),
    (0, b"\xcf\xfa\xed\xfe", FileType("application/x-mach-binary", "macho")),
    (0, b"\xce\xfa\xed\xfe", FileType("application/x-mach-binary", "macho")),
    (0, b"\xca\xfe\xba\xbe", FileType("application/x-mach-binary", "macho")),
    (0, b"L\0\0\0\x01\x14\x02\0", FileType("application/x-ms-shortcut", "lnk")),
    (0, b"!<arch>\ndebian", FileType("application/vnd.debian.binary-package", "deb")),
    (0, b"\xed\xab\xee\xdb", FileType("application/x-rpm", "rpm")),
    (0, b"#!", SCRIPT),
)  # fmt: skip
_RIFF = {
    b"WEBP": WEBP,
    b"WAVE": FileType("audio/wav", "wav"),
    b"AVI ": FileType("video/x-msvideo", "avi"),
}
_BRANDS = (  # of the ISO base media file format, by the beginning of the brand
    (b"M4A", M4A), (b"M4B", M4A), (b"qt", FileType("video/quicktime", "mov")),
    (b"3g", FileType("video/3gpp", "3gp", "video")), (b"hei", FileType("image/heic", "heic")),
    (b"hev", FileType("image/heic", "heic")), (b"mif1", FileType("image/heic", "heic")),
    (b"avi", FileType("image/avif", "avif")),
)  # fmt: skip
_OFFICE = "application/vnd.openxmlformats-officedocument."
_IN_ZIP = (  # a name inside says what the archive is
    (b"word/", FileType(_OFFICE + "wordprocessingml.document", "docx")),
    (b"xl/", FileType(_OFFICE + "spreadsheetml.sheet", "xlsx")),
    (b"ppt/", FileType(_OFFICE + "presentationml.presentation", "pptx")),
    (b"AndroidManifest.xml", FileType("application/vnd.android.package-archive", "apk")),
    (b"META-INF/MANIFEST.MF", FileType("application/java-archive", "jar")),
)
_IN_OLE = (
    ("WordDocument", FileType("application/msword", "doc")),
    ("Workbook", FileType("application/vnd.ms-excel", "xls")),
    ("Book", FileType("application/vnd.ms-excel", "xls")),
    ("PowerPoint Document", FileType("application/vnd.ms-powerpoint", "ppt")),
    ("\u4840", FileType("application/x-msi", "msi")),
)
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
    b"application/epub+zip": "epub",
}
_EXTENSIONS = {
    found.mime_type: found.extension
    for found in (
        *(found for _offset, _signature, found in reversed(_SIGNATURES)),
        *(found for _name, found in (*_BRANDS, *_IN_ZIP, *reversed(_IN_OLE))),
        *_RIFF.values(),
        UNKNOWN, TEXT, HTML, SVG, XML, SCRIPT, LAUNCHER, MP4, M4A, OGG, OPUS,
        *(FileType(kind.decode(), ending) for kind, ending in _OPEN_DOCUMENT.items()),
    )
}  # fmt: skip
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKUP = re.compile(
    rb"<(!doctype\s+html|html|head|body|script|iframe|svg[\s>]|!doctype\s+svg|\?xml)",
    re.IGNORECASE,
)


def sniff_file(path: Path) -> FileType:
    """What a file on the disk is.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
        found = sniff(head)
        if found is ZIP and len(head) == HEAD:
            file.seek(-HEAD, 2)  # the names of an archive stand at its end
            return _zip_type(head, file.read(HEAD))
        if found is OLE and len(head) >= 52:
            return _ole_type(head, file)
    return found


def sniff(head: bytes) -> FileType:
    """What a file is that begins with these bytes (`HEAD` of them, or all there are)."""
    for offset, signature, found in _SIGNATURES:
        if head.startswith(signature, offset):
            return _zip_type(head, b"") if found is ZIP and len(head) < HEAD else found
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    if head[4:8] == b"ftyp":
        return _brand(head[8:12])
    if head[:4] == b"OggS":
        return _ogg_type(head)
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x18 != 0x08:
        return _frames_type(head[1])
    return _text_type(head)


def extension_of(mime_type: str) -> str:
    """The ending of files of a type, as this table knows it, else the type's own last part."""
    bare = mime_type.partition(";")[0].strip().lower()
    return _EXTENSIONS.get(bare) or re.sub("[^a-z0-9]", "", bare.rpartition("/")[2])[:8] or "?"


def is_animated(head: bytes) -> bool:
    """Whether a WebP picture moves (Google, "WebP Container Specification", the flag `A`)."""
    return head[12:16] == b"VP8X" and len(head) > 20 and bool(head[20] & 0x02)


def _brand(brand: bytes) -> FileType:
    for beginning, found in _BRANDS:
        if brand.startswith(beginning):
            return found
    return MP4


def _ogg_type(head: bytes) -> FileType:
    if b"OpusHead" in head[:64]:
        return OPUS
    return FileType("video/ogg", "ogv") if b"theora" in head[:64] else OGG


def _frames_type(second: int) -> FileType:
    """MPEG audio without a header of its own: layer 0 is AAC's ADTS."""
    if second & 0x06 == 0:
        return FileType("audio/aac", "aac", "audio")
    return FileType("audio/mpeg", "mp3", "audio")


def _zip_type(head: bytes, tail: bytes) -> FileType:
    if head[30:38] == b"mimetype":
        for mime_type, extension in _OPEN_DOCUMENT.items():
            if head[38:].startswith(mime_type):
                return FileType(mime_type.decode(), extension)
    for name, found in _IN_ZIP:
        if name in head or name in tail:
            return found
    return ZIP


def _ole_type(head: bytes, file: BinaryIO) -> FileType:
    """Microsoft's old files are small file systems: the names in their folder tell them apart."""
    sector_shift = int.from_bytes(head[30:32], "little")
    first_sector = int.from_bytes(head[48:52], "little")
    if sector_shift not in (9, 12):
        return OLE
    file.seek((first_sector + 1) << sector_shift)
    folder = file.read(4096)
    for start in range(0, len(folder), 128):
        length = int.from_bytes(folder[start + 64 : start + 66], "little")
        name = folder[start : start + min(max(length - 2, 0), 64)].decode("utf-16-le", "replace")
        for stream, found in _IN_OLE:
            if name == stream or (found.extension == "msi" and name.startswith(stream)):
                return found
    return OLE


def _text_type(head: bytes) -> FileType:
    if not head:
        return UNKNOWN
    text = head.removeprefix(b"\xef\xbb\xbf")
    if _CONTROLS.search(text):
        return UNKNOWN
    start = text[:4096].lstrip()
    markup = _MARKUP.search(start)
    if markup:
        inside = start.lower()
        if b"<svg" in inside or b"!doctype svg" in inside:
            return SVG
        return XML if markup[1].lower() == b"?xml" and b"<html" not in inside else HTML
    if start.startswith(b"[Desktop Entry]") or start.lower().startswith(b"[internetshortcut]"):
        return LAUNCHER
    if start.startswith(b"BEGIN:VCARD"):
        return FileType("text/vcard", "vcf")
    return TEXT
