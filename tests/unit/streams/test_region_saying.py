"""What a region publishes most is written by a short cut: it must say what the long way would."""

from __future__ import annotations

from datetime import date

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from schemas.rows import PotentialRow, ReasonRow
from streams.handlers.region.reasoning import ReasonLine
from streams.handlers.region.saying import PotentialLine
from streams.handlers.region.voice import encode_line, end_of

EUR = st.floats(0, 1e12).map(lambda value: round(value, 2))


def test_the_short_cut_has_the_fields_of_the_row_in_its_order() -> None:
    assert PotentialLine.__struct_fields__ == tuple(PotentialRow.model_fields)
    assert ReasonLine.__struct_fields__ == tuple(ReasonRow.model_fields)


@given(st.text(max_size=20), st.lists(EUR, min_size=7, max_size=7), st.booleans())
def test_the_short_cut_writes_what_the_checked_row_reads_and_means_the_same(
    name: str, eur: list[float], by_analogy: bool
) -> None:
    day = date(2026, 3, 1)
    reason = ReasonLine("potential", "own_orders", eur[0], -0.22, day, 3, 1, f"orders fell {name}")
    quiet = ReasonLine("next_4w", "season", eur[1], 0.1, None, 3, 1, "")
    line = PotentialLine(
        name, end_of(day), "m", "c", name, day, *eur, by_analogy, "A", name, eur[0], eur[1], True, (reason, quiet)
    )
    written = encode_line(line)
    row = PotentialRow.model_validate_json(written)
    given = msgspec.structs.asdict(line) | {"reasons": [msgspec.structs.asdict(one) for one in line.reasons]}
    assert row.model_dump() == PotentialRow(**given).model_dump()
    assert msgspec.json.decode(row.model_dump_json()) == msgspec.json.decode(written)
