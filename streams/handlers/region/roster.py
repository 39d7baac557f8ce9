"""Who belongs to a region: accounts, reps and assignments, each in force from its own date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime

from schemas.region_log import AccountSet, AssignmentSet, DealSet, RepSet
from streams.handlers.region.places import zone_of
from streams.handlers.region.state import NO_ROW, AccountState, RegionState, is_live

NEW_DAYS = 364
"""A customer without an order counts as new this long after it was entered; later it is dormant."""
MOST_DEALS = 50
"""Open deals that are kept of one account, the newest."""


def day_of(at: datetime) -> date:
    return at.astimezone(UTC).date()


def enter(state: RegionState, account: AccountSet) -> None:
    """A first sight: the account waits for its row."""
    state.accounts[account.account_id] = AccountState(now=account, row=NO_ROW, zone=zone_of(account))
    state.newcomers.append(account.account_id)


def settle_newcomers(state: RegionState, day: date) -> list[AccountState]:
    """Newcomers whose first day has come, or who ordered before it, take the next rows.

    In the order of their ids, because what is said must not depend on the order in which a day's messages came: sums over
    rows follow the rows, and so do the rounding of their last digits and whatever hangs by it.
    """
    come = [
        account
        for account in (state.accounts[account_id] for account_id in sorted(state.newcomers))
        if account.first_order is not None or day_of(account.now.occurred_at) <= day
    ]
    for account in come:
        account.row = len(state.rows)
        state.rows.append(account.now.account_id)
    state.newcomers = [account_id for account_id in state.newcomers if state.accounts[account_id].row == NO_ROW]
    return come


def describe(account: AccountState, now: AccountSet) -> None:
    """The account as it is told now."""
    account.now, account.zone = now, zone_of(now)


def assign(account: AccountState, assignment: AssignmentSet) -> bool:
    """Put an assignment in force, unless one with a later first day is: then it is history.

    Whether somebody gave the account to another rep by hand, in the CRM. It rests after that as after a move of ours.
    """
    if account.assigned_from is not None and assignment.valid_from < account.assigned_from:
        return False
    moved = account.rep_id is not None and assignment.rep_id != account.rep_id
    if moved and assignment.source in ("decision", "crm"):
        account.moved_on = assignment.valid_from
    account.rep_id, account.assigned_from = assignment.rep_id, assignment.valid_from
    return moved and assignment.source == "crm"


def set_deal(state: RegionState, deal: DealSet) -> None:
    """An open deal stays with the account until it is won or lost. What is told of strangers says nothing here."""
    account = state.accounts.get(deal.account_id)
    if account is None:
        return
    account.open_deals.pop(deal.opportunity_id, None)
    if deal.is_open:
        account.open_deals[deal.opportunity_id] = day_of(deal.occurred_at)
        if len(account.open_deals) > MOST_DEALS:
            del account.open_deals[next(iter(account.open_deals))]


def set_rep(state: RegionState, rep: RepSet) -> None:
    """Keep a rep of this region, as last told; let go of one who belongs to another, as one who has left."""
    known = state.reps.get(rep.rep_id)
    if known is not None and known.occurred_at > rep.occurred_at:
        return
    if rep.region_id == state.region_id:
        state.reps[rep.rep_id] = rep
        if rep.rep_id in state.left_reps and (rep.active_to is None or rep.active_to > (state.closed or date.min)):
            state.left_reps.remove(rep.rep_id)
    elif known is not None:
        del state.reps[rep.rep_id]
        state.moved_reps.append(rep.rep_id)


def live_reps(state: RegionState, day: date) -> list[RepSet]:
    """Reps who work on that day, by id."""
    return [rep for _, rep in sorted(state.reps.items()) if is_live(rep, day)]


def newly_left(state: RegionState, day: date) -> list[str]:
    """Reps whose last day is over by `day`, or who went to another region, and who were not reported yet."""
    gone = [
        rep_id
        for rep_id, rep in sorted(state.reps.items())
        if rep.active_to is not None and rep.active_to < day and rep_id not in state.left_reps
    ]
    gone += [rep_id for rep_id in sorted(state.moved_reps) if rep_id not in state.left_reps]
    state.moved_reps = []
    state.left_reps.extend(gone)
    return gone


def newly_joined(state: RegionState, day: date) -> list[str]:
    """Reps who work on that day and did not before; none of the first roster. Who has left and comes back has joined."""
    live = [rep.rep_id for rep in live_reps(state, day)]
    if state.worked_reps is None:
        state.worked_reps = live
        return []
    come = [rep_id for rep_id in live if rep_id not in state.worked_reps]
    state.worked_reps = [rep_id for rep_id in state.worked_reps if rep_id not in state.left_reps] + come
    state.joined_reps.extend(come)
    return come


def owner(state: RegionState, account: AccountState, day: date) -> str:
    """The rep who serves the account on that day; "" for none or one who is not there."""
    rep = state.reps.get(account.rep_id or "")
    return rep.rep_id if rep is not None and is_live(rep, day) else ""


def owners(state: RegionState, accounts: Iterable[AccountState], day: date) -> list[str]:
    """`owner` of each of many accounts."""
    live = {rep.rep_id for rep in live_reps(state, day)}
    return [account.rep_id if account.rep_id in live else "" for account in accounts]


def has_orphans(state: RegionState, day: date) -> bool:
    """Whether a rep has left and accounts are still with him or her."""
    if not state.left_reps:
        return False
    left = set(state.left_reps)
    return any(account.rep_id in left and is_active(account, day) for account in state.accounts.values())


def is_open(account: AccountState) -> bool:
    """Neither closed nor gone to another region; it may be long without an order."""
    return account.now.status == "active" and not account.now.left


def is_active(account: AccountState, day: date) -> bool:
    """Open, and a prospect, or ordering within a year, or new."""
    if not is_open(account):
        return False
    if account.now.kind == "prospect":
        return True
    newest = account.last_order or day_of(account.now.occurred_at)
    return (day - newest).days <= NEW_DAYS and newest <= day


def active_accounts(state: RegionState, day: date) -> Iterator[AccountState]:
    """Active accounts in the order of their rows."""
    for account_id in state.rows:
        account = state.accounts[account_id]
        if is_active(account, day):
            yield account
