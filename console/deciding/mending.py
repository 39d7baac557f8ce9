"""A dead letter in the hands of somebody: its fields as they are typed, what was changed, and whether it may be sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from console.access.rights import Sight
from console.reading.reader import Reader
from schemas.errors import RefusedError, TerradriftError, UnavailableError
from schemas.mending import Fate, LetterDesk, Mend

MOST_FIELDS: Final = 60


def typed_fields(message: bytes) -> dict[str, str] | None:
    """Name -> value as one types it: text without quotes, anything else as JSON. None where it has no fields to mend."""
    found = _object(message)
    if found is None or len(found) > MOST_FIELDS:
        return None
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in found.items()
    }


def mend_of(was: Mapping[str, str], typed: Mapping[str, str], dropped: Sequence[str], added: tuple[str, str]) -> Mend:
    """Only what differs from what the message said; a message that nobody changed goes byte for byte."""
    changed = [
        (name, typed[name]) for name in was if name in typed and name not in dropped and typed[name] != was[name]
    ]
    new = [added] if added[0] else []
    return Mend(values=(*changed, *new), dropped=tuple(name for name in dropped if name in was))


def checked(desk: LetterDesk, letter_id: str, mend: Mend) -> tuple[Fate, bytes]:
    """Whether it would pass, and the message as mended. Raises RefusedError where the change cannot be made."""
    try:
        return desk.check(letter_id, mend), desk.message(letter_id, mend)
    except (UnavailableError, RefusedError):
        raise
    except TerradriftError as error:
        raise RefusedError("not_mendable", str(error), "message") from None


def refuse_foreign(message: bytes, reader: Reader, sight: Sight) -> None:
    """Nobody mends a letter into a region of others. Raises RefusedError."""
    said = _object(message) or {}
    region, account = said.get("region_id"), said.get("account_id")
    if sight.every_region:
        return
    if isinstance(region, str) and sight.sees_region(region):
        return
    if region is None and isinstance(account, str) and reader.accounts(sight, (account,), "", 1):
        return
    raise RefusedError("not_yours", "as mended it would not be of your regions", "account_id")


def _object(message: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(message)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
