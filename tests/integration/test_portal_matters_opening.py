"""Opening a matter in the browser: which kinds, from what, where; and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from tests.matters_world import penalty, today
from tests.office_world import finding

from qingtian.base import times

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

PENALTY = {
    "fact.party": "深圳某电子厂",
    "fact.party_kind": "entity",
    "fact.violation": "涉嫌超标排放水污染物",
    "fact.harm": "pollution",
}


def sent(**words: str) -> dict[str, str]:
    return {**PENALTY, "fact.act_ended": str(today(days_ago=3)), **words}


@pytest.fixture
def alert(office: Any) -> Any:
    """A live alert at the outlet of firm E0001 in Bao'an, with its task."""
    from qingtian.office.alerts.models import Episode
    from qingtian.office.tasks import api as tasks

    tasks.take_finding(message=finding(value=150.0, at=times.now()), at=times.now())
    return Episode.objects.select_related("task").get()


def test_it_lists_the_kinds_that_a_person_may_open_in_their_chapters(people: dict[str, Any], as_person: Any) -> None:
    officer = as_person("officer").get("/matters/new/").content.decode()
    assert "/matters/new/penalty/" in officer
    assert "/matters/new/petition/" not in officer
    assert "执法" in officer
    assert "/matters/new/petition/" in as_person("desk").get("/matters/new/").content.decode()
    found = as_person("officer").get("/matters/new/?q=查封").content.decode()
    assert "/matters/new/seizure/" in found
    assert "/matters/new/penalty/" not in found
    assert "没有这样名称的事项" in as_person("officer").get("/matters/new/?q=xyz").content.decode()
    assert "没有您可以开启的事项" in as_person("grid").get("/matters/new/").content.decode()


def test_it_opens_a_matter_of_a_firm_by_hand(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.matters.models import Matter

    officer = as_person("officer")
    asked = officer.get("/matters/new/penalty/").content.decode()
    assert 'name="fact.party"' in asked
    assert "行政处罚法 40" in asked
    prefilled = officer.get("/matters/new/penalty/?about=E0001").content.decode()
    assert 'name="about" value="E0001 · ' in prefilled
    places = officer.get("/matters/places/?about=E0001").content.decode()
    assert '<option value="E0001 · ' in places
    label = places.split('value="')[1].split('"')[0]
    done = officer.post("/matters/new/penalty/", sent(source="complaint", about=label, reference="12345-7"))
    assert done.status_code == 302, done.content.decode()
    matter = Matter.objects.get()
    assert done.headers["Location"] == f"/matters/{matter.pk}/"
    assert (matter.enterprise_id, matter.district_id, matter.source) == ("E0001", "440306", "complaint")
    assert matter.reference == "12345-7"
    assert matter.state["facts"]["party"] == "深圳某电子厂"


def test_no_draft_is_kept_of_what_only_some_may_see(people: dict[str, Any], as_person: Any) -> None:
    assert "data-draft=" in as_person("officer").get("/matters/new/penalty/").content.decode()
    assert "data-draft=" not in as_person("desk").get("/matters/new/petition/").content.decode()


def test_a_form_takes_few_queries(people: dict[str, Any], as_person: Any, django_assert_queries: Any) -> None:
    matter = penalty(people, upto="review_pass", days_ago=6)
    officer = as_person("officer")
    for path, most in (
        ("/matters/new/", 8),
        ("/matters/new/penalty/", 8),
        (f"/matters/{matter.pk}/act/notify/", 14),
        ("/matters/places/?about=E0001", 6),
    ):
        officer.get(path)
        with django_assert_queries(most):
            officer.get(path)


def test_every_problem_of_an_opening_stands_at_its_field(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.matters.models import Matter

    words = sent(source="complaint", about="E9999", **{"fact.act_ended": "", "fact.party_kind": "robot"})
    wrong = as_person("officer").post("/matters/new/penalty/", words)
    seen = wrong.content.decode()
    assert wrong.status_code == 422
    for place in ("#about", "#fact-act_ended", "#fact-party_kind"):
        assert f'<a href="{place}">' in seen, place
    assert "涉嫌超标排放水污染物</textarea>" in seen
    assert 'value="E9999"' in seen
    assert not Matter.objects.exists()
    # a firm of another district is not there for this officer
    elsewhere = as_person("officer2").post("/matters/new/penalty/", sent(source="complaint", about="E0001"))
    assert elsewhere.status_code == 422
    assert "sites.not_found_here" in elsewhere.content.decode()


def test_an_alert_and_a_task_lead_to_the_matters_that_came_of_them(
    people: dict[str, Any], as_person: Any, alert: Any
) -> None:
    from qingtian.office.matters.models import Matter

    officer = as_person("officer")
    assert f"/matters/arisen/?alert={alert.pk}" in officer.get(f"/alerts/{alert.pk}/").content.decode()
    part = officer.get(f"/matters/arisen/?alert={alert.pk}").content.decode()
    assert f"/matters/new/?alert={alert.pk}" in part
    kinds = officer.get(f"/matters/new/?alert={alert.pk}").content.decode()
    assert f"/matters/new/penalty/?alert={alert.pk}" in kinds
    assert "/matters/new/seizure/" not in kinds or "alert" in kinds
    path = f"/matters/new/penalty/?alert={alert.pk}"
    asked = officer.get(path).content.decode()
    assert alert.number in asked
    assert 'name="about"' not in asked
    # what is known already is proposed, and said to be
    assert f">{alert.enterprise.name}</textarea>" in asked
    assert f">{alert.sentence_zh}</textarea>" in asked
    assert asked.count("系统拟填，请核对") == 2
    assert officer.post(path, sent()).status_code == 302
    of_task = f"/matters/new/penalty/?task={alert.task.pk}"
    assert officer.post(of_task, sent()).status_code == 302
    first, second = Matter.objects.order_by("pk")
    assert (first.source, first.episode_id, first.enterprise_id) == ("alert", alert.pk, "E0001")
    assert (second.source, second.task_id) == ("inspection", alert.task.pk)
    assert first.number in officer.get(f"/matters/arisen/?alert={alert.pk}").content.decode()
    assert second.number in officer.get(f"/matters/arisen/?task={alert.task.pk}").content.decode()
    # the way back: finding, alert, task
    crumbs = officer.get(f"/matters/{second.pk}/").content.decode()
    assert f"/alerts/{alert.pk}/#findings" in crumbs
    assert f"/tasks/{alert.task.pk}/" in crumbs


def test_where_nothing_is_to_be_seen_nothing_is_opened(people: dict[str, Any], as_person: Any, alert: Any) -> None:
    elsewhere = as_person("officer2")
    for path in (f"/matters/new/?alert={alert.pk}", f"/matters/arisen/?alert={alert.pk}"):
        assert elsewhere.get(path).status_code == 404, path
    path = f"/matters/new/penalty/?alert={alert.pk}"
    assert elsewhere.get(path).status_code == 404
    assert elsewhere.post(path, sent()).status_code == 404
    assert as_person("officer").get("/matters/arisen/").status_code == 404
    assert as_person("officer").get("/matters/new/penalty/?alert=x").status_code == 400
    assert as_person("officer").get("/matters/new/nosuch/").status_code == 404
    # who may not open the kind is told who may, and refused
    grid = as_person("grid")
    assert "machine.missing_role" in grid.get("/matters/new/penalty/").content.decode()
    assert grid.post("/matters/new/penalty/", sent(source="complaint")).status_code in (403, 409)
    assert as_person("firm").get("/matters/places/?about=E").status_code == 403


def test_a_firm_opens_what_its_kind_lets_it_open_and_only_at_its_own_place(
    people: dict[str, Any], as_person: Any
) -> None:
    from qingtian.law.machine import shelf

    may = [
        kind.manifest.code
        for kind in shelf.discover().kinds.values()
        if any("party" in kind.roles[role].office for role in kind.manifest.opened_by)
    ]
    seen = as_person("firm").get("/matters/new/").content.decode()
    for code in may:
        assert f"/matters/new/{code}/" in seen
        assert 'name="about"' not in as_person("firm").get(f"/matters/new/{code}/").content.decode()
    assert "/matters/new/penalty/" not in seen


def test_an_offer_is_taken_once_or_dropped_with_a_reason(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import Matter, MatterEffect

    matter = penalty(people, upto="inspect")
    at = times.now()
    matters.do_act(acting_user=people["leader"], matter_id=matter.pk, act="to_police", at=at, revision=None)
    matters.carry_out(at=at, matters=[matter.pk])
    offer = MatterEffect.objects.get(matter=matter, kind="open")
    officer = as_person("officer")
    seen = officer.get(f"/matters/{matter.pk}/").content.decode()
    assert f"/matters/new/crime_transfer/?offer={offer.pk}" in seen
    asked = officer.get(f"/matters/new/crime_transfer/?offer={offer.pk}").content.decode()
    assert matter.number in asked
    drop = f"/matters/{matter.pk}/change/drop/"
    assert officer.post(drop, {"offer": offer.pk, "reason": " "}).status_code == 422
    assert officer.post(drop, {"offer": offer.pk, "reason": "未达移送标准"}).status_code == 302
    assert officer.post(drop, {"offer": offer.pk, "reason": "再次"}).status_code == 409
    assert officer.get(f"/matters/new/crime_transfer/?offer={offer.pk}").status_code == 409
    after = officer.get(f"/matters/{matter.pk}/").content.decode()
    assert "未达移送标准" in after
    assert "不开启" in after
    assert Matter.objects.count() == 1
