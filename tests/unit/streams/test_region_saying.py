"""What a region publishes most is written by a short cut: it must say what the long way would."""

from __future__ import annotations

from datetime import date

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from schemas.rows import PotentialRow
from streams.handlers.region.saying import PotentialLine
from streams.handlers.region.voice import encode_line, end_of

EUR = st.floats(0, 1e12).map(lambda value: round(value, 2))


def test_the_short_cut_has_the_fields_of_the_row_in_its_order() -> None:
    assert PotentialLine.__struct_fields__ == tuple(PotentialRow.model_fields)


@given(st.text(max_size=20), st.lists(EUR, min_size=7, max_size=7), st.booleans())
def test_the_short_cut_writes_what_the_checked_row_reads_and_means_the_same(
    name: str, eur: list[float], by_analogy: bool
) -> None:
    day = date(2026, 3, 1)
    line = PotentialLine(name, end_of(day), "m", "c", name, day, *eur, by_analogy, "A", name)
    written = encode_line(line)
    row = PotentialRow.model_validate_json(written)
    assert row.model_dump() == PotentialRow(**msgspec.structs.asdict(line)).model_dump()
    assert msgspec.json.decode(row.model_dump_json()) == msgspec.json.decode(written)
