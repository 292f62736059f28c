"""Quality control that is overdue 质控逾期 or failed, told as findings: alerts, routing and budgets take them like any.

A finding is named by what it is about and since when, so that telling it again changes nothing. It is opened while a
check is overdue, or data are out of control, and closed by the next check that is passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from django.db import transaction

from qingtian.base.identifiers import deterministic
from qingtian.base.times import BEIJING, to_microseconds
from qingtian.law.quality import calendar, kinds, stretches
from qingtian.law.quality.calendar import FAILED, OVERDUE
from qingtian.law.quality.judging import PASSED
from qingtian.law.quality.stretches import Check, Duty
from qingtian.office import statements
from qingtian.office.quality import register
from qingtian.office.quality.models import Awaited, Told
from qingtian.office.sites.api import Outlet, PlanSnapshot, factor
from qingtian.office.tasks import api as tasks

DETECTOR, VERSION, LEVEL = "quality_control", "1", "quality"
BANDS = {OVERDUE: 0, FAILED: 1}
"""How loud it is: rules/severity."""
# what has fallen due; what was told of a device that is in use no more
CHANGED = """
SELECT a.outlet_id FROM quality_awaited a WHERE a.at <= %(at)s
UNION SELECT t.outlet_id FROM quality_told t WHERE NOT t.closed AND NOT EXISTS (
    SELECT FROM sites_device d JOIN sites_outlet o ON o.code = d.outlet_id
    WHERE d.mn = t.message->>'mn' AND d.active AND o.ended IS NULL)
ORDER BY 1
"""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A check of an instrument that is overdue since it was due, or failed since it was made."""

    state: str
    mn: str
    factor: str
    kind: str
    since: datetime

    def finding(self, outlet: str) -> str:
        """Return the name of what is told of it."""
        named = (self.mn, self.factor, self.kind, self.state, self.since.astimezone(BEIJING).isoformat())
        return deterministic("quality", VERSION, outlet, *named)


def troubles(duties: Iterable[Duty], checks: Sequence[Check], *, medium: str, at: datetime) -> list[Trouble]:
    """Return what is overdue or failed at an instant; what failed is not told of as overdue, too."""
    failed = _failed(checks, medium=medium, at=at)
    known = {(one.mn, one.factor, one.kind) for one in failed}
    due = [one for one in calendar.standings(duties, checks, medium=medium, at=at) if one.state == OVERDUE]
    late = [
        Trouble(state=OVERDUE, mn=one.duty.mn, factor=one.duty.factor, kind=one.kind, since=one.next) for one in due
    ]
    return failed + [one for one in late if (one.mn, one.factor, one.kind) not in known]


def _failed(checks: Sequence[Check], *, medium: str, at: datetime) -> list[Trouble]:
    made = [one for one in checks if one.at <= at]
    when = {one.number: one.at for one in made}
    return [
        Trouble(state=FAILED, mn=one.mn, factor=one.factor, kind=one.kind, since=when[one.check])
        for one in stretches.out_of_control(made, medium=medium)
        if one.end is None
    ]


def settle(outlet: Outlet, checks: Sequence[Check], *, at: datetime) -> int:
    """Open and close findings so that they say what is so at ``at``; return how many events were told."""
    duties, using = register.kept(outlet), register.in_use(outlet)
    mine = [one for one in checks if one.mn in using]
    stands = {one.finding(outlet.pk): one for one in troubles(duties, mine, medium=outlet.medium, at=at)}
    rows = {row.finding: row for row in Told.objects.filter(outlet=outlet, closed=False)}
    gone = [row for name, row in rows.items() if name not in stands]
    new = [one for name, one in stands.items() if name not in rows]
    for one in new:
        _open(outlet, one, at=at)
    # behind the new ones: what was overdue and has failed goes on in the same alert
    for row in gone:
        _close(row, checks, _instead(row, stands), medium=outlet.medium, at=at)
    _await(outlet, duties, checks, at=at)
    return len(gone) + len(new)


def _await(outlet: Outlet, duties: Sequence[Duty], checks: Sequence[Check], *, at: datetime) -> None:
    """Note when the next check of the outlet falls due, or an instrument comes under its regime."""
    due = [one.next for one in calendar.standings(duties, checks, medium=outlet.medium, at=at)]
    coming = [instant for instant in (*due, *(duty.since for duty in duties)) if instant > at]
    if coming:
        Awaited.objects.update_or_create(outlet=outlet, defaults={"at": min(coming)})
    else:
        Awaited.objects.filter(outlet=outlet).delete()


def _open(outlet: Outlet, one: Trouble, *, at: datetime) -> None:
    name = one.finding(outlet.pk)
    row, made = Told.objects.get_or_create(finding=name, defaults={"outlet": outlet, "message": {}})
    # what was closed may be so again: a check that ended it was corrected
    number = 0 if made else int(row.message["number"]) + 1
    row.message, row.closed = _message(outlet, one, name, number, at), False
    row.save()
    tasks.take_finding(message=row.message, at=at)


def _message(outlet: Outlet, one: Trouble, name: str, number: int, at: datetime) -> dict[str, Any]:
    plan = PlanSnapshot.objects.order_by("-number").values_list("number", flat=True).first()
    return {
        "id": deterministic(name, "opened", str(number)),
        "finding": name,
        "event": "opened",
        "number": number,
        "detector": DETECTOR,
        "detector_version": VERSION,
        "level": LEVEL,
        "cn": 0,
        "outlet": outlet.pk,
        "mn": one.mn,
        "factor": one.factor,
        "measure": "",
        "period": "",
        "plan": plan or 0,
        "limit": None,
        "value": None,
        "peak": None,
        "times_over": None,
        "band": BANDS[one.state],
        "count": 1,
        "kind": one.kind,
        "state": one.state,
        "since": one.since.astimezone(BEIJING).isoformat(),
        "data_time": one.since.astimezone(BEIJING).isoformat(),
        "received": at.astimezone(BEIJING).isoformat(),
        "received_us": to_microseconds(at),
        "evidence": {"packets": [], **_sentences(one.state, one.kind, one.factor, outlet.medium, one.since)},
    }


def _instead(row: Told, stands: Mapping[str, Trouble]) -> str | None:
    """Return the finding that stands in the place of one: of the same check of the same instrument."""
    held = (row.message["mn"], row.message["factor"], row.message["kind"])
    return next((name for name, one in stands.items() if (one.mn, one.factor, one.kind) == held), None)


def _close(row: Told, checks: Sequence[Check], instead: str | None, *, medium: str, at: datetime) -> None:
    """Close a finding: by the check that was passed since, by the one ``instead``, or because nothing of it is left."""
    held = row.message
    since = datetime.fromisoformat(held["since"])
    known = kinds.kind(held["kind"], medium=medium, day=since.date())
    also = known.also_ended_by if known and held["state"] == FAILED else ()
    passed = [
        one.at
        for one in checks
        if (one.mn, one.factor, one.verdict) == (held["mn"], held["factor"], PASSED)
        and one.kind in (held["kind"], *also)
        and one.at >= since
    ]
    end = min(passed, default=None)
    why = "recovered" if end else "superseded"
    said = "failed_since" if instead and not end else why
    message = {
        **held,
        "id": deterministic(row.finding, "closed", str(held["number"])),
        "event": "closed",
        "reason": why,
        "superseded_by": None if end else instead,
        "end": end.astimezone(BEIJING).isoformat() if end else None,
        "data_time": (end or at).astimezone(BEIJING).isoformat(),
        "received": at.astimezone(BEIJING).isoformat(),
        "received_us": to_microseconds(at),
        "evidence": {"packets": [], **_sentences(said, held["kind"], held["factor"], medium, end or since)},
    }
    row.closed = True
    row.save(update_fields=["closed"])
    tasks.take_finding(message=message, at=at)


@cache
def _words() -> dict[str, dict[str, str]]:
    document = yaml.safe_load((files("qingtian.office.quality") / "words.yaml").read_text(encoding="utf-8"))
    found: dict[str, dict[str, str]] = document
    return found


def _sentences(what: str, kind: str, code: str, medium: str, when: datetime) -> dict[str, str]:
    local = when.astimezone(BEIJING)
    known, named = kinds.kind(kind, medium=medium, day=local.date()), factor(code)
    names = {"zh": (known.zh, named.zh), "en": (known.en, named.en)} if known else {}
    return {
        language: text.format(
            kind=names.get(language, (kind, code))[0],
            factor=names.get(language, (kind, code))[1],
            when=f"{local:%Y-%m-%d %H:%M}",
        )
        for language, text in ((language, told[what]) for language, told in _words().items())
    }


def watch(*, at: datetime) -> int:
    """Tell what has become overdue since; return how many events were told. For the worker, again and again."""
    told = 0
    for (code,) in statements.run(CHANGED, at=at):
        with transaction.atomic():
            outlet = Outlet.objects.select_for_update(of=("self",)).get(pk=code)
            told += settle(outlet, register.checks_of(outlet), at=at)
    return told
