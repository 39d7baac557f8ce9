"""What the fields of events and rows mean, and their units: a word has one meaning everywhere, or is listed per class.

The event reference is made of it; a test finds fields without a line here and lines without a field.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

EUR = "EUR"
EUR_A_YEAR = "EUR a year"
DEGREES = "degrees, WGS 84"
DAY = "day, UTC"
TIME = "time with zone"
DEVIATION = "share: 0.1 is a tenth above"


@dataclass(frozen=True, slots=True)
class Term:
    """The meaning of a field, and its unit ("" where it has none). Money is in the company's currency; EUR for short."""

    meaning: str
    unit: str = ""


TERMS: dict[str, Term] = {
    # identity and time
    "event_id": Term("identity of the event; the same id with the same content is a repetition"),
    "occurred_at": Term("when it happened", TIME),
    "schema_version": Term("version of this payload"),
    "region_id": Term("planning unit: one manager's reps and accounts"),
    "account_id": Term("the account"),
    "rep_id": Term("the rep"),
    "as_of": Term("event time the row speaks of", TIME),
    "model_version": Term("which model spoke"),
    "config_version": Term("which settings were in force"),
    "log_id": Term("one life of a broker: offsets of different lives are never compared"),
    "topic": Term("topic of the source record"),
    "partition": Term("partition of the source record"),
    "offset": Term("offset of the source record"),
    # what a company tells
    "order_id": Term("the order; a return or cancellation names the order it concerns"),
    "amount": Term("net amount, negative for a return only", "currency of the order, 2 decimals"),
    "Opportunity.amount": Term("expected or won amount", EUR),
    "currency": Term("ISO 4217 code"),
    "Order.status": Term("what became of the order"),
    "Account.status": Term("whether the account is still served"),
    "visit_id": Term("the visit"),
    "VisitReport.occurred_at": Term("start of the visit", TIME),
    "duration_minutes": Term("time at the account", "minutes"),
    "travel_minutes": Term("time on the way to it", "minutes"),
    "VisitReport.travel_km": Term("way to it", "km"),
    "outcome": Term('what the visit brought, in the company\'s words; "none" is a blank visit'),
    "Account.name": Term("name of the account; kept apart from everything else, in `names`"),
    "Rep.name": Term("name of the rep; kept apart from everything else, in `names`"),
    "NameRow.name": Term("the name"),
    "NameRow.id": Term("the account or rep it names"),
    "Account.kind": Term("whether it buys already"),
    "MarketEvent.kind": Term("what happened"),
    "Decision.kind": Term("what was decided"),
    "NameRow.kind": Term("what it names"),
    "Account.segment": Term("segment fixed by the company; without it the model's own"),
    "lat": Term("latitude", DEGREES),
    "lon": Term("longitude", DEGREES),
    "postal_code": Term("postal code"),
    "city": Term("town"),
    "family_id": Term("chain or group the account belongs to"),
    "visit_minutes": Term("planned duration of a visit; without it the segment's", "minutes"),
    "visits_per_year": Term("target frequency; without it the segment's", "visits a year"),
    "since": Term("customer or prospect since", DAY),
    "Account.skills": Term("skills a rep needs for it, at most 20"),
    "Rep.skills": Term("skills the rep has, at most 20"),
    "valid_from": Term("first day on which it holds", DAY),
    "Assignment.rep_id": Term("the rep whose territory it joins; null leaves it without one"),
    "Assignment.source": Term("where the assignment comes from"),
    "Opportunity.source": Term("what brought the opportunity"),
    "Assignment.suggestion_id": Term("suggestion that led to it"),
    "home_lat": Term("latitude of where tours start", DEGREES),
    "home_lon": Term("longitude of where tours start", DEGREES),
    "weekly_hours": Term("capacity for visits and travel", "hours a week"),
    "manager_id": Term("the rep's manager"),
    "active_from": Term("first day in the field", DAY),
    "active_to": Term("last day in the field", DAY),
    "market_event_id": Term("the market event"),
    "radius_km": Term("how far around the place it reaches", "km"),
    "MarketEvent.account_id": Term("the account it concerns, if a single one"),
    "MarketEvent.region_id": Term("the region it concerns, if a whole one"),
    "expected_effect": Term("expected change of revenue", "share: -0.2 is a fifth less"),
    "note": Term("free text"),
    "opportunity_id": Term("the deal"),
    "stage": Term("where the deal stands"),
    "decision_id": Term("the decision"),
    "suggestion_id": Term("the suggestion"),
    "Decision.account_id": Term("the account of a pin or unpin"),
    "Decision.moves": Term("accept: the accepted moves, empty for all; modify: the moves made instead"),
    "DecidedMove.rep_id": Term("the rep who gets it"),
    "Decision.reason": Term("why, in the manager's words"),
    "decided_by": Term("who decided"),
    "effective_from": Term("first day on which the moves hold", DAY),
    "until": Term("last day of a snooze, a pin or a silence", DAY),
    "assignee": Term("who shall look after the alert"),
    "verdict": Term('what people found the alert to be; "" while nobody said'),
    # what a region says: potentials
    "week": Term("Monday of the closed week", DAY),
    "potential_eur": Term("revenue expected of the next 52 weeks", EUR_A_YEAR),
    "low_eur": Term("lower end of the potential's interval", EUR_A_YEAR),
    "high_eur": Term("upper end of the potential's interval", EUR_A_YEAR),
    "next_4w_eur": Term("revenue expected of the next 4 weeks", EUR),
    "next_13w_eur": Term("revenue expected of the next 13 weeks", EUR),
    "expected_week_eur": Term("what was expected of the week just closed, before it was seen", EUR),
    "actual_week_eur": Term("what that week brought", EUR),
    "by_analogy": Term("estimated from like accounts, for want of own history"),
    "segment": Term("A, B or C by share of potential"),
    "PotentialRow.rep_id": Term('the rep who has the account; "" for none'),
    # alerts
    "alert_id": Term("the alert"),
    "revision": Term("counts the changes; the highest is the present state"),
    "dedup_key": Term("same cause, same key: an open alert is extended, not repeated"),
    "group_id": Term("alerts that share a cause"),
    "state": Term("where the alert stands"),
    "severity": Term("how urgent it is"),
    "cause_class": Term("what kind of cause is likely"),
    "scope": Term("what kind of thing drifts"),
    "scope_id": Term("which one"),
    "direction": Term("which way it drifts"),
    "title": Term("one sentence for people"),
    "started_on": Term("when the drift is estimated to have begun", DAY),
    "detected_on": Term("when it was first seen", DAY),
    "resolved_on": Term("when it was over", DAY),
    "observed_eur": Term("revenue since it began", EUR),
    "expected_eur": Term("revenue expected in that time", EUR),
    "deviation_share": Term("observed against expected", DEVIATION),
    "eur_at_risk": Term("what it costs if it stays", EUR_A_YEAR),
    "statistic": Term("value of the detector"),
    "threshold": Term("value at which the detector raises an alarm"),
    "sample_size": Term("observations behind it"),
    "evidence": Term("what speaks for the cause, as JSON"),
    "related_market_events": Term("market events near in time and place"),
    "accounts": Term("accounts that contribute most"),
    "AlertRow.suggestion_id": Term('suggestion made of it; "" for none'),
    # suggestions
    "SuggestionRow.status": Term("where the suggestion stands"),
    "cause": Term("why a solve was started"),
    "alert_ids": Term("alerts behind it"),
    "reason": Term("one sentence for people"),
    "created_on": Term("day of the suggestion", DAY),
    "expires_on": Term("day it lapses without a decision", DAY),
    "objective_before_eur": Term("cost of the present assignment", EUR_A_YEAR),
    "objective_after_eur": Term("cost of the suggested one, its own changes included", EUR_A_YEAR),
    "worth_eur": Term("cost saved", EUR_A_YEAR),
    "bound_eur": Term("no assignment can cost less", EUR_A_YEAR),
    "gap_share": Term("how far the suggestion may be from the best", "share of its cost"),
    "spread_before": Term("standard deviation of potential per capacity now", "share of the mean"),
    "spread_after": Term("the same after the moves", "share of the mean"),
    "max_deviation_before": Term("largest deviation from the fair share now", "share"),
    "max_deviation_after": Term("the same after the moves", "share"),
    "travel_km_before": Term("travel now", "km a year"),
    "travel_km_after": Term("travel after the moves", "km a year"),
    "potential_moved_eur": Term("potential of the accounts that move", EUR_A_YEAR),
    "probability_positive": Term("probability that the suggestion pays", "share"),
    "solver_status": Term("how the solve ended"),
    "stopped_by": Term("what ended the search"),
    "random_state": Term("seed of the search: same problem, same seed, same answer"),
    "SuggestionRow.decision_id": Term('decision that made this revision; "" for none'),
    "decision_reason": Term("why the manager decided so"),
    "moves": Term("accounts that change their rep"),
    "effects": Term("territories before and after"),
    "frontier": Term("what 1, 2, 3, 5, ... moves would buy"),
    "frontier_moves": Term("the moves of each plan of the frontier"),
    "decided_at": Term("when the person approved"),
    "challenged_by": Term("who has something against it"),
    "challenged_at": Term("when it was said"),
    "approvals": Term("who approved the moves, the first person first"),
    "challenges": Term("what reps have against single moves"),
    "move_limit": Term("most moves of the plan"),
    "objective_eur": Term("what the best plan found costs", EUR_A_YEAR),
    "scenarios": Term("doing nothing, the suggestion, the greatest fairness and the shortest travel, side by side"),
    "scenario": Term("which of them"),
    "total_eur": Term("what the plan costs", EUR_A_YEAR),
    "PlanFigures.travel_eur": Term("cost of travel", EUR_A_YEAR),
    "PlanFigures.change_eur": Term("cost of handovers and of relations at risk", EUR_A_YEAR),
    "PlanFigures.balance_eur": Term("cost of unbalance", EUR_A_YEAR),
    "PlanFigures.overtime_eur": Term("cost of overtime", EUR_A_YEAR),
    "contiguity_eur": Term("cost of territories in pieces, where that has a price", EUR_A_YEAR),
    "PlanFigures.travel_km": Term("travel between homes and accounts", "km a year"),
    "travel_hours_per_client": Term(
        "travel for one client, estimated from a tour; 0: no place is known", "hours a year"
    ),
    "spread": Term("standard deviation of potential per capacity", "share of the mean"),
    "PlanFigures.max_deviation": Term("largest deviation of a territory from its fair share", "share"),
    "overtime_hours": Term("work above what the reps can do", "hours a year"),
    "move_count": Term("accounts that change their rep"),
    # one move
    "from_rep": Term("the rep who has it"),
    "to_rep": Term("the rep who gets it"),
    "MoveRow.worth_eur": Term("what the plan loses without this move", EUR_A_YEAR),
    "travel_eur": Term("travel's part of it", EUR_A_YEAR),
    "change_eur": Term("the part of handover and churn", EUR_A_YEAR),
    "FrontierRow.balance_eur": Term("unbalance that is left", EUR_A_YEAR),
    "FrontierRow.max_deviation": Term("largest deviation of a territory from its fair share", "share"),
    "balance_eur": Term("balance's part of it", EUR_A_YEAR),
    "overtime_eur": Term("overtime's part of it", EUR_A_YEAR),
    "travel_km": Term("change of travel", "km a year"),
    "hours": Term("workload of the account: visits and travel", "hours a year"),
    "MoveRow.potential_eur": Term("potential of the account", EUR_A_YEAR),
    "MoveRow.reason": Term("why this account goes to this rep"),
    "binding": Term("the limit that stood in the way of a better move"),
    "alternative": Term("the next best rep, and its price"),
    # one territory
    "TerritoryEffect.rep_id": Term("whose territory"),
    "potential_before_eur": Term("potential now", EUR_A_YEAR),
    "potential_after_eur": Term("potential after the moves", EUR_A_YEAR),
    "hours_before": Term("workload now", "hours a year"),
    "hours_after": Term("workload after the moves", "hours a year"),
    "accounts_before": Term("accounts now"),
    "accounts_after": Term("accounts after the moves"),
    "deviation_before": Term("deviation from the fair share now", DEVIATION),
    "deviation_after": Term("the same after the moves", DEVIATION),
    # assignment changes, model quality, dead letters
    "change_id": Term("identity of the change: a CRM applies it once"),
    "AssignmentChangeRow.kind": Term("what kind of change"),
    "horizon_weeks": Term("how far ahead was forecast", "weeks"),
    "ModelQualityRow.segment": Term('segment; "" is all accounts'),
    "n": Term("accounts in the sums"),
    "actual_eur": Term("sum of actual revenue", EUR),
    "error_eur": Term("sum of forecast minus actual", EUR),
    "absolute_error_eur": Term("sum of its absolute values", EUR),
    "naive_absolute_error_eur": Term("the same for a simple moving average", EUR),
    "intervals": Term("forecasts in the sums that had an interval"),
    "covered": Term("those of them whose actual value lay inside it"),
    "dead_letter_id": Term("derived from log, topic, partition and offset"),
    "received_at": Term("time stamp of the record", TIME),
    "DeadLetterRow.reason": Term("machine word for what is wrong"),
    "field": Term('the offending field; "" for the whole message'),
    "detail": Term("the sentence for people"),
    "key": Term("record key"),
    "payload_base64": Term("original bytes, base64; cut when very large"),
    "payload_bytes": Term("size of the original", "bytes"),
}


def term_of(model: type[BaseModel], field: str) -> Term | None:
    """The meaning of a field: of the class, else of the nearest class it derives from, else of the word."""
    return TERMS[used] if (used := entry_of(model, field)) else None


def entry_of(model: type[BaseModel], field: str) -> str:
    """The key of TERMS that speaks of the field, "" if none does."""
    own = (f"{parent.__name__}.{field}" for parent in model.__mro__)
    return next((entry for entry in (*own, field) if entry in TERMS), "")
