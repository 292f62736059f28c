"""How good the detectors are on a labelled series: events found, and hours of false alarm.

* An event counts as found if an alarm (a suspicion of at least `ALARM`) on its factor touches one of its rows.
* It counts as named if one of these alarms comes from a detector that is meant for its kind (`MEANT_FOR`).
* A row is a false alarm if an alarm covers it and no label does; the rate is their share of all rows without a label.
  No tolerance is given about a label, and a row under two false alarms counts once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qingtian.stream.suspicions.labelled import EVERY_FACTOR, Label
from qingtian.stream.suspicions.series import Mask, Series
from qingtian.stream.suspicions.suspicion import ALARM, Suspicion

MEANT_FOR: Mapping[str, frozenset[str]] = {
    "clipped": frozenset({"clipped"}),
    "drift": frozenset({"drift"}),
    "exceedance": frozenset({"spike", "near_limit"}),
    "flatline": frozenset({"flat_line"}),
    "load_contradiction": frozenset({"contradiction"}),
    "negative": frozenset({"zero_negative"}),
    "offline": frozenset({"silence"}),
    "replay": frozenset({"replayed"}),
    "smoothed": frozenset({"variance_collapse"}),
    "spike": frozenset({"spike"}),
    "step_after_maintenance": frozenset({"step"}),
    "zero": frozenset({"zero_negative"}),
}


@dataclass(frozen=True, kw_only=True)
class KindScore:
    events: int
    found: int
    named: int


@dataclass(frozen=True, kw_only=True)
class Score:
    """``false_rows`` of ``clean_rows``; ``by_detector``: alarms, and rows of false alarm each alone would give."""

    kinds: Mapping[str, KindScore]
    false_rows: int
    clean_rows: int
    by_detector: Mapping[str, tuple[int, int]]
    missed: Sequence[Label]

    @property
    def events(self) -> int:
        return sum(kind.events for kind in self.kinds.values())

    @property
    def recall(self) -> float:
        return sum(kind.found for kind in self.kinds.values()) / max(self.events, 1)

    @property
    def named(self) -> float:
        return sum(kind.named for kind in self.kinds.values()) / max(self.events, 1)

    @property
    def false_alarm_rate(self) -> float:
        return self.false_rows / max(self.clean_rows, 1)


def score(series: Series, labels: Sequence[Label], suspicions: Sequence[Suspicion]) -> Score:
    """Compare what was told with what is known."""
    alarms = [each for each in suspicions if each.weight >= ALARM]
    touching = [[alarm for alarm in alarms if _finds(alarm, label)] for label in labels]
    clean = ~_covered(series, labels)
    codes = sorted({alarm.detector for alarm in alarms})
    own = {code: [alarm for alarm in alarms if alarm.detector == code] for code in codes}
    return Score(
        kinds={kind: _kind(kind, labels, touching) for kind in sorted({label.kind for label in labels})},
        false_rows=int((_covered(series, alarms) & clean).sum()),
        clean_rows=int(clean.sum()),
        by_detector={code: (len(own[code]), int((_covered(series, own[code]) & clean).sum())) for code in codes},
        missed=[label for label, found in zip(labels, touching, strict=True) if not found],
    )


def _finds(alarm: Suspicion, label: Label) -> bool:
    about = label.factor == EVERY_FACTOR or label.factor in alarm.factors
    return about and alarm.start < label.end and alarm.end > label.start


def _kind(kind: str, labels: Sequence[Label], touching: Sequence[Sequence[Suspicion]]) -> KindScore:
    mine = [found for label, found in zip(labels, touching, strict=True) if label.kind == kind]
    meant = MEANT_FOR.get(kind, frozenset())
    return KindScore(
        events=len(mine),
        found=sum(bool(found) for found in mine),
        named=sum(any(alarm.detector in meant for alarm in found) for found in mine),
    )


def _covered(series: Series, ranges: Sequence[Label] | Sequence[Suspicion]) -> Mask:
    mask = np.zeros(series.rows, np.bool_)
    for each in ranges:
        mask[max(series.row(each.start), 0) : max(series.row(each.end - 1) + 1, 0)] = True
    return mask
