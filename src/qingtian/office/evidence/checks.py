"""The checks of quality control (质控记录) that bear on a finding: as data of its package, as lines of its report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from qingtian.base.times import BEIJING
from qingtian.law.quality import kinds
from qingtian.office.people.api import User
from qingtian.office.quality import api as quality
from qingtian.office.quality.api import Check
from qingtian.office.sites.api import Outlet, factor

BEFORE = timedelta(days=40)
"""So far behind the finding the last passed check is looked for: none is due more seldom but those of quarters."""


def checks(user: User, outlet: Outlet, *, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Return the checks of the outlet about ``start`` to ``end``, whatever became of them, by time.

    Those that began or ended what was out of control then are there, however old.
    """
    touching = {one.check for one in quality.undone(outlet) if one.start < end and (one.end is None or one.end > start)}
    rows = quality.checks_about(user, outlet=outlet.pk, start=start - BEFORE, end=end, also=touching)
    return [_check(row, outlet) for row in rows]


def _check(row: Check, outlet: Outlet) -> dict[str, Any]:
    names = ("mn", "factor", "kind", "pairs", "span", "verdict", "technician", "note", "state")
    known = kinds.kind(row.kind, medium=outlet.medium, day=row.at.astimezone(BEIJING).date())
    return {
        "id": row.pk,
        **{name: getattr(row, name) for name in names},
        "name": known.zh if known else row.kind,
        "at": row.at.astimezone(BEIJING).isoformat(),
        "judged": {**row.judged},
        "made_by": row.made_by.name,
        "made_at": row.made_at.astimezone(BEIJING).isoformat(),
        "supersedes": row.supersedes_id,
        "files": [{"name": file.name, "sha256": file.sha256} for file in row.files.all()],
    }


def line(check: Mapping[str, Any], *, at: str) -> list[str]:
    """Return what the report prints of a check: when (``at``), what, how it was judged, its state, who entered it."""
    told = check["judged"].get("zh") or f"由检查人给出结论：{quality.Verdict(check['verdict']).label}"
    state = str(quality.State(check["state"]).label)
    name = f"{factor(check['factor']).zh} {check['name']}"
    return [at, name, str(told), state, f"{check['technician']}（{check['made_by']}登记）"]
