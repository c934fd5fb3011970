"""Secrets at rest: AES-256-GCM under the key file of the home.

A stored secret is `v1:<key id>:<base64 of nonce and ciphertext>`, bound to the place where it
lies, so that a value copied to another row does not decrypt. There is no plaintext fallback.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vchat_tui.settings import Secret


class KeyFileError(Exception):
    """The key file cannot be used; the text says why and what to do."""


class KeyRing:
    """The key of one home.

    Args:
        path: the key file: one line, `<key id> <64 hex digits>`.

    Raises:
        KeyFileError: the file is readable by others, or damaged.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            _create(path)
        mode = path.stat().st_mode
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeyFileError(f"{path} can be read by others; run: chmod 600 {path}")
        try:
            self.key_id, digits = path.read_text().split()
            key = bytes.fromhex(digits)
            self._cipher = AESGCM(key)
        except ValueError:
            raise KeyFileError(
                f"{path} is damaged; restore it from your backup of the key"
            ) from None

        self._key = key

    def subkey(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose alone, made from the key file (HKDF, RFC 5869)."""
        made = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"vchat-tui {purpose}".encode())
        return made.derive(self._key)

    def seal(self, secret: str, place: str) -> str:
        """The secret as it is stored at `place` (for example `inbox:3:access_token`)."""
        nonce = os.urandom(12)
        sealed = self._cipher.encrypt(nonce, secret.encode(), f"{place}:{self.key_id}".encode())
        return f"v1:{self.key_id}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, stored: str, place: str) -> Secret:
        """The secret that was stored at `place`.

        Raises:
            KeyFileError: it was sealed with another key, at another place, or was damaged.
        """
        try:
            version, key_id, body = stored.split(":", 2)
            blob = base64.b64decode(body, validate=True)
            if version != "v1":
                raise ValueError
            plain = self._cipher.decrypt(blob[:12], blob[12:], f"{place}:{key_id}".encode())
        except (ValueError, InvalidTag):
            raise KeyFileError(
                f"the secret {place} cannot be read with this key file; enter it again"
            ) from None
        return Secret(plain.decode())


def fingerprint(secret: str) -> str:
    """Eight hex digits that tell two secrets apart and give neither away."""
    return hashlib.blake2b(secret.encode(), digest_size=4, person=b"vchat-fp").hexdigest()


def _create(path: Path) -> None:
    """Writes a fresh key so that a crash leaves a whole file or none."""
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{secrets.token_hex(4)} {secrets.token_hex(32)}\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
