"""The register of an outlet as law.quality reads it: checks that stand, instruments with their regimes. No rights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

from qingtian.base.times import BEIJING
from qingtian.law.quality import stretches
from qingtian.law.quality.stretches import Duty, Stretch
from qingtian.office.quality.models import Check, Instrument, State
from qingtian.office.sites.api import Outlet


def checks_of(outlet: Outlet, *, beside: Sequence[Check] = (), without: Sequence[Check] = ()) -> list[stretches.Check]:
    """Return the checks of an outlet that stand, and those ``beside`` them, but not those ``without``."""
    left_out = {one.pk for one in without}
    standing = Check.objects.filter(outlet=outlet, state=State.STANDING).order_by("at", "pk")
    return as_checks([*(one for one in standing if one.pk not in left_out), *beside])


def as_checks(rows: Iterable[Check]) -> list[stretches.Check]:
    """Return rows of the register as the law reads them; one that is not kept yet comes behind all others."""
    return [
        stretches.Check(
            number=row.pk or 1 << 62, mn=row.mn, factor=row.factor, kind=row.kind, at=row.at, verdict=row.verdict
        )
        for row in rows
    ]


def duties_of(rows: Iterable[Instrument]) -> list[Duty]:
    """Return the time that each instrument is under each of its regimes, from its rows of the register."""
    by_instrument: dict[tuple[str, str], list[Instrument]] = {}
    for row in sorted(rows, key=lambda one: (one.since, one.pk)):
        mine = by_instrument.setdefault((row.mn, row.factor), [])
        # what is said later of the same day holds
        while mine and mine[-1].since >= row.since:
            mine.pop()
        mine.append(row)
    return [duty for mine in by_instrument.values() for duty in _duties(mine)]


def kept(outlet: Outlet) -> list[Duty]:
    """Return the instruments of an outlet that are in use, with their regimes; one of a device that ended is not."""
    using = in_use(outlet)
    return [one for one in duties_of(Instrument.objects.filter(outlet=outlet)) if one.mn in using]


def in_use(outlet: Outlet) -> set[str]:
    """Return the devices of an outlet that are in use."""
    return {device.mn for device in outlet.devices.all() if device.active and outlet.ended is None}


def _duties(rows: Sequence[Instrument]) -> list[Duty]:
    ends = [*(_midnight(row.since) for row in rows[1:]), None]
    return [
        Duty(mn=row.mn, factor=row.factor, regime=row.regime, since=_midnight(row.since), until=end)
        for row, end in zip(rows, ends, strict=True)
        if row.regime
    ]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING)


def undone(outlet: Outlet, checks: Sequence[stretches.Check]) -> list[Stretch]:
    """Return what these checks leave out of control of an outlet's data."""
    duties = duties_of(Instrument.objects.filter(outlet=outlet))
    return stretches.out_of_control(checks, medium=outlet.medium, duties=duties)
