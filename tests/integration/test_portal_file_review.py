"""Reviewing a case file in the browser: points row by row, a score that nobody types, and who sees which sheet."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.integration.test_portal_matters_papers import page, the_paper
from tests.papers_world import letters

from qingtian.base import times
from qingtian.law import file_review

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]
DAY = date(2026, 11, 23)


def review(people: dict[str, Any]) -> Any:
    """A review of a penalty's file, with its two reviewers named."""
    from qingtian.office.matters import api as matters

    matter = matters.open_matter(
        acting_user=people["desk"],
        code="file_review",
        at=times.now(),
        origin=matters.Origin(source="sample", district="440306"),
        facts={
            "file_number": "深环宝安罚〔2026〕12号",
            "sort": "penalty",
            "case_closed": True,
            "draw_note": "种子 20260302",
        },
    )
    return matters.do_act(
        acting_user=people["leader"],
        matter_id=matter.pk,
        act="assign",
        at=times.now(),
        revision=None,
        people={"handler": ["officer3"], "reviewer_a": ["reviewer"], "reviewer_b": ["officer"]},
    )


def sheet(letter: str, **changed: str) -> dict[str, str]:
    """What a browser sends for a sheet with all points, but for these items; ``absent``: does not apply."""
    found = {}
    for row in file_review.rows(file_review.ITEMS, sort="penalty", day=DAY):
        said = changed.get(row["item"], str(row["points"]))
        name = f"fact.points_{letter}.{row['item']}"
        found |= {f"{name}.absent": "1"} if said == "absent" else {name: said}
    return found


def send(client: Any, matter: Any, act: str, given: dict[str, str]) -> Any:
    path = f"/matters/{matter.pk}/act/{act}/"
    form = page(client, path)
    revision = form.split('name="revision" value="')[1].split('"')[0]
    return client.post(path, {**given, "revision": revision})


def test_points_are_asked_row_by_row_and_what_is_computed_is_named(people: dict[str, Any], as_person: Any) -> None:
    matter = review(people)
    form = page(as_person("reviewer"), f"/matters/{matter.pk}/act/score_first/")
    for words in ("现场检查笔录", "/ 10", "不适用", "文书基本要求", "20. 超过追责期限", "自动计算"):
        assert words in form
    assert 'name="fact.points_a.filing"' in form
    assert 'name="fact.score_a"' not in form


def test_the_score_follows_from_the_points_and_stands_on_the_sheet_with_its_steps(
    people: dict[str, Any], as_person: Any
) -> None:
    matter = review(people)
    client = as_person("reviewer")
    given = sheet("a", hearing_notice="absent", hearing_record="absent", decision="12")
    assert send(client, matter, "score_first", {**given, "fact.deductions_a.documents": "3"}).status_code == 302
    matter.refresh_from_db()
    facts = matter.state["facts"]
    # 88 standard points, 85 given: 50 × 85 ÷ 88 = 48.30, less 3
    assert (facts["standard_a"], facts["items_a"], facts["score_a"]) == ("88", "85", "95.30")
    assert "50 ＋ 48.3 − 基本扣分 3 = 95.3 分" in page(client, f"/matters/{matter.pk}/")
    said = letters(page(client, f"/matters/papers/{the_paper(matter, 'sheet_a').pk}/"))
    assert "听证笔录：不适用" in said
    assert letters("50 × 85 ÷ 88 = 48.3") in said


def test_a_row_that_is_wrong_is_said_at_the_sheet_and_what_was_typed_stays(
    people: dict[str, Any], as_person: Any
) -> None:
    matter = review(people)
    client = as_person("reviewer")
    answer = send(client, matter, "score_first", sheet("a", filing="5", closing="absent"))
    assert answer.status_code in (200, 400, 409, 422)
    told = answer.content.decode()
    assert "“立案”应为 0 至 2 分" in told
    assert 'name="fact.points_a.filing" value="5"' in told
    assert 'name="fact.points_a.closing.absent" value="1" checked' in told
    left = send(client, matter, "score_first", {k: v for k, v in sheet("a").items() if not k.endswith(".filing")})
    assert "立案没有评分，也没有写明不适用" in left.content.decode()
    matter.refresh_from_db()
    assert "score_a" not in matter.state["facts"]


def test_one_reviewer_does_not_see_the_sheet_of_the_other(people: dict[str, Any], as_person: Any) -> None:
    matter = review(people)
    assert send(as_person("reviewer"), matter, "score_first", sheet("a", decision="9.5")).status_code == 302
    seen = page(as_person("officer"), f"/matters/{matter.pk}/")
    assert "97.25" not in seen, "50 + 50 × 94.5 ÷ 100"
    assert "97.25" in page(as_person("reviewer"), f"/matters/{matter.pk}/")
    assert as_person("officer").get(f"/matters/papers/{the_paper(matter, 'sheet_a').pk}/").status_code == 404


def test_two_who_disagree_whether_there_is_a_major_problem_are_reconciled_by_a_third_sheet(
    people: dict[str, Any], as_person: Any
) -> None:
    matter = review(people)
    assert (
        send(as_person("reviewer"), matter, "score_first", {**sheet("a"), "fact.majors_a.20": "1"}).status_code == 302
    )
    assert send(as_person("officer"), matter, "score_second", sheet("b")).status_code == 302
    assert send(as_person("desk"), matter, "compare", {}).status_code == 302
    refused = send(as_person("leader"), matter, "tell", {"fact.problems": "无", "fact.to_correct": "0"})
    assert "须合议" in refused.content.decode()
    third = {**sheet("c", decision="10"), "fact.reconciled": "未超过追责期限，决定书有瑕疵"}
    assert send(as_person("leader"), matter, "reconcile", third).status_code == 302
    told = send(as_person("leader"), matter, "tell", {"fact.problems": "决定书瑕疵", "fact.to_correct": "0"})
    assert told.status_code == 302
    matter.refresh_from_db()
    assert matter.state["facts"]["apart"] == "100.00"
    assert matter.state["facts"]["final_score"] == "97.50"


def test_a_score_that_somebody_types_is_refused(people: dict[str, Any]) -> None:
    from qingtian.law.machine.computing import ComputedByItself
    from qingtian.office.matters import api as matters

    matter = review(people)
    points = [f"{row['zh']}：{row['points']}" for row in file_review.rows(file_review.ITEMS, sort="penalty", day=DAY)]
    with pytest.raises(ComputedByItself):
        matters.do_act(
            acting_user=people["reviewer"],
            matter_id=matter.pk,
            act="score_first",
            at=times.now(),
            revision=None,
            facts={"points_a": points, "score_a": "100"},
        )
