"""The confirmer without connections: from what arrived to what is to be said, part by part, each kept in the lake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

import polars as pl

from qingtian.base import times
from qingtian.bus.marks import OutletMarks
from qingtian.lake.arrivals import arrived
from qingtian.stream.confirming import capture, judgement, minutes, peers, siblings, steps, todo
from qingtian.stream.confirming.difference import Message, Said, difference
from qingtian.stream.confirming.ground import DAY, Ground, first_heard, horizon_of, read_marks
from qingtian.stream.confirming.keeping import Keeper, day_start
from qingtian.stream.confirming.means import Means
from qingtian.stream.confirming.settling import QUIET_S, Settling
from qingtian.stream.confirming.standing import Grounds, Standing
from qingtian.stream.confirming.todo import Todo
from qingtian.stream.confirming.unlike import DETECTOR as CONTRADICTION
from qingtian.stream.confirming.unlike import contradictions
from qingtian.stream.periods import api as periods
from qingtian.stream.periods.finding import DETECTOR as EXCEEDANCE
from qingtian.stream.periods.table import SCHEMA

OF_PERIODS = frozenset({EXCEEDANCE, CONTRADICTION})


def of_a_day(message: Message) -> bool:
    """Say whether a finding belongs to an outlet's day; the others belong to a device's cell."""
    return message["detector"] in OF_PERIODS or message["period"] == steps.MINUTES


OUTLETS_AT_ONCE = 50

LATER = "9999"
"""Behind every ISO 8601 time: what has no end yet."""


class Confirmer:
    """Brings what was said to what is so. Not for several threads at once; every call may take seconds."""

    def __init__(
        self,
        keeper: Keeper,
        standing: Standing,
        plan: periods.PeriodPlan,
        *,
        tried: Sequence[periods.PeriodPlan] = (),
        quiet_s: float = QUIET_S,
    ) -> None:
        """``plan``: that of ``standing``, ``tried``: those of its grounds tried; ``quiet_s``: see `settling`."""
        self._keeper = keeper
        self.standing = standing
        self._plan = plan
        self._tried = tuple(tried)
        self._left: dict[str, set[peers.Kind]] = {}
        self._next = standing
        self._ground = Ground(plan=plan, marks=(), horizon=standing.horizon)
        self._since_days = dict(standing.since_days)
        self._settling = Settling(standing.settling, quiet_s=quiet_s)

    def look(self, plan: periods.PeriodPlan, marks: Mapping[str, OutletMarks]) -> Todo:
        """Return what is to be confirmed anew after what arrived, under this plan and these marks.

        :raises LakeUnreachable: if the storage does not answer.
        """
        held = self.standing
        new = arrived(self._keeper.readings, behind=held.position)
        latest = max(held.latest, new.latest or 0)
        horizon = max(held.horizon, horizon_of(latest)) if latest else 0
        asked = Todo()
        awaited = todo.of_arrivals(asked, new.touched, plan, held.awaited, horizon=horizon)
        before = [(self._plan, held.marks), *zip(self._tried, (one["marks"] for one in held.tried), strict=True)]
        for old, old_marks in before:
            if plan.number != old.number:
                todo.of_plans(asked, old, plan, self._heard(), horizon=horizon)
            todo.of_marks(asked, old_marks, marks, plan, self._heard(), horizon=horizon)
        if held.horizon:
            todo.of_horizon(asked, plan, self._heard(), before=held.horizon, now=horizon)
        self._next = replace(
            held,
            position=new.position,
            latest=latest,
            horizon=horizon,
            plan=plan.number,
            marks=marks,
            awaited=awaited,
        )
        for old, _ in before:
            for outlet, kinds in peers.left(old, plan).items():
                self._left.setdefault(outlet, set()).update(kinds)
        asked.stretches = siblings.spread(asked.stretches, [*(old for old, _ in before), plan])
        self._plan = plan
        self._ground = Ground(plan=plan, marks=read_marks(marks), horizon=horizon, since=dict(held.since))
        return asked

    def begin(self) -> Standing:
        """Return what is to be kept before `confirm`: by which grounds it works, should it be killed half-way and the
        grounds be others, maybe again the old ones, when it is back."""
        held, now = self.standing, self._next
        grounds = Grounds(plan=now.plan, marks=now.marks)
        if grounds not in (Grounds(plan=held.plan, marks=held.marks), *held.tried):
            self.standing = replace(held, tried=(*held.tried, grounds))
            self._tried = (*self._tried, self._plan)
        return self.standing

    def confirm(self, asked: Todo, *, now: float) -> Iterator[list[Said]]:
        """Work off what was asked for; yield the events of each part once they are in the lake.

        ``now`` (seconds of any clock that goes on): suspicions wait until their outlet's data have settled.

        :raises LakeUnreachable: if the storage does not answer; begin anew from the last `standing` then.
        """
        for days, outlets in asked.groups():
            yield self._days(days, outlets, asked)
        self._settling.add(siblings.spread(asked.stretches, [self._plan]), now=now)
        ripe = self._settling.ripe(now=now)
        outlets = sorted(ripe)
        for first in range(0, len(outlets), OUTLETS_AT_ONCE):
            yield from self._stretches({one: ripe[one] for one in outlets[first : first + OUTLETS_AT_ONCE]})
        yield from self._beside_peers(ripe)
        yield from self._captured(ripe)

    def settle(self) -> Standing:
        """Return where the confirmer is, all that was yielded being on the log."""
        self.standing = replace(
            self._next,
            since=dict(self._ground.since),
            since_days=dict(self._since_days),
            settling=self._settling.held(),
            turn=self._keeper.turn,
            tried=(),
        )
        self._tried = ()
        return self.standing

    # --- periods -------------------------------------------------------------------------------------

    def _days(self, days: Sequence[date], outlets: Sequence[str], asked: Todo) -> list[Said]:
        """Make the windows of whole outlets' days anew; what they say else is kept, and what is found in them."""
        ground, keeper = self._ground, self._keeper
        mns = [mn for outlet in ground.plan.outlets if outlet.code in set(outlets) for mn in outlet.mns]
        rows = keeper.rows(days[0], days[-1], mns)
        held = keeper.held(days[0], days[-1], outlets)
        closed = judgement.closed(rows, ground, days=days)
        made = closed.windows
        self._hear(made, asked)
        windows = periods.revise(held, made)
        start, end = day_start(days[0]), day_start(days[-1]) + DAY
        asked_of = OF_PERIODS | {each.manifest.code for each in steps.ever(steps.MINUTES)}
        said = [one for one in keeper.said(start, end, outlets, detectors=asked_of) if of_a_day(one.message)]
        earlier = self._going_on(start, outlets)
        found = [*judgement.exceedances(windows, ground), *(one.message for one in earlier)]
        ended = judgement.with_ends(found, self._around(found, made, start=start, end=end), ground)
        now = [*ended, *contradictions(windows, ground), *self._of_minutes(closed, days, mns)]
        events = difference([*said, *earlier], now, ground=ground, windows=windows)
        gone = held.filter(~pl.col("superseded")).join(made, on=list(periods.KEY), how="anti")
        keeper.write(
            revised=windows.filter("new"),
            gone=gone.select(*SCHEMA.names, pl.col("revision") + 1),
            events=events,
            position=self._next.position,
        )
        return events

    def _of_minutes(self, closed: periods.Made, days: Sequence[date], mns: Sequence[str]) -> list[Message]:
        """Return the suspicions of these devices' minutes and packets."""
        traces = self._keeper.traces(days[0], days[-1], mns, horizon=self._ground.horizon)
        return minutes.suspicions(closed, traces, self._ground, days=days)

    def _going_on(self, start: int, outlets: Sequence[str]) -> list[Said]:
        """Return the exceedances found before ``start`` µs that windows from then on may end, or may have ended."""
        before = start - periods.look_ahead()
        found = self._keeper.said(before, start, outlets, detectors=[EXCEEDANCE])
        ended = times.from_microseconds(start).isoformat()
        return [one for one in found if one.stands and str(one.message.get("end") or LATER) > ended]

    def _around(self, found: Sequence[Message], made: pl.DataFrame, *, start: int, end: int) -> pl.DataFrame:
        """Return what may end these exceedances: ``made`` in ``[start, end)`` µs, around it what the lake holds."""
        since = [times.to_microseconds(datetime.fromisoformat(one["since"])) for one in found]
        last = min(end + periods.look_ahead(), self._ground.horizon)
        if not found or (min(since) >= start and last <= end):
            return made
        outlets, factors = ({str(one[name]) for one in found} for name in ("outlet", "factor"))
        held = self._keeper.judged(min(start, *since), max(end, last), outlets, factors)
        inside = pl.col("data_time").dt.epoch("us").is_between(start, end, closed="left")
        return pl.concat([part.select(periods.JUDGED) for part in (held.filter(~inside), made)])

    def _heard(self) -> dict[str, int]:
        """Return from when on anything is to be expected of each device (µs, by MN)."""
        since, days = self.standing.since, self.standing.since_days
        return {mn: min(at for at in (since.get(mn), days.get(mn)) if at is not None) for mn in since.keys() | days}

    def _hear(self, windows: pl.DataFrame, asked: Todo) -> None:
        """Note when devices were heard first; an older record makes the time since then one that may be silent."""
        since = dict(self._ground.since)
        for mn, at in first_heard(windows, steps.DAYS).items():
            self._since_days[mn] = min(at, self._since_days.get(mn, at))
        outlets = dict(windows.select("mn", "outlet").unique().iter_rows())
        for mn, at in first_heard(windows).items():
            if at < since.get(mn, at + 1):
                asked.stretch(outlets[mn], at, since.get(mn, self._ground.horizon))
                since[mn] = at
        self._ground = replace(self._ground, since=since)

    # --- suspicions ----------------------------------------------------------------------------------

    def _stretches(self, stretches: Mapping[str, tuple[int, int]]) -> Iterator[list[Said]]:
        """Look for suspicions anew in the cells that these outlets' hours bear on, and in those that their days do."""
        for step in (steps.HOURS, steps.DAYS):
            by_cell: dict[int, set[str]] = {}
            for outlet, (first, last) in stretches.items():
                for cell in judgement.cells_touched(first, last, horizon=self._ground.horizon, step=step):
                    by_cell.setdefault(cell, set()).add(outlet)
            if step == steps.HOURS:
                for cell, outlets in sorted(by_cell.items()):
                    yield self._cell(cell, outlets, self._means([cell], outlets, step=step), step=step)
            elif by_cell:
                # cells of days share nearly all that they lean on: it is read once
                means = self._means(sorted(by_cell), set().union(*by_cell.values()), step=step)
                for cell, outlets in sorted(by_cell.items()):
                    yield self._cell(cell, outlets, means, step=step)

    def _beside_peers(self, stretches: Mapping[str, tuple[int, int]]) -> Iterator[list[Said]]:
        """Hold outlets against their kind anew in the cells that are over and in which one of the kind changed."""
        by_cell: dict[int, set[str]] = {}
        for outlet, (first, last) in stretches.items():
            for cell in peers.cells_over(first, last, horizon=self._ground.horizon):
                by_cell.setdefault(cell, set()).add(outlet)
        asked_of = [each.manifest.code for each in steps.ever(steps.PEERS)]
        for cell, outlets in sorted(by_cell.items()) if asked_of else ():
            kin = peers.concerned(outlets, self._plan, left=self._left)
            mns = [mn for outlet in self._plan.outlets if outlet.code in kin for mn in outlet.mns]
            begin = peers.first_day(cell)
            means = Means.of(self._keeper.means(begin, begin + judgement.CELL, mns, period=steps.DAYS), steps.DAYS)
            now = peers.suspicions(means, self._ground, cell=cell, outlets=kin, all_of=self._plan)
            said = self._keeper.said(begin, begin + DAY, kin, detectors=asked_of)
            yield self._kept(difference(said, now, ground=self._ground, windows=NOTHING))
        for outlet in stretches:
            self._left.pop(outlet, None)

    def _captured(self, stretches: Mapping[str, tuple[int, int]]) -> Iterator[list[Said]]:
        """Reckon anew how much was captured in the months and quarters that a changed day which is over bears on."""
        by_span: dict[capture.Span, set[str]] = {}
        for outlet, (first, last) in stretches.items():
            for span in capture.touched(first, last, horizon=self._ground.horizon):
                by_span.setdefault(span, set()).add(outlet)
        for span, outlets in sorted(by_span.items()):
            mns = [mn for outlet in self._plan.outlets if outlet.code in outlets for mn in outlet.mns]
            days = self._keeper.means(day_start(span.lead), day_start(span.end) - DAY, mns, period=steps.DAYS)
            now = capture.findings(days, self._ground, span=span, outlets=outlets)
            begin = day_start(span.start)
            said = self._keeper.said(begin, begin + DAY, outlets, detectors=[str(span.rule["detector"])])
            yield self._kept(difference(said, now, ground=self._ground, windows=NOTHING))

    def _means(self, cells: Sequence[int], outlets: set[str], *, step: str) -> Means:
        """Return the hours, or days, of these outlets and those of their firms that tell these cells."""
        back, ahead = judgement.reach(step)
        mns = siblings.mns_of(self._ground.plan, outlets)
        rows = self._keeper.means(cells[0] - back, cells[-1] + judgement.CELL + ahead, mns, period=step)
        return Means.of(rows, step)

    def _cell(self, cell: int, outlets: set[str], means: Means, *, step: str) -> list[Said]:
        ground, keeper = self._ground, self._keeper
        now = [
            found
            for outlet in ground.plan.outlets
            if outlet.code in outlets
            for mn in outlet.mns
            for found in judgement.suspicions_of(means, ground, outlet=outlet, mn=mn, cell=cell, step=step)
        ]
        said = keeper.said(cell, cell + judgement.CELL, outlets)
        beside = {each.manifest.code for each in steps.ever(steps.PEERS)}
        of_cells = [
            one
            for one in said
            if not of_a_day(one.message) and one.message["period"] == step and one.message["detector"] not in beside
        ]
        return self._kept(difference(of_cells, now, ground=ground, windows=NOTHING))

    def _kept(self, events: list[Said]) -> list[Said]:
        """Return events of suspicions, once the lake has them."""
        self._keeper.write(revised=NOTHING, gone=NOTHING, events=events, position=self._next.position)
        return events


NOTHING = pl.DataFrame(pl.from_arrow(SCHEMA.empty_table())).with_columns(revision=pl.lit(1, pl.Int32))
"""No windows, with a revision."""


def closed_until(standing: Standing) -> str:
    """Return the horizon for people; empty while there is none."""
    return times.from_microseconds(standing.horizon).isoformat() if standing.horizon else ""
