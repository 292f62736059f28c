"""From the coordinates of Chinese web maps (GCJ-02) to the Earth's (WGS-84), and back. Degrees.

The formula is the published one on the Krasovsky ellipsoid; the inverse is its fixed point. Outside mainland China the
shift must not be applied.
"""

from __future__ import annotations

import math

SEMI_MAJOR_AXIS = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
ROUNDS = 10
"""Fixed-point rounds of the inverse; they reach 1e-8 degrees, a millimetre."""


def to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """Return the GCJ-02 coordinates of a WGS-84 point."""
    east, north = _shift(lon - 105.0, lat - 35.0)
    radians = math.radians(lat)
    magic = 1 - ECCENTRICITY_SQUARED * math.sin(radians) ** 2
    meridian = SEMI_MAJOR_AXIS * (1 - ECCENTRICITY_SQUARED) / (magic * math.sqrt(magic))
    parallel = SEMI_MAJOR_AXIS / math.sqrt(magic) * math.cos(radians)
    return lon + math.degrees(east / parallel), lat + math.degrees(north / meridian)


def to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """Return the WGS-84 coordinates of a GCJ-02 point."""
    x, y = lon, lat
    for _ in range(ROUNDS):
        shifted_x, shifted_y = to_gcj02(x, y)
        x, y = x + lon - shifted_x, y + lat - shifted_y
    return x, y


def _shift(x: float, y: float) -> tuple[float, float]:
    """Return the shift in metres east and north; ``x``, ``y`` are degrees from 105° E, 35° N."""
    root, product = math.sqrt(abs(x)), x * y
    common = (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * product + 0.1 * root + common
    east += _waves(x, (20, 1), (40, 1 / 3)) + _waves(x, (150, 1 / 12), (300, 1 / 30))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * product + 0.2 * root + common
    north += _waves(y, (20, 1), (40, 1 / 3)) + _waves(y, (160, 1 / 12), (320, 1 / 30))
    return east, north


def _waves(along: float, *terms: tuple[float, float]) -> float:
    return sum(height * math.sin(along * frequency * math.pi) for height, frequency in terms) * 2 / 3
