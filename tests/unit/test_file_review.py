"""The score of a case file under review, by the tables of the rule: what it comes to, how, and what is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from qingtian.law import file_review

DAY = date(2026, 3, 5)
SUMS = {"penalty": 100, "no_penalty": 100, "daily": 120, "seizure": 100, "detention": 100, "crime": 100, "licence": 100}


def full(sort: str, **changed: str) -> list[str]:
    """A sheet with all points, but for these items."""
    rows = file_review.rows(file_review.ITEMS, sort=sort, day=DAY)
    return [f"{row['zh']}：{changed.get(row['item'], row['points'])}" for row in rows if not row.get("bonus")]


def scored(
    sort: str, sheet: list[str], deductions: tuple[str, ...] = (), major: tuple[str, ...] = ()
) -> file_review.Score:
    return file_review.scored(sort, sheet, deductions, major, day=DAY)


@pytest.mark.parametrize(("sort", "most"), SUMS.items())
def test_the_items_of_each_table_sum_to_what_the_rule_says_and_all_points_are_a_hundred(sort: str, most: int) -> None:
    found = scored(sort, full(sort))
    assert found.standard == found.points == most
    assert found.score == 100


def test_what_does_not_apply_leaves_the_denominator_and_each_step_is_said() -> None:
    sheet = full("penalty", hearing_notice="不适用", hearing_record="不适用", decision="12", interview="7.5")
    found = scored("penalty", sheet, ("文书基本要求：3", "检查询问笔录基本要求：1.5"))
    # 100 − 4 − 8 = 88 standard points, 3 + 2.5 lost: 82.5; 50 × 82.5 ÷ 88 = 46.875, half to even 46.88
    assert (found.standard, found.points, found.deducted) == (88, Decimal("82.5"), Decimal("4.5"))
    assert found.score == Decimal("92.38")
    assert found.steps == (
        "适用 12 项，标准分合计 88 分；不适用：听证通知书、听证笔录",
        "项目得分合计 82.5 分，50 × 82.5 ÷ 88 = 46.88",
        "50 ＋ 46.88 − 基本扣分 4.5 = 92.38 分",
    )


def test_any_major_problem_makes_the_whole_file_zero_and_is_named() -> None:
    found = scored("penalty", full("penalty"), major=("20", "4. 处罚对象错误", "4"))
    assert (found.score, found.major) == (0, 2)
    assert "20. 超过追责期限" in found.steps[-1]
    assert "整卷为 0 分" in found.steps[-1]


def test_a_bonus_counts_on_top_and_is_no_item_that_has_to_be_given() -> None:
    assert scored("detention", full("detention")).score == 100
    assert scored("detention", [*full("detention"), "加分：15"]).score == 115
    assert "加分 15" in scored("detention", [*full("detention"), "加分：15"]).steps[-1]


def test_a_file_without_a_major_problem_has_at_least_thirty() -> None:
    nothing = full(
        "penalty",
        **dict.fromkeys((row["item"] for row in file_review.rows(file_review.ITEMS, sort="penalty", day=DAY)), "0"),
    )
    assert scored("penalty", nothing, ("文书基本要求：10", "检查询问笔录基本要求：10")).score == 30


@pytest.mark.parametrize(
    ("sheet", "deductions", "major", "why"),
    [
        (full("penalty")[1:], (), (), "立案没有评分"),
        (full("penalty", filing="2.5"), (), (), "“立案”应为 0 至 2 分"),
        (full("penalty", filing="-1"), (), (), "写的是“-1”"),
        (full("penalty", filing="NaN"), (), (), "写的是“NaN”"),
        (full("penalty", filing="1.005"), (), (), "至多两位小数"),
        ([*full("penalty"), "立案：1"], (), (), "“立案”写了两次"),
        ([*full("penalty"), "第二次责改：1"], (), (), "不是评分表的项目"),
        ([*full("penalty"), "没有冒号"], (), (), "不是评分表的项目"),
        (full("penalty"), ("文书基本要求：11",), (), "0 至 10 分"),
        (full("penalty"), (), ("26",), "不是细则列出的重大问题"),
        ([line.split("：")[0] + "：不适用" for line in full("penalty")], (), (), "没有一项适用"),
    ],
)
def test_a_sheet_that_cannot_be_reckoned_says_which_item_and_why(
    sheet: list[str], deductions: tuple[str, ...], major: tuple[str, ...], why: str
) -> None:
    with pytest.raises(file_review.SheetRefused) as refused:
        scored("penalty", sheet, deductions, major)
    assert why in refused.value.sentence("zh")
    assert refused.value.sentence("en") != refused.value.sentence("zh")


def test_lines_may_be_typed_with_other_colons_and_by_the_english_or_the_code() -> None:
    typed = [line.replace("：", ": ") for line in full("penalty")]
    typed[0], typed[1] = "Filing: 2", "site_record：１０"
    assert scored("penalty", typed).score == 100


def test_there_are_25_major_problems_in_the_groups_of_the_rule() -> None:
    groups = [row["group"] for row in file_review.rows(file_review.MAJOR, sort="penalty", day=DAY)]
    assert [groups.count(name) for name in ("enforcer", "offender", "evidence", "law", "procedure")] == [2, 2, 3, 6, 12]
