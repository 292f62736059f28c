"""Compile the judge's kernels, those of its detectors included, by judging one packet; see `qingtian.stream.warm`."""

from __future__ import annotations

import numpy as np

from qingtian.bus.batches import PacketBatch
from qingtian.stream.findings import plan
from qingtian.stream.findings.detectors import discover
from qingtian.stream.findings.judge import Judge
from qingtian.stream.hj212.kernels import SAMPLE, checksum

RECEIVED = 1470013137500000
"""µs, half a second after the sample's DataTime."""

LIMIT = {
    "factor": "w01018",
    "period": "hour",
    "lower": None,
    "upper": 50.0,
    "unit": "mg/L",
    "measure": "Avg",
    "standard": "",
    "source": "",
    "certainty": "memory",
    "from": None,
    "to": None,
    "printed": "50",
}

PLAN = {
    "number": 1,
    "made_at": "2016-08-01T00:00:00+08:00",
    "outlets": [
        {"code": "sample", "name": "", "devices": [{"mn": "010000A8900016F000169DC0"}], "limits": [LIMIT]},
    ],
}


def warm() -> None:
    """Compile every kernel that is not kept on disk yet."""
    frame = SAMPLE + b"%04X\r\n" % checksum(SAMPLE[6:])
    batch = PacketBatch(
        plan=1,
        received=np.array([RECEIVED], np.int64),
        offsets=np.array([0, len(frame)], np.uint32),
        address_index=np.zeros(1, np.uint16),
        addresses=("",),
        raw=frame,
    )
    judge = Judge(discover())
    judge.adopt(plan.read(PLAN), received=RECEIVED)
    judge.judge([(1, batch)])
