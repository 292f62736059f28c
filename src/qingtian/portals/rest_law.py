"""Kinds of matter and statutory clocks for programs (事项与期限接口): what can be opened, and when it is due."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.law import clocks, deadlines
from qingtian.law.machine import shelf
from qingtian.law.pauses import Pause
from qingtian.law.terms import Grant
from qingtian.office.matters import api as matters
from qingtian.portals import kinds_data, rest_law_shapes
from qingtian.portals.rest_door import PROBLEMS, Bearer

router = Router(tags=["law 法"])
READ = Bearer("matters:read")


def _today() -> date:
    return times.now().astimezone(BEIJING).date()


@router.get("kinds", auth=READ, response={200: list[rest_law_shapes.Kind], **PROBLEMS}, operation_id="kinds")
def list_kinds(request: HttpRequest) -> Any:
    """Every version of every kind of matter 事项, by code and version."""
    found = shelf.discover().kinds
    return [kinds_data.summary(found[key]) for key in sorted(found)]


@router.get("kinds/{code}", auth=READ, response={200: dict[str, Any], **PROBLEMS}, operation_id="kind")
def one_kind(request: HttpRequest, code: str, version: int | None = None, authority: str = "") -> Any:
    """One kind whole: stages, acts, facts, papers, gates, guards, clocks, in both languages; by default the version
    under which a matter would be opened today. `settings` say what counts today at the `authority` 机关代码 (empty: the
    city's)."""
    day = _today()
    known = shelf.discover()
    definition = known.on(code, day=day) if version is None else known.version(code, version)
    told = kinds_data.described(definition, day=day)
    place = matters.authority_named(authority, day=day)
    for each in matters.figures_standing(definition, place, day=day):
        told["settings"][each.setting.name]["in_force"] = _in_force(each)
    return told


def _in_force(each: matters.FigureStanding) -> dict[str, Any]:
    """What counts for a setting; `authority` is null where the kind's default does."""
    row = each.row
    since, document = (row.since.isoformat(), row.document) if row else (None, "")
    return {"value": str(each.value), "authority": row and row.authority, "since": since, "document": document}


@router.get("clocks", auth=READ, response={200: list[rest_law_shapes.Clock], **PROBLEMS}, operation_id="clocks")
def list_clocks(request: HttpRequest, matter: str = "") -> Any:
    """The statutory clocks 法定期限, of all dates; `matter` as `qingtian law clocks --matter` has it."""
    found = clocks.of_matter(matter) if matter else clocks.every()
    return [kinds_data.clock(each) for each in found]


@router.post("deadline", auth=READ, response={200: rest_law_shapes.Deadline, **PROBLEMS}, operation_id="deadline")
def deadline(request: HttpRequest, asked: rest_law_shapes.Asked) -> Any:
    """Count one clock from its start event, day by day, by the calendar of this office; nothing is kept."""
    start = asked.start
    if isinstance(start, datetime) and start.tzinfo is None:
        start = start.replace(tzinfo=BEIJING)
    day = start.astimezone(BEIJING).date() if isinstance(start, datetime) else start
    found = deadlines.deadline(
        clocks.named(asked.clock, day=day),
        start=start,
        calendar=matters.calendar_now(),
        pauses=[Pause(**pause.model_dump()) for pause in asked.pauses],
        grants=[Grant(**grant.model_dump()) for grant in asked.extensions],
        variant=asked.variant or None,
    )
    return found.as_dict()
