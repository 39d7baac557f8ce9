"""One region: a deterministic fold over its log. Same log, settings and version: same potentials, alerts, suggestions, ids.

Messages take effect on their own day: what is dated ahead waits on the agenda until the calendar gets there. While a
solve is out the calendar stands still, so the answer always meets the region as it was when it asked.
"""

from __future__ import annotations

from datetime import date, timedelta

from schemas.errors import RefusedError
from schemas.region_log import (
    AccountDay,
    AccountSet,
    AssignmentSet,
    Decided,
    MarketEventSet,
    RegionMessage,
    RepSet,
    SolveFinished,
)
from schemas.settings import Settings
from solvers.problem import Problem, ProblemError
from solvers.solution import Solution
from solvers.verify import verify_solution
from streams.handlers.region import planning, roster, suggesting
from streams.handlers.region.days import first_day, forget_old_days, hear_day, note_orders
from streams.handlers.region.learning import Learner
from streams.handlers.region.roster import day_of
from streams.handlers.region.solving import decode_answer
from streams.handlers.region.state import PendingSolve, RegionState
from streams.handlers.region.voice import Voice
from streams.ports import SolveRequest

ONE_DAY = timedelta(days=1)
SUNDAY = 6
FRUITLESS_REST_DAYS = 28
SOLVE_EVALUATIONS = 20_000_000
SOLVE_SECONDS = 60.0


class Region:
    """The state of a region and what it does with each message."""

    def __init__(self, state: RegionState, learner: Learner, settings: Settings) -> None:
        self.state = state
        self.learner = learner
        self._settings = settings

    def hear(self, message: RegionMessage, voice: Voice) -> None:
        """Apply one message of the log. Raises RefusedError for what fits nothing here."""
        state = self.state
        if isinstance(message, AccountDay):
            self._hear_day(message, voice)
        elif isinstance(message, AccountSet) and message.account_id not in state.accounts:
            if not message.left:
                self.learner.add(roster.enter(state, message))
        elif isinstance(message, SolveFinished):
            self._hear_solution(message, voice)
        elif isinstance(message, RepSet):
            roster.set_rep(state, message)
        elif isinstance(message, Decided) and state.pending is not None:
            state.waiting.append(message)
        else:
            self._schedule(message, voice)

    def close_days(self, through: date, voice: Voice) -> None:
        """Close every day up to `through`, unless the calendar waits for a solve."""
        state = self.state
        if state.closed is None:
            start = first_day(state)
            if start is None:
                return
            state.closed = start - timedelta(days=start.weekday() + 1)
        while state.pending is None and state.closed < through:
            self._close_day(state.closed + ONE_DAY, voice)

    def _schedule(self, message: RegionMessage, voice: Voice) -> None:
        """Now if its day is over already, else when the calendar gets there."""
        day = _effective_day(message)
        closed = self.state.closed
        if day is None or (closed is not None and day <= closed):
            self._take_effect(message, voice)
        else:
            self.state.agenda.setdefault(day.toordinal(), []).append(message)

    def _take_effect(self, message: RegionMessage, voice: Voice) -> None:
        state = self.state
        if isinstance(message, AccountSet):
            account = state.accounts[message.account_id]
            was_open = account.now.status == "active" and not account.now.left
            account.now = message
            self.learner.change(account)
            if was_open and (message.status == "closed" or message.left):
                self.learner.note_account_closed(account, day_of(message.occurred_at))
        elif isinstance(message, AssignmentSet):
            if not roster.assign(state, message):
                raise RefusedError("unknown_account", f"no account {message.account_id!r} in this region", "account_id")
        elif isinstance(message, MarketEventSet):
            self.learner.note_market_event(message, state)
        elif isinstance(message, Decided) and message.decision_id not in state.decided:
            suggesting.decide(state, message, state.closed or day_of(message.occurred_at), self._settings, voice)
            state.decided = [*state.decided[-500:], message.decision_id]

    def _hear_day(self, message: AccountDay, voice: Voice) -> None:
        delta = hear_day(self.state, message)
        account = self.state.accounts.get(message.account_id)
        if delta is None or account is None:
            voice.output.count("too_late_days", self.state.region_id)
        elif delta:
            self.learner.correct(account, message.day, delta / 100)
            voice.output.count("corrections", self.state.region_id)

    def _close_day(self, day: date, voice: Voice) -> None:
        state = self.state
        for ordinal in sorted(o for o in state.agenda if o <= day.toordinal()):
            for message in state.agenda.pop(ordinal):
                self._take_effect(message, voice)
        note_orders(state, day)
        state.closed = day
        for rep_id in roster.newly_left(state, day):
            self.learner.note_rep_left(rep_id, state, day)
        if day.weekday() == SUNDAY:
            self._close_week(day, voice)
        fired = self.learner.close_day(state, day, voice)
        suggesting.expire(state, day, self._settings, voice)
        waiting = sum(1 for suggestion in state.suggestions.values() if suggestion.status == "proposed")
        voice.output.gauges["suggestions_waiting", state.region_id] = float(waiting)
        self._maybe_ask(day, fired, voice)
        voice.output.count("days_closed", state.region_id)

    def _close_week(self, sunday: date, voice: Voice) -> None:
        state = self.state
        self.learner.close_week(state, sunday, voice)
        state.weeks_closed += 1
        forget_old_days(state)
        if planning.has_territories(state, sunday):
            worst = planning.standing(state, sunday, self._settings).worst
            broken = worst > self._settings.corridor.tolerance
            state.weeks_broken = state.weeks_broken + 1 if broken else 0
            voice.output.gauges["worst_deviation", state.region_id] = worst
        voice.output.count("weeks_closed", state.region_id)

    def _maybe_ask(self, day: date, fired: list[str], voice: Voice) -> None:
        """Ask for a plan when there is a persistent cause and nothing else is in the way."""
        state = self.state
        orphaned = roster.has_orphans(state, day)
        persistent = state.weeks_broken >= self._settings.corridor.persistence_weeks
        out_of_corridor = state.weeks_broken > 0
        if not (orphaned or (day.weekday() == SUNDAY and (persistent or (fired and out_of_corridor)))):
            return
        if not planning.may_ask(state, day):
            return
        cause = "rep_left" if orphaned else "alert" if fired else "corridor"
        self._ask(day, cause, fired, voice)

    def _ask(self, day: date, cause: str, alert_ids: list[str], voice: Voice) -> None:
        state, settings = self.state, self._settings
        try:
            problem, accounts = planning.problem_of(state, day, settings)
        except ProblemError as error:
            voice.output.count("unsolvable", state.region_id)
            state.rest_until = day + timedelta(days=FRUITLESS_REST_DAYS)
            voice.output.notes.append(f"region {state.region_id}, {day}: no plan can be asked for: {error}")
            return
        job = planning.SolveJob(
            problem=problem.to_bytes(),
            potential_budget_eur=planning.budget_left(state, day, settings),
            low_eur=[account.low_eur for account in accounts],
            high_eur=[account.high_eur for account in accounts],
            evaluations=SOLVE_EVALUATIONS,
            seconds=SOLVE_SECONDS,
            random_state=settings.random_seed,
            currency="EUR" if settings.company.currency == "auto" else settings.company.currency,
        )
        request_id = voice.derive("solve", day, cause)
        state.pending = PendingSolve(request_id, cause, alert_ids, day, planning.encode_job(job))
        self.resume(voice)

    def resume(self, voice: Voice) -> None:
        """Ask again for what was asked before the state was restored."""
        pending = self.state.pending
        if pending is not None:
            voice.output.solves.append(
                SolveRequest(self.state.region_id, voice.partition, pending.request_id, pending.problem)
            )

    def _hear_solution(self, message: SolveFinished, voice: Voice) -> None:
        state, pending = self.state, self.state.pending
        if pending is None or pending.request_id != message.request_id:
            return  # the answer to a question asked again after a crash
        state.pending = None
        day = pending.asked_on
        if message.failure:
            voice.output.count("solves_failed", state.region_id)
            voice.output.notes.append(f"region {state.region_id}: the solve of {day} failed: {message.failure}")
            state.rest_until = day + timedelta(days=FRUITLESS_REST_DAYS)
        else:
            self._judge(pending, message.solution, day, voice)
        waiting, state.waiting = state.waiting, []
        for decision in waiting:
            try:
                self._schedule(decision, voice)
            except RefusedError as refused:
                voice.output.notes.append(f"region {state.region_id}: a waiting decision was refused: {refused}")

    def _judge(self, pending: PendingSolve, raw: bytes, day: date, voice: Voice) -> None:
        """Publish the plan if it is what was asked, earns enough, and is likely to."""
        state, change = self.state, self._settings.change
        answer = decode_answer(raw)
        solution = Solution.from_bytes(answer.solution)
        problem = Problem.from_bytes(planning.decode_job(pending.problem).problem)
        violations = verify_solution(problem, solution)
        if violations:
            voice.output.count("solves_refuted", state.region_id)
            voice.output.notes.append(f"region {state.region_id}: a plan was refuted: {violations[0]}")
        has_orphans = any(not move.from_rep for move in solution.moves)
        worthwhile = solution.saving_eur >= change.min_worth or has_orphans
        if violations or not solution.moves or not worthwhile:
            state.rest_until = day + timedelta(days=FRUITLESS_REST_DAYS)
            voice.output.count("solves_fruitless", state.region_id)
            return
        suggesting.propose(state, pending, solution, answer.probability_positive, day, self._settings, voice)
        voice.output.count("suggestions", state.region_id)


def _effective_day(message: RegionMessage) -> date | None:
    """The day from which a message counts; None: at once."""
    if isinstance(message, AssignmentSet):
        return message.valid_from
    if isinstance(message, AccountSet | MarketEventSet):
        return day_of(message.occurred_at)
    return None
