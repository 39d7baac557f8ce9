"""How long a pusher waits, and what it needs to be told before it starts."""

from __future__ import annotations

import pytest

from infra.crm.standing_by import MOST_SECONDS, pause
from infra.outward import Outward
from schemas.errors import SettingsError


def test_pauses_double_with_each_failure_until_ten_minutes() -> None:
    assert [pause(failures, 15) for failures in (0, 1, 2, 3)] == [15, 30, 60, 120]
    assert pause(9, 15) == pause(10_000, 15) == MOST_SECONDS


def test_who_looks_less_often_than_that_is_never_made_to_hurry() -> None:
    assert pause(0, 3600) == pause(5, 3600) == 3600


def test_a_crm_is_its_address_and_its_secret_or_none() -> None:
    whole = {"TERRADRIFT_CRM_URL": "https://crm.example.org/in", "TERRADRIFT_CRM_SECRET": "s"}
    assert Outward.from_env(whole).crm() == ("https://crm.example.org/in", "s")
    assert Outward.from_env({}).crm() is None
    for lacking in whole:
        with pytest.raises(SettingsError, match=f"^{lacking} is not set"):
            Outward.from_env({name: value for name, value in whole.items() if name != lacking}).crm()
