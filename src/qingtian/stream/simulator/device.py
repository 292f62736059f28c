"""What a simulated device is: its names on the wire, and the factors it measures with their usual level."""

from __future__ import annotations

from dataclasses import dataclass

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
    """

    mn: str
    factors: tuple[SimulatedFactor, ...]
    pw: str = "123456"
    st: str = "32"
    medium: str = "water"
    outlet: str = ""
    reference_oxygen: float = 9.0
