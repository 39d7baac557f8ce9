"""The early warning: what is known and what is common come off, what is left is dated and signed."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from models.calibration import confirmed as confirmed_ones
from models.company_watch import CompanyWatch
from models.effects import KnownEffects
from models.factors import MarketFactors
from models.history import Floats
from models.monitor import Found, Monitor
from models.pace import DAILY, SCOPED
from models.warned import Bursts, Warned, confirmed

SUNDAY = 6
MONDAY = date(2023, 1, 2)


def found_in(values: Floats, per_year: float = 0.1) -> list[Found]:
    return Monitor(DAILY, per_year).run(values, np.ones(values.shape[0]))


def quiet(periods: int = 200, streams: int = 3) -> Floats:
    return np.random.default_rng(1).normal(0, 0.05, (periods, streams))


def test_a_lasting_drop_is_found_once_with_its_day_and_size() -> None:
    values = quiet()
    values[150:, 1] -= 0.15
    (found,) = found_in(values)
    assert (found.stream, found.rise) == (1, False)
    assert abs(found.started - 150) <= 2
    assert found.period <= 160
    assert found.shift == pytest.approx(-0.15, abs=0.05)


def test_one_bad_day_is_no_evidence() -> None:
    values = quiet()
    values[150, 1] -= 3
    assert found_in(values) == []


def test_a_rise_is_a_rise_and_a_return_to_normal_is_no_second_alarm() -> None:
    values = quiet()
    values[120:130, 0] += 0.5
    found = found_in(values)
    assert [(one.stream, one.rise) for one in found] == [(0, True)]


@pytest.mark.parametrize(("sizes", "within"), [(1.25, 12), (2.0, 6), (3.0, 4)])
@pytest.mark.parametrize("sign", [-1, 1], ids=["drop", "rise"])
def test_changes_of_scopes_are_found_whatever_their_size_on_either_side(sizes: float, within: int, sign: int) -> None:
    values = quiet()
    values[100:, 1] += sign * sizes * 0.05
    found = confirmed_ones(Monitor(SCOPED, 0.5).run(values, np.ones(200)))
    first = next(one for one in found if one.stream == 1)
    assert (first.rise, 100 < first.period <= 100 + within) == (sign > 0, True)


def test_a_period_on_which_all_scatter_counts_less() -> None:
    values = quiet()
    values[150:156, 1] -= 0.25
    scale = np.ones(200)
    scale[150:156] = 6.0
    assert Monitor(DAILY, 0.1).run(values, scale) == []
    assert found_in(values) != []


def test_a_weekday_with_its_promotion_is_learnt_for_each_stream_and_removed() -> None:
    rng = np.random.default_rng(2)
    effects, size = KnownEffects(14), rng.normal(0, 0.4, (14, 5))
    last = []
    for day in range(600):
        cell = np.full(5, day % 7 + 7 * (day // 7 % 2), np.intp)
        last.append(effects.remove(9.0 + size[cell, np.arange(5)], cell))
    late = np.array(last[400:])
    assert late.std(axis=0).max() < 0.02
    assert size.std() > 0.2


def test_what_moves_all_streams_is_removed_and_what_moves_one_stays() -> None:
    rng = np.random.default_rng(4)
    market, loading = rng.normal(0, 0.3, 300), rng.uniform(0.5, 1.5, 40)
    values = 5 + market[:, None] * loading + rng.normal(0, 0.03, (300, 40))
    values[280:, 7] -= 0.4
    factors = MarketFactors(window=200, start=60, refit=20)
    left = np.array([factors.remove(row)[0] for row in values])
    own = left[281:].mean(axis=0) - np.nanmean(left[200:280], axis=0)
    assert own[7] == pytest.approx(-0.4, abs=0.06)
    assert np.abs(np.delete(own, 7)).max() < 0.06
    assert np.nanstd(left[100:280], axis=0).max() < 0.06


def the_watch(accounts: int, silent_from: dict[int, int], drop_from: dict[int, int], days: int = 400) -> list[Warned]:
    rng = np.random.default_rng(6)
    watch = CompanyWatch(1, 0.05)
    watch.reach([f"a{i}" for i in range(accounts)])
    market = rng.normal(0, 0.2, days)
    said = []
    for number in range(days):
        rows = np.array([i for i in range(accounts) if number < silent_from.get(i, days)], np.intp)
        fallen = np.array([number >= drop_from.get(i, days) for i in rows])
        eur = 100 * np.exp(market[number] + rng.normal(0, 0.05, rows.size) - 0.3 * fallen)
        scopes = {"territory": ["T0" if i < accounts // 2 else "T1" for i in range(accounts)]}
        day = MONDAY + timedelta(days=number)
        said += watch.close_day(day, rows, eur, np.zeros(rows.size, np.intp))
        if day.weekday() == SUNDAY:
            said += watch.close_week(day, scopes)  # type: ignore[arg-type]
    return confirmed(said)


def test_a_company_with_one_falling_account_names_it_and_its_day() -> None:
    (one,) = the_watch(30, {}, {4: 350})
    assert (one.scope, one.scope_id, one.direction, one.cause_class) == ("account", "a4", "drop", "demand_shift")
    assert abs((one.started_on - (MONDAY + timedelta(days=350))).days) <= 2
    assert (one.detected_on - one.started_on).days <= 7
    assert -0.35 < one.magnitude < -0.15


def test_an_account_that_stops_ordering_is_silent_and_many_at_once_are_a_fault_of_the_feed() -> None:
    alone = the_watch(30, {3: 330}, {})
    assert [(one.scope, one.scope_id, one.magnitude) for one in alone] == [("account", "a3", -1.0)]
    together = the_watch(30, dict.fromkeys(range(6), 330), {})
    (silent,) = [one for one in together if one.magnitude == -1]
    assert (silent.scope, silent.cause_class) == ("segment", "data_fault")
    assert "6 accounts" in silent.evidence


def test_a_burst_of_alerts_is_told_once() -> None:
    def an_alert(number: int, day: date) -> Warned:
        return Warned("account", f"a{number}", day, day, "rise", 0.2, "demand_shift", "")

    bursts, said = Bursts(0.1), []
    for number in range(60):
        day = MONDAY + timedelta(days=number // 10)
        said += bursts.told(day, [an_alert(number, day)], streams=100)
    assert [one.scope for one in said] == ["account"] * 4 + ["segment"]


def test_a_scope_alarm_counts_once_it_is_confirmed_and_a_withdrawal_takes_back_that_of_its_own_rhythm() -> None:
    """By the week a week later, by the day a day later; an earlier alarm of the other rhythm stays."""

    def of_territory(rhythm: str, after: int, withdrawn: bool = False) -> Warned:
        day = MONDAY + timedelta(days=after)
        return Warned("territory", "T1", day, day, "drop", -0.2, "demand_shift", "", rhythm=rhythm, withdrawn=withdrawn)

    told = [of_territory("weekly scopes", 0), of_territory("daily scopes", 30)]
    assert [(one.rhythm, (one.detected_on - MONDAY).days) for one in confirmed(told)] == [
        ("weekly scopes", 7),
        ("daily scopes", 31),
    ]
    left = confirmed([*told, of_territory("daily scopes", 31, withdrawn=True)])
    assert [one.rhythm for one in left] == ["weekly scopes"]
