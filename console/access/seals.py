"""What the console hands out and must recognise again: sealed with a key that only it knows (HMAC-SHA256)."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Seal:
    """Makes and reads sealed values. `purpose` keeps a value of one kind from being taken for another."""

    key: bytes = field(repr=False)

    def sealed(self, purpose: str, content: dict[str, Any], until: datetime) -> str:
        """Text of URL-safe characters that holds `content`, good until then."""
        body = _encoded(json.dumps({**content, "until": int(until.timestamp())}, separators=(",", ":")).encode())
        return f"{body}.{self._mark(purpose, body)}"

    def opened(self, purpose: str, text: str, now: datetime) -> dict[str, Any] | None:
        """What was sealed; None when it is not ours, of another purpose, changed, or over."""
        body, _, mark = text.partition(".")
        if not mark.isascii() or not hmac.compare_digest(mark, self._mark(purpose, body)):
            return None
        content: dict[str, Any] = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return content if content["until"] > now.timestamp() else None

    def mark(self, purpose: str, text: str) -> str:
        """A proof that we have spoken of this text."""
        return self._mark(purpose, text)

    def _mark(self, purpose: str, body: str) -> str:
        return _encoded(hmac.new(self.key, f"{purpose}\n{body}".encode(), hashlib.sha256).digest())


def load_or_make_key(path: Path) -> bytes:
    """The key of the file; made anew, readable by its owner only, where there is none."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    key = secrets.token_bytes(KEY_BYTES)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
    return key


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
