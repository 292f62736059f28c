"""What a simulated device is: its names on the wire, the edition it speaks, and the factors it measures."""

from __future__ import annotations

from dataclasses import dataclass

from qingtian.stream.hj212.editions import Edition

FLOWS = {"w00000": 3.6, "a00000": 3600.0}
"""Flow factors, and the m³ that one unit makes in an hour: water L/s, gas m³/s (HJ 212-2017 tables B.1, B.2)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedFactor:
    """A factor (监测因子) of a device.

    ``typical`` is its usual level and ``upper``/``lower`` the tightest limit in force for it (None: no limit), all in
    ``unit``, the unit the device reports in. ``decimals`` are written on the wire. ``spread`` is the relative standard
    deviation about the level. ``converted`` factors also report values at reference oxygen (折算, ``Zs…``); level and
    limits are then meant for these.
    """

    code: str
    typical: float
    unit: str = ""
    decimals: int = 2
    upper: float | None = None
    lower: float | None = None
    spread: float = 0.08
    converted: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedDevice:
    """A data logger (数采仪): ``mn``, ``pw``, ``st`` as they stand in its packets; ``medium`` is water or gas.

    ``reference_oxygen`` in % is what converted factors are converted to (GB 13271-2014: 9 for coal boilers).
    ``edition``: which it speaks; ``key``: SM4 of 2025, None if it sends in clear. ``asks``: whether its uploads ask for
    an answer; None as the edition has it (2005 does not). ``heartbeat_s`` between two 9015 of 2025, 0 for none.
    ``interval_s``: RtdInterval (None: that of the run); ``minutes``: MinInterval. ``equipment``: what 2021 and 2041
    tell of. ``announces``: sends 2081 when it starts. ``memory_days``: how far back it answers for history.
    ``haste``: how many times faster than a real one it calibrates, cleans and samples.
    """

    mn: str
    factors: tuple[SimulatedFactor, ...]
    pw: str = "123456"
    st: str = "32"
    medium: str = "water"
    outlet: str = ""
    reference_oxygen: float = 9.0
    edition: Edition = Edition.HJ2017
    key: bytes | None = None
    asks: bool | None = None
    heartbeat_s: float = 60.0
    interval_s: float | None = None
    minutes: int = 10
    equipment: tuple[str, ...] = ("SB1",)
    announces: bool = False
    memory_days: float = 30.0
    haste: float = 1.0

    @property
    def uploads_ask(self) -> bool:
        """Whether its uploads set bit A of the Flag."""
        return self.edition is not Edition.HJ2005 if self.asks is None else self.asks
