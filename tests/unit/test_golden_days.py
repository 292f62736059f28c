"""Golden days: readings in, hour and day values, validity and findings out, worked by hand in YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from tests.judge_world import batch, frame, snapshot
from tests.periods_world import MN, checks_of, marks_of, moment, plan_of, readings

from qingtian.base import times
from qingtian.bus.marks import of_stretch
from qingtian.law.quality import stretches
from qingtian.stream.findings import plan as judges_plan
from qingtian.stream.findings.detectors import discover
from qingtian.stream.findings.judge import Judge
from qingtian.stream.periods import api
from qingtian.stream.periods.api import PeriodFinding, PeriodPlan
from qingtian.stream.readings.rows import reading_rows

DAYS = sorted((Path(__file__).parents[1] / "golden_days").glob("*.yaml"))
CLOSE = 1e-6


class Golden:
    """A golden day: its story, and what the windows make of it."""

    def __init__(self, file: Path) -> None:
        self.story: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        self.day: date = self.story["day"]
        self.outlet: str = self.story["outlet"]["code"]
        self.plan: PeriodPlan = plan_of(self.story["outlet"])
        marked = marks_of(self.day, self.outlet, self.story.get("marks", ()))
        self.marks = [*marked, *self._out_of_control("checks")]
        self.marks_later = (
            [*marked, *self._out_of_control("checks_later")] if "checks_later" in self.story else self.marks
        )
        self.before = readings(self.day, self.story["readings"])

    def _out_of_control(self, name: str) -> list[api.Mark]:
        checks = checks_of(self.day, self.story["outlet"]["medium"], self.story.get(name, ()))
        found = stretches.out_of_control(checks, medium=self.story["outlet"]["medium"])
        return [api.Mark.told(self.outlet, of_stretch(one)) for one in found]

    def windows(self, rows: pl.DataFrame, *, later: bool = False) -> pl.DataFrame:
        marks = self.marks_later if later else self.marks
        return api.windows(api.rows_of(rows), self.plan, marks=marks, days=[self.day])

    def with_later(self) -> pl.DataFrame:
        later = readings(self.day, self.story["later"], first=len(self.story["readings"]) + 1)
        return pl.concat([self.before, later])


def window(windows: pl.DataFrame, golden: Golden, expected: Mapping[str, Any]) -> dict[str, Any] | None:
    at = moment(golden.day, expected["at"])
    found = windows.filter(factor=expected["factor"], period=expected["period"]).filter(pl.col("data_time") == at)
    return found.row(0, named=True) if len(found) else None


def check_windows(windows: pl.DataFrame, golden: Golden, expectations: Sequence[Mapping[str, Any]]) -> None:
    for expected in expectations:
        row = window(windows, golden, expected)
        if expected.get("absent"):
            assert row is None, expected
            continue
        assert row is not None, expected
        told = {name: row[name] for name in expected if name not in ("at", "absent")}
        wanted = {name: value for name, value in expected.items() if name not in ("at", "absent")}
        assert told == pytest.approx(wanted, abs=CLOSE), expected


def check_findings(
    findings: Sequence[PeriodFinding], golden: Golden, expectations: Sequence[Mapping[str, Any]]
) -> None:
    told = {
        (one["factor"], one["period"], one["data_time"]): one for one in (finding.message() for finding in findings)
    }
    wanted = {(one["factor"], one["period"], moment(golden.day, one["at"]).isoformat()): one for one in expectations}
    assert told.keys() == wanted.keys()
    for place, expected in wanted.items():
        figures = {name: value for name, value in expected.items() if name not in ("at", "ends")}
        assert {name: told[place][name] for name in figures} == pytest.approx(figures, abs=CLOSE)
        assert told[place]["evidence"]["zh"]
        assert told[place]["evidence"]["en"]


def check_ends(
    windows: pl.DataFrame,
    findings: Sequence[PeriodFinding],
    golden: Golden,
    expectations: Sequence[Mapping[str, Any]],
) -> None:
    midnight = times.to_microseconds(moment(golden.day, "24:00"))
    told = api.with_ends([one.message() for one in findings], windows, golden.plan, horizon=midnight)
    ends = {(one["factor"], one["period"], one["data_time"]): (one["end"], one["running"]) for one in told}
    for one in expectations:
        end = moment(golden.day, one["ends"]).isoformat() if one["ends"] else None
        assert ends[one["factor"], one["period"], moment(golden.day, one["at"]).isoformat()] == (end, end is None), one


@pytest.mark.parametrize("file", DAYS, ids=[file.stem for file in DAYS])
def test_it_makes_of_the_day_what_was_worked_by_hand(file: Path) -> None:
    golden = Golden(file)
    windows = golden.windows(golden.before)
    check_windows(windows, golden, golden.story["expect"]["windows"])
    findings = api.judge(windows, golden.plan)
    check_findings(findings, golden, golden.story["expect"]["findings"])
    check_ends(windows, findings, golden, golden.story["expect"]["findings"])


@pytest.mark.parametrize(
    "file", [file for file in DAYS if "later:" in file.read_text(encoding="utf-8")], ids=lambda file: file.stem
)
def test_it_closes_what_a_late_correction_supersedes_and_nothing_else(file: Path) -> None:
    golden = Golden(file)
    held = golden.windows(golden.before).with_columns(revision=pl.lit(1, pl.Int32))
    standing = [finding.message() for finding in api.judge(held, golden.plan)]
    now = api.revise(held, golden.windows(golden.with_later(), later=True))
    check_windows(now, golden, golden.story["expect_later"]["windows"])
    events = api.difference(standing, api.judge(now, golden.plan), windows=now, plan=golden.plan.number)
    wanted = golden.story["expect_later"]["events"]
    assert [
        {name: event["evidence"]["zh"] if name == "zh" else event[name] for name in expected}
        | {"zh": expected["zh"] if expected["zh"] in event["evidence"]["zh"] else event["evidence"]["zh"]}
        for event, expected in zip(events, wanted, strict=True)
    ] == wanted


def packets(rows: pl.DataFrame) -> list[tuple[bytes, Any]]:
    """Return the readings as the device would send them: a packet an instant, command and transmission."""
    text = pl.format("{}-{}={},{}-Flag={}", "factor", "measure", "value", "factor", "flag")
    sent = rows.group_by("sequence", "cn", "data_time", maintain_order=True).agg(
        body=text.str.join(";"), received=pl.col("received").max()
    )
    ordered = sent.sort("received", "sequence", maintain_order=True)
    return [
        (frame(MN, one["data_time"], one["body"], cn=one["cn"], qn=one["received"]), one["received"])
        for one in ordered.iter_rows(named=True)
    ]


@pytest.mark.parametrize("file", DAYS, ids=[file.stem for file in DAYS])
def test_packets_on_the_log_make_the_same_day(file: Path) -> None:
    golden = Golden(file)
    judge = Judge(discover())
    judge.adopt(judges_plan.read(snapshot({MN: []})), received=0)
    _, stretch = judge.judge([(1, batch(packets(golden.before)))])
    from_packets = api.rows_of(reading_rows(stretch))
    told = api.windows(from_packets, golden.plan, marks=golden.marks, days=[golden.day])
    assert told.equals(golden.windows(golden.before))
