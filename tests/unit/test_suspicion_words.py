"""What a suspicion says of a factor that has no unit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.suspicion_series import series_of

from qingtian.stream.suspicions.detectors import discover
from qingtian.stream.suspicions.series import Column, Role
from qingtian.stream.suspicions.suspicion import Suspicion


def told_of(unit: str) -> Suspicion:
    """Return what is said of three hours of pH 7 that the device reported as 6."""
    ours = np.full(24, 7.0)
    reported = np.where((np.arange(24) >= 10) & (np.arange(24) < 13), 6.0, ours)
    column = Column(code="w01001", role=Role.CONDITION, values=ours, zh="pH值", en="pH", unit=unit, reported=reported)
    series = replace(series_of({"w01001": ours}), columns={"w01001": column})
    (own_average,) = [each for each in discover(more=()) if each.manifest.code == "own_average"]
    (told,) = own_average.run(series)
    return told


def test_ph_is_said_as_a_number_alone() -> None:
    told = told_of("dimensionless")
    assert "6.0低于" in told.zh
    assert "(7.0)" in told.en
    assert "dimensionless" not in told.zh + told.en
    assert told.charts[0].unit == ""


def test_a_unit_is_said_with_its_number() -> None:
    told = told_of("mg/L")
    assert "6.0mg/L低于" in told.zh
    assert told.charts[0].unit == "mg/L"
