"""Units are exact, limits come in the unit of the device, and maps do not lie by 600 metres."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from qingtian.base.coordinates import to_gcj02, to_wgs84
from qingtian.base.units import UnitsDoNotMatch, convert
from qingtian.law import limits


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        ("0.1", "mg/L", "µg/L", "100"),
        ("0.005", "mg/L", "µg/L", "5"),
        ("3", "ng/L", "mg/L", "0.000003"),
        ("50", "mg/m3", "µg/m3", "50000"),
        ("9", "1", "dimensionless", "9"),
    ],
)
def test_it_converts_exactly(value: str, source: str, target: str, expected: str) -> None:
    assert convert(Decimal(value), source=source, target=target) == Decimal(expected)


def test_it_refuses_to_make_colour_of_dilution_or_mass_of_volume() -> None:
    for source, target in (("times", "Pt-Co degree"), ("mg/L", "mg/m3"), ("kg/h", "mg/m3"), ("mg/L", "dB")):
        with pytest.raises(UnitsDoNotMatch):
            convert(Decimal(1), source=source, target=target)


def test_it_gives_chromium_vi_in_the_unit_the_device_reports() -> None:
    (bound,) = [
        bound
        for bound in limits.bounds(standard="DB44/1597-2015", source_type="电镀/珠三角新建项目(表2)")
        if bound.factor == "w20117"
    ]
    assert (bound.upper, bound.unit, bound.printed) == (Decimal(100), "µg/L", "<= 0.1 mg/L")


def test_it_judges_ph_of_sewage_by_the_day_until_february_2026_and_by_the_value_since() -> None:
    ph = [
        bound
        for bound in limits.bounds(standard="GB 18918-2002", source_type="城镇污水处理厂/一级A")
        if bound.factor == "w01001"
    ]
    assert {bound.period for bound in ph if bound.in_force(date(2026, 2, 28))} == {"day"}
    assert {bound.period for bound in ph if bound.in_force(date(2026, 3, 1))} == {"instant"}


def test_it_prints_a_limit_with_its_unit_and_ph_without() -> None:
    found = limits.bounds(standard="GB 39731-2020", source_type="电子工业/印制电路板/直接排放")
    printed = {bound.printed for bound in found if bound.factor in ("w01001", "w01018")}
    assert {">= 6", "<= 9", "<= 100 mg/L"} == printed


def test_it_leaves_out_rows_under_a_condition_and_rows_without_a_figure() -> None:
    ammonia = [
        bound.upper
        for bound in limits.bounds(standard="GB 18918-2002", source_type="城镇污水处理厂/一级A")
        if bound.factor == "w21003"
    ]
    assert ammonia == [Decimal(5)]


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [((114.0579, 22.5431), (114.063014, 22.540383)), ((116.3913, 39.9075), (116.397541, 39.908901))],
)
def test_it_shifts_as_published_and_back(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    assert to_gcj02(*wgs84) == pytest.approx(gcj02, abs=3e-6)
    assert to_wgs84(*to_gcj02(*wgs84)) == pytest.approx(wgs84, abs=1e-8)
