"""A check as somebody enters it, made a row of the register: judged, kept with its files, entered in the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from qingtian.base.errors import QingtianError, Term
from qingtian.base.times import BEIJING
from qingtian.law.quality import kinds
from qingtian.office.ledger import api as ledger
from qingtian.office.objects import api as objects
from qingtian.office.people.api import User
from qingtian.office.quality.judging import Said, judged
from qingtian.office.quality.models import Check, CheckFile, State
from qingtian.office.sites.api import Outlet

LONGEST_CODE = 16
MOST_LETTERS = 64
"""Of who did a check; a longer word belongs in the note."""


class CheckRefused(QingtianError):
    code = "quality.refused"
    zh = "质控记录未保存：{why}。请改正后再提交。"
    en = "The record of quality control was not kept: {why}. Correct it and submit again."


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A check as somebody enters it. ``pairs``: reference and measured values; without any, ``verdict`` is needed."""

    factor: str
    kind: str
    at: datetime
    technician: str
    mn: str = ""
    pairs: Sequence[tuple[float, float]] = ()
    span: float | None = None
    verdict: str = ""
    note: str = ""
    files: Sequence[objects.Upload] = field(default_factory=tuple)


def chain(outlet_code: str) -> str:
    """Return the chain that holds the quality control of an outlet."""
    return f"quality:{outlet_code}"


def row_of(acting_user: User, outlet: Outlet, wanted: Wanted, at: datetime) -> Check:
    """Return the row of a check, judged, not kept yet.

    :raises CheckRefused, CheckNotJudged:
    """
    day = wanted.at.astimezone(BEIJING).date()
    if kinds.kind(wanted.kind, medium=outlet.medium, day=day) is None:
        raise CheckRefused(why=Term(zh="没有这种质控检查", en="there is no such kind of check"))
    if wanted.at > at:
        raise CheckRefused(why=Term(zh="检查时间不能晚于现在", en="a check cannot lie in the future"))
    require_measured(outlet, wanted.factor, day=day)
    if not wanted.technician.strip():
        raise CheckRefused(why=Term(zh="须写明检查人", en="who did the check is missing"))
    if len(wanted.technician.strip()) > MOST_LETTERS:
        zh, en = f"检查人最长 {MOST_LETTERS} 个字", f"who did the check has {MOST_LETTERS} letters at most"
        raise CheckRefused(why=Term(zh=zh, en=en))
    said = Said(
        kind=wanted.kind, factor=wanted.factor, pairs=tuple(wanted.pairs), span=wanted.span, verdict=wanted.verdict
    )
    verdict, told = judged(said, medium=outlet.medium, day=day)
    return Check(
        outlet=outlet,
        mn=device_of(outlet, wanted.mn),
        factor=wanted.factor,
        kind=wanted.kind,
        at=wanted.at,
        pairs=[list(pair) for pair in wanted.pairs],
        span=wanted.span,
        verdict=verdict,
        judged=told,
        technician=wanted.technician.strip(),
        note=wanted.note.strip(),
        made_by=acting_user,
        made_at=at,
    )


def known_instead(rows: Sequence[Check]) -> list[Check]:
    """Return rows, and instead of each the one that is registered just so and in force, or came first. One query."""
    asked = {"outlet__in": {row.outlet_id for row in rows}, "at__in": {row.at for row in rows}}
    live = Check.objects.filter(**asked, state__in=(State.STANDING, State.TO_REVIEW)).select_related("outlet")
    known = {_words(row): row for row in live.order_by("-pk")}
    first: dict[tuple[object, ...], Check] = {}
    return [known.get(words) or first.setdefault(words, row) for row in rows for words in (_words(row),)]


def _words(row: Check) -> tuple[object, ...]:
    """Return all that makes a check the same as another."""
    figures = tuple((float(known), float(found)) for known, found in row.pairs)
    said = (row.span, row.verdict, row.technician, row.note)
    return (row.outlet_id, row.mn, row.factor, row.kind, row.at, figures, *said)


def require_measured(outlet: Outlet, factor: str, *, day: date) -> None:
    """:raises CheckRefused: if no class of instruments measures the factor."""
    if len(factor) > LONGEST_CODE or kinds.class_of(factor, medium=outlet.medium, day=day) is None:
        raise CheckRefused(why=Term(zh="没有测量该因子的仪器类别", en="no class of instrument measures the factor"))


def device_of(outlet: Outlet, mn: str) -> str:
    """Return the device that is meant; an outlet with one only need not say it.

    :raises CheckRefused: if it is none of the outlet's.
    """
    mns = sorted(device.mn for device in outlet.devices.all())
    if mn in mns:
        return mn
    if mn or len(mns) != 1:
        raise CheckRefused(why=Term(zh="须选择该排放口的一台设备", en="choose one of the outlet's devices"))
    return mns[0]


def keep(row: Check, state: State, acting_user: User, act: str, at: datetime) -> None:
    """Write a row, and that it was entered."""
    row.state = state
    row.save()
    names = ("mn", "factor", "kind", "at", "pairs", "span", "verdict", "technician", "note", "state")
    content: dict[str, object] = {name: getattr(row, name) for name in names}
    judged_by = {name: row.judged.get(name) for name in ("figure", "error", "unit", "passes", "out", "source")}
    enter(row, acting_user, act, at, {**content, "judged": judged_by, "supersedes": row.supersedes_id})


def attach(row: Check, files: Sequence[objects.Upload], at: datetime) -> None:
    """Keep the files of a check, and note that they are its.

    :raises UploadRefused, StoreUnreachable:
    """
    kept = objects.keep(files)
    CheckFile.objects.bulk_create([CheckFile(check_of=row, at=at, **vars(file)) for file in kept])
    if kept:
        content = {"files": [file.sha256 for file in kept]}
        enter(row, row.made_by, "attach_to_check", at, content)


def enter(row: Check, acting_user: User, act: str, at: datetime, content: Mapping[str, object]) -> None:
    """Append an entry about a check to the chain of its outlet."""
    ledger.append(
        chain=chain(row.outlet_id), acting_user=acting_user, act=act, at=at, content={"check": row.pk, **content}
    )
