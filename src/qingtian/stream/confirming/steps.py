"""Which detectors of suspicion look at which series of the confirmer: rules/confirming/steps.yaml.

One that no row names, as one that somebody adds, looks at hours; or at minutes, if it has no reach in hours. A row with
``alone`` is for devices that send days and no hours, one with ``peers`` for days beside those of outlets of the kind.
"""

from __future__ import annotations

from datetime import date
from functools import cache

from qingtian.law import rules
from qingtian.stream.suspicions.detectors import SeriesDetector, discover

HOURS, MINUTES, DAYS = "hour", "minute", "day"
DAYS_ALONE = "day alone"
"""Days of a device that sends no hours."""

PEERS = "peers"
"""Days of an outlet beside those of outlets of its kind."""

REACH = {DAYS_ALONE: DAYS, PEERS: DAYS}
"""The step by which a manifest tells how far it reaches, where it has another name."""


@cache
def detectors(step: str, day: date) -> tuple[SeriesDetector, ...]:
    """Return the detectors that look at series of ``step`` by the rules of a day, in a fixed order."""
    named: dict[str, set[str]] = {}
    for rule in rules.table("confirming/steps").at(day):
        named.setdefault(str(rule["detector"]), set()).add(_step(rule))
    of_step = [each for each in discover() if step in named.get(each.manifest.code, _usual(each))]
    return tuple(each for each in of_step if REACH.get(step, step) in each.manifest.reach)


@cache
def ever(step: str) -> tuple[SeriesDetector, ...]:
    """Return the detectors that look at series of ``step`` by the rules of any day."""
    table = rules.table("confirming/steps")
    named = {str(rule["detector"]) for rule in table}
    of_step = {str(rule["detector"]) for rule in table if _step(rule) == step}
    return tuple(
        each
        for each in discover()
        if REACH.get(step, step) in each.manifest.reach
        and (each.manifest.code in of_step or (each.manifest.code not in named and step in _usual(each)))
    )


def _step(rule: rules.Rule) -> str:
    if rule.get("peers"):
        return PEERS
    return DAYS_ALONE if rule.get("alone") else str(rule["step"])


def _usual(detector: SeriesDetector) -> set[str]:
    return {HOURS if HOURS in detector.manifest.reach else MINUTES}
