"""Everything ClickHouse holds of one account or rep, table by table: the answer to a request for access."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import translated_errors

Kind = Literal["account", "rep"]
OF_AN_ACCOUNT: Final[Mapping[str, str]] = {
    "names": "kind = 'account' AND id = {id:String}",
    "accounts": "account_id = {id:String}",
    "assignments": "account_id = {id:String}",
    "orders": "account_id = {id:String}",
    "visits": "account_id = {id:String}",
    "opportunities": "account_id = {id:String}",
    "surveys": "account_id = {id:String}",
    "market_events": "account_id = {id:String}",
    "decisions": "account_id = {id:String} OR arrayExists(m -> m.account_id = {id:String}, moves)",
    "potentials": "account_id = {id:String}",
    "alerts": "has(accounts, {id:String}) OR scope = 'account' AND scope_id = {id:String}",
    "suggestions": "arrayExists(m -> m.account_id = {id:String}, moves)",
    "assignment_changes": "account_id = {id:String}",
    "dead_letters": "key = {id:String} OR position(base64Decode(payload_base64), concat('\"', {id:String}, '\"')) > 0",
}
OF_A_REP: Final[Mapping[str, str]] = {
    "names": "kind = 'rep' AND id = {id:String}",
    "reps": "rep_id = {id:String}",
    "assignments": "rep_id = {id:String}",
    "visits": "rep_id = {id:String}",
    "opportunities": "rep_id = {id:String}",
    "targets": "rep_id = {id:String}",
    "surveys": "rep_id = {id:String}",
    "decisions": "has({signs:Array(String)}, decided_by) OR has({signs:Array(String)}, assignee) OR arrayExists(m -> m.rep_id = {id:String}, moves)",
    "potentials": "rep_id = {id:String}",
    "alerts": "scope = 'territory' AND scope_id = {id:String}",
    "suggestions": "arrayExists(m -> m.from_rep = {id:String} OR m.to_rep = {id:String}, moves)",
    "assignment_changes": "from_rep = {id:String} OR to_rep = {id:String}",
    "dead_letters": "key = {id:String} OR position(base64Decode(payload_base64), concat('\"', {id:String}, '\"')) > 0",
    "dead_letter_replays": "has({signs:Array(String)}, replayed_by)",
}
"""`signs`: the names a rep signs with, the id and those of the console."""


def places(kind: Kind) -> Mapping[str, str]:
    """Table -> condition of the rows that speak of one of this kind."""
    return OF_AN_ACCOUNT if kind == "account" else OF_A_REP


def counts(client: Client, kind: Kind, identity: str, users: Sequence[str] = ()) -> dict[str, int]:
    """Rows of each table that speak of it; tables without any are left out. `users`: names of a rep in the console."""
    parts = [_counted(table, condition) for table, condition in places(kind).items()]
    with translated_errors("what is held"):
        rows = client.query(" UNION ALL ".join(parts), parameters=_who(identity, users)).result_rows
    found = {str(place): int(n) for place, n in rows if n}
    return {table: found[table] for table in places(kind) if table in found}


def rows(client: Client, kind: Kind, identity: str, users: Sequence[str] = ()) -> Iterator[tuple[str, dict[str, Any]]]:
    """(table, row) of everything that is held, as it is stored; `users` as for `counts`."""
    settings = {"date_time_output_format": "iso", "output_format_json_quote_64bit_integers": 0}
    for table, condition in places(kind).items():
        with translated_errors(f"what {table} holds"):
            answer = client.raw_query(
                f"SELECT * FROM {table} WHERE {condition}", parameters=_who(identity, users), fmt="JSONEachRow", settings=settings  # noqa: S608 - as above
            )  # fmt: skip
        for line in answer.splitlines():
            yield table, json.loads(line)


def _who(identity: str, users: Sequence[str]) -> dict[str, Any]:
    return {"id": identity, "signs": [identity, *users]}


def _counted(table: str, condition: str) -> str:
    return f"SELECT '{table}' AS place, count() AS n FROM {table} WHERE {condition}"  # noqa: S608 - our own names; the id is bound
