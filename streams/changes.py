"""What a batch changes in the state of its partition, in columns: no object is made of a key or value unless somebody asks for it."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from streams.texts import Texts


@dataclass(frozen=True, eq=False)
class Changes(Mapping[bytes, bytes | None]):
    """Value `i` is that of key `i`, None where the key goes. Of a key that stands twice the last value counts."""

    columns: tuple[Texts, Texts]

    @classmethod
    def of(cls, changes: Mapping[bytes, bytes | None]) -> Changes:
        if isinstance(changes, Changes):
            return changes
        return cls((Texts.of(list(changes)), Texts.of(list(changes.values()))))

    def and_also(self, others: Changes) -> Changes:
        """These, and then the others."""
        keys, values = (Texts.together(both) for both in zip(self.columns, others.columns, strict=True))
        return Changes((keys, values))

    def __len__(self) -> int:
        return len(self._by_key)

    def __bool__(self) -> bool:
        return len(self.columns[0]) > 0

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._by_key)

    def __getitem__(self, key: bytes) -> bytes | None:
        return self._by_key[key]

    def items(self) -> ItemsView[bytes, bytes | None]:
        return self._by_key.items()

    @cached_property
    def _by_key(self) -> dict[bytes, bytes | None]:
        return dict(zip(*self.columns, strict=True))  # type: ignore[arg-type] # every key is there
