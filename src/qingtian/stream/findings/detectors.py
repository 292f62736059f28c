"""The face of the detector family: what a detector is given, what it gives back, and how the judge finds it.

A detector is a folder under `qingtian.kinds.detectors` with ``manifest.yaml`` (code, version, names, and parameters as
dated rules with source) and a module ``detector`` whose ``create(manifest)`` returns a `Detector`. Nobody imports a
detector by name: `discover` reads the folders at start.

A detector's state is a function of what it was fed, in that order: it has no clock, no dice, no network. It may not
depend on how the log was cut into stretches.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Protocol, cast

import numpy as np
import yaml
from numpy.typing import NDArray

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.base.identifiers import deterministic
from qingtian.law.rules import RuleTable
from qingtian.law.rules import read as read_rules
from qingtian.stream.findings.plan import JudgePlan
from qingtian.stream.hj212.columns import PacketColumns, ReadingColumns

FAMILY = "qingtian.kinds.detectors"
LIVE = "live"
"""The family of detectors that the judge feeds: what a manifest means that names none."""

ATTENTION, BREACH = 1, 2
"""What an open finding makes of its device: screening warns, period is a breach. 0 is normal."""


class BrokenManifest(QingtianError):
    code = "detectors.broken_manifest"
    zh = "检测器 {detector} 的 manifest.yaml 缺少 {missing}，无法启动。请补全后重新启动。"
    en = "manifest.yaml of detector {detector} lacks {missing}; it cannot run. Complete it and start again."


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a detector says of itself. ``rules`` are its parameters by table name; ``words`` its sentences."""

    code: str
    version: str
    zh: str
    en: str
    rules: Mapping[str, RuleTable]
    words: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A stretch of the log as a detector is fed it; rows as in `hj212.columns`.

    ``judged`` bool per packet: neither sent again nor back-filled nor of the future. ``device`` int32 per packet: its
    number in the judge's register, which only grows. ``received``, ``sequence``, ``index`` as in `Arrivals`.
    """

    packets: PacketColumns
    readings: ReadingColumns
    device: NDArray[np.int32]
    judged: NDArray[np.bool_]
    received: NDArray[np.int64]
    sequence: NDArray[np.int64]
    index: NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class EvidencePacket:
    """A packet that a finding rests on: where it stands on the log, its QN, DataTime (µs), value and mark."""

    sequence: int
    index: int
    qn: int
    data_time: int
    value: float
    flag: str | None

    def as_dict(self) -> dict[str, object]:
        return {
            "sequence": self.sequence,
            "index": self.index,
            "qn": f"{self.qn:017d}" if self.qn else None,
            "data_time": _iso(self.data_time),
            "value": self.value,
            "flag": self.flag,
        }


@dataclass(frozen=True, kw_only=True)
class Finding:
    """An event of a run of values: ``opened``, ``worsened`` or ``closed``. Times in µs since 1970 UTC."""

    event: str
    detector: str
    version: str
    level: str
    cn: int
    outlet: str
    mn: str
    factor: str
    measure: str
    period: str
    plan: int
    limit: Mapping[str, Any]
    value: float
    peak: float
    times_over: float
    band: int
    since: int
    data_time: int
    received: int
    count: int
    zh: str
    en: str
    packets: Sequence[EvidencePacket] = field(default_factory=tuple)

    @property
    def finding(self) -> str:
        """The run it belongs to, the same in every replay."""
        return deterministic(
            self.detector,
            self.version,
            self.outlet,
            self.mn,
            self.factor,
            self.cn,
            self.measure,
            self.period,
            self.since,
        )

    @property
    def id(self) -> str:
        """This event of the run, the same in every replay."""
        return self._event_of(self.finding)

    def _event_of(self, finding: str) -> str:
        return deterministic(finding, self.event, self.band)

    def message(self) -> dict[str, object]:
        """Return the event as docs/architecture.md describes it."""
        finding = self.finding
        return {
            "id": self._event_of(finding),
            "finding": finding,
            "event": self.event,
            "detector": self.detector,
            "detector_version": self.version,
            "level": self.level,
            "cn": self.cn,
            "outlet": self.outlet,
            "mn": self.mn,
            "factor": self.factor,
            "measure": self.measure,
            "period": self.period,
            "plan": self.plan,
            "limit": dict(self.limit),
            "value": self.value,
            "peak": self.peak,
            "times_over": self.times_over,
            "band": self.band,
            "since": _iso(self.since),
            "data_time": _iso(self.data_time),
            "received": _iso(self.received),
            "received_us": self.received,
            "count": self.count,
            "evidence": {"packets": [packet.as_dict() for packet in self.packets], "zh": self.zh, "en": self.en},
        }


def _iso(microseconds: int) -> str:
    return times.from_microseconds(microseconds).isoformat()


class Detector(Protocol):
    """What the judge asks of a detector."""

    manifest: Manifest

    def prepare(self, plan: JudgePlan, register: Mapping[str, int], *, received: int) -> list[Finding]:
        """Take over a plan and carry the state of what stays. ``register`` numbers the devices by MN.

        Returns the closing events of runs whose limit is gone; ``received`` is the arrival that brought the plan.
        """

    def feed(self, stretch: Stretch) -> list[Finding]:
        """Return the events of a stretch, in the order of its readings."""

    def worst(self, devices: int) -> NDArray[np.int8]:
        """Return 0, `ATTENTION` or `BREACH` for each of the first ``devices`` devices."""

    def dump(self) -> dict[str, NDArray[Any]]:
        """Return the state as arrays of its own (copies)."""

    def load(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take back a dumped state; `prepare` with the plan of that time follows."""


def discover() -> list[Detector]:
    """Return a fresh detector of each folder of the family, in alphabetical order.

    Folders whose manifest says ``family: series`` look at history and are found by `stream.suspicions.detectors`.

    :raises BrokenManifest: if a manifest is incomplete.
    """
    family = importlib.import_module(FAMILY)
    names = sorted(module.name for module in pkgutil.iter_modules(family.__path__) if module.ispkg)
    return [_create(f"{FAMILY}.{name}") for name in names if _is_live(f"{FAMILY}.{name}")]


@cache
def _is_live(package: str) -> bool:
    document = yaml.safe_load((files(package) / "manifest.yaml").read_text(encoding="utf-8"))
    return bool(document.get("family", LIVE) == LIVE)


def _create(package: str) -> Detector:
    module = importlib.import_module(f"{package}.detector")
    return cast(Detector, module.create(read_manifest(package)))


@cache
def read_manifest(package: str) -> Manifest:
    """Read ``manifest.yaml`` and ``words.yaml`` of a detector's package.

    :raises BrokenManifest: if something is missing.
    :raises qingtian.law.rules.RuleRefused: if a parameter has no source.
    """
    document = yaml.safe_load((files(package) / "manifest.yaml").read_text(encoding="utf-8"))
    missing = [name for name in ("code", "version", "zh", "en", "rules") if name not in document]
    if missing:
        raise BrokenManifest(detector=package, missing=", ".join(missing))
    return Manifest(
        code=document["code"],
        version=str(document["version"]),
        zh=document["zh"],
        en=document["en"],
        rules={name: read_rules(table, name=f"{document['code']}/{name}") for name, table in document["rules"].items()},
        words=yaml.safe_load((files(package) / "words.yaml").read_text(encoding="utf-8")),
    )
