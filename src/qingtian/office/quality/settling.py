"""What follows from an act on the register: what the log is told is out of control, and the alerts of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from qingtian.bus.marks import of_stretch
from qingtian.law.quality.stretches import Stretch
from qingtian.office.alerts import api as alerts
from qingtian.office.marks import api as marks
from qingtian.office.quality import alarms, register
from qingtian.office.sites.api import Outlet


def settle(outlet: Outlet, *, at: datetime) -> None:
    """Recompute what stands of an outlet. Inside the transaction of the act; the outlet's row is locked."""
    checks = register.checks_of(outlet)
    undone = register.undone(outlet, checks)
    marks.settle_quality(outlet, [of_stretch(one) for one in undone], at=at)
    alarms.settle(outlet, checks, at=at)


def covers_findings(outlet: Outlet, before: Sequence[Stretch], after: Sequence[Stretch], *, at: datetime) -> bool:
    """Say whether ``after`` undoes values found over a limit before ``at`` that ``before`` left alone."""
    known = [(one.mn, one.factor, one.start, one.end) for one in before]
    more = [one for one in after if (one.mn, one.factor, one.start, one.end) not in known]
    return any(
        not any(_covers(old, instant) for old in before if (old.mn, old.factor) == (one.mn, one.factor))
        for one in more
        for instant in alerts.over_limit_between(
            outlet=outlet.pk, start=one.start, end=one.end or at, before=at, factor=one.factor
        )
    )


def _covers(stretch: Stretch, instant: datetime) -> bool:
    return stretch.start <= instant and (stretch.end is None or instant < stretch.end)
