"""The face of the series family: a detector is a folder with a pure function ``detect(series, rules)``, found at start.

`discover` reads the folders of the package and those of ``QINGTIAN_KINDS``; nobody imports a detector by name.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import ModuleType

from qingtian.base.errors import QingtianError
from qingtian.law.machine import shelf
from qingtian.stream.suspicions import manifest as manifests
from qingtian.stream.suspicions.manifest import FAMILY, Manifest, Rules, day_of
from qingtian.stream.suspicions.runs import longest
from qingtian.stream.suspicions.series import Series
from qingtian.stream.suspicions.suspicion import AROUND, Suspicion

PACKAGE = "qingtian.kinds.detectors"
OUTSIDE = "qingtian_kinds_outside"

Detect = Callable[[Series, Rules], list[Suspicion]]


class TwoDetectorsOfOneCode(QingtianError):
    code = "suspicions.two_of_one_code"
    zh = "疑点检测器 {detector} 有两个同名的文件夹。请给其中一个改名（文件夹名与 manifest 的 code 一致）。"
    en = "Two folders hold a series detector {detector}. Rename one of them (the folder and the code of its manifest)."


@dataclass(frozen=True, kw_only=True)
class SeriesDetector:
    """A manifest and its function."""

    manifest: Manifest
    detect: Detect

    def looks_at(self, series: Series) -> bool:
        return series.step in self.manifest.reach

    def run(self, series: Series) -> list[Suspicion]:
        """Return the suspicions in the order of their start; each judged by the rules of the day it starts on."""
        if series.rows == 0 or not self.looks_at(series):
            return []
        first, last = day_of(series.start), day_of(series.end - 1)
        days = [first, *sorted(day for day in self.manifest.changes() if first < day <= last)]
        found = []
        for place, day in enumerate(days):
            until = days[place + 1] if place + 1 < len(days) else None
            told = self.detect(series, self.manifest.at(day, step=series.step))
            found += [each for each in told if _within(each, day, until)]
        return sorted(found, key=lambda each: (each.start, each.factors, each.end))

    def begun(self, series: Series, start: int, end: int) -> list[Suspicion]:
        """Return the suspicions that begin in [start, end) µs, as `run` on the whole series tells them, charts too."""
        if not self.looks_at(series):
            return []
        first, last = self.needed_for(start, end, step=series.step, period=series.period)
        shown = AROUND * series.period
        told = self.run(series.around(first - shown, last + shown, asked=(start, end)))
        return [each for each in told if start <= each.start < end]

    def changed_by(self, start: int, end: int, *, step: str, period: int) -> tuple[int, int]:
        """Return the range whose suspicions may change when data of [start, end) changed."""
        reach, margin = self.manifest.reach[step], longest(step, period) * period
        return start - reach.ahead - margin, end + reach.back + margin

    def needed_for(self, start: int, end: int, *, step: str, period: int) -> tuple[int, int]:
        """Return the range of data that tells all suspicions overlapping [start, end) as the whole history would."""
        reach, margin = self.manifest.reach[step], longest(step, period) * period
        return start - reach.back - margin, end + reach.ahead + margin


def _within(suspicion: Suspicion, day: date, until: date | None) -> bool:
    start = day_of(suspicion.start)
    return start >= day and (until is None or start < until)


def overlapping(suspicions: Sequence[Suspicion], start: int, end: int) -> list[Suspicion]:
    """Return those that touch [start, end)."""
    return [each for each in suspicions if each.start < end and each.end > start]


def discover(more: Sequence[Path] | None = None) -> tuple[SeriesDetector, ...]:
    """Return the detectors of the package and of ``more`` (default: ``QINGTIAN_KINDS``), by code; read once.

    :raises BrokenSeriesManifest: if a manifest is incomplete.
    :raises TwoDetectorsOfOneCode: if a code is there twice.
    """
    return _discovered(tuple(shelf.outside() if more is None else more))


@cache
def _discovered(more: tuple[Path, ...]) -> tuple[SeriesDetector, ...]:
    home = Path(str(files(PACKAGE)))
    found: dict[str, SeriesDetector] = {}
    for folder in [each for parent in (home, *more) for each in _folders(parent)]:
        detector = _load(folder, inside=folder.parent == home)
        if detector.manifest.code in found:
            raise TwoDetectorsOfOneCode(detector=detector.manifest.code)
        found[detector.manifest.code] = detector
    return tuple(found[code] for code in sorted(found))


def _folders(parent: Path) -> list[Path]:
    folders = sorted(each for each in parent.iterdir() if (each / "detector.py").is_file())
    return [each for each in folders if manifests.family_of(each) == FAMILY]


def _load(folder: Path, *, inside: bool) -> SeriesDetector:
    package = f"{PACKAGE}.{folder.name}" if inside else _outside(folder)
    module = importlib.import_module(f"{package}.detector")
    return SeriesDetector(manifest=manifests.read(folder), detect=module.detect)


def _outside(folder: Path) -> str:
    """Make a folder that is not of the package importable under a name of its own; its own modules included."""
    name = f"{OUTSIDE}_{abs(hash(str(folder.resolve()))):x}_{folder.name}"
    module = ModuleType(name)
    module.__path__ = [str(folder)]
    sys.modules[name] = module
    return name
