"""The face of the series family: finding detectors, choosing rules by date, refusing what cannot be used."""

from __future__ import annotations

import shutil
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import yaml
from tests.suspicion_series import START, plant, series_of

from qingtian.law.machine import check_detector, shelf
from qingtian.stream.findings.detectors import discover as discover_live
from qingtian.stream.suspicions import detectors, handbook, manifest
from qingtian.stream.suspicions.detectors import TwoDetectorsOfOneCode, discover
from qingtian.stream.suspicions.manifest import BrokenSeriesManifest
from qingtian.stream.suspicions.runs import Run, bridged, pieces, stretches, widened
from qingtian.stream.suspicions.series import DAY, HOUR, UnevenSeries

HOME = Path(detectors.__file__).parents[2] / "kinds" / "detectors"


def newcomer(tmp_path: Path, *, code: str = "my_flat_line") -> Path:
    """Copy a detector's folder to a place outside the package and give it a code of its own."""
    folder = tmp_path / code
    shutil.copytree(HOME / "flat_line", folder, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "manifest.yaml"
    file.write_text(file.read_text("utf-8").replace("code: flat_line", f"code: {code}"), "utf-8")
    return folder


def test_the_two_families_live_side_by_side() -> None:
    live = {each.manifest.code for each in discover_live()}
    of_series = {each.manifest.code for each in discover(more=())}
    assert "exceedance" in live
    assert "flat_line" in of_series
    assert live & of_series == set()


def test_a_newcomer_adds_a_detector_by_copying_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = newcomer(tmp_path)
    lines = (folder / "manifest.yaml").read_text("utf-8").replace("hour: 4, day: 4", "hour: 2, day: 2")
    (folder / "manifest.yaml").write_text(lines, "utf-8")
    monkeypatch.setenv("QINGTIAN_KINDS", str(tmp_path))
    columns = plant(rows=200, seed=1)
    columns["nox"][100:103] = 61.5
    found = {each.manifest.code: each.run(series_of(columns)) for each in discover()}
    assert found["flat_line"] == []
    assert [(each.detector, each.factors) for each in found["my_flat_line"]] == [("my_flat_line", ("nox",))]


def test_a_detector_outside_is_no_matter_and_is_checked_as_a_detector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = newcomer(tmp_path)
    monkeypatch.setenv("QINGTIAN_KINDS", str(tmp_path))
    assert "my_flat_line" not in shelf.discover().codes()
    assert folder in shelf.detectors(shelf.outside())
    assert check_detector.problems(folder) == []


def test_a_detector_may_bring_modules_of_its_own(tmp_path: Path) -> None:
    folder = newcomer(tmp_path)
    shutil.move(folder / "detector.py", folder / "lines.py")
    (folder / "detector.py").write_text("from .lines import detect as detect\n", "utf-8")
    columns = plant(rows=200, seed=1)
    columns["nox"][100:120] = 61.5
    mine = next(each for each in discover(more=[tmp_path]) if each.manifest.code == "my_flat_line")
    assert [each.factors for each in mine.run(series_of(columns))] == [("nox",)]


def test_two_detectors_of_one_code_are_refused(tmp_path: Path) -> None:
    newcomer(tmp_path, code="spike")
    with pytest.raises(TwoDetectorsOfOneCode):
        discover(more=[tmp_path])


def test_a_manifest_that_lacks_something_is_refused(tmp_path: Path) -> None:
    folder = newcomer(tmp_path)
    document = yaml.safe_load((folder / "manifest.yaml").read_text("utf-8"))
    del document["reach"]
    (folder / "manifest.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    with pytest.raises(BrokenSeriesManifest, match="reach"):
        manifest.read(folder)


def test_a_parameter_that_is_not_in_force_is_named() -> None:
    spike = next(each for each in discover(more=()) if each.manifest.code == "spike")
    with pytest.raises(BrokenSeriesManifest, match="no_such"):
        spike.manifest.at(date(2026, 1, 1), step="hour")["no_such"]


def test_each_suspicion_is_judged_by_the_rules_of_its_day(tmp_path: Path) -> None:
    folder = newcomer(tmp_path)
    file = folder / "manifest.yaml"
    document = yaml.safe_load(file.read_text("utf-8"))
    rows = document["rules"]["parameters"]["rows"]
    old = next(row for row in rows if row["name"] == "least_rows")
    rows.remove(old)
    rows.append({**old, "to": date(2026, 1, 5)})
    rows.append({**old, "hour": 30, "from": date(2026, 1, 5)})
    file.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    columns = plant(rows=200, seed=1)
    columns["nox"][40:52] = 61.5
    columns["nox"][140:152] = 61.5
    mine = next(each for each in discover(more=[tmp_path]) if each.manifest.code == "my_flat_line")
    assert [(each.start - START) // HOUR for each in mine.run(series_of(columns))] == [40]


def test_an_uneven_series_is_refused() -> None:
    with pytest.raises(UnevenSeries):
        series_of({"nox": np.zeros(5), "co": np.zeros(4)})


def test_a_slice_of_a_series_keeps_its_grid() -> None:
    whole = series_of(plant(rows=100, seed=1))
    part = whole.slice(START + 10 * HOUR, START + 20 * HOUR)
    assert (part.start, part.rows, part.end) == (START + 10 * HOUR, 10, START + 20 * HOUR)
    assert part.columns["nox"].values.tolist() == whole.columns["nox"].values[10:20].tolist()


def test_runs_are_found_bridged_and_widened() -> None:
    mask = np.array([0, 1, 1, 0, 1, 0, 0, 1], np.bool_)
    assert stretches(mask) == [Run(first=1, last=3), Run(first=4, last=5), Run(first=7, last=8)]
    assert stretches(mask, least=2) == [Run(first=1, last=3)]
    assert stretches(bridged(mask, 1)) == [Run(first=1, last=5), Run(first=7, last=8)]
    assert widened(mask, before=1).tolist() == [True, True, True, True, True, False, True, True]


def test_a_long_run_is_cut_on_a_grid_that_does_not_depend_on_where_the_series_begins() -> None:
    whole = series_of({"nox": np.zeros(900)})
    later = whole.slice(START + 77 * HOUR, whole.end)
    cut = [START + run.first * HOUR for run in pieces(whole, np.ones(900, np.bool_))]
    again = [later.start + run.first * HOUR for run in pieces(later, np.ones(later.rows, np.bool_))]
    assert again[1:] == [each for each in cut if each > later.start]
    assert all(b - a <= 7 * DAY for a, b in pairwise(cut))


def test_the_page_of_the_detectors_is_what_their_manifests_say() -> None:
    page = (HOME.parents[3] / "docs" / "detectors.md").read_text("utf-8")
    anew = handbook.renewed(page, discover(more=()))
    assert page == anew, "python -m qingtian.stream.suspicions.handbook docs/detectors.md"
