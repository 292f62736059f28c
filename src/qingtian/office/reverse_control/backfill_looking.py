"""Look for records that never came (查缺): what the lake has against what each series should have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl
from django.db import transaction

from qingtian.base.times import BEIJING
from qingtian.lake.reader import Lake
from qingtian.lake.records import record_times
from qingtian.law import rules
from qingtian.office.reverse_control import gaps
from qingtian.office.reverse_control.gaps import Stretch
from qingtian.office.reverse_control.models import Gap, RecordSeries
from qingtian.office.sites.api import Device

Times = dict[str, list[int]]
"""DataTimes by MN, as seconds since 1970 UTC, ascending."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of record as the rule has it (rules/backfill.yaml)."""

    cn: int
    step_s: int
    steps_s: frozenset[int]
    days: int
    settle: timedelta
    records_most: int


def kinds(*, at: datetime) -> list[Kind]:
    """Return the kinds of records that are asked for again, those first that are asked first."""
    return [
        Kind(
            cn=rule["cn"],
            step_s=rule["step_s"],
            steps_s=frozenset(rule["steps_s"]),
            days=rule["days"],
            settle=timedelta(minutes=rule["settle_minutes"]),
            records_most=rule["records_most"],
        )
        for rule in rules.table("backfill").at(at.astimezone(BEIJING).date())
    ]


def look_for_gaps(lake: Lake, *, at: datetime) -> int:
    """Note the gaps of all active devices that are not noted yet; return how many are new.

    :raises LakeUnreachable: if the storage does not answer.
    """
    return sum(_look(lake, kind, at) for kind in kinds(at=at))


def _look(lake: Lake, kind: Kind, at: datetime) -> int:
    since, until = at - timedelta(days=kind.days), at - kind.settle
    arrived = by_device(record_times(lake, cns=[kind.cn], start=since, end=at))
    places = dict(Device.objects.filter(active=True).values_list("mn", "outlet_id"))
    with transaction.atomic():
        series = _learn(kind, {mn: found for mn, found in arrived.items() if mn in places})
        covered = _covered(kind, since)
        found = [
            _gap(one, stretch, places[one.device_id], at)
            for one in series
            if one.device_id in places
            for stretch in _missing(one, kind, arrived.get(one.device_id, []), covered, since, until)
        ]
        Gap.objects.bulk_create(found, ignore_conflicts=True, batch_size=1000)
    return len(found)


def by_device(frame: pl.DataFrame) -> Times:
    """Return the DataTimes of a frame of `record_times` by MN."""
    seconds = frame.select("mn", pl.col("data_time").dt.epoch("s"))
    return {str(key[0]): part["data_time"].to_list() for key, part in seconds.group_by("mn", maintain_order=True)}


def _learn(kind: Kind, arrived: Times) -> list[RecordSeries]:
    """Keep what was learnt of each series, and return all that are known, heard of lately or not."""
    known = {one.device_id: one for one in RecordSeries.objects.filter(cn=kind.cn)}
    fresh = []
    for mn, times in arrived.items():
        first = datetime.fromtimestamp(gaps.floor(times[0], kind.step_s), UTC)
        before = known.get(mn)
        step = gaps.usual_step(times, among=kind.steps_s, default=before.step_s if before else kind.step_s)
        since = min(first, before.known_since) if before else first
        if before is None or (before.step_s, before.known_since) != (step, since):
            fresh.append(RecordSeries(device_id=mn, cn=kind.cn, known_since=since, step_s=step))
            known[mn] = fresh[-1]
    RecordSeries.objects.bulk_create(
        fresh,
        update_conflicts=True,
        unique_fields=["device", "cn"],
        update_fields=["known_since", "step_s"],
        batch_size=1000,
    )
    return list(known.values())


def _covered(kind: Kind, since: datetime) -> Mapping[str, set[int]]:
    """The records that a noted gap already stands for, by MN: also those a device said it does not have."""
    found: dict[str, set[int]] = defaultdict(set)
    for gap in Gap.objects.filter(cn=kind.cn, end__gte=since):
        found[gap.device_id].update(stretch_of(gap).times())
    return found


def stretch_of(gap: Gap) -> Stretch:
    """Return the records a gap stands for."""
    return Stretch(begin=int(gap.begin.timestamp()), end=int(gap.end.timestamp()), step=gap.step_s)


def _missing(
    series: RecordSeries,
    kind: Kind,
    times: list[int],
    covered: Mapping[str, set[int]],
    since: datetime,
    until: datetime,
) -> Iterator[Stretch]:
    found = gaps.missing(
        times,
        since=int(max(since, series.known_since).timestamp()),
        until=int(until.timestamp()),
        step=series.step_s,
        covered=covered.get(series.device_id, frozenset()),
    )
    return gaps.stretches(found, step=series.step_s, most=kind.records_most)


def _gap(series: RecordSeries, stretch: Stretch, outlet: str, at: datetime) -> Gap:
    return Gap(
        device_id=series.device_id,
        outlet_id=outlet,
        cn=series.cn,
        begin=datetime.fromtimestamp(stretch.begin, UTC),
        end=datetime.fromtimestamp(stretch.end, UTC),
        step_s=stretch.step,
        records=stretch.records,
        left=stretch.records,
        found_at=at,
        changed_at=at,
    )
