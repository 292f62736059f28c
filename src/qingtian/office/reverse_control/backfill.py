"""Back-fill as people see and steer it (补传): progress by device, pause, start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from qingtian.base.errors import QingtianError, Term
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import NotYours, Role, Scope, User
from qingtian.office.reverse_control import events, rights
from qingtian.office.reverse_control.models import BackfillPause, Gap, GapState
from qingtian.office.sites.api import Device, NotFoundHere

STEERERS = frozenset({Role.DUTY_DESK, Role.ADMINISTRATOR})
ALL = Term(zh="全市", en="the whole city")


class BackfillUnmoved(QingtianError):
    code = "reverse_control.backfill_unmoved"
    zh = "{what}的补传已经是“{state}”，没有改变。请刷新页面查看最新状态。"
    en = "Back-fill of {what} is {state} already; nothing was changed. Reload the page to see how it stands."


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Records of one device that were found missing, by what became of them."""

    mn: str
    outlet: str
    outlet_name: str
    outlet_name_en: str
    enterprise: str
    enterprise_en: str
    records: int
    missing: int
    asked: int
    filled: int
    refused: int
    changed_at: datetime
    paused: bool


def progress(user: User, *, outlet: str = "", search: str = "") -> list[Progress]:
    """Return the devices in scope with gaps, those first that miss most. One query."""
    rows = _in_scope(user)
    if outlet:
        rows = rows.filter(outlet_id=outlet)
    if search:
        by_name = Q(outlet__name__icontains=search) | Q(outlet__enterprise__name__icontains=search)
        rows = rows.filter(by_name | Q(device__mn__icontains=search) | Q(outlet__code__iexact=search))
    grouped = rows.values(
        mn=F("device_id"),
        outlet_code=F("outlet_id"),
        outlet_name=F("outlet__name"),
        outlet_name_en=F("outlet__name_en"),
        enterprise=F("outlet__enterprise__name"),
        enterprise_en=F("outlet__enterprise__name_en"),
        pause=F("device__backfill_pause__id"),
    ).annotate(
        total=Sum("records"),
        missing=_left(GapState.MISSING),
        asked=_left(GapState.ASKED),
        refused=_left(GapState.REFUSED, GapState.GIVEN_UP),
        changed=Max("changed_at"),
    )
    return [_progress(dict(row)) for row in grouped.order_by("-missing", "-asked", "mn")]


def _in_scope(user: User) -> QuerySet[Gap]:
    return Gap.objects.filter(Scope.of(user).q("outlet__")) if rights.may_watch(user) else Gap.objects.none()


def _left(*states: GapState) -> Coalesce:
    return Coalesce(Sum("left", filter=Q(state__in=states)), 0)


def _progress(values: dict[str, Any]) -> Progress:
    pause, total = values.pop("pause"), values.pop("total")
    open_ones = sum(values[name] for name in ("missing", "asked", "refused"))
    return Progress(
        outlet=values.pop("outlet_code"),
        records=total,
        filled=total - open_ones,
        changed_at=values.pop("changed"),
        paused=pause is not None,
        **values,
    )


def gaps_of(user: User, *, mn: str, limit: int = 200) -> list[Gap]:
    """Return the gaps of a device in scope, newest first, with the command that asked last. One query."""
    rows = _in_scope(user).filter(device_id=mn).select_related("command")
    return list(rows.order_by("-begin", "cn")[:limit])


@dataclass(frozen=True, kw_only=True)
class BackfillState:
    """Whether back-fill goes on in all (``pause`` None), and how many gaps are where."""

    pause: BackfillPause | None
    missing: int
    asked: int


def backfill_state(user: User) -> BackfillState:
    """Return how back-fill stands in the scope. Two queries."""
    counted = _in_scope(user).aggregate(
        missing=Count("pk", Q(state=GapState.MISSING)), asked=Count("pk", Q(state=GapState.ASKED))
    )
    return BackfillState(pause=BackfillPause.objects.filter(device=None).first(), **counted)


def may_steer(user: User, *, mn: str = "") -> bool:
    """Say whether this person may pause and start back-fill: of all only who sees the whole city."""
    return user.is_active and user.role in STEERERS and (bool(mn) or Scope.of(user).everything)


def pause_backfill(*, acting_user: User, mn: str = "", reason: str = "", at: datetime) -> None:
    """Ask a device for no records any more until it is started again; without ``mn``, all devices (暂停补传).

    What was asked goes on to its end.

    :raises NotYours, NotFoundHere, BackfillUnmoved:
    """
    device = _steered(acting_user, mn, Term(zh="暂停补传", en="pause back-fill"))
    with transaction.atomic():
        _, made = BackfillPause.objects.get_or_create(
            device=device, defaults={"reason": reason.strip(), "by": acting_user.username, "at": at}
        )
        if not made:
            raise BackfillUnmoved(what=mn or ALL, state=Term(zh="暂停", en="paused"))
        _record(acting_user, device, "pause_backfill", {"reason": reason.strip()}, at)


def start_backfill(*, acting_user: User, mn: str = "", at: datetime) -> None:
    """Let back-fill of a device, or of all, go on (启动补传).

    :raises NotYours, NotFoundHere, BackfillUnmoved:
    """
    device = _steered(acting_user, mn, Term(zh="启动补传", en="start back-fill"))
    with transaction.atomic():
        deleted, _ = BackfillPause.objects.filter(device=device).delete()
        if not deleted:
            raise BackfillUnmoved(what=mn or ALL, state=Term(zh="进行中", en="going on"))
        _record(acting_user, device, "start_backfill", {}, at)


def _steered(user: User, mn: str, act: Term) -> Device | None:
    if not may_steer(user, mn=mn):
        raise NotYours(role=user.role_term, act=act)
    if not mn:
        return None
    device = Device.objects.select_related("outlet").filter(Scope.of(user).q("outlet__"), pk=mn).first()
    if device is None:
        raise NotFoundHere(what=Term(zh="设备", en="device"), code=mn)
    return device


def backfill_chain(mn: str = "") -> str:
    """Return the chain of acts on the back-fill of a device, or of all."""
    return f"backfill:{mn}" if mn else "backfill"


def _record(user: User, device: Device | None, act: str, content: dict[str, str], at: datetime) -> None:
    chain = backfill_chain(device.pk if device else "")
    entry = ledger.append(chain=chain, acting_user=user, act=act, at=at, content=content)
    outlet = device.outlet if device else None
    ledger.tell(
        kind=events.BACKFILL_CHANGED,
        id=entry.pk,
        outlet=outlet.pk if outlet else None,
        district=outlet.district_id if outlet else None,
        grid=outlet.grid_id if outlet else None,
        enterprise=outlet.enterprise_id if outlet else None,
    )
