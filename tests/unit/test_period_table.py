"""Windows in the lake: each revision once, the newest read, older ones kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
from tests.periods_world import plan_of, readings

from qingtian.lake.maintenance import tidy
from qingtian.lake.windows import open_windows, windows
from qingtian.lake.writer import LakeWriter
from qingtian.stream.periods import api

DAY = date(2026, 11, 20)
GAS = {"code": "G1", "medium": "gas"}
STORY = [{"factor": "a21002", "value": 100}]


def made(*later: dict[str, object]) -> pl.DataFrame:
    return api.windows(api.rows_of(readings(DAY, [*STORY, *later])), plan_of(GAS), days=[DAY])


def nothing(lake: Path) -> pl.DataFrame:
    return windows(open_windows(str(lake)), first=DAY, last=DAY)


def test_it_is_empty_with_the_right_columns_before_anybody_wrote(tmp_path: Path) -> None:
    assert nothing(tmp_path).is_empty()
    assert set(api.KEY) < set(nothing(tmp_path).columns)


def test_it_gives_the_newest_revision_and_keeps_the_older(tmp_path: Path) -> None:
    writer = LakeWriter(lake_url=str(tmp_path), app_id="confirmer.0")
    first = api.revise(nothing(tmp_path), made())
    assert first["new"].all()
    writer.append({"periods": api.lake_rows(first.filter("new"), sequence=7)}, last_sequence=7)
    held = nothing(tmp_path)
    assert api.revise(held, made())["new"].any() is False
    second = api.revise(held, made({"factor": "a21002", "value": 130, "from": "08:00", "to": "09:00"}))
    changed = second.filter("new")
    assert sorted(changed["period"].to_list()) == ["day", "hour"]
    for _ in range(2):  # a crash between the lake and the checkpoint offers the rows again
        writer.append({"periods": api.lake_rows(changed, sequence=9)}, last_sequence=9)
    newest = nothing(tmp_path)
    assert len(newest) == 25
    assert newest.filter(period="day")["revision"].to_list() == [2]
    every = windows(open_windows(str(tmp_path)), first=DAY, last=DAY, history=True)
    assert every.filter(period="day")["value"].to_list() == [100.0, 101.25]


def test_a_window_that_is_taken_back_is_left_out_but_not_gone(tmp_path: Path) -> None:
    writer = LakeWriter(lake_url=str(tmp_path), app_id="confirmer.0")
    writer.append({"periods": api.lake_rows(api.revise(nothing(tmp_path), made()), sequence=1)}, last_sequence=1)
    day = nothing(tmp_path).filter(period="day").with_columns(revision=pl.lit(2, pl.Int32))
    writer.append({"periods": api.lake_rows(day, sequence=2, superseded=True)}, last_sequence=2)
    assert nothing(tmp_path).filter(period="day").is_empty()
    assert len(windows(open_windows(str(tmp_path)), first=DAY, last=DAY, periods=["day"], history=True)) == 2


def test_housekeeping_merges_its_files(tmp_path: Path) -> None:
    writer = LakeWriter(lake_url=str(tmp_path), app_id="confirmer.0")
    rows = api.revise(nothing(tmp_path), made())
    for sequence in range(1, 4):
        again = rows.with_columns(revision=pl.lit(sequence, pl.Int32))
        writer.append({"periods": api.lake_rows(again, sequence=sequence)}, last_sequence=sequence)
    before = nothing(tmp_path)
    (tidied,) = [one for one in tidy(lake_url=str(tmp_path), today=date(2026, 11, 25)) if one.table == "periods"]
    assert (tidied.merges, tidied.files_after) == (1, 1)
    assert nothing(tmp_path).equals(before)
