"""Hostile bytes for the codec. Short here; long by ``make fuzz`` (`QINGTIAN_FUZZ_EXAMPLES`)."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, example, given, settings, target
from hypothesis import strategies as st
from tests.fuzz.mutations import mutated
from tests.fuzz.targets import TARGETS, TooMuchWork, counted, seeds

from qingtian.stream.hj212 import kernels

EXAMPLES = int(os.environ.get("QINGTIAN_FUZZ_EXAMPLES", "25"))
SEEDS = seeds()
kernels.warm()

near = st.randoms(use_true_random=False).map(lambda dice: mutated(dice, SEEDS))
hostile = st.one_of(near, near, near, st.binary(max_size=400))
HARD = (
    b"",
    b"#" * 5000,
    b"##0001" * 900,
    b"##0020QN=1;CP=&&" * 300,
    b"a-Rtd=1;b-Rtd=2;" * 250,
    b"ST=32;CN=2011;CP=&&" + b"a-Rtd=1;b-Flag=N;" * 230 + b"&&",
    b"ST=32;CN=2011;CP=&&" + b"//" * 2000 + b"&&",
    b"ST=32;CN=2011;CP=&&" + b"{0x1," * 800 + b"&&",
    SEEDS[0] + b"*" * 60_000,
    SEEDS[0].rstrip() + b" " * 60_000,
    b"QN=" * 2000 + b"&&" * 2000,
)
"""What was thought of before: long runs of what begins something, and things that might be tried again and again."""


@pytest.mark.parametrize("name", TARGETS)
def test_no_bytes_crash_it_or_make_it_work_or_hold_too_much(name: str) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=EXAMPLES <= 25)
    @given(data=hostile)
    def run(data: bytes) -> None:
        with counted(len(data)) as effort:
            TARGETS[name](data)
        target(effort.lines / (len(data) + 64), label="lines a byte")
        target(effort.peak / (len(data) + 4096), label="bytes held a byte")

    # tables that are read once are not the work of the bytes
    for data in SEEDS:
        TARGETS[name](data)
    for data in (*HARD, *SEEDS):
        run = example(data=data)(run)
    run()


def test_work_that_grows_too_fast_is_noticed() -> None:
    def quadratic(data: bytes) -> int:
        found = 0
        for one in data:
            for other in data:
                found += one == other
        return found

    with pytest.raises(TooMuchWork), counted(3000):
        quadratic(b"x" * 3000)
