"""Roles and what each may do. Said once: pages, API and menu ask here, and a test walks every route with every role."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, get_args

from schemas.errors import SettingsError

Role = Literal["operator", "manager", "rep", "analyst", "admin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)


class Right(Enum):
    """One thing a person may be allowed to do."""

    SEE_TODAY = "see the figures of the company"
    SEE_ALERTS = "see alerts"
    HANDLE_ALERTS = "acknowledge, assign, silence and judge alerts"
    SEE_SUGGESTIONS = "see suggestions"
    DECIDE = "decide on suggestions and pins"
    ASK_WHAT_IF = "ask what a change would mean, and keep the answer"
    SEE_TERRITORIES = "see territories"
    SEE_QUALITY = "see what was refused, duplicates, and feeds"
    MEND_LETTERS = "see refused messages whole, mend them and send them again"
    SEE_AUDIT = "see who decided and changed what"
    SEE_CRM = "see what goes to the CRM, and where both sides differ"
    SEE_ACCOUNTS = "see accounts, as far as they are in sight"
    SEE_MINE = "see the own accounts and what changes among them"
    CHALLENGE = "challenge the move of an account that comes to or leaves the own territory"


_EVERYTHING_SEEN = frozenset(
    {
        Right.SEE_TODAY,
        Right.SEE_ALERTS,
        Right.SEE_SUGGESTIONS,
        Right.SEE_TERRITORIES,
        Right.SEE_QUALITY,
        Right.SEE_ACCOUNTS,
        Right.ASK_WHAT_IF,
    }
)
RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    "operator": frozenset(
        {Right.SEE_TODAY, Right.SEE_ALERTS, Right.HANDLE_ALERTS, Right.SEE_TERRITORIES, Right.SEE_QUALITY, Right.SEE_ACCOUNTS,
         Right.MEND_LETTERS, Right.SEE_CRM}
    ),
    "manager": frozenset(
        {Right.SEE_TODAY, Right.SEE_ALERTS, Right.HANDLE_ALERTS, Right.SEE_SUGGESTIONS, Right.DECIDE, Right.SEE_TERRITORIES,
         Right.SEE_ACCOUNTS, Right.ASK_WHAT_IF, Right.SEE_AUDIT, Right.SEE_CRM}
    ),
    "rep": frozenset({Right.SEE_TODAY, Right.SEE_ACCOUNTS, Right.SEE_MINE, Right.CHALLENGE}),
    "analyst": _EVERYTHING_SEEN,
    "admin": _EVERYTHING_SEEN | {Right.HANDLE_ALERTS, Right.DECIDE, Right.MEND_LETTERS, Right.SEE_AUDIT, Right.SEE_CRM},
}  # fmt: skip


AS_A_REP: Final = frozenset({Right.SEE_MINE, Right.CHALLENGE})


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose rows somebody sees: every region or the named ones, and of these all accounts or those of one rep.

    Every read takes one, and every query applies it: there is no other way to the rows.
    """

    every_region: bool = False
    regions: tuple[str, ...] = ()
    rep_id: str = ""

    def sees_region(self, region_id: str) -> bool:
        return self.every_region or region_id in self.regions

    def values(self) -> dict[str, object]:
        """The parameters of a query."""
        return {"every_region": int(self.every_region), "regions": list(self.regions), "own_rep": self.rep_id}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in. `regions` ("*",) are all of them; `rep_id` names the rep that a rep is."""

    name: str
    roles: tuple[Role, ...]
    regions: tuple[str, ...] = ()
    rep_id: str = ""

    def __post_init__(self) -> None:
        """Raises SettingsError for a rep of whom nobody knows which one."""
        if "rep" in self.roles and not self.rep_id:
            raise SettingsError(f"user {self.name!r} has the role rep and needs rep_id")

    def may(self, right: Right) -> bool:
        return any(right in RIGHTS[role] for role in self.roles)

    def sight(self, right: Right | None = None) -> Sight:
        """What this person sees: everything for an admin, own regions for others, own accounts for who is only a rep.

        Whoever is a rep besides, such as a manager with accounts of his own, uses the rights of a rep with a rep's eyes:
        else the own accounts would be all of the regions, and every move in them would be his to challenge.
        """
        if set(self.roles) == {"rep"} or (right in AS_A_REP and self.rep_id):
            return Sight(every_region=True, rep_id=self.rep_id)
        return Sight(every_region="admin" in self.roles or "*" in self.regions, regions=self.regions)
