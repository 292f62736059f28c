"""Factors made of others: NOx of NO and NO2, the furnace's temperature of its thermocouples."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest
from tests.periods_world import moment, plan_of, readings

from qingtian.stream.periods import api

DAY = date(2026, 11, 20)
BOILER: Mapping[str, Any] = {"code": "B1", "medium": "gas", "source_type": "燃气锅炉"}
FURNACE: Mapping[str, Any] = {"code": "I1", "medium": "gas", "source_type": "生活垃圾焚烧炉"}
BELOW_850 = {"factor": "a01901", "period": "5min", "lower": 850.0, "unit": "°C", "standard": "GB 18485-2014"}


def made(outlet: Mapping[str, Any], *entries: Mapping[str, Any], order: str = "") -> pl.DataFrame:
    rows = readings(DAY, entries)
    rows = rows.reverse() if order == "reversed" else rows.sample(fraction=1, shuffle=True, seed=7) if order else rows
    return api.windows(api.rows_of(rows), plan_of(outlet), days=[DAY])


def value(windows: pl.DataFrame, factor: str, *, period: str = "hour", at: str = "08:00", name: str = "value") -> Any:
    found = windows.filter(pl.col("data_time") == moment(DAY, at), factor=factor, period=period)
    return found[name][0] if len(found) else None


def test_nox_is_made_of_no_and_no2_counted_as_no2() -> None:
    told = made(BOILER, {"factor": "a21003", "value": 30}, {"factor": "a21004", "value": 4})
    # 30 * 46/30 + 4 = 50
    assert value(told, "a21002") == pytest.approx(50.0)
    assert value(told, "a21002", period="day", at="00:00") == pytest.approx(50.0)


def test_parts_in_ppm_are_brought_to_milligrams_first() -> None:
    outlet = {**BOILER, "operating": {"ppm": ["a21003", "a21004"]}}
    told = made(outlet, {"factor": "a21003", "value": 100}, {"factor": "a21004", "value": 10})
    # 100 * 30.006 / 22.4 * 46/30 + 10 * 46.005 / 22.4 = 205.398 + 20.538
    assert value(told, "a21002") == pytest.approx(225.936, abs=1e-3)


def test_the_hour_of_the_device_is_made_of_its_parts_as_well() -> None:
    told = made(BOILER, {"cn": 2061, "factor": "a21003", "value": 30}, {"cn": 2061, "factor": "a21004", "value": 4})
    assert value(told, "a21002", name="reported") == pytest.approx(50.0)


def test_a_device_that_sends_nox_is_believed() -> None:
    parts = [{"factor": "a21003", "value": 30}, {"factor": "a21004", "value": 4}]
    assert value(made(BOILER, *parts, {"factor": "a21002", "value": 47}), "a21002") == 47


def test_one_part_alone_makes_nothing() -> None:
    assert value(made(BOILER, {"factor": "a21003", "value": 30}), "a21002") is None


def test_a_part_that_does_not_count_takes_the_whole_with_it() -> None:
    told = made(BOILER, {"factor": "a21003", "value": 30}, {"factor": "a21004", "value": 4, "flag": "D"})
    assert value(told, "a21002") is None
    assert value(told, "a21002", name="excluded") == "D60"


def thermocouples(*lower: float) -> list[dict[str, Any]]:
    upper = [("i33310", 860.0), ("i33311", 870.0), ("i33312", 400.0)]
    return [
        {"factor": code, "value": value}
        for code, value in (*upper, *((f"i3332{number}", value) for number, value in enumerate(lower)))
    ]


def test_the_furnace_is_as_hot_as_the_medians_of_its_sections() -> None:
    # upper: the median of 860, 870 and a broken 400 is 860; middle: of 840 and 850 it is 845; (860 + 845) / 2
    told = made(FURNACE, *thermocouples(840.0, 850.0))
    assert value(told, "a01901", period="5min") == pytest.approx(852.5)


def test_a_thermocouple_flagged_as_broken_is_left_out_of_its_section() -> None:
    told = made(FURNACE, *thermocouples(840.0, 850.0), {"factor": "i33311", "value": 1300, "flag": "D"})
    # upper: the median of 860 and 400 is 630; (630 + 845) / 2
    assert value(told, "a01901", period="5min") == pytest.approx(737.5)


def test_thermocouples_below_850_make_the_finding_that_the_mean_would_make() -> None:
    cold = [{"factor": code, "value": 840, "from": "14:00", "to": "14:30"} for code in ("i33310", "i33320")]
    warm = [{"factor": code, "value": 900} for code in ("i33310", "i33320")]
    told = made(FURNACE, *warm, *cold)
    (found,) = api.judge(told, plan_of({**FURNACE, "limits": [BELOW_850]}))
    assert (found.factor, found.count, found.value) == ("a01901", 6, 840.0)


@pytest.mark.parametrize("order", ["reversed", "shuffled"])
def test_the_order_of_arrival_in_the_lake_changes_nothing(order: str) -> None:
    entries = [*thermocouples(840.0, 850.0), {"factor": "i33320", "value": 700, "from": "08:00", "to": "09:00"}]
    assert made(FURNACE, *entries, order=order).equals(made(FURNACE, *entries))
