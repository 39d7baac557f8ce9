"""The watch of one region: a company's streams, the region itself, and alarms that stand, told as signals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.accounts_week import FEWEST_ACCOUNTS
from models.codes import Codes
from models.company_watch import CompanyWatch
from models.early_warning import part
from models.event_effects import EventEffect
from models.event_watch import EventWatch, Expectation, MarketNews
from models.history import Flags, Floats
from models.region_streams import RegionStreams
from models.saying import (
    SILENT_FEED,
    ScopeFacts,
    account_signal,
    around_scope,
    event_signal,
    feed_silence,
    region_signal,
    scope_signal,
)
from models.signals import SCOPES, Scope, Signal, WeekView
from models.snapshot import pack, unpack
from models.standing import Standing, Standings
from models.verdicts import Budget
from schemas.settings import Alerts

_WEEKS_PER_YEAR = 52
_BUDGET_WEEKS = 13
_BUDGETS: dict[Scope, float] = {"territory": 0.5, "zone": 0.35, "segment": 0.15}  # of what the territories may spend
LEAST_ACCOUNT = 0.33  # single accounts are too noisy by the week for smaller drops
Around = Callable[[int], tuple[tuple[str, str], ...]]
"""Row of an account -> (kind, id) of the scopes around it, nearest first."""


class Watch:
    """Call `close_day` every day and `close_week` after each Sunday's; signals repeat while a deviation stands."""

    version: ClassVar[str] = "watch-10"

    def __init__(self, settings: Alerts) -> None:
        self._settings = settings
        self._territory_year = 12 * settings.per_territory_month
        budgets = {kind: share * self._territory_year for kind, share in _BUDGETS.items()}
        self._company = CompanyWatch(1, settings.per_account_year, settings.silence_factor, budgets)
        self._region = RegionStreams(settings)
        self._standings = Standings()
        self._events = EventWatch()
        self._budgets: dict[str, Budget] = {}  # of the kinds people have marked alerts of
        self._parts: dict[str, float] = {}  # of its kind's budget that a single scope may spend
        self._week = -1

    @property
    def market_factor(self) -> float:
        """This week's common movement: observed over usual in the middle scope."""
        return self._company.market[1]

    def keep_to(self, budgets: Mapping[str, Budget]) -> None:
        """Spend what marks have left of the false-alarm budgets, by kind of scope; a kind that is not named spends all."""
        self._budgets = {kind: one for kind, one in budgets.items() if one != Budget()}
        self._spend()

    def hear(self, news: MarketNews, ids: Sequence[str]) -> None:
        """A market event changes at once what is expected in its reach; the closing day says so."""
        self._company.reach(ids)
        self._events.hear(news, self._company)

    def believed(self, monday: date) -> list[EventEffect]:
        """What market events are held to do to revenue in the week that begins then, the next one to be closed."""
        return self._events.believed(monday)

    def close_day(
        self,
        day: date,
        ids: Sequence[str],
        rows: NDArray[np.intp],
        eur: Floats,
        around: Around,
        count: Floats | None = None,
    ) -> list[Signal]:
        """What is new: events heard of, accounts and scopes that are watched by the day, and such scopes again until their
        alarm is confirmed. `rows` ordered for `eur`, each once, in `count` orders (one each where that is not known)."""
        self._company.reach(ids)
        found = self._company.close_day(day, rows, eur, np.zeros(rows.size, np.intp), count)
        taken = self._standings.take(found, LEAST_ACCOUNT)
        alarms = [self._account(one, day, around(one.warned.row)) for one in taken if one.warned.scope == "account"]
        by_day = [one for one in taken if one.days]
        by_day += self._standings.follow_day(day, self._company, self._settings.confirm_days)
        if by_day:
            codes, usual = self._company.members(), self._usual(self._company.usual.counted)
            alarms += [self._scope(one, codes, usual, self._estimated(one, codes, usual)) for one in by_day]
        return [*(self._event(one) for one in self._events.fresh()), *alarms]

    def close_week(self, view: WeekView) -> list[Signal]:
        """Signals that stand after this week, in a stable order."""
        sunday = view.week + timedelta(days=6)
        self._company.reach(view.account_ids)
        if self._feed_is_silent(view):
            self._company.skip_week(sunday)
            return [feed_silence(view)]
        self._week += 1
        codes: dict[Scope, Codes] = {
            "territory": Codes(view.territory_of),
            "zone": Codes(view.zone_of),
            "segment": Codes(view.segment_of),
        }
        if self._week % _BUDGET_WEEKS == 0:
            self._share_out(codes, view)
        self._company.set_worth(self._large(view))
        scope_of: dict[Scope, Sequence[str | None]] = {
            "territory": view.territory_of, "zone": view.zone_of, "segment": view.segment_of,
        }  # fmt: skip
        found = self._company.close_week(sunday, scope_of, view.active, view.observed)
        self._standings.follow(sunday, self._company)
        self._standings.take(found, LEAST_ACCOUNT)
        self._events.close_week(view.week, self._company)
        self._region.close_week(view)
        return self._signals(view, codes, sunday)

    def _feed_is_silent(self, view: WeekView) -> bool:
        forecast = float(np.nansum(np.where(view.active, view.expected, 0)))
        return self._week >= 0 and forecast > 0 and float(np.nansum(view.observed)) < SILENT_FEED * forecast

    def _share_out(self, codes: Mapping[Scope, Codes], view: WeekView) -> None:
        """All scopes of a kind together may spend what the territories may: more of them do not make more alarms."""
        sizes = {kind: one.sums(view.active.astype(np.float64)) for kind, one in codes.items()}
        counts = {
            kind: sum(n >= FEWEST_ACCOUNTS and name != "" for n, name in zip(sizes[kind], one.ids, strict=True))
            for kind, one in codes.items()
        }
        territories = max(counts["territory"], 1)
        self._parts = {kind: min(territories / max(n, 1), 1.0) for kind, n in counts.items()}
        accounts = max(int(self._large(view).sum()), 1) * self._settings.per_account_year
        self._parts["account"] = min(territories * self._territory_year / accounts, 1.0)
        self._spend()

    def _spend(self) -> None:
        kinds = {*self._parts, *self._budgets}
        both = {kind: self._parts.get(kind, 1.0) * self._budget(kind).share for kind in sorted(kinds)}
        self._company.keep_to(both)
        self._region.keep_to(self._budget("region").share)

    def _budget(self, kind: str) -> Budget:
        return self._budgets.get(kind, Budget())

    def _large(self, view: WeekView) -> Flags:
        """Accounts worth an alert of their own: A accounts and all above the mean."""
        active = view.potential[view.active]
        mean = float(active.mean()) if active.size else 0.0
        return (np.array([s == "A" for s in view.segment_of], bool) | (view.potential > mean)) & view.active

    def _signals(self, view: WeekView, codes: Mapping[Scope, Codes], sunday: date) -> list[Signal]:
        usual = self._usual(self._company.usual.established(view.active))
        facts = ScopeFacts("region", _WEEKS_PER_YEAR * float(usual.sum()), int(view.active.sum()), ())
        signals = [self._marked(region_signal(view, one, facts)) for one in self._region.strongest()]
        signals += [self._event(one) for one in self._events.all()]
        for one in self._standings.all():
            kind, name = one.warned.scope, one.warned.scope_id
            if kind == "account":
                around = [(k, codes[k].ids[codes[k].codes[one.warned.row]]) for k in ("zone", "territory")]
                known = tuple(pair for pair in around if pair[1])
                signals.append(self._account(one, sunday, (*known, ("region", ""))))
            elif name not in codes[kind].ids:  # many accounts of all kinds at once
                everywhere = replace(facts, kind=kind, inside=(("region", ""),))
                signals.append(self._marked(scope_signal(one, everywhere, (0.0, 0.0), (np.zeros(0), np.zeros(0)))))
            else:
                signals.append(self._scope(one, codes, usual, self._money(one)))
        return signals

    def _usual(self, counted: Flags) -> Floats:
        """(n,) EUR of the usual week of these accounts, 0 of the others."""
        return np.where(counted, self._company.usual.eur, 0)

    def _scope(self, one: Standing, codes: Mapping[Scope, Codes], usual: Floats, money: tuple[float, float]) -> Signal:
        kind = one.warned.scope
        i = codes[kind].ids.index(one.warned.scope_id)
        rows = np.flatnonzero((codes[kind].codes == i) & (usual > 0))
        yearly, around = _WEEKS_PER_YEAR * float(usual[rows].sum()), around_scope(kind, i, codes, usual)
        scope = ScopeFacts(kind, yearly, int(rows.size), around)
        return self._marked(scope_signal(one, scope, money, self._company.order_days(rows)))

    def _estimated(self, one: Standing, codes: Mapping[Scope, Codes], usual: Floats) -> tuple[float, float]:
        """EUR since the change at the alarm's own estimate, until the week is closed and its EUR are known."""
        expected = one.weeks * float(usual[codes[one.warned.scope].contains({one.warned.scope_id})].sum())
        return expected * (1 + one.deviation), expected

    def _money(self, one: Standing) -> tuple[float, float]:
        streams = self._company.scopes[one.warned.scope]
        return streams.money(one.warned.scope_id, one.weeks) if one.warned.scope_id in streams.rows else (0.0, 0.0)

    def _event(self, one: Expectation) -> Signal:
        usual = float(self._company.usual.eur[list(one.news.rows)].sum())
        kind = next(kind for kind in SCOPES if kind == one.news.scope[0])
        return self._marked(event_signal(one, _WEEKS_PER_YEAR * usual, kind))

    def _account(self, one: Standing, day: date, around: tuple[tuple[str, str], ...]) -> Signal:
        row = one.warned.row
        weekly, gap = float(self._company.usual.eur[row]), float(self._company.rhythms.gap[row])
        return self._marked(account_signal(one, day, weekly, gap, around))

    def _marked(self, signal: Signal) -> Signal:
        """People see what their marks did to the budget behind a signal."""
        return replace(signal, evidence={**signal.evidence, **self._budget(signal.kind).facts()})

    def to_bytes(self) -> bytes:
        company, arrays = self._company.state()
        region, region_arrays = self._region.state()
        values: dict[str, Any] = {
            "company": company,
            "region": region,
            "standing": self._standings.state(),
            "events": self._events.state(),
            "shares": {kind: one.share for kind, one in self._budgets.items()},
            "marks": {kind: [one.useful, one.false, one.expected] for kind, one in self._budgets.items()},
            "parts": self._parts,
            "week": self._week,
        }
        named = {f"company.{name}": array for name, array in arrays.items()}
        return pack("watch", self.version, values, named | {f"region.{n}": a for n, a in region_arrays.items()})

    @classmethod
    def from_bytes(cls, settings: Alerts, data: bytes) -> Watch:
        """Raises SnapshotError on the bytes of another version."""
        values, arrays = unpack("watch", cls.version, data)
        watch = cls(settings)
        watch._company.restore(values["company"], part("company", arrays))
        watch._region.restore(values["region"], part("region", arrays))
        watch._standings.restore(values["standing"])
        watch._events.restore(values["events"])
        marks = values.get("marks", {})  # older snapshots know the shares alone
        watch._budgets = {kind: Budget(share, *marks.get(kind, ())) for kind, share in values["shares"].items()}
        watch._parts, watch._week = values["parts"], values["week"]
        return watch
