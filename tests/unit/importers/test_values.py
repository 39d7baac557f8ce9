"""Times, dates and numbers as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from infra.importers.mapping import FileMapping
from infra.importers.values import Moments, converters
from schemas.errors import RefusedError


def convert(field: str, text: str, **mapping: str) -> object:
    chosen = FileMapping.model_validate(mapping)
    converter = converters(chosen, Moments(chosen.timezone, chosen.date_format))(field)
    assert converter is not None
    return converter(text)


@pytest.mark.parametrize(
    ("text", "mapping", "expected"),
    [
        ("2024-05-31T09:30:00Z", {}, datetime(2024, 5, 31, 9, 30, tzinfo=UTC)),
        ("2024-05-31 09:30+02:00", {}, datetime(2024, 5, 31, 7, 30, tzinfo=UTC)),
        ("2024-05-31", {}, datetime(2024, 5, 31, tzinfo=UTC)),
        ("20240531", {}, datetime(2024, 5, 31, tzinfo=UTC)),
        ("2024-05-31", {"timezone": "Europe/Paris"}, datetime(2024, 5, 31, 10, tzinfo=UTC)),
        ("2024-05-31T09:30", {"timezone": "Europe/Paris"}, datetime(2024, 5, 31, 7, 30, tzinfo=UTC)),
        ("31/05/2024", {"date_format": "%d/%m/%Y"}, datetime(2024, 5, 31, tzinfo=UTC)),
        (
            "31.05.2024 09:30",
            {"date_format": "%d.%m.%Y %H:%M", "timezone": "Europe/Berlin"},
            datetime(2024, 5, 31, 7, 30, tzinfo=UTC),
        ),
    ],
)
def test_times_are_read_into_utc(text: str, mapping: dict[str, str], expected: datetime) -> None:
    assert convert("occurred_at", text, **mapping) == expected


def test_a_plain_date_keeps_its_calendar_day_in_every_zone() -> None:
    for zone in ("Pacific/Auckland", "America/Los_Angeles", "Europe/Paris", "Asia/Kolkata"):
        at = convert("occurred_at", "2024-05-31", timezone=zone)
        assert isinstance(at, datetime)
        assert at.date() == date(2024, 5, 31), zone


@pytest.mark.parametrize(
    ("text", "mapping", "reason"),
    [
        ("2024-05-31T09:30", {}, "no_zone"),
        ("31/05/2024", {}, "bad_time"),
        ("2024-13-01", {}, "bad_date"),
        ("1717142400", {}, "bad_time"),
        ("9999-12-31T23:59:59-05:00", {}, "bad_time"),
        ("2024-05-31", {"date_format": "%d/%m/%Y"}, "bad_time"),
    ],
)
def test_unclear_times_are_refused(text: str, mapping: dict[str, str], reason: str) -> None:
    with pytest.raises(RefusedError) as caught:
        convert("occurred_at", text, **mapping)
    assert caught.value.reason == reason


def test_a_number_of_seconds_is_not_a_date() -> None:
    with pytest.raises(RefusedError, match="not a date"):
        convert("since", "1717142400")


@pytest.mark.parametrize(("text", "expected"), [("1234.5", "1234.5"), ("-3", "-3"), ("1e3", "1e3"), (".5", ".5")])
def test_numbers_pass_as_they_are(text: str, expected: str) -> None:
    assert convert("amount", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("1234,5", "1234.5"), ("1.234,50", "1234.50"), ("1 234 567,00", "1234567.00")]
)
def test_a_decimal_comma_is_understood_when_the_mapping_says_so(text: str, expected: str) -> None:
    assert convert("amount", text, decimal=",") == expected


@pytest.mark.parametrize("text", ["1,5", "inf", "nan", "1_000", "٣", "", "12 €", "0x10"])
def test_what_is_not_a_plain_number_is_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        convert("amount", text)


def test_skills_are_separated_by_bars() -> None:
    assert convert("skills", "cold chain| vet ||") == ("cold chain", "vet")
