"""Numbers of other matters' papers, chosen and not typed: what is offered to whom; numbers in a form of their own."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.test_portal_matters_papers import page, the_paper
from tests.matters_world import penalty, petition, today

from qingtian.base import times

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]
ORDER = "/matters/numbers/reconsideration/act_challenged/"


def ordered(people: dict[str, Any]) -> Any:
    """The paper that orders a correction, of an inspected penalty of firm E0001."""
    from qingtian.office.matters import api as matters

    matter = penalty(people, upto="inspect")
    matters.do_act(
        acting_user=people["officer"],
        matter_id=matter.pk,
        act="order_correction",
        at=times.now(),
        revision=None,
        facts={"correction_days": 10},
        present=["officer3"],
    )
    return the_paper(matter, "correction_order")


def test_the_field_offers_numbers_of_the_firm_and_takes_any_that_is_typed(
    people: dict[str, Any], as_person: Any
) -> None:
    form = page(as_person("desk"), "/matters/new/reconsideration/")
    assert f'hx-get="{ORDER}"' in form
    assert 'list="fact-act_challenged-list"' in form
    assert "其他机关的文号直接填写" in form


def test_numbers_are_found_by_part_of_the_number_and_by_the_party(people: dict[str, Any], as_person: Any) -> None:
    paper = ordered(people)
    client = as_person("officer")
    for typed in ("", paper.number[-6:], paper.number, paper.number.replace("〔", "[").replace("〕", "]"), "电镀"):
        offered = client.get(ORDER, {"fact.act_challenged": typed}).content.decode()
        assert f'value="{paper.number}"' in offered, typed
    assert "责令改正违法行为决定书" in offered
    assert paper.number not in client.get(ORDER, {"fact.act_challenged": "没有这样的"}).content.decode()


def test_until_something_is_typed_only_numbers_of_the_firm_are_offered(people: dict[str, Any], as_person: Any) -> None:
    paper = ordered(people)
    client = as_person("leader")
    assert paper.number in client.get(ORDER, {"about": "E0001 · 某厂"}).content.decode()
    assert paper.number not in client.get(ORDER, {"about": "E0003"}).content.decode()
    assert paper.number in client.get(ORDER, {"matter": str(paper.matter_id)}).content.decode()


def test_numbers_of_matters_that_one_may_not_see_are_not_offered(people: dict[str, Any], as_person: Any) -> None:
    paper = ordered(people)
    for typed in ("", paper.number, "电镀"):
        assert paper.number not in as_person("officer2").get(ORDER, {"fact.act_challenged": typed}).content.decode()
    assert as_person("firm").get(ORDER).status_code == 403
    assert as_person("officer2").get(ORDER, {"matter": str(paper.matter_id)}).status_code == 404


def test_a_fact_that_is_no_number_of_another_paper_offers_nothing(as_person: Any) -> None:
    for path in ("reconsideration/outcome", "reconsideration/nothing", "nosuch/act_challenged"):
        assert as_person("officer").get(f"/matters/numbers/{path}/").status_code == 404


def test_a_plan_that_is_filed_gets_its_filing_number_by_itself(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.matters import api as matters

    numbers = []
    for risk in ("major", "general"):
        matter = matters.open_matter(
            acting_user=people["officer"],
            code="emergency_plan",
            at=times.now(),
            origin=matters.Origin(source="new_plan", district="440306"),
            facts={
                "holder": "firm",
                "name": "某厂突发环境事件应急预案",
                "risk": risk,
                "signed_on": today(),
                "experts": ["甲"],
            },
            papers={"plan": None, "review_opinion": None},
        )
        for act, words in (
            ("hand_in", {"facts": {"received_on": today()}, "papers": {"risk_report": None, "resource_survey": None}}),
            ("accept", {"facts": {"missing_count": 0, "accepted_on": today()}}),
        ):
            matter = matters.do_act(
                acting_user=people["desk"], matter_id=matter.pk, act=act, at=times.now(), revision=None, **words
            )
        numbers.append(matter.state["facts"]["filing_number"])
    first, second = (int(number.split("-")[2]) for number in numbers)
    year = today().year
    assert numbers == [f"440306-{year}-{first:03}-H", f"440306-{year}-{second:03}-L"]
    assert second == first + 1, "without a gap"
    assert the_paper(matter, "filing_form").number == numbers[1]
    assert "办理时自动编号" not in page(as_person("desk"), f"/matters/{petition(people).pk}/")


def test_every_paper_that_a_number_may_be_of_is_there_and_has_one() -> None:
    from qingtian.law.machine import shelf

    kinds = shelf.discover().kinds.values()
    named = {each for kind in kinds for fact in kind.facts.values() for each in fact.chosen_from}
    numbered = {f"{k.manifest.code}.{p.name}" for k in kinds for p in k.papers.values() if p.numbered}
    assert named
    assert named <= numbered
