"""Existing registers: matters under way and closed are taken over row by row, all or none, and nothing is invented."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from tests import workbooks
from tests.office_world import MONDAY

from qingtian.base.times import BEIJING

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]
LIVE = {
    "原编号": "深环宝罚立〔2026〕7号",
    "标题": "某电镀公司超标排放",
    "开启时间": datetime(2026, 8, 3, 9),
    "所处阶段": "已事先告知",
    "到达日期": datetime(2026, 11, 20),
    "企业编码": "E0001",
    "当事人类型": "法人或者其他组织",
    "危害后果": "none",
}
CLOSED = {
    "原编号": "深环宝罚立〔2025〕31号",
    "标题": "某纸业公司偷排案",
    "开启时间": datetime(2025, 3, 3, 9),
    "办结方式": "performed",
    "办结日期": datetime(2025, 7, 1),
    "行政区代码": "440306",
}


def blank() -> bytes:
    """The empty form for existing penalties."""
    from qingtian.office.matters import api as matters

    return matters.blank_register("penalty", existing=True, at=MONDAY)


def register(rows: list[dict[str, Any]]) -> bytes:
    """That form, filled in."""
    return workbooks.filled(blank(), rows)


def clock(name: str) -> str:
    """The heading of a clock's column."""
    return next(head for head in workbooks.headings(blank()) if head.endswith(f"（{name}）"))


@pytest.fixture
def live(office: Any) -> dict[str, Any]:
    """A penalty of which the notice was served three days ago."""
    days = {"PEN-LIM": date(2026, 8, 1), "PEN-DEC": date(2026, 8, 10), "PEN-DEF": date(2026, 11, 20)}
    return {**LIVE, **{clock(name): day for name, day in days.items()}}


def taken(people: dict[str, Any], rows: list[dict[str, Any]], *, by: str = "desk", at: datetime = MONDAY) -> list[Any]:
    from qingtian.office.matters import api as matters

    words = {"acting_user": people[by], "code": "penalty", "content": register(rows), "act": "discover", "at": at}
    seen = matters.preview_import(**words)
    assert [row.why and row.why.sentence() for row in seen.rows if row.why] == []
    return matters.import_register(**words, digest=seen.digest)


def test_the_form_has_a_column_for_each_clock_and_fact_and_person(office: Any) -> None:
    known = workbooks.headings(blank())
    for head in ("原编号", "所处阶段", "到达日期", "办结方式", "办结日期", "另已办行为", clock("PEN-PAY"), "罚款"):
        assert head in known, head


def test_one_under_way_stands_in_its_stage_with_its_clocks_and_waits_for_somebody(
    people: dict[str, Any], live: dict[str, Any]
) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import MatterClock, MatterPaper

    (matter,) = taken(people, [live])
    assert (matter.stage, matter.closed, matter.taken_over) == ("notified", False, True)
    assert matter.old_number == "深环宝罚立〔2026〕7号"
    assert matter.number == "深环宝安〔2026〕行政处罚·普通程序（存量）第1号"
    assert matter.opened_at == datetime(2026, 8, 3, 9, tzinfo=BEIJING)
    rows = MatterClock.objects.filter(matter=matter)
    assert {row.clock for row in rows} == {"PEN-LIM", "PEN-DEC", "PEN-DEF"}
    assert not MatterPaper.objects.filter(matter=matter).exists()
    assert matter.pk in {each.matter.pk for each in matters.inbox(people["officer"], at=MONDAY)}
    (line,) = ledger.history(matters.chain(matter.pk))
    assert (line.act, line.actor, line.at) == ("taken-over", "desk", MONDAY)
    told = line.content["taken_over"]
    assert (told["old_number"], told["row"], len(told["file"])) == ("深环宝罚立〔2026〕7号", 3, 64)
    assert told["counted_as_done"][-1] == "notify"
    # found by its old number, in the search and by hand
    assert matters.numbered(people["desk"], "深环宝罚立〔2026〕7号", at=MONDAY).pk == matter.pk
    assert [row.pk for row in matters.matters(people["desk"], at=MONDAY, search="宝罚立〔2026〕7号")] == [matter.pk]
    # and it goes on here
    done = matters.do_act(
        acting_user=people["desk"], matter_id=matter.pk, act="defend", at=MONDAY + timedelta(hours=1), revision=1,
        facts={"statement": "无异议"},
    )  # fmt: skip
    assert (done.revision, len(done.state["history"])) == (2, 2)


def test_one_that_is_closed_runs_no_clock_waits_for_nobody_and_counts_in_its_own_year(people: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import MatterClock, MatterCount, MatterTurn

    (matter,) = taken(people, [CLOSED])
    closing = datetime(2025, 7, 1, tzinfo=BEIJING)
    assert (matter.closed, matter.closed_at, matter.changed_at) == (True, closing, closing)
    assert not MatterClock.objects.filter(matter=matter).exists()
    assert not MatterTurn.objects.filter(matter=matter).exists()
    assert all(each.matter.pk != matter.pk for each in matters.inbox(people["officer"], at=MONDAY))
    matters.carry_out(at=MONDAY, matters=[matter.pk])
    counted = {row.statistic: row.at for row in MatterCount.objects.filter(matter=matter)}
    assert counted == {"penalty_decisions": closing}
    assert matters.escalate(at=MONDAY) == 0
    # the next one that is opened here takes the first number of its own series
    from tests.matters_world import penalty

    assert penalty(people, days_ago=1).number.endswith("行政处罚·普通程序第1号")


def test_the_state_can_be_made_again_from_the_ledger_alone(people: dict[str, Any], live: dict[str, Any]) -> None:
    from qingtian.law.machine import record
    from qingtian.law.machine import taking as machine
    from qingtian.law.machine.state import Person
    from qingtian.office.ledger import api as ledger
    from qingtian.office.matters import api as matters
    from qingtian.office.matters import kinds

    for matter in taken(people, [live, CLOSED]):
        (line,) = ledger.history(matters.chain(matter.pk))
        content, told = line.content, line.content["taken_over"]
        kind = kinds.version(content["kind"], content["version"])
        facts = content["facts"] | {
            name.removeprefix("fact:"): json.loads(value) for name, value in content.items() if name.startswith("fact:")
        }
        again = machine.Taking(
            at=line.at,
            by=Person(name=line.actor, roles=frozenset()),
            opened=datetime.fromisoformat(told["opened"]).astimezone(BEIJING),
            reached=datetime.fromisoformat(told["reached"]).astimezone(BEIJING),
            number=told["old_number"],
            file=told["file"],
            row=told["row"],
            done=frozenset(told["done"]),
            facts=facts,
            clocks={name: date.fromisoformat(day) for name, day in told["clocks"].items()},
        )
        arrival = kinds.arrivals(content["kind"], content["version"])[content["stage"]]
        state = machine.take_over(kind, arrival, again, calendar=matters.calendar_now()).state
        assert record.written(state) == matter.state


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"所处阶段": "神秘阶段"}, "所处阶段", "没有阶段“神秘阶段”"),
    ({"到达日期": datetime(2026, 7, 1)}, "到达日期", "早于开启日"),
    ({"到达日期": datetime(2027, 1, 1)}, "到达日期", "晚于今天"),
    ({"到达日期": "上个月"}, "到达日期", "应为日期或时刻"),
    ({"到达日期": None}, "到达日期", "应为日期或时刻"),
    ({"开启时间": datetime(2027, 1, 1)}, "开启时间", "晚于今天"),
    ({"原编号": None}, "原编号", "不重复录入"),
    ({"所处阶段": None}, "所处阶段", "须写明所处阶段或办结方式"),
    ({"所处阶段": None, "办结方式": "已事先告知"}, "办结方式", "不是终结阶段"),
    ({"办结方式": "处罚-已履行结案"}, "办结方式", "只填其一"),
    ({"办结日期": datetime(2026, 11, 1)}, "办结日期", "只有已办结的才填写"),
    ({"另已办行为": "跳舞"}, "", "跳舞"),
    ({"当事人类型": None}, "", "当事人类型"),
    ({"当事人类型": "猫"}, "当事人类型", "猫"),
    ({"企业编码": "E9999"}, "", "E9999"),
    ({"来源": "梦"}, "来源", "梦"),
]


@pytest.mark.parametrize(("changed", "column", "said"), WRONG, ids=lambda case: str(case)[:40])
def test_each_wrong_row_has_its_sentence_and_nothing_is_taken(
    changed: dict[str, Any], column: str, said: str, people: dict[str, Any], live: dict[str, Any]
) -> None:
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import Matter

    before = Matter.objects.count()
    content = register([live, {**live, "原编号": "另号", **changed}])
    words = {"acting_user": people["desk"], "code": "penalty", "content": content, "act": "discover", "at": MONDAY}
    seen = matters.preview_import(**words)
    first, second = seen.rows
    assert first.why is None
    assert second.why is not None
    assert said in second.why.sentence()
    assert column in second.column
    with pytest.raises(matters.ImportRefused):
        matters.import_register(**words, digest=seen.digest)
    assert Matter.objects.count() == before


def test_clocks_are_asked_for_where_they_run_and_refused_where_nothing_runs(
    people: dict[str, Any], live: dict[str, Any]
) -> None:
    from qingtian.office.matters import api as matters

    without = {**live, "原编号": "甲"}
    del without[clock("PEN-DEF")]
    ended = {**CLOSED, clock("PEN-PAY"): date(2025, 6, 1)}
    strange = {**live, "原编号": "乙", clock("PEN-PAY"): date(2026, 11, 1)}
    content = register([without, ended, strange, live])
    seen = matters.preview_import(
        acting_user=people["desk"], code="penalty", content=content, act="discover", at=MONDAY
    )
    assert [row.why and row.why.code for row in seen.rows] == [
        "machine.clocks_wanting", "machine.clocks_at_an_end", "machine.clocks_not_here", None,
    ]  # fmt: skip
    assert "PEN-DEF" in seen.rows[0].why.sentence()
    good = seen.rows[3]
    assert good.state is not None
    assert {run.clock for run in good.state.clocks} == {"PEN-LIM", "PEN-DEC", "PEN-DEF"}
    assert "PEN-HREQ" in good.open_clocks


def test_nothing_is_taken_twice(people: dict[str, Any], live: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters

    taken(people, [live, CLOSED])
    content = register([live, {**CLOSED, "原编号": "新号"}, {**CLOSED, "原编号": "新号"}])
    seen = matters.preview_import(
        acting_user=people["desk"], code="penalty", content=content, act="discover", at=MONDAY
    )
    assert [row.why and row.why.code for row in seen.rows] == [
        "matters.already_taken", None, "matters.number_twice",
    ]  # fmt: skip


def test_who_may_take_over_is_a_rule(people: dict[str, Any], live: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters

    content = register([live])
    for name, why in (("officer", "people.not_yours"), ("leader", None), ("admin", "people.not_yours")):
        seen = matters.preview_import(acting_user=people[name], code="penalty", content=content, at=MONDAY)
        assert [row.why and row.why.code for row in seen.rows] == [why], name


@pytest.mark.parametrize(("headings", "language"), [("codes", "zh-hans"), ("words", "zh-hans"), ("words", "en")])
def test_a_closed_register_goes_out_as_csv_and_comes_in_again(
    people: dict[str, Any], as_person: Any, headings: str, language: str
) -> None:
    from django.db import transaction

    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import Matter
    from qingtian.office.matters.workbook import WORDED

    rows = [
        {**CLOSED, "原编号": f"旧{number}号", "办结方式": end, "办结日期": datetime(2025, 7, number)}
        for number, end in enumerate(["performed", "not_filed", "not_punished", "enforced"], start=1)
    ]
    desk = as_person("desk")
    path = "/matters/?kind=penalty&state=closed&format=csv&sort=number"
    desk.post("/preferences/", {"language": language})
    with transaction.atomic():
        taken(people, rows)
        first = desk.get(f"{path}&headings={headings}").content
        transaction.set_rollback(True)
    assert not Matter.objects.filter(taken_over=True).exists()
    words = {"acting_user": people["desk"], "code": "penalty", "content": first, "at": MONDAY}
    seen = matters.preview_import(**words)
    assert [row.why and row.why.sentence() for row in seen.rows] == [None] * 4
    matters.import_register(**words, digest=seen.digest)
    second = desk.get(f"{path}&headings={headings}").content
    tables = [list(csv.reader(io.StringIO(each.decode("utf-8-sig")))) for each in (first, second)]
    key, old = WORDED["id"], WORDED["old_number"]
    keys = [next(n for n, head in enumerate(table[0]) if head in ("id", *key)) for table in tables]
    kept = [[row[:n] + row[n + 1 :] for row in table] for n, table in zip(keys, tables, strict=True)]
    assert kept[0] == kept[1]
    place = next(n for n, head in enumerate(tables[1][0]) if head in ("old_number", *old))
    assert [row[place] for row in tables[1][1:]] == ["旧1号", "旧2号", "旧3号", "旧4号"]
    # what a spreadsheet in Chinese makes of it is read as well
    gbk = first.decode("utf-8-sig").encode("gb18030")
    seen = matters.preview_import(acting_user=people["desk"], code="penalty", content=gbk, at=MONDAY)
    assert {row.why and row.why.code for row in seen.rows} == {"matters.already_taken"}


def test_the_page_previews_row_by_row_what_would_be_taken_over(
    people: dict[str, Any], live: dict[str, Any], as_person: Any
) -> None:
    desk = as_person("desk")
    assert "existing=1" in desk.get("/matters/import/penalty/").content.decode()
    assert desk.get("/matters/import/penalty/blank/?existing=1").status_code == 200
    today = datetime.now(BEIJING).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    file = io.BytesIO(register([{**live, "到达日期": today - timedelta(days=1)}, CLOSED]))
    file.name = "存量.xlsx"
    page = desk.post("/matters/import/penalty/", {"file": file, "act": "discover"}).content.decode()
    assert "2 行可以导入" in page
    assert "深环宝罚立〔2026〕7号" in page
    assert "视为已办" in page
    assert "未填起算日，视为不在计算" in page
    assert "录入 2 件事项" in page
    digest = re.search(r'name="digest" value="(\w{64})"', page)
    assert digest
    page = desk.post("/matters/import/penalty/confirm/", {"digest": digest[1]}).content.decode()
    assert "已录入 2 件事项" in page
    assert "处罚-已履行结案" in page
    (one, two) = (row for row in desk.get("/matters/?format=json&sort=number").json()["rows"] if row["old_number"])
    page = desk.get(f"/matters/{one['id']}/").content.decode()
    assert "存量录入，原编号 深环宝罚立〔2026〕7号" in page
    assert "视为已办" in page
    assert "2025-07-01" in desk.get(f"/matters/{two['id']}/").content.decode()
