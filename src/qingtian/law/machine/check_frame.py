"""Whether a kind can be used at all 能否采用: the part of `qingtian check` that the office asks of added folders.

A kind that says too little, or has no walks, works; one that names what is not there would fail amid an act.
"""

from __future__ import annotations

from collections.abc import Sequence

from qingtian.law.machine import check_clocks, check_manifest, check_names
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.problems import Problem
from qingtian.law.machine.reading import Reading

HARMLESS = ("file_unknown",)
"""A file that an editor left behind stops nobody."""
CLOCKS = ("unknown_clock", "unknown_variant")


def problems(found: Reading, *, codes: frozenset[str], others: Sequence[Definition]) -> list[Problem]:
    """Return why a kind cannot be used beside ``others``. ``codes``: all kinds that it may open."""
    shape = [problem for problem in found.problems if problem.code not in HARMLESS]
    kind = found.definition
    if kind is None or shape:
        return shape
    clocks = [problem for problem in check_clocks.problems(kind) if problem.code in CLOCKS]
    names = [*check_names.circles(kind), *check_names.problems(kind, codes)]
    twice = [problem for problem in check_manifest.versions(kind, others) if problem.code == "version_twice"]
    return [*names, *clocks, *twice]
