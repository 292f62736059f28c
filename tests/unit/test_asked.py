"""What an address asks for is what there is, or refused in words that help: nothing is passed over."""

from __future__ import annotations

from datetime import date

import pytest

from qingtian.portals import asked


def test_what_is_not_said_is_the_usual() -> None:
    for query in ({}, {"it": ""}):
        assert asked.option(query, "it", ["a"], usual="a") == "a"
        assert asked.option(query, "it", ["a"]) == ""
        assert asked.day(query, "it") is None
        assert asked.whole(query, "it", first=1, usual=7) == 7
    assert asked.form({}) == "html"


def test_what_is_said_is_taken_as_it_is() -> None:
    assert asked.option({"it": "b"}, "it", iter(["a", "b"])) == "b"
    assert asked.day({"it": "2026-12-01"}, "it") == date(2026, 12, 1)
    assert [asked.whole({"it": text}, "it", first=1, last=3, usual=1) for text in ("1", "02", "3")] == [1, 2, 3]
    assert asked.year({"year": "2000"}, last=2026, usual=2026) == 2000
    assert asked.form({"format": "csv"}) == "csv"


@pytest.mark.parametrize("text", ["0", "4", "-1", "x", "1.0", "１", "²", "9" * 30])
def test_a_number_outside_of_its_bounds_is_refused_with_them(text: str) -> None:
    with pytest.raises(asked.AskedUnknown) as refused:
        asked.whole({"page": text}, "page", first=1, last=3, usual=1)
    assert "1 至 3" in refused.value.sentence("zh")
    assert "from 1 to 3" in refused.value.sentence("en")


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "2026/03/02"])
def test_a_day_that_is_none_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(asked.AskedUnknown) as refused:
        asked.day({"from": text}, "from")
    assert f"from={text}" in refused.value.sentence("zh")
    assert "2026-12-01" in refused.value.sentence("en")


def test_a_refusal_names_what_there_is_but_not_without_end() -> None:
    with pytest.raises(asked.AskedUnknown) as refused:
        asked.option({"kind": "x" * 999}, "kind", [f"k{number}" for number in range(20)])
    zh, en = refused.value.sentence("zh"), refused.value.sentence("en")
    assert "x" * asked.SHOWN in zh
    assert "x" * (asked.SHOWN + 1) not in zh
    assert "k0、k1" in zh
    assert "等 20 个" in zh
    assert ("k11" in en, "k12" in en, "8 others" in en) == (True, False, True)


def test_where_nothing_can_be_chosen_anything_is_refused() -> None:
    with pytest.raises(asked.AskedUnknown) as refused:
        asked.option({"stage": "open"}, "stage", [])
    assert "没有可选的值" in refused.value.sentence("zh")
