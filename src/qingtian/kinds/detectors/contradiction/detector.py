"""Relations that cannot be: a table of them (`relations`), each told as the rows where it is broken."""

from __future__ import annotations

from qingtian.kinds.detectors.contradiction.relations import ALL, Broken
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import Run, pieces
from qingtian.stream.suspicions.series import Series
from qingtian.stream.suspicions.suspicion import Suspicion, graded, suspect


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return the stretches of at least ``least_rows`` in which a relation is broken."""
    broken = [each for relation in ALL for each in relation(series, rules)]
    return [_told(series, rules, each, run) for each in broken for run in pieces(series, each.mask, least=each.least)]


def _told(series: Series, rules: Rules, broken: Broken, run: Run) -> Suspicion:
    weight = graded(len(run), alarm=broken.least, certain=broken.least + rules["certain_rows"])
    return suspect(
        series,
        rules,
        run=run,
        columns=broken.within(run),
        weight=weight if broken.alarm else rules["clue_weight"],
        said=broken.said,
        numbers={"rows_broken": len(run)} | ({"other": broken.other} if broken.other else {}),
        drawn=broken.drawn,
    )
