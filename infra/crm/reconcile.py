"""Where the CRM and Terradrift differ about who owns an account."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import translated_errors
from infra.crm.deliveries import DONE
from schemas.errors import RefusedError

OWNERS = f"""
    SELECT a.account_id, n.rep_id, p.account_id != ''
    FROM (SELECT account_id FROM accounts_now WHERE active AND ({{every_region:UInt8}} OR has({{regions:Array(String)}}, region_id))) AS a
    LEFT JOIN assignments_now AS n ON a.account_id = n.account_id
    LEFT JOIN (SELECT DISTINCT account_id FROM assignment_changes FINAL WHERE change_id NOT IN {DONE}) AS p ON a.account_id = p.account_id
"""  # noqa: S608 - our own names


@dataclass(frozen=True, slots=True)
class Difference:
    """One account. `rep_here` and `rep_in_crm` "" are nobody; `on_its_way`: a change has not reached the CRM yet."""

    account_id: str
    kind: Literal["other_rep", "missing_in_crm", "unknown_here"]
    rep_here: str
    rep_in_crm: str
    on_its_way: bool


def read_crm(path: Path) -> dict[str, str]:
    """account_id -> rep_id of a CSV file with these columns. Raises RefusedError naming the line."""
    return owners_in(path.read_bytes(), path.name)


def owners_in(content: bytes, name: str) -> dict[str, str]:
    """account_id -> rep_id of the bytes of a CSV file of that name. Raises RefusedError naming the line."""
    owners: dict[str, str] = {}
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        if missing := {"account_id", "rep_id"} - set(reader.fieldnames or ()):
            raise RefusedError("missing_column", f"{name} has no column {', '.join(sorted(missing))}")
        for line in reader:
            account = (line["account_id"] or "").strip()
            if not account:
                raise RefusedError("missing_field", f"{name}, line {reader.line_num}: account_id is empty")
            if account in owners:
                raise RefusedError("twice", f"{name}, line {reader.line_num}: {account} stands there twice")
            owners[account] = (line["rep_id"] or "").strip()
    except (UnicodeDecodeError, csv.Error) as error:
        raise RefusedError("not_csv", f"{name} is no CSV file in UTF-8: {error}") from None
    return owners


def owners_here(client: Client, regions: Sequence[str] | None = None) -> list[tuple[str, str, bool]]:
    """(account, present rep, whether a change is on its way) of every active account: of these regions, or of all."""
    with translated_errors("owners of accounts"):
        return [
            (row[0], row[1], bool(row[2]))
            for row in client.query(
                OWNERS, parameters={"every_region": int(regions is None), "regions": list(regions or ())}
            ).result_rows
        ]


def differences(here: Iterable[tuple[str, str, bool]], crm: Mapping[str, str]) -> list[Difference]:
    """Every account about which the two sides differ, by account."""
    found, known = [], set()
    for account, rep, on_its_way in here:
        known.add(account)
        if account not in crm:
            found.append(Difference(account, "missing_in_crm", rep, "", on_its_way))
        elif crm[account] != rep:
            found.append(Difference(account, "other_rep", rep, crm[account], on_its_way))
    found += [
        Difference(account, "unknown_here", "", rep, False) for account, rep in crm.items() if account not in known
    ]
    return sorted(found, key=lambda difference: difference.account_id)
