"""Who is told of what, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from infra.notify.due import Item, Message, Told, due
from infra.notify.rounds import pause
from infra.notify.ways import obstacles
from schemas.settings import Notify, Recipient

NOON = datetime(2026, 6, 30, 10, tzinfo=UTC)  # noon in Paris
NIGHT = datetime(2026, 6, 30, 21, tzinfo=UTC)
MIA = Recipient(name="mia", email="mia@example.org", regions=("north",))


def an_alert(key: str = "alert:1", severity: str = "warning", **changes: object) -> Item:
    known = {"cause": key, "region_id": "north", "title": f"{key} sells less", "eur": 1000.0, "handled": False}
    return Item(key=key, about="alerts", severity=severity, **(known | changes))  # type: ignore[arg-type]


def a_suggestion(key: str = "suggestion:1") -> Item:
    return Item(key, "suggestions", "", "north", "info", "r2 has too much", 2000.0, False)


def told(message: Message, at: datetime = NOON) -> Told:
    return Told(message.recipient, message.channel, message.kind, message.items, at)


def test_what_is_new_comes_in_one_message_with_the_gravest_first() -> None:
    items = [a_suggestion(), an_alert("alert:1"), an_alert("alert:2", "critical")]
    (message,) = due(NOON, Notify(recipients=(MIA,)), items, [])
    assert message.items == ("alert:2", "alert:1", "suggestion:1")
    assert message.subject == "Terradrift: Critical: 2 alerts and 1 suggestion"


def test_nobody_is_told_twice_of_the_same() -> None:
    rules = Notify(recipients=(MIA,))
    (first,) = due(NOON, rules, [an_alert()], [])
    assert due(NOON + timedelta(days=3), rules, [an_alert()], [told(first)]) == []
    (second,) = due(NOON, rules, [an_alert(), a_suggestion()], [told(first)])
    assert second.items == ("suggestion:1",)


def test_alerts_of_one_cause_are_one_line() -> None:
    items = [an_alert(f"alert:{n}", cause="one") for n in range(5)]
    (message,) = due(NOON, Notify(recipients=(MIA,), console_url="http://127.0.0.1:8080/"), items, [])
    assert message.body.count("- [") == 1
    assert "(and 4 more of the same cause); 5,000 a year at stake" in message.body
    assert "http://127.0.0.1:8080/alerts/0" in message.body


@pytest.mark.parametrize("item", [an_alert(region_id="south"), an_alert(severity="info"), an_alert(handled=True)])
def test_other_regions_trifles_and_what_is_taken_care_of_are_not_told(item: Item) -> None:
    assert due(NOON, Notify(recipients=(MIA,)), [item], []) == []


def test_in_quiet_hours_only_the_critical_is_sent_and_the_rest_waits() -> None:
    rules, items = Notify(recipients=(MIA,)), [an_alert("alert:1"), an_alert("alert:2", "critical")]
    (night,) = due(NIGHT, rules, items, [])
    assert night.items == ("alert:2",)
    (morning,) = due(NIGHT + timedelta(hours=10), rules, items, [told(night, NIGHT)])
    assert morning.items == ("alert:1",)


def test_equal_ends_mean_no_quiet_hours() -> None:
    assert due(NIGHT, Notify(recipients=(MIA,), quiet_from=0, quiet_until=0), [an_alert()], [])


def test_a_digest_comes_once_a_day_with_all_that_is_open() -> None:
    rules = Notify(recipients=(MIA.model_copy(update={"digest": True}),))
    early = datetime(2026, 6, 30, 4, tzinfo=UTC)
    assert due(early, rules, [an_alert()], []) == []
    (today,) = due(NOON, rules, [an_alert(), a_suggestion()], [])
    assert (today.kind, today.items) == ("digest", ("alert:1", "suggestion:1"))
    assert due(NOON + timedelta(hours=5), rules, [an_alert("alert:9")], [told(today)]) == []
    (tomorrow,) = due(NOON + timedelta(days=1), rules, [an_alert(), a_suggestion()], [told(today)])
    assert tomorrow.message_id != today.message_id


def test_what_nobody_acknowledges_goes_one_step_up_once() -> None:
    boss = Recipient(name="boss", email="boss@example.org", about=(), severity="critical")
    rules = Notify(recipients=(MIA, boss), escalate_to=("boss",), escalate_after_hours=24)
    (first,) = due(NOON, rules, [an_alert()], [])
    assert due(NOON + timedelta(hours=23), rules, [an_alert()], [told(first)]) == []
    (up,) = due(NOON + timedelta(hours=24), rules, [an_alert()], [told(first)])
    assert (up.recipient, up.kind) == ("boss", "escalation")
    assert (
        due(NOON + timedelta(hours=48), rules, [an_alert()], [told(first), told(up, NOON + timedelta(hours=24))]) == []
    )
    assert due(NOON + timedelta(hours=24), rules, [an_alert(handled=True)], [told(first)]) == []


def test_mail_and_webhook_are_two_messages_so_that_one_may_fail() -> None:
    both = MIA.model_copy(update={"webhook_variable": "MIA_HOOK"})
    messages = due(NOON, Notify(recipients=(both,)), [an_alert()], [])
    assert [message.channel for message in messages] == ["email", "webhook"]
    assert len({message.message_id for message in messages}) == 2


def test_the_same_message_has_the_same_id_whatever_the_order_of_its_items() -> None:
    items, rules = [an_alert("alert:1"), an_alert("alert:2")], Notify(recipients=(MIA,))
    assert due(NOON, rules, items, []) == due(NOON, rules, items[::-1], [])


def test_attempts_that_fail_come_less_and_less_often() -> None:
    assert [pause(n) // timedelta(minutes=1) for n in (1, 2, 3, 7, 20)] == [1, 2, 4, 60, 60]


@pytest.mark.parametrize(
    "wrong",
    [{"recipients": (MIA, MIA)}, {"escalate_to": ("nobody",)}, {"time_zone": "Mars/Olympus"}],
)
def test_rules_that_cannot_hold_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Notify(**wrong)  # type: ignore[arg-type]


def test_what_keeps_messages_from_leaving_is_said_at_the_start() -> None:
    rules = Notify(recipients=(MIA, Recipient(name="room", webhook_variable="ROOM_HOOK"), Recipient(name="bob")))
    assert list(obstacles(rules, {})) == [
        "TERRADRIFT_SMTP_HOST is not set: no e-mail can be sent",
        "ROOM_HOOK is not set: room cannot be told by webhook",
        "bob has neither email nor webhook_variable: nothing can be sent there",
    ]
    assert list(obstacles(Notify(recipients=(MIA,)), {"TERRADRIFT_SMTP_HOST": "mail"})) == []
