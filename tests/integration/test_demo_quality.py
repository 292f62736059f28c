"""The demo's register of quality control: most in time, a little overdue, one failed, whenever it is set up."""

from __future__ import annotations

from datetime import datetime

import pytest

from qingtian.base.settings import Settings
from qingtian.base.times import BEIJING

pytestmark = pytest.mark.engines


@pytest.fixture
def whole_city(office: Settings, rolled_back: None) -> None:
    from qingtian.demo import city, registers

    registers.put_firms(city.firms())


@pytest.mark.parametrize(
    "at", [datetime(2026, 11, 23, 1, 0), datetime(2026, 3, 1, 17, 30), datetime(2027, 1, 1, 12, 0)]
)
@pytest.mark.usefixtures("whole_city")
def test_it_has_something_of_each_state_and_floods_nobody(at: datetime) -> None:
    from qingtian.demo import casework
    from qingtian.office.alerts.models import Episode, Notice
    from qingtian.office.people.models import User
    from qingtian.office.quality import api
    from qingtian.office.tasks.models import Task

    now = at.replace(tzinfo=BEIJING)
    assert casework.put_checks(at=now) > 100
    assert casework.put_checks(at=now) == 0
    desk, officer, firm = (User.objects.get(username=name) for name in ("desk", "officer", "firm"))
    states = [one.state for one in api.due(desk, at=now, limit=10_000)]
    assert {"kept", "overdue", "failed"} <= set(states)
    assert states.count("failed") == 1
    assert states.count("overdue") in (3, 4, 5)
    rows = Episode.objects.filter(detector="quality_control")
    assert rows.count() <= 5
    assert not Notice.objects.filter(user=desk, episode__in=rows).exists()
    # the case that the demo opens is out of a task of the cast's officer: none of these is theirs
    assert not Task.objects.filter(episode__in=rows, district=officer.district).exists()
    assert all(one.state in ("kept", "soon") for one in api.due(firm, at=now, limit=10_000))
    verdicts = [one.verdict for one in api.checks(desk)]
    assert {verdict: verdicts.count(verdict) for verdict in ("out_of_control", "adjust")} == {
        "out_of_control": 3,
        "adjust": 1,
    }
