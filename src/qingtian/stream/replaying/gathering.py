"""The whole of a replay, put together from log and lake: plans, marks, horizon, and what was said."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.bus import marks as bus_marks
from qingtian.bus.client import Bus
from qingtian.lake import days
from qingtian.lake.files import TableFiles
from qingtian.lake.tables import PACKETS, READINGS
from qingtian.stream.confirming.ground import horizon_of, read_marks
from qingtian.stream.replaying import said
from qingtian.stream.replaying.comparison import Stands, of_events, of_standing
from qingtian.stream.replaying.task import WARM_UP_DAYS, Snapshot, Task, as_of, narrowed


class UnknownOutlet(QingtianError):
    code = "replay.unknown_outlet"
    zh = "第{plan}号监测方案中没有排放口 {outlet}。请核对编号；排放口清单见门户“排放口”页。"
    en = "Plan {plan} has no outlet {outlet}. Check the code; the page Outlets of the portal lists them."


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What to replay: Beijing days, both included; these outlets (None: all); ``rules`` and ``plan`` as of another."""

    first: date
    last: date
    outlets: Sequence[str] | None = None
    rules: date | None = None
    plan: int | None = None


async def gather(bus: Bus, lake_url: str, asked: Asked) -> Task:
    """Return the whole replay as one task.

    :raises NoPlan: if a plan that is needed is not on the log.
    :raises UnknownOutlet: if the plan lacks an outlet that was asked for.
    :raises LakeUnreachable: if the storage does not answer.
    """
    newest = await said.plan_of(bus, asked.plan)
    known = {outlet["code"] for outlet in newest["outlets"]}
    for code in asked.outlets or ():
        if code not in known:
            raise UnknownOutlet(plan=newest["number"], outlet=code)
    plans: dict[int, Snapshot] = {newest["number"]: newest}
    if asked.rules is not None:
        plans = {newest["number"]: as_of(newest, asked.rules)}
    elif asked.plan is None:
        for number in _named(lake_url, asked):
            plans[number] = await said.plan_of(bus, number)
    everybody = plans[newest["number"]]
    if asked.outlets is not None:
        plans = {number: narrowed(plan, set(asked.outlets)) for number, plan in plans.items()}
    latest = days.latest_arrival(TableFiles(lake_url=lake_url, spec=READINGS))
    return Task(
        lake_url=lake_url,
        first=asked.first,
        last=asked.last,
        plans=plans,
        newest=newest["number"],
        everybody=everybody,
        horizon=horizon_of(latest) if latest else 0,
        marks=read_marks(await bus_marks.latest(bus)),
        rules=asked.rules,
    )


def _named(lake_url: str, asked: Asked) -> Collection[int]:
    """Return the plans that the packets of the stretch, warm-up included, were accepted under."""
    packets = TableFiles(lake_url=lake_url, spec=PACKETS)
    return days.plans_named(packets, first=asked.first - timedelta(days=WARM_UP_DAYS), last=asked.last)


async def heard_before(bus: Bus, task: Task, outlets: Sequence[str] | None) -> list[Stands]:
    """Return what was said of the stretch: screening on the log, closed periods in the lake."""
    wanted = None if outlets is None else set(outlets)
    events = await said.screened(bus, since=times.from_microseconds(task.start), outlets=wanted)
    return screening(events, task) + of_standing(said.confirmed(task, wanted))


def screening(events: Sequence[dict[str, Any]], task: Task) -> list[Stands]:
    """Return the findings of screening that belong to the stretch."""
    start, end = (times.from_microseconds(at).isoformat() for at in (task.start, task.end))
    return of_events(events, start=start, end=end)
