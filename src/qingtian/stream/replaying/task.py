"""A piece of a replay: some outlets over the whole stretch of time. Plain values, so that it travels to any process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from qingtian.base import times
from qingtian.stream.periods.api import Mark

OUTLETS_AT_ONCE = 160
"""Most outlets of one piece: their readings of two days are in memory at a time, some 60 bytes a reading."""

WARM_UP_DAYS = 1
"""Days of arrivals judged before the stretch, so that runs of values which began earlier are known as such."""

Snapshot = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Task:
    """``first`` to ``last``: Beijing days, both included. ``plans`` by number, with these outlets alone: each packet is
    screened by the one that its message names, or, if there is one only, by that. ``newest`` is the plan of windows.
    ``everybody``: the newest plan with all outlets (None: it is that of ``plans``), for who is compared with whom.
    ``horizon`` µs: periods that end later are not spoken of. ``rules``: None, or the day by whose rules all is judged.
    ``suspicions``: whether hours are looked through for them.
    """

    lake_url: str
    first: date
    last: date
    plans: Mapping[int, Snapshot]
    newest: int
    horizon: int
    everybody: Snapshot | None = None
    marks: tuple[Mark, ...] = ()
    rules: date | None = None
    suspicions: bool = True

    @property
    def start(self) -> int:
        """When the stretch begins, µs."""
        return midnight(self.first)

    @property
    def end(self) -> int:
        return midnight(self.last + timedelta(days=1))

    @property
    def mns(self) -> tuple[str, ...]:
        """The devices of all these plans, in order."""
        return tuple(sorted({mn for plan in self.plans.values() for mn in devices_of(plan)}))

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(self.first + timedelta(days=step) for step in range((self.last - self.first).days + 1))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a task found: ``events`` of screening, ``standing`` confirmed findings and suspicions, as on the log.

    ``readings`` that arrived in the stretch, warm-up left out; ``windows`` made; ``outlet_days`` done; ``rss_mib`` of
    the process; ``cpu_s`` seconds of processor.
    """

    events: Sequence[dict[str, Any]] = field(default_factory=tuple)
    standing: Sequence[dict[str, Any]] = field(default_factory=tuple)
    readings: int = 0
    windows: int = 0
    outlet_days: int = 0
    rss_mib: float = 0.0
    cpu_s: float = 0.0


def midnight(day: date) -> int:
    """Return when a day begins in Beijing, µs since 1970 UTC."""
    return times.to_microseconds(datetime.combine(day, time(), times.BEIJING))


def devices_of(plan: Snapshot) -> Iterator[str]:
    return (device["mn"] for outlet in plan["outlets"] for device in outlet["devices"])


def narrowed(plan: Snapshot, outlets: set[str]) -> dict[str, Any]:
    """Return the plan with these outlets alone."""
    return {**plan, "outlets": [outlet for outlet in plan["outlets"] if outlet["code"] in outlets]}


def as_of(plan: Snapshot, day: date) -> dict[str, Any]:
    """Return the plan with the limits in force on ``day``, for all time, and as if it had been made on that day."""
    made = datetime.combine(day, time(), times.BEIJING).isoformat()
    outlets = [{**outlet, "limits": [_for_ever(one) for one in _in_force(outlet, day)]} for outlet in plan["outlets"]]
    return {**plan, "made_at": made, "outlets": outlets}


def _in_force(outlet: Snapshot, day: date) -> Iterator[Snapshot]:
    for limit in outlet["limits"]:
        begins, ends = (
            None if limit[name] is None else date.fromisoformat(limit[name][:10]) for name in ("from", "to")
        )
        if (begins is None or begins <= day) and (ends is None or day < ends):
            yield limit


def _for_ever(limit: Snapshot) -> dict[str, Any]:
    return {**limit, "from": None, "to": None}


def split(whole: Task, *, outlets_at_once: int = OUTLETS_AT_ONCE) -> list[Task]:
    """Return the tasks, of about the same size: outlets by the order of their devices, as a merged day is sorted."""
    place: dict[str, str] = {}
    for plan in whole.plans.values():
        for outlet in plan["outlets"]:
            least = min((device["mn"] for device in outlet["devices"]), default="")
            place[outlet["code"]] = min(place.get(outlet["code"], least), least)
    order = sorted(place, key=lambda code: (place[code], code))
    count = -(-len(order) // outlets_at_once)
    bounds = [len(order) * number // count for number in range(count + 1)] if count else [0]
    return [_part(whole, set(order[first:last])) for first, last in pairwise(bounds)]


def _part(whole: Task, outlets: set[str]) -> Task:
    return replace(
        whole,
        plans={number: narrowed(plan, outlets) for number, plan in whole.plans.items()},
        everybody=whole.everybody or whole.plans[whole.newest],
        marks=tuple(mark for mark in whole.marks if mark.outlet in outlets),
    )
