"""A value below a lower limit is called so wherever an alert is shown; a form that wants an outlet says which."""

from __future__ import annotations

from typing import Any

import pytest
from tests.office_world import MONDAY, OUTLET, finding

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]


def acidic(value: float, *, run: str) -> Any:
    """An alert of a pH of six to nine."""
    from qingtian.office.tasks import api as tasks

    message = finding(level="period", factor="w01001", value=value, run=run)
    beyond = message["limit"] | {"factor": "w01001", "lower": 6.0, "upper": 9.0, "unit": "dimensionless"}
    taken = tasks.take_finding(message=message | {"limit": beyond, "times_over": 0.5}, at=MONDAY)
    assert taken is not None
    assert taken.episode.severity >= 3
    return taken.episode


@pytest.mark.parametrize(("value", "said", "unsaid"), [(3.0, "低于限值", "超标"), (13.5, "超标", "低于限值")])
def test_the_badge_says_on_which_side_of_its_limits_a_value_lies(
    value: float, said: str, unsaid: str, as_person: Any
) -> None:
    from qingtian.office.tasks.models import Task

    episode = acidic(value, run="ph")
    task = Task.objects.get(episode=episode)
    officer = as_person("officer")
    for path in (f"/alerts/{episode.pk}/", "/alerts/", f"/tasks/{task.pk}/", "/tasks/"):
        page = officer.get(path).content.decode()
        badges = [part.split("</span>")[0] for part in page.split('class="badge is-breach"')[1:]]
        assert any(said in badge for badge in badges), path
        assert not any(unsaid in badge for badge in badges), path


@pytest.mark.parametrize(("path", "asks"), [("/marks/file/", "须写明排放口编号"), ("/commands/new/", "须写明设备 MN")])
def test_a_form_without_what_it_is_about_says_what_is_missing(path: str, asks: str, as_person: Any) -> None:
    answer = as_person("desk").get(path)
    assert answer.status_code == 400
    assert asks in answer.content.decode()
    assert as_person("desk").get(f"/marks/file/?outlet={OUTLET}").status_code == 200


def test_a_mark_without_an_outlet_is_not_filed(as_person: Any) -> None:
    from qingtian.office.marks.models import Mark

    said = {"label": "device:维护", "start": "2026-11-20T08:00", "end": "2026-11-20T09:00", "reason": "维护"}
    assert as_person("desk").post("/marks/file/", said).status_code == 400
    assert not Mark.objects.exists()
