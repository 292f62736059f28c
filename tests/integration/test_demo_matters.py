"""The demo city's office at work: matters of every kind by the real engine, the same each time, none twice."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.office_world import MONDAY, finding

from qingtian.base.times import BEIJING
from qingtian.demo import casting, histories
from qingtian.demo.histories import Goal, History
from qingtian.law import calendar
from qingtian.law.machine import shelf

pytestmark = pytest.mark.engines


def planned(now: datetime = MONDAY) -> list[History]:
    return list(histories.histories(now=now, calendar=calendar.official()))


@pytest.fixture(scope="module")
def told() -> list[History]:
    return planned()


def test_every_kind_has_matters_near_their_end_on_their_way_and_closed(told: list[History]) -> None:
    day = MONDAY.date()
    in_force = {kind.manifest.code for kind in shelf.discover().kinds.values() if kind.manifest.in_force(day)}
    assert {history.definition.manifest.code for history in told} == in_force
    counted = Counter(history.goal for history in told)
    assert set(counted) == set(Goal)
    assert sum(history.state.closed for history in told) == counted[Goal.CLOSED] > 30
    assert len({(history.definition.manifest.code, history.state.stage) for history in told}) > 80
    assert all(event.at <= MONDAY for history in told for event in history.events)


def test_some_are_overdue_and_some_due_within_the_week(told: list[History]) -> None:
    dues = [history.due for history in told if history.due]
    assert sum(due < MONDAY for due in dues) >= 5
    assert sum(MONDAY <= due < MONDAY + timedelta(days=8) for due in dues) >= 10


def test_it_is_the_same_city_at_every_call(told: list[History]) -> None:
    assert planned() == told


@pytest.mark.parametrize("now", [datetime(2026, 2, 14, 12, tzinfo=BEIJING), datetime(2026, 10, 1, 12, tzinfo=BEIJING)])
def test_it_fits_other_days_of_the_calendar(now: datetime) -> None:
    found = planned(now)
    assert len({history.definition.manifest.code for history in found}) > 30
    assert all(event.at <= now for history in found for event in history.events)


def test_nobody_of_the_cast_plays_where_they_do_not_work(told: list[History]) -> None:
    for history in told:
        names = {person.name for person in casting.players(history.district)}
        here = {event.by.name for event in history.events if casting.SYSTEM not in event.by.roles}
        assert here <= names, history.walk


@pytest.mark.usefixtures("rolled_back")
def test_the_office_lets_all_of_it_happen_once(told: list[History], people: dict[str, Any]) -> None:
    from qingtian.demo import matters
    from qingtian.office.ledger.api import verify
    from qingtian.office.matters import api
    from qingtian.office.matters.models import Matter

    before = Matter.objects.count()
    assert matters.put(told, at=MONDAY) == len(told)
    made = Matter.objects.order_by("pk")[before:]
    assert Counter((each.code, each.stage) for each in made) == Counter(
        (history.definition.manifest.code, history.state.stage) for history in told
    )
    for matter in made[::10]:
        assert verify(chain=api.chain(matter.pk)).holds
    # somebody starts the demo again, or it was killed on the way
    assert matters.put(told, at=MONDAY) == len(told)
    assert Matter.objects.count() == before + len(told)
    for username in ("desk", "officer", "officer2", "leader", "legal"):
        assert api.inbox(people[username], at=MONDAY), username
    # the firm has its own, and nothing of the others'
    assert {each.enterprise_id for each in api.matters(people["firm"], at=MONDAY)} == {"E0001"}


@pytest.mark.usefixtures("rolled_back")
def test_a_case_comes_out_of_the_first_task_and_leads_back_to_it(people: dict[str, Any]) -> None:
    from django.test import Client

    from qingtian.demo import matters
    from qingtian.office.matters.models import Matter
    from qingtian.office.tasks import api as tasks

    assert matters.open_case(at=MONDAY) == ""
    taken = tasks.take_finding(message=finding(value=150.0), at=MONDAY)
    assert taken
    number = matters.open_case(at=MONDAY)
    assert number == matters.open_case(at=MONDAY)
    matter = Matter.objects.get(number=number)
    assert (matter.code, matter.stage, matter.episode_id) == ("penalty", "clue", taken.episode.pk)
    client = Client()
    client.force_login(people["officer"])
    page = client.get(f"/matters/{matter.pk}/").content.decode()
    for address in (f"/tasks/{matter.task_id}/", f"/alerts/{matter.episode_id}/"):
        assert f'href="{address}"' in page
