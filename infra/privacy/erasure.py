"""Erasing what identifies an account or rep: name, place or home, family, and the bytes of refused messages.

Orders, visits and what was decided stay under the id, which without name and place is a pseudonym: sums of the past do not
change. The wish stands in `erasures` before anything is erased, so that an erasure that was cut off is finished later, and
whatever comes back (a sink that reads old facts again) is erased again by `apply_all`, at each `provision` and `up`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import translated_errors
from infra.clickhouse.read import rows_of
from infra.privacy.held import Kind
from schemas.events import Account, Event, Rep
from schemas.ids import derived
from schemas.rows import AccountRow, ErasureRow, RepRow

_LETTERS: Final = "key = {id:String} OR position(base64Decode(payload_base64), concat('\"', {id:String}, '\"')) > 0"
_EMPTY_LETTER: Final = (
    "UPDATE payload_base64 = '', detail = '', key = '' WHERE ({0}) AND (payload_base64 != '' OR detail != '')"
)
CHANGES: Final[Mapping[Kind, Mapping[str, str]]] = {
    "account": {
        "names": "DELETE WHERE kind = 'account' AND id = {id:String}",
        "accounts": "UPDATE lat = NULL, lon = NULL, postal_code = '', city = '', family_id = '' WHERE account_id = {id:String}",
        "market_events": "UPDATE lat = NULL, lon = NULL, note = '' WHERE account_id = {id:String}",
    },
    "rep": {
        "names": "DELETE WHERE kind = 'rep' AND id = {id:String}",
        "reps": "UPDATE home_lat = NULL, home_lon = NULL, absent_from = NULL, absent_to = NULL WHERE rep_id = {id:String}",
    },
}
REMAINS: Final[Mapping[Kind, Mapping[str, str]]] = {
    "account": {
        "names": "kind = 'account' AND id = {id:String}",
        "accounts": "account_id = {id:String} AND (isNotNull(lat) OR postal_code != '' OR city != '' OR family_id != '')",
        "market_events": "account_id = {id:String} AND (isNotNull(lat) OR note != '')",
        "dead_letters": f"({_LETTERS}) AND (payload_base64 != '' OR detail != '')",
    },
    "rep": {
        "names": "kind = 'rep' AND id = {id:String}",
        "reps": "rep_id = {id:String} AND (isNotNull(home_lat) OR isNotNull(absent_from))",
        "dead_letters": f"({_LETTERS}) AND (payload_base64 != '' OR detail != '')",
    },
}


@dataclass(frozen=True, slots=True)
class Known:
    """The newest event of an account or rep, and the names it ever had."""

    event: Account | Rep
    names: tuple[str, ...]


def known(client: Client, kind: Kind, identity: str) -> Known | None:
    """None when nothing of it was ever accepted."""
    condition = "{column} = {{id:String}} ORDER BY occurred_at DESC, offset DESC LIMIT 1".format(column=f"{kind}_id")
    found = (
        rows_of(client, AccountRow, "accounts FINAL", condition, {"id": identity})
        if kind == "account"
        else rows_of(client, RepRow, "reps FINAL", condition, {"id": identity})
    )
    if not found:
        return None
    with translated_errors("names"):
        names = client.query(
            "SELECT DISTINCT name FROM names WHERE kind = {kind:String} AND id = {id:String} ORDER BY name",
            parameters={"kind": kind, "id": identity},
        ).result_rows
    shape: type[Account] | type[Rep] = Account if kind == "account" else Rep
    event = shape.model_validate({name: getattr(found[0], name) for name in shape.model_fields})
    return Known(event, tuple(str(name) for (name,) in names))


def blank(event: Account | Rep, requested_at: datetime, watermark: datetime) -> Account | Rep:
    """The event that replaces the newest one: the same without what identifies. State and snapshots learn it as any other.

    It is later than what it replaces and not ahead of the data.
    """
    at = max(event.occurred_at + timedelta(milliseconds=1), watermark)
    common = {
        "event_id": derived("erase", type(event).__name__, _identity(event), requested_at.isoformat()),
        "occurred_at": at,
        "name": "",
    }
    if isinstance(event, Account):
        return event.model_copy(
            update={**common, "lat": None, "lon": None, "postal_code": "", "city": "", "family_id": ""}
        )
    return event.model_copy(
        update={**common, "home_lat": None, "home_lon": None, "absent_from": None, "absent_to": None}
    )


def remember(client: Client, wish: ErasureRow) -> None:
    with translated_errors("erasures"):
        client.insert("erasures", [list(wish.model_dump().values())], column_names=list(ErasureRow.model_fields))


def apply(client: Client, kind: Kind, identity: str) -> None:
    """Erase in every table, and return when it is done. Doing it twice changes nothing."""
    statements = {**CHANGES[kind], "dead_letters": _EMPTY_LETTER.replace("{0}", _LETTERS)}
    for table, change in statements.items():
        with translated_errors(f"erasing in {table}"):
            client.command(f"ALTER TABLE {table} {change}", parameters={"id": identity}, settings={"mutations_sync": 1})


def apply_all(client: Client) -> list[ErasureRow]:
    """Erase again whatever came back of those who were erased; returns for whom something had to be done."""
    wishes = rows_of(client, ErasureRow, "erasures FINAL", "1 ORDER BY kind, id", {})
    again = [wish for wish in wishes if any(remains(client, wish.kind, wish.id).values())]
    for wish in again:
        apply(client, wish.kind, wish.id)
    return again


def remains(client: Client, kind: Kind, identity: str) -> dict[str, int]:
    """Table -> rows that still identify; all zero is the proof."""
    parts = [_counted(table, condition) for table, condition in REMAINS[kind].items()]
    with translated_errors("what remains"):
        rows = client.query(" UNION ALL ".join(parts), parameters={"id": identity}).result_rows
    return {str(place): int(n) for place, n in sorted((str(place), int(n)) for place, n in rows)}


def _identity(event: Event) -> str:
    return str(getattr(event, "account_id", "") or getattr(event, "rep_id", ""))


def _counted(table: str, condition: str) -> str:
    return f"SELECT '{table}' AS place, count() AS n FROM {table} WHERE {condition}"  # noqa: S608 - our own names; the id is bound
