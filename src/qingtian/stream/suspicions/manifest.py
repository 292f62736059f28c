"""What a series detector says of itself: names, for which steps, how far it looks, parameters as dated rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from qingtian.base import times
from qingtian.base.errors import QingtianError, Term
from qingtian.law.rules import Rule, RuleTable
from qingtian.law.rules import read as read_rules
from qingtian.stream.suspicions.series import HOUR

FAMILY = "series"
STEPS = ("minute", "hour", "day")
NEEDED = ("code", "version", "zh", "en", "family", "inputs", "evidence", "reach", "rules")

Folder = Path | Traversable


class BrokenSeriesManifest(QingtianError):
    code = "suspicions.broken_manifest"
    zh = "疑点检测器 {detector} 的 manifest.yaml 不可用：{why}。请补全后重新启动。"
    en = "manifest.yaml of the series detector {detector} cannot be used: {why}. Complete it and start again."


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How far from a row what is said of it may depend, in µs: ``back`` before it, ``ahead`` after it."""

    back: int
    ahead: int


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """``reach`` by step (one that is missing is not looked at); ``inputs`` and ``evidence`` for docs, by language."""

    code: str
    version: str
    zh: str
    en: str
    inputs: Mapping[str, str]
    evidence: Mapping[str, str]
    reach: Mapping[str, Reach]
    rules: Mapping[str, RuleTable]
    words: Mapping[str, Any]

    def at(self, day: date, *, step: str) -> Rules:
        """Return the parameters in force on a day for series of that step."""
        return Rules(manifest=self, day=day, step=step)

    def changes(self) -> set[date]:
        """Return the days on which a parameter begins or ceases to be in force."""
        rows = [rule for table in self.rules.values() for rule in table]
        return {day for rule in rows for day in (rule.start, rule.end) if day is not None}


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The parameters of one detector on one day: ``rules["sigma"]`` is the value of the row named so."""

    manifest: Manifest
    day: date
    step: str

    def __getitem__(self, name: str) -> Any:
        if name not in self._values:
            raise BrokenSeriesManifest(
                detector=self.manifest.code,
                why=Term(zh=f"{self.day} 没有参数 {name}", en=f"no parameter {name} on {self.day}"),
            )
        return self._values[name]

    @cached_property
    def _values(self) -> dict[str, Any]:
        rules = self.manifest.rules["parameters"].at(self.day)
        return {rule["name"]: rule.get("value", rule.get(self.step)) for rule in rules}

    def rows(self, table: str) -> tuple[Rule, ...]:
        return self.manifest.rules[table].at(self.day)


def day_of(microseconds: int) -> date:
    """Return the Beijing day by which rules are chosen."""
    return times.from_microseconds(microseconds).date()


def family_of(folder: Folder) -> str:
    """Return ``series``, or ``live`` for a detector that the judge feeds."""
    document = yaml.safe_load((folder / "manifest.yaml").read_text(encoding="utf-8"))
    return str((document or {}).get("family", "live"))


def read(folder: Folder) -> Manifest:
    """Read ``manifest.yaml`` and ``words.yaml`` of a detector's folder.

    :raises BrokenSeriesManifest: if something is missing.
    :raises qingtian.law.rules.RuleRefused: if a parameter has no source.
    """
    document = yaml.safe_load((folder / "manifest.yaml").read_text(encoding="utf-8"))
    missing = [name for name in NEEDED if name not in document]
    if missing:
        raise BrokenSeriesManifest(detector=folder.name, why=_said("缺少", "it lacks", missing))
    if unknown := set(document["reach"]) - set(STEPS):
        raise BrokenSeriesManifest(detector=folder.name, why=_said("reach 中有", "reach names", unknown))
    code = str(document["code"])
    return Manifest(
        code=code,
        version=str(document["version"]),
        zh=document["zh"],
        en=document["en"],
        inputs=document["inputs"],
        evidence=document["evidence"],
        reach={
            step: Reach(back=round(hours["lookback_h"] * HOUR), ahead=round(hours["horizon_h"] * HOUR))
            for step, hours in document["reach"].items()
        },
        rules={name: read_rules(table, name=f"{code}/{name}") for name, table in document["rules"].items()},
        words=yaml.safe_load((folder / "words.yaml").read_text(encoding="utf-8")),
    )


def _said(zh: str, en: str, names: Iterable[str]) -> Term:
    listed = ", ".join(sorted(names))
    return Term(zh=f"{zh} {listed}", en=f"{en} {listed}")
