"""Where the logs end by the broker's word. What our own fetches know of it is worth nothing once nobody fetches."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiokafka.errors import KafkaError
from faust.types import TP

from streams.transport.progress import Standing

log = logging.getLogger(__name__)
Ask = Callable[[Sequence[TP]], Awaitable[Mapping[TP, int]]]


class LogEnds:
    """`ask` is one small request to each broker, made once a minute."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._ends: Mapping[TP, int] = {}
        self._asked = 0
        self._answered = 0

    async def refresh(self, partitions: Sequence[TP]) -> None:
        """Ask anew. An answer that does not come leaves what is known: logs only grow."""
        if not partitions:
            return
        self._asked += 1
        try:
            self._ends = await self._ask(partitions)
        except KafkaError as error:
            log.info("Kafka does not say where the logs end: %s", error)
        self._answered += 1

    def end(self, tp: TP) -> int:
        """The next offset to be written, as of the last answer; 0 where there was none."""
        return self._ends.get(tp, 0)

    def standing(self) -> Standing:
        """As of a partition: a lag while a question is out. An error is an answer: it shows that the consumer lives."""
        return Standing(self._answered, self._asked - self._answered)
