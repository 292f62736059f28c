"""A long list is read as far as somebody looks: a short one in one query, a page of a long one without the others."""

from __future__ import annotations

from typing import Any

import pytest

from qingtian.base import times

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]
COUNT = 130


@pytest.fixture
def attempts(people: dict[str, Any]) -> Any:
    """The query of so many rows of a small table, in order."""
    from qingtian.office.people.models import LoginAttempt

    name = "pages-of-a-list"
    LoginAttempt.objects.bulk_create(
        LoginAttempt(username=name, address=str(number), at=times.now(), succeeded=True) for number in range(COUNT)
    )
    return LoginAttempt.objects.filter(username=name).order_by("pk")


def numbers(rows: Any) -> list[int]:
    return [int(row.address) for row in rows]


@pytest.mark.parametrize(("most", "there"), [(1000, COUNT), (COUNT, COUNT), (60, 60), (51, 51), (7, 7), (0, 0)])
def test_it_is_the_list_that_it_would_be_if_it_were_read_whole(attempts: Any, most: int, there: int) -> None:
    from qingtian.office.pages import Pages

    whole = list(range(there))
    assert numbers(Pages(attempts, most=most)) == whole
    assert len(Pages(attempts, most=most)) == there
    for part in (slice(0, 50), slice(50, 100), slice(100, 150), slice(None, 20_000), slice(40, 60), slice(5, None, -2)):
        assert numbers(Pages(attempts, most=most)[part]) == whole[part], part
    for place in (0, 50, -1, 129):
        if -there <= place < there:
            assert numbers([Pages(attempts, most=most)[place]]) == [whole[place]]
        else:
            with pytest.raises(IndexError):
                Pages(attempts, most=most)[place]


def test_a_short_list_takes_one_query_and_a_page_of_a_long_one_three(attempts: Any, django_assert_queries: Any) -> None:
    from qingtian.office.pages import Pages

    few = Pages(attempts.filter(address__in=["3", "4", "5"]), most=1000)
    with django_assert_queries(1):
        assert (len(few), numbers(few[:50]), numbers(few)) == (3, [3, 4, 5], [3, 4, 5])
    rows = Pages(attempts, most=1000)
    with django_assert_queries(2):
        assert (len(rows), numbers(rows[:50])) == (COUNT, list(range(50)))
    with django_assert_queries(1):
        assert numbers(rows[50:100]) == list(range(50, 100))


def test_the_lists_of_alerts_and_tasks_are_those_of_the_programs(people: dict[str, Any]) -> None:
    from tests.office_world import MONDAY, OUTLET, finding

    from qingtian.office.alerts import api as alerts
    from qingtian.office.tasks import api as tasks

    for factor in ("w01018", "w21003", "w21011"):
        tasks.take_finding(message=finding(factor=factor, value=300.0), at=MONDAY)
    for name, wish in (("officer", {}), ("officer2", {}), ("desk", {"state": "live"}), ("firm", {"search": OUTLET})):
        rows = alerts.episode_pages(people[name], most=1000, **wish)
        assert list(rows) == alerts.episodes(people[name], **wish)
    assert len(alerts.episode_pages(people["officer"], most=1000)) == 3
    assert len(alerts.episode_pages(people["officer2"], most=1000)) == 0
    for name in ("officer", "officer2", "firm"):
        rows = tasks.task_pages(people[name], at=MONDAY, most=1000)
        assert [(row, row.next_due) for row in rows] == [
            (row, row.next_due) for row in tasks.tasks(people[name], at=MONDAY)
        ]
    assert len(tasks.task_pages(people["officer"], at=MONDAY, most=1000)) > 0
    assert len(tasks.task_pages(people["firm"], at=MONDAY, most=1000)) == 0
