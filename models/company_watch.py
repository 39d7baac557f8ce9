"""A company watched day by day: accounts by the day where they order almost daily, else by the week; territories, zones
and segments likewise; and accounts that fall silent against their own rhythm.

The running region and the backtest are both this class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.account_streams import WEEKDAYS, AccountStreams
from models.accounts_week import AccountsWeek, market_of
from models.codes import Codes
from models.early_warning import Cells, EarlyWarning, part
from models.history import Flags, Floats
from models.rhythm import Rhythms
from models.scope_streams import ScopeStreams
from models.signals import Scope
from models.silences import silences
from models.usual_week import Rows, UsualWeeks
from models.warned import Bursts, Warned, warned_of

LEAST_EFFECT = 0.05  # of a scope; smaller changes are true of something always


class CompanyWatch:
    """Feed `close_day` with every day in order, days without orders too; `close_week` after each Sunday's."""

    def __init__(
        self, effects: int, per_year: float, silence_factor: float = 4.0, scopes: Mapping[Scope, float] | None = None
    ) -> None:
        """`effects`: combinations of known effects; `per_year`: false alarms of one account in a year, and of one scope
        unless `scopes` names another figure for its kind."""
        self.accounts = AccountStreams(effects, per_year)
        self.rhythms = Rhythms(silence_factor)
        self._effects = effects
        self.scopes: dict[Scope, ScopeStreams] = {}
        self.market = (1.0, 1.0)  # of the newest week, in orders and in EUR
        self._budgets: dict[Scope, float] = {"territory": per_year, "zone": per_year, "segment": per_year}
        self._budgets.update(scopes or {})
        self._bursts = Bursts(per_year)
        self.usual = UsualWeeks()
        self._newest: AccountsWeek | None = None
        self._ids: Sequence[str] = ()
        self._first_day: date | None = None
        self._first_monday: date | None = None
        self._fixed = False

    def reach(self, ids: Sequence[str]) -> None:
        """These are the accounts now; new ones stand at the end."""
        self._ids = ids
        self.usual.reach(len(ids))
        self.rhythms.reach(len(ids))
        self.accounts.reach(len(ids))
        for streams in self.scopes.values():
            streams.reach(len(ids))

    def set_worth(self, worth: Flags) -> None:
        """(n,) accounts that are watched one by one from now on; the others are only parts of their scopes."""
        self.usual.worth[:] = worth

    def orders_of(self, rows: Rows) -> tuple[float, float, float]:
        """Usual orders of these accounts in the newest week: seen, usual in this market, and the variance of a week."""
        if self._newest is None:
            return 0.0, 0.0, 0.0
        week = self._newest
        seen, usual = week.orders[rows], week.usual_orders[rows] * self.market[0]
        return float(seen.sum()), float(usual.sum()), float(np.where(week.counted, self.usual.scatter, 0)[rows].sum())

    def money_of(self, rows: Rows) -> tuple[float, float]:
        """EUR of these accounts in the newest week: seen, and usual in this market."""
        if self._newest is None:
            return 0.0, 0.0
        week = self._newest
        known = rows[week.counted[rows]]
        return float(week.eur[known].sum()), float(week.usual[known].sum()) * self.market[1]

    def order_days(self, rows: Rows) -> tuple[Floats, Floats]:
        """Of those of these accounts that ordered in the open week, or in the newest before another has brought anything:
        EUR and orders of a day with any, against their usual ones."""
        week = self.usual.week(self.usual.counted)
        if not week.days.any():
            if self._newest is None:
                return np.zeros(0), np.zeros(0)
            week = self._newest
        bought = rows[week.counted[rows] & (week.days[rows] > 0) & (week.eur[rows] > 0) & (week.usual[rows] > 0)]
        often = week.count[bought] / week.days[bought] / np.maximum(week.a_day[bought], 1e-9)
        return np.asarray(week.orders_of(bought) / week.days[bought]), often

    def members(self) -> dict[Scope, Codes]:
        """Each account's scope as of the newest Sunday."""
        return {kind: one.members for kind, one in self.scopes.items()}

    def close_day(self, day: date, rows: Rows, eur: Floats, effect: Cells, count: Floats | None = None) -> list[Warned]:
        """Alerts of the accounts and scopes that are watched by the day. rows: accounts that ordered, each once; eur, effect
        and count of orders: theirs; one order each where the count is not known. Orders of NaN EUR are not known of."""
        self._first_day = self._first_day or day
        known = ~np.isnan(eur)
        if not known.all():
            rows, eur, effect, count = rows[known], eur[known], effect[known], None if count is None else count[known]
        self.usual.add_day(rows, eur, effect, count)
        worked = self.rhythms.close_day(day.toordinal(), rows)
        self.accounts.join(self.rhythms, self.usual.worth)
        worth = self.usual.worth[rows]
        found = self.accounts.close_day(day.weekday(), rows[worth], eur[worth], effect[worth])
        first, one = self._first_day, self.accounts.days
        tell = partial(warned_of, warning=one, detected=day)
        warned = [tell("account", self._ids[row], f, started=first + timedelta(f.started), row=row) for row, f in found]
        told = self._bursts.told(day, warned, one.streams)
        return told + self._close_scopes(day, worked, rows, self.usual.day(rows, eur, effect, count))

    def close_week(
        self,
        sunday: date,
        scope_of: Mapping[Scope, Sequence[str | None]],
        active: Flags | None = None,
        eur: Floats | None = None,
    ) -> list[Warned]:
        """Alerts of the week. scope_of: kind -> each account's scope; active (n,): all when not
        said; eur (n,): of the week, when it is known better than by adding up its days, NaN where it is not."""
        self._first_monday = self._first_monday or sunday - timedelta(days=WEEKDAYS - 1)
        if eur is not None:
            self.usual.set_week(eur)
        here = np.ones(self.usual.rows, bool) if active is None else active
        plain = self.usual.week(self.usual.established(here))
        week = self.usual.expected(plain)
        codes = {kind: Codes(names) for kind, names in scope_of.items()}
        widest = max(codes.values(), key=lambda one: len(one.ids), default=Codes([""] * self.usual.rows))
        self.market = market_of(week, widest)
        found = self._close_accounts(sunday, week)
        for kind, scopes in codes.items():
            streams = self._streams(kind)
            tell = partial(warned_of, warning=streams.weeks, detected=sunday)
            alarms = streams.close_week(week, scopes, self.market)
            told = [tell(kind, name, f, started=self._monday(f.started)) for name, f in alarms]
            found += [one for one in told if abs(one.magnitude) >= LEAST_EFFECT]
        found += silences(self.rhythms, sunday, week.counted & self.usual.worth, self._ids, scope_of.get("segment"))
        self._newest = plain
        change = self.usual.learn(plain, here, self.rhythms, self.market)
        for kind, scopes in codes.items():  # their streams go on where they are
            self.scopes[kind].relink(scopes, plain.rate, change, plain.counted)
        self.usual.begin_week()
        return found

    def skip_week(self, sunday: date) -> None:
        """A week that says nothing of anybody, such as one without any feed."""
        self._first_monday = self._first_monday or sunday - timedelta(days=WEEKDAYS - 1)
        nobody, nothing = np.zeros(0, np.intp), np.zeros(0)
        self.accounts.close_week(nobody, nothing, nothing, nobody)
        for streams in self.scopes.values():
            streams.skip_week()
        self.usual.begin_week()

    def calibrated(self) -> None:
        """From now on all thresholds stay what the past has made them."""
        self._fixed = True
        for one in self._warnings():
            one.calibrated()

    def keep_to(self, shares: Mapping[str, float]) -> None:
        """Spend these shares of the false-alarm budgets, by kind of scope; a kind that is not named spends all."""
        for one in (self.accounts.days, self.accounts.weeks):
            one.keep_to(self._bursts.per_year * shares.get("account", 1.0))
        for kind in self._budgets:
            for one in self._streams(kind).both:
                one.keep_to(self._budgets[kind] * shares.get(kind, 1.0))

    def recent(self, kind: Scope, name: str, row: int) -> float:
        """The newest week's mean residual of a scope, or of the account of that row; NaN when there is none."""
        if kind != "account":
            watching, place = self.scopes[kind].watching(name)
            return watching.recent(place, WEEKDAYS // watching.rhythm.days)
        for one, periods in ((self.accounts.days, WEEKDAYS), (self.accounts.weeks, 1)):
            place = int(self.accounts.rows_of(one)[row])
            if 0 <= place < one.streams:
                return one.recent(place, periods)
        return float("nan")

    def sold(self, kind: Scope, name: str) -> bool:
        """Whether the newest day, or week, says anything of a scope: not when nobody worked."""
        watching, place = self.scopes[kind].watching(name)
        return not isnan(watching.recent(place, 1))

    def resume(self, kind: Scope, name: str, row: int, level: float) -> None:
        """The change is over: the stream is back at that level."""
        if kind != "account":
            watching, place = self.scopes[kind].watching(name)
            watching.monitor.resume(place, level)
            return
        for one in (self.accounts.days, self.accounts.weeks):
            place = int(self.accounts.rows_of(one)[row])
            if 0 <= place < one.streams:
                one.monitor.resume(place, level)

    def _warnings(self) -> list[EarlyWarning]:
        return [
            self.accounts.days,
            self.accounts.weeks,
            *(warning for one in self.scopes.values() for warning in one.both),
        ]

    def _close_scopes(self, day: date, worked: bool, rows: Rows, bought: AccountsWeek) -> list[Warned]:
        """Alarms of the scopes that are watched by the day."""
        if all(one.days.idle for one in self.scopes.values()):
            return []
        members = self.members()
        widest = max(members.values(), key=lambda one: len(one.ids))
        market = market_of(bought, widest)[0] if worked else float("nan")
        found: list[Warned] = []
        for kind, streams in self.scopes.items():
            streams.days.join(day.toordinal(), members[kind], rows, worked)
            tell = partial(warned_of, warning=streams.days.warning, detected=day)
            alarms = streams.close_day(day, bought, members[kind], market)
            told = [tell(kind, name, f, started=streams.days.date_of(f.started)) for name, f in alarms]
            found += [one for one in told if abs(one.magnitude) >= LEAST_EFFECT]
        return found

    def _streams(self, kind: Scope) -> ScopeStreams:
        streams = self.scopes.get(kind)
        if streams is None:
            streams = self.scopes[kind] = ScopeStreams(self._budgets[kind], self._effects > 1)
            streams.reach(self.usual.rows)
            if self._fixed:
                for one in streams.both:
                    one.calibrated()
        return streams

    def _close_accounts(self, sunday: date, week: AccountsWeek) -> list[Warned]:
        cell = np.rint(2 * week.under_effect / np.maximum(week.days, 1)).astype(np.intp)
        rows = np.flatnonzero(week.counted & ~self.rhythms.silent & self.usual.worth)
        one = self.accounts.weeks
        found = self.accounts.close_week(rows, week.eur[rows], week.usual[rows], cell[rows])
        tell = partial(warned_of, warning=one, detected=sunday)
        warned = [tell("account", self._ids[row], f, started=self._monday(f.started), row=row) for row, f in found]
        return self._bursts.told(sunday, warned, one.streams)

    def _monday(self, week: int) -> date:
        assert self._first_monday is not None  # noqa: S101  a week has closed
        return self._first_monday + timedelta(weeks=week)

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        parts = {"accounts": self.accounts.state(), "rhythms": self.rhythms.state()}
        parts |= {f"scope-{kind}": one.state() for kind, one in self.scopes.items()}
        values: dict[str, Any] = {name: own for name, (own, _) in parts.items()}
        values |= {
            "rows": self.usual.rows,
            "kinds": list(self.scopes),
            "market": list(self.market),
            "bursts": self._bursts.state(),
            "fixed": self._fixed,
            "first_day": self._first_day.isoformat() if self._first_day else None,
            "first_monday": self._first_monday.isoformat() if self._first_monday else None,
        }
        arrays = {f"column.{name}": array for name, array in self.usual.state().items()}
        return values, arrays | {
            f"{name}.{key}": array for name, (_, own) in parts.items() for key, array in own.items()
        }

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self.usual.restore(values["rows"], part("column", arrays))
        self.accounts.restore(values["accounts"], part("accounts", arrays))
        self.rhythms.restore(values["rhythms"], part("rhythms", arrays))
        for kind in values["kinds"]:
            self._streams(kind).restore(values[f"scope-{kind}"], part(f"scope-{kind}", arrays))
        self.market = (values["market"][0], values["market"][1])
        self._bursts.restore(values["bursts"])
        self._fixed = values["fixed"]
        self._first_day = date.fromisoformat(values["first_day"]) if values["first_day"] else None
        self._first_monday = date.fromisoformat(values["first_monday"]) if values["first_monday"] else None
