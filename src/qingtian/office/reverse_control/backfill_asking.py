"""Ask for records again (补传): a few commands at a time, and what became of those before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, Q

from qingtian.base.times import BEIJING, stamp
from qingtian.lake.reader import Lake
from qingtian.lake.records import record_times
from qingtian.law import rules
from qingtian.office.ledger import api as ledger
from qingtian.office.reverse_control import events, gaps, rights
from qingtian.office.reverse_control.actions import Sender, send
from qingtian.office.reverse_control.backfill_looking import Times, by_device, stretch_of
from qingtian.office.reverse_control.catalogue import requestable
from qingtian.office.reverse_control.models import OPEN, BackfillPause, DeviceCommand, Gap, GapState, Origin, State
from qingtian.office.sites.api import Device, silent_after
from qingtian.stream.hj212.messages.returns import NO_DATA

BACKFILL = ledger.System("backfill")
LOCK = 20260212
"""Advisory lock: the pace is kept by one at a time."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast (rules/backfill_pace.yaml)."""

    open_in_all: int
    new_a_minute: int
    device_an_hour: int
    tries: int
    again_after: timedelta
    grace: timedelta


def pace(*, at: datetime) -> Pace:
    (rule,) = rules.table("backfill_pace").at(at.astimezone(BEIJING).date())
    return Pace(
        open_in_all=rule["open_in_all"],
        new_a_minute=rule["new_a_minute"],
        device_an_hour=rule["device_an_hour"],
        tries=rule["tries"],
        again_after=timedelta(minutes=rule["again_after_minutes"]),
        grace=timedelta(minutes=rule["grace_minutes"]),
    )


@dataclass(frozen=True, kw_only=True)
class Advance:
    """What one look did: gaps asked for, filled by now, ended without their data."""

    asked: int
    filled: int
    ended: int

    def __bool__(self) -> bool:
        return bool(self.asked or self.filled or self.ended)


def advance_backfill(lake: Lake, *, at: datetime) -> Advance:
    """Settle what was asked for, then ask for as much as the pace allows. For every minute; safe to run twice.

    :raises LakeUnreachable: if the storage does not answer.
    """
    speed = pace(at=at)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        next_ones = _next(speed, at)
        running = list(Gap.objects.filter(state=GapState.ASKED).select_related("command"))
        _count_left(lake, [*running, *next_ones])
        settled = [_settle(gap, speed, at) for gap in running]
        asked = [_ask(gap, at) for gap in next_ones if gap.left]
        filled = [gap for gap in next_ones if not gap.left]
        for gap in filled:
            _keep(gap, GapState.FILLED, at)
        done = Advance(
            asked=sum(asked),
            filled=len(filled) + settled.count(GapState.FILLED),
            ended=settled.count(GapState.REFUSED) + settled.count(GapState.GIVEN_UP),
        )
        if done:
            ledger.tell(kind=events.BACKFILL_CHANGED, id=None, outlet=None, district=None)
    return done


def _count_left(lake: Lake, found: Sequence[Gap]) -> None:
    """Count anew what is still missing of each gap. One look into the lake."""
    if not found:
        return
    start, end = min(gap.begin for gap in found), max(gap.end for gap in found) + timedelta(days=1)
    wanted = {gap.device_id for gap in found}
    arrived: dict[int, Times] = {
        cn: by_device(record_times(lake, cns=[cn], start=start, end=end, mns=wanted))
        for cn in {gap.cn for gap in found}
    }
    for gap in found:
        there = {gaps.floor(at, gap.step_s) for at in arrived[gap.cn].get(gap.device_id, ())}
        gap.left = sum(at not in there for at in stretch_of(gap).times())


def _settle(gap: Gap, speed: Pace, at: datetime) -> GapState:
    """Say where a gap that was asked for stands now, and keep it."""
    command = gap.command
    if gap.left == 0:
        return _keep(gap, GapState.FILLED, at)
    if command is not None and command.is_open:
        return _keep(gap, GapState.ASKED, at, moved=False)
    if command is not None and command.exe_rtn == NO_DATA:
        return _keep(gap, GapState.REFUSED, at)
    # what the device sent may still be on its way through the log
    if command is not None and command.state == State.DONE and at < (command.ended_at or at) + speed.grace:
        return _keep(gap, GapState.ASKED, at, moved=False)
    if command is None or command.state == State.EXPIRED:
        # it never reached the device, which is no try
        gap.tries = max(gap.tries - 1, 0)
    return _keep(gap, GapState.GIVEN_UP if gap.tries >= speed.tries else GapState.MISSING, at)


def _keep(gap: Gap, state: GapState, at: datetime, *, moved: bool = True) -> GapState:
    gap.state = state
    if moved:
        gap.changed_at = at
    gap.save(update_fields=["state", "left", "tries", "changed_at", "command"])
    return state


def _next(speed: Pace, at: datetime) -> list[Gap]:
    """Return the gaps to ask for now: one a device, oldest first, within the pace. None while all is paused."""
    if BackfillPause.objects.filter(device=None).exists():
        return []
    open_ones = DeviceCommand.objects.filter(state__in=OPEN)
    free = speed.open_in_all - open_ones.filter(origin=Origin.BACKFILL).count()
    room = min(free, speed.new_a_minute)
    if room <= 0:
        return []
    busy = open_ones.values("device_id")
    waiting = (
        Gap.objects.filter(state=GapState.MISSING, device__active=True, device__backfill_pause=None)
        .filter(Q(tries=0) | Q(changed_at__lte=at - speed.again_after))
        .filter(device__status__received__gte=at - silent_after(at=at))
        .exclude(device_id__in=busy)
        .exclude(device_id__in=_asked_enough(speed, at))
    )
    first_of_each = waiting.order_by("device_id", "begin", "cn").distinct("device_id").values("pk")
    rows = Gap.objects.filter(pk__in=first_of_each).select_related("device__outlet", "device__session")
    return list(rows.order_by("begin", "pk")[:room])


def _asked_enough(speed: Pace, at: datetime) -> list[str]:
    lately = DeviceCommand.objects.filter(origin=Origin.BACKFILL, created__gt=at - timedelta(hours=1))
    counted = lately.values("device_id").annotate(asked=Count("pk")).filter(asked__gte=speed.device_an_hour)
    return [row["device_id"] for row in counted]


def _ask(gap: Gap, at: datetime) -> bool:
    """Ask for one gap; False if the command does not suit the device, which then never had such records."""
    wanted = requestable(at=at).get(gap.cn)
    device: Device = gap.device
    if wanted is None or not wanted.suits(medium=device.outlet.medium, edition=rights.edition_of(device)):
        _keep(gap, GapState.GIVEN_UP, at)
        return False
    items = [{"BeginTime": stamp(gap.begin)}, {"EndTime": stamp(gap.end)}]
    gap.command = send(device, wanted, items, sender=Sender(actor=BACKFILL, origin=Origin.BACKFILL), at=at)
    gap.tries += 1
    _keep(gap, GapState.ASKED, at)
    return True
