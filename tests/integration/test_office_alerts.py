"""A finding opens or continues one episode, routes it, and the enterprise answers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from tests.office_world import MONDAY, OTHER_OUTLET, OUTLET, finding

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]


def take(message: dict[str, Any], minutes: float = 0) -> Any:
    from qingtian.office.tasks.api import take_finding

    return take_finding(message=message, at=MONDAY + timedelta(minutes=minutes))


def episodes() -> list[Any]:
    from qingtian.office.alerts.models import Episode

    return list(Episode.objects.order_by("pk"))


def test_it_opens_one_episode_for_a_run_however_often_it_is_told() -> None:
    assert take(finding("opened")).change == "opened"
    for _ in range(3):
        assert take(finding("opened")) is None
    assert take(finding("worsened", value=350, band=2)).change == "continued"
    assert len(episodes()) == 1


def test_it_numbers_episodes_without_gaps() -> None:
    take(finding(run="a"))
    take(finding(run="b", outlet=OTHER_OUTLET))
    take(finding(run="c", factor="w21003"))
    serials = [int(episode.number[-6:]) for episode in episodes()]
    assert [episode.number[:-6] for episode in episodes()] == ["预警〔2026〕"] * 3
    assert serials == list(range(serials[0], serials[0] + 3))


def test_it_joins_the_real_time_and_the_day_run_of_one_factor() -> None:
    take(finding(run="real time", value=150))
    taken = take(finding(run="day", value=150, level="period"))
    assert (taken.change, len(episodes())) == ("worsened", 1)
    assert taken.episode.severity == 3
    assert take(finding("closed", run="real time", value=80)).change == "continued"
    assert take(finding("closed", run="day", value=80, level="period")).change == "recovered"


def test_it_keeps_the_worst_value_and_the_latest() -> None:
    take(finding(value=150))
    take(finding("worsened", value=400, band=2))
    take(finding("closed", value=90))
    (episode,) = episodes()
    assert (episode.peak, episode.value, episode.state) == (400, 90, "recovered")


def test_it_opens_the_same_episode_again_within_the_hour_and_a_new_one_afterwards() -> None:
    take(finding(run="a"))
    take(finding("closed", run="a", at=MONDAY + timedelta(minutes=10)), 10)
    again = take(finding(run="b", at=MONDAY + timedelta(minutes=60)), 60)
    assert (again.change, len(episodes())) == ("reopened", 1)
    take(finding("closed", run="b", at=MONDAY + timedelta(minutes=70)), 70)
    new = take(finding(run="c", at=MONDAY + timedelta(minutes=140)), 140)
    assert (new.change, len(episodes())) == ("opened", 2)


def test_it_takes_the_end_before_the_beginning_if_the_log_says_so() -> None:
    take(finding("closed", value=90))
    take(finding("opened", value=150))
    (episode,) = episodes()
    assert episode.state == "recovered"


def test_it_refuses_a_message_that_is_none_and_an_outlet_nobody_knows() -> None:
    from qingtian.office.alerts.api import NoFinding, OutletUnknown

    with pytest.raises(NoFinding, match="evidence"):
        take({key: value for key, value in finding().items() if key != "evidence"})
    with pytest.raises(NoFinding, match="event"):
        take({**finding(), "event": "exploded"})
    with pytest.raises(OutletUnknown, match="SZ-X"):
        take(finding(outlet="SZ-X"))
    assert episodes() == []


def notified(people: dict[str, Any]) -> set[str]:
    from qingtian.office.alerts.api import unread_count

    return {name for name, user in people.items() if unread_count(user)}


# people of the demo who hold the same role at the same place
SAME_SEAT = {
    "desk": {"cashier"},
    "officer": {"officer3"},
    "reviewer": {"legal", "host", "higher"},
    "leader": {"disclosure"},
}


@pytest.mark.parametrize(
    ("value", "level", "hear", "task"),
    [
        (105, "screening", {"desk", "grid", "firm"}, None),
        (150, "screening", {"desk", "grid", "firm", "officer"}, "grid_member"),
        (150, "period", {"desk", "grid", "firm", "officer", "reviewer"}, "officer"),
        (350, "period", {"desk", "grid", "firm", "officer", "reviewer", "leader"}, "officer"),
    ],
)
def test_it_tells_those_the_rules_name_and_nobody_elses_people(
    people: dict[str, Any], value: float, level: str, hear: set[str], task: str | None
) -> None:
    from qingtian.office.tasks.models import Task

    take(finding(value=value, level=level))
    assert notified(people) == hear.union(*(SAME_SEAT.get(name, set()) for name in hear))
    assert list(Task.objects.values_list("role", flat=True)) == ([task] if task else [])


def test_it_sends_toxic_metal_to_the_officer_at_once() -> None:
    from qingtian.office.tasks.models import Task

    take(finding(factor="w20117", value=150))
    task = Task.objects.get()
    hours = task.clocks.get(name="first_check").due_at - task.made_at
    assert (task.role, task.urgent, hours) == ("officer", True, timedelta(hours=8))


def test_the_enterprise_confirms_and_explains_its_own_and_only_once(people: dict[str, Any]) -> None:
    from qingtian.office.alerts import api as alerts

    pk = take(finding()).episode.pk
    for stranger in ("firm2", "desk", "officer", "admin"):
        with pytest.raises((alerts_not_found(), not_yours())):
            alerts.confirm(acting_user=people[stranger], episode_id=pk, at=MONDAY)
    alerts.confirm(acting_user=people["firm"], episode_id=pk, at=MONDAY + timedelta(hours=3))
    with pytest.raises(alerts.AlreadyDone):
        alerts.confirm(acting_user=people["firm"], episode_id=pk, at=MONDAY)
    words = {"cause": "treatment_fault", "text": "加药泵停机", "planned_repair": date(2026, 11, 24)}
    with pytest.raises(alerts.TextMissing):
        alerts.explain(acting_user=people["firm"], episode_id=pk, at=MONDAY, **{**words, "text": " "})
    with pytest.raises(alerts.NoSuchCause):
        alerts.explain(acting_user=people["firm"], episode_id=pk, at=MONDAY, **{**words, "cause": "weather"})
    alerts.explain(acting_user=people["firm"], episode_id=pk, at=MONDAY, **words)
    lines = alerts.timeline(people["firm"], pk)
    assert [line.act for line in lines] == ["episode_opened", "confirm", "explain"]
    assert {line.act: line.content.get("late") for line in lines} == {
        "episode_opened": None,
        "confirm": True,
        "explain": False,
    }


def alerts_not_found() -> type[Exception]:
    from qingtian.office.sites.api import NotFoundHere

    return NotFoundHere


def not_yours() -> type[Exception]:
    from qingtian.office.people.api import NotYours

    return NotYours


def test_the_desk_acknowledges_and_closes_what_never_became_a_task(people: dict[str, Any]) -> None:
    from qingtian.office.alerts import api as alerts

    pk = take(finding(value=105)).episode.pk
    alerts.acknowledge(acting_user=people["desk"], episode_id=pk, at=MONDAY)
    words: dict[str, Any] = {"cause": "monitor_fault", "conclusion": "已核实", "at": MONDAY}
    with pytest.raises(alerts.StillRunning):
        alerts.close_episode(acting_user=people["desk"], episode_id=pk, **words)
    take(finding("closed", value=80))
    for other in ("officer", "firm", "grid", "reviewer"):
        with pytest.raises(not_yours()):
            alerts.close_episode(acting_user=people[other], episode_id=pk, **words)
    alerts.close_episode(acting_user=people["desk"], episode_id=pk, **words)
    assert alerts.episode(people["desk"], pk).state == "closed"


def test_it_refuses_to_close_an_episode_that_a_task_has(people: dict[str, Any]) -> None:
    from qingtian.office.alerts import api as alerts

    pk = take(finding(value=150)).episode.pk
    take(finding("closed", value=80))
    with pytest.raises(alerts.HasTask):
        alerts.close_episode(acting_user=people["desk"], episode_id=pk, cause="other", conclusion="x", at=MONDAY)


def test_it_lists_and_counts_within_the_scope_in_one_query_each(
    people: dict[str, Any], django_assert_queries: Any
) -> None:
    from qingtian.office.alerts import api as alerts

    for number, factor in enumerate(("w01018", "w21003", "w21011", "w20122", "w20121")):
        take(finding(run=str(number), factor=factor))
        take(finding(run=str(number), factor=factor, outlet=OTHER_OUTLET))
    with django_assert_queries(1):
        found = alerts.episodes(people["officer"], state="live")
        shown = [(e.outlet.name, e.enterprise.name, e.district.name, e.answer.confirm_due) for e in found]
    assert len(shown) == 5
    assert {episode.outlet_id for episode in found} == {OUTLET}
    with django_assert_queries(1):
        figures = alerts.alert_counts(people["desk"], at=MONDAY)
    assert (figures.open, figures.unconfirmed, figures.opened_today) == (10, 10, 10)
    assert alerts.alert_counts(people["firm2"], at=MONDAY).open == 5
    with pytest.raises(alerts_not_found()):
        alerts.timeline(people["firm2"], found[0].pk)
