"""Alarms of a history's scopes that are faults of the data, told by the orders themselves, as the running region does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from models.causes import fault_of_orders
from models.company_watch import CompanyWatch
from models.saying import same_size
from models.signals import Scope
from models.warned import Warned


def with_faults(
    found: Sequence[Warned], watch: CompanyWatch, scope_of: Mapping[Scope, Sequence[str | None]]
) -> list[Warned]:
    """The alerts of a day or week; of a scope in which nearly every order is the same multiple of its usual size, as a fault."""
    return [one if one.withdrawn or not one.rhythm else _judged(one, watch, scope_of) for one in found]


def _judged(one: Warned, watch: CompanyWatch, scope_of: Mapping[Scope, Sequence[str | None]]) -> Warned:
    inside = scope_of.get(one.scope)
    if inside is None:
        return one
    rows = np.flatnonzero(np.array([name == one.scope_id for name in inside], bool))
    fault = same_size(*watch.order_days(rows))
    if not fault:
        return one
    told = fault_of_orders(fault["every_order_times"], fault["orders_times"])
    return replace(one, cause_class="data_fault", evidence=f"{told}; {one.evidence}")
