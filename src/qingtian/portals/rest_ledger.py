"""The ledger for programs (台账接口): checkpoints, proofs that an entry is held and that nothing was rewritten."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from qingtian.base import times
from qingtian.base.errors import Term
from qingtian.office.ledger import api as ledger
from qingtian.office.matters import api as matters
from qingtian.office.sites.api import NotFoundHere
from qingtian.portals import rest_shapes
from qingtian.portals.rest_door import PROBLEMS, Bearer, owner

router = Router(tags=["ledger 台账"])


@router.get(
    "checkpoint",
    auth=Bearer("ledger:read"),
    response={200: rest_shapes.Checkpoint, **PROBLEMS},
    operation_id="checkpoint",
)
def newest_checkpoint(request: HttpRequest) -> Any:
    """The newest signed root 检查点 over the ledger; keep it, and no older entry can be rewritten unnoticed."""
    found = ledger.latest()
    if found is None:
        raise NotFoundHere(what=Term(zh="检查点", en="checkpoint"), code="-")
    return found


@router.get(
    "consistency",
    auth=Bearer("ledger:read"),
    response={200: rest_shapes.Consistency, **PROBLEMS},
    operation_id="consistency",
)
def consistency(request: HttpRequest, size: int) -> Any:
    """Proof (RFC 6962, 2.1.2) that the newest checkpoint begins with the first `size` entries: those of yours, if
    `root` is the root that you kept."""
    return ledger.consistency(size=size)


@router.post("erase", auth=Bearer("ledger:erase"), response={200: rest_shapes.Erased, **PROBLEMS}, operation_id="erase")
def erase(request: HttpRequest, wish: rest_shapes.Erasure) -> Any:
    """Erase personal fields 个人信息 of one entry; the administrator's act, with a reason."""
    fields = matters.erase(
        acting_user=owner(request),
        chain=wish.chain,
        sequence=wish.sequence,
        reason=wish.reason,
        at=times.now(),
        names=wish.fields,
    )
    return {"fields": fields}
