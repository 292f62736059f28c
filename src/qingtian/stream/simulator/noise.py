"""Noise that is a function of name and time: the same device at the same instant gives the same value again."""

from __future__ import annotations

import math
import zlib

MASK = (1 << 64) - 1


def key(*parts: object) -> int:
    """Return a number that stands for ``parts``."""
    text = "\x1f".join(str(part) for part in parts).encode()
    return zlib.crc32(text) | (zlib.adler32(text) << 32)


def draw(seed: int, place: int) -> float:
    """Return a number in [0, 1), as if drawn by lot, for this seed and place (the finaliser of splitmix64)."""
    mixed = (seed + place * 0x9E3779B97F4A7C15) & MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
    return ((mixed ^ (mixed >> 31)) >> 11) / (1 << 53)


def smooth(seed: int, position: float) -> float:
    """Return smooth noise in [-1, 1]: independent at whole positions, eased between them."""
    place = math.floor(position)
    part = position - place
    eased = part * part * (3 - 2 * part)
    return 2 * (draw(seed, place) * (1 - eased) + draw(seed, place + 1) * eased) - 1
