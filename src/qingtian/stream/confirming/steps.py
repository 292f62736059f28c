"""Which detectors of suspicion look at which series of the confirmer: rules/confirming/steps.yaml.

One that no row names, as one that somebody adds, looks at hours; or at minutes, if it has no reach in hours.
"""

from __future__ import annotations

from datetime import date
from functools import cache

from qingtian.law import rules
from qingtian.stream.suspicions.detectors import SeriesDetector, discover

HOURS, MINUTES = "hour", "minute"


@cache
def detectors(step: str, day: date) -> tuple[SeriesDetector, ...]:
    """Return the detectors that look at series of ``step`` by the rules of a day, in a fixed order."""
    named: dict[str, set[str]] = {}
    for rule in rules.table("confirming/steps").at(day):
        named.setdefault(str(rule["detector"]), set()).add(str(rule["step"]))
    return tuple(each for each in discover() if step in named.get(each.manifest.code, _usual(each)) & _reach(each))


@cache
def ever(step: str) -> tuple[SeriesDetector, ...]:
    """Return the detectors that look at series of ``step`` by the rules of any day."""
    table = rules.table("confirming/steps")
    named = {str(rule["detector"]) for rule in table}
    of_step = {str(rule["detector"]) for rule in table if rule["step"] == step}
    return tuple(
        each
        for each in discover()
        if step in _reach(each)
        and (each.manifest.code in of_step or (each.manifest.code not in named and step in _usual(each)))
    )


def _reach(detector: SeriesDetector) -> set[str]:
    return set(detector.manifest.reach)


def _usual(detector: SeriesDetector) -> set[str]:
    return {HOURS if HOURS in detector.manifest.reach else MINUTES}
