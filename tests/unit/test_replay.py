"""A replay from a lake: it says what the confirmer said, and what another plan or other rules would have said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from qingtian.base import times
from qingtian.entry.load import city_day
from qingtian.entry.replaying import crew_for, replay
from qingtian.lake.days import latest_arrival
from qingtian.lake.files import TableFiles
from qingtian.lake.tables import READINGS
from qingtian.stream.confirming.confirmer import Confirmer
from qingtian.stream.confirming.ground import horizon_of
from qingtian.stream.confirming.keeping import Keeper
from qingtian.stream.confirming.standing import Standing
from qingtian.stream.periods import api as periods
from qingtian.stream.replaying import said, work
from qingtian.stream.replaying.comparison import compare, of_standing
from qingtian.stream.replaying.task import Outcome, Task, as_of, split

DAY = date(2026, 11, 20)
END = datetime(2026, 11, 21, 1, tzinfo=times.BEIJING)
OUTLETS = 3


def plan_of(upper: float) -> dict[str, Any]:
    made = city_day.snapshot(OUTLETS, made=END - timedelta(days=2))
    for outlet in made["outlets"]:
        for limit in outlet["limits"]:
            limit["upper"] = upper if limit["factor"] == "w01018" else limit["upper"]
    return made


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> str:
    """25 hours of three outlets, values about 30 mg/L, confirmed under a day limit of 29."""
    folder = str(tmp_path_factory.mktemp("replay") / "lake")
    city_day.fill(folder, outlets=OUTLETS, end=END, minutes=25 * 60)
    keeper = Keeper(folder)
    plan = periods.read_plan(plan_of(29.0))
    confirmer = Confirmer(keeper, Standing(), plan)
    # suspicions are told only when the data have settled
    for now in (0.0, 1e6, 2e6):
        for _ in confirmer.confirm(confirmer.look(plan, {}), now=now):
            pass
        confirmer.settle()
    return folder


@pytest.fixture
def task(lake: str) -> Task:
    latest = latest_arrival(TableFiles(lake_url=lake, spec=READINGS))
    assert latest is not None
    return Task(lake_url=lake, first=DAY, last=DAY, plans={1: plan_of(29.0)}, newest=1, horizon=horizon_of(latest))


class Here:
    """A crew of this process."""

    def outcomes(self, tasks: list[Task]) -> Iterator[Outcome]:
        return map(work.do, tasks)


def differing(task: Task) -> list[tuple[str, str, str]]:
    done = replay(task, Here())  # type: ignore[arg-type]
    found = compare(of_standing(said.confirmed(task)), of_standing(done.standing))
    return [(one.kind, one.message["outlet"], one.message["detector"]) for one in found]


def test_it_confirms_again_what_was_confirmed_however_the_outlets_are_split(task: Task) -> None:
    assert differing(task) == []
    assert len(said.confirmed(task)) >= OUTLETS
    parts = [work.do(part) for part in split(task, outlets_at_once=1)]
    assert len(parts) == OUTLETS
    assert (
        compare(of_standing(said.confirmed(task)), of_standing([one for part in parts for one in part.standing])) == []
    )


def test_it_tells_what_vanishes_and_changes_under_another_plan(task: Task) -> None:
    lenient = differing(replace(task, plans={1: plan_of(40.0)}))
    assert {(kind, detector) for kind, _, detector in lenient} >= {("vanishes", "confirmed_exceedance")}
    stricter = differing(replace(task, plans={1: plan_of(28.0)}))
    assert {kind for kind, _, detector in stricter if detector == "confirmed_exceedance"} == {"changes"}


def test_it_tells_what_appears_where_nothing_was_said(task: Task) -> None:
    done = replay(task, Here())  # type: ignore[arg-type]
    kinds = {one.kind for one in compare([], of_standing(done.standing))}
    assert kinds == {"appears"}


def test_it_counts_each_reading_of_the_stretch_once(task: Task) -> None:
    parts = [work.do(part) for part in split(task, outlets_at_once=2)]
    assert sum(part.readings for part in parts) == OUTLETS * 1440 * len(city_day.FACTORS)
    assert sum(part.windows for part in parts) == OUTLETS * 25 * len(city_day.FACTORS)


def test_it_takes_the_limits_of_another_day() -> None:
    plan = plan_of(29.0)
    plan["outlets"][0]["limits"] = [
        {**plan["outlets"][0]["limits"][0], "from": "2020-01-01", "to": "2027-01-01", "upper": 30.0},
        {**plan["outlets"][0]["limits"][0], "from": "2027-01-01", "to": None, "upper": 20.0},
    ]
    (limit,) = as_of(plan, date(2027, 1, 1))["outlets"][0]["limits"]
    assert (limit["upper"], limit["from"], limit["to"]) == (20.0, None, None)
    (limit,) = as_of(plan, date(2026, 12, 31))["outlets"][0]["limits"]
    assert limit["upper"] == 30.0


def test_by_the_rules_of_its_own_days_a_process_says_the_same(task: Task) -> None:
    held = replace(task, rules=DAY, plans={1: as_of(plan_of(29.0), DAY)}, suspicions=False)
    with crew_for(held, processes=1, ray=None) as crew:
        done = replay(held, crew)
    own = [one for one in said.confirmed(task) if one["detector"] == "confirmed_exceedance"]
    now = [one for one in done.standing if one["detector"] == "confirmed_exceedance"]
    assert {one["value"] for one in now} == {one["value"] for one in own} != set()
