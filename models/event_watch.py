"""Market events: what they are expected to do in their reach holds at once, and is then confirmed or refuted.

Each event is a hypothesis of known size and known beginning, so a sequential ratio test (Wald 1945) decides it sooner than
any detector could: revenue of the accounts in reach, in usual orders, against the same without the event. Errors of
either kind are held to about one in twenty. What confirmed and refuted events of a kind have really done is the
expectation for the next one of that kind that states none. Of a kind that nothing is known of nothing is expected: such an
event is only followed for a quarter, so that the next one finds something learnt.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from math import isnan, log
from typing import Any, Literal

import numpy as np

from models.company_watch import CompanyWatch
from models.event_effects import FORGOTTEN_WEEKS, EventEffect

Verdict = Literal["expected", "confirmed"]
DECIDED = log(19)
_LONGEST_TEST = 13  # weeks; then the likelier hypothesis holds
_LONGEST_WEEKS = 26  # that a confirmed event stands, then it is the new usual
_LEAST_EFFECT = 0.05
_DOUBT = 1.0  # events of no effect, added to those of a kind that were seen
_RECOVERY_STEP = 0.3
_LEAST_USUAL = 0.05
_MOST_OF_A_WEEK = 2.0  # of the evidence: one week alone decides nothing
_STATED_SD = 0.15  # by which a stated effect is usually wrong


@dataclass(frozen=True, slots=True)
class MarketNews:
    """An event as it is told. rows: of the accounts in reach; effect: share of their revenue, None not stated;
    scope: (kind, id) of what it is told about; inside: the scopes around that."""

    event_id: str
    subject: str
    day: date
    rows: tuple[int, ...]
    effect: float | None
    scope: tuple[str, str]
    inside: tuple[tuple[str, str], ...]
    note: str = ""


@dataclass(slots=True)
class Expectation:
    """An event that is believed; sums of usual orders and EUR over the weeks since. `estimate`: of its effect, from what
    was expected and what is seen."""

    news: MarketNews
    effect: float
    estimate: float
    verdict: Verdict = "expected"
    evidence: float = 0.0  # log likelihood ratio
    weeks: int = 0
    seen: float = 0.0
    usual: float = 0.0
    variance: float = 0.0
    eur_seen: float = 0.0
    eur_usual: float = 0.0
    recovery: float = 0.0
    said: bool = False

    def age(self, monday: date) -> int:
        """Whole weeks since the event once the week that begins then is closed, however late it was told."""
        return max((monday - self.news.day).days // 7 + 1, 0)

    def judge(self) -> float:
        """Weigh what was expected with what is seen, by how far either can be wrong."""
        if self.usual > 0:
            trust = self.usual**2 / max(self.variance, 1e-9) * _STATED_SD**2
            seen = self.seen / self.usual - 1
            self.estimate = max((self.effect + trust * seen) / (1 + trust), _LEAST_USUAL - 1)
        return self.estimate


class EventWatch:
    """Bounded by the events of the last year."""

    def __init__(self) -> None:
        self._open: dict[str, Expectation] = {}
        self._followed: dict[str, Expectation] = {}  # of no known effect
        self._settled: list[EventEffect] = []  # confirmed ones that are the new usual
        self._learnt: dict[str, tuple[float, float]] = {}  # subject -> sum of effects, how many

    def all(self) -> list[Expectation]:
        """In a stable order."""
        return [self._open[event_id] for event_id in sorted(self._open)]

    def learnt(self, subject: str) -> float:
        """The effect of a kind of event, from those that were decided."""
        total, count = self._learnt.get(subject, (0.0, 0.0))
        return total / (count + _DOUBT)

    def believed(self, monday: date) -> list[EventEffect]:
        """What is held to be true of revenue in the week that begins then, the next one to be closed."""
        opened = [EventEffect(one.news.rows, one.age(monday), one.estimate) for one in self.all()]
        return [*opened, *(replace(one, weeks=one.weeks + 1) for one in self._settled)]

    def fresh(self) -> list[Expectation]:
        """Those not handed out here before."""
        new = [one for one in self.all() if not one.said]
        for one in new:
            one.said = True
        return new

    def hear(self, news: MarketNews, company: CompanyWatch) -> None:
        """Expect what it states, or what its kind has done before, unless that is next to nothing, or known. NaN states
        nothing."""
        stated = None if news.effect is None or isnan(news.effect) else news.effect
        effect = max(self.learnt(news.subject) if stated is None else stated, _LEAST_USUAL - 1)
        if not news.rows or news.event_id in self._open or news.event_id in self._followed:
            return
        if abs(effect) < _LEAST_EFFECT:
            if stated is None:
                self._followed[news.event_id] = Expectation(news, 0.0, 0.0)
            return
        self._open[news.event_id] = Expectation(news, effect, effect, recovery=effect)
        company.usual.expect(np.array(news.rows, np.intp), 1 + effect)

    def close_week(self, monday: date, company: CompanyWatch) -> None:
        """Judge every expectation by the week that has just closed."""
        older = [replace(one, weeks=one.weeks + 1) for one in self._settled]
        self._settled = [one for one in older if one.weeks < FORGOTTEN_WEEKS]
        self._follow(monday, company)
        for event_id, one in sorted(self._open.items()):
            if one.news.day > monday:
                continue
            rows = np.array(one.news.rows, np.intp)
            seen, usual, variance = company.orders_of(rows)
            eur_seen, eur_usual = company.money_of(rows)
            one.weeks += 1
            if usual <= 0 and one.weeks < _LONGEST_TEST:
                continue
            one.seen, one.usual = one.seen + seen, one.usual + usual
            one.eur_seen, one.eur_usual = one.eur_seen + eur_seen, one.eur_usual + eur_usual
            one.recovery += _RECOVERY_STEP * (seen / max(usual, 1e-9) - 1 - one.recovery)
            one.variance += variance
            before = 1 + one.estimate
            company.usual.expect(rows, (1 + one.judge()) / before)
            if one.verdict == "expected":
                middle = usual * (1 + one.effect / 2)
                gain = usual * one.effect * (seen - middle) / max(variance, 1e-9)
                one.evidence += min(max(gain, -_MOST_OF_A_WEEK), _MOST_OF_A_WEEK)
                self._decide(event_id, one, company)
            elif abs(one.recovery) < 0.5 * abs(one.estimate):
                self._end(event_id, company)
            elif one.weeks >= _LONGEST_WEEKS:
                company.usual.settle(rows, 1 + one.estimate)
                self._settled.append(EventEffect(one.news.rows, one.age(monday), one.estimate))
                self._end(event_id, company)

    def _follow(self, monday: date, company: CompanyWatch) -> None:
        """What events did of which nothing was expected; nobody is told of them."""
        for event_id, one in sorted(self._followed.items()):
            if one.news.day > monday:
                continue
            seen, usual, variance = company.orders_of(np.array(one.news.rows, np.intp))
            one.weeks, one.seen, one.usual = one.weeks + 1, one.seen + seen, one.usual + usual
            one.variance += variance
            if one.weeks >= _LONGEST_TEST:
                if one.usual > 0:
                    self._learn(one.news.subject, one.judge())
                del self._followed[event_id]

    def _learn(self, subject: str, effect: float) -> None:
        total, count = self._learnt.get(subject, (0.0, 0.0))
        self._learnt[subject] = total + effect, count + 1

    def _decide(self, event_id: str, one: Expectation, company: CompanyWatch) -> None:
        if abs(one.evidence) < DECIDED and one.weeks < _LONGEST_TEST:
            return
        self._learn(one.news.subject, one.estimate if one.evidence > 0 else 0.0)
        if one.evidence > 0:
            one.verdict = "confirmed"
        else:
            self._end(event_id, company)

    def _end(self, event_id: str, company: CompanyWatch) -> None:
        """Nothing is expected of it any more."""
        one = self._open.pop(event_id)
        company.usual.expect(np.array(one.news.rows, np.intp), 1 / (1 + one.estimate))

    def state(self) -> dict[str, Any]:
        """Plain values for a snapshot."""
        return {
            "open": [_plain(one) for one in self.all()],
            "followed": [_plain(one) for _, one in sorted(self._followed.items())],
            "learnt": self._learnt,
            "settled": [asdict(one) for one in self._settled],
        }

    def restore(self, values: dict[str, Any]) -> None:
        for name, held in (("open", self._open), ("followed", self._followed)):
            held.update({one.news.event_id: one for one in map(_restored, values[name])})
        self._learnt = {subject: (total, count) for subject, (total, count) in values["learnt"].items()}
        self._settled = [EventEffect(**(one | {"rows": tuple(one["rows"])})) for one in values["settled"]]


def _plain(one: Expectation) -> dict[str, Any]:
    values = asdict(one)
    values["news"]["day"] = one.news.day.isoformat()
    return values


def _restored(values: dict[str, Any]) -> Expectation:
    news = MarketNews(**values["news"])
    news = replace(
        news,
        day=date.fromisoformat(values["news"]["day"]),
        rows=tuple(news.rows),
        scope=(news.scope[0], news.scope[1]),
        inside=tuple((kind, name) for kind, name in news.inside),
    )
    return Expectation(**(values | {"news": news}))
