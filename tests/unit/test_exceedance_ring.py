"""What a checkpoint holds of a run is that run's own, whatever ran in the series before."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from tests.judge_world import START, batch, frame, limit, snapshot

from qingtian.stream.findings import plan
from qingtian.stream.findings.detectors import discover
from qingtian.stream.findings.judge import Judge


def test_it_dumps_no_packets_of_an_earlier_run() -> None:
    steady, restarted = Judge(discover()), Judge(discover())
    known = plan.read(snapshot({"A": [limit("w01018", upper=50.0)]}))
    steady.adopt(known, received=0)
    values = [70, 70, 70, 70, 70, 70, 20, 20, 20]
    frames = [
        (frame("A", at, f"w01018-Rtd={value},w01018-Flag=N", qn=at), at)
        for step, value in enumerate(values)
        for at in [START + timedelta(seconds=20 * step)]
    ]
    at = START + timedelta(seconds=20 * len(values))
    again = [(frame("A", at, "w01018-Rtd=70,w01018-Flag=N", qn=at), at)]
    steady.judge([(1, batch(frames, plan=1))])
    restarted.load(steady.dump(), plan=known)
    for judge in (steady, restarted):
        judge.judge([(2, batch(again, plan=1))])
    ours, theirs = steady.dump(), restarted.dump()
    assert [name for name in ours if not np.array_equal(ours[name], theirs[name])] == []
