"""Passwords are kept as scrypt hashes (RFC 7914): parameters, salt and hash in one line of text."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

COST, BLOCK, PARALLEL = 2**14, 8, 1  # 16 MB and about 50 ms a guess
SALT_BYTES, HASH_BYTES = 16, 32
LONGEST: Final = 200
DEMO_PASSWORD: Final = "terradrift"  # noqa: S105 - known to everybody, and refused beyond this machine
_NOBODY: Final = f"scrypt${COST}${BLOCK}${PARALLEL}${'00' * SALT_BYTES}${'00' * HASH_BYTES}"


def hashed(password: str) -> str:
    """What to keep of a password; another salt each time."""
    salt = secrets.token_bytes(SALT_BYTES)
    return f"scrypt${COST}${BLOCK}${PARALLEL}${salt.hex()}${_scrypt(password, salt, COST, BLOCK, PARALLEL).hex()}"


def fits(password: str, kept: str | None) -> bool:
    """Whether the password is the one that was hashed. Takes as long for a user who does not exist (None)."""
    _, cost, block, parallel, salt, wanted = (kept or _NOBODY).split("$")
    found = _scrypt(password[:LONGEST], bytes.fromhex(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(found, bytes.fromhex(wanted)) and kept is not None


def _scrypt(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=block, p=parallel, dklen=HASH_BYTES, maxmem=2**26)
