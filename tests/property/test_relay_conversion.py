"""A packet said in another edition: what comes back is what went, wherever both editions can say it."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from qingtian.law import rules
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.hj212.messages.message import Contents
from qingtian.stream.hj212.messages.values import exact
from qingtian.stream.hj212.quantities import canonical, measured
from qingtian.stream.relay.conversion import in_edition

CODES = sorted({str(row["code"]) for row in rules.table("factors") if row["code"]})
OLD = sorted({str(row["code_2005"]) for row in rules.table("factors") if row["code_2005"]})
TAGS = ("Rtd", "Min", "Avg", "Max", "Cou", "ZsAvg")

numbers = st.decimals(min_value=-99999, max_value=99999, places=4).map(lambda value: format(value, "f"))
marks = st.sampled_from(["N", "F", "M", "S", "D", "C", "T", "B", "P", ""])
tags = st.dictionaries(st.sampled_from(TAGS), numbers, min_size=1).flatmap(
    lambda found: marks.map(lambda mark: {**found, "Flag": mark} if mark else found)
)


def areas(codes: list[str]) -> st.SearchStrategy[Contents]:
    factors = st.dictionaries(st.sampled_from(codes), tags, min_size=1, max_size=8)
    return factors.map(lambda found: Contents(cp={"DataTime": "20260101084000"}, factors=found))


def figures(area: Contents, left_out: tuple[str, ...] = ()) -> dict[tuple[str, str], Decimal | None]:
    return {
        (name, tag): exact(text)
        for name, tags in area.factors.items()
        for tag, text in tags.items()
        if tag != "Flag" and f"{name}-{tag}" not in left_out
    }


@given(areas(CODES))
def test_it_comes_back_from_2005_with_the_same_names_and_numbers(area: Contents) -> None:
    there = in_edition(area, Edition.HJ2005)
    back = in_edition(there.contents, Edition.HJ2017)
    assert back.left_out == ()
    assert figures(back.contents) == figures(area, there.left_out)


@given(areas(OLD))
def test_it_means_the_same_quantities_in_2017(area: Contents) -> None:
    there = in_edition(area, Edition.HJ2017)
    said = {
        (one.code, one.measure): (one.value, one.unit)
        for one in measured(area.factors)
        if f"{one.sent_as}-{one.measure}" not in there.left_out
    }
    names = [canonical(name) for name in area.factors]
    if len(set(names)) == len(names):
        heard = {(one.code, one.measure): (one.value, one.unit) for one in measured(there.contents.factors)}
        assert heard.items() >= {key: value for key, value in said.items() if value[1] is not None}.items()


@given(areas(CODES + OLD), st.sampled_from(Edition))
def test_it_drops_nothing_but_what_it_says_it_left_out(area: Contents, edition: Edition) -> None:
    there = in_edition(area, edition)
    before = sum(len(tags) for tags in area.factors.values())
    after = sum(len(tags) for tags in there.contents.factors.values())
    assert after == before - len(there.left_out)
    assert there.contents.cp == area.cp


@given(areas(CODES + OLD), st.sampled_from(Edition))
def test_it_changes_nothing_the_second_time(area: Contents, edition: Edition) -> None:
    once = in_edition(area, edition)
    assert in_edition(once.contents, edition).contents == once.contents


@given(areas(CODES + OLD))
def test_no_value_that_was_not_normal_becomes_normal(area: Contents) -> None:
    for edition in Edition:
        there = in_edition(area, edition).contents
        # each factor keeps its place
        for before, after in zip(area.factors.values(), there.factors.values(), strict=True):
            assert (before.get("Flag") == "N") == (after.get("Flag") == "N")
