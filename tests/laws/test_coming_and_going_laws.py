"""Market events and alerts come and go in every way, and when they are over nothing of them stays."""

from __future__ import annotations

import pickle

from models.alerts import AlertBook
from models.event_watch import EventWatch
from tests.laws.every_model import MODELS
from tests.laws.feeds.whole_company import CONTEXT, VIEWS, World, company_week, sunday
from tests.unit.models.companies import week


def a_world(weeks: int) -> World:
    case = MODELS[EventWatch]
    world: World = case.make()
    for number in range(weeks):
        case.feed(world, number)
    return world


def test_events_and_alerts_come_and_go_in_every_way() -> None:
    """Else the laws of every model would say nothing of them."""
    world, book = a_world(0), MODELS[AlertBook].make()
    verdicts, settled, changes, open_alerts = set(), set(), set(), set()
    for number in range(MODELS[EventWatch].full):
        MODELS[EventWatch].feed(world, number)
        verdicts |= {one.verdict for one in world.events.all()}
        settled.add(len(world.events._settled))
        changes |= {change.what for change in MODELS[AlertBook].feed(book, number)}
        open_alerts.add(len(book.open_alerts))
    assert verdicts == {"expected", "confirmed"}
    assert {0, 1} <= settled
    assert world.events.learnt("season") != 0
    assert changes == {"opened", "confirmed", "updated", "recovering", "resumed", "resolved", "dismissed"}
    assert len(open_alerts) > 3


def test_of_events_that_are_over_only_what_their_kinds_do_is_remembered() -> None:
    world = a_world(75)
    before = world.events.state()
    assert all(before[name] for name in ("open", "settled", "learnt"))
    for number in range(75, 160):
        company_week(world.company, number, VIEWS[number].observed)
        world.events.close_week(week(number), world.company)
    assert world.events.state() == {
        "open": [], "followed": [], "settled": [], "learnt": world.events._learnt,
    }  # fmt: skip
    assert world.events._learnt.keys() == before["learnt"].keys()


def test_a_book_whose_alerts_and_events_are_over_is_as_a_new_one() -> None:
    case = MODELS[AlertBook]
    book = case.make()
    for number in range(60):
        case.feed(book, number)
    assert len(pickle.dumps(book)) > 2 * len(pickle.dumps(case.make()))
    for number in range(60, 90):
        book.step(sunday(number), [], [], CONTEXT)
    assert pickle.dumps(book) == pickle.dumps(case.make())
