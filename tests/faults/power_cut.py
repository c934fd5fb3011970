"""What a disk may hold after the power failed, rebuilt from a log of what was done to its files.

Only what was synced is certain. Everything later may be there, be missing, have happened out of
order, or be torn: a disk writes 512 bytes whole, and nothing larger. New, renamed and deleted
names last once the folder was synced; until then a first part of them may.
"""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SECTOR = 512
_HEAD = struct.Struct("<cHIQ")


class Record(NamedTuple):
    """One line of the log. `what`: see disk_log.c; and A, Q, L, which the test itself appends."""

    what: str
    name: str
    offset: int
    data: bytes


class Log:
    """The end of the log that the test writes: what was promised, between what was written."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, what: str, data: bytes) -> None:
        """Appends a record."""
        os.write(self._file, _HEAD.pack(what.encode(), 0, len(data), 0) + data)

    def close(self) -> None:
        """Ends it."""
        os.close(self._file)


def read(path: Path) -> list[Record]:
    """The whole log; a record that a killed process left unfinished at the end is dropped."""
    raw = path.read_bytes()
    records = []
    at = 0
    while at + _HEAD.size <= len(raw):
        what, name_length, length, offset = _HEAD.unpack_from(raw, at)
        start = at + _HEAD.size + name_length
        name = raw[at + _HEAD.size : start].decode()
        records.append(Record(what.decode(), name, offset, raw[start : start + length]))
        at = start + length
    return records


class _File:
    """A file's certain bytes, and what was done to it since they were."""

    def __init__(self, synced: bytes = b"") -> None:
        self.synced = bytearray(synced)
        self.pending: list[Record] = []

    def sync(self) -> None:
        for record in self.pending:
            _apply(self.synced, record)
        self.pending.clear()

    def after_cut(self, chance: random.Random) -> bytes:
        """The bytes after a power cut now."""
        bytes_ = bytearray(self.synced)
        fate = chance.choice(["none", "all", "first", "some", "torn"])
        kept = [] if fate == "none" else list(self.pending)
        if fate == "first":
            kept = kept[: chance.randrange(len(kept) + 1)]
        elif fate in ("some", "torn"):
            kept = [record for record in kept if chance.random() < 0.6]
        if fate == "some":
            chance.shuffle(kept)
        for record in kept:
            for piece in _torn(record, chance) if fate == "torn" else [record]:
                _apply(bytes_, piece)
        return bytes(bytes_)


def _apply(content: bytearray, record: Record) -> None:
    end = record.offset + len(record.data)
    if record.what == "T":
        del content[record.offset :]
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    content[record.offset : end] = record.data


def _torn(record: Record, chance: random.Random) -> Iterator[Record]:
    """The sectors of a write that reached the disk."""
    if record.what != "W":
        yield record
        return
    for start in range(0, len(record.data), SECTOR):
        if chance.random() < 0.5:
            data = record.data[start : start + SECTOR]
            yield Record("W", record.name, record.offset + start, data)


class Disk:
    """A folder on a disk that can lose its power.

    Args:
        files: what was there, and certain, when the log began.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self._now = {name: _File(content) for name, content in files.items()}
        self._certain = dict(self._now)
        self._names: list[tuple[str, _File | None]] = []  # not yet certain; None: deleted

    def do(self, record: Record) -> None:
        """Follows the log by one record."""
        match record.what:
            case "W" | "T":
                self._file(record.name).pending.append(record)
            case "S":
                self._file(record.name).sync()
            case "U":
                self._name(record.name, None)
            case "R":
                self._name(record.data.decode(), self._file(record.name))
                self._name(record.name, None)
            case "D":
                here = [name for name in self._names if _folder(name[0]) == record.name]
                _rename(self._certain, here)
                self._names = [name for name in self._names if name not in here]

    def _file(self, name: str) -> _File:
        if name not in self._now:
            self._name(name, _File())
        return self._now[name]

    def _name(self, name: str, file: _File | None) -> None:
        self._names.append((name, file))
        _rename(self._now, [(name, file)])

    def after_cut(self, chance: random.Random) -> dict[str, bytes]:
        """The folder after a power cut now."""
        files = dict(self._certain)
        _rename(files, self._names[: chance.randrange(len(self._names) + 1)])
        return {name: file.after_cut(chance) for name, file in files.items()}


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _rename(names: dict[str, _File], changes: list[tuple[str, _File | None]]) -> None:
    for name, file in changes:
        if file is None:
            names.pop(name, None)
        else:
            names[name] = file
