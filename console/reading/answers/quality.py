"""Data quality: accounts without a place or twice there, and messages that were refused."""

from __future__ import annotations

from pydantic import AwareDatetime

from console.reading.answers.answer import Answer


class Placeless(Answer):
    """Active accounts of a region without a place."""

    region_id: str
    without_place: int
    accounts: int
    examples: list[str]


class Twins(Answer):
    """Accounts that look like one."""

    name: str
    city: str
    region_id: str
    accounts: list[str]


class RefusedGroup(Answer):
    """Messages refused for one reason. `example` is what one of them was told; empty where none is known to be of a region in sight."""

    topic: str
    reason: str
    field: str
    letters: int
    still_open: int
    latest: AwareDatetime
    example: str
