"""Times that cannot be: data of the future, request numbers that run backwards, clocks that jump."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import bridged, pieces
from qingtian.stream.suspicions.series import Mask, Series, Trace
from qingtian.stream.suspicions.suspicion import Suspicion, graded, suspect

MINUTE = 60_000_000


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return the rows, by arrival, in which packets bear times that cannot be; one kind of oddity at a time."""
    trace = series.trace
    if trace is None or not len(trace):
        return []
    found: dict[int, Suspicion] = {}
    # a clock that is turned back also runs backwards: of what begins at once the first says most
    for minutes, said in (
        (_jumps(trace, rules), "jump"),
        (_ahead(trace, rules), "future"),
        (_backwards(trace, rules), "backwards"),
    ):
        for told in _told(series, rules, trace, minutes, said):
            found.setdefault(told.start, told)
    return [found[start] for start in sorted(found)]


def _ahead(trace: Trace, rules: Rules) -> NDArray[np.float64]:
    """Return minutes by which DataTime lies after the arrival, 0 where it does not."""
    ahead = (trace.data_time - trace.received) / MINUTE
    return np.where((trace.data_time > 0) & (ahead > rules["future_minutes"]), ahead, 0.0)


def _backwards(trace: Trace, rules: Rules) -> NDArray[np.float64]:
    """Return minutes by which the QN fell behind that of the packet before. A packet sent again keeps its QN: a few
    steps back in the minutes of a reconnection are usual, so only what goes farther back counts."""
    fall = np.zeros(len(trace))
    both = (trace.qn[1:] > 0) & (trace.qn[:-1] > 0)
    fall[1:] = np.where(both, (trace.qn[:-1] - trace.qn[1:]) / MINUTE, 0.0)
    return np.where(fall > rules["backwards_minutes"], fall, 0.0)


def _jumps(trace: Trace, rules: Rules) -> NDArray[np.float64]:
    """Return minutes by which the clock's offset (arrival minus QN) changed and stayed, to either side."""
    stays = int(rules["jump_packets"])
    size = np.zeros(len(trace))
    if len(trace) < 2 * stays:
        return size
    offset = np.where(trace.qn > 0, (trace.received - trace.qn) / MINUTE, np.nan)
    view = sliding_window_view(offset, stays)
    before, after = view[:-stays], view[stays:]
    # the clock moved if all that follows lies on one side of all that went before
    gap = np.maximum(after.min(axis=1) - before.max(axis=1), before.min(axis=1) - after.max(axis=1))
    size[stays : len(trace) - stays + 1] = np.where(gap > rules["jump_minutes"], gap, 0.0)
    return size


def _told(series: Series, rules: Rules, trace: Trace, minutes: NDArray[np.float64], said: str) -> list[Suspicion]:
    if not minutes.any():
        return []
    rows = (trace.received - series.start) // series.period
    inside = (rows >= 0) & (rows < series.rows) & (minutes > 0)
    mask: Mask = np.zeros(series.rows, np.bool_)
    mask[rows[inside]] = True
    found = []
    for run in pieces(series, bridged(mask, rules["bridge_rows"])):
        within = inside & (rows >= run.first) & (rows < run.last)
        packets, most = int(within.sum()), float(minutes[within].max(initial=0.0))
        if packets:
            weight = graded(packets, alarm=rules["alarm_packets"], certain=rules["certain_packets"])
            few = packets < rules["alarm_packets"] and said != "jump"
            found.append(
                suspect(
                    series,
                    rules,
                    run=run,
                    columns=[],
                    weight=rules["clue_weight"] if few else weight,
                    said=said,
                    numbers={"packets": packets, "minutes": most},
                )
            )
    return found
