"""Where a device's own mean contradicts the mean of its data (均值矛盾): candidates for findings, not findings.

Three comparisons a window: its mean against ours of its minutes or hours, its converted value against our conversion of
its measured one, its total against concentration times flow.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from qingtian.law import rules
from qingtian.stream.hj212.factors import factor
from qingtian.stream.periods.table import KEY

PAIRS = {
    "mean": ("own", "reported"),
    "converted": ("own_converted", "reported_converted"),
    "amount": ("amount", "reported_amount"),
}
"""What is compared: the columns of our value and the device's."""

FINEST = 0.01
"""The last digit of a factor for which the table prints no decimals."""


def contradictions(windows: pl.DataFrame, *, day: date) -> pl.DataFrame:
    """Return the windows in which device and data differ by more than the rule of ``day`` allows.

    Columns: `table.KEY`, ``what`` (`PAIRS`), ``own``, ``reported``, ``relative``. Windows without minutes have nothing
    of their own to compare with.
    """
    found = []
    for rule in rules.table("periods/contradictions").at(day):
        own, reported = (pl.col(name) for name in PAIRS[rule["what"]])
        larger = pl.max_horizontal(own.abs(), reported.abs())
        apart = (own - reported).abs()
        least = pl.lit(rule["unit"]) if rule["unit"] else _last_digit(windows)
        far = (apart > rule["relative"] * larger) & (apart > rule["steps"] * least)
        chosen = windows.filter(far.fill_null(value=False))
        relative = (apart / larger).alias("relative")
        found.append(
            chosen.select(
                *KEY, pl.lit(rule["what"]).alias("what"), own.alias("own"), reported.alias("reported"), relative
            )
        )
    return pl.concat(found).sort(*KEY, "what")


def _last_digit(windows: pl.DataFrame) -> pl.Expr:
    codes = windows["factor"].unique().to_list()
    steps = [_step(code) for code in codes]
    return pl.col("factor").replace_strict(codes, steps, return_dtype=pl.Float64, default=FINEST)


def _step(code: str) -> float:
    known = factor(code)
    return FINEST if known is None or known.decimals is None else 10.0**-known.decimals
