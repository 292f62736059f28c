"""Quality control: checks are entered, judged and never edited; the log is told what is out of control, people of what
is overdue or failed.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from tests.office_world import MONDAY, OTHER_OUTLET, OUTLET, finding

from qingtian.base.times import BEIJING

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

FAILED, PASSED = (50.0, 60.0), (50.0, 50.5)
FIRST = date(2026, 11, 1)


def wanted(*pairs: tuple[float, float], hours: float = -4, **changed: Any) -> Any:
    """Return a standard check of COD, so many hours from Monday ten o'clock."""
    from qingtian.office.quality.api import Wanted

    given = {"factor": "w01018", "kind": "standard_check", "at": MONDAY + timedelta(hours=hours), "technician": "陈工"}
    return Wanted(**{**given, "pairs": pairs, **changed})


def enter(person: Any, *pairs: tuple[float, float], at: datetime = MONDAY, **said: Any) -> Any:
    from qingtian.office.quality import api

    return api.record_check(acting_user=person, outlet_code=OUTLET, wanted=wanted(*pairs, **said), at=at)


def stretches() -> list[tuple[str, str | None]]:
    """Return what the log is told of this outlet: from when to when data are out of control."""
    from qingtian.office.marks import api as marks

    return [(one["start"][5:16], one["end"] and one["end"][5:16]) for one in marks.standing(OUTLET)]


def under_regime(people: dict[str, Any], factor: str = "w01018", regime: str = "water_auto") -> None:
    from qingtian.office.quality import api

    api.set_regime(
        acting_user=people["officer"], outlet_code=OUTLET, mn="", factor=factor, regime=regime, since=FIRST, at=MONDAY
    )


def episodes() -> list[tuple[str, str, int]]:
    from qingtian.office.alerts.models import Episode

    rows = Episode.objects.filter(outlet_id=OUTLET, detector="quality_control").order_by("pk")
    return [(row.factor, row.state, row.severity) for row in rows]


def test_a_failed_check_takes_out_data_until_one_is_passed_and_says_so_to_the_log(people: dict[str, Any]) -> None:
    from qingtian.office.marks import api as marks

    firm = people["firm"]
    first = enter(firm, FAILED)
    assert (first.verdict, first.state) == ("out_of_control", "standing")
    assert first.judged["zh"] == "（测得值 60 − 参考值 50）/ 参考值 50 × 100% = 20%，允许 ±10%：不合格，数据失控。"
    assert stretches() == [("11-23T06:00", None)]
    enter(firm, PASSED, hours=-1)
    assert stretches() == [("11-23T06:00", "11-23T09:00")]
    (told,) = marks.unpublished()
    (one,) = told["marks"]
    assert (one["kind"], one["label"], one["factors"], one["passed"]) == ("quality", "失控", ["w01018"], None)


def test_a_passed_check_tells_the_log_nothing_new(people: dict[str, Any]) -> None:
    from qingtian.office.marks import api as marks

    enter(people["firm"], PASSED)
    assert marks.unpublished() == []
    assert marks.standing(OUTLET) == []


def test_marks_and_quality_control_stand_beside_each_other(people: dict[str, Any]) -> None:
    from qingtian.office.marks import api as marks

    enter(people["firm"], FAILED)
    words = marks.Words(
        kind="device", label="维护", start=MONDAY - timedelta(hours=2), end=MONDAY - timedelta(hours=1), reason="换管路"
    )
    marks.file_mark(acting_user=people["firm"], outlet_code=OUTLET, words=words, at=MONDAY)
    assert [one["kind"] for one in marks.standing(OUTLET)] == ["device", "quality"]
    enter(people["firm"], PASSED, hours=-1)
    assert [one["kind"] for one in marks.standing(OUTLET)] == ["device", "quality"]


def test_nobody_marks_data_as_out_of_control(people: dict[str, Any]) -> None:
    from qingtian.office.marks import api as marks

    start = MONDAY - timedelta(hours=2)
    words = marks.Words(kind="quality", label="失控", start=start, end=MONDAY, reason="漂移")
    with pytest.raises(marks.NoSuchLabel):
        marks.file_mark(acting_user=people["firm"], outlet_code=OUTLET, words=words, at=MONDAY)


def test_a_correction_is_a_record_of_its_own_and_moves_what_is_out_of_control(people: dict[str, Any]) -> None:
    from qingtian.office.ledger.api import verify
    from qingtian.office.quality import api

    firm = people["firm"]
    enter(firm, FAILED)
    ended = enter(firm, PASSED, hours=-1)
    again = api.correct_check(acting_user=firm, check_id=ended.pk, wanted=wanted(PASSED, hours=-2), at=MONDAY)
    assert stretches() == [("11-23T06:00", "11-23T08:00")]
    assert [(one.pk, one.state) for one in api.checks(firm)][:2] == [(ended.pk, "superseded"), (again.pk, "standing")]
    api.withdraw_check(acting_user=firm, check_id=again.pk, reason="误填", at=MONDAY)
    assert stretches() == [("11-23T06:00", None)]
    with pytest.raises(api.CheckNotLive):
        api.withdraw_check(acting_user=firm, check_id=again.pk, reason="误填", at=MONDAY)
    acts = ["record_check", "correct_check", "withdraw_check"]
    assert [line.act for line in api.timeline(firm, again.pk)] == acts
    under_regime(people)
    # what is said of instruments, or of other checks, is no history of this one
    assert [line.act for line in api.timeline(firm, ended.pk)] == ["record_check"]
    assert verify(chain=f"quality:{OUTLET}").holds


def test_what_a_firm_enters_to_undo_a_known_finding_waits_for_an_officer(people: dict[str, Any]) -> None:
    from qingtian.office.quality import api
    from qingtian.office.tasks.api import take_finding

    take_finding(message=finding(at=MONDAY - timedelta(hours=2)), at=MONDAY - timedelta(hours=2))
    row = enter(people["firm"], FAILED)
    assert (row.state, stretches()) == ("to_review", [])
    # of another instrument it undoes nothing that was found
    assert enter(people["firm"], FAILED, factor="w21003").state == "standing"
    api.review_check(acting_user=people["officer"], check_id=row.pk, accept=True, opinion="标液证书属实", at=MONDAY)
    assert stretches()[0] == ("11-23T06:00", None)
    # nor can the firm take the passed check away that lets a finding stand
    enter(people["officer"], PASSED, hours=-3.5)
    passed = enter(people["firm"], PASSED, hours=-3)
    assert stretches()[0] == ("11-23T06:00", "11-23T06:30")
    api.withdraw_check(acting_user=people["firm"], check_id=passed.pk, reason="误填", at=MONDAY)
    last = api.checks(people["officer"], outlet=OUTLET, verdict="passed", state="standing")[0]
    with pytest.raises(api.CheckRefused):
        api.withdraw_check(acting_user=people["firm"], check_id=last.pk, reason="误填", at=MONDAY)
    api.withdraw_check(acting_user=people["officer"], check_id=last.pk, reason="误填", at=MONDAY)
    assert stretches()[0] == ("11-23T06:00", None)


def test_of_what_a_firm_enters_together_only_the_failed_ones_wait(people: dict[str, Any]) -> None:
    from qingtian.office.quality import api
    from qingtian.office.tasks.api import take_finding

    take_finding(message=finding(at=MONDAY - timedelta(hours=2)), at=MONDAY - timedelta(hours=2))
    together = [(OUTLET, wanted(FAILED)), (OUTLET, wanted(PASSED, hours=-1))]
    failed, passed = api.record_checks(acting_user=people["firm"], wanted=together, at=MONDAY)
    assert (failed.state, passed.state, stretches()) == ("to_review", "standing", [])
    api.review_check(acting_user=people["officer"], check_id=failed.pk, accept=True, opinion="属实", at=MONDAY)
    assert stretches() == [("11-23T06:00", "11-23T09:00")]


def test_a_correction_that_waits_leaves_the_first_as_it_is(people: dict[str, Any]) -> None:
    from qingtian.office.quality import api
    from qingtian.office.tasks.api import take_finding

    first = enter(people["firm"], PASSED)
    take_finding(message=finding(at=MONDAY - timedelta(hours=2)), at=MONDAY - timedelta(hours=2))
    again = api.correct_check(acting_user=people["firm"], check_id=first.pk, wanted=wanted(FAILED), at=MONDAY)
    first.refresh_from_db()
    assert (first.state, again.state, stretches()) == ("standing", "to_review", [])
    reviewer = people["reviewer"]
    with pytest.raises(api.CheckRefused):
        api.review_check(acting_user=reviewer, check_id=again.pk, accept=True, opinion=" ", at=MONDAY)
    api.review_check(acting_user=reviewer, check_id=again.pk, accept=True, opinion="原始记录一致", at=MONDAY)
    first.refresh_from_db()
    assert (first.state, stretches()) == ("superseded", [("11-23T06:00", None)])


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"hours": 1}, "future"),
        ({"technician": " "}, "who did"),
        ({"technician": "陈" * 65}, "64 letters"),
        ({"kind": "span_drift"}, "kind"),
        ({"factor": "g10401"}, "instrument"),
        ({"mn": "0" * 24}, "devices"),
    ],
)
def test_it_refuses_what_cannot_be(people: dict[str, Any], changed: dict[str, Any], why: str) -> None:
    from qingtian.office.quality import api
    from qingtian.office.quality.models import Check

    with pytest.raises(api.CheckRefused) as refused:
        enter(people["firm"], PASSED, **changed)
    assert why in refused.value.sentence("en")
    assert not Check.objects.filter(outlet_id=OUTLET).exists()


def test_without_figures_the_technician_says_whether_it_was_passed(people: dict[str, Any]) -> None:
    from qingtian.office.quality import api

    with pytest.raises(api.CheckNotJudged):
        enter(people["firm"])
    row = enter(people["firm"], verdict="out_of_control")
    assert (row.verdict, row.judged, stretches()) == ("out_of_control", {}, [("11-23T06:00", None)])


def test_many_are_entered_together_or_not_at_all(people: dict[str, Any]) -> None:
    from qingtian.office.quality import api
    from qingtian.office.quality.models import Check

    good, bad = wanted(PASSED), wanted(PASSED, technician="")
    with pytest.raises(api.CheckRefused):
        api.record_checks(acting_user=people["desk"], wanted=[(OUTLET, good), (OTHER_OUTLET, bad)], at=MONDAY)
    assert not Check.objects.exists()
    api.record_checks(acting_user=people["desk"], wanted=[(OUTLET, good), (OTHER_OUTLET, good)], at=MONDAY)
    assert Check.objects.count() == 2


def test_nobody_enters_or_sets_or_sees_who_may_not(people: dict[str, Any]) -> None:
    from qingtian.office.people.api import NotYours
    from qingtian.office.quality import api
    from qingtian.office.sites.api import NotFoundHere

    row = enter(people["firm"], PASSED)
    for username in ("grid", "reviewer", "leader", "admin"):
        with pytest.raises(NotYours):
            enter(people[username], PASSED)
    for username in ("firm2", "officer2"):
        with pytest.raises(NotFoundHere):
            enter(people[username], PASSED)
        with pytest.raises(NotFoundHere):
            api.check(people[username], row.pk)
        assert api.checks(people[username]) == []
    for username in ("firm", "desk", "grid"):
        with pytest.raises(NotYours):
            api.set_regime(
                acting_user=people[username],
                outlet_code=OUTLET,
                mn="",
                factor="w01018",
                regime="water_auto",
                since=FIRST,
                at=MONDAY,
            )
    with pytest.raises(NotYours):
        api.review_check(acting_user=people["firm"], check_id=row.pk, accept=True, opinion="属实", at=MONDAY)


def test_nothing_is_kept_under_control_that_no_instrument_measures(people: dict[str, Any]) -> None:
    from qingtian.office.quality import api

    for factor, regime in (("g10401", ""), ("w01018", "gaseous_auto"), ("w" * 20, "")):
        with pytest.raises(api.CheckRefused):
            under_regime(people, factor=factor, regime=regime)
    assert not api.Instrument.objects.exists()


def test_what_began_data_out_of_control_is_found_however_many_checks_came_since(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from qingtian.office.evidence.checks import checks
    from qingtian.office.quality import access
    from qingtian.office.sites.models import Outlet

    began = enter(people["firm"], FAILED, hours=-24 * 60)
    aside = [enter(people["firm"], PASSED, hours=-24 * 50 + hour, factor="w21003") for hour in range(3)]
    near = enter(people["firm"], PASSED, hours=-24, factor="w21003")
    # a list for people ends somewhere; what a finding rests on does not
    monkeypatch.setattr(access, "MOST", 1)
    outlet = Outlet.objects.get(pk=OUTLET)
    told = checks(people["officer"], outlet, start=MONDAY - timedelta(hours=30), end=MONDAY)
    assert [one["id"] for one in told] == [began.pk, near.pk]
    assert not {row.pk for row in aside} & {one["id"] for one in told}
    assert checks(people["firm2"], outlet, start=MONDAY - timedelta(hours=30), end=MONDAY) == []


def test_who_entered_a_record_does_not_review_it(people: dict[str, Any]) -> None:
    from qingtian.office.quality import api

    row = enter(people["officer"], PASSED)
    row.state = "to_review"
    row.save()
    with pytest.raises(api.CheckRefused):
        api.review_check(acting_user=people["officer"], check_id=row.pk, accept=True, opinion="属实", at=MONDAY)
    assert api.may(people["officer"], row)["review"] is False


def test_a_failed_check_is_an_alert_with_a_task_until_one_is_passed(people: dict[str, Any]) -> None:
    from qingtian.office.alerts.models import EnterpriseAnswer, Notice
    from qingtian.office.tasks.models import Task

    enter(people["firm"], FAILED)
    assert episodes() == [("w01018", "open", 2)]
    assert Task.objects.filter(episode__detector="quality_control").count() == 1
    assert EnterpriseAnswer.objects.filter(episode__detector="quality_control").count() == 1
    told = set(Notice.objects.filter(episode__detector="quality_control").values_list("user__role", flat=True))
    assert told == {"officer", "enterprise"}
    enter(people["firm"], PASSED, hours=-1)
    assert episodes() == [("w01018", "recovered", 2)]


def test_a_check_that_failed_and_was_passed_before_it_was_entered_is_no_alert(people: dict[str, Any]) -> None:
    from qingtian.office.quality import api

    both = [(OUTLET, wanted(FAILED)), (OUTLET, wanted(PASSED, hours=-3))]
    api.record_checks(acting_user=people["firm"], wanted=both, at=MONDAY)
    assert episodes() == []
    assert stretches() == [("11-23T06:00", "11-23T07:00")]


def test_what_is_overdue_is_told_once_and_ends_with_the_next_that_is_passed(people: dict[str, Any]) -> None:
    from qingtian.office.quality import api

    ph = {"factor": "w01001", "kind": "comparison"}
    under_regime(people, "w01001", "water_ph")
    assert episodes() == []
    # the first is due 31 days after the instrument came under the regime, midnight of 1 November
    due = datetime(2026, 12, 2, tzinfo=BEIJING)
    assert api.watch(at=due - timedelta(seconds=1)) == 0
    assert api.watch(at=due) == 1
    assert api.watch(at=due + timedelta(days=3)) == 0
    assert episodes() == [("w01001", "open", 1)]
    pairs = ((7.0, 7.1), (7.1, 7.0), (7.2, 7.2))
    at = due + timedelta(days=4)
    api.record_check(
        acting_user=people["firm"],
        outlet_code=OUTLET,
        wanted=wanted(*pairs, hours=0, **ph | {"at": at}),
        at=at,
    )
    assert episodes() == [("w01001", "recovered", 1)]
    assert [one.state for one in api.due(people["firm"], at=at)] == ["kept"]
    assert api.watch(at=at + timedelta(days=31)) == 1


def test_an_alert_is_taken_back_when_the_record_it_rests_on_was_wrong(people: dict[str, Any]) -> None:
    from qingtian.office.alerts.models import Episode
    from qingtian.office.quality import api

    row = enter(people["firm"], FAILED)
    api.correct_check(acting_user=people["firm"], check_id=row.pk, wanted=wanted(PASSED), at=MONDAY)
    # a passed check at the very time of the failed one ends it
    assert episodes() == [("w01018", "recovered", 2)]
    again = enter(people["firm"], FAILED, hours=-1)
    api.withdraw_check(acting_user=people["firm"], check_id=again.pk, reason="误填", at=MONDAY)
    last = Episode.objects.filter(detector="quality_control").order_by("pk").last()
    assert last is not None
    assert last.state == "recovered"
    assert stretches() == []


def test_what_is_due_ends_with_the_regime(people: dict[str, Any]) -> None:
    from qingtian.office.quality import api

    under_regime(people)
    assert {one for one, *_ in episodes()} == {"w01018"}
    under_regime(people, regime="")
    assert [state for _, state, _ in episodes()] == ["recovered"]
    assert api.due(people["officer"], at=MONDAY) == []


def test_the_worker_looks_only_at_outlets_of_which_something_has_fallen_due(
    people: dict[str, Any], django_assert_queries: Any
) -> None:
    from qingtian.office.quality import api
    from qingtian.office.quality.models import Awaited

    under_regime(people, "w01001", "water_ph")
    assert Awaited.objects.get(outlet_id=OUTLET).at == datetime(2026, 12, 2, tzinfo=BEIJING)
    with django_assert_queries(1):
        assert api.watch(at=MONDAY) == 0
    api.watch(at=datetime(2026, 12, 2, tzinfo=BEIJING))
    assert not Awaited.objects.filter(outlet_id=OUTLET).exists()
    api.set_regime(
        acting_user=people["officer"],
        outlet_code=OUTLET,
        mn="",
        factor="w00000",
        regime="water_flow",
        since=date(2027, 1, 1),
        at=MONDAY,
    )
    # before it comes under its regime nothing of it is due
    assert Awaited.objects.get(outlet_id=OUTLET).at == datetime(2026, 12, 2, tzinfo=BEIJING)


def reckoned(at: datetime = MONDAY) -> list[tuple[Any, ...]]:
    """How every check stands, by the law: outlet by outlet."""
    from qingtian.office.quality import api
    from qingtian.office.sites.models import Outlet

    rows = [(outlet.pk, one) for outlet in Outlet.objects.all() for one in api.due_of(outlet, at=at)]
    told = [
        (one.next, code, one.duty.mn, one.duty.factor, one.kind, one.duty.regime, one.last and one.last.at, one.state)
        for code, one in rows
    ]
    return sorted(told, key=lambda row: row[:5])


def listed(person: Any, *, at: datetime = MONDAY, **asked: Any) -> list[tuple[Any, ...]]:
    """How every check of the scope stands, as the database lists it."""
    from qingtian.office.quality import api

    rows = api.due(person, at=at, limit=10_000, **asked)
    return [(row.next, row.outlet.pk, row.mn, row.factor, row.kind, row.regime, row.last, row.state) for row in rows]


@pytest.mark.parametrize("seed", range(3))
def test_the_database_lists_of_any_register_what_the_law_reckons(people: dict[str, Any], seed: int) -> None:
    from qingtian.office.quality.models import Check, Instrument
    from qingtian.office.sites.models import Device, Outlet

    dice = Random(seed)
    regimes = {"w01018": ["water_auto", ""], "w21003": ["water_auto"], "w01001": ["water_ph"], "w00000": ["water_flow"]}
    kinds = ["standard_check", "calibration", "comparison"]
    days = [FIRST + timedelta(days=day) for day in (-400, -60, 0, 10, 40)]
    for outlet in Outlet.objects.filter(pk__in=(OUTLET, OTHER_OUTLET)).prefetch_related("devices"):
        for mn, factor in ((device.mn, factor) for device in outlet.devices.all() for factor in regimes):
            made = {"outlet": outlet, "mn": mn, "factor": factor, "made_by": people["officer"], "made_at": MONDAY}
            for _ in range(dice.randint(0, 3)):
                Instrument.objects.create(**made, regime=dice.choice(regimes[factor]), since=dice.choice(days))
            Check.objects.bulk_create(
                Check(
                    **made,
                    kind=dice.choice(kinds),
                    at=MONDAY - timedelta(hours=dice.choice([-30, 0, 1, 1, 20, 30, 90, 200, 800, 2500])),
                    verdict=dice.choice(["passed", "passed", "adjust", "out_of_control"]),
                    state=dice.choice(["standing", "standing", "standing", "to_review", "withdrawn"]),
                    technician="陈工",
                )
                for _ in range(dice.randint(0, 12))
            )
    Device.objects.filter(outlet_id=OUTLET).update(active=seed != 2)
    rows = reckoned()
    assert rows, "the dice must leave something due"
    assert listed(people["admin"]) == rows
    for state in {row[-1] for row in rows}:
        assert listed(people["admin"], state=state) == [row for row in rows if row[-1] == state]
    assert listed(people["admin"], order="-next") == sorted(rows, key=lambda row: (-row[0].timestamp(), *row[1:5]))
    assert listed(people["firm2"]) == [row for row in rows if row[1] == OTHER_OUTLET]
    assert listed(people["admin"], start=3)[:5] == rows[3:8]


def test_what_is_due_is_found_by_outlet_and_firm_and_only_of_the_scope(people: dict[str, Any]) -> None:
    from qingtian.office.people.models import User
    from qingtian.office.sites.models import Outlet

    under_regime(people)
    outlet = Outlet.objects.select_related("enterprise").get(pk=OUTLET)
    for found in (OUTLET, outlet.name[:4], outlet.enterprise.name[:4]):
        assert len(listed(people["officer"], search=found)) == 3, found
    assert listed(people["officer"], search="100%_") == []
    assert listed(people["officer2"]) == listed(people["firm2"]) == []
    assert listed(User(username="nobody", role="officer")) == [], "who has no place sees nothing"


def test_of_a_device_that_ended_nothing_is_due_and_what_was_told_of_it_is_closed(people: dict[str, Any]) -> None:
    from qingtian.office.quality import api
    from qingtian.office.sites.models import Device

    under_regime(people)
    enter(people["firm"], FAILED)
    assert "open" in [state for _, state, _ in episodes()]
    Device.objects.filter(outlet_id=OUTLET).update(active=False)
    assert listed(people["officer"]) == reckoned() == []
    assert api.watch(at=MONDAY + timedelta(minutes=10)) > 0
    assert {state for _, state, _ in episodes()} == {"recovered"}
    assert api.watch(at=MONDAY + timedelta(minutes=20)) == 0


def test_the_calendar_of_all_is_that_of_each(people: dict[str, Any]) -> None:
    from qingtian.office.quality import api
    from qingtian.office.sites.models import Outlet

    under_regime(people)
    for hours, figures in ((-90, PASSED), (-80, FAILED), (-70, PASSED), (-60, FAILED), (-50, FAILED)):
        enter(people["firm"], figures, hours=hours)
    enter(people["firm"], PASSED, hours=-40, kind="calibration")
    each = api.due_of(Outlet.objects.get(pk=OUTLET), at=MONDAY)
    assert listed(people["firm"]) == reckoned()
    assert {one.kind: one.state for one in each} == {
        "standard_check": "overdue",
        "calibration": "kept",
        "comparison": "kept",
    }


def test_what_was_overdue_and_then_failed_goes_on_in_one_alert(people: dict[str, Any]) -> None:
    from qingtian.office.alerts.models import Episode, FindingRecord, Notice

    under_regime(people)
    assert episodes() == [("w01018", "open", 1)]
    told = Notice.objects.filter(episode__detector="quality_control").count()
    enter(people["firm"], FAILED)
    assert episodes() == [("w01018", "open", 2)]
    episode = Episode.objects.get(detector="quality_control")
    assert "不合格" in episode.sentence_zh
    closed = FindingRecord.objects.get(episode=episode, event="closed")
    assert "已经进行，但不合格" in closed.payload["evidence"]["zh"]
    kinds = Notice.objects.filter(episode=episode).order_by("pk").values_list("kind", flat=True)[told:]
    assert set(kinds) == {"worsened", "task"}


def test_of_two_corrections_of_one_record_only_one_is_accepted(people: dict[str, Any]) -> None:
    from qingtian.office.quality import api
    from qingtian.office.tasks.api import take_finding

    first = enter(people["firm"], PASSED)
    take_finding(message=finding(at=MONDAY - timedelta(hours=2)), at=MONDAY - timedelta(hours=2))
    who = {"acting_user": people["firm"], "check_id": first.pk, "wanted": wanted(FAILED), "at": MONDAY}
    one, other = api.correct_check(**who), api.correct_check(**who)
    said = {"acting_user": people["officer"], "opinion": "属实", "at": MONDAY}
    api.review_check(check_id=one.pk, accept=True, **said)
    with pytest.raises(api.CheckRefused):
        api.review_check(check_id=other.pk, accept=True, **said)
    assert api.review_check(check_id=other.pk, accept=False, **said).state == "rejected"
