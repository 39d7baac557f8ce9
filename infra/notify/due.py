"""What is to be sent to whom now: a plain function of the clock, the settings, what is open and what was sent before.

- News: what a recipient has not been told, in one message, most at stake first; alerts of one cause are one entry.
- Digest: for those who want it, once a day all that is open.
- Escalation: what was told a while ago and nobody has acknowledged or decided, once.
In quiet hours only critical alerts are sent; the rest waits for their end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from schemas.ids import derived
from schemas.settings import Notify, Recipient

Kind = Literal["news", "digest", "escalation"]
Channel = Literal["email", "webhook"]
RANK: Final = {"info": 0, "warning": 1, "critical": 2}


@dataclass(frozen=True, slots=True)
class Item:
    """Something open. `cause` is shared by alerts of one cause; `handled`: acknowledged, silenced or snoozed."""

    key: str
    about: Literal["alerts", "suggestions"]
    cause: str
    region_id: str
    severity: str
    title: str
    eur: float
    handled: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A message that was sent: to whom, on which way, what kind, about what, when."""

    recipient: str
    channel: str
    kind: str
    items: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """One message on one channel. The id follows from what it says, so that the same message never has two ids."""

    message_id: str
    recipient: str
    channel: Channel
    kind: Kind
    items: tuple[str, ...]
    subject: str
    body: str


def due(now: datetime, rules: Notify, items: Sequence[Item], told: Sequence[Told]) -> list[Message]:
    """Messages to be sent at `now` (aware), in the order of recipients."""
    local = now.astimezone(ZoneInfo(rules.time_zone))
    messages: list[Message] = []
    for recipient in rules.recipients:
        for channel in _channels(recipient):
            mine = [item for item in items if _concerns(item, recipient)]
            before = [past for past in told if past.recipient == recipient.name and past.channel == channel]
            if recipient.digest:
                messages += _digest(local, rules, recipient, channel, mine, before)
            else:
                messages += _news(local, rules, recipient, channel, mine, before)
            if recipient.name in rules.escalate_to:
                messages += _escalation(now, rules, recipient, channel, items, told, before)
    return messages


def _channels(recipient: Recipient) -> list[Channel]:
    return [*(["email"] if recipient.email else []), *(["webhook"] if recipient.webhook_variable else [])]  # type: ignore[list-item]


def _concerns(item: Item, recipient: Recipient) -> bool:
    here = "*" in recipient.regions or item.region_id in recipient.regions
    grave = item.about != "alerts" or RANK[item.severity] >= RANK[recipient.severity]
    return item.about in recipient.about and here and grave


def is_quiet(local: datetime, rules: Notify) -> bool:
    """Whether `local` lies in the quiet hours, which may pass midnight."""
    begin, end = rules.quiet_from, rules.quiet_until
    if begin == end:
        return False
    return begin <= local.hour < end if begin < end else local.hour >= begin or local.hour < end


def _news(
    local: datetime, rules: Notify, recipient: Recipient, channel: Channel, mine: Sequence[Item], before: Iterable[Told]
) -> list[Message]:
    known = {key for past in before for key in past.items}
    fresh = [item for item in mine if item.key not in known and not item.handled]
    if is_quiet(local, rules):
        fresh = [item for item in fresh if item.severity == "critical"]
    return [_message(rules, recipient, channel, "news", fresh, "")] if fresh else []


def _digest(
    local: datetime, rules: Notify, recipient: Recipient, channel: Channel, mine: Sequence[Item], before: Iterable[Told]
) -> list[Message]:
    zone = ZoneInfo(rules.time_zone)
    today = any(past.kind == "digest" and past.at.astimezone(zone).date() == local.date() for past in before)
    if today or local.hour < rules.digest_hour or not mine:
        return []
    return [_message(rules, recipient, channel, "digest", mine, local.date().isoformat())]


def _escalation(
    now: datetime,
    rules: Notify,
    recipient: Recipient,
    channel: Channel,
    items: Sequence[Item],
    told: Sequence[Told],
    before: Iterable[Told],
) -> list[Message]:
    limit = now - timedelta(hours=rules.escalate_after_hours)
    old = {key for past in told if past.at <= limit and past.kind != "escalation" for key in past.items}
    done = {key for past in before if past.kind == "escalation" for key in past.items}
    late = [item for item in items if item.key in old and item.key not in done and not item.handled]
    late = [
        item
        for item in late
        if not is_quiet(now.astimezone(ZoneInfo(rules.time_zone)), rules) or item.severity == "critical"
    ]
    return [_message(rules, recipient, channel, "escalation", late, "")] if late else []


def _message(
    rules: Notify, recipient: Recipient, channel: Channel, kind: Kind, items: Sequence[Item], day: str
) -> Message:
    ordered = sorted(items, key=lambda item: (-RANK.get(item.severity, 0), -item.eur, item.key))
    keys = tuple(item.key for item in ordered)
    identity = derived("notify", recipient.name, channel, kind, day, *sorted(keys))
    return Message(identity, recipient.name, channel, kind, keys, _subject(kind, ordered), _body(rules, kind, ordered))


def _subject(kind: Kind, items: Sequence[Item]) -> str:
    alerts = sum(item.about == "alerts" for item in items)
    parts = [f"{alerts} alert{'s' * (alerts != 1)}"] if alerts else []
    if suggestions := len(items) - alerts:
        parts.append(f"{suggestions} suggestion{'s' * (suggestions != 1)}")
    word = {"news": "", "digest": "Today: ", "escalation": "Not acknowledged yet: "}[kind]
    worst = "Critical: " if any(item.severity == "critical" for item in items) else ""
    return f"Terradrift: {word}{worst}{' and '.join(parts)}"


def _body(rules: Notify, kind: Kind, items: Sequence[Item]) -> str:
    groups: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        groups.setdefault((item.about, item.cause or item.key), []).append(item)
    lines = [_line(rules, group) for group in groups.values()]
    if kind == "escalation":
        lines.insert(0, f"Nobody has acknowledged or decided these for {rules.escalate_after_hours:g} hours:\n")
    return "\n".join(lines)


def _line(rules: Notify, group: Sequence[Item]) -> str:
    first = group[0]
    more = f" (and {len(group) - 1} more of the same cause)" if len(group) > 1 else ""
    worth = sum(item.eur for item in group)
    stake = f"{worth:,.0f} a year at stake" if first.about == "alerts" else f"worth {worth:,.0f} a year"
    link = (
        f"\n  {rules.console_url.rstrip('/')}/{first.about}/{first.key.split(':', 1)[1]}" if rules.console_url else ""
    )
    return f"- [{first.region_id}] {first.title}{more}; {stake}{link}"
