"""Marks 标记 and checks of quality control 质控记录 for programs: the registers in scope, one of each, entering one.

Sent twice, the same mark or check is entered once: what is in the register just so is the answer, with status 200.
"""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Status

from qingtian.base import times
from qingtian.office.marks import api as office_marks
from qingtian.office.quality import api as quality
from qingtian.portals import rest_register_shapes as shapes
from qingtian.portals.rest_door import PROBLEMS, Bearer, owner

MOST = 200
marks, checks = Router(), Router()


@marks.get("", auth=Bearer("marks:read"), response={200: list[shapes.Mark], **PROBLEMS}, operation_id="marks")
def list_marks(
    request: HttpRequest,
    outlet: str = "",
    state: Literal[shapes.Live, shapes.MarkState] = "",
    kind: Literal["", shapes.MarkKind] = "",
    before: int | None = None,
) -> Any:
    """The marks in scope, the last filed first; `before` is the id after which the next page goes on."""
    return office_marks.marks_before(owner(request), outlet=outlet, state=state, kind=kind, before=before, limit=MOST)


@marks.get("/{int:mark_id}", auth=Bearer("marks:read"), response={200: shapes.Mark, **PROBLEMS}, operation_id="mark")
def one_mark(request: HttpRequest, mark_id: int) -> Any:
    """One mark."""
    return office_marks.mark(owner(request), mark_id)


@marks.post(
    "",
    auth=Bearer("marks:act"),
    response={201: shapes.Mark, 200: shapes.Mark, **PROBLEMS},
    operation_id="file_mark",
)
def file_mark(request: HttpRequest, said: shapes.Marking) -> Any:
    """File a mark. In time it stands at once; late, or suspicious, it waits for a review (`to_review`)."""
    at, user = times.now(), owner(request)
    words = office_marks.Words(**said.model_dump(exclude={"outlet"}))
    row = office_marks.file_mark(acting_user=user, outlet_code=said.outlet, words=words, at=at, once=True)
    # as lists have it
    return Status(201 if row.made_at == at else 200, office_marks.mark(user, row.pk))


@checks.get("", auth=Bearer("quality:read"), response={200: list[shapes.Check], **PROBLEMS}, operation_id="checks")
def list_checks(
    request: HttpRequest,
    outlet: str = "",
    state: Literal[shapes.Live, shapes.CheckState] = "",
    verdict: Literal["", shapes.Verdict] = "",
    before: int | None = None,
) -> Any:
    """The checks in scope, the last entered first; `before` is the id after which the next page goes on."""
    return quality.checks_before(owner(request), outlet=outlet, state=state, verdict=verdict, before=before, limit=MOST)


@checks.get(
    "/{int:check_id}", auth=Bearer("quality:read"), response={200: shapes.Check, **PROBLEMS}, operation_id="check"
)
def one_check(request: HttpRequest, check_id: int) -> Any:
    """One check with what the rule says of its figures."""
    return quality.check(owner(request), check_id)


@checks.post(
    "",
    auth=Bearer("quality:act"),
    response={201: shapes.Check, 200: shapes.Check, **PROBLEMS},
    operation_id="record_check",
)
def record_check(request: HttpRequest, said: shapes.Checking) -> Any:
    """Enter a check. A failed one of a firm that would undo data found over a limit waits for an officer."""
    at, user = times.now(), owner(request)
    wanted = quality.Wanted(**said.model_dump(exclude={"outlet", "files"}), files=[one.upload() for one in said.files])
    row = quality.record_check(acting_user=user, outlet_code=said.outlet, wanted=wanted, at=at, once=True)
    # as lists have it
    return Status(201 if row.made_at == at else 200, quality.check(user, row.pk))
