"""Mending a dead letter: its original bytes, the change a person asks for, and whether it would pass now."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from schemas.errors import RefusedError, TerradriftError
from schemas.events import Assignment, Event, Order, VisitReport
from schemas.mending import Mend
from schemas.rows import DeadLetterRow
from schemas.settings import Settings
from schemas.topics import INPUTS, TICK_KEY, Topic
from streams.handlers.parsing import parse
from streams.ports import Record

INPUT_TOPICS: Final[dict[str, Topic]] = {topic.name: topic for topic in INPUTS}
TELLS_OF_AN_ACCOUNT: Final = (Order, VisitReport, Assignment)
MEND = "terradrift dead-letters replay ID"
HINTS: Final[dict[str, str]] = {
    "empty": f"nothing came with it; if something is missing, write it into a file: {MEND} --file FIXED.json",
    "too_large": "an event is small: send what it should have been, with --file FIXED.json, or raise feed.max_message_bytes",
    "broken_json": f"show ID --payload > FIXED.json, mend the file, then {MEND} --file FIXED.json",
    "unknown_field": f"take the field out: {MEND} --drop FIELD; or rename it in a file, --file FIXED.json",
    "missing_field": f"{MEND} --edit FIELD=VALUE",
    "no_time_zone": f"say the zone: {MEND} --edit occurred_at=2026-03-01T09:30:00+01:00",
    "invalid_value": f"{MEND} --edit FIELD=VALUE; what is allowed stands in docs/events.md",
    "implausible_time": f"{MEND} --edit occurred_at=2026-03-01T09:30:00Z, or widen calendar.earliest_year and latest_year",
    "in_the_future": f"wait until its time has come and send it as it is with {MEND}, or --edit occurred_at=...",
    "unknown_account": f"publish the account, then send it as it is: {MEND}; or mend the id: --edit account_id=A17",
    "foreign_currency": f"convert it: {MEND} --edit amount=12.50 --edit currency=EUR; the company has one currency",
    "duplicate_id": f"nothing to do if it was a mistake; if it is another event give it an id of its own: {MEND} --edit event_id=...",
    "broken_message": "a record of Terradrift's own log is not readable: keep the letter and report it",
    "unknown_region": "publish an account or a rep of that region, then the decision again with an event_id of its own",
    "unknown_alert": "look the alert up in alerts_now; a region remembers its 500 newest",
    "unknown_suggestion": "look the suggestion up in suggestions_now, and publish the decision again with an event_id of its own",
    "stale_decision": "the suggestion has moved on; nothing to do, or decide anew about its present state",
    "unknown_move": "name accounts and reps of that region; publish the decision again with an event_id of its own",
    "second_person_needed": "the change is large: another person with the right to decide approves the same moves",
    "stale_suggestion": "the accounts have moved on; wait for the next suggestion",
    "over_budget": "the change budget allows less; accept fewer of the moves, or wait until earlier ones are 90 days old",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class World:
    """What the checks of the stage need to know beside the message. `currency` "" while no order has been taken."""

    accounts: frozenset[str]
    currency: str


def hint(letter: DeadLetterRow) -> str:
    """How a letter of this reason is mended, in a sentence."""
    text = HINTS.get(letter.reason, "see the detail").replace(" ID ", f" {letter.dead_letter_id[:12]} ")
    return text.replace("FIELD", letter.field) if letter.field else text


def topic_of(letter: DeadLetterRow) -> Topic:
    """The input topic a letter can go back to. Raises TerradriftError where there is none."""
    topic = INPUT_TOPICS.get(letter.topic)
    if topic is None:
        raise TerradriftError(
            f"it comes from {letter.topic}, which only Terradrift writes: mend the event it was made of"
        )
    if topic.carries_ticks and letter.key == TICK_KEY.decode():
        raise TerradriftError("it is a tick: the next one does its work")
    return topic


def original(letter: DeadLetterRow) -> bytes:
    """The bytes of the message. Raises TerradriftError when the letter does not hold them all."""
    kept = b64decode(letter.payload_base64)
    if len(kept) < letter.payload_bytes:
        why = (
            f"only its first {len(kept):,} of {letter.payload_bytes:,} bytes were kept"
            if kept
            else "its bytes are forgotten after 400 days"
        )
        raise TerradriftError(f"{why}: send the whole message with --file FIXED.json")
    return kept


def mended(letter: DeadLetterRow, topic: Topic, mend: Mend) -> bytes:
    """The message to send. Raises TerradriftError where the change cannot be made."""
    if mend.content is not None:
        return mend.content
    payload = original(letter)
    return _edited(payload, topic, mend) if mend.changes() else payload


def would_pass(topic: Topic, value: bytes, now_ms: int, settings: Settings, world: World) -> Event:
    """The event, if the stage would take it now. Raises RefusedError with the reason it would give.

    Form and values are checked by the very function of the stages; accounts and currency against `world`. Whether its id
    has been used with other content only the stage knows.
    """
    event = parse(kind_of(topic), Record(topic.name, 0, 0, now_ms, None, value), settings)
    if (
        isinstance(event, TELLS_OF_AN_ACCOUNT)
        and settings.company.unknown_accounts == "refuse"
        and event.account_id not in world.accounts
    ):
        raise RefusedError("unknown_account", f"no accounts event has named {event.account_id!r}", "account_id")
    configured = settings.company.currency
    expected = world.currency or ("" if configured == "auto" else configured)
    if isinstance(event, Order) and expected and event.currency != expected:
        raise RefusedError(
            "foreign_currency", f"{event.currency} where the company's orders are in {expected}", "currency"
        )
    return event


def key_of(topic: Topic, event: Event) -> bytes:
    """The record key, as every producer of the topic makes it."""
    return str(getattr(event, topic.key)).encode()


def accounts_named(topic: Topic, values: Sequence[bytes]) -> set[str]:
    """The accounts that messages speak of, as far as they can be read."""
    found = (_object(value).get("account_id") for value in values)
    return {account for account in found if isinstance(account, str)} if topic.key == "account_id" else set()


def kind_of(topic: Topic) -> type[Event]:
    """The class of the events of an input topic."""
    if topic.payload is None or not issubclass(topic.payload, Event):
        raise TerradriftError(f"{topic.name} carries no events")
    return topic.payload


def _edited(payload: bytes, topic: Topic, mend: Mend) -> bytes:
    try:
        fields = json.loads(payload)
    except (ValueError, RecursionError):
        raise TerradriftError(
            "it is not JSON, so no single field can be changed: mend it in a file, --file FIXED.json"
        ) from None
    if not isinstance(fields, dict):
        raise TerradriftError("it is not a JSON object, so it has no fields: mend it in a file, --file FIXED.json")
    for name in mend.dropped:
        fields.pop(name, None)
    for name, text in mend.values:
        fields[name] = text if _takes_text(kind_of(topic), name) else _json(name, text)
    for name, text in mend.as_json:
        fields[name] = _json(name, text)
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def _takes_text(kind: type[Event], name: str) -> bool:
    """Whether a field may hold a JSON string, so that what was typed needs no quotes. Unknown fields may."""
    shape: dict[str, Any] = kind.model_json_schema()["properties"].get(name, {"type": "string"})
    options = [shape, *shape.get("anyOf", ())]
    return any(option.get("type") == "string" or "enum" in option for option in options)


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise TerradriftError(f"{name}: {text!r} is not a number, null, true, false or other JSON") from None


def _object(value: bytes) -> dict[str, Any]:
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
