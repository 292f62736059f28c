"""One code and one unit for the values of all editions."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingtian.base.units import UnitsDoNotMatch
from qingtian.law import rules
from qingtian.stream.hj212.factors import factor
from qingtian.stream.hj212.quantities import Quantity, canonical, measured


def one(name: str, tag: str, text: str, **units: str) -> Quantity:
    (found,) = measured({name: {tag: text, "Flag": "N"}}, units=units)
    return found


def test_lead_of_2005_in_mg_and_of_2017_in_ug_are_one_figure() -> None:
    old, new = one("027", "Avg", "0.050"), one("w20120", "Avg", "50")
    assert (old.code, old.value, old.unit) == (new.code, new.value, new.unit) == ("w20120", Decimal(50), "µg/L")
    assert (old.sent_as, old.mark) == ("027", "N")


def test_a_name_that_kept_its_unit_keeps_its_value() -> None:
    cod = one("011", "Rtd", "40.10")
    assert (cod.code, str(cod.value), cod.unit) == ("w01018", "40.10", "mg/L")


def test_thallium_and_pressure_change_by_a_million_and_a_thousand() -> None:
    assert one("041", "Avg", "0.0001").value == Decimal(100)
    assert one("S08", "Avg", "-0.0021").value == Decimal("-2.1")


def test_a_unit_that_was_not_read_is_not_guessed() -> None:
    hch, total = one("350", "Avg", "0.005"), one("027", "Cou", "0.005")
    assert (hch.value, hch.unit) == (Decimal("0.005"), None)
    assert (total.value, total.unit) == (Decimal("0.005"), None)
    assert one("w20120", "Cou", "3").unit == "g"


def test_a_device_may_be_known_to_send_another_unit() -> None:
    # 2017 prints ng/m3 for ammonia; most devices send mg/m3
    assert one("a21001", "Rtd", "1.5", a21001="mg/m3").value == Decimal(1500000)
    with pytest.raises(UnitsDoNotMatch):
        one("a21001", "Rtd", "1.5", a21001="mg/L")


def test_a_name_of_no_table_stays_as_sent() -> None:
    dust = one("PM25", "Rtd", "83.8")
    assert (dust.code, dust.unit) == ("PM25", None)
    assert one("PM25", "Rtd", "83.8", PM25="µg/m3").unit == "µg/m3"
    assert canonical("B01") == "w00000"
    assert canonical("e10103") == "e10103"
    # trivalent chromium has no code of 2017
    assert (canonical("025"), one("025", "Avg", "0.2").unit) == ("025", "mg/L")


def test_marks_and_texts_are_no_quantities() -> None:
    assert list(measured({"w01018": {"Flag": "N", "Rtd": "--", "SampleTime": "20260101000000"}})) == []


def test_every_row_of_2005_is_a_name_of_the_factor_table() -> None:
    for rule in rules.table("factor_units_2005"):
        known = factor(rule["code_2005"])
        assert known is not None
        assert known.zh == rule["zh"]
        assert rule.get("unit") != known.unit


@given(st.decimals(0, 10**6, places=6))
def test_the_conversion_loses_no_digit(value: Decimal) -> None:
    assert one("020", "Avg", f"{value:f}").value / 1000 == value
