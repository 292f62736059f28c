"""Example series of the detector, as data: values in, findings out (``exceedance_cases/*.yaml``)."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.judge_world import START, batch, frame, limit, snapshot

from qingtian.base import times
from qingtian.stream.findings import plan
from qingtian.stream.findings.detectors import Finding, discover
from qingtian.stream.findings.judge import Judge

CASES = [
    (file.stem, case)
    for file in sorted((Path(__file__).parent / "exceedance_cases").glob("*.yaml"))
    for case in yaml.safe_load(file.read_text(encoding="utf-8"))
]
STEP = {2011: timedelta(seconds=30), 2051: timedelta(minutes=10), 2061: timedelta(hours=1), 2031: timedelta(days=1)}
LATE = {2011: timedelta(0), 2051: timedelta(minutes=10), 2061: timedelta(hours=1), 2031: timedelta(days=1)}


def packets(case: dict[str, Any]) -> list[tuple[bytes, datetime]]:
    cn, measure = case["cn"], case["measure"]
    made = []
    for place, one in enumerate(case["values"]):
        value, flag = (one if isinstance(one, list) else [one, "N"])[:2]
        moment = START + place * STEP[cn]
        mark = f",{case['factor']}-Flag={flag}" if flag else ""
        body = f"{case['factor']}-{measure}={value}{mark}"
        made.append((frame("A", moment, body, cn=cn), moment + LATE[cn] + timedelta(seconds=1)))
    return made


def judged(case: dict[str, Any]) -> list[Finding]:
    limits = [limit(case["factor"], **{"upper": None} | one) for one in case["limits"]]
    judge = Judge(discover())
    judge.adopt(plan.read(snapshot({"A": limits})), received=0)
    found, _ = judge.judge([(1, batch(packets(case)))])
    return found


@pytest.mark.parametrize(("kind", "case"), CASES, ids=[f"{kind}: {case['name']}" for kind, case in CASES])
def test_it_finds_what_the_example_says(kind: str, case: dict[str, Any]) -> None:
    found = judged(case)
    steps = STEP[case["cn"]] // timedelta(seconds=1)
    seen = [
        {
            "event": event.event,
            "at": (event.data_time - times.to_microseconds(START)) // 1_000_000 // steps,
            "level": event.level,
            "period": event.period,
            "count": event.count,
            "band": event.band,
            "times_over": event.times_over,
            "zh": event.zh,
            "en": event.en,
        }
        for event in found
    ]
    expected = [{"level": case["level"], "period": case["period"]} | one for one in case["findings"]]
    assert len(seen) == len(expected), seen
    for one, wanted in zip(seen, expected, strict=True):
        assert {name: one[name] for name in wanted} == wanted


def test_it_has_examples() -> None:
    assert len(CASES) >= 15
