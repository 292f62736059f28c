"""The whole loop by three people, and every "may not"."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.office_world import MONDAY, OTHER_OUTLET, finding

from qingtian.base.times import BEIJING

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

JPEG = b"\xff\xd8\xff\xe0" + b"photo of the site" * 20
WORDS = {"cause": "treatment_fault", "situation": "加药泵停机", "measures": "责令立即恢复"}


def dispatched(**words: Any) -> Any:
    """Take a finding and return the task that came of it."""
    from qingtian.office.tasks.api import take_finding
    from qingtian.office.tasks.models import Task

    taken = take_finding(message=finding(**words), at=MONDAY)
    assert taken
    return Task.objects.get(episode=taken.episode)


def reported(people: dict[str, Any], **words: Any) -> Any:
    from qingtian.office.tasks import api as tasks

    task = dispatched(**words)
    tasks.accept(acting_user=people["officer"], task_id=task.pk, at=MONDAY)
    tasks.arrive(acting_user=people["officer"], task_id=task.pk, at=MONDAY + timedelta(hours=1))
    return tasks.report(acting_user=people["officer"], task_id=task.pk, at=MONDAY + timedelta(hours=2), **WORDS)


def test_it_walks_from_finding_to_closed_by_three_people(
    people: dict[str, Any], tmp_path: Path, settings_override: Any
) -> None:
    from qingtian.office.alerts.models import Episode
    from qingtian.office.ledger.api import verify
    from qingtian.office.objects import api as objects
    from qingtian.office.tasks import api as tasks

    settings_override(OBJECTS_URL=str(tmp_path))
    task = dispatched()
    tasks.accept(acting_user=people["officer"], task_id=task.pk, at=MONDAY)
    tasks.arrive(acting_user=people["officer"], task_id=task.pk, at=MONDAY, lon=113.81, lat=22.74)
    upload = objects.Upload(name="../现场.jpg", content=JPEG)
    tasks.report(acting_user=people["officer"], task_id=task.pk, at=MONDAY, uploads=[upload], **WORDS)
    tasks.review(acting_user=people["reviewer"], task_id=task.pk, opinion="属实", at=MONDAY)
    tasks.take_finding(message=finding("closed", value=80), at=MONDAY)
    closed = tasks.close(acting_user=people["desk"], task_id=task.pk, at=MONDAY)
    assert (closed.state, Episode.objects.get(pk=task.episode_id).state) == ("closed", "closed")
    lines = tasks.timeline(people["desk"], task.pk)
    assert [line.act for line in lines] == ["dispatch", "accept", "arrive", "report", "review", "close"]
    assert [line.actor for line in lines][1:] == ["officer", "officer", "officer", "reviewer", "desk"]
    assert verify(chain=f"task:{task.pk}").entries == 6
    assert verify(chain=f"episode:{task.episode_id}").holds
    assert not closed.clocks.filter(stopped_at=None).exists()
    (kept,) = closed.evidence.all()
    assert (kept.name, kept.media_type, objects.get(kept.sha256)) == (
        "现场.jpg",
        "image/jpeg",
        JPEG,
    )


def test_it_closes_the_episode_later_if_the_exceedance_goes_on(people: dict[str, Any]) -> None:
    from qingtian.office.alerts.models import Episode
    from qingtian.office.tasks import api as tasks

    task = reported(people)
    tasks.review(acting_user=people["reviewer"], task_id=task.pk, opinion="属实", at=MONDAY)
    tasks.close(acting_user=people["desk"], task_id=task.pk, at=MONDAY)
    assert Episode.objects.get(pk=task.episode_id).state == "open"
    tasks.take_finding(message=finding("closed", value=80), at=MONDAY)
    assert Episode.objects.get(pk=task.episode_id).state == "closed"


def test_it_makes_the_task_good_if_the_dispatcher_died_right_after_the_alert(people: dict[str, Any]) -> None:
    from qingtian.office.alerts.api import take_findings as tell_the_alerts
    from qingtian.office.tasks import api as tasks
    from qingtian.office.tasks.models import Task

    (told,) = tell_the_alerts(messages=[finding()], at=MONDAY)
    assert told
    assert not Task.objects.filter(episode=told.episode).exists()
    for _ in range(2):
        # the finding was not acknowledged, so the log gives it again
        assert tasks.take_finding(message=finding(), at=MONDAY) is None
    task = Task.objects.get(episode=told.episode)
    assert [line.act for line in tasks.timeline(people["desk"], task.pk)] == ["dispatch"]


@pytest.mark.parametrize("username", ["officer2", "firm", "firm2", "desk", "reviewer", "leader", "admin"])
def test_it_lets_nobody_accept_who_may_not(people: dict[str, Any], username: str) -> None:
    from qingtian.office.sites.api import NotFoundHere
    from qingtian.office.tasks import api as tasks

    task = dispatched()
    with pytest.raises((NotFoundHere, tasks.NotByYou)):
        tasks.accept(acting_user=people[username], task_id=task.pk, at=MONDAY)


def test_it_lets_the_officer_take_the_grids_task_but_not_the_grid_the_officers(people: dict[str, Any]) -> None:
    from qingtian.office.tasks import api as tasks

    for_grid = dispatched(run="a")
    assert for_grid.role == "grid_member"
    assert tasks.possible_acts(people["officer"], for_grid) == [tasks.Act.ACCEPT]
    for_officer = dispatched(run="b", factor="w20117")
    assert for_officer.role == "officer"
    with pytest.raises(tasks.NotByYou):
        tasks.accept(acting_user=people["grid"], task_id=for_officer.pk, at=MONDAY)


def test_it_lets_no_handler_review_even_with_the_role_of_a_reviewer(people: dict[str, Any]) -> None:
    from qingtian.office.tasks import api as tasks

    task = reported(people)
    promoted = people["officer"]
    promoted.role, promoted.district_id = "reviewer", None
    promoted.save()
    for act in (
        lambda: tasks.review(acting_user=promoted, task_id=task.pk, opinion="ok", at=MONDAY),
        lambda: tasks.send_back(acting_user=promoted, task_id=task.pk, reason="no", at=MONDAY),
    ):
        with pytest.raises(tasks.NotByYou, match="handler"):
            act()
    tasks.review(acting_user=people["reviewer"], task_id=task.pk, opinion="ok", at=MONDAY)
    with pytest.raises(tasks.NotByYou):
        tasks.close(acting_user=promoted, task_id=task.pk, at=MONDAY)


def test_it_goes_back_with_a_reason_and_comes_again(people: dict[str, Any]) -> None:
    from qingtian.office.alerts.models import Notice
    from qingtian.office.tasks import api as tasks

    task = reported(people)
    with pytest.raises(tasks.FieldMissing):
        tasks.send_back(acting_user=people["reviewer"], task_id=task.pk, reason=" ", at=MONDAY)
    tasks.send_back(acting_user=people["reviewer"], task_id=task.pk, reason="缺少照片", at=MONDAY)
    assert Notice.objects.filter(user=people["officer"], kind="returned").count() == 1
    running = set(task.clocks.filter(stopped_at=None).values_list("name", flat=True))
    assert running == {"result", "rework"}
    again = tasks.report(acting_user=people["officer"], task_id=task.pk, at=MONDAY, **WORDS)
    assert [report.version for report in again.reports.order_by("version")] == [1, 2]
    tasks.review(acting_user=people["reviewer"], task_id=task.pk, opinion="ok", at=MONDAY)


def test_it_is_reassigned_to_one_who_sees_it_and_only_that_one_accepts(people: dict[str, Any]) -> None:
    from qingtian.office.tasks import api as tasks

    task = dispatched()
    tasks.accept(acting_user=people["officer"], task_id=task.pk, at=MONDAY)
    for to in ("officer2", "reviewer", "firm", "nobody"):
        with pytest.raises(tasks.CannotReassign):
            tasks.reassign(acting_user=people["desk"], task_id=task.pk, to=to, reason="出差", at=MONDAY)
    with pytest.raises(tasks.NotByYou):
        tasks.reassign(acting_user=people["officer"], task_id=task.pk, to="grid", reason="出差", at=MONDAY)
    tasks.reassign(acting_user=people["desk"], task_id=task.pk, to="grid", reason="出差", at=MONDAY)
    with pytest.raises(tasks.NotByYou):
        tasks.accept(acting_user=people["officer"], task_id=task.pk, at=MONDAY)
    assert tasks.accept(acting_user=people["grid"], task_id=task.pk, at=MONDAY).handler == people["grid"]


def test_it_is_merged_into_another_live_task_of_the_same_firm_only(people: dict[str, Any]) -> None:
    from qingtian.office.tasks import api as tasks

    task, twin = dispatched(run="a"), dispatched(run="b", factor="w21003")
    foreign = dispatched(run="c", outlet=OTHER_OUTLET)
    for into in (task, foreign):
        with pytest.raises(tasks.CannotMerge):
            tasks.merge(acting_user=people["desk"], task_id=task.pk, into=into.pk, reason="重复", at=MONDAY)
    merged = tasks.merge(acting_user=people["desk"], task_id=task.pk, into=twin.pk, reason="重复", at=MONDAY)
    assert (merged.state, merged.merged_into) == ("merged", twin)
    assert not merged.clocks.filter(stopped_at=None).exists()
    with pytest.raises(tasks.CannotMerge):
        tasks.merge(acting_user=people["desk"], task_id=twin.pk, into=task.pk, reason="重复", at=MONDAY)


@pytest.mark.parametrize("content", [b"", b"GIF89a...", b"<script>", b"\xff\xd8\xff" + b"x" * (21 * 1024 * 1024)])
def test_it_takes_pictures_and_papers_only_and_then_nothing_of_the_report(
    people: dict[str, Any], content: bytes
) -> None:
    from qingtian.office.objects import api as objects
    from qingtian.office.tasks import api as tasks
    from qingtian.office.tasks.models import Report

    task = dispatched()
    tasks.accept(acting_user=people["officer"], task_id=task.pk, at=MONDAY)
    tasks.arrive(acting_user=people["officer"], task_id=task.pk, at=MONDAY)
    upload = objects.Upload(name="x.jpg", content=content)
    with pytest.raises(objects.UploadRefused):
        tasks.report(acting_user=people["officer"], task_id=task.pk, at=MONDAY, uploads=[upload], **WORDS)
    assert not Report.objects.filter(task=task).exists()


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due"),
    [
        ("2026-11-23T10:00:00", 4, "hour", "2026-11-23T14:00:00"),
        ("2026-11-23T10:00:00", 5, "working_day", "2026-11-30T23:59:59"),
        # over National Day, which ends on the 7th, and its make-up Saturday the 10th
        ("2026-09-30T10:00:00", 3, "working_day", "2026-10-10T23:59:59"),
    ],
)
def test_its_clocks_run_by_hours_and_by_working_days(start: str, amount: int, unit: str, due: str) -> None:
    from qingtian.office.tasks import clocks

    begun = datetime.fromisoformat(start).replace(tzinfo=BEIJING)
    assert clocks.due(start=begun, amount=amount, unit=unit) == datetime.fromisoformat(due).replace(tzinfo=BEIJING)


def test_it_escalates_each_step_once(people: dict[str, Any]) -> None:
    from qingtian.office.alerts.models import Notice
    from qingtian.office.tasks import api as tasks

    dispatched()
    overdue = Notice.objects.filter(kind="overdue")
    assert tasks.escalate(at=MONDAY + timedelta(hours=4)) == 0
    assert tasks.escalate(at=MONDAY + timedelta(hours=4, minutes=1)) == 1
    # the cashier sits at the desk, the second officer in the same district
    told = set(overdue.values_list("user__username", flat=True))
    assert told == {"desk", "cashier", "officer", "officer3"}
    assert tasks.escalate(at=MONDAY + timedelta(hours=5)) == 0
    assert tasks.escalate(at=MONDAY + timedelta(hours=6, minutes=1)) == 1
    assert overdue.filter(user=people["leader"]).count() == 1


def test_it_lists_tasks_with_clocks_in_one_query_and_one_task_in_eight(
    people: dict[str, Any], django_assert_queries: Any
) -> None:
    from qingtian.office.tasks import api as tasks

    for number, factor in enumerate(("w01018", "w21003", "w21011", "w20122")):
        dispatched(run=str(number), factor=factor)
        dispatched(run=str(number), factor=factor, outlet=OTHER_OUTLET)
    late = MONDAY + timedelta(hours=5)
    with django_assert_queries(1):
        found = tasks.tasks(people["officer"], at=late, state="live", overdue=True, mine=True)
        shown = [(t.outlet.name, t.enterprise.name, t.episode.number, t.next_due, t.is_overdue) for t in found]
    assert len(shown) == 4
    assert tasks.tasks(people["firm"], at=late) == []
    with django_assert_queries(1):
        figures = tasks.task_counts(people["desk"], at=late)
    assert (figures.live, figures.to_accept, figures.overdue) == (8, 8, 8)
    with django_assert_queries(8):
        task = tasks.task(people["desk"], found[0].pk)
        assert [clock.name for clock in task.clocks.all()]
