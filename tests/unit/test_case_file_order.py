"""In which order the papers of a case file lie: every paper of the kinds that the rule names has its place."""

from __future__ import annotations

from datetime import date

import pytest

from qingtian.law import rules
from qingtian.law.machine import shelf
from qingtian.office.casefiles import order

DAY = date(2026, 11, 23)


def placed(title: str, volume: str = "main") -> str:
    return order.place_of(title, order="penalty", volume=volume, day=DAY).words.zh


@pytest.mark.parametrize(
    ("title", "place"),
    [
        ("行政处罚决定书", "行政处罚决定书及送达回证"),
        ("送达回证", "行政处罚决定书及送达回证"),
        ("告知书送达回证", "告知书、听证通知书等法律文书及送达回证"),
        ("催告书送达回证", "执行材料"),
        ("责令改正违法行为决定书", "调查取证及证据材料"),
        ("陈述申辩笔录", "告知书、听证通知书等法律文书及送达回证"),
        ("听证笔录", "听证笔录"),
        ("查封（扣押）清单", "财物处理材料"),
        ("某种没有人想到的文书", "其他有关材料"),
    ],
)
def test_of_the_words_a_title_contains_the_longest_decides(title: str, place: str) -> None:
    assert placed(title) == place


def test_what_is_internal_lies_in_the_side_volume_from_the_clue_to_the_closing() -> None:
    titles = [
        "案件线索登记表",
        "立案审批表",
        "行政处罚案件调查报告",
        "听证报告",
        "案件审查表",
        "案件集体讨论记录",
        "结案审批表",
    ]
    numbers = [order.place_of(title, order="penalty", volume="side", day=DAY).number for title in titles]
    assert numbers == sorted(set(numbers))


def test_kinds_without_an_order_of_their_own_are_filed_by_time() -> None:
    assert order.order_of("petition", day=DAY) == order.BY_TIME
    assert {order.place_of(title, order=order.BY_TIME, volume="main", day=DAY).number for title in ("甲", "乙")} == {1}


def test_the_kinds_that_the_rule_names_are_there_and_few_of_their_papers_come_last() -> None:
    named = {code for row in rules.table("case_files/kinds") for code in row["kinds"]}
    definitions = {kind.manifest.code: kind for kind in shelf.discover().kinds.values()}
    assert named <= definitions.keys()
    for code in ("penalty", "penalty_simple", "daily_penalty"):
        titles = [(paper.title.zh, paper.volume) for paper in definitions[code].papers.values()]
        last = [title for title, volume in titles if placed(title, volume) == "其他有关材料"]
        assert set(last) <= {"教育记录", "案件移送函"}, f"{code}: the rule has no word for {last}"


def test_every_row_of_the_rule_says_where_it_was_read_and_places_do_not_repeat() -> None:
    rows = list(rules.table("case_files/order"))
    places = [(row["order"], row["volume"], row["place"]) for row in rows]
    assert len(places) == len(set(places))
    assert all(row.source and row.certainty in ("memory", "default") for row in rows)
