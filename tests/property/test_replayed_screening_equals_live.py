"""What a replay screens from the lake is what was screened live, however the packets came and the lake was kept."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.judge_world import START, batch, frame, snapshot
from tests.property.test_judge_cuts import LATER, LIMITS, Court, logs

from qingtian.bus.batches import PacketBatch
from qingtian.lake.days import DayReader
from qingtian.lake.maintenance import tidy
from qingtian.lake.writer import LakeWriter
from qingtian.stream.readings.rows import packet_rows, reading_rows
from qingtian.stream.replaying.screening import Screening
from qingtian.stream.replaying.task import Task, split

DAY = date(2026, 11, 22)
SNAPSHOTS = {
    1: snapshot({"A": LIMITS, "B": LIMITS}),
    2: snapshot({"A": LATER, "B": LIMITS, "C": LIMITS}, number=2),
}


def last_word(log: list[tuple[int, PacketBatch]]) -> list[tuple[int, PacketBatch]]:
    """Let each device be heard once more: only packets that the lake keeps can tell of a plan."""
    later = START + timedelta(hours=1)
    said = [(frame(mn, later, "w01018-Rtd=1,w01018-Flag=N"), later) for mn in "ABC"]
    return [*log, (len(log) + 1, batch(said, plan=2))]


def live(log: list[tuple[int, PacketBatch]], lake: Path, cuts: set[int], *, tidied: bool) -> list[dict[str, Any]]:
    """Judge and store as the process does, in flushes; return the events."""
    court = Court()
    writer = LakeWriter(lake_url=str(lake), app_id="judge.0")
    for sequence, one in log:
        court.take([(sequence, one)])
        if sequence in cuts or sequence == len(log):
            for stretch in court.stretches:
                rows = {"packets": packet_rows(stretch), "readings": reading_rows(stretch)}
                writer.append(rows, last_sequence=int(stretch.arrivals.sequence[-1]))
            court.stretches = []
    if tidied:
        tidy(lake_url=str(lake), today=DAY + timedelta(days=2))
    return court.found


def again(lake: Path, *, outlets_at_once: int) -> list[dict[str, Any]]:
    whole = Task(lake_url=str(lake), first=DAY, last=DAY, plans=SNAPSHOTS, newest=2, horizon=0)
    found = []
    for task in split(whole, outlets_at_once=outlets_at_once):
        reader, screening = DayReader(str(lake), mns=task.mns), Screening(task)
        screening.warm_up(reader)
        found += screening.day(reader, 0)[0]
    return found


def comparable(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out which packet of the whole city brought a new plan: a task knows its own outlets' packets alone."""
    told = [
        {name: value for name, value in event.items() if not (event["event"] == "closed" and "received" in name)}
        for event in events
    ]
    return sorted(told, key=lambda event: (event.get("received", ""), event["id"]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=logs(), cuts=st.sets(st.integers(1, 8), max_size=2), tidied=st.booleans(), at_once=st.integers(1, 3))
def test_it_finds_again_from_the_lake_what_was_found_live(
    log: list[tuple[int, PacketBatch]], cuts: set[int], tidied: bool, at_once: int, tmp_path_factory: Any
) -> None:
    lake = tmp_path_factory.mktemp("replayed") / "lake"
    found = live([one for one in last_word(_numbered(log)) if len(one[1])], lake, cuts, tidied=tidied)
    assert comparable(again(lake, outlets_at_once=at_once)) == comparable(found)


def _numbered(log: list[tuple[int, PacketBatch]]) -> list[tuple[int, PacketBatch]]:
    return [(number, one) for number, (_, one) in zip(itertools.count(1), log, strict=False)]
