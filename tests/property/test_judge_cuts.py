"""The judge is a function of the log: neither how it is cut into calls nor a restart anywhere changes what it finds."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.judge_world import START, batch, frame, limit, snapshot

from qingtian.bus.batches import PacketBatch
from qingtian.stream.findings import checkpoint, plan
from qingtian.stream.findings.detectors import discover
from qingtian.stream.findings.judge import Judge
from qingtian.stream.readings.rows import JudgedStretch, join, packet_rows, reading_rows

LIMITS = [limit("w01018", upper=50.0), limit("w01018", upper=60.0, period="hour"), limit("w21003", upper=5.0)]
LATER = [limit("w21003", upper=8.0)]
PLANS = {
    1: plan.read(snapshot({"A": LIMITS, "B": LIMITS})),
    2: plan.read(snapshot({"A": LATER, "B": LIMITS, "C": LIMITS}, number=2)),
}


@st.composite
def logs(draw: st.DrawFn) -> list[tuple[int, PacketBatch]]:
    """Messages of a few packets: live, late, of the future, sent again, from a device in no plan; a new plan amid."""
    count = draw(st.integers(1, 60))
    sent: list[bytes] = []
    frames = []
    for step in range(count):
        now = START + timedelta(seconds=20 * step)
        if sent and draw(st.integers(0, 5)) == 0:
            frames.append((draw(st.sampled_from(sent)), now))
            continue
        shift = draw(st.sampled_from([0, 0, 0, 0, 0, 0, -40, -7200, 3600]))
        factor, usual = draw(st.sampled_from([("w01018", 50), ("w21003", 5)]))
        value = draw(st.sampled_from([usual // 2, usual, usual * 1.2, usual * 1.4, usual * 3]))
        flag = draw(st.sampled_from(["N", "N", "N", "D"]))
        body = f"{factor}-Rtd={value},{factor}-Flag={flag}"
        mn = draw(st.sampled_from("AAABBBCZ"))
        one = frame(mn, now + timedelta(seconds=shift), body, qn=now)
        sent.append(one)
        frames.append((one, now + timedelta(seconds=1)))
    cuts = sorted({0, count, *draw(st.lists(st.integers(0, count), max_size=8))})
    turn = draw(st.integers(0, count))
    return [
        (sequence, batch(frames[first:last], plan=1 if first < turn else 2))
        for sequence, (first, last) in enumerate(itertools.pairwise(cuts), start=1)
    ]


class Court:
    """Judges as the process does: the plan first, then the messages under it."""

    def __init__(self) -> None:
        self.judge = Judge(discover())
        self.found: list[dict[str, Any]] = []
        self.stretches: list[JudgedStretch] = []

    def take(self, messages: list[tuple[int, PacketBatch]]) -> None:
        run: list[tuple[int, PacketBatch]] = []
        for sequence, one in messages:
            if one.plan > self.judge.plan.number:
                self._hear(run)
                run = []
                found = self.judge.adopt(PLANS[one.plan], received=int(one.received[0]))
                self.found += [event.message() for event in found]
            run.append((sequence, one))
        self._hear(run)

    def _hear(self, run: list[tuple[int, PacketBatch]]) -> None:
        if run:
            found, stretch = self.judge.judge(run)
            self.found += [event.message() for event in found]
            self.stretches.append(stretch)

    def restart(self, file: Any) -> None:
        checkpoint.write(file, self.judge.dump())
        state = checkpoint.read(file)
        assert state is not None
        number = int(state["plan"])
        self.judge = Judge(discover())
        self.judge.load(state, plan=PLANS[number] if number else plan.NO_PLAN)

    def rows(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        together = join(self.stretches)
        return packet_rows(together).to_pylist(), reading_rows(together).to_pylist()


def whole(log: list[tuple[int, PacketBatch]]) -> Court:
    court = Court()
    court.take(log)
    return court


RELAXED = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@RELAXED
@given(log=logs())
def test_it_finds_the_same_however_the_log_is_cut_into_calls(log: list[tuple[int, PacketBatch]]) -> None:
    at_once, one_by_one = whole(log), Court()
    for message in log:
        one_by_one.take([message])
    assert one_by_one.found == at_once.found
    assert one_by_one.rows() == at_once.rows()


@RELAXED
@given(log=logs(), stops=st.sets(st.integers(0, 9), max_size=4))
def test_it_finds_the_same_after_a_restart_anywhere(
    log: list[tuple[int, PacketBatch]], stops: set[int], tmp_path_factory: Any
) -> None:
    file = tmp_path_factory.mktemp("judge") / "checkpoint.npz"
    steady, restarted = whole(log), Court()
    for place, message in enumerate(log):
        if place in stops:
            restarted.restart(file)
        restarted.take([message])
    assert restarted.found == steady.found
    assert restarted.rows() == steady.rows()
    ours, theirs = steady.judge.dump(), restarted.judge.dump()
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if not np.array_equal(ours[name], theirs[name])] == []


@RELAXED
@given(log=logs())
def test_it_keeps_each_packet_once_and_every_one(log: list[tuple[int, PacketBatch]]) -> None:
    packets, readings = whole(log).rows()
    segments = [packet["segment"] for packet in packets]
    sent = [one.frame(index) for _, one in log for index in range(len(one))]
    assert len(set(segments)) == len(segments)
    assert set(segments) == set(sent)
    assert len(readings) == len(segments)


@RELAXED
@given(log=logs())
def test_it_names_each_event_once_and_closes_only_what_is_open(log: list[tuple[int, PacketBatch]]) -> None:
    found = whole(log).found
    assert len({event["id"] for event in found}) == len(found)
    running: set[str] = set()
    for event in found:
        if event["event"] == "opened":
            assert event["finding"] not in running
            running.add(event["finding"])
        else:
            assert event["finding"] in running
        if event["event"] == "closed":
            running.discard(event["finding"])


def test_it_gives_rows_of_the_lake_s_columns() -> None:
    court = whole([(1, batch([(frame("Z", START, "w01018-Rtd=1.5"), START)]))])
    assert packet_rows(court.stretches[0]).schema.names[:3] == ["day", "mn", "qn"]
    (reading,) = reading_rows(court.stretches[0]).to_pylist()
    assert (reading["mn"], reading["value"], reading["flag"], reading["measure"]) == ("Z", 1.5, None, "Rtd")
    assert isinstance(reading_rows(court.stretches[0]), pa.Table)
