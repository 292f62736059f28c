"""Rounding before comparing: GB/T 8170 half to even, exact to the last digit a device can write."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingtian.law.rounding import decimals_of, lower_edge, upper_edge


def is_over(value: str, bound: float, decimals: int) -> bool:
    edge = upper_edge(bound, decimals)
    return float(value) > edge.at or (float(value) == edge.at and edge.tie_is_out)


def is_under(value: str, bound: float, decimals: int) -> bool:
    edge = lower_edge(bound, decimals)
    return float(value) < edge.at or (float(value) == edge.at and edge.tie_is_out)


@pytest.mark.parametrize(
    ("value", "bound", "decimals", "over"),
    [
        ("50", 50.0, 0, False),  # 以上不超: equal is not over
        ("50.4", 50.0, 0, False),
        ("50.5", 50.0, 0, False),  # half to even: 50
        ("50.51", 50.0, 0, True),
        ("51.5", 51.0, 0, True),  # half to even: 52
        ("0.145", 0.14, 2, False),  # 0.145 is 14.499999… hundredths in binary; in decimal it is the tie
        ("0.155", 0.15, 2, True),
        ("0.5", 0.5, 1, False),
        ("0.55", 0.5, 1, True),
        ("54", 50.0, -1, False),
        ("56", 50.0, -1, True),
        ("0", 0.0, 0, False),
    ],
)
def test_it_compares_the_rounded_value_with_the_limit(value: str, bound: float, decimals: int, over: bool) -> None:
    assert is_over(value, bound, decimals) is over


@given(
    digits=st.integers(0, 10**9),
    places=st.integers(0, 6),
    steps=st.integers(0, 10**5),
    decimals=st.integers(0, 4),
)
def test_it_agrees_with_decimal_arithmetic(digits: int, places: int, steps: int, decimals: int) -> None:
    value, bound = Decimal(digits).scaleb(-places), Decimal(steps).scaleb(-decimals)
    rounded = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
    assert is_over(str(value), float(bound), decimals) is (rounded > bound)
    assert is_under(str(value), float(bound), decimals) is (rounded < bound)


@given(steps=st.integers(1, 10**4), decimals=st.integers(0, 3))
def test_it_knows_the_ties_just_at_the_limit(steps: int, decimals: int) -> None:
    tie = (Decimal(steps) + Decimal("0.5")).scaleb(-decimals)
    assert is_over(str(tie), float(Decimal(steps).scaleb(-decimals)), decimals) is (steps % 2 == 1)


@pytest.mark.parametrize(
    ("bound", "printed", "decimals"),
    [
        (50.0, "50 mg/L", 0),
        (0.5, "0.5 mg/L", 1),
        (0.5, "0.50", 2),
        (50.0, "0.05 mg/L", -1),  # reported in µg/L
        (9.0, "6~9", 0),
        (6.0, "6-9", 0),
        (1.25, "see annex", 2),
        (100.0, "see annex", 0),
    ],
)
def test_it_reads_the_decimals_from_what_the_standard_prints(bound: float, printed: str, decimals: int) -> None:
    assert decimals_of(bound, printed) == decimals
