"""Marks: filed in time they stand, late or against a finding they wait; hours are cut; the log is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.office_world import MONDAY, OUTLET, finding

from qingtian.base.times import BEIJING

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=BEIJING)


def words(
    *, hours: float = 2, start: datetime = MONDAY - timedelta(hours=4), label: str = "启炉", **changed: Any
) -> Any:
    from qingtian.office.marks.api import Words

    kind = changed.pop("kind", "condition")
    given = {
        "kind": kind,
        "label": label,
        "start": start,
        "end": start + timedelta(hours=hours),
        "reason": "检修后启炉",
    }
    return Words(**{**given, **changed})


@pytest.fixture
def furnace(office: Any, people: dict[str, Any]) -> str:
    """The outlet of firm E0001 as a furnace: it has hours of exemption."""
    from qingtian.office.sites.models import Outlet

    Outlet.objects.filter(pk=OUTLET).update(source_type="生活垃圾焚烧炉", standard="GB 18485-2014", medium="gas")
    return OUTLET


def file(person: Any, *, at: datetime = MONDAY, **said: Any) -> Any:
    from qingtian.office.marks import api

    return api.file_mark(acting_user=person, outlet_code=OUTLET, words=words(**said), at=at)


def told() -> Any:
    from qingtian.office.marks import api

    (document,) = api.unpublished()
    return document


def test_it_lets_a_mark_stand_that_was_filed_in_time(people: dict[str, Any], furnace: str) -> None:
    mark = file(people["firm"])
    assert (mark.state, mark.suspicions) == ("filed", [])
    (standing,) = told()["marks"]
    assert standing["label"] == "启炉"
    assert (standing["start"], standing["end"]) == ("2026-11-23T06:00:00+08:00", "2026-11-23T08:00:00+08:00")


@pytest.mark.parametrize(
    ("filed", "state"),
    [
        (datetime(2026, 11, 22, 12, 0, tzinfo=BEIJING), "filed"),
        (datetime(2026, 11, 22, 12, 0, 1, tzinfo=BEIJING), "to_review"),
    ],
)
def test_it_takes_noon_of_the_next_day_as_the_last_instant(
    people: dict[str, Any], furnace: str, filed: datetime, state: str
) -> None:
    start = datetime(2026, 11, 21, 0, 0, tzinfo=BEIJING)
    mark = file(people["firm"], start=start, at=filed)
    assert mark.state == state
    assert ("late" in mark.suspicions) == (state == "to_review")


def test_it_lets_a_late_mark_stand_only_when_an_officer_accepts_it(people: dict[str, Any], furnace: str) -> None:
    from qingtian.office.marks import api

    mark = file(people["firm"], start=MONDAY - timedelta(days=3))
    assert (mark.state, told()["marks"]) == ("to_review", [])
    api.review_mark(acting_user=people["officer"], mark_id=mark.pk, accept=True, opinion="停电记录属实", at=MONDAY)
    assert [one["id"] for one in told()["marks"]] == [mark.pk]


def test_it_cuts_a_mark_at_the_hours_of_one_event_and_of_the_year(people: dict[str, Any], furnace: str) -> None:
    from qingtian.office.marks import api

    for day in range(14):
        file(people["officer"], start=MONDAY - timedelta(days=20 - day), hours=4)
    file(people["officer"], start=MONDAY - timedelta(days=3), hours=3)
    last = file(people["officer"], start=MONDAY - timedelta(days=2), hours=6)
    assert last.suspicions == ["late", "over_event", "over_year"]
    cut = told()["marks"][-1]
    # 14 x 4 h and 3 h leave 1 h of the 60
    assert datetime.fromisoformat(cut["end"]) - datetime.fromisoformat(cut["start"]) == timedelta(hours=1)
    (use, maintenance) = api.hours_used(people["firm"], year=2026)
    assert (use.hours, use.most, use.used.warns) == (60.0, 60.0, True)
    assert (maintenance.hours, maintenance.most, maintenance.used.warns) == (0.0, 30.0, False)


def test_it_counts_each_year_for_itself(people: dict[str, Any], furnace: str) -> None:
    from qingtian.office.marks import api

    evening = datetime(2025, 12, 31, 22, 0, tzinfo=BEIJING)
    file(people["officer"], start=evening, hours=4)
    assert next(use.hours for use in api.hours_used(people["desk"], year=2025) if use.outlet.pk == OUTLET) == 2.0
    assert next(use.hours for use in api.hours_used(people["desk"], year=2026) if use.outlet.pk == OUTLET) == 2.0


def test_it_suspects_a_mark_that_came_after_the_finding_it_covers(people: dict[str, Any], furnace: str) -> None:
    from qingtian.office.tasks.api import take_finding

    take_finding(message=finding(at=MONDAY), at=MONDAY)
    mark = file(people["firm"], start=MONDAY - timedelta(hours=1), at=MONDAY + timedelta(hours=1))
    assert (mark.state, mark.suspicions) == ("to_review", ["covers_finding"])
    early = file(people["firm"], start=MONDAY - timedelta(hours=5), hours=1, at=MONDAY + timedelta(hours=1))
    assert (early.state, early.suspicions) == ("filed", [])


def test_it_suspects_two_conditions_that_cannot_both_be(people: dict[str, Any], furnace: str) -> None:
    file(people["firm"], label="停运")
    assert file(people["firm"], label="启炉").suspicions == ["contradicts"]


def test_it_keeps_what_was_corrected_and_withdrawn(people: dict[str, Any], furnace: str) -> None:
    from qingtian.office.ledger.api import verify
    from qingtian.office.marks import api

    firm = people["firm"]
    first = file(firm)
    second = api.correct_mark(acting_user=firm, mark_id=first.pk, words=words(hours=1), at=MONDAY)
    assert [(one.pk, one.state) for one in api.marks(firm)] == [(second.pk, "filed"), (first.pk, "superseded")]
    api.withdraw_mark(acting_user=firm, mark_id=second.pk, reason="误标", at=MONDAY)
    assert told()["marks"] == []
    assert [line.act for line in api.timeline(firm, second.pk)] == ["file_mark", "file_mark", "withdraw_mark"]
    with pytest.raises(api.MarkNotLive):
        api.withdraw_mark(acting_user=firm, mark_id=second.pk, reason="误标", at=MONDAY)
    assert verify(chain=f"marks:{OUTLET}").holds


def test_it_lets_nobody_mark_or_review_who_may_not(people: dict[str, Any], furnace: str) -> None:
    from qingtian.office.marks import api
    from qingtian.office.people.api import NotYours
    from qingtian.office.sites.api import NotFoundHere

    for username in ("firm2", "officer2", "grid", "reviewer", "leader", "admin"):
        with pytest.raises((NotYours, NotFoundHere)):
            file(people[username])
    mark = file(people["firm"], start=MONDAY - timedelta(days=3))
    for username in ("firm", "firm2", "officer2", "grid", "admin"):
        with pytest.raises((NotYours, NotFoundHere)):
            api.review_mark(acting_user=people[username], mark_id=mark.pk, accept=True, opinion="可", at=MONDAY)
    own = file(people["officer"], start=MONDAY - timedelta(days=6))
    with pytest.raises(api.MarkRefused):
        api.review_mark(acting_user=people["officer"], mark_id=own.pk, accept=True, opinion="可", at=MONDAY)
    assert api.marks(people["firm2"]) == []


@pytest.mark.parametrize(
    "said",
    [
        {"hours": 0},
        {"hours": -1},
        {"start": MONDAY + timedelta(hours=1)},
        {"hours": 24 * 400, "start": MONDAY - timedelta(days=401)},
        {"reason": " "},
        {"mn": "F" * 24},
    ],
)
def test_it_refuses_a_mark_that_cannot_be(people: dict[str, Any], furnace: str, said: dict[str, Any]) -> None:
    from qingtian.office.marks import api

    with pytest.raises(api.MarkRefused):
        file(people["firm"], **said)
    assert api.unpublished() == []


def test_it_refuses_a_label_that_no_rule_names(people: dict[str, Any], furnace: str) -> None:
    from qingtian.office.marks.api import NoSuchLabel

    with pytest.raises(NoSuchLabel):
        file(people["firm"], label="检修")


def test_it_tells_the_log_each_revision_once(people: dict[str, Any], furnace: str) -> None:
    from qingtian.office.marks import api

    file(people["firm"])
    first = told()
    api.mark_published(outlet=OUTLET, revision=first["revision"])
    assert api.unpublished() == []
    file(people["firm"], start=MONDAY - timedelta(hours=8), hours=1)
    assert told()["revision"] == first["revision"] + 1
    assert len(told()["marks"]) == 2


def heard(person: Any) -> list[str]:
    from qingtian.office.alerts.models import Notice

    return list(Notice.objects.filter(user=person, kind="marks").order_by("pk").values_list("subject", flat=True))


def test_who_is_concerned_hears_when_the_hours_of_a_year_run_out(people: dict[str, Any], furnace: str) -> None:
    starts = [datetime(2026, 1, 5 + number, 8, 0, tzinfo=BEIJING) for number in range(15)]
    for start in starts[:11]:
        file(people["officer"], start=start, hours=4)
    # 44 of 60 hours are 73 %
    assert heard(people["officer"]) == []
    file(people["officer"], start=starts[11], hours=4)
    (said,) = heard(people["officer"])
    assert "2026年豁免时段" in said
    assert "已用80%" in said
    assert len(heard(people["firm"])) == len(heard(people["desk"])) == 1
    assert heard(people["officer2"]) == heard(people["leader"]) == []
    file(people["officer"], start=starts[12], hours=4)
    assert len(heard(people["firm"])) == 1
    file(people["officer"], start=starts[13], hours=4)
    file(people["officer"], start=starts[14], hours=4)
    assert "已用100%" in heard(people["firm"])[-1]


def test_a_mark_that_waits_takes_no_hours_and_warns_when_it_is_accepted(people: dict[str, Any], furnace: str) -> None:
    from qingtian.office.marks import api

    for number in range(11):
        file(people["officer"], start=datetime(2026, 1, 5 + number, 8, 0, tzinfo=BEIJING), hours=4)
    late = file(people["firm"], start=datetime(2026, 2, 5, 8, 0, tzinfo=BEIJING), hours=4)
    assert (late.state, heard(people["firm"])) == ("to_review", [])
    api.review_mark(acting_user=people["officer"], mark_id=late.pk, accept=True, opinion="属实", at=MONDAY)
    assert len(heard(people["firm"])) == 1


@pytest.mark.parametrize(
    ("minutes", "label", "state"), [(1, "启炉", "to_review"), (20, "启炉", "filed"), (1, "停运", "filed")]
)
def test_a_mark_of_a_minute_that_takes_an_hour_out_of_judgement_waits_for_an_officer(
    minutes: int, label: str, state: str, people: dict[str, Any], furnace: str
) -> None:
    mark = file(people["firm"], hours=minutes / 60, label=label)
    assert (mark.state, "short" in mark.suspicions) == (state, state == "to_review")


def test_the_page_of_hours_says_what_runs_out_and_offers_earlier_years(
    people: dict[str, Any], furnace: str, as_person: Any
) -> None:
    for number in range(12):
        file(people["officer"], start=datetime(2026, 1, 5 + number, 8, 0, tzinfo=BEIJING), hours=4)
    page = as_person("officer").get("/marks/hours/?year=2026").content.decode()
    assert "即将用完" in page
    assert 'value="2025"' in page
    assert "即将用完" not in as_person("officer").get("/marks/hours/?year=2025").content.decode()
    notices = as_person("officer").get("/notices/").content.decode()
    assert f"/marks/hours/?outlet={OUTLET}&amp;year=2026" in notices


def test_who_reviews_marks_hears_of_one_that_was_filed_after_the_exceedance_that_it_covers(
    people: dict[str, Any], furnace: str, as_person: Any
) -> None:
    from qingtian.office.alerts.models import Notice
    from qingtian.office.tasks.api import take_finding

    take_finding(message=finding(at=MONDAY - timedelta(hours=3)), at=MONDAY - timedelta(hours=1))
    mark = file(people["firm"])
    assert (mark.state, mark.suspicions) == ("to_review", ["covers_finding"])
    waits = Notice.objects.filter(kind="mark_waits")
    assert {each.user.username for each in waits} >= {"officer", "desk"}
    assert not waits.filter(user__in=[people["firm"], people["officer2"]]).exists()
    assert "标记晚于发现" in waits[0].subject
    page = as_person("officer").get("/notices/").content.decode()
    assert "标记待审" in page
    assert f"/marks/{mark.pk}/" in page


def test_a_mark_that_stands_at_once_is_told_to_nobody(people: dict[str, Any], furnace: str) -> None:
    from qingtian.office.alerts.models import Notice

    file(people["firm"])
    assert not Notice.objects.filter(kind="mark_waits").exists()
