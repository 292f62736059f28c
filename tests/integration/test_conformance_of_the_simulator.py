"""Our simulated devices against the conformance check in the platform's role: every rule of every edition holds."""

from __future__ import annotations

import argparse
import asyncio
import time

import pytest
from tests.integration.wire import free_port

from qingtian.entry.commands import conform
from qingtian.stream.conformance import report
from qingtian.stream.conformance.checks import Verdict
from qingtian.stream.conformance.run import Line
from qingtian.stream.hj212 import Edition
from qingtian.stream.simulator import script, timeline
from qingtian.stream.simulator.device import SimulatedDevice, SimulatedFactor
from qingtian.stream.simulator.fleet import Errand, Fleet
from qingtian.stream.simulator.scenarios import Scenario

FACTORS = (
    SimulatedFactor(code="w01018", typical=30.0, unit="mg/L", decimals=1, upper=50.0),
    SimulatedFactor(code="w21003", typical=3.0, unit="mg/L", upper=5.0),
)
KEY = "0123456789ABCDEF"
DEVICES = {
    Edition.HJ2005: SimulatedDevice(mn="88888880000001", edition=Edition.HJ2005, factors=FACTORS),
    Edition.HJ2017: SimulatedDevice(mn="010000A8900016F000169DC0", factors=FACTORS),
    Edition.HJ2025: SimulatedDevice(
        mn="010000A8900016F000169DC2", edition=Edition.HJ2025, key=KEY.encode(), heartbeat_s=2, factors=FACTORS
    ),
}


def words(*more: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    conform.add_arguments(parser)
    return parser.parse_args(more)


async def checked(device: SimulatedDevice, scenario: Scenario, *more: str, patience: int = 2) -> list[Line]:
    """Let a simulated device dial in to the check, and return the report. ``patience`` in seconds."""
    port = free_port()
    # quick acts, but slow enough that a real-time value falls into a calibration
    quick = SimulatedDevice(
        **{name: getattr(device, name) for name in device.__slots__} | {"haste": 200.0, "interval_s": 0.4}
    )
    cast = timeline.Cast(scenarios={device.mn: scenario}, since=time.time())
    fleet = Fleet([quick], Errand(host="127.0.0.1", port=port), timeline=cast, clock=time.time)
    sending = asyncio.create_task(fleet.run())
    try:
        waits = ("--patience", str(patience), "--execute", str(4 * patience))
        args = words("--device", "--listen", str(port), *waits, "--markdown", *more)
        return await conform.check_device(args, "en")
    finally:
        sending.cancel()


def not_well(lines: list[Line]) -> list[str]:
    return [report.text_line(line, "en") for line in lines if line.verdict is not Verdict.HOLDS]


@pytest.mark.parametrize("edition", list(Edition), ids=[str(int(edition)) for edition in Edition])
async def test_a_simulated_device_keeps_to_every_rule_of_its_edition(edition: Edition) -> None:
    key = ("--key", KEY) if edition is Edition.HJ2025 else ()
    # once more, with patience, before a busy machine is taken for a faulty device
    for patience in (2, 20):
        lines = await checked(DEVICES[edition], script.named("normal"), *key, patience=patience)
        if not not_well(lines):
            break
    assert not_well(lines) == []
    assert len(lines) > 40
