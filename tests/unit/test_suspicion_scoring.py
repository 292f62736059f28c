"""Reading labelled series, and counting what was found and what was a false alarm, worked by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.suspicion_series import START, series_of

from qingtian.entry import cli
from qingtian.stream.suspicions.labelled import Label, UnreadableSeries, read_labels, read_series, role_of
from qingtian.stream.suspicions.scoring import score
from qingtian.stream.suspicions.series import DAY, HOUR, Role
from qingtian.stream.suspicions.suspicion import Suspicion

SERIES = series_of({"nox": np.ones(100), "co": np.ones(100)})


def alarm(detector: str, factor: str, first: int, last: int, weight: float = 0.8) -> Suspicion:
    start, end = START + first * HOUR, START + last * HOUR
    places = {"version": "1", "outlet": "o", "zh": "", "en": "", "numbers": {}}
    return Suspicion(detector=detector, factors=(factor,), start=start, end=end, weight=weight, **places)  # type: ignore[arg-type]


def label(kind: str, factor: str, first: int, last: int) -> Label:
    return Label(kind=kind, factor=factor, start=START + first * HOUR, end=START + last * HOUR)


def test_an_event_is_found_by_any_alarm_on_its_factor_and_named_by_the_one_meant_for_it() -> None:
    labels = [label("zero", "nox", 10, 20), label("spike", "co", 40, 41), label("offline", "*", 60, 70)]
    told = [alarm("flat_line", "nox", 19, 25), alarm("spike", "nox", 40, 41), alarm("silence", "co", 65, 66)]
    found = score(SERIES, labels, told)
    assert {kind: (each.found, each.named) for kind, each in found.kinds.items()} == {
        "zero": (1, 0),
        "spike": (0, 0),
        "offline": (1, 1),
    }
    assert found.recall == pytest.approx(2 / 3)
    assert [each.kind for each in found.missed] == ["spike"]


def test_false_alarm_rows_lie_outside_every_label_and_count_once() -> None:
    labels = [label("zero", "nox", 10, 20)]
    told = [alarm("flat_line", "nox", 18, 25), alarm("spike", "co", 24, 26)]
    found = score(SERIES, labels, told)
    assert (found.false_rows, found.clean_rows) == (6, 90)
    assert found.by_detector == {"flat_line": (1, 5), "spike": (1, 2)}


def test_a_clue_is_no_alarm() -> None:
    found = score(SERIES, [label("zero", "nox", 10, 20)], [alarm("flat_line", "nox", 10, 30, weight=0.4)])
    assert (found.recall, found.false_rows) == (0.0, 0)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("load_mwh", Role.LOAD),
        ("turbine_energy_yield_mwh", Role.LOAD),
        ("turbine_inlet_temp_c", Role.CONDITION),
        ("nox_mg_m3", Role.POLLUTANT),
        ("o2_pct", Role.OXYGEN),
        ("inflow_m3_d", Role.FLOW),
        ("out_cod_mg_l", Role.POLLUTANT),
        ("in_cod_mg_l", Role.CONDITION),
        ("pump_power_kw", Role.POWER),
        ("w01018", Role.POLLUTANT),
    ],
)
def test_the_role_of_a_column_is_told_from_its_name(name: str, role: Role) -> None:
    assert role_of(name) is role


def write(folder: Path, rows: list[str]) -> Path:
    file = folder / "series.csv"
    file.write_text("\n".join(rows), "utf-8")
    return file


def test_missing_rows_become_missing_values_on_the_grid(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        [
            "time,nox_mg_m3,note",
            "2026-01-01 00:00:00,1,x",
            "2026-01-01 01:00:00,,y",
            "2026-01-01 04:00:00,5,z",
            "2026-01-01 05:00:00,6,z",
        ],
    )
    series = read_series(file)
    assert (series.period, series.rows, list(series.columns)) == (HOUR, 6, ["nox_mg_m3"])
    assert series.columns["nox_mg_m3"].values.tolist() == pytest.approx([1, *[float("nan")] * 3, 5, 6], nan_ok=True)


def test_daily_series_are_read_by_their_date(tmp_path: Path) -> None:
    file = write(tmp_path, ["date,out_cod_mg_l", "1990-01-01,97", "1990-01-02,98", "1990-01-04,99"])
    series = read_series(file)
    assert (series.period, series.rows, series.step) == (DAY, 4, "day")


@pytest.mark.parametrize("rows", [["time,nox"], ["time,nox", "yesterday,1", "today,2"]], ids=["empty", "no time"])
def test_a_file_that_is_no_series_is_refused(tmp_path: Path, rows: list[str]) -> None:
    with pytest.raises(UnreadableSeries):
        read_series(write(tmp_path, rows))


def test_labels_without_their_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSeries, match="factor"):
        read_labels(write(tmp_path, ["kind,start,end", "zero,2026-01-01,2026-01-02"]), SERIES)


def test_the_bench_scores_any_pair_of_files_and_ends_with_one_json_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dice = np.random.default_rng(0)
    values = np.round(dice.normal(50, 5, 120), 2)
    values[60:75] = 50.0
    days = np.datetime64("2026-01-01") + np.arange(120)
    lines = [
        "date,cod_mg_l",
        *(f"{day},{value}" for place, (day, value) in enumerate(zip(days, values, strict=True)) if place != 20),
    ]
    file = write(tmp_path, lines)
    labels = tmp_path / "faults.csv"
    labels.write_text(f"kind,factor,start,end,hours,note\nflatline,cod_mg_l,{days[60]},{days[74]},360,\n", "utf-8")
    assert cli.main(["bench", "detect", "--series", str(file), "--labels", str(labels), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["recall"] == 1.0
    assert figures["per_kind"]["flatline"] == {"events": 1, "found": 1, "named": 1, "recall": 1.0}
    assert figures["false_alarm_rate"] <= 0.02
    # simple rules know a constant value and the missing day, and take two days beside the constant ones for far apart
    assert figures["simple_rules"] == {"recall": 1.0, "false_alarm_rate": pytest.approx(3 / 105, abs=1e-5)}


def test_a_file_that_is_not_there_is_told_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "detect", "--series", str(tmp_path / "none.csv")]) == 1
    assert "suspicions.unreadable_series" in capsys.readouterr().err
