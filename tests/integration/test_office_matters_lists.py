"""Lists of matters: by how near their due dates are, by days of opening; figures of an inbox; the count of the rail."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from qingtian.base.times import BEIJING

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

# a Wednesday
NOON = datetime(2026, 11, 25, 12, tzinfo=BEIJING)
DUE = {
    "overdue": NOON - timedelta(hours=1),
    "today": NOON.replace(hour=23, minute=59, second=59),
    "week": NOON.replace(day=29, hour=23, minute=59, second=59),
    "later": NOON.replace(day=30, hour=0),
    "none": None,
}


@pytest.fixture
def by_bucket(people: dict[str, Any]) -> dict[str, int]:
    """One matter of the desk in each bucket of due dates, by its key."""
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import MatterTurn

    facts = {"petitioner": "刘某某", "received_on": date(2026, 11, 20), "claim": "反映油烟扰民", "class": "claim"}
    origin = matters.Origin(source="letter", district="440306")
    found = {}
    for day, (bucket, due) in enumerate(DUE.items(), start=20):
        at = NOON.replace(day=day, hour=9)
        opened = matters.open_matter(acting_user=people["desk"], code="petition", at=at, origin=origin, facts=facts)
        matters.Matter.objects.filter(pk=opened.pk).update(next_due=due)
        MatterTurn.objects.filter(matter=opened).update(due=due)
        found[bucket] = opened.pk
    return found


def test_each_matter_of_an_inbox_is_in_one_bucket(people: dict[str, Any], by_bucket: dict[str, int]) -> None:
    from qingtian.office.matters import api as matters

    assert tuple(by_bucket) == matters.BUCKETS
    for bucket, key in by_bucket.items():
        waiting = matters.inbox(people["desk"], at=NOON, due=bucket)
        assert [each.matter.pk for each in waiting] == [key], bucket
        rows = matters.matters(people["desk"], at=NOON, due=bucket)
        assert [row.pk for row in rows] == [key], bucket
    assert [each.matter.pk for each in matters.inbox(people["desk"], at=NOON, due="7")] == [
        by_bucket[name] for name in ("overdue", "today", "week", "later")
    ]
    assert len(matters.inbox(people["desk"], at=NOON, due="nonsense")) == 5


def test_the_figures_of_an_inbox_are_those_of_its_lists(
    people: dict[str, Any], by_bucket: dict[str, int], django_assert_queries: Any
) -> None:
    from qingtian.office.matters import api as matters

    with django_assert_queries(2):
        counts = matters.inbox_counts(people["desk"], at=NOON)
    assert [getattr(counts, bucket) for bucket in matters.BUCKETS] == [1, 1, 1, 1, 1]
    assert counts.named == 0
    assert matters.inbox_counts(people["firm"], at=NOON).overdue == 0


def test_the_rail_counts_what_is_overdue_by_role_and_by_name(
    people: dict[str, Any], by_bucket: dict[str, int], django_assert_queries: Any
) -> None:
    from qingtian.office.matters import api as matters
    from qingtian.office.people import api as offices

    with django_assert_queries(1):
        assert matters.overdue_count(people["desk"], at=NOON) == 1
    assert matters.overdue_count(people["grid"], at=NOON) == 0
    offices.give_post(acting_user=people["admin"], username="admin", post="clerk", since=NOON.date(), at=NOON)
    assert matters.overdue_count(people["admin"], at=NOON) == 1
    assert matters.overdue_count(people["officer2"], at=NOON) == 0
    people["desk"].is_active = False
    assert matters.overdue_count(people["desk"], at=NOON) == 0
    people["desk"].is_active = True


def test_a_register_is_narrowed_by_the_days_of_opening(people: dict[str, Any], by_bucket: dict[str, int]) -> None:
    from qingtian.office.matters import api as matters

    days = {"opened_from": date(2026, 11, 21), "opened_to": date(2026, 11, 22)}
    rows = matters.matters(people["desk"], at=NOON, sort="due", **days)
    assert [row.pk for row in rows] == [by_bucket["today"], by_bucket["week"]]
