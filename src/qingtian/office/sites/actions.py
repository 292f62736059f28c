"""Acts on the limits of an outlet: permit limits, further standards, confirmed figures, how it is measured.

Each is one transaction with an entry in the ledger, and publishes a new plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from qingtian.base.errors import QingtianError, Term
from qingtian.law import limits as law
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import Role, User
from qingtian.office.sites.access import NotFoundHere
from qingtian.office.sites.access import outlet as visible_outlet
from qingtian.office.sites.limits import limits_of, name_of
from qingtian.office.sites.models import Basis, Limit, LimitConfirmation, Outlet, Period
from qingtian.office.sites.plan import publish_plan

SETTERS = (Role.OFFICER, Role.ADMINISTRATOR)
CONFIRMERS = (Role.REVIEWER, Role.LEADER, Role.ADMINISTRATOR)
OPERATING = frozenset(
    {"reference_oxygen", "gas_state", "flow_state", "duct_m2", "atmosphere_kpa", "ppm", "minute_interval"}
    | {"permitted_tonnes"}
)


class LimitNotByYou(QingtianError):
    code = "sites.limit_not_by_you"
    zh = "{role}不能{act}。请由有此职责的人员办理。"
    en = "As {role} you cannot {act}. Ask somebody whose office this is."


class LimitRefused(QingtianError):
    code = "sites.limit_refused"
    zh = "该限值未能登记：{why}。请核对后重新提交。"
    en = "The limit cannot be entered: {why}. Check it and submit it again."


def may_set_limits(user: User) -> bool:
    """Say whether this person enters permit limits, further standards and how outlets are measured."""
    return user.role in SETTERS and user.is_active


def may_confirm(user: User) -> bool:
    """Say whether this person confirms figures of standards."""
    return user.role in CONFIRMERS and user.is_active


def set_permit_limit(
    *,
    acting_user: User,
    outlet_code: str,
    factor: str,
    period: str,
    permit: str,
    document: str,
    at: datetime,
    upper: Decimal | None = None,
    lower: Decimal | None = None,
    start: date | None = None,
    end: date | None = None,
) -> Limit:
    """Enter a limit of the discharge permit 排污许可限值, in the unit in which devices report the factor.

    Where the standard's limit of this factor and period is meant at a reference oxygen, the permit's is too. A permit
    limit in force for the same factor, period and side ends the day the new one begins.

    :raises NotFoundHere: if the outlet is not in scope.
    :raises LimitNotByYou, LimitRefused:
    """
    _require(acting_user, SETTERS, Term(zh="登记许可限值", en="enter a permit limit"))
    outlet = visible_outlet(acting_user, outlet_code)
    unit = _checked_unit(factor, period, upper, lower, start, end)
    with transaction.atomic():
        converted = outlet.limits.filter(factor=factor, period=period).exclude(reference_oxygen=None).first()
        limit = Limit(
            outlet=outlet,
            factor=factor,
            period=period,
            upper=upper,
            lower=lower,
            unit=unit,
            measure=converted.measure if converted else law.MEASURED,
            reference_oxygen=converted.reference_oxygen if converted else None,
            basis=Basis.PERMIT,
            standard=f"排污许可证 {permit.strip()}",
            source=document.strip(),
            certainty="read",
            start=start,
            end=end,
            printed=f"{'<=' if lower is None else '>='} {upper if lower is None else lower} {unit}",
        )
        _end_others(limit, at)
        limit.save()
        _record(acting_user, "set_permit_limit", at, outlet, _content(limit))
    return limit


def end_permit_limit(*, acting_user: User, limit_id: int, end: date, at: datetime) -> Limit:
    """Let a permit limit end on a day (exclusive); it stays for the time before.

    :raises NotFoundHere, LimitNotByYou, LimitRefused:
    """
    _require(acting_user, SETTERS, Term(zh="终止许可限值", en="end a permit limit"))
    with transaction.atomic():
        limit = _limit_in_scope(acting_user, limit_id)
        if limit.basis != Basis.PERMIT or (limit.start and end <= limit.start):
            raise LimitRefused(
                why=Term(zh="只有许可限值可以终止，且须晚于起始日", en="only a permit limit ends so, after its start")
            )
        limit.end = end
        limit.save()
        _record(acting_user, "end_permit_limit", at, limit.outlet, _content(limit))
    return limit


def apply_standard(*, acting_user: User, outlet_code: str, standard: str, source_type: str, at: datetime) -> int:
    """Put an outlet under a further standard 执行标准, for the factors it has limits of; say how many limits it adds.

    :raises NotFoundHere, LimitNotByYou:
    :raises LimitRefused: if the standard has nothing for them, or is applied already.
    """
    _require(acting_user, SETTERS, Term(zh="增加执行标准", en="apply a standard"))
    outlet = visible_outlet(acting_user, outlet_code)
    with transaction.atomic():
        present = list(outlet.limits.all())
        if any(row.standard == standard and row.source_type == source_type for row in present):
            raise LimitRefused(why=Term(zh="该排放口已执行此标准", en="the outlet is under this standard already"))
        factors = {row.factor for row in present}
        added = list(limits_of(outlet, factors=factors, standard=standard, source_type=source_type))
        if not added:
            raise LimitRefused(why=Term(zh="该标准没有适用的限值", en="the standard has no limit for its factors"))
        Limit.objects.bulk_create(added)
        content = {"standard": standard, "source_type": source_type, "limits": len(added)}
        _record(acting_user, "apply_standard", at, outlet, content)
    return len(added)


def confirm_limit(*, acting_user: User, limit_id: int, document: str, at: datetime) -> LimitConfirmation:
    """Confirm the figure of a limit from a document (限值确认): from then on it can support a penalty.

    It holds for every outlet under the same row of the same standard.

    :raises NotFoundHere, LimitNotByYou:
    :raises LimitRefused: if no document is named.
    """
    _require(acting_user, CONFIRMERS, Term(zh="确认限值", en="confirm a limit"))
    if not document.strip():
        raise LimitRefused(why=Term(zh="没有写明依据的文件", en="no document is named"))
    with transaction.atomic():
        limit = _limit_in_scope(acting_user, limit_id)
        standard, source_type, factor, period, printed = name_of(limit)
        confirmation = LimitConfirmation.objects.create(
            standard=standard,
            source_type=source_type,
            factor=factor,
            period=period,
            printed=printed,
            by=acting_user.username,
            by_name=acting_user.name,
            at=at,
            document=document.strip(),
        )
        content = {**_content(limit), "document": confirmation.document}
        _record(acting_user, "confirm_limit", at, limit.outlet, content)
    return confirmation


def set_operating(*, acting_user: User, outlet_code: str, facts: Mapping[str, Any], at: datetime) -> Outlet:
    """Say how an outlet is measured (docs/architecture.md, Plan: ``operating``); what is not named keeps its default.

    :raises NotFoundHere, LimitNotByYou:
    :raises LimitRefused: if a fact is none of those.
    """
    _require(acting_user, SETTERS, Term(zh="登记监测工况", en="say how an outlet is measured"))
    unknown = sorted(set(facts) - OPERATING)
    if unknown:
        raise LimitRefused(why=Term(zh=f"没有这样的工况参数 {unknown}", en=f"there are no such facts: {unknown}"))
    outlet = visible_outlet(acting_user, outlet_code)
    with transaction.atomic():
        outlet.operating = dict(facts)
        outlet.save(update_fields=["operating"])
        _record(acting_user, "set_operating", at, outlet, {"operating": outlet.operating})
    return outlet


def set_permitted_amount(
    *, acting_user: User, outlet_code: str, factor: str, tonnes: Decimal | None, document: str, at: datetime
) -> Outlet:
    """Enter what the permit allows of a factor in a year 许可排放量 (t/a), and where it stands; None takes it back.

    :raises NotFoundHere, LimitNotByYou, LimitRefused:
    """
    _require(acting_user, SETTERS, Term(zh="登记许可排放量", en="enter a permitted amount"))
    if factor not in law.factor_units():
        raise LimitRefused(why=Term(zh=f"没有监测因子 {factor}", en=f"there is no factor {factor}"))
    if tonnes is not None and not (tonnes.is_finite() and tonnes > 0):
        raise LimitRefused(why=Term(zh="许可排放量须大于零", en="a permitted amount is above zero"))
    if tonnes is not None and not document.strip():
        raise LimitRefused(why=Term(zh="须写明许可证编号及所在位置", en="say which permit, and where it stands there"))
    outlet = visible_outlet(acting_user, outlet_code)
    allowed = dict(outlet.operating.get("permitted_tonnes") or {})
    if tonnes is None:
        allowed.pop(factor, None)
    else:
        allowed[factor] = {"tonnes": float(tonnes), "document": document.strip()}
    facts = {**outlet.operating, "permitted_tonnes": allowed}
    return set_operating(acting_user=acting_user, outlet_code=outlet_code, facts=facts, at=at)


def _require(user: User, roles: tuple[Role, ...], act: Term) -> None:
    if user.role not in roles or not user.is_active:
        raise LimitNotByYou(role=user.role_term, act=act)


def _limit_in_scope(user: User, limit_id: int) -> Limit:
    limit = Limit.objects.select_related("outlet").filter(pk=limit_id).first()
    if limit is None:
        raise NotFoundHere(what=Term(zh="限值", en="limit"), code=str(limit_id))
    visible_outlet(user, limit.outlet_id)
    return limit


def _checked_unit(
    factor: str, period: str, upper: Decimal | None, lower: Decimal | None, start: date | None, end: date | None
) -> str:
    unit = law.factor_units().get(factor)
    if unit is None:
        raise LimitRefused(why=Term(zh=f"没有监测因子 {factor}", en=f"there is no factor {factor}"))
    if period not in Period.values:
        raise LimitRefused(why=Term(zh=f"没有时段 {period}", en=f"there is no period {period}"))
    if (upper is None) == (lower is None):
        raise LimitRefused(why=Term(zh="上限与下限须且只须填一个", en="give either an upper or a lower bound"))
    if start and end and end <= start:
        raise LimitRefused(why=Term(zh="终止日须晚于起始日", en="it ends before it begins"))
    return unit


def _end_others(limit: Limit, at: datetime) -> None:
    """End the permit limit that the new one replaces, when the new one begins."""
    begins = limit.start or at.date()
    others = Limit.objects.filter(
        outlet=limit.outlet,
        basis=Basis.PERMIT,
        factor=limit.factor,
        period=limit.period,
        lower__isnull=limit.lower is None,
    )
    for other in others:
        if (other.end is None or other.end > begins) and (other.start is None or other.start < begins):
            other.end = begins
            other.save()


def _content(limit: Limit) -> dict[str, Any]:
    return {
        "limit": limit.pk,
        "factor": limit.factor,
        "period": limit.period,
        "printed": limit.printed,
        "standard": limit.standard,
        "source": limit.source,
        "from": limit.start.isoformat() if limit.start else None,
        "to": limit.end.isoformat() if limit.end else None,
    }


def _record(user: User, act: str, at: datetime, outlet: Outlet, content: Mapping[str, Any]) -> None:
    ledger.append(chain="limits", acting_user=user, act=act, at=at, content={"outlet": outlet.pk, **content})
    publish_plan(acting_user=user, at=at)
