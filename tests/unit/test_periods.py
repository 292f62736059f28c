"""The windows in detail: conversions, intervals, marks, contradictions, projection, months, totals, explanations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.periods_world import MN, marks_of, moment, plan_of, readings

from qingtian.base.times import BEIJING
from qingtian.stream.periods import api, conversion, parameters, totals

DAY = date(2026, 11, 20)
GAS = {"code": "G1", "medium": "gas", "operating": {"reference_oxygen": 3.5}}
WATER = {"code": "W1", "medium": "water"}
CONSTANTS = parameters.at(DAY).constants


def made(outlet: dict[str, Any], *entries: dict[str, Any], marks: Any = ()) -> pl.DataFrame:
    found = marks_of(DAY, outlet["code"], marks)
    return api.windows(api.rows_of(readings(DAY, entries)), plan_of(outlet), marks=found, days=[DAY])


def row(windows: pl.DataFrame, factor: str, period: str = "hour", at: str = "08:00") -> dict[str, Any]:
    chosen = windows.filter(pl.col("data_time") == moment(DAY, at), factor=factor, period=period)
    return chosen.row(0, named=True)


def test_it_converts_as_the_standard_prints_it() -> None:
    # 100 ppm NO: 100 * 30.006 / 22.4 = 133.955 mg/m3
    nitric = conversion.from_ppm(100.0, molar_mass=30.006, constants=CONSTANTS)
    assert nitric == pytest.approx(133.9554, abs=1e-4)
    # 127 °C, static pressure -1.325 kPa: 101.325 / (101.325 - 1.325) * 400 / 273
    hot = {"temperature_c": 127.0, "pressure_kpa": -1.325, "atmosphere_kpa": 101.325, "constants": CONSTANTS}
    assert conversion.to_standard(50.0, **hot) == pytest.approx(50 * 1.01325 * 400 / 273)
    assert conversion.to_dry(80.0, humidity_percent=20.0) == pytest.approx(100.0)
    assert conversion.dry_standard_flow(1000.0, humidity_percent=10.0, **hot) == pytest.approx(
        1000 * 273 / 400 * (100 / 101.325) * 0.9
    )


@pytest.mark.parametrize("oxygen", [20.0, 20.9, 21.0, 25.0, float("nan")])
def test_it_does_not_convert_near_air(oxygen: float) -> None:
    assert np.isnan(conversion.to_reference_oxygen(50.0, oxygen=oxygen, reference=3.5, constants=CONSTANTS))


def test_it_brings_wet_hot_ppm_to_standard_dry_as_the_plan_says() -> None:
    operating = {"gas_state": "actual_wet", "flow_state": "actual_wet", "duct_m2": 2.0, "reference_oxygen": None}
    outlet = GAS | {"operating": operating | {"ppm": ["a21026"]}}
    surroundings = [("a01011", 10), ("a01012", 127), ("a01013", -1.325), ("a01014", 20)]
    told = made(
        outlet,
        *({"factor": factor, "value": value} for factor, value in surroundings),
        {"factor": "a21002", "value": 50},
        {"factor": "a21026", "value": 10},
    )
    state = 1.01325 * 400 / 273
    flow = 3600 * 2 * 10 / state * 0.8
    assert row(told, "a21002")["value"] == pytest.approx(50 * state / 0.8)
    assert row(told, "a21026")["value"] == pytest.approx(10 * 64.06 / 22.4)
    assert row(told, "a21002")["volume"] == pytest.approx(flow)
    assert row(told, "a21002")["amount"] == pytest.approx(50 * state / 0.8 * flow * 1e-6)


def test_a_record_of_ten_minutes_stands_for_ten() -> None:
    told = made(GAS, {"factor": "a21002", "value": 9, "every": 10, "except": [["08:20", "08:40"]]})
    assert (row(told, "a21002", at="07:00")["covered"], row(told, "a21002", at="07:00")["valid"]) == (60, True)
    assert (row(told, "a21002")["covered"], row(told, "a21002")["reason"]) == (40, "minutes")


def test_a_plan_that_knows_the_interval_is_believed() -> None:
    told = made(GAS | {"operating": {"minute_interval": 5}}, {"factor": "a21002", "value": 9, "every": 10})
    assert row(told, "a21002")["covered"] == 30


def test_codes_of_2005_are_read_under_those_of_2017_in_their_unit() -> None:
    told = made(WATER, {"cn": 2061, "factor": "020", "value": 0.002}, {"cn": 2061, "factor": "B01", "value": 10})
    assert row(told, "w20111")["value"] == pytest.approx(2.0)  # 0.002 mg/L of mercury are 2 µg/L
    assert row(told, "w20111")["amount"] == pytest.approx(2e-6 * 36 * 1)  # 10 L/s: 36 m3; 2 µg/L = 0.002 g/m3


def test_a_flow_that_sends_its_total_alone_weighs_as_well() -> None:
    told = made(
        WATER,
        {"cn": 2061, "factor": "w00000", "measure": "Cou", "value": 18},
        {"cn": 2061, "factor": "w00000", "measure": "Cou", "value": 18, "flag": "D", "from": "09:00", "to": "10:00"},
        {"cn": 2061, "factor": "w01018", "value": 50},
    )
    assert (row(told, "w00000")["value"], row(told, "w01018")["volume"]) == (5.0, 18.0)  # 18 m3/h are 5 L/s
    assert (row(told, "w01018", at="09:00")["volume"], row(told, "w01018", at="09:00")["valid"]) == (None, True)
    # one valid hour lacks its flow, so the day is the plain mean
    assert row(told, "w01018", "day", "00:00")["weighted"] is False


def test_an_unknown_flag_and_a_value_that_is_none_do_not_count() -> None:
    told = made(
        GAS,
        {"factor": "a21002", "value": 9},
        {"factor": "a21002", "value": 9, "flag": "z", "from": "08:00", "to": "08:10"},
        {"factor": "a21002", "value": float("nan"), "from": "08:10", "to": "08:12"},
    )
    assert (row(told, "a21002")["n"], row(told, "a21002")["own"]) == (48, 9.0)
    assert row(told, "a21002")["excluded"].startswith("?1")


@pytest.mark.parametrize(("until", "reason"), [("08:10", ""), ("08:20", "marked")])
def test_a_mark_of_a_quarter_of_an_hour_takes_its_minutes_out(until: str, reason: str) -> None:
    marks = [{"kind": "device", "label": "CEMS维护", "from": "08:00", "to": until}]
    told = row(made(GAS, {"factor": "a21002", "value": 9}, marks=marks), "a21002")
    assert (told["reason"], told["n"]) == (reason, 60 if not reason else 40)


def test_marks_that_touch_count_as_one_stretch_and_unknown_labels_do_nothing() -> None:
    marks = [
        {"kind": "device", "label": "CEMS维护", "from": "08:00", "to": "08:10"},
        {"kind": "device", "label": "校准", "from": "08:10", "to": "08:20"},
        {"kind": "device", "label": "喝茶", "from": "09:00", "to": "10:00"},
    ]
    told = made(GAS, {"factor": "a21002", "value": 9}, marks=marks)
    assert row(told, "a21002")["reason"] == "marked"
    assert row(told, "a21002", at="09:00")["valid"]


def test_a_stop_that_is_marked_takes_its_hours_from_those_due() -> None:
    marks = [{"kind": "condition", "label": "停运", "from": "12:00", "to": "24:00"}]
    told = made(GAS, {"factor": "a21002", "value": 9, "to": "12:00"}, marks=marks)
    day = row(told, "a21002", "day", "00:00")
    assert (day["n"], day["due"], day["needed"], day["valid"]) == (12, 12, 9, True)


def test_a_day_with_too_few_hours_has_a_mean_but_no_value() -> None:
    day = row(made(GAS, {"factor": "a21002", "value": 9, "to": "17:00"}), "a21002", "day", "00:00")
    assert (day["own"], day["value"], day["reason"], day["n"], day["needed"]) == (9.0, None, "hours", 17, 18)


def test_it_finds_where_device_and_data_contradict() -> None:
    told = made(
        GAS,
        {"factor": "a19001", "value": 6},
        {"factor": "a21002", "value": 100},
        {"factor": "a21002", "value": 90, "cn": 2061, "from": "08:00", "to": "09:00"},
        {"factor": "a21002", "value": 100.1, "cn": 2061, "from": "09:00", "to": "10:00"},
        {"factor": "a21002", "value": 80, "cn": 2061, "measure": "ZsAvg", "from": "09:00", "to": "10:00"},
    )
    found = api.contradictions(told, day=DAY)
    assert found.select("data_time", "what", "own", "reported").rows() == [
        (moment(DAY, "08:00"), "mean", 100.0, 90.0),
        (moment(DAY, "09:00"), "converted", pytest.approx(100.1 * 17.5 / 15), 80.0),
    ]


def test_it_projects_the_end_of_the_day() -> None:
    limits = [{"factor": "a21002", "period": "day", "upper": 100.0, "unit": "mg/m3"}]
    entries = [
        {"factor": "a21002", "value": 80, "to": "08:00"},
        {"factor": "a21002", "value": 140, "from": "08:00", "to": "12:00"},
    ]
    told = made(GAS | {"limits": limits}, *entries)
    (found,) = api.project(told, plan_of(GAS | {"limits": limits}), day=DAY, now=moment(DAY, "12:00")).rows(named=True)
    # (8 * 80 + 4 * 140) / 12 = 100; the latest three hours are 140: (1200 + 12 * 140) / 24 = 120
    assert (found["running"], found["projected"], found["left"]) == (100.0, 120.0, 12)
    # the limit is reached if the twelve hours to come average (100 * 24 - 1200) / 12 = 100
    assert found["room"] == 100.0


def test_a_month_is_the_mean_of_its_hours_and_counts_the_days_that_are_not_there() -> None:
    rows = pl.concat(
        [readings(date(2026, 11, number), [{"factor": "a21002", "value": number}]) for number in range(1, 26)]
    )
    days = [date(2026, 11, number) for number in range(1, 26)]
    windows = api.windows(api.rows_of(rows), plan_of(GAS), days=days)
    month = api.month_of(windows, first=date(2026, 11, 1)).row(0, named=True)
    assert (month["value"], month["n"], month["due"], month["needed"], month["valid"]) == (13.0, 600, 720, 540, True)
    few = api.month_of(windows.filter(pl.col("data_time") < moment(DAY, "00:00")), first=date(2026, 11, 1))
    assert (few.row(0, named=True)["value"], few.row(0, named=True)["reason"]) == (None, "hours")


@pytest.mark.parametrize(
    ("missing", "total", "method"),
    [
        (24, 2160, 10.0),  # capture 98.9 %, a gap of a day: the highest of the 180 valid hours before it
        (25, 2160, 20.0),  # a longer gap: of 720
        (300, 2160, 30.0),  # capture 86 %: of 2160
        (600, 2160, None),  # capture 72 %: nobody but a person
    ],
)
def test_a_missing_emission_is_replaced_by_the_rule_of_its_quarter(
    missing: int, total: int, method: float | None
) -> None:
    history = 2200
    rate = np.full(history + total, 10.0)
    rate[history + 500 - 700], rate[history + 500 - 2000] = 20.0, 30.0
    state = np.zeros(history + total, np.int8)
    state[history + 500 : history + 500 + missing] = totals.MISSING
    capture = (total - missing) / total
    filled, row = totals.substituted(rate, state, first=history, table=totals._table("gas", capture, DAY))
    gap = filled[history + 500 : history + 500 + missing]
    assert np.isnan(gap).all() if method is None else (gap == method).all()
    assert np.array_equal(np.flatnonzero(row >= 0), history + 500 + np.arange(missing))


def test_a_quarter_tells_what_was_measured_filled_and_left_to_a_person() -> None:
    start = datetime(2026, 10, 1, tzinfo=BEIJING)
    hours = [start + timedelta(hours=number) for number in range(100)]
    frame = pl.DataFrame(
        {
            "outlet": "W1", "mn": MN, "factor": "w01018", "medium": "water", "period": "hour", "data_time": hours,
            "amount": [2.0] * 40 + [4.0] * 10 + [None] * 10 + [6.0] * 40,
            "reason": [""] * 50 + ["flag"] * 6 + ["zero_flow"] * 4 + [""] * 40,
        }
    ).with_columns(pl.col("data_time").dt.convert_time_zone("UTC"))  # fmt: skip
    (found,) = api.quarter_totals(frame, first=date(2026, 10, 1), end=date(2026, 10, 5))
    # the quarter's end is cut to 96 hours; water: six missing, the mean of the six valid hours before is 4
    assert (found.hours, found.standing, found.missing, found.filled) == (96, 4, 6, 6)
    assert (found.measured_kg, found.filled_kg) == (80 + 40 + 36 * 6, 24.0)
    assert found.capture == pytest.approx(86 / 92)
    assert found.replaced == (totals.Replaced(method="mean_before", hours_back=0, hours=6, kg=24.0),)


def test_an_hour_out_of_control_says_so_and_other_instruments_count_on() -> None:
    failed = {"kind": "quality", "label": "失控", "from": "08:00", "to": "10:20", "factors": ["a21002"]}
    told = made(GAS, {"factor": "a21002", "value": 50}, {"factor": "a19001", "value": 6}, marks=[failed])
    assert [row(told, "a21002", at=at)["reason"] for at in ("07:00", "08:00", "09:00", "10:00")] == [
        *("", "out_of_control", "out_of_control", "out_of_control")
    ]
    assert row(told, "a21002", at="11:00")["valid"]
    assert row(told, "a19001")["valid"]
    assert "该时段无效：失控时段（质控检查不合格，或超期未校准）。" in api.explain(row(told, "a21002"), "zh")
    assert any("out of control" in step for step in api.explain(row(told, "a21002"), "en"))
    # 20 of its 60 minutes are lost, and 40 are fewer than 45; a mark of maintenance beside it is another reason
    serviced = {"kind": "device", "label": "维护", "from": "11:00", "to": "12:00"}
    both = made(GAS, {"factor": "a21002", "value": 50}, marks=[failed, serviced])
    assert [row(both, "a21002", at=at)["reason"] for at in ("10:00", "11:00")] == ["out_of_control", "marked"]


def test_hours_out_of_control_are_replaced_by_what_was_before_the_last_passed_check() -> None:
    start = datetime(2026, 10, 1, tzinfo=BEIJING)
    hours = [start + timedelta(hours=number) for number in range(400)]
    # the analyser drifts upwards from hour 200 on; what it read since the passed check is not taken
    amounts = [2.0] * 150 + [3.0] + [2.0] * 49 + [9.0] * 100 + [None] * 10 + [2.0] * 40 + [None] * 2 + [2.0] * 48
    reasons = [""] * 300 + ["out_of_control"] * 10 + [""] * 40 + ["flag"] * 2 + [""] * 48
    frame = pl.DataFrame(
        {
            "outlet": "G1", "mn": MN, "factor": "a21002", "medium": "gas", "period": "hour", "data_time": hours,
            "amount": amounts, "reason": reasons,
        }
    ).with_columns(pl.col("data_time").dt.convert_time_zone("UTC"))  # fmt: skip
    failed = api.Mark(
        outlet="G1",
        kind="quality",
        label="失控",
        start=start + timedelta(hours=300),
        end=start + timedelta(hours=310),
        factors=("a21002",),
        passed=start + timedelta(hours=200),
    )
    end = date(2026, 10, 17)
    # 10 hours by the highest of the 180 valid ones before hour 200: 3 kg; the 2 that were flagged by those before
    # themselves: 9 kg
    (told,) = api.quarter_totals(frame, first=date(2026, 10, 1), end=end, marks=[failed])
    assert (told.hours, told.missing, told.filled, told.filled_kg) == (384, 12, 12, 48.0)
    # no passed check is known: from where the gap begins
    (other,) = api.quarter_totals(frame, first=date(2026, 10, 1), end=end, marks=[replace(failed, passed=None)])
    assert other.filled_kg == 108.0


def test_a_quarter_says_which_rule_stands_for_which_hours() -> None:
    table = totals._table("gas", 0.95, DAY)
    rate, state = np.full(400, 10.0), np.zeros(400, np.int8)
    rate[150] = 30.0
    state[310:322] = state[340:370] = totals.MISSING
    told = totals._replaced(*totals.substituted(rate, state, first=0, table=table), table)
    # 12 hours: the highest of the 180 before; 30 hours: of the 720, and the 30 kg of hour 150 is among them
    assert told == (
        totals.Replaced(method="maximum", hours_back=180, hours=12, kg=360.0),
        totals.Replaced(method="maximum", hours_back=720, hours=30, kg=900.0),
    )


def test_a_value_explains_itself_in_both_languages() -> None:
    limit = {"factor": "a21002", "period": "hour", "upper": 116.0, "unit": "mg/m3", "measure": "ZsAvg"}
    told = made(
        GAS,
        {"factor": "a19001", "value": 6},
        {"factor": "a00000", "value": 2},
        {"factor": "a21002", "value": 100},
        {"factor": "a21002", "value": 999, "flag": "C", "from": "08:50", "to": "09:00"},
    )
    bound = plan_of(GAS | {"limits": [limit]}).outlets[0].limits[0]
    zh = api.explain(row(told, "a21002"), "zh", limit=bound)
    assert zh == [
        "氮氧化物：有效记录50个，代表50分钟。",
        "不计入：校准 10。",
        "算术平均：Σx/n，n=50，得100mg/m³。",
        "采用值100mg/m³。",
        "折算：100×(21−3.5)/(21−6)=116.6667mg/m³。",
        "排放量（实测浓度，不用折算值）：100mg/m³×7200m³×10⁻⁶=0.72kg。",
        "该时段的数据曾被更正，采用最后到达的一份。",
        "116.6667mg/m³按 GB/T 8170 修约为116.7mg/m³，超出限值 116.0 mg/m³（GB 0）。",
    ]
    en = api.explain(row(told, "a21002"), "en", limit=bound)
    assert len(en) == len(zh)
    assert "Left out: calibration 10." in en
