"""The detector: carries its series through plans, restarts and stretches of the log; writes findings.

Values are compared in `kernel`, with limits laid out by `series` and edges by `law.rounding`; see `README.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.kinds.detectors.exceedance import kernel
from qingtian.kinds.detectors.exceedance.series import KEY, LEVELS, PERIOD, PERIODS, Watched, watch
from qingtian.kinds.detectors.exceedance.wording import Facts, factor_name, sentence
from qingtian.stream.findings.detectors import ATTENTION, BREACH, EvidencePacket, Finding, Manifest, Stretch
from qingtian.stream.findings.plan import NO_PLAN, JudgePlan
from qingtian.stream.hj212.factor_codes import unpack_code
from qingtian.stream.hj212.measures import MEASURES

EVENTS_AT_ONCE = 1024


def create(manifest: Manifest) -> Exceedance:
    """Return the detector with nothing known yet."""
    # the names of all factors are read here and not when the first finding is waited for
    factor_name("", "zh")
    return Exceedance(manifest)


class Exceedance:
    """Runs of values beyond a limit: opened after some in a row, worsened by steps, closed after some within."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self._plan = NO_PLAN
        self._mns: dict[int, str] = {}
        self._watched = watch(manifest, NO_PLAN, {})
        self._states = kernel.new_states(0)
        self._rings = np.zeros((0, kernel.KEPT_PACKETS), kernel.PACKET)
        self._dumped: NDArray[Any] | None = None
        self._events = np.zeros(EVENTS_AT_ONCE, kernel.EVENT)
        self._evidence = np.zeros((EVENTS_AT_ONCE, kernel.KEPT_PACKETS), kernel.PACKET)

    def prepare(self, plan: JudgePlan, register: Mapping[str, int], *, received: int) -> list[Finding]:
        """Lay out the series of ``plan`` and carry the state of those that stay; see the family's face."""
        watched = watch(self.manifest, plan, register)
        keys = _keys(self._watched) if self._dumped is None else self._dumped
        old_rows, new_rows = _matches(keys, _keys(watched))
        gone = np.setdiff1d(np.flatnonzero(self._states["open"]), old_rows)
        closed = [] if self._dumped is not None else [self._withdrawn(int(row), received) for row in gone]
        states = kernel.new_states(len(watched.series))
        rings = np.zeros((len(states), kernel.KEPT_PACKETS), kernel.PACKET)
        states[new_rows], rings[new_rows] = self._states[old_rows], self._rings[old_rows]
        states["limit"] = np.minimum(states["limit"], np.maximum(watched.series["limits"] - 1, 0))
        self._watched, self._states, self._rings, self._plan = watched, states, rings, plan
        self._mns = {device: mn for mn, device in register.items()}
        self._dumped = None
        return closed

    def feed(self, stretch: Stretch) -> list[Finding]:
        """Compare every judged reading; return the events in their order."""
        found: list[Finding] = []
        start, total = 0, len(stretch.readings)
        watched, columns = self._watched, _columns(stretch)
        while start < total:
            start, count = kernel.feed(
                *(start, columns, watched.slots, watched.series, watched.limits, watched.times, watched.runs),
                *(self._states, self._rings, self._events, self._evidence),
            )
            found += [self._finding(self._events[event], self._evidence[event]) for event in range(count)]
        return found

    def worst(self, devices: int) -> NDArray[np.int8]:
        """Return what the open runs make of each device."""
        worst = np.zeros(devices, np.int8)
        for row in np.flatnonzero(self._states["open"]):
            series = self._watched.series[row]
            state = BREACH if series["level"] == PERIOD else ATTENTION
            worst[series["device"]] = max(worst[series["device"]], state)
        return worst

    def dump(self) -> dict[str, NDArray[Any]]:
        """Return keys, states and packets of the series that have seen a value."""
        seen = np.flatnonzero(self._states["last_time"] != kernel.BEFORE_ALL)
        running = seen[self._states["count"][seen] > 0]
        packets = self._rings[running]
        # places that this run has not reached yet hold packets of an earlier one
        packets[np.arange(kernel.KEPT_PACKETS) >= self._states["count"][running, None]] = 0
        return {
            "keys": _keys(self._watched)[seen],
            "states": self._states[seen],
            "running": np.flatnonzero(self._states["count"][seen] > 0),
            "packets": packets,
        }

    def load(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take back a dumped state; its series are matched when `prepare` follows."""
        self._dumped = state["keys"]
        self._states = state["states"].copy()
        self._rings = np.zeros((len(self._states), kernel.KEPT_PACKETS), kernel.PACKET)
        self._rings[state["running"]] = state["packets"]

    def _withdrawn(self, row: int, received: int) -> Finding:
        """Close a run whose limit the new plan does not have any more."""
        state = self._states[row]
        event = np.zeros(1, kernel.EVENT)[0]
        for name in kernel.STATE.names or ():
            event[name] = state[name]
        event["series"], event["event"] = row, kernel.CLOSED
        event["value"], event["data_time"], event["received"] = state["last_value"], state["last_time"], received
        event["packets"] = min(state["count"], kernel.KEPT_PACKETS)
        packets = np.zeros(kernel.KEPT_PACKETS, kernel.PACKET)
        kernel.copy_packets(self._rings[row], int(state["count"]), packets)
        return self._finding(event, packets, words="withdrawn")

    def _finding(self, event: Any, packets: NDArray[Any], *, words: str | None = None) -> Finding:
        series = self._watched.series[event["series"]]
        mn = self._mns[int(series["device"])]
        limit = self._watched.documents[series["first_limit"] + event["limit"]]
        facts = Facts(
            event=words or kernel.EVENTS[event["event"]],
            factor=unpack_code(series["code"]),
            cn=int(series["cn"]),
            level=LEVELS[series["level"]],
            period=PERIODS[series["period"]],
            upper=bool(event["side"] == kernel.ABOVE),
            distance=bool(series["distance"]),
            limit=limit,
            value=float(event["value"]),
            peak=float(event["peak"]),
            times_over=round(float(event["times_over"]), 6),
            count=int(event["count"]),
        )
        return Finding(
            event=kernel.EVENTS[event["event"]],
            detector=self.manifest.code,
            version=self.manifest.version,
            level=facts.level,
            cn=facts.cn,
            outlet=self._plan.outlet_of[mn].code,
            mn=mn,
            factor=facts.factor,
            measure=MEASURES[series["measure"]],
            period=facts.period,
            plan=self._plan.number,
            limit=limit,
            value=facts.value,
            peak=facts.peak,
            times_over=facts.times_over,
            band=int(event["band"]),
            since=int(event["since"]),
            data_time=int(event["data_time"]),
            received=int(event["received"]),
            count=facts.count,
            zh=sentence(self.manifest.words, facts, "zh"),
            en=sentence(self.manifest.words, facts, "en"),
            packets=tuple(_packet(packet) for packet in packets[: event["packets"]]),
        )


def _keys(watched: Watched) -> NDArray[Any]:
    keys = np.zeros(len(watched.series), KEY)
    for name in KEY.names or ():
        keys[name] = watched.series[name]
    return keys


def _matches(old: NDArray[Any], new: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows of equal keys in both."""
    place = {key: row for row, key in enumerate(old.tolist())}
    pairs = [(place[key], row) for row, key in enumerate(new.tolist()) if key in place]
    rows = np.array(pairs, np.intp).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]


def _columns(stretch: Stretch) -> tuple[NDArray[Any], ...]:
    packets, readings = stretch.packets, stretch.readings
    return (
        *(readings.packet, readings.code, readings.measure, readings.value, readings.flag),
        *(stretch.device, packets.cn, packets.qn, packets.data_time, stretch.judged),
        *(stretch.received, stretch.sequence, stretch.index),
    )


def _packet(packet: Any) -> EvidencePacket:
    return EvidencePacket(
        sequence=int(packet["sequence"]),
        index=int(packet["index"]),
        qn=int(packet["qn"]),
        data_time=int(packet["data_time"]),
        value=float(packet["value"]),
        flag=chr(packet["flag"]) if packet["flag"] else None,
    )
