"""A client's sentence once in a while, not a hundred times a second."""

from __future__ import annotations

import logging

from streams.transport.upstream.sparing_log import SparingHandler


class Log:
    """A library's log through the handler: `say` at a time, read `lines`."""

    def __init__(self) -> None:
        self.now = 0.0
        self.lines: list[str] = []
        self._handler = SparingHandler(10, lambda: self.now, lambda record: self.lines.append(record.getMessage()))

    def say(self, sentence: str, *values: object) -> None:
        self._handler.handle(logging.LogRecord("client", logging.WARNING, __file__, 1, sentence, values, None))


def test_the_same_sentence_about_other_values_is_kept_back_and_counted() -> None:
    log = Log()
    for port in range(100):
        log.say("cannot connect to %d", port)
    log.now = 10
    log.say("cannot connect to %d", 100)
    assert log.lines == ["cannot connect to 0", "cannot connect to 100 (and 99 more like it)"]


def test_another_sentence_is_said_at_once() -> None:
    log = Log()
    log.say("cannot connect to %d", 1)
    log.say("coordinator dead")
    assert log.lines == ["cannot connect to 1", "coordinator dead"]


def test_after_a_quiet_time_a_sentence_comes_without_a_count() -> None:
    log = Log()
    log.say("metadata")
    log.now = 11
    log.say("metadata")
    assert log.lines == ["metadata", "metadata"]
