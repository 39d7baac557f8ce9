"""One change of rep as a signed webhook: what is sent, how it is signed, and what the answer means.

The receiver computes HMAC-SHA256 of `timestamp + "." + body` with the shared secret, compares it with `Terradrift-Signature`
(after `v1=`), refuses old timestamps, and applies an `Idempotency-Key` (the change's id) at most once.
"""

from __future__ import annotations

import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal

from schemas.rows import AssignmentChangeRow

FIELDS: Final = (
    "change_id", "account_id", "from_rep", "to_rep", "valid_from", "kind", "region_id", "suggestion_id", "decision_id", "as_of",
)  # fmt: skip
TIMEOUT_SECONDS: Final = 20
ATTEMPTS: Final = 5
PASSING: Final = frozenset({408, 425, 429})
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one change: delivered, refused (never again) or failed (again later), and what the CRM said."""

    state: Literal["delivered", "refused", "failed"]
    attempts: int
    detail: str


def body_of(change: AssignmentChangeRow) -> bytes:
    """The change as JSON, the same bytes each time."""
    return json.dumps(
        change.model_dump(mode="json", include=set(FIELDS)), sort_keys=True, separators=(",", ":")
    ).encode()


def signature(secret: str, timestamp: str, body: bytes) -> str:
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()


def deliver(
    change: AssignmentChangeRow,
    url: str,
    secret: str,
    clock: Callable[[], datetime],
    sleep: Callable[[float], object],
    attempts: int = ATTEMPTS,
) -> Verdict:
    """Send one change, trying again after 1, 2, 4 and 8 seconds while the CRM is away or busy."""
    last = ""
    for attempt in range(1, attempts + 1):
        if attempt > 1:
            sleep(2.0 ** (attempt - 2))
        body, timestamp = body_of(change), str(int(clock().timestamp()))
        headers = {
            "Content-Type": "application/json", "Idempotency-Key": change.change_id, "Terradrift-Timestamp": timestamp,
            "Terradrift-Signature": signature(secret, timestamp, body),
        }  # fmt: skip
        request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 - http(s) only, checked with the settings
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                return Verdict("delivered", attempt, f"{answer.status}")
        except urllib.error.HTTPError as error:
            last = f"{error.code} {error.read(_SHOWN).decode(errors='replace')}".strip()
            if error.code < 500 and error.code not in PASSING:
                return Verdict("refused", attempt, last)
        except OSError as error:
            last = f"{type(error).__name__}: {error}"
    return Verdict("failed", attempts, last)
