"""Sending dead letters again: checked, recorded, sent, and watched until their outcome is known.

An attempt is recorded in ClickHouse before its message is sent. Whatever interrupts a run, a letter that may have been
sent is known as such and is not sent again unasked; and should it be, its event's id makes it count once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Final

from clickhouse_connect.driver.client import Client

from infra.clickhouse.letters import (
    Letter,
    LetterLine,
    currency_of_orders,
    facts_of_events,
    known_accounts,
    letters_of,
    record_replays,
    refusals_of,
)
from infra.feeds.lag import LagMeter, total
from infra.feeds.record import FeedRecord
from infra.feeds.resend import send_located
from schemas.errors import TerradriftError
from schemas.events import Event
from schemas.ids import derived
from schemas.mending import Fate, Mend
from schemas.rows import DeadLetterReplayRow
from schemas.topics import DEAD_LETTERS, ENGINE_GROUP, FACTS, INPUTS, SINK_GROUP, Topic
from streams.handlers.mending import World, accounts_named, key_of, mended, topic_of, would_pass
from streams.system.reach import Reach

CHUNK: Final = 100
LOOK_SECONDS: Final = 0.3
# who and where before what: an order's account may be among the letters
ORDER_OF_TOPICS: Final = ("reps", "accounts", "assignments", *(topic.name for topic in INPUTS))


@dataclass(frozen=True, slots=True)
class Ready:
    """A letter whose message would be taken."""

    letter: Letter
    topic: Topic
    event: Event
    value: bytes


class Replay:
    """One run over some letters. `tell` hears each fate as soon as it is known; `by` is who sends them."""

    def __init__(
        self, client: Client, reach: Reach, mend: Mend, again: bool, tell: Callable[[Fate], None], by: str
    ) -> None:
        self._client = client
        self._reach = reach
        self._mend = mend
        self._again = again
        self._tell = tell
        self._by = by

    def run(self, lines: Sequence[LetterLine], dry_run: bool, wait_seconds: float) -> list[Fate]:
        """Send the letters, topic by topic, oldest first. Raises UnavailableError when Kafka or ClickHouse is not there."""
        fates: list[Fate] = []
        for topic, ids in _chunks(lines):
            ready, left = self._prepare(topic, letters_of(self._client, ids))
            sent = [_passing(one) for one in ready] if dry_run else self._send(ready, wait_seconds)
            for fate in (*left, *sent):
                self._tell(fate)
            fates += [*left, *sent]
        return fates

    def _prepare(self, topic: str, letters: Sequence[Letter]) -> tuple[list[Ready], list[Fate]]:
        """The letters that would be taken, and the fates of the others."""
        ready: list[Ready] = []
        left: list[Fate] = []
        messages: list[tuple[Letter, Topic, bytes]] = []
        for letter in letters:
            try:
                self._refuse_repetition(letter)
                messages.append((letter, home := topic_of(letter), mended(letter, home, self._mend)))
            except TerradriftError as error:
                left.append(Fate(letter.dead_letter_id, topic, "not sent", str(error)))
        if messages:
            world = self._world(messages[0][1], [value for _, _, value in messages])
        for letter, home, value in messages:
            try:
                event = would_pass(home, value, int(time.time() * 1000), self._reach.settings, world)
                ready.append(Ready(letter, home, event, value))
            except TerradriftError as error:
                left.append(Fate(letter.dead_letter_id, topic, "not sent", f"would be refused again: {error}"))
        return ready, left

    def _refuse_repetition(self, letter: Letter) -> None:
        if letter.replays and not self._again:
            told = f": {letter.replay_detail}" if letter.replay_detail else ""
            raise TerradriftError(
                f"it was sent again on {letter.replayed_at:%Y-%m-%d %H:%M} UTC ({letter.replay_outcome}{told}); "
                "--again sends it once more"
            )

    def _world(self, topic: Topic, values: Sequence[bytes]) -> World:
        named = accounts_named(topic, values)
        accounts = known_accounts(self._client, sorted(named)) if named else set()
        return World(frozenset(accounts), currency_of_orders(self._client))

    def _send(self, ready: Sequence[Ready], wait_seconds: float) -> list[Fate]:
        if not ready:
            return []
        life = self._reach.life()
        attempts = [self._attempt(one, life) for one in ready]
        record_replays(self._client, attempts)
        records = [
            FeedRecord(one.topic.name, key_of(one.topic, one.event), one.value, one.event.occurred_at) for one in ready
        ]
        places = send_located(records, self._reach.kafka, dict(self._reach.options))
        sent = [
            _changed(attempt, outcome="sent", partition=place.partition, offset=place.offset)
            for attempt, place in zip(attempts, places, strict=True)
        ]
        record_replays(self._client, sent)
        known = self._watch(sent, wait_seconds)
        record_replays(self._client, [attempt for attempt in known if attempt.outcome != "sent"])
        return [_fate(attempt) for attempt in known]

    def _attempt(self, one: Ready, life: str) -> DeadLetterReplayRow:
        now = datetime.now(UTC)
        return DeadLetterReplayRow(
            replay_id=derived("replay", one.letter.dead_letter_id, now.isoformat()),
            dead_letter_id=one.letter.dead_letter_id,
            started_at=now,
            changed_at=now,
            outcome="sending",
            detail="",
            mended=self._mend.changes(),
            event_id=one.event.event_id,
            log_id=life,
            topic=one.topic.name,
            partition=None,
            offset=None,
            replayed_by=self._by,
        )

    def _watch(self, sent: Sequence[DeadLetterReplayRow], wait_seconds: float) -> list[DeadLetterReplayRow]:
        """Look until every outcome is known or the time is up."""
        if wait_seconds <= 0:
            return list(sent)
        give_up = time.monotonic() + wait_seconds
        topic = sent[0].topic
        groups = {ENGINE_GROUP: (topic,), SINK_GROUP: (FACTS.name, DEAD_LETTERS.name)}
        calm = 0
        with LagMeter(self._reach.kafka, groups, dict(self._reach.options)) as meter:
            while True:
                # measured before looking, twice: what was behind nobody then has left its trace by now
                calm = calm + 1 if total(meter.read()) == 0 else 0
                known = judge(self._client, sent, all_consumed=calm > 1)
                if all(attempt.outcome != "sent" for attempt in known) or calm > 1 or time.monotonic() > give_up:
                    return known
                time.sleep(LOOK_SECONDS)


def judge(client: Client, sent: Sequence[DeadLetterReplayRow], all_consumed: bool) -> list[DeadLetterReplayRow]:
    """The attempts with the outcome that ClickHouse shows, all of one topic."""
    letters = {attempt.replay_id: letter_of(attempt) for attempt in sent}
    refusals = refusals_of(client, list(letters.values()))
    facts = facts_of_events(client, sent[0].topic, [attempt.event_id for attempt in sent])
    places = {(fact.log_id, fact.partition, fact.offset) for fact in facts}
    accepted_before = {fact.event_id for fact in facts}
    known: list[DeadLetterReplayRow] = []
    for attempt in sent:
        refusal = refusals.get(letters[attempt.replay_id])
        if refusal is not None:
            known.append(
                _changed(attempt, outcome="refused", detail=f"{refusal} (now letter {letters[attempt.replay_id][:12]})")
            )
        elif (attempt.log_id, attempt.partition, attempt.offset) in places:
            known.append(_changed(attempt, outcome="accepted"))
        elif all_consumed and attempt.event_id in accepted_before:
            known.append(_changed(attempt, outcome="repetition", detail="its event was accepted before"))
        else:
            known.append(attempt)
    return known


def present_outcomes(client: Client, attempts: Sequence[DeadLetterReplayRow]) -> list[DeadLetterReplayRow]:
    """Attempts as they stand now: of those only known as sent, what ClickHouse shows today."""
    return [
        judge(client, [attempt], all_consumed=False)[0] if attempt.outcome == "sent" else attempt
        for attempt in attempts
    ]


def letter_of(attempt: DeadLetterReplayRow) -> str:
    """The id of the letter that the sent message becomes if it is refused."""
    return derived("dead-letter", attempt.log_id, attempt.topic, attempt.partition, attempt.offset)


def _chunks(lines: Sequence[LetterLine]) -> Iterator[tuple[str, list[str]]]:
    """Ids by topic in the order of sending, few enough to hold their payloads in memory."""
    ordered = sorted(lines, key=lambda line: (_rank(line.topic), line.received_at, line.partition, line.offset))
    for topic, group in groupby(ordered, key=lambda line: line.topic):
        ids = [line.dead_letter_id for line in group]
        for start in range(0, len(ids), CHUNK):
            yield topic, ids[start : start + CHUNK]


def _rank(topic: str) -> int:
    return ORDER_OF_TOPICS.index(topic) if topic in ORDER_OF_TOPICS else len(ORDER_OF_TOPICS)


def _changed(attempt: DeadLetterReplayRow, **fields: object) -> DeadLetterReplayRow:
    return attempt.model_copy(update={"changed_at": datetime.now(UTC), **fields})


def _passing(one: Ready) -> Fate:
    return Fate(one.letter.dead_letter_id, one.topic.name, "would pass", f"event {one.event.event_id}")


def _fate(attempt: DeadLetterReplayRow) -> Fate:
    detail = attempt.detail
    if attempt.outcome == "sent":
        detail = "Kafka has it; what became of it is not to be seen yet (terradrift dead-letters show tells)"
    return Fate(attempt.dead_letter_id, attempt.topic, attempt.outcome, detail, attempt.partition, attempt.offset)
