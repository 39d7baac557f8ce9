"""The compiled table keeps what a dictionary keeps, whatever is written, overwritten and taken away."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from streams.changes import Changes
from streams.table import LEAST_SLOTS, Table
from streams.texts import Texts

KEYS = st.one_of(st.integers(0, 30).map(lambda number: b"k%d" % number), st.binary(max_size=40))
VALUES = st.one_of(st.none(), st.binary(max_size=30), st.integers(0, 5_000).map(bytes))


class AsADictionary(RuleBasedStateMachine):
    """Batches of changes and questions, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.wanted = Table(), dict[bytes, bytes]()

    @rule(changes=st.dictionaries(KEYS, VALUES, max_size=20))
    def change(self, changes: dict[bytes, bytes | None]) -> None:
        self.table.apply(changes)
        self._remember(changes)

    @rule(changes=st.lists(st.tuples(KEYS, VALUES), max_size=20))
    def change_some_keys_twice(self, changes: list[tuple[bytes, bytes | None]]) -> None:
        self.table.apply(Changes((Texts.of([key for key, _ in changes]), Texts.of([value for _, value in changes]))))
        self._remember(dict(changes))

    @rule(first=st.integers(0, 3), size=st.integers(0, 200))
    def write_many(self, first: int, size: int) -> None:
        many: dict[bytes, bytes | None] = {b"m%d-%d" % (first, n): b"x" * size for n in range(LEAST_SLOTS)}
        self.table.apply(many)
        self._remember(many)

    @rule(keys=st.lists(KEYS, max_size=10))
    def ask(self, keys: list[bytes]) -> None:
        wanted = [self.wanted.get(key) for key in keys]
        assert list(self.table.find(keys)) == wanted
        assert [self.table.get(key) for key in keys] == wanted

    @rule()
    def forget(self) -> None:
        self.table.close()
        self.wanted.clear()

    @invariant()
    def holds_the_same(self) -> None:
        assert len(self.table) == len(self.wanted)
        assert dict(self.table.items()) == self.wanted

    def _remember(self, changes: dict[bytes, bytes | None]) -> None:
        self.wanted.update((key, value) for key, value in changes.items() if value is not None)
        for key in [key for key, value in changes.items() if value is None]:
            self.wanted.pop(key, None)


TestAsADictionary: Any = AsADictionary.TestCase
TestAsADictionary.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(0, 3_000))
def test_keys_that_come_and_go_leave_their_room_to_the_next(rounds: int, size: int) -> None:
    table = Table()
    table.apply({b"a%d" % n: bytes(size) for n in range(50)})
    room = len(table._heap)
    for turn in range(rounds):
        table.apply({b"%c%d" % (97 + turn % 2, n): None for n in range(50)})
        table.apply({b"%c%d" % (97 + (turn + 1) % 2, n): bytes(size) for n in range(50)})
    assert len(table._heap) <= 2 * room + 50 * (size + 40)


@given(st.lists(st.tuples(KEYS, VALUES), max_size=20), st.lists(st.tuples(KEYS, VALUES), max_size=20))
def test_changes_after_changes_are_those_of_a_dictionary_updated(one: list[Any], other: list[Any]) -> None:
    both = Changes.of(dict(one)).and_also(Changes.of(dict(other)))
    assert dict(both.items()) == {**dict(one), **dict(other)} == both
    assert len(both) == len({**dict(one), **dict(other)})
    assert bool(both) == bool(one or other)
