"""The compiled heart: every reading against the limit in force, runs counted, events with their evidence."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.kinds.detectors.exceedance.series import UNMARKED
from qingtian.kinds.detectors.exceedance.slots import find
from qingtian.stream.hj212.words import kernel

NORMAL = ord("N")
OPENED, WORSENED, CLOSED = 0, 1, 2
EVENTS = ("opened", "worsened", "closed")

WITHIN, ABOVE, BELOW = 0, 1, 2
KEPT_PACKETS = 5
"""The last packets of a run that stand in its evidence."""

BEFORE_ALL = -(1 << 62)

# `limit`: which of the series' limits was exceeded last, counted from its first; so it outlives a new plan
STATE = np.dtype(
    [
        ("last_time", "i8"),
        ("last_value", "f8"),
        ("since", "i8"),
        ("peak", "f8"),
        ("times_over", "f8"),
        ("count", "i4"),
        ("streak", "i4"),
        ("recovered", "i4"),
        ("limit", "i4"),
        ("band", "u1"),
        ("open", "?"),
        ("side", "u1"),
    ]
)

PACKET = np.dtype(
    [("sequence", "i8"), ("qn", "i8"), ("data_time", "i8"), ("value", "f8"), ("index", "i4"), ("flag", "u1")]
)

EVENT = np.dtype(
    [
        *STATE.descr,
        ("series", "i4"),
        ("event", "u1"),
        ("value", "f8"),
        ("data_time", "i8"),
        ("received", "i8"),
        ("packets", "i4"),
    ]
)


def new_states(count: int) -> NDArray[Any]:
    """Return the states of so many series of which nothing is known."""
    states = np.zeros(count, STATE)
    states["last_time"] = BEFORE_ALL
    return states


@kernel
def limit_at(limits: Any, first: int, count: int, data_time: int) -> int:
    """Return the row of the limit in force at that DataTime, -1 if there is none."""
    for row in range(first, first + count):
        if limits[row].start <= data_time < limits[row].end:
            return row
    return -1


@kernel
def side_of(limit: Any, value: float) -> int:
    """Tell on which side of the limit the rounded value lies (see `law.rounding`)."""
    if value > limit.upper_edge or (value == limit.upper_edge and limit.upper_tie):
        return ABOVE
    if value < limit.lower_edge or (value == limit.lower_edge and limit.lower_tie):
        return BELOW
    return WITHIN


@kernel
def times_over(limit: Any, side: int, value: float, distance: bool) -> float:
    """Return (value - limit) / limit, or the bare distance for pH and for a limit of zero (monitoring.md §2)."""
    bound: float = limit.upper if side == ABOVE else limit.lower
    apart = value - bound if side == ABOVE else bound - value
    return apart if distance or bound == 0.0 else apart / abs(bound)


@kernel
def band_of(times: Any, runs: Any, over: float, streak: int) -> int:
    band = 1
    for step in range(len(times)):
        if over >= times[step] or streak >= runs[step]:
            band += 1
    return band


@kernel
def begin_run(state: Any, data_time: int) -> None:
    state.since = data_time
    state.count = 0
    state.streak = 0
    state.recovered = 0
    state.band = 0
    state.times_over = 0.0
    state.open = False


@kernel
def count_over(state: Any, row: Any, limit: Any, side: int, value: float, times: Any, runs: Any) -> int:
    """Count a value beyond the limit; return the event it makes, -1 for none."""
    over = times_over(limit, side, value, row.distance)
    if state.count == 0 or over > state.times_over:
        state.peak = value
        state.times_over = over
        state.side = side
    state.count += 1
    state.streak += 1
    state.recovered = 0
    band = band_of(times, runs, state.times_over, state.streak)
    if not state.open:
        if state.streak < row.trigger:
            return -1
        state.open = True
        state.band = band
        return OPENED
    if band > state.band:
        state.band = band
        return WORSENED
    return -1


@kernel
def count_within(state: Any, row: Any) -> int:
    """Count a value within the limit; return the event it makes, -1 for none."""
    state.streak = 0
    if not state.open:
        state.count = 0
        return -1
    state.recovered += 1
    return CLOSED if state.recovered >= row.recovery else -1


@kernel
def write_event(event: Any, state: Any, series: int, kind: int, value: float, data_time: int, received: int) -> None:
    event.last_time = state.last_time
    event.last_value = state.last_value
    event.since = state.since
    event.peak = state.peak
    event.times_over = state.times_over
    event.count = state.count
    event.streak = state.streak
    event.recovered = state.recovered
    event.limit = state.limit
    event.band = state.band
    event.open = state.open
    event.side = state.side
    event.series = series
    event.event = kind
    event.value = value
    event.data_time = data_time
    event.received = received
    event.packets = min(state.count, KEPT_PACKETS)


@kernel
def keep_packet(place: Any, sequence: int, index: int, qn: int, data_time: int, value: float, flag: int) -> None:
    place.sequence = sequence
    place.index = index
    place.qn = qn
    place.data_time = data_time
    place.value = value
    place.flag = flag


@kernel
def copy_packets(ring: Any, count: int, out: Any) -> None:
    """Copy the last packets of a run, oldest first."""
    kept = min(count, KEPT_PACKETS)
    for place in range(kept):
        held = ring[(count - kept + place) % KEPT_PACKETS]
        keep_packet(out[place], held.sequence, held.index, held.qn, held.data_time, held.value, held.flag)


@kernel
def feed(
    start: int,
    stretch: Any,
    slots: Any,
    series: Any,
    limits: Any,
    times: Any,
    runs: Any,
    states: Any,
    rings: Any,
    events: Any,
    evidence: Any,
) -> tuple[int, int]:
    """Go through the readings from ``start`` on; return where it stopped (``events`` may be full), how many events."""
    (packet_of, code, measure, values, flags, device, cn, qn, data_times, judged, received, sequence, index) = stretch
    found = 0
    for reading in range(start, len(packet_of)):
        packet = packet_of[reading]
        if not judged[packet] or (flags[reading] != NORMAL and flags[reading] != UNMARKED):
            continue
        mine = find(slots, series, device[packet], code[reading], cn[packet], measure[reading])
        if mine < 0:
            continue
        first = series[mine]
        data_time, value = data_times[packet], values[reading]
        while mine < len(series):
            row = series[mine]
            if row.code != first.code or row.device != first.device:
                break
            if row.cn != first.cn or row.measure != first.measure:
                break
            state = states[mine]
            if (flags[reading] == NORMAL or row.unmarked) and data_time > state.last_time:
                limit_row = limit_at(limits, row.first_limit, row.limits, data_time)
                if not state.open and data_time - state.last_time > row.gap:
                    state.count = 0
                    state.streak = 0
                state.last_time = data_time
                state.last_value = value
                side = WITHIN if limit_row < 0 else side_of(limits[limit_row], value)
                if side != WITHIN:
                    if state.count == 0:
                        begin_run(state, data_time)
                    place = rings[mine, state.count % KEPT_PACKETS]
                    keep_packet(place, sequence[packet], index[packet], qn[packet], data_time, value, flags[reading])
                    state.limit = limit_row - row.first_limit
                    kind = count_over(state, row, limits[limit_row], side, value, times[mine], runs[mine])
                else:
                    kind = count_within(state, row)
                if kind >= 0:
                    write_event(events[found], state, mine, kind, value, data_time, received[packet])
                    copy_packets(rings[mine], state.count, evidence[found])
                    found += 1
                if kind == CLOSED:
                    begin_run(state, data_time)
            mine += 1
        if found >= len(events) - 4:
            return reading + 1, found
    return len(packet_of), found
