"""Text of drawings: broken where it may be, never wider than its box."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingtian.portals.lettering import EM, NEVER_FIRST, PIECES, lettering, width


def test_chinese_breaks_between_characters_and_keeps_its_stop_on_the_line() -> None:
    assert lettering("已登记，待受理审查", width=5 * EM) == ("已登记，待", "受理审查")
    # a full stop never begins a line
    assert lettering("决定书已送达，待履行", width=6 * EM) == ("决定书已送达，", "待履行")


def test_words_of_letters_are_not_broken() -> None:
    assert lettering("Registered, to be examined", width=12 * EM * 0.6) == ("Registered,", "to be", "examined")
    assert lettering("Incomprehensibilities", width=EM) == ("Incomprehensibilities",)


@pytest.mark.parametrize("text", ["", " "])
def test_nothing_has_no_lines_that_say_something(text: str) -> None:
    assert "".join(lettering(text, width=100)).strip() == ""


@given(st.text(alphabet="处罚决定，（）Decision 12", max_size=60), st.floats(min_value=EM * 4, max_value=EM * 30))
def test_nothing_is_lost_and_only_a_mark_may_hang_over(text: str, most: float) -> None:
    lines = lettering(text, width=most)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        hanging = line.rstrip(NEVER_FIRST)
        assert width(hanging) <= most or len(PIECES.findall(hanging)) == 1
