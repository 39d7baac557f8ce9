"""A large company written straight into the tables, by SQL: three years of orders and visits, weekly potentials, moves.

Deterministic: every figure is a hash of a row number. Sizes follow from the number of orders: 500 orders an account, 100
accounts a rep, 20 reps a region, a visit for every eight orders. One account in ten was a prospect whom somebody heard of some
day in these years: two of three of them order from then on, the third never does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from clickhouse_connect.driver.client import Client

from schemas.topics import FACTS

DAYS: Final = 1096
RANGE: Final = 1000
"""Rows of a table in one range of the ledger."""
START: Final = "toDateTime64('2023-07-01 00:00:00', 3, 'UTC')"
_SOURCE: Final = "'bench' AS log_id, {topic!r} AS topic, 0 AS partition, number AS offset"


@dataclass(frozen=True, slots=True)
class Size:
    """How large the company is."""

    orders: int

    @property
    def accounts(self) -> int:
        return max(self.orders // 500, 40)

    @property
    def reps(self) -> int:
        return max(self.accounts // 100, 8)

    @property
    def regions(self) -> int:
        return max(self.reps // 20, 2)

    @property
    def visits(self) -> int:
        return self.orders // 8


def fill(client: Client, size: Size) -> None:
    """Write the whole company; inserts are ours and not of a sink, the materialised views see them like any other, and the
    ledger says of the facts what a sink would have."""
    for table, select in _tables(size).items():
        client.command(
            f"INSERT INTO {table} {select}", settings={"max_insert_threads": 2, "max_partitions_per_insert_block": 1000}
        )
    for number, table in enumerate(FACTS.row_types):
        if table in _tables(size):
            client.command(_ledger(table, number))


def _ledger(table: str, partition: int) -> str:
    """INSERT of the ranges in which a sink would have written a table of facts: each table a partition of its own."""
    source = f"concat('{table}/', topic, '/0')"
    return f"""INSERT INTO sink_batches (log_id, topic, partition, from_offset, to_offset, marks, marks_before)
        SELECT 'bench', '{FACTS.name}', {partition}, first, least(first + {RANGE}, rows), map({source}, least(first + {RANGE}, rows)), map({source}, first)
        FROM (SELECT any(toString(topic)) AS topic, count() AS rows, arrayJoin(range(0, count(), {RANGE})) AS first FROM {table})"""


def _tables(size: Size) -> dict[str, str]:
    """Table -> SELECT of its rows. An account's first rep is that of its number; a fifth of the accounts moves once."""
    n, reps, regions = size.accounts, size.reps, size.regions
    account = "concat('a', toString({0}))".format
    rep = "concat('r', toString({0}))".format
    region = f"concat('region', toString(({{0}}) % {reps} % {regions}))".format
    weeks = DAYS // 7
    heard = "if({0} % 10 = 0, sipHash64({0}, 10) % 900, 0)".format  # day on which somebody heard of an account
    buyer = f"((number + if(number % 30 = 0, 1, 0)) % {n})"
    return {
        "reps": f"""(log_id, topic, partition, offset, event_id, occurred_at, rep_id, weekly_hours, region_id, home_lat, home_lon)
            SELECT {_SOURCE.format(topic="reps")}, concat('rep', toString(number)), {START}, {rep("number")}, 35, {region("number")},
                45 + rand(1) % 1000 / 500, 1 + rand(2) % 1000 / 500 FROM numbers({reps})""",
        "accounts": f"""(log_id, topic, partition, offset, event_id, occurred_at, account_id, kind, segment, region_id, lat, lon, since)
            SELECT {_SOURCE.format(topic="accounts")}, concat('account', toString(number)), {START} + toIntervalDay({heard("number")}), {account("number")},
                if(number % 10 = 0, 'prospect', 'customer'), ['A', 'B', 'C', 'C'][number % 4 + 1], {region("number")},
                45 + sipHash64(number) % 1000 / 500, 1 + sipHash64(number, 1) % 1000 / 500, toDate32('2020-01-01')
            FROM numbers({n})""",
        "assignments": f"""(log_id, topic, partition, offset, event_id, occurred_at, account_id, rep_id, valid_from, region_id)
            SELECT {_SOURCE.format(topic="assignments")}, concat('assignment', toString(number)), {START} + toIntervalDay(if(number < {n}, 0, sipHash64(number) % {DAYS})) AS occurred_at,
                {account(f"number % {n}")}, {rep(f"(number % {n} + if(number < {n}, 0, {regions})) % {reps}")}, toDate32(occurred_at),
                {region(f"number % {n}")}
            FROM numbers({n + n // 5})""",
        "orders": f"""(log_id, topic, partition, offset, event_id, occurred_at, order_id, account_id, amount, currency, status, region_id)
            SELECT {_SOURCE.format(topic="orders")}, concat('order', toString(number)), {START} + toIntervalDay({heard(buyer)}) + toIntervalSecond(sipHash64(number) % (({DAYS} - {heard(buyer)}) * 86400)),
                concat('o', toString(number)), {account(buyer)}, 20 + sipHash64(number, 2) % 40000 / 100, 'EUR',
                if(number % 50 = 0, 'returned', 'placed'), {region(buyer)}
            FROM numbers({size.orders})""",
        "visits": f"""(log_id, topic, partition, offset, event_id, occurred_at, visit_id, account_id, rep_id, duration_minutes, travel_minutes, travel_km, outcome, products_seen, region_id)
            SELECT {_SOURCE.format(topic="visit-reports")}, concat('visit', toString(number)), {START} + toIntervalSecond(sipHash64(number, 3) % ({DAYS} * 86400)),
                concat('v', toString(number)), {account(f"number % {n}")}, {rep(f"number % {n} % {reps}")}, 30 + number % 40, 10 + number % 50,
                5 + number % 60, if(number % 3 = 0, 'none', 'order'), if(number % 2 = 0, [], arrayMap(k -> concat('P', toString((number + k * 7) % 60)), range(5 + number % 15))), {region(f"number % {n}")}
            FROM numbers({size.visits})""",
        "opportunities": f"""(log_id, topic, partition, offset, event_id, occurred_at, opportunity_id, account_id, rep_id, stage, source, amount)
            SELECT {_SOURCE.format(topic="opportunities")}, concat('deal', toString(number)),
                {START} + toIntervalDay(sipHash64(number % {n * 5}, 4) % {DAYS} + if(number < {n * 5}, 0, 30)),
                concat('d', toString(number % {n * 5})), {account(f"number % {n}")}, {rep(f"number % {n} % {reps}")},
                if(number < {n * 5}, if(number % 3 = 0, 'lead', 'open'), if(number % 2 = 0, 'won', 'lost')), 'web', 1000
            FROM numbers({n * 9})""",
        "targets": f"""(log_id, topic, partition, offset, event_id, occurred_at, rep_id, month, revenue, visits)
            SELECT {_SOURCE.format(topic="targets")}, concat('target', toString(number)), {START}, {rep(f"number % {reps}")},
                toDate32('2023-07-01') + toIntervalMonth(intDiv(number, {reps})), 90000, 100
            FROM numbers({reps * 36})""",
        "surveys": f"""(log_id, topic, partition, offset, event_id, occurred_at, survey_id, account_id, rep_id, score)
            SELECT {_SOURCE.format(topic="surveys")}, concat('survey', toString(number)), {START} + toIntervalDay(sipHash64(number, 8) % {DAYS}),
                concat('q', toString(number)), if(number % 50 = 0, NULL, {account(f"number % {n}")}), if(number % 50 = 0, {rep(f"intDiv(number, 50) % {reps}")}, NULL),
                1 + sipHash64(number, 9) % 10
            FROM numbers({n * 3})""",
        "potentials": f"""(region_id, as_of, model_version, config_version, account_id, week, potential_eur, low_eur, high_eur, next_4w_eur, next_13w_eur, expected_week_eur, actual_week_eur, by_analogy, segment, rep_id)
            SELECT {region(f"number % {n}")}, {START} + toIntervalDay(7 * intDiv(number, {n}) + 8), 'm1', 'c1', {account(f"number % {n}")},
                toDate32('2023-07-03') + 7 * intDiv(number, {n}), 5000 + sipHash64(number % {n}, 5) % 80000, 4000, 60000, 400, 1300, 100,
                sipHash64(number, 6) % 200, false, ['A', 'B', 'C', 'C'][number % 4 + 1], {rep(f"number % {n} % {reps}")}
            FROM numbers({n * weeks})""",
        "model_quality": f"""(region_id, as_of, model_version, config_version, week, horizon_weeks, segment, n, actual_eur, error_eur, absolute_error_eur, naive_absolute_error_eur, intervals, covered)
            SELECT concat('region', toString(number % {regions})), {START} + toIntervalDay(7 * (intDiv(number, {regions}) % {weeks}) + 8), 'm1', 'c1',
                toDate32('2023-07-03') + 7 * (intDiv(number, {regions}) % {weeks}), [1, 4, 13][intDiv(number, {regions * weeks}) % 3 + 1],
                ['', 'A', 'B', 'C'][intDiv(number, {regions * weeks * 3}) + 1], 100, 1000, 10, 200, 250, 100, 80
            FROM numbers({regions * weeks * 12})""",
        "alerts": f"""(region_id, as_of, model_version, config_version, alert_id, revision, dedup_key, state, severity, cause_class, scope, scope_id, direction, title, started_on, detected_on, eur_at_risk)
            SELECT {region("intDiv(number, 4)")}, {START} + toIntervalDay(intDiv(intDiv(number, 4) * {DAYS}, {size.reps * 10}) + number % 4 * 7) AS at, 'm1', 'c1', concat('alert', toString(intDiv(number, 4))),
                number % 4 + 1, 'k', ['pending', 'firing', 'recovering', 'resolved'][if(intDiv(number, 4) % 7 = 0, least(number % 4 + 1, 2), number % 4 + 1)], 'warning', 'demand_shift', 'territory', {rep("number % 8")},
                'drop', 'sells less', toDate32(at) - 14, toDate32(at), 1000
            FROM numbers({size.reps * 40})""",
        "suggestions": f"""(region_id, as_of, model_version, config_version, suggestion_id, revision, status, cause, reason, created_on, expires_on, worth_eur, moves, effective_from)
            SELECT concat('region', toString(intDiv(number, 2) % {regions})), {START} + toIntervalDay((intDiv(number, 2 * {regions}) * 40 + number % 2) % {DAYS}) AS at, 'm1', 'c1',
                concat('s', toString(intDiv(number, 2))), number % 2 + 1, if(number % 2 = 0 OR number >= {regions * 48}, 'proposed', ['approved', 'approved', 'rejected'][intDiv(number, 2) % 3 + 1]),
                'corridor', 'r1 has too much', toDate32(at), toDate32(at) + 42, 2000,
                arrayMap(k -> (concat('a', toString((intDiv(number, 2) * 10 + k) % {n})), 'r1', 'r2', 200., 50., -20., 170., 0., 100., 20., 20000., '', '', '', 0., 0., 0., 0.), range(10)), toDate32(at)
            FROM numbers({regions * 50})""",
        "assignment_changes": f"""(region_id, as_of, model_version, config_version, change_id, account_id, from_rep, to_rep, valid_from, suggestion_id, kind)
            SELECT {region(f"number % {n}")}, {START} + toIntervalDay(sipHash64(number, 7) % {DAYS}) AS at, 'm1', 'c1', concat('change', toString(number)), {account(f"number % {n}")},
                {rep(f"number % {n} % {reps}")}, {rep(f"(number % {n} + {2 * regions}) % {reps}")}, toDate32(at), concat('s', toString(intDiv(number, 10))), 'move'
            FROM numbers({n // 20})""",
    }  # fmt: skip
