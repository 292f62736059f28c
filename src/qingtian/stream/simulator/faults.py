"""How a line ill-treats a frame: noise, cuts, drops, repetitions, slowness. Its dice are those of `noise`."""

from __future__ import annotations

import math

from qingtian.stream.simulator import messages, noise
from qingtian.stream.simulator.line import Transmission
from qingtian.stream.simulator.scenarios import Scenario


def transmission(frame: bytes, scenario: Scenario, *, own: int, place: int) -> Transmission | None:
    """Return how ``frame`` goes out the first time; None if as it is."""

    def falls(share: float, what: str) -> bool:
        return share > 0 and noise.draw(noise.key(own, what), place) < share

    if falls(scenario.noise, "noise"):
        broken = messages.broken(frame)
        return Transmission(pieces=(broken,), speed=scenario.bytes_per_second)
    if falls(scenario.drops, "drops"):
        return Transmission(pieces=(frame[: len(frame) // 2],), drops=True)
    if falls(scenario.duplicates, "duplicates"):
        return Transmission(pieces=(frame + frame,), speed=scenario.bytes_per_second)
    if falls(scenario.cut, "cut"):
        middle = len(frame) // 2
        return Transmission(pieces=(frame[:middle], frame[middle:]), speed=scenario.bytes_per_second)
    if math.isinf(scenario.bytes_per_second):
        return None
    return Transmission(pieces=(frame,), speed=scenario.bytes_per_second)
