"""Matters for programs (事项接口): what the token's owner may see, and the same acts as the pages, each done once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Header, Query, Router, Schema, Status

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.office.ledger import api as ledger
from qingtian.office.matters import api as matters
from qingtian.office.matters.api import Matter, OneMatter, Origin
from qingtian.portals import rest_matter_shapes as shapes
from qingtian.portals import rest_shapes
from qingtian.portals.matters import records
from qingtian.portals.rest_door import PROBLEMS, Bearer, owner

router = Router(tags=["matters 事项"])
READ, ACT = Bearer("matters:read"), Bearer("matters:act")
MOST = 200
SAME_NAME = (
    *(
        "number",
        "old_number",
        "taken_over",
        "version",
        "title",
        "stage",
        "closed",
        "revision",
        "secrecy",
        "source",
        "reference",
    ),
    "provisional",
)
TIMES = ("opened_at", "changed_at", "closed_at", "next_due")


class TooFar(QingtianError):
    code = "web.too_far"
    zh = "列表最多翻到第 {far} 条。请用 kind、opened_from、opened_to 等条件缩小范围后再取。"
    en = "A list goes no farther than row {far}. Narrow it by kind, opened_from, opened_to and the like."


def told(matter: Matter) -> dict[str, Any]:
    """Return a matter as lists have it."""
    return {
        "id": matter.pk,
        "kind": matter.code,
        "district": matter.district_id,
        "enterprise": matter.enterprise_id,
        "outlet": matter.outlet_id,
        "next_clock": matter.next_clock or None,
        **{name: getattr(matter, name) for name in SAME_NAME},
        **{name: records.time(getattr(matter, name)) for name in TIMES},
    }


class Filter(Schema):
    """Which matters: all that are given have to fit. `due`: as the register's filter has it; `search` in Chinese."""

    kind: str = ""
    stage: str = ""
    state: Literal["", "live", "closed"] = ""
    district: str = ""
    enterprise: str = ""
    source: str = ""
    due: Literal["", "overdue", "today", "week", "later", "none", "3", "7", "30"] = ""
    mine: bool = False
    opened_from: date | None = None
    opened_to: date | None = None
    search: str = ""
    sort: Literal["newest", "oldest", "due"] = "newest"


@router.get("", auth=READ, response={200: shapes.Matters, **PROBLEMS}, operation_id="matters")
def list_matters(request: HttpRequest, filters: Query[Filter], start: int = 0, limit: int = MOST) -> Any:
    """The matters in scope, page by page, `limit` up to 200 at once. What a filter does not know is refused."""
    most, first = max(1, min(limit, MOST)), max(0, start)
    if first > matters.FAR:
        raise TooFar(far=matters.FAR)
    words = filters.dict()
    code = words.pop("kind")
    found = matters.matters(owner(request), at=times.now(), code=code, start=first, limit=most + 1, **words)
    more = len(found) > most
    return {"rows": [told(row) for row in found[:most]], "next": first + most if more else None}


def _one(request: HttpRequest, matter_id: int) -> OneMatter:
    return matters.matter(owner(request), matter_id, at=times.now())


def _record(one: OneMatter) -> dict[str, Any]:
    return records.record(one, {row.user.username: row.user.name for row in one.people})


@router.get("/{int:matter_id}", auth=READ, response={200: shapes.WholeMatter, **PROBLEMS}, operation_id="matter")
def one_matter(request: HttpRequest, matter_id: int) -> Any:
    """One matter with facts, clocks, papers, links, acts and timeline."""
    return _record(_one(request, matter_id))


@router.get(
    "/{int:matter_id}/acts", auth=READ, response={200: list[shapes.Allowed], **PROBLEMS}, operation_id="allowed_acts"
)
def allowed_acts(request: HttpRequest, matter_id: int) -> Any:
    """The acts that the stage knows: which are possible now for you, and why the others are not."""
    return _record(_one(request, matter_id))["acts"]


@router.get(
    "/{int:matter_id}/clocks", auth=READ, response={200: list[shapes.Clock], **PROBLEMS}, operation_id="matter_clocks"
)
def clocks_of_matter(request: HttpRequest, matter_id: int) -> Any:
    """The statutory clocks of a matter, each with the counting day by day."""
    return _record(_one(request, matter_id))["clocks"]


@router.get(
    "/{int:matter_id}/papers", auth=READ, response={200: list[shapes.Paper], **PROBLEMS}, operation_id="matter_papers"
)
def papers_of_matter(request: HttpRequest, matter_id: int) -> Any:
    """The papers of a matter that you may read."""
    return _record(_one(request, matter_id))["papers"]


@router.get(
    "/{int:matter_id}/proof",
    auth=Bearer("ledger:read"),
    response={200: dict[str, Any], **PROBLEMS},
    operation_id="matter_proof",
)
def matter_proof(request: HttpRequest, matter_id: int) -> HttpResponse:
    """The ledger 台账 of a matter as a file for `qingtian verify`."""
    one = _one(request, matter_id)
    content = ledger.export(chain=matters.chain(one.matter.pk), at=times.now())
    return HttpResponse(content, content_type="application/json")


@router.get(
    "/{int:matter_id}/proof/{int:sequence}",
    auth=Bearer("ledger:read"),
    response={200: rest_shapes.Inclusion, **PROBLEMS},
    operation_id="matter_inclusion",
)
def matter_inclusion(request: HttpRequest, matter_id: int, sequence: int) -> Any:
    """Proof (RFC 6962, 2.1.1) that an entry of the matter's ledger stands under the newest checkpoint."""
    one = _one(request, matter_id)
    return ledger.inclusion(chain=matters.chain(one.matter.pk), sequence=sequence)


@router.post("", auth=ACT, response={201: shapes.Matter, 200: shapes.Matter, **PROBLEMS}, operation_id="open_matter")
def open_matter(
    request: HttpRequest, opening: shapes.Opening, response: HttpResponse, idempotency_key: Header[str] = ""
) -> Any:
    """Open a matter. With an `Idempotency-Key` it is opened once, however often it is sent; then 200, as it is now."""
    at = times.now()
    names = ("source", "reference", "task", "offer", "district", "enterprise", "outlet")
    origin = Origin(episode=opening.alert, **{name: getattr(opening, name) for name in names})

    def do() -> Matter:
        return matters.open_matter(
            acting_user=owner(request),
            code=opening.kind,
            at=at,
            origin=origin,
            act=opening.act,
            title=opening.title,
            **_given(opening),
        )

    wish = {"open": opening.model_dump(mode="json")}
    return _once(request, response, idempotency_key, wish, do, fresh=201)


@router.post(
    "/{int:matter_id}/acts/{slug:act}",
    auth=ACT,
    response={200: shapes.Matter, **PROBLEMS},
    operation_id="act_on_matter",
)
def act_on_matter(
    request: HttpRequest,
    matter_id: int,
    act: str,
    said: shapes.Act,
    response: HttpResponse,
    idempotency_key: Header[str] = "",
) -> Any:
    """Do an act. If the matter is not at `revision` any more, nothing is done (`matters.changed_meanwhile`). With an
    `Idempotency-Key` it is done once, however often it is sent."""
    at = times.now()

    def do() -> Matter:
        return matters.do_act(
            acting_user=owner(request),
            matter_id=matter_id,
            act=act,
            at=at,
            revision=said.revision,
            **_given(said),
        )

    wish = {"matter": matter_id, "act": act, "said": said.model_dump(mode="json")}
    return _once(request, response, idempotency_key, wish, do, fresh=200)


def _given(said: shapes.Doing) -> dict[str, Any]:
    return {
        "facts": said.facts,
        "papers": said.uploads(),
        "present": tuple(said.present),
        "people": {role: tuple(names) for role, names in said.people.items()},
    }


def _once(
    request: HttpRequest,
    response: HttpResponse,
    key: str,
    wish: Mapping[str, Any],
    do: Callable[[], Matter],
    *,
    fresh: int,
) -> Status[dict[str, Any]]:
    answer = matters.once(acting_user=owner(request), key=key, wish=wish, at=times.now(), do=do)
    if answer.again:
        response["Idempotency-Replayed"] = "true"
    return Status(200 if answer.again else fresh, told(answer.matter))
