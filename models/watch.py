"""The watch of one region: removes what the whole market does, then looks for lasting drops and rises of its scopes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.account_watch import AccountFinding, AccountWatch
from models.bank import Standing, StreamBank
from models.baseline import Baseline, Codes
from models.detectors import Cusum, ShiryaevRoberts
from models.history import Flags, Floats
from models.saying import PERIOD_WEEKS, SILENT_FEED, ScopeFacts, account_signal, feed_silence, scope_signal
from models.signals import Scope, Signal, WeekView
from models.snapshot import pack, unpack
from schemas.settings import Alerts

_PERIODS_PER_YEAR = 26
_WEEKS_PER_YEAR = 52
_FEWEST_ACCOUNTS = 4  # a smaller scope is watched account by account
_REGION_WEEKS = 54
_KINDS: tuple[Scope, ...] = ("territory", "zone", "segment")
_SHORT_TERM, _YEAR = "forecast", "year"  # the region against its forecast, and against the same weeks a year ago


class Watch:
    """Call `close_week` once a week, after the potential model. Signals repeat every week while a deviation stands."""

    version: ClassVar[str] = "watch-3"

    def __init__(self, settings: Alerts) -> None:
        self._settings = settings
        yearly = {"territory": 12 * settings.per_territory_month}
        self._banks = {
            kind: StreamBank(
                Cusum(0.5) if kind in ("territory", "zone") else ShiryaevRoberts(),
                _PERIODS_PER_YEAR / yearly.get(kind, settings.per_account_year),
                settings.min_effect_share,
            )
            for kind in (*_KINDS, "region")
        }
        self._accounts = AccountWatch(_WEEKS_PER_YEAR / settings.per_account_year, settings.silence_factor)
        self._baseline = Baseline()
        self._shares: dict[str, float] = {}
        self._week = -1
        self._sums: dict[str, dict[str, list[float]]] = {kind: {} for kind in _KINDS}  # the open fortnight
        self._region: list[list[float]] = []  # observed, forecast of the last 54 weeks

    @property
    def market_factor(self) -> float:
        """This week's common movement: observed over usual in the middle scope."""
        return self._baseline.market

    def keep_to(self, shares: Mapping[str, float]) -> None:
        """Spend these shares of the false-alarm budgets, by kind of scope; a kind that is not named spends all."""
        self._shares = {kind: share for kind, share in shares.items() if share < 1}
        for kind, bank in self._banks.items():
            bank.keep_to(self._shares.get(kind, 1.0))
        self._accounts.keep_to(self._shares.get("account", 1.0))

    def close_week(self, view: WeekView) -> list[Signal]:
        """Signals that stand after this week, in a stable order."""
        if self._feed_is_silent(view):
            return [feed_silence(view)]
        self._week += 1
        self._baseline.reach(view.observed.size)
        codes: dict[Scope, Codes] = {
            "territory": Codes(view.territory_of),
            "zone": Codes(view.zone_of),
            "segment": Codes(view.segment_of),
        }
        market_scope = max((codes["zone"], codes["territory"]), key=lambda one: len(one.ids))
        self._baseline.market = self._baseline.factor(view.observed, view.active, market_scope)
        rows = self._baseline.established(view.active)
        usual_now = np.where(rows, self._baseline.usual * self._baseline.market, 0)
        observed = np.where(rows, view.observed, 0)
        self._close_scopes(codes, rows, observed, usual_now)
        self._close_region(view)
        findings = self._accounts.close_week(observed, usual_now, rows & self._large(view))
        self._baseline.learn(view.observed, view.active, self._frozen(codes, findings))
        signals = [*self._scope_signals(view, codes, rows), *self._account_signals(view, codes, findings)]
        return [self._with_share(signal) for signal in signals]

    def _with_share(self, signal: Signal) -> Signal:
        """People see what their verdicts did to the budget behind a signal."""
        share = self._shares.get(signal.kind)
        return signal if share is None else replace(signal, evidence={**signal.evidence, "budget_share": share})

    def _feed_is_silent(self, view: WeekView) -> bool:
        forecast = float(np.nansum(np.where(view.active, view.expected, 0)))
        return self._week >= 0 and forecast > 0 and float(view.observed.sum()) < SILENT_FEED * forecast

    def _close_scopes(self, codes: dict[Scope, Codes], rows: Flags, observed: Floats, usual_now: Floats) -> None:
        for kind, scopes in codes.items():
            sums = self._sums[kind]
            counts = scopes.sums(rows.astype(np.float64)).tolist()
            pairs = zip(scopes.sums(observed).tolist(), scopes.sums(usual_now).tolist(), strict=True)
            for scope_id, count, (seen, usual) in zip(scopes.ids, counts, pairs, strict=True):
                if scope_id and count >= _FEWEST_ACCOUNTS and usual > 0:
                    total = sums.setdefault(scope_id, [0.0, 0.0, 0.0])
                    total[0], total[1], total[2] = total[0] + seen, total[1] + usual, total[2] + 1
            if self._fortnight_ends():
                whole = sorted(scope_id for scope_id, total in sums.items() if total[2] == PERIOD_WEEKS)
                values = np.array([sums[scope_id] for scope_id in whole]).reshape(-1, 3)
                self._banks[kind].close_period(whole, values[:, 0], values[:, 1])
                sums.clear()

    def _close_region(self, view: WeekView) -> None:
        forecast = float(np.nansum(np.where(view.active, view.expected, 0)))
        self._region = [*self._region, [float(view.observed.sum()), forecast]][-_REGION_WEEKS:]
        if not self._fortnight_ends():
            return
        if len(self._region) < _REGION_WEEKS:
            return  # before a whole year is known, a season would look like a drift
        now = np.array(self._region[-PERIOD_WEEKS:]).sum(axis=0)
        a_year_ago = np.array(self._region[:PERIOD_WEEKS]).sum(axis=0)
        expected = {_SHORT_TERM: now[1], _YEAR: a_year_ago[0]}
        known = [name for name, value in expected.items() if value > 0]
        values = np.array([expected[name] for name in known])
        self._banks["region"].close_period(known, np.full(len(known), now[0]), values)

    def _fortnight_ends(self) -> bool:
        return self._week % PERIOD_WEEKS == PERIOD_WEEKS - 1

    def _large(self, view: WeekView) -> Flags:
        """Accounts worth an alert of their own: A accounts and all above the mean."""
        active = view.potential[view.active]
        mean = float(active.mean()) if active.size else 0.0
        return (np.array([s == "A" for s in view.segment_of], bool) | (view.potential > mean)) & view.active

    def _frozen(self, codes: dict[Scope, Codes], findings: list[AccountFinding]) -> Flags:
        frozen = np.zeros(codes["zone"].codes.size, bool)
        for kind, scopes in codes.items():
            frozen |= scopes.contains(self._banks[kind].alarmed_ids())
        frozen[[finding.row for finding in findings]] = True
        return frozen

    def _scope_signals(self, view: WeekView, codes: dict[Scope, Codes], rows: Flags) -> list[Signal]:
        signals: list[Signal] = []
        strongest: dict[int, Standing] = {}
        for standing in self._banks["region"].standing():
            before = strongest.get(standing.side)
            if before is None or standing.statistic > before.statistic:
                strongest[standing.side] = standing
        open_weeks = (self._week + 1) % PERIOD_WEEKS
        yearly = float(_WEEKS_PER_YEAR * self._baseline.usual[rows].sum())
        region = ScopeFacts("region", yearly, int(rows.sum()), (), open_weeks)
        signals.extend(scope_signal(view, one, region) for one in strongest.values())
        for kind in _KINDS:
            scopes = codes[kind]
            usual = scopes.sums(np.where(rows, self._baseline.usual, 0))
            counts = scopes.sums(rows.astype(np.float64))
            index = {scope_id: i for i, scope_id in enumerate(scopes.ids)}
            for standing in self._banks[kind].standing():
                if standing.scope_id in index:
                    i = index[standing.scope_id]
                    yearly = float(_WEEKS_PER_YEAR * usual[i])
                    facts = ScopeFacts(kind, yearly, int(counts[i]), self._around(kind, i, codes), open_weeks)
                    signals.append(scope_signal(view, standing, facts))
        return signals

    def _around(self, kind: Scope, index: int, codes: dict[Scope, Codes]) -> tuple[tuple[str, str], ...]:
        """A zone lies in the territory that holds most of its revenue; everything lies in the region."""
        if kind != "zone":
            return (("region", ""),)
        inside = codes["zone"].codes == index
        shares = codes["territory"].sums(np.where(inside, self._baseline.usual, 0))
        territory = codes["territory"].ids[int(np.argmax(shares))]
        return (("territory", territory), ("region", "")) if territory else (("region", ""),)

    def _account_signals(self, view: WeekView, codes: dict[Scope, Codes], found: list[AccountFinding]) -> list[Signal]:
        signals = []
        for one in found:
            names = {kind: scopes.ids[scopes.codes[one.row]] for kind, scopes in codes.items()}
            around = [(kind, names[kind]) for kind in ("zone", "territory") if names[kind]]
            weekly = float(self._baseline.usual[one.row])
            signals.append(account_signal(view, one, weekly, (*around, ("region", ""))))
        return signals

    def to_bytes(self) -> bytes:
        parts: dict[str, tuple[dict[str, Any], dict[str, NDArray[Any]]]] = {
            "baseline": self._baseline.state(),
            "accounts": self._accounts.state(),
        }
        parts |= {f"bank-{kind}": bank.state() for kind, bank in self._banks.items()}
        values: dict[str, Any] = {name: state for name, (state, _) in parts.items()}
        values |= {"week": self._week, "sums": self._sums, "region": self._region, "shares": self._shares}
        arrays = {f"{part}.{name}": array for part, (_, state) in parts.items() for name, array in state.items()}
        return pack("watch", self.version, values, arrays)

    @classmethod
    def from_bytes(cls, settings: Alerts, data: bytes) -> Watch:
        """Raises SnapshotError on the bytes of another version."""
        values, arrays = unpack("watch", cls.version, data)
        watch = cls(settings)
        watch._week, watch._sums, watch._region = values["week"], values["sums"], values["region"]
        watch._baseline.restore(values["baseline"], _part("baseline", arrays))
        watch._accounts.restore(values["accounts"], _part("accounts", arrays))
        for kind, bank in watch._banks.items():
            bank.restore(values[f"bank-{kind}"], _part(f"bank-{kind}", arrays))
        watch._shares = values["shares"]
        return watch


def _part(name: str, arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {key.removeprefix(name + "."): array for key, array in arrays.items() if key.startswith(name + ".")}
