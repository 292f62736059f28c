"""Acts on measuring ranges 量程 and detection limits 检出限 of analysers: entered by an officer, or by the firm and
then confirmed by an officer. What stands goes into the plan; each act is one transaction with an entry in the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from qingtian.base.errors import QingtianError, Term
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import NotYours, Role, Scope, User
from qingtian.office.sites.access import NotFoundHere
from qingtian.office.sites.access import outlet as visible_outlet
from qingtian.office.sites.factors import factors
from qingtian.office.sites.models import MeasuringRange, Outlet, RangeState
from qingtian.office.sites.plan import publish_plan

SETTERS = (Role.OFFICER, Role.ADMINISTRATOR)
MOST_LETTERS = 128
"""Of the document that a range is written in."""
MOST_OF_OPINION = 255
MEASURED = ("w", "a")
"""How codes begin that are of the water or gas itself."""


class RangeRefused(QingtianError):
    code = "sites.range_refused"
    zh = "{factor} 的量程未登记：{why}。请核对后重新提交。"
    en = "The range of {factor} was not entered: {why}. Check it and submit it again."


class RangeNotProposed(QingtianError):
    code = "sites.range_not_proposed"
    zh = "这条量程登记不在待确认状态，不能再{act}。请刷新页面查看最新状态。"
    en = "This entry of a range does not wait for confirmation; one cannot {act} it any more. Reload the page."


@dataclass(frozen=True, kw_only=True)
class WantedRange:
    """A range as somebody enters it, in the unit of the factor table. ``mn`` empty: of all devices of the outlet.

    ``document``: where it is written (name plate 铭牌, acceptance report 验收报告).
    """

    factor: str
    top: float | None
    detection: float | None
    mn: str = ""
    document: str = ""
    start: date | None = None


def may_set_ranges(user: User) -> bool:
    """Say whether what this person enters stands at once, and whether they confirm what firms enter."""
    return user.role in SETTERS and user.is_active


def may_propose_ranges(user: User) -> bool:
    """Say whether this person enters ranges of their own outlets for an officer to confirm."""
    return user.role == Role.ENTERPRISE and user.is_active


def ranges(user: User, *, outlet: str = "", state: str = "") -> list[MeasuringRange]:
    """Return the ranges in scope, of one outlet or state if named, by outlet, factor and device. One query."""
    rows = MeasuringRange.objects.select_related("outlet__enterprise").filter(Scope.of(user).q("outlet__"))
    if outlet:
        rows = rows.filter(outlet_id=outlet)
    if state:
        rows = rows.filter(state=state)
    return list(rows.order_by("outlet_id", "factor", "mn", "-pk"))


def enter_ranges(*, acting_user: User, wanted: Sequence[tuple[str, WantedRange]], at: datetime) -> list[MeasuringRange]:
    """Enter ranges of any outlets 登记量程, all of them or none. Of an officer they stand at once, with one new plan;
    of a firm they wait for an officer.

    :raises NotYours, NotFoundHere, RangeRefused:
    """
    stands = may_set_ranges(acting_user)
    if not (stands or may_propose_ranges(acting_user)):
        raise NotYours(role=acting_user.role_term, act=Term(zh="登记量程", en="enter measuring ranges"))
    with transaction.atomic():
        outlets = {code: visible_outlet(acting_user, code) for code in dict.fromkeys(code for code, _ in wanted)}
        Outlet.objects.select_for_update().filter(pk__in=list(outlets)).count()
        made = [_made(outlets[code], one, acting_user, at, stands=stands) for code, one in wanted]
        for row in made:
            _record(acting_user, "enter_range" if stands else "propose_range", at, row)
        if stands:
            publish_plan(acting_user=acting_user, at=at)
    return made


def decide_range(*, acting_user: User, range_id: int, accept: bool, opinion: str, at: datetime) -> MeasuringRange:
    """Confirm what a firm entered 确认, or send it back 退回 with the reason.

    :raises NotYours, NotFoundHere, RangeNotProposed, RangeRefused:
    """
    _require(acting_user)
    with transaction.atomic():
        row = _held(acting_user, range_id)
        if row.state != RangeState.PROPOSED:
            raise RangeNotProposed(act=Term(zh="确认或退回", en="confirm or send back"))
        if not accept and not opinion.strip():
            raise _refused(row.factor, "退回须说明理由", "sending it back wants a reason")
        if len(opinion.strip()) > MOST_OF_OPINION:
            raise _refused(row.factor, "意见最长 255 个字", "the opinion has 255 letters at most")
        row.state = RangeState.STANDING if accept else RangeState.REFUSED
        row.decided_by, row.decided_at, row.opinion = acting_user.name, at, opinion.strip()
        if accept:
            _make_room(row)
        row.save()
        _record(acting_user, "confirm_range" if accept else "refuse_range", at, row)
        if accept:
            publish_plan(acting_user=acting_user, at=at)
    return row


def end_range(*, acting_user: User, range_id: int, end: date, at: datetime) -> MeasuringRange:
    """Let a range end on a day (excluded); it stays for the time before.

    :raises NotYours, NotFoundHere, RangeRefused:
    """
    _require(acting_user)
    with transaction.atomic():
        row = _held(acting_user, range_id)
        if row.state != RangeState.STANDING or (row.start and end <= row.start):
            raise _refused(row.factor, "停用日须晚于启用日，且登记已生效", "it must stand, and end after it begins")
        row.end = end
        row.save(update_fields=["end"])
        _record(acting_user, "end_range", at, row)
        publish_plan(acting_user=acting_user, at=at)
    return row


def _held(user: User, range_id: int) -> MeasuringRange:
    # with the outlet, as those who enter do: of two that take the same place one comes after the other
    rows = MeasuringRange.objects.select_for_update(of=("self", "outlet")).select_related("outlet")
    found = rows.filter(Scope.of(user).q("outlet__"), pk=range_id).first()
    if found is None:
        raise NotFoundHere(what=Term(zh="量程登记", en="entry of a range"), code=range_id)
    return found


def _made(outlet: Outlet, wanted: WantedRange, user: User, at: datetime, *, stands: bool) -> MeasuringRange:
    known = factors().get(wanted.factor.strip())
    for wrong, zh, en in _faults(outlet, wanted):
        if wrong:
            raise _refused(known.zh if known else wanted.factor or "—", zh, en)
    row = MeasuringRange(
        outlet=outlet,
        mn=wanted.mn.strip(),
        factor=wanted.factor.strip(),
        top=wanted.top,
        detection=wanted.detection,
        document=wanted.document.strip(),
        state=RangeState.STANDING if stands else RangeState.PROPOSED,
        start=wanted.start,
        made_by=user.name,
        made_at=at,
    )
    if stands:
        _make_room(row)
    row.save()
    return row


def _faults(outlet: Outlet, wanted: WantedRange) -> Iterable[tuple[bool, str, str]]:
    """Yield what may be wrong: whether it is, and the words for it."""
    top, detection, code = wanted.top, wanted.detection, wanted.factor.strip()
    known = code in factors() and code[:1] in MEASURED
    yield not known, "编码不是因子表中的水、气因子", "its code is no factor of water or gas in the table"
    yield (
        top is None and detection is None,
        "量程上限和检出限至少填一项",
        "neither the top nor the detection limit is given",
    )
    yield top is not None and not 0 < top < 1e9, "量程上限须大于零", "the top of a range is above zero"
    yield detection is not None and not 0 < detection < 1e9, "检出限须大于零", "a detection limit is above zero"
    yield len(wanted.document.strip()) > MOST_LETTERS, "依据最长 128 个字", "the document has 128 letters at most"
    both = top is not None and detection is not None
    yield both and not (detection or 0) < (top or 0), "检出限须低于量程上限", "the detection limit is below the top"
    mns = {device.mn for device in outlet.devices.all()}
    yield (
        bool(wanted.mn.strip()) and wanted.mn.strip() not in mns,
        "该排放口没有此设备",
        "the outlet has no such device",
    )


def _make_room(row: MeasuringRange) -> None:
    """End what stood of the same device and factor where this one begins; what began later is replaced."""
    same = MeasuringRange.objects.filter(outlet=row.outlet, mn=row.mn, factor=row.factor, state=RangeState.STANDING)
    if row.start is None:
        same.update(state=RangeState.REPLACED)
        return
    same.filter(start__gte=row.start).update(state=RangeState.REPLACED)
    same.filter(Q(end=None) | Q(end__gt=row.start), state=RangeState.STANDING).update(end=row.start)


def _require(user: User) -> None:
    if not may_set_ranges(user):
        raise NotYours(role=user.role_term, act=Term(zh="确认量程登记", en="confirm measuring ranges"))


def _refused(factor: str, zh: str, en: str) -> RangeRefused:
    return RangeRefused(factor=factor, why=Term(zh=zh, en=en))


def _record(user: User, act: str, at: datetime, row: MeasuringRange) -> None:
    names = ("mn", "factor", "top", "detection", "document", "state", "opinion")
    days = {"from": row.start, "to": row.end}
    content = {name: getattr(row, name) for name in names} | {"range": row.pk, "outlet": row.outlet_id}
    content |= {name: day.isoformat() if day else None for name, day in days.items()}
    ledger.append(chain="ranges", acting_user=user, act=act, at=at, content=content)
