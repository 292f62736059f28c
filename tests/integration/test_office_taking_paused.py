"""An existing register with a matter whose clock stands still: the row says since when, and it goes on from there."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from tests import workbooks
from tests.integration.test_office_taking_over import blank, clock, register, taken
from tests.office_world import MONDAY

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]


def paused(name: str) -> str:
    """The heading of the column that says since when a clock stands still."""
    return next(
        head for head in workbooks.headings(blank()) if head.startswith("中止：") and head.endswith(f"（{name}）")
    )


def row(**words: Any) -> dict[str, Any]:
    """A penalty whose investigation has been suspended since September."""
    return {
        "原编号": "深环宝罚立〔2026〕9号",
        "标题": "某电镀公司超标排污案",
        "开启时间": datetime(2026, 8, 3, 9),
        "所处阶段": "suspended",
        "到达日期": datetime(2026, 9, 7),
        "行政区代码": "440306",
        "企业编码": "E0001",
        "当事人类型": "法人或者其他组织",
        "危害后果": "none",
        clock("PEN-LIM"): date(2026, 8, 1),
        clock("PEN-DEC"): date(2026, 8, 10),
        **words,
    }


def people_of_it() -> dict[str, str]:
    return {head: "officer" for head in workbooks.headings(blank()) if "用户名" in head and head.startswith("办案人员")}


def test_the_form_asks_since_when_only_of_clocks_that_can_stand_still(office: Any) -> None:
    heads = [head for head in workbooks.headings(blank()) if head.startswith("中止：")]
    assert paused("PEN-DEC") in heads
    assert not any("PEN-PAY" in head for head in heads)


def test_a_clock_that_stands_still_is_taken_over_so_and_runs_on_when_it_is_resumed(people: dict[str, Any]) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import MatterClock

    (matter,) = taken(people, [row(**{paused("PEN-DEC"): date(2026, 9, 7)}, **people_of_it())])
    stands = MatterClock.objects.get(matter=matter, clock="PEN-DEC")
    assert (stands.paused_on, stands.due) == (date(2026, 9, 7), None)
    (line,) = ledger.history(matters.chain(matter.pk))
    assert line.content["taken_over"]["paused"] == {"PEN-DEC": "2026-09-07"}
    matters.do_act(
        acting_user=people["leader"], matter_id=matter.pk, act="resume", at=MONDAY + timedelta(hours=1), revision=None
    )
    stands.refresh_from_db()
    assert stands.paused_on is None
    assert stands.due_day is not None
    assert stands.due_day > MONDAY.date()


def test_without_since_when_the_row_says_what_is_missing_and_nothing_is_taken(people: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import Matter

    words = {"acting_user": people["desk"], "code": "penalty", "act": "discover", "at": MONDAY}
    for cell, said in ((None, "缺少中止起始日"), ("九月", "应为日期"), (date(2026, 8, 1), "应在起算日")):
        content = register([row(**{paused("PEN-DEC"): cell}, **people_of_it())])
        (seen,) = matters.preview_import(**words, content=content).rows
        assert seen.why is not None
        assert said in seen.why.sentence("zh")
    assert not Matter.objects.filter(taken_over=True).exists()
