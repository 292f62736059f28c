"""What stands of an outlet's marks: kept as a revision and told to the log, where periods are confirmed by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from django.db.models import F

from qingtian.base.times import BEIJING
from qingtian.bus.marks import OutletMarks, StandingMark
from qingtian.office.marks import labels
from qingtian.office.marks.models import Mark, StandingSet
from qingtian.office.marks.standing import STANDS, Standing
from qingtian.office.marks.standing import settle as settle_marks
from qingtian.office.sites.api import Outlet

AT_ONCE = 500


def settle(outlet: Outlet, *, at: datetime) -> None:
    """Recompute what stands of an outlet. Inside the transaction of the act; the outlet's row or a mark is locked."""
    _tell(outlet, _held(outlet), at=at)


def settle_quality(outlet: Outlet, stretches: Sequence[StandingMark], *, at: datetime) -> None:
    """Say which data of an outlet are out of control 失控时段. Inside the transaction of the act; the outlet is locked.

    Nothing is told that was told before.
    """
    kept = _held(outlet)
    if kept.quality != list(stretches):
        kept.quality = list(stretches)
        _tell(outlet, kept, at=at)


def _held(outlet: Outlet) -> StandingSet:
    held = StandingSet.objects.select_for_update()
    return held.get_or_create(outlet=outlet, defaults={"revision": 0, "document": {}})[0]


def _tell(outlet: Outlet, kept: StandingSet, *, at: datetime) -> None:
    marks = list(Mark.objects.filter(outlet=outlet, state__in=STANDS))
    # the bounds of the present day hold for the whole register of the outlet
    budgets = labels.budgets(source_type=outlet.source_type, day=at.astimezone(BEIJING).date())
    standing, _ = settle_marks(marks, budgets)
    kept.revision += 1
    kept.document = OutletMarks(
        outlet=outlet.pk,
        revision=kept.revision,
        at=at.astimezone(BEIJING).isoformat(),
        marks=[*(_told(one) for one in standing), *kept.quality],
    )
    kept.save()


def _told(one: Standing) -> StandingMark:
    return {
        "id": one.mark.pk,
        "kind": one.mark.kind,
        "label": one.mark.label,
        "start": one.start.astimezone(BEIJING).isoformat(),
        "end": one.end.astimezone(BEIJING).isoformat(),
        "factors": one.mark.factors or None,
        "mn": one.mark.mn or None,
    }


def unpublished() -> list[OutletMarks]:
    """Return the revisions that the log does not have yet. A later one holds all that an earlier one did."""
    rows = StandingSet.objects.filter(published__lt=F("revision")).order_by("outlet_id")[:AT_ONCE]
    return [cast(OutletMarks, row.document) for row in rows]


def mark_published(*, outlet: str, revision: int) -> None:
    """Note that the log has confirmed a revision."""
    StandingSet.objects.filter(pk=outlet, published__lt=revision).update(published=revision)


def standing(outlet: str) -> list[StandingMark]:
    """Return the marks of an outlet that stand, as the log was told last."""
    row = StandingSet.objects.filter(pk=outlet, revision__gt=0).first()
    return cast(OutletMarks, row.document)["marks"] if row else []


def out_of_control(outlet: str) -> list[StandingMark]:
    """Return the data of an outlet that are out of control, as the log was told last."""
    row = StandingSet.objects.filter(pk=outlet).first()
    return cast(list[StandingMark], row.quality) if row else []
