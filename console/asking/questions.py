"""From the fields of the what-if form to the question; each fault names its field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from pydantic import ValidationError
from starlette.datastructures import QueryParams

from schemas.errors import RefusedError
from schemas.settings import Weights
from schemas.what_if import (
    AccountCloses,
    AccountsMove,
    Change,
    MarketShift,
    OtherCorridor,
    OtherLimit,
    OtherWeights,
    RepJoins,
    RepLeaves,
    WhatIfRequest,
)

PRICES: Final = tuple(name for name, known in Weights.model_fields.items() if known.annotation is float)
FIELDS: Final = (
    "rep_leaves", "join_lat", "join_lon", "join_hours", "account_closes", "given_accounts", "given_to", "market_percent", "market_lat",
    "market_lon", "market_km", "price", "price_value", "corridor_percent", "max_moves",
)  # fmt: skip
Made = TypeVar("Made")


def question(region_id: str, fields: QueryParams) -> WhatIfRequest | None:
    """The question that the fields ask; None where no field says anything. Raises RefusedError."""
    changes: list[Change] = [
        *_made("rep_leaves", lambda: [RepLeaves(rep_id=rep) for rep in fields.getlist("rep_leaves") if rep]),
        *_joins(fields),
        *_made("account_closes", lambda: [AccountCloses(account_id=a) for a in fields.getlist("account_closes") if a]),
        *_given(fields),
        *_market(fields),
        *_price(fields),
    ]
    corridor, most = _number(fields, "corridor_percent"), _number(fields, "max_moves")
    if corridor is not None:
        changes += _made("corridor_percent", lambda: [OtherCorridor(tolerance=corridor / 100)])
    if most is not None:
        changes += _made("max_moves", lambda: [OtherLimit(max_moves=int(most))])
    if not changes:
        return None
    return _made("", lambda: WhatIfRequest(region_id=region_id, changes=tuple(changes)))


def _joins(fields: QueryParams) -> list[Change]:
    lat, lon, hours = (_number(fields, name) for name in ("join_lat", "join_lon", "join_hours"))
    if lat is None and lon is None:
        return []
    if lat is None or lon is None:
        raise RefusedError("half_a_place", "latitude and longitude come together", "join_lat")
    return _made(
        "join_lat", lambda: [RepJoins(home_lat=lat, home_lon=lon, weekly_hours=35 if hours is None else hours)]
    )


def _given(fields: QueryParams) -> list[Change]:
    accounts = [name.strip() for name in fields.get("given_accounts", "").split(",") if name.strip()]
    rep = fields.get("given_to", "")
    if bool(accounts) != bool(rep):
        field = "given_to" if accounts else "given_accounts"
        raise RefusedError("half_a_gift", "accounts and the rep who gets them come together", field)
    return _made("given_accounts", lambda: [AccountsMove(rep_id=rep, account_ids=tuple(accounts))]) if accounts else []


def _market(fields: QueryParams) -> list[Change]:
    percent, *place = (_number(fields, f"market_{name}") for name in ("percent", "lat", "lon", "km"))
    if percent is None:
        return []
    if any(value is None for value in place) and any(value is not None for value in place):
        raise RefusedError("half_a_place", "a place has latitude, longitude and km around it", "market_km")
    lat, lon, km = place
    return _made("market_percent", lambda: [MarketShift(effect=percent / 100, lat=lat, lon=lon, radius_km=km)])


def _price(fields: QueryParams) -> list[Change]:
    name, value = fields.get("price", ""), _number(fields, "price_value")
    if not name or value is None:
        return []
    if name not in PRICES:
        raise RefusedError("unknown_price", f"{name!r} is none of: {', '.join(PRICES)}", "price")
    return _made("price_value", lambda: [OtherWeights(weights={name: value})])


def _number(fields: QueryParams, name: str) -> float | None:
    text = fields.get(name, "").strip().replace(",", ".")
    if not text:
        return None
    try:
        return float(text[:40])
    except ValueError:
        raise RefusedError("not_a_number", f"{text!r} is no number", name) from None


def _made(field: str, make: Callable[[], Made]) -> Made:
    try:
        return make()
    except (ValidationError, ValueError, OverflowError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else {"msg": str(error), "loc": ()}
        place = field or ".".join(map(str, first["loc"]))
        raise RefusedError("not_valid", f"{place}: {first['msg']}", place) from None
