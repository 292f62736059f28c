"""Search finds the same whether a word is rare and its matters are looked up, or common and the list is walked."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from office_world import MONDAY

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

CLAIMS = ("鹊桥路夜间施工噪声", "鹊桥路餐饮油烟", "鹊桥路、锦鲤街餐饮油烟")

NO = {"reason": "不属于生态环境部门职责"}


@pytest.fixture
def petitions(people: dict[str, Any]) -> list[int]:
    """Three petitions, by key; the last is of a person whom few may know."""
    from qingtian.office.matters import api as matters

    names = ("某甲", "某乙", "欧阳锦鲤")
    return [
        matters.open_matter(
            acting_user=people["desk"],
            code="petition",
            at=MONDAY,
            origin=matters.Origin(source="letter", district="440306"),
            facts={"petitioner": name, "received_on": date(2026, 11, 20), "claim": claim, "class": "claim"},
        ).pk
        for name, claim in zip(names, CLAIMS, strict=True)
    ]


@pytest.mark.parametrize("most", [2, 2_000])
def test_rare_and_common_words_are_found_alike(
    people: dict[str, Any], petitions: list[int], monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    from qingtian.office.matters import api as matters
    from qingtian.office.matters import searching

    monkeypatch.setattr(searching, "MOST", most)
    first, second, third = petitions

    def found(user: str, search: str, **filters: Any) -> list[int]:
        return [row.pk for row in matters.matters(people[user], at=MONDAY, search=search, **filters)]

    assert found("desk", "鹊桥路") == [third, second, first]
    assert found("desk", "鹊桥路", sort="oldest", limit=2) == [first, second]
    assert found("desk", "鹊桥 油烟") == [third, second]
    assert found("desk", "鹊桥路", district="440305") == []
    assert found("desk", "欧阳") == [third]
    # who may see the matter by its place, but not who complains
    assert found("reviewer", "欧阳") == []
    assert found("officer2", "鹊桥路") == []
    assert found("desk", "没有的词") == []


def test_a_paper_is_found_by_its_number_however_it_is_typed(people: dict[str, Any], petitions: list[int]) -> None:
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import MatterPaper

    _first, second, _third = petitions
    matters.do_act(acting_user=people["desk"], matter_id=second, act="not_accept", at=MONDAY, revision=None, facts=NO)
    number = MatterPaper.objects.get(matter=second, name="no_acceptance_notice").number

    def found(user: str, search: str) -> list[int]:
        return [row.pk for row in matters.matters(people[user], at=MONDAY, search=search)]

    assert found("desk", number) == [second]
    typed = number.replace("〔", "[").replace("〕", "] ")
    assert found("desk", typed) == [second]
    assert found("officer2", number) == []


@pytest.mark.parametrize(
    ("typed", "many"),
    [
        ("鹊桥路１２", 1),
        ("鹊桥路12号", 1),
        ("鹊桥路1号", 1),
        ("鹊桥路1", 2),
        ("NOISE", 1),
        ("noi", 1),
        ("号", 2),
        ("，。！", 0),
    ],
)
def test_figures_letters_and_marks_are_found_as_people_mean_them(people: dict[str, Any], typed: str, many: int) -> None:
    from qingtian.office.matters import api as matters

    for claim in ("鹊桥路1号噪声", "鹊桥路12号 Noise，夜间"):
        matters.open_matter(
            acting_user=people["desk"],
            code="petition",
            at=MONDAY,
            origin=matters.Origin(source="letter", district="440306"),
            facts={"petitioner": "某甲", "received_on": date(2026, 11, 20), "claim": claim, "class": "claim"},
        )
    rows = matters.matters(people["desk"], at=MONDAY, code="petition", search=typed)
    assert len([row for row in rows if "鹊桥路1" in row.title]) == many


def test_a_search_is_one_query_more(people: dict[str, Any], petitions: list[int], django_assert_queries: Any) -> None:
    from qingtian.office.matters import api as matters

    with django_assert_queries(3):
        assert len(matters.matters(people["desk"], at=MONDAY, search="鹊桥路")) == len(petitions)
