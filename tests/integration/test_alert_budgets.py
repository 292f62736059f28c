"""Who is told at once, who later and why: groups, silences, quiet hours, budgets, digests."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from tests.office_world import MONDAY, OTHER_OUTLET, OUTLET, finding

from qingtian.base.times import BEIJING

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

NIGHT = datetime(2026, 11, 23, 23, 30, tzinfo=BEIJING)
EIGHT = datetime(2026, 11, 24, 8, 10, tzinfo=BEIJING)


def take(message: dict[str, Any], at: datetime = MONDAY) -> Any:
    from qingtian.office.tasks.api import take_finding

    return take_finding(message=message, at=at)


def heard(person: Any, *, held: str = "") -> list[tuple[str, str]]:
    """Return kind and reason of what reached this person of alerts (or was held back)."""
    from qingtian.office.alerts import api

    return [(row.kind, row.held) for row in api.notices(person, held=held) if row.kind != "task"]


def test_it_tells_the_second_factor_of_an_outlet_only_in_the_digest(people: dict[str, Any]) -> None:
    from qingtian.office.alerts import api

    first = take(finding(run="a"))
    second = take(finding(run="b", factor="w21003"), MONDAY + timedelta(minutes=5))
    assert second.episode.lead_id == first.episode.pk
    assert heard(people["officer"]) == [("opened", "")]
    assert heard(people["officer"], held="all") == [("opened", "grouped")]
    assert api.why(people["officer"], second.episode).reason == "grouped"
    assert api.why(people["officer"], first.episode).outcome == "told"


def test_it_tells_the_second_factor_if_it_is_worse_or_late_or_elsewhere(people: dict[str, Any]) -> None:
    take(finding(run="a"))
    take(finding(run="worse", factor="w21003", level="period"), MONDAY + timedelta(minutes=5))
    take(finding(run="late", factor="w21001"), MONDAY + timedelta(minutes=50))
    take(finding(run="elsewhere", outlet=OTHER_OUTLET), MONDAY + timedelta(minutes=6))
    assert heard(people["desk"]) == [("opened", "")] * 4


def test_it_always_tells_the_enterprise_that_has_hours_to_answer(people: dict[str, Any]) -> None:
    take(finding(run="a", value=250))
    take(finding(run="b", value=250, factor="w21003"))
    assert heard(people["firm"]) == [("opened", ""), ("opened", "")]


def test_it_silences_an_outlet_for_a_while_but_never_a_breach(people: dict[str, Any]) -> None:
    from qingtian.office.alerts import api

    made = api.silence(acting_user=people["desk"], outlet_code=OUTLET, hours=4, reason="在线仪器检修", at=MONDAY)
    take(finding(run="a"), MONDAY + timedelta(hours=1))
    assert heard(people["officer"]) == []
    assert heard(people["officer"], held="silenced") == [("opened", "silenced")]
    take(finding("worsened", run="a", level="period", value=350, band=2), MONDAY + timedelta(hours=2))
    assert heard(people["officer"]) == [("worsened", "")]
    api.lift(acting_user=people["desk"], silence_id=made.pk, at=MONDAY + timedelta(hours=3))
    with pytest.raises(api.AlreadyLifted):
        api.lift(acting_user=people["desk"], silence_id=made.pk, at=MONDAY + timedelta(hours=3))
    take(finding(run="later", factor="w21003"), MONDAY + timedelta(hours=3, minutes=1))
    assert ("opened", "") in heard(people["officer"])


@pytest.mark.parametrize("username", ["firm", "grid", "reviewer", "admin", "officer2"])
def test_it_lets_nobody_silence_who_may_not(people: dict[str, Any], username: str) -> None:
    from qingtian.office.alerts import api
    from qingtian.office.people.api import NotYours
    from qingtian.office.sites.api import NotFoundHere

    with pytest.raises((NotYours, NotFoundHere)):
        api.silence(acting_user=people[username], outlet_code=OUTLET, hours=4, reason="试", at=MONDAY)
    made = api.silence(acting_user=people["desk"], outlet_code=OUTLET, hours=4, reason="检修", at=MONDAY)
    with pytest.raises((NotYours, NotFoundHere)):
        api.lift(acting_user=people[username], silence_id=made.pk, at=MONDAY)


@pytest.mark.parametrize(("hours", "reason"), [(0, "检修"), (73, "检修"), (4, "  ")])
def test_it_refuses_a_silence_without_reason_or_too_long(people: dict[str, Any], hours: int, reason: str) -> None:
    from qingtian.office.alerts import api

    with pytest.raises(api.SilenceRefused):
        api.silence(acting_user=people["desk"], outlet_code=OUTLET, hours=hours, reason=reason, at=MONDAY)


def test_it_keeps_quiet_at_night_and_tells_in_the_morning_once(people: dict[str, Any]) -> None:
    from qingtian.office.alerts import api

    officer = people["officer"]
    api.set_quiet_hours(acting_user=officer, begins=time(22), ends=time(7), at=MONDAY)
    take(finding(run="a", at=NIGHT), NIGHT)
    take(finding(run="b", level="period", factor="w21003", at=NIGHT), NIGHT)
    # a breach wakes people up; a warning waits
    assert heard(officer) == [("opened", "")]
    assert heard(officer, held="all") == [("opened", "quiet")]
    assert api.gather(at=NIGHT) == 0
    assert api.gather(at=EIGHT) >= 1
    assert [kind for kind, _ in heard(officer)].count("digest") == 1
    assert api.gather(at=EIGHT + timedelta(minutes=10)) == 0
    (digest,) = (row for row in api.notices(officer) if row.kind == "digest")
    assert {row.held for row in digest.gathered.all()} == {"quiet"}


def test_it_holds_back_what_is_over_the_budget_of_the_day(people: dict[str, Any]) -> None:
    from qingtian.office.alerts import api, delivery
    from qingtian.office.alerts.models import Notice

    allowed = delivery.budget("officer", at=MONDAY).per_day
    episode = take(finding(run="a")).episode
    told = Notice.objects.filter(user=people["officer"], held="", kind="opened").count()
    Notice.objects.bulk_create(
        Notice(user=people["officer"], episode=episode, kind="opened", subject="x", at=MONDAY)
        for _ in range(allowed - told)
    )
    second = take(finding(run="b", factor="w21003"), MONDAY + timedelta(hours=2))
    assert api.why(people["officer"], second.episode).reason == "budget"
    assert api.why(people["desk"], second.episode).outcome == "told"
    # the next Beijing day begins anew
    third = take(finding(run="c", factor="w21001"), MONDAY + timedelta(days=1))
    assert api.why(people["officer"], third.episode).outcome == "told"


def test_it_says_from_what_severity_on_a_role_is_told(people: dict[str, Any]) -> None:
    from qingtian.office.alerts import api

    episode = take(finding(value=105)).episode
    assert episode.severity == 1
    why = api.why(people["officer"], episode)
    assert (why.outcome, why.needs) == ("not_routed", 2)
    assert (api.why(people["leader"], episode).needs, api.why(people["admin"], episode).needs) == (4, None)


def test_it_shows_who_was_told_to_the_desk_and_to_nobody_else(people: dict[str, Any]) -> None:
    from qingtian.office.alerts import api

    episode = take(finding()).episode
    told = {line.person.username for line in api.everybody(people["desk"], episode)}
    assert {"desk", "officer", "firm"} <= told
    # who was not told is there as well, with the reason
    others = {line.person.username: line for line in api.everybody(people["desk"], episode)}
    assert (others["leader"].outcome, others["leader"].needs) == ("not_routed", 4)
    assert (others["admin"].outcome, others["admin"].needs) == ("not_routed", None)
    assert "officer2" not in others
    for username in ("officer", "grid", "firm", "firm2", "reviewer"):
        assert api.everybody(people[username], episode) == []


def test_it_refuses_quiet_hours_of_a_whole_day(people: dict[str, Any]) -> None:
    from qingtian.office.alerts import api
    from qingtian.office.alerts.preferences import QuietHoursRefused

    with pytest.raises(QuietHoursRefused):
        api.set_quiet_hours(acting_user=people["officer"], begins=time(7), ends=time(7), at=MONDAY)
    assert api.set_quiet_hours(acting_user=people["officer"], begins=None, ends=None, at=MONDAY) is None
