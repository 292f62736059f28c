"""The editions 版本 of the standard, and the Flag 拆分包及应答标志 that tells them apart (HJ 212-2017 table 3)."""

from __future__ import annotations

from enum import IntEnum

ASKS = 1
"""Bit A: the receiver must answer."""
PARTED = 2
"""Bit D: PNUM and PNO are present."""
VERSION_SHIFT = 2


class Edition(IntEnum):
    """HJ/T 212-2005, HJ 212-2017, HJ 212-2025."""

    HJ2005 = 2005
    HJ2017 = 2017
    HJ2025 = 2025


_BY_VERSION = {0: Edition.HJ2005, 1: Edition.HJ2017}
_VERSIONS = {Edition.HJ2005: 0, Edition.HJ2017: 1, Edition.HJ2025: 2}


def edition_of(flag: int | None) -> Edition:
    """Return the edition that the version bits of a Flag name: without a Flag 2005, of a later version 2025."""
    return Edition.HJ2005 if flag is None else _BY_VERSION.get(flag >> VERSION_SHIFT, Edition.HJ2025)


def flag_of(edition: Edition, *, asks: bool = False, parted: bool = False) -> int:
    """Return the Flag of a packet of this edition."""
    return _VERSIONS[edition] << VERSION_SHIFT | PARTED * parted | ASKS * asks
