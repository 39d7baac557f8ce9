"""What happened, as the models hear it: an account closed, a rep left, something moved in the market."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from models.alert import Alert
from models.causes import KnownEvent
from models.event_watch import MarketNews
from schemas.ids import derived
from schemas.region_log import MarketEventSet, RepSet
from schemas.settings import Settings
from schemas.verdict_sentences import say
from streams.handlers.region import roster
from streams.handlers.region.places import touches
from streams.handlers.region.saying import NAMED_ACCOUNTS
from streams.handlers.region.state import AccountState, RegionState


def account_closed(account: AccountState, day: date) -> KnownEvent:
    """What an account was worth is lost to its territory and zone."""
    scopes = _known([
        ("account", account.now.account_id),
        ("territory", account.rep_id or ""),
        ("zone", account.zone),
    ])  # fmt: skip
    return KnownEvent(account.now.event_id, "account_closed", day, scopes, True, account.potential_eur)


def rep_left(rep_id: str, state: RegionState, day: date, settings: Settings) -> KnownEvent:
    """The accounts of a rep stand alone; the share that leaves with a rep is at risk."""
    held = [account for account in roster.active_accounts(state, day) if account.rep_id == rep_id]
    risk = settings.weights.churn_share * sum(account.potential_eur for account in held)
    event_id = derived(state.region_id, "rep left", rep_id, day)
    return KnownEvent(
        event_id, "rep_left", day, (("territory", rep_id),), True, risk, say("note.accounts", n=len(held))
    )


def rep_joined(rep_id: str, state: RegionState, day: date) -> KnownEvent:
    """A territory more, and a smaller fair share for all others."""
    event_id = derived(state.region_id, "rep joined", rep_id, day)
    scopes = (("territory", rep_id), ("region", ""))
    return KnownEvent(event_id, "rep_joined", day, scopes, note=say("note.rep_joined", rep=rep_id))


def rep_absent(rep: RepSet, state: RegionState, day: date) -> KnownEvent:
    """The accounts of a rep see nobody, or somebody else, for a while."""
    held = sum(account.rep_id == rep.rep_id for account in roster.active_accounts(state, day))
    event_id = derived(state.region_id, "rep absent", rep.rep_id, rep.absent_from)
    note = say("note.rep_absent", rep=rep.rep_id, day=rep.absent_to, n=held)
    return KnownEvent(event_id, "rep_absent", rep.absent_from or day, (("territory", rep.rep_id),), False, 0.0, note)


def market_event(event: MarketEventSet, state: RegionState) -> KnownEvent | None:
    """A market event that reaches accounts of this region, else None; alerts look for it among their causes."""
    day = roster.day_of(event.occurred_at)
    reached = [account for account in roster.active_accounts(state, day) if touches(event, account.now)]
    if not reached:
        return None
    scopes: list[tuple[str, str]] = []
    if event.account_id is None and event.radius_km is None:
        scopes.append(("region", ""))
    scopes += [("zone", zone) for zone in sorted({account.zone for account in reached})]
    scopes += [("account", account.now.account_id) for account in reached[:NAMED_ACCOUNTS]]
    risk = abs(event.expected_effect or 0.0) * sum(account.potential_eur for account in reached)
    what = event.kind.replace("_", " ")
    known = {"event": what, "n": len(reached)}
    note = say("note.reach_because", note=event.note, **known) if event.note else say("note.reach", **known)
    return KnownEvent(event.market_event_id, "market_event", day, _known(scopes), False, risk, note)


def expectation(event: MarketEventSet, state: RegionState) -> MarketNews | None:
    """What a market event is expected to do to the accounts it reaches; it speaks of the zone that holds most of them.

    None where it reaches nobody, and for an account that closes: that is a fact and nothing to be tested.
    """
    day = roster.day_of(event.occurred_at)
    reached = [account for account in roster.active_accounts(state, day) if touches(event, account.now)]
    if not reached or event.kind == "account_closed":
        return None
    worth: dict[str, float] = {}
    for account in sorted(reached, key=lambda one: one.now.account_id):
        worth[account.zone] = worth.get(account.zone, 0.0) + account.potential_eur
    zone = min(worth, key=lambda one: (-worth[one], one))
    scope: tuple[str, str] = ("zone", zone)
    inside: tuple[tuple[str, str], ...] = (("region", ""),)
    if event.account_id is not None:
        scope, inside = ("account", event.account_id), (("zone", zone), ("region", ""))
    elif event.radius_km is None or not zone:
        scope, inside = ("region", ""), ()
    rows = tuple(sorted(account.row for account in reached))
    effect = event.expected_effect
    return MarketNews(event.market_event_id, event.kind, day, rows, effect, scope, inside, event.note)


def _known(scopes: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Without those that have no name; the region needs none."""
    return tuple(scope for scope in scopes if scope[1] or scope[0] == "region")


def settled(alerts: Iterable[Alert], state: RegionState, day: date) -> list[str]:
    """Ids of the alerts about a rep who left whose accounts all have another rep by now."""
    about = {alert.scope_id: alert.alert_id for alert in alerts if alert.evidence.get("event") == "rep_left"}
    if not about:
        return []
    left_behind = {account.rep_id for account in roster.active_accounts(state, day)}
    return [alert_id for rep_id, alert_id in about.items() if rep_id not in left_behind]
