"""The page of a matter: what stands on it, for whom, in how many queries; acts in the browser and what goes wrong."""

from __future__ import annotations

from typing import Any

import pytest
from tests.matters_world import PDF, penalty, petition, today

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]


def page(client: Any, matter: Any) -> str:
    answer = client.get(f"/matters/{matter.pk}/")
    assert answer.status_code == 200, answer.content.decode()[:2000]
    text: str = answer.content.decode()
    return text


def test_it_says_where_a_matter_stands_whose_turn_it_is_and_what_comes_next(
    people: dict[str, Any], as_person: Any
) -> None:
    matter = penalty(people, upto="file")
    seen = page(as_person("officer"), matter)
    assert matter.number in seen
    assert matter.title in seen
    # one primary act: what usually comes next, for this person
    top, rest = seen.split('<dl class="facts">')
    assert top.count("button primary") == 1
    assert rest.split("<dialog")[0].count("button primary") == 1, "it is the first of the list, too"
    assert f"/matters/{matter.pk}/act/inspect/" in seen
    assert "宝安执法员（演示）" in seen
    # the way: been, here, ahead
    assert '<li class="here" aria-current="step"><span>' in seen
    assert "深圳某电镀有限公司" in seen
    # for others it says who is awaited, and no act is offered that is not theirs
    waiting = page(as_person("reviewer"), matter)
    assert "button primary" not in waiting.split('id="acts"')[0].split("page-head")[1]


def test_it_says_why_an_act_is_not_possible_in_the_words_of_the_guard(people: dict[str, Any], as_person: Any) -> None:
    matter = penalty(people, upto="notify", days_ago=6)
    seen = page(as_person("leader"), matter)
    assert "当事人仍可行使权利" in seen
    assert "行政处罚法 44" in seen
    # people are called by their names, not by what they log in with
    assert "leader不是" not in seen


def test_a_clock_explains_itself_day_by_day(people: dict[str, Any], as_person: Any) -> None:
    matter = petition(people)
    seen = page(as_person("desk"), matter)
    assert '<details class="counting">' in seen
    assert "当日不计入" in seen
    assert "日</span>" in seen


def test_the_timeline_is_the_ledger_in_the_words_of_the_kind(people: dict[str, Any], as_person: Any) -> None:
    matter = penalty(people, upto="inspect")
    seen = page(as_person("officer"), matter).split('id="timeline"')[1]
    assert "现场笔录；照片" in seen
    assert f"matter:{matter.pk} #3" in seen
    assert "在场" in seen
    assert "officer3" not in seen


def test_it_is_json_too(people: dict[str, Any], as_person: Any) -> None:
    matter = penalty(people, upto="file")
    said = as_person("officer").get(f"/matters/{matter.pk}/?format=json").json()
    assert (said["number"], said["stage"], said["revision"]) == (matter.number, "investigation", 2)
    assert said["facts"]["party"] == "深圳某电镀有限公司"
    assert {each["act"] for each in said["acts"] if each["possible"]} >= {"inspect", "order_correction"}
    assert all(each["reasons"] for each in said["acts"] if not each["possible"])
    assert [each["sequence"] for each in said["timeline"]] == [1, 2]
    assert {clock["clock"] for clock in said["clocks"]} >= {"PEN-DEC", "PEN-FILE"}


def test_it_takes_few_queries_however_much_has_happened(
    people: dict[str, Any], as_person: Any, django_assert_queries: Any
) -> None:
    short, long = penalty(people), penalty(people, upto="notify")
    client = as_person("officer")
    page(client, short)
    with django_assert_queries(16):
        page(client, short)
    with django_assert_queries(16):
        page(client, long)


def test_who_must_not_see_a_matter_does_not(people: dict[str, Any], as_person: Any) -> None:
    confidential, of_the_firm = petition(people), penalty(people, upto="notify")
    for name in ("officer", "officer2", "grid", "reviewer", "firm", "admin"):
        assert as_person(name).get(f"/matters/{confidential.pk}/").status_code == 404, name
        assert as_person(name).get(f"/matters/{confidential.pk}/act/accept/").status_code == 404, name
        answer = as_person(name).post(f"/matters/{confidential.pk}/act/accept/", {"revision": "1"})
        assert answer.status_code == 404, name
    # a firm does not read the file of the penalty against it
    for name in ("firm", "firm2", "officer2"):
        assert as_person(name).get(f"/matters/{of_the_firm.pk}/").status_code == 404, name
        assert as_person(name).get(f"/matters/{of_the_firm.pk}/?format=json").status_code == 404, name


def test_a_fact_that_is_not_for_everybody_is_named_and_not_shown(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.matters.models import MatterPerson

    matter = petition(people)
    MatterPerson.objects.create(matter=matter, user=people["grid"], role="guest")
    seen = page(as_person("grid"), matter)
    assert "刘某某" not in seen
    assert "不对您公开" in seen
    assert "反映油烟扰民" in seen
    assert "刘某某" not in as_person("grid").get(f"/matters/{matter.pk}/?format=json").content.decode()
    assert "刘某某" in page(as_person("desk"), matter)


def test_both_languages_are_whole(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.people.models import User

    matter = penalty(people, upto="notify")
    User.objects.filter(username="officer").update(language="en")
    people["officer"].refresh_from_db()
    seen = page(as_person("officer"), matter)
    for word in ("What I can do now", "Whose turn", "days left", "Prior notice of penalty", "Timeline"):
        assert word in seen, word
    assert "事实" not in seen.split('id="acts"')[0]


def test_an_act_is_asked_for_and_done(people: dict[str, Any], as_person: Any) -> None:
    matter = petition(people)
    desk = as_person("desk")
    asked = desk.get(f"/matters/{matter.pk}/act/accept/").content.decode()
    assert 'name="people.handler" value="officer"' in asked
    done = desk.post(f"/matters/{matter.pk}/act/accept/", {"revision": "1", "people.handler": ["officer"]})
    assert (done.status_code, done.headers["Location"]) == (302, f"/matters/{matter.pk}/")
    matter.refresh_from_db()
    assert (matter.stage, matter.revision) == ("accepted", 2)
    assert "宝安执法员（演示）" in page(desk, matter)


def test_every_problem_stands_at_its_field_and_nothing_typed_is_lost(people: dict[str, Any], as_person: Any) -> None:
    matter = penalty(people, upto="review_pass", days_ago=6)
    path = f"/matters/{matter.pk}/act/notify/"
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = {
        "revision": str(matter.revision),
        "fact.proposed_fine": "六万",
        "fact.notice_received": "2199-01-01",
        "fact.hearing_offered": "no",
        "fact.service_method": "direct",
        "present": ["officer3"],
        "paper.notice_receipt": SimpleUploadedFile("receipt.pdf", PDF, "application/pdf"),
    }
    wrong = as_person("officer").post(path, sent)
    seen = wrong.content.decode()
    assert wrong.status_code == 422
    assert '<a href="#fact-proposed_fine">' in seen
    assert '<a href="#fact-notice_received">' in seen
    assert "machine.wrong_type" in seen
    assert "machine.wrong_side_of_today" in seen
    assert 'value="六万"' in seen
    assert 'value="officer3" checked' in seen
    # the file is kept, by a mark that stands for this person and this form alone
    kept = seen.split('name="paper.notice_receipt.kept" value="')[1].split('"')[0]
    matter.refresh_from_db()
    assert matter.stage == "reviewed"
    again = {
        **{name: value for name, value in sent.items() if name != "paper.notice_receipt"},
        "fact.proposed_fine": "60,000 元",
        "fact.notice_received": str(today()),
        "paper.notice_receipt.kept": kept,
    }
    stolen = as_person("officer3").post(path, {**again, "present": ["officer"]})
    assert stolen.status_code == 400
    done = as_person("officer").post(path, again)
    assert done.status_code == 302, done.content.decode()
    matter.refresh_from_db()
    assert matter.stage == "notified"
    assert matter.state["facts"]["proposed_fine"] == "60000.00"
    assert [each["name"] for each in matter.papers.get(name="notice_receipt").files] == ["receipt.pdf"]


def test_of_two_at_once_the_second_sees_what_happened_and_keeps_the_words(
    people: dict[str, Any], as_person: Any
) -> None:
    matter = petition(people)
    first, second = as_person("desk"), as_person("cashier")
    first.post(f"/matters/{matter.pk}/act/accept/", {"revision": "1", "people.handler": ["officer"]})
    path = f"/matters/{matter.pk}/act/not_accept/"
    late = second.post(path, {"revision": "1", "fact.reason": "不属于本机关职权"})
    seen = late.content.decode()
    assert late.status_code == 409
    assert "matters.changed_meanwhile" in seen
    assert "受理并告知" in seen.split("card meanwhile")[1]
    assert "不属于本机关职权" in seen
    assert 'name="revision" value="2"' in seen


def test_a_closed_matter_says_so(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.base import times
    from qingtian.office.matters import api as matters

    matter = petition(people)
    words = {"matter_id": matter.pk, "act": "not_accept", "facts": {"reason": "不属于受理范围"}}
    matters.do_act(acting_user=people["desk"], revision=1, at=times.now(), **words)
    desk = as_person("desk")
    assert "事项已" in desk.get(f"/matters/{matter.pk}/act/accept/").content.decode()
    refused = desk.post(f"/matters/{matter.pk}/act/accept/", {"revision": "2", "people.handler": ["officer"]})
    assert refused.status_code == 409
    assert "machine.closed" in refused.content.decode()
    assert "button primary" not in page(desk, matter).split('id="links"')[0]
    assert desk.get(f"/matters/{matter.pk}/act/nothing/").status_code == 404
    assert desk.post(f"/matters/{matter.pk}/act/accept/", {"revision": "x"}).status_code in (400, 422)
