"""What stands of an outlet's marks: kept as a revision and told to the log, where periods are confirmed by it."""

from __future__ import annotations

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
    marks = list(Mark.objects.filter(outlet=outlet, state__in=STANDS))
    # the bounds of the present day hold for the whole register of the outlet
    budgets = labels.budgets(source_type=outlet.source_type, day=at.astimezone(BEIJING).date())
    standing, _ = settle_marks(marks, budgets)
    kept, _made = StandingSet.objects.select_for_update().get_or_create(
        outlet=outlet, defaults={"revision": 0, "document": {}}
    )
    kept.revision += 1
    kept.document = OutletMarks(
        outlet=outlet.pk,
        revision=kept.revision,
        at=at.astimezone(BEIJING).isoformat(),
        marks=[_told(one) for one in standing],
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
    row = StandingSet.objects.filter(pk=outlet).first()
    return cast(OutletMarks, row.document)["marks"] if row else []
