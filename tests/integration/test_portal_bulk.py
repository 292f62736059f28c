"""One act on many matters in the browser: first one sees what will happen; each is judged by itself, none half done."""

from __future__ import annotations

import re
from typing import Any

import pytest

from qingtian.base import times
from qingtian.base.times import BEIJING

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

ACT = {"kind": "petition", "act": "not_accept", "fact.reason": "不属于受理范围"}


@pytest.fixture
def three(people: dict[str, Any]) -> list[Any]:
    """Three petitions of the desk, just opened."""
    from qingtian.office.matters import api as matters

    at = times.now()
    facts = {"received_on": at.astimezone(BEIJING).date(), "claim": "反映油烟扰民", "class": "claim"}
    origin = matters.Origin(source="letter", district="440306")
    return [
        matters.open_matter(
            acting_user=people["desk"],
            code="petition",
            at=at,
            origin=origin,
            facts={**facts, "petitioner": f"刘某{number}"},
        )
        for number in range(3)
    ]


def picks(matters: list[Any]) -> list[str]:
    return [f"{matter.pk}.{matter.revision}" for matter in matters]


def form(matters: list[Any], **more: Any) -> dict[str, Any]:
    return {**ACT, "version": str(matters[0].version), "m": picks(matters), **more}


def close(people: dict[str, Any], matter: Any) -> None:
    from qingtian.office.matters import api as matters

    matters.do_act(
        acting_user=people["desk"],
        matter_id=matter.pk,
        act="not_accept",
        facts={"reason": "重复来信"},
        at=times.now(),
        revision=matter.revision,
    )


def test_the_page_says_for_how_many_each_act_is_possible(
    three: list[Any], people: dict[str, Any], as_person: Any, django_assert_queries: Any
) -> None:
    close(people, three[2])
    desk = as_person("desk")
    path = "/matters/bulk/?" + "&".join(f"m={pick}" for pick in picks(three))
    page = desk.get(path).content.decode()
    assert re.search(r'value="not_accept" required>\S+ <span class="quiet">3 件中 2 件可办', page)
    with django_assert_queries(9):
        desk.get(path)
    # the form asks once what the act asks
    page = desk.get(f"{path}&kind=petition&version={three[0].version}&act=not_accept").content.decode()
    assert page.count('name="fact.reason"') == 1
    assert page.count('name="m"') == 3


def test_what_will_happen_is_seen_before_it_does_and_then_does(
    three: list[Any], people: dict[str, Any], as_person: Any
) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.matters import api as matters

    desk, stale = as_person("desk"), form(three)
    close(people, three[2])
    preview = desk.post("/matters/bulk/act/", {**stale, "step": "preview"}).content.decode()
    assert "将办理 2 件" in preview
    assert "1 件不能办理" in preview
    assert "matters.changed_meanwhile" in preview
    # nothing has happened, no entry, no number
    assert [len(ledger.history(matters.chain(each.pk))) for each in three] == [1, 1, 2]
    assert [row.stage for row in matters.Matter.objects.filter(pk__in=[three[0].pk, three[1].pk])] == [
        three[0].stage
    ] * 2
    hidden = dict.fromkeys(re.findall(r'<input type="hidden" name="([\w.]+)"', preview))
    assert {"m", "act", "kind", "version", "fact.reason", "step"} <= set(hidden)
    told = desk.post("/matters/bulk/act/", {**stale, "step": "do"}).content.decode()
    assert "已办理 2 件" in told
    assert "1 件未办理，未作任何改动" in told
    assert [len(ledger.history(matters.chain(each.pk))) for each in three] == [2, 2, 2]


def test_what_is_missing_is_said_at_its_field(three: list[Any], as_person: Any) -> None:
    answer = as_person("desk").post("/matters/bulk/act/", form(three, **{"fact.reason": " ", "step": "do"}))
    assert answer.status_code == 422
    assert 'href="#fact-reason"' in answer.content.decode()


def test_who_may_not_see_a_matter_does_nothing_to_it(three: list[Any], people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.matters.models import Matter

    for name in ("officer2", "grid", "reviewer", "admin"):
        client = as_person(name)
        page = client.get("/matters/bulk/?m=" + picks(three)[0]).content.decode()
        assert three[0].number not in page, name
        assert client.post("/matters/bulk/act/", form(three, step="do")).status_code == 400, name
    assert as_person("firm").get("/matters/bulk/").status_code == 403
    assert set(Matter.objects.filter(pk__in=[each.pk for each in three]).values_list("revision", flat=True)) == {1}


def test_nonsense_chooses_nothing(three: list[Any], as_person: Any) -> None:
    desk = as_person("desk")
    assert "没有选择事项" in desk.get("/matters/bulk/?m=x&m=1&m=-1.1").content.decode()
    assert desk.get("/matters/bulk/?m=" + "&m=".join(["1.1"] * 201)).status_code == 400
    assert desk.post("/matters/bulk/act/", form(three, act="no_such")).status_code == 400
    assert desk.post("/matters/bulk/act/", form(three, kind="penalty")).status_code == 400
