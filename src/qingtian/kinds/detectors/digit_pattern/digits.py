"""How a number is printed: its decimals, its significant digits, its last digit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.suspicions.series import Floats

MOST_DECIMALS = 6
NEVER = 99
MOST = 0.8


def decimals(values: Floats) -> NDArray[np.int64]:
    """Return how many decimals each number needs, at most `MOST_DECIMALS`; `NEVER` where there is no number."""
    found = np.where(np.isfinite(values), MOST_DECIMALS, NEVER)
    safe = np.nan_to_num(values)
    for places in range(MOST_DECIMALS - 1, -1, -1):
        scaled = safe * 10.0**places
        exact = np.abs(scaled - np.round(scaled)) < 1e-7 * np.maximum(np.abs(scaled), 1.0)
        found = np.where(exact & (found != NEVER), places, found)
    return found.astype(np.int64)


def magnitude(values: Floats) -> NDArray[np.int64]:
    """Return how many digits stand before the point; 0 for 0.123, -1 for 0.0123."""
    size = np.abs(np.where(np.isfinite(values) & (values != 0), values, 1.0))
    return np.floor(np.log10(size) + 1e-12).astype(np.int64) + 1


def significant(values: Floats) -> NDArray[np.int64]:
    """Return how many significant digits each number is printed with; 0 where there is none or it is zero."""
    places = decimals(values)
    known = (places != NEVER) & (values != 0)
    return np.where(known, np.maximum(places + magnitude(values), 1), 0)


def printed(values: Floats) -> dict[int, int]:
    """Return with how many decimals four of five numbers of each order of magnitude get along."""
    kept = values[np.isfinite(values) & (values > 0)]
    places, sizes = decimals(kept), magnitude(kept)
    return {int(size): int(np.quantile(places[sizes == size], MOST, method="higher")) for size in np.unique(sizes)}


def last_digits(values: Floats, places: Mapping[int, int]) -> NDArray[np.int64]:
    """Return the last digit of each number at the decimals given for its order of magnitude.

    A value that repeats the one before says nothing new and is left out, as is an order of magnitude without decimals.
    """
    anew = np.concatenate(([True], values[1:] != values[:-1])) if len(values) else np.zeros(0, np.bool_)
    kept = values[np.isfinite(values) & (values > 0) & anew]
    sizes = magnitude(kept)
    digits = [
        np.round(kept[sizes == size] * 10.0**decimal).astype(np.int64) % 10
        for size, decimal in places.items()
        if decimal < MOST_DECIMALS
    ]
    return np.concatenate(digits) if digits else np.zeros(0, np.int64)


def chi_square(digits: NDArray[np.int64]) -> float:
    """Return the chi-square figure of ten even shares (nine degrees of freedom; 99.9999 % lie below 42.1)."""
    counts = np.bincount(digits, minlength=10)
    even = len(digits) / 10
    return float(((counts - even) ** 2 / even).sum())
