"""Words of warning when a year's hours of marks run out (事前预警): at the part that the rule names, and at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from qingtian.base.times import BEIJING
from qingtian.office.alerts import api as alerts
from qingtian.office.marks import labels
from qingtian.office.marks.labels import Budget
from qingtian.office.marks.models import Mark
from qingtian.office.marks.standing import STANDS, Used, settle
from qingtian.office.people.api import caring_for

ALL = 1.0


def warn(mark: Mark, *, at: datetime) -> None:
    """Tell who is to hear of it that ``mark`` took its pool's hours over a threshold. Inside the act's transaction."""
    outlet = mark.outlet
    budgets = labels.budgets(source_type=outlet.source_type, day=at.astimezone(BEIJING).date())
    if not budgets or mark.state not in STANDS:
        return
    stand = list(Mark.objects.filter(outlet=outlet, state__in=STANDS))
    before = {_name(used): used.part or 0.0 for used in _used((one for one in stand if one.pk != mark.pk), budgets)}
    for used in _used(stand, budgets):
        reached = [part for part in (used.budget.warn, ALL) if before.get(_name(used), 0.0) < part <= (used.part or 0)]
        if reached:
            _tell(mark, used, at)


def _used(marks: Iterable[Mark], budgets: Sequence[Budget]) -> list[Used]:
    return settle(marks, budgets)[1]


def _name(used: Used) -> tuple[str, int]:
    return used.budget.pool, used.year


def _tell(mark: Mark, used: Used, at: datetime) -> None:
    outlet = mark.outlet
    people = caring_for(
        roles=used.budget.told,
        district=outlet.district_id,
        grid=outlet.grid_id,
        enterprise=outlet.enterprise_id,
    )
    percent = round((used.part or 0) * 100)
    subject = f"{outlet.name} {used.year}年{used.budget.zh}已用{percent}%"
    figures = {"outlet": outlet.pk, "outlet_en": outlet.name_en, "pool": used.budget.en, "year": used.year}
    basis = {**figures, "percent": percent, "mark": mark.pk}
    alerts.notify(people, kind=alerts.NoticeKind.MARKS, subject=subject, at=at, basis=basis)
