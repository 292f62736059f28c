"""The detectors as pages name and explain them: their manifests, the live one and those of suspicion."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from qingtian.law import rules
from qingtian.law.rules import RuleTable
from qingtian.portals import words
from qingtian.portals.templatetags.parts import in_language, language
from qingtian.stream.suspicions.detectors import discover

LIVE_PACKAGE = "qingtian.kinds.detectors"
NOTES = {"en": "README.md", "zh": "README.zh-CN.md"}
BETWEEN_CHINESE = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])")
STEPS = ("minute", "hour", "day")


@dataclass(frozen=True, kw_only=True)
class Detector:
    """One detector; ``family``: live (fed with every packet), period (judges windows) or series (looks at history)."""

    code: str
    version: str
    zh: str
    en: str
    family: str
    tables: dict[str, RuleTable]
    inputs: dict[str, str]
    evidence: dict[str, str]
    reach: dict[str, tuple[int, int]]
    notes: dict[str, str]

    @property
    def name(self) -> str:
        return in_language(self.zh, self.en)

    @property
    def note(self) -> str:
        """What its folder says of it, in the language of the page if it does so there."""
        return self.said(self.notes) or self.notes.get("en", "")

    @property
    def foreign(self) -> bool:
        """Whether the note is not in the language of the page."""
        return not self.said(self.notes)

    def said(self, what: dict[str, str]) -> str:
        """Return the words of the page's language, of `inputs` or `evidence`."""
        return what.get("zh" if language().startswith("zh") else "en", "")


JUDGEMENTS = (
    (
        "confirmed_exceedance",
        "确认超标",
        "Confirmed exceedance",
        ("periods/criteria", "periods/recovery", "periods/means"),
    ),
    (
        "period_contradiction",
        "数据矛盾",
        "Contradiction of data",
        ("confirming/contradictions", "periods/contradictions"),
    ),
    (
        "quality_control",
        "质控逾期或失控",
        "Quality control overdue or failed",
        ("quality/kinds", "quality/tolerances", "quality/regimes", "quality/due", "quality/classes"),
    ),
    ("capture_month", "月数据捕集率不足", "Too few data captured in a month", ("periods/capture",)),
    ("capture_quarter", "季度数据捕集率不足", "Too few data captured in a quarter", ("periods/capture",)),
)
"""What is found by judgement of closed periods and not by a folder: code, names, the tables it rests on."""


@cache
def all_detectors() -> dict[str, Detector]:
    """Return every detector by code: live ones first, then judgements of periods, then those of suspicion."""
    series = {one.manifest.code: _series(one.manifest) for one in discover()}
    live = {one.code: one for one in _live() if one.code not in series}
    return live | {code: _judgement(code, zh, en, names) for code, zh, en, names in JUDGEMENTS} | series


def given(code: str) -> list[tuple[str, str, str]]:
    """Return what the confirmer gives a detector: the step, what that is, what it cannot give; both may be empty."""
    rows = [rule for rule in rules.table("confirming/steps") if rule["detector"] == code]
    return [
        (
            str(rule["step"]),
            in_language(str(rule.get("zh") or ""), str(rule.get("en") or "")),
            in_language(str(rule.get("missing_zh") or ""), str(rule.get("missing_en") or "")),
        )
        for rule in rows
    ]


def _judgement(code: str, zh: str, en: str, names: Sequence[str]) -> Detector:
    return Detector(
        code=code,
        version="1",
        zh=zh,
        en=en,
        family="period",
        tables={name: rules.table(name) for name in names},
        inputs={},
        evidence={},
        reach={},
        notes={},
    )


def suspecting() -> list[str]:
    """Return the codes of those that raise suspicions."""
    return [code for code, one in all_detectors().items() if one.family == "series" or code == "period_contradiction"]


def name(code: str) -> str:
    """Return how a detector is called; one without a manifest by the table of words."""
    found = all_detectors().get(code)
    return found.name if found else str(words.detector(code))


def _series(manifest: Any) -> Detector:
    hour = 3_600_000_000
    return Detector(
        code=manifest.code,
        version=manifest.version,
        zh=manifest.zh,
        en=manifest.en,
        family="series",
        tables=dict(manifest.rules),
        inputs=dict(manifest.inputs),
        evidence=dict(manifest.evidence),
        reach={
            step: (manifest.reach[step].back // hour, manifest.reach[step].ahead // hour)
            for step in STEPS
            if step in manifest.reach
        },
        notes=_notes(manifest.code),
    )


def _home() -> Path:
    return Path(str(files(LIVE_PACKAGE)))


def _live() -> Sequence[Detector]:
    found = []
    for file in sorted(_home().glob("*/manifest.yaml")):
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        if document.get("family", "live") == "live":
            code = str(document["code"])
            tables = {key: rules.read(table, name=f"{code}/{key}") for key, table in document["rules"].items()}
            found.append(
                Detector(
                    code=code,
                    version=str(document["version"]),
                    zh=document["zh"],
                    en=document["en"],
                    family="live",
                    tables=tables,
                    inputs={},
                    evidence={},
                    reach={},
                    notes=_notes(code),
                )
            )
    return found


def _notes(code: str) -> dict[str, str]:
    return {tongue: _readme(code, name) for tongue, name in NOTES.items()}


def _readme(code: str, name: str) -> str:
    """Return what the folder says of itself, without its heading and tables; empty if it says nothing here."""
    file = _home() / code / name
    if not file.is_file():
        return ""
    lines = file.read_text(encoding="utf-8").splitlines()
    said = "\n".join(line for line in lines if not line.startswith(("#", "|")))
    # a file breaks its lines where a page should not
    return "\n\n".join(_unbroken(part) for part in said.split("\n\n") if part.strip())


def _unbroken(part: str) -> str:
    items = re.sub(r"\n(?![-*] )\s*", " ", part.strip())
    return BETWEEN_CHINESE.sub("", items)
