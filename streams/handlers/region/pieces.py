"""The regions of a partition as named pieces of bytes, cut where changes are apart: days by week, accounts by block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import msgspec

from models.snapshot import cut
from schemas.region_log import DayTotals
from schemas.settings import Settings
from streams.handlers.region.fold import Region
from streams.handlers.region.learning import Learner
from streams.handlers.region.state import AccountState, RegionState

FORM = f"pieces-2 {Learner.version}"
"""Changes with the shape of a region's state and with every model: a snapshot of another form is read by nobody."""
BLOCK_ACCOUNTS = 512

Pieces = Iterator[tuple[str, bytes | memoryview]]


class Partition(msgspec.Struct):
    """`marks`: the newest closed day of each activity partition; `regions` in the order of their pieces."""

    marks: dict[int, date]
    regions: list[str]


_encode = msgspec.msgpack.Encoder().encode
_partition = msgspec.msgpack.Decoder(Partition).decode
_state = msgspec.msgpack.Decoder(RegionState).decode
_accounts = msgspec.msgpack.Decoder(list[AccountState]).decode
_days = msgspec.msgpack.Decoder(list[tuple[int, list[DayTotals]]]).decode


def pieces_of(marks: Mapping[int, date], regions: Mapping[str, Region]) -> Pieces:
    """(name, bytes) of everything, as of now. Names are `<region number>|<part>|<piece>`."""
    yield "partition", _encode(Partition(dict(marks), list(regions)))
    for number, region in enumerate(regions.values()):
        for part, pieces in (("state", _state_pieces(region.state)), ("learner", _learner_pieces(region.learner))):
            for name, raw in pieces:
                yield f"{number}|{part}|{name}", raw


def _state_pieces(state: RegionState) -> Pieces:
    yield "rest", _encode(msgspec.structs.replace(state, accounts={}, rows=[], days={}))
    accounts = [state.accounts[account_id] for account_id in state.rows]
    yield "newcomers", _encode([state.accounts[account_id] for account_id in state.newcomers])
    for first in range(0, len(accounts), BLOCK_ACCOUNTS):
        yield f"accounts|{first}", _encode(accounts[first : first + BLOCK_ACCOUNTS])
    weeks: dict[int, list[tuple[int, list[DayTotals]]]] = {}
    for ordinal in sorted(state.days):
        weeks.setdefault((ordinal - 1) // 7, []).append((ordinal, list(state.days[ordinal].values())))
    for week, days in weeks.items():
        yield f"days|{week}", _encode(days)


def _learner_pieces(learner: Learner) -> Pieces:
    for part, raw in learner.to_parts().items():
        if part in Learner.packed_parts:
            yield from ((f"{part}|{name}", piece) for name, piece in cut(raw).items())
        else:
            yield part, raw


def regions_of(pieces: Mapping[str, bytes], settings: Settings) -> tuple[dict[int, date], dict[str, Region]]:
    """The marks and regions of `pieces_of`. Raises SnapshotError when a model cannot read its part."""
    partition = _partition(pieces["partition"])
    by_region: dict[str, dict[str, bytes]] = {}
    for name, raw in pieces.items():
        number_text, _, rest = name.partition("|")
        by_region.setdefault(number_text, {})[rest] = raw
    regions = {}
    for number, region_id in enumerate(partition.regions):
        own = by_region[str(number)]
        learner = Learner.from_parts(settings, _joined(own, "learner|"))
        regions[region_id] = Region(_restored_state(own), learner, settings)
    return partition.marks, regions


def _restored_state(pieces: Mapping[str, bytes]) -> RegionState:
    state = _state(pieces["state|rest"])
    for name, raw in pieces.items():
        if name.startswith("state|accounts|"):
            state.accounts |= {account.now.account_id: account for account in _accounts(raw)}
        elif name.startswith("state|days|"):
            for ordinal, totals in _days(raw):
                state.days[ordinal] = {one.account_id: one for one in totals}
    state.rows = list(state.accounts)
    state.accounts |= {account.now.account_id: account for account in _accounts(pieces["state|newcomers"])}
    return state


def _joined(pieces: Mapping[str, bytes], prefix: str) -> dict[str, bytes]:
    """Part -> its pieces joined in their order."""
    parts: dict[str, list[bytes]] = {}
    for name, raw in pieces.items():
        if name.startswith(prefix):
            parts.setdefault(name.removeprefix(prefix).partition("|")[0], []).append(raw)
    return {part: b"".join(raws) for part, raws in parts.items()}
