"""What taking findings costs in questions to the database, and what happens to several that are taken together."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from tests.office_world import MONDAY, OTHER_OUTLET, finding

from qingtian.base.settings import Settings

pytestmark = pytest.mark.engines

PATIENCE = 60.0


def take(*messages: dict[str, Any], minutes: float = 0) -> list[Any]:
    from qingtian.office.tasks.api import take_findings

    return take_findings(messages=messages, at=MONDAY + timedelta(minutes=minutes))


def changes(taken: list[Any]) -> list[str | None]:
    return [each and each.change for each in taken]


@pytest.mark.usefixtures("rolled_back")
def test_an_alert_takes_eight_questions_and_its_task_nine_more(django_assert_queries: Any) -> None:
    from qingtian.office.alerts import api as alerts
    from qingtian.office.tasks import dispatch

    # two of a savepoint; the outlet; what is known; the number; who hears of it; the chain's head; rows and event
    with django_assert_queries(8):
        alerts.take_findings(messages=[finding()], at=MONDAY)
    # two of a savepoint; episode; task; number and key; who gets it; the chain's head; rows and event
    with django_assert_queries(9):
        dispatch.follow(finding_ids=[finding()["id"]], at=MONDAY)
    with django_assert_queries(4):
        alerts.take_findings(messages=[finding()], at=MONDAY)
    with django_assert_queries(4):
        dispatch.follow(finding_ids=[finding()["id"]], at=MONDAY)


@pytest.mark.usefixtures("rolled_back")
def test_a_finding_among_many_takes_five_questions_until_its_alert_is_told(django_assert_queries: Any) -> None:
    from qingtian.office.alerts import api as alerts
    from qingtian.office.sites.models import Outlet

    outlets = list(Outlet.objects.order_by("-pk").values_list("pk", flat=True)[:8])
    with django_assert_queries(2 + 1 + 5 * len(outlets)):
        alerts.take_findings(messages=[finding(outlet=outlet) for outlet in outlets], at=MONDAY)


@pytest.mark.usefixtures("rolled_back")
def test_findings_that_are_taken_together_are_as_if_they_had_come_one_by_one() -> None:
    from qingtian.office.alerts.models import Episode
    from qingtian.office.tasks.models import Task

    story = [
        finding(run="a"),
        finding(run="b", factor="w21003"),
        finding("worsened", run="a", value=350, band=2, level="period"),
        finding(run="c", outlet=OTHER_OUTLET),
        finding("closed", run="a", value=80, level="period"),
        finding(run="a"),
    ]
    assert changes(take(*story)) == ["opened", "opened", "worsened", "opened", "recovered", None]
    first, second, third = Episode.objects.order_by("pk")
    assert (first.state, second.state, third.state) == ("recovered", "open", "open")
    assert (second.lead_id, third.lead_id) == (first.pk, None)
    assert set(Task.objects.values_list("episode", flat=True)) == {first.pk, second.pk, third.pk}


@pytest.mark.usefixtures("rolled_back")
def test_of_findings_that_are_taken_together_all_are_taken_or_none() -> None:
    from qingtian.office.alerts.api import OutletUnknown
    from qingtian.office.alerts.models import Episode

    with pytest.raises(OutletUnknown, match="SZ-NONE"):
        take(finding(), finding(outlet="SZ-NONE"))
    assert not Episode.objects.exists()


@pytest.mark.usefixtures("rolled_back")
def test_a_run_that_begins_again_in_a_new_episode_ends_there() -> None:
    from qingtian.office.alerts.models import Episode

    take(finding())
    take(finding("closed", value=80), minutes=10)
    later = MONDAY + timedelta(hours=5)
    again = {**finding(at=later), "id": "f" * 32, "finding": finding()["finding"]}
    end = {**finding("closed", value=80, at=later), "id": "e" * 32, "finding": finding()["finding"]}
    assert changes(take(again, minutes=300)) == ["opened"]
    assert changes(take(end, minutes=310)) == ["recovered"]
    assert list(Episode.objects.order_by("pk").values_list("state", flat=True)) == ["recovered", "recovered"]


@pytest.mark.usefixtures("rolled_back")
def test_the_people_in_whose_care_a_place_is_are_those_who_see_it(people: dict[str, Any]) -> None:
    from qingtian.office.people.api import Role, Scope, caring, caring_for
    from qingtian.office.people.models import User
    from qingtian.office.sites.models import Outlet

    User.objects.filter(username="reviewer").update(district="440305")
    User.objects.filter(username="officer2").update(is_active=False)
    User.objects.filter(username="officer3").update(district=None)
    everybody = list(User.objects.order_by("pk"))
    places = set(Outlet.objects.values_list("district", "grid", "enterprise"))
    assert len(places) > 20
    for district, grid, enterprise in places:
        place = {"district": district, "grid": grid, "enterprise": enterprise}
        seers = [user for user in everybody if Scope.of(user).contains(**place)]
        assert caring_for(roles=Role.values, **place) == seers
        officers = [user.pk for user in seers if user.role == Role.OFFICER]
        assert caring(roles=[Role.OFFICER], **place) == officers


@pytest.fixture
def owner(office: Settings) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the owner; what the test commits goes when it is over."""
    with psycopg.connect(office.require_database_owner_url(), autocommit=True) as connection:
        yield connection
        connection.execute("TRUNCATE alerts_episode CASCADE")


def test_an_act_of_a_person_is_not_undone_by_a_finding_that_is_taken_at_the_same_time(
    people: dict[str, Any], owner: psycopg.Connection[Any]
) -> None:
    from django.db import connections, transaction

    from qingtian.office.alerts import api as alerts
    from qingtian.office.alerts.models import Episode

    def worsen() -> None:
        take(finding("worsened", value=350, band=2, level="period"))
        connections.close_all()

    def waits() -> bool:
        return owner.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone() is not None

    (taken,) = take(finding())
    at_the_same_time = threading.Thread(target=worsen)
    with transaction.atomic():
        alerts.acknowledge(acting_user=people["desk"], episode_id=taken.episode.pk, at=MONDAY)
        at_the_same_time.start()
        deadline = time.monotonic() + PATIENCE
        while not waits():
            assert time.monotonic() < deadline, "the finding does not wait for the act"
            time.sleep(0.02)
    at_the_same_time.join(PATIENCE)
    episode = Episode.objects.get()
    assert (episode.severity, episode.acknowledged_by) == (4, people["desk"])
