"""Confirmed findings and suspicions as the office takes them: loudness, people, what supersedes them, firms' eyes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.office_world import MONDAY, finding

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]


def take(message: dict[str, Any], minutes: float = 0) -> Any:
    from qingtian.office.tasks.api import take_finding

    return take_finding(message=message, at=MONDAY + timedelta(minutes=minutes))


def episodes() -> list[Any]:
    from qingtian.office.alerts.models import Episode

    return list(Episode.objects.order_by("pk"))


def confirmed(event: str = "opened", *, support: str = "penalty", number: int = 1, **given: Any) -> dict[str, Any]:
    message = finding(event, level="confirmed", **given)
    return message | {"detector": "confirmed_exceedance", "support": support, "id": f"{message['id'][:30]}{number:02d}"}


def suspicion(event: str = "opened", *, weight: float = 0.6, number: int = 1, **given: Any) -> dict[str, Any]:
    band = sum(weight >= step for step in (0.5, 0.7, 0.9))
    message = finding(event, level="suspicion", band=band, **given)
    nothing = {"limit": None, "value": None, "peak": None, "times_over": None}
    told = {"detector": "flat_line", "weight": weight, "id": f"{message['id'][:30]}{number:02d}"}
    return message | nothing | told


def superseded(message: dict[str, Any], *, by: str | None = None) -> dict[str, Any]:
    why = {"packets": [], "zh": "补传数据后不再超标，予以撤销", "en": "not over after late data; taken back"}
    return message | {"reason": "superseded", "superseded_by": by, "evidence": why}


def notified(people: dict[str, Any]) -> set[str]:
    from qingtian.office.alerts.api import unread_count

    return {name for name, user in people.items() if unread_count(user)}


@pytest.mark.parametrize(
    ("support", "value", "severity"), [("penalty", 150, 3), ("penalty", 350, 4), ("warn", 150, 2), ("warn", 350, 2)]
)
def test_what_only_warns_is_less_loud_than_what_carries_a_penalty(support: str, value: float, severity: int) -> None:
    taken = take(confirmed(support=support, value=value))
    assert (taken.episode.severity, taken.episode.support) == (severity, support)


@pytest.mark.parametrize(("weight", "severity"), [(0.55, 1), (0.8, 1), (0.93, 2)])
def test_a_suspicion_has_a_weight_and_no_value_and_is_never_more_than_a_warning(weight: float, severity: int) -> None:
    episode = take(suspicion(weight=weight)).episode
    assert (episode.severity, episode.weight, episode.value, episode.limit) == (severity, weight, None, {})


def test_a_suspicion_reaches_the_authority_and_never_the_firm(people: dict[str, Any]) -> None:
    from qingtian.office.alerts.api import episodes as listed
    from qingtian.office.tasks.models import Task

    take(suspicion(weight=0.95))
    assert "firm" not in notified(people)
    assert {"desk", "officer"} <= notified(people)
    assert listed(people["firm"]) == []
    assert len(listed(people["desk"])) == 1
    assert not Task.objects.exists()


def test_a_superseded_finding_ends_its_episode_with_the_reason_and_stays_among_its_findings() -> None:
    take(confirmed())
    taken = take(superseded(confirmed("closed", number=2)), 90)
    (episode,) = episodes()
    assert (taken.change, episode.state, episode.superseded) == ("superseded", "recovered", True)
    assert "撤销" in episode.sentence_zh
    assert episode.findings.count() == 2


def test_an_episode_goes_on_while_another_finding_takes_the_place_of_the_one_that_is_closed() -> None:
    take(confirmed(run="a"))
    assert take(superseded(confirmed("closed", run="a", number=2), by="b" * 32), 90).change == "continued"
    assert take(confirmed(run="b", value=170), 90).change == "continued"
    (episode,) = episodes()
    assert (episode.state, episode.superseded, episode.peak) == ("open", False, 170)


def test_a_finding_that_was_taken_back_may_be_found_again() -> None:
    take(confirmed())
    take(superseded(confirmed("closed", number=2)), 10)
    again = take(confirmed(number=3), 20)
    (episode,) = episodes()
    assert (again.change, episode.state, episode.superseded) == ("reopened", "open", False)
    take(superseded(confirmed("closed", number=4)), 30)
    episode.refresh_from_db()
    assert (episode.state, episode.superseded) == ("recovered", True)


def test_a_suspicion_that_ended_has_recovered_and_is_not_taken_back() -> None:
    take(suspicion())
    take(suspicion("closed", number=2) | {"reason": "recovered", "superseded_by": None}, 10)
    (episode,) = episodes()
    assert (episode.state, episode.superseded) == ("recovered", False)


def ended(message: dict[str, Any], *, hours: float) -> dict[str, Any]:
    end = (MONDAY + timedelta(hours=hours)).isoformat()
    recovery = {"data_time": end, "value": 80.0, "zh": "超标已结束", "en": "the exceedance has ended"}
    return message | {"reason": "recovered", "superseded_by": None, "running": False, "end": end, "recovery": recovery}


def test_an_exceedance_that_ended_recovers_at_the_end_of_the_window_that_ended_it(people: dict[str, Any]) -> None:
    take(confirmed(run="a"))
    take(confirmed(run="b", value=170), 60)
    assert take(ended(confirmed("closed", run="a", number=2), hours=3), 120).change == "continued"
    taken = take(ended(confirmed("closed", run="b", number=2), hours=3), 120)
    (episode,) = episodes()
    assert (taken.change, episode.state, episode.superseded) == ("recovered", "recovered", False)
    assert episode.recovered_at == MONDAY + timedelta(hours=3)
    assert episode.sentence_zh != "超标已结束"


def test_an_end_that_later_data_moved_changes_the_time_and_tells_nobody_again(people: dict[str, Any]) -> None:
    from qingtian.office.alerts.models import Notice

    take(confirmed())
    take(ended(confirmed("closed", number=2), hours=3), 120)
    told = Notice.objects.count()
    moved = ended(confirmed("closed", number=3), hours=2) | {"corrected": True}
    assert take(moved, 180).change == "continued"
    (episode,) = episodes()
    assert episode.recovered_at == MONDAY + timedelta(hours=2)
    assert Notice.objects.count() == told
    # what took the end away opens it again
    assert take(confirmed(number=4), 200).change == "reopened"
    assert take(ended(confirmed("closed", number=5), hours=6), 300).change == "recovered"
