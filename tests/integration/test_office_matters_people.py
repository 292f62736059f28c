"""Matters and the demo's people: who may see and do what, two at once, links, days, reminders, feeds, registers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests import workbooks
from tests.office_world import MONDAY, finding

from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

PDF = b"%PDF-1.7 " + b"withdrawal" * 30
PETITION = {"petitioner": "刘某某", "received_on": date(2026, 11, 20), "claim": "反映油烟扰民", "class": "claim"}
SIMPLE = {"party": "深圳市某餐饮店", "party_kind": "person"}


def petition(people: dict[str, Any], *, by: str = "desk", **words: Any) -> Any:
    from qingtian.office.matters import api as matters

    facts = {**PETITION, **words.pop("facts", {})}
    origin = matters.Origin(source="letter", district="440306")
    return matters.open_matter(
        acting_user=people[by], code="petition", at=words.pop("at", MONDAY), origin=origin, facts=facts, **words
    )


def accepted(people: dict[str, Any]) -> Any:
    from qingtian.office.matters import api as matters

    opened = petition(people)
    return matters.do_act(
        acting_user=people["desk"],
        matter_id=opened.pk,
        act="accept",
        at=MONDAY,
        revision=1,
        people={"handler": ["officer"]},
    )


def test_a_matter_gets_a_number_without_gaps_a_due_date_and_a_turn(people: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters

    first = petition(people)
    with pytest.raises(QingtianError) as refused:
        petition(people, facts={"received_on": date(2027, 1, 1)})
    assert refused.value.code == "machine.wrong_side_of_today"
    second = petition(people)
    assert (second.sequence - first.sequence, second.year) == (1, 2026)
    assert second.number == f"深环宝安〔2026〕信访事项第{second.sequence}号"
    # 15 days from the day of receipt, the last one until its end
    assert second.next_due == datetime(2026, 12, 7, 23, 59, 59, tzinfo=BEIJING)
    waiting = matters.inbox(people["desk"], at=MONDAY)
    assert [(each.matter.pk, each.holders) for each in waiting] == [
        (first.pk, ("post:clerk",)),
        (second.pk, ("post:clerk",)),
    ]
    assert waiting[0].days_left(MONDAY) == 14


def test_of_two_who_act_at_once_the_second_is_told(people: dict[str, Any]) -> None:
    from qingtian.office.ledger.api import verify
    from qingtian.office.matters import api as matters

    opened = petition(people)
    words = {"matter_id": opened.pk, "act": "not_accept", "facts": {"reason": "不属于受理范围"}, "at": MONDAY}
    matters.do_act(acting_user=people["desk"], revision=opened.revision, **words)
    with pytest.raises(matters.ChangedMeanwhile) as late:
        matters.do_act(acting_user=people["cashier"], revision=opened.revision, **words)
    assert "第 1 步，现为第 2 步" in late.value.sentence()
    with pytest.raises(QingtianError) as closed:
        matters.do_act(acting_user=people["desk"], revision=2, **words)
    assert closed.value.code == "machine.closed"
    assert verify(chain=matters.chain(opened.pk)).entries == 2
    assert matters.inbox(people["desk"], at=MONDAY) == []


def test_who_must_not_see_a_petition_does_not(people: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters

    matter = accepted(people)
    for name in ("officer2", "officer3", "firm", "grid", "admin", "reviewer"):
        assert matter.pk not in [row.pk for row in matters.matters(people[name], at=MONDAY)], name
        with pytest.raises(QingtianError) as unseen:
            matters.matter(people[name], matter.pk, at=MONDAY)
        assert unseen.value.code == "sites.not_found_here"
    # the handler sees it because he is named; the petitioner's name is for those of the list of the fact
    one = matters.matter(people["officer"], matter.pk, at=MONDAY)
    assert one.facts["petitioner"] == "刘某某"
    assert [waiting.matter.pk for waiting in matters.inbox(people["officer"], at=MONDAY)] == [matter.pk]


def test_a_hidden_fact_is_hidden_in_facts_timeline_papers_and_search(people: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import MatterPerson

    matter = accepted(people)
    # somebody with a part in it whose role may not see the petitioner
    MatterPerson.objects.create(matter=matter, user=people["reviewer"], role="guest")
    one = matters.matter(people["reviewer"], matter.pk, at=MONDAY)
    assert "petitioner" not in one.facts
    assert [fact.name for fact in one.hidden] == ["petitioner"]
    assert one.timeline[0].content["facts"]["petitioner"] is None
    assert one.timeline[0].content["facts"]["claim"] == "反映油烟扰民"
    assert not any("petitioner" in paper.content.get("facts", {}) for paper in one.papers)
    assert [row.pk for row in matters.matters(people["reviewer"], at=MONDAY, search="油烟")] == [matter.pk]
    assert matters.matters(people["reviewer"], at=MONDAY, search="刘某某") == []
    assert [row.pk for row in matters.matters(people["desk"], at=MONDAY, search="刘某某")] == [matter.pk]
    assert matters.matters(people["desk"], at=MONDAY, search="刘某某 噪声") == []
    assert [row.pk for row in matters.matters(people["desk"], at=MONDAY, search="油")] == [matter.pk]


def test_the_page_of_a_matter_says_what_is_possible_and_why_not(people: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters

    one = matters.matter(people["officer"], accepted(people).pk, at=MONDAY)
    said = {each.act.name: [why.code for why in each.reasons] for each in one.acts}
    assert said["handle"] == []
    assert said["extend"] == ["machine.missing_role"]
    clock = next(each for each in one.clocks if each.row.clock == "PET-DONE")
    assert clock.row.duty
    assert clock.counted.due == clock.run.due
    assert any("不计入" in step.words.zh if hasattr(step, "words") else step.zh for step in clock.steps)
    stopped = next(each for each in one.clocks if each.row.clock == "PET-ACC")
    assert stopped.run.stopped == MONDAY


def test_lists_and_pages_take_a_fixed_number_of_queries(people: dict[str, Any], django_assert_queries: Any) -> None:
    from qingtian.office.matters import api as matters

    for _ in range(7):
        accepted(people)
    with django_assert_queries(3):
        rows = matters.inbox(people["officer"], at=MONDAY)
        assert len([(row.matter.number, row.matter.district) for row in rows]) == 7
    with django_assert_queries(3):
        found = matters.matters(people["desk"], at=MONDAY, search="油烟", sort="due")
        assert len([(row.number, row.district, row.enterprise) for row in found]) == 7
    with django_assert_queries(3):
        one = matters.matter(people["desk"], found[0].pk, at=MONDAY)
        assert one.facts
        assert one.acts
    with django_assert_queries(7):
        assert one.clocks
        assert one.papers
        assert one.people
        assert one.timeline
        assert (one.links, one.effects) != (None, None)


def test_a_bulk_act_does_what_it_can_and_says_why_of_the_rest(people: dict[str, Any]) -> None:
    from qingtian.office.ledger.api import verify
    from qingtian.office.matters import api as matters

    rows = [petition(people) for _ in range(3)] + [accepted(people)]
    bulk = matters.do_acts(
        acting_user=people["desk"],
        matters={**{row.pk: 1 for row in rows}, 0: None},
        act="accept",
        at=MONDAY,
        people={"handler": ["officer"]},
    )
    assert [matter.pk for matter in bulk.done] == [row.pk for row in rows[:3]]
    assert {each.why.code for each in bulk.refused} == {"matters.changed_meanwhile", "sites.not_found_here"}
    for matter in bulk.done:
        assert (matter.stage, matter.revision) == ("accepted", 2)
        matter.refresh_from_db()
        assert (matter.stage, matter.next_clock) == ("accepted", "PET-DONE")
        assert verify(chain=matters.chain(matter.pk)).holds


def test_a_file_that_is_brought_is_kept_and_its_digest_stands_in_the_ledger(
    people: dict[str, Any], tmp_path: Path, settings_override: Any
) -> None:
    from qingtian.office.matters import api as matters
    from qingtian.office.objects import api as objects

    settings_override(OBJECTS_URL=str(tmp_path), EVIDENCE_FOLDER=tmp_path)
    opened = petition(people)
    words = {"acting_user": people["desk"], "matter_id": opened.pk, "act": "withdraw", "at": MONDAY, "revision": 1}
    with pytest.raises(objects.UploadRefused):
        matters.do_act(**words, papers={"withdrawal": [objects.Upload(name="a.exe", content=b"MZ")]})
    matter = matters.do_act(**words, papers={"withdrawal": [objects.Upload(name="../撤回.pdf", content=PDF)]})
    one = matters.matter(people["desk"], matter.pk, at=MONDAY)
    kept = one.papers[-1]
    (file,) = kept.files
    assert (file["name"], file["media_type"], file["bytes"]) == ("撤回.pdf", "application/pdf", len(PDF))
    told = one.timeline[-1].content["papers"][0]
    assert (told["digest"], told["files"]) == (file["sha256"], [file["sha256"]])
    made = one.papers[0]
    assert (made.name, made.content["facts"]["claim"]) == ("register_sheet", "反映油烟扰民")


def test_from_an_alert_and_from_a_task_a_matter_can_be_opened(people: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters
    from qingtian.office.tasks.api import take_finding
    from qingtian.office.tasks.models import Task

    taken = take_finding(message=finding(), at=MONDAY)
    assert taken
    task = Task.objects.get(episode=taken.episode)
    openable = [kind.manifest.code for kind, _ in matters.openable(people["officer"], at=MONDAY, source="alert")]
    assert "penalty" in openable
    facts = {
        "party": "深圳某电子厂",
        "party_kind": "entity",
        "violation": "涉嫌超标排放水污染物",
        "act_ended": date(2026, 11, 23),
        "harm": "pollution",
    }
    words = {"acting_user": people["officer"], "code": "penalty", "at": MONDAY, "facts": facts}
    of_alert = matters.open_matter(**words, origin=matters.Origin(episode=taken.episode.pk))
    of_task = matters.open_matter(**words, origin=matters.Origin(task=task.pk))
    assert (of_alert.source, of_alert.reference, of_alert.outlet_id) == ("alert", taken.episode.number, "SZ-W-0001")
    assert (of_task.source, of_task.reference, of_task.task_id) == ("inspection", task.number, task.pk)
    # the firm is the subject of it, and sees nothing
    assert matters.matters(people["firm"], at=MONDAY) == []
    with pytest.raises(QingtianError) as elsewhere:
        matters.open_matter(
            **{**words, "acting_user": people["officer2"]}, origin=matters.Origin(episode=taken.episode.pk)
        )
    assert elsewhere.value.code == "sites.not_found_here"


def test_matters_are_linked_and_merged_by_who_may(people: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters

    one, other, third = petition(people), petition(people), accepted(people)
    link = matters.link(acting_user=people["desk"], matter_id=one.pk, other_id=other.pk, kind="follows", at=MONDAY)
    assert (link.matter_id, link.other_id) == (one.pk, other.pk)
    with pytest.raises(matters.CannotLink):
        matters.link(acting_user=people["desk"], matter_id=one.pk, other_id=other.pk, kind="follows", at=MONDAY)
    merged = matters.merge(acting_user=people["desk"], matter_id=one.pk, into_id=third.pk, reason="同一诉求", at=MONDAY)
    assert merged.next_due is None
    with pytest.raises(matters.IsMerged):
        matters.do_act(acting_user=people["desk"], matter_id=one.pk, act="guide", at=MONDAY, revision=None)
    assert one.pk not in [each.matter.pk for each in matters.inbox(people["desk"], at=MONDAY)]
    page = matters.matter(people["desk"], third.pk, at=MONDAY)
    assert [(each.matter_id, each.kind) for each in page.links] == [(one.pk, "merged_into")]
    with pytest.raises(QingtianError):
        matters.merge(acting_user=people["officer"], matter_id=third.pk, into_id=other.pk, reason="", at=MONDAY)


def test_a_day_set_by_the_administrator_moves_due_dates_and_says_so(people: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters

    matter = petition(people)
    with pytest.raises(QingtianError) as refused:
        matters.set_day(acting_user=people["desk"], day=date(2026, 12, 7), working=False, reason="某通知", at=MONDAY)
    assert refused.value.code == "people.not_yours"
    with pytest.raises(matters.DayRefused):
        matters.set_day(acting_user=people["admin"], day=date(2026, 12, 7), working=False, reason=" ", at=MONDAY)
    assert matters.recount(at=MONDAY) == 0
    matters.set_day(acting_user=people["admin"], day=date(2026, 12, 7), working=False, reason="某通知", at=MONDAY)
    assert matters.recount(at=MONDAY) == 1
    assert matters.recount(at=MONDAY) == 0
    matter.refresh_from_db()
    assert matter.next_due.astimezone(BEIJING).date() == date(2026, 12, 8)
    assert matters.inbox(people["desk"], at=MONDAY)[0].due == matter.next_due
    line = matters.matter(people["desk"], matter.pk, at=MONDAY).timeline[-1]
    assert (line.act, line.content["was"], line.content["due"]) == ("recount", "2026-12-07", "2026-12-08")
    matters.clear_day(acting_user=people["admin"], day=date(2026, 12, 7), reason="通知撤销", at=MONDAY)
    assert matters.recount(at=MONDAY) == 1


def test_a_year_without_notice_gives_a_provisional_due_date(people: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters

    at = datetime(2026, 12, 21, 9, tzinfo=BEIJING)
    assert petition(people, at=at, facts={"received_on": date(2026, 12, 20)}).provisional
    assert not petition(people, facts={"received_on": date(2026, 11, 20)}).provisional
    assert matters.recount(at=at) == 0


def test_reminders_come_before_and_after_the_due_date_once_each(people: dict[str, Any]) -> None:
    from qingtian.office.alerts.models import Notice
    from qingtian.office.matters import api as matters

    matter = petition(people)
    due = matter.next_due
    assert matters.escalate(at=due - timedelta(days=4)) == 0
    assert matters.escalate(at=due - timedelta(days=2)) == 1
    assert matters.escalate(at=due - timedelta(days=2)) == 0
    assert {(each.user.username, each.kind) for each in Notice.objects.filter(matter=matter.pk)} == {
        ("desk", "due"),
        ("cashier", "due"),
    }
    # after a stand-still only the latest step is taken
    assert matters.escalate(at=due + timedelta(days=4)) == 1
    late = Notice.objects.filter(matter=matter.pk, kind="overdue")
    assert {each.subject for each in late} == {f"{matter.number}：受理告知逾期三日以上"}
    assert {each.user.username for each in late} == {"desk", "cashier", "leader", "disclosure"}
    assert [line.act for line in matters.matter(people["desk"], matter.pk, at=due).timeline] == [
        "receive",
        "escalate",
        "escalate",
    ]


def test_a_calendar_feed_needs_its_token_and_gives_no_names_away(people: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters

    matter = petition(people)
    token = matters.make_feed(acting_user=people["desk"], at=MONDAY)
    text = matters.feed(token, at=MONDAY)
    assert text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    plain = text.replace("\r\n ", "")
    assert f"SUMMARY:{matter.number} 受理告知\r\n" in plain
    assert "DTSTART;VALUE=DATE:20261207" in plain
    assert "刘某某" not in plain
    assert matters.feed(token + "x", at=MONDAY) is None
    matters.end_feed(acting_user=people["desk"], at=MONDAY)
    assert matters.feed(token, at=MONDAY) is None


def register(rows: list[dict[str, Any]]) -> bytes:
    """Return the empty form of petitions, filled in."""
    from qingtian.office.matters import api as matters

    return workbooks.filled(matters.blank_register("petition", at=MONDAY), rows)


GOOD = {
    "标题": "旧信访一", "开启时间": datetime(2026, 11, 3, 9, 30), "来源": "来信", "行政区代码": "440306",
    "信访人": "王某", "收到日": datetime(2026, 11, 2), "诉求": "噪声", "事项类别": "申诉求决类",
}  # fmt: skip


def test_a_register_is_previewed_row_by_row_and_taken_in_whole(people: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import Matter

    before = Matter.objects.count()
    wrong = [
        GOOD,
        {**GOOD, "事项类别": "别的"},
        {**GOOD, "收到日": datetime(2026, 12, 2)},
        {**GOOD, "来源": "梦"},
        {**GOOD, "开启时间": "上周"},
        {**GOOD, "行政区代码": "999999"},
    ]
    content = register(wrong)
    seen = matters.preview_import(acting_user=people["desk"], code="petition", content=content, at=MONDAY)
    assert [(row.number, row.why.code if row.why else None) for row in seen.rows] == [
        (3, None),
        (4, "machine.not_an_option"),
        (5, "machine.wrong_side_of_today"),
        (6, "machine.unknown_source"),
        (7, "matters.row_unreadable"),
        (8, "sites.not_found_here"),
    ]
    words = {"acting_user": people["desk"], "code": "petition", "at": MONDAY}
    with pytest.raises(matters.ImportRefused) as refused:
        matters.import_register(**words, content=content, digest=seen.digest)
    assert "5 行有错误（共 6 行）" in refused.value.sentence()
    assert Matter.objects.count() == before
    content = register([GOOD, {**GOOD, "标题": "旧信访二"}])
    seen = matters.preview_import(**words, content=content)
    with pytest.raises(matters.ImportChanged):
        matters.import_register(**words, content=content, digest="0" * 64)
    opened = matters.import_register(**words, content=content, digest=seen.digest)
    assert [(each.title, each.opened_at) for each in opened] == [
        ("旧信访一", datetime(2026, 11, 3, 9, 30, tzinfo=BEIJING)),
        ("旧信访二", datetime(2026, 11, 3, 9, 30, tzinfo=BEIJING)),
    ]
    assert opened[1].sequence == opened[0].sequence + 1
    with pytest.raises(matters.WorkbookUnreadable):
        matters.preview_import(**words, content=b"not a workbook")
    # the very same file would open everything twice
    for again in (matters.preview_import, matters.import_register):
        given = {"digest": seen.digest} if again is matters.import_register else {}
        with pytest.raises(matters.ImportedBefore):
            again(**words, content=content, **given)
    assert Matter.objects.count() == before + 2
    # who may not open a petition by hand cannot by a file
    content = register([GOOD])
    other = matters.preview_import(acting_user=people["officer"], code="petition", content=content, at=MONDAY)
    assert {row.why.code for row in other.rows if row.why} == {"machine.missing_role"}


def test_posts_and_certificates_are_given_by_the_administrator_and_end(people: dict[str, Any]) -> None:
    from qingtian.office.people import api as offices

    day = MONDAY.date()
    words = {"acting_user": people["admin"], "username": "grid", "at": MONDAY}
    assert offices.standing(people["grid"], day=day).posts == frozenset()
    offices.give_post(**words, post="clerk", since=day)
    assert offices.standing(people["grid"], day=day).posts == {"clerk"}
    assert people["grid"] in offices.holders(["clerk"], day=day)
    with pytest.raises(offices.AlreadyInPost):
        offices.give_post(**words, post="clerk", since=day)
    with pytest.raises(offices.NoSuchPost):
        offices.give_post(**words, post="emperor", since=day)
    offices.end_post(**words, post="clerk")
    assert offices.standing(people["grid"], day=day).posts == frozenset()
    with pytest.raises(offices.NotYours):
        offices.give_post(**{**words, "acting_user": people["leader"]}, post="clerk", since=day)
    made = offices.record_certificate(**words, kind="legal", number="A1", since=day, until=day)
    assert offices.standing(people["grid"], day=day).certificates == {"legal"}
    assert offices.standing(people["grid"], day=day + timedelta(days=1)).certificates == frozenset()
    offices.withdraw_certificate(acting_user=people["admin"], certificate_id=made.pk, at=MONDAY)
    assert offices.standing(people["grid"], day=day).certificates == frozenset()
    with pytest.raises(offices.CertificateRefused):
        offices.record_certificate(**words, kind="legal", number="A1", since=day)


def test_views_are_ones_own(people: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters

    matters.save_view(acting_user=people["desk"], page="matters", name="逾期信访", query="?code=petition&due=overdue")
    matters.save_view(acting_user=people["desk"], page="matters", name="逾期信访", query="code=petition")
    assert [(view.name, view.query) for view in matters.saved_views(people["desk"], page="matters")] == [
        ("逾期信访", "code=petition")
    ]
    assert matters.saved_views(people["officer"], page="matters") == []
    assert matters.saved_views(people["desk"], page="inbox") == []
    with pytest.raises(matters.ViewRefused):
        matters.save_view(acting_user=people["desk"], page="matters", name=" ", query="")
    matters.drop_view(acting_user=people["desk"], page="matters", name="逾期信访")
    assert matters.saved_views(people["desk"], page="matters") == []
