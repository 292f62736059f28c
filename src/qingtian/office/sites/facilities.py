"""Acts on the facilities 产污、治污设施 of an outlet and the channels that tell of them (用电、工况通道).

Each is one transaction with an entry in the ledger, and publishes a new plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from qingtian.base.errors import QingtianError, Term
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import Role, Scope, User
from qingtian.office.sites.access import NotFoundHere
from qingtian.office.sites.access import outlet as visible_outlet
from qingtian.office.sites.actions import LimitNotByYou
from qingtian.office.sites.factors import factor
from qingtian.office.sites.models import Facility, FacilityRole, Outlet
from qingtian.office.sites.plan import publish_plan

SETTERS = (Role.OFFICER, Role.ADMINISTRATOR)
CODE = re.compile(r"[a-zA-Z0-9]{3,8}")
MEASURED = ("w", "a")
"""How codes begin that are of the water or gas itself."""

POWER, CURRENT, STATE = "kW", "A", ""
UNITS = (POWER, CURRENT, STATE)


class FacilityRefused(QingtianError):
    code = "sites.facility_refused"
    zh = "设施“{name}”未能登记：{why}。请核对后重新提交。"
    en = "The facility {name!r} cannot be entered: {why}. Check it and submit it again."


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A facility as somebody enters it; ``treats``: names of production units. Fields as in `Facility`."""

    name: str
    role: str
    factor: str
    unit: str = POWER
    rated: float | None = None
    biological: bool = False
    treats: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None


def may_set_facilities(user: User) -> bool:
    """Say whether this person enters facilities and their channels."""
    return user.role in SETTERS and user.is_active


def facilities(user: User, *, outlet: str = "") -> list[Facility]:
    """Return the facilities in scope, of one outlet if it is named, by outlet and in the order they were entered."""
    rows = Facility.objects.select_related("outlet__enterprise").prefetch_related("treats")
    if outlet:
        rows = rows.filter(outlet_id=outlet)
    return list(rows.filter(Scope.of(user).q("outlet__")).order_by("outlet_id", "pk"))


def set_facility(*, acting_user: User, outlet_code: str, wanted: Wanted, at: datetime) -> Facility:
    """Enter a facility with its channel 登记设施, or say anew what the one of this name is.

    :raises NotFoundHere, LimitNotByYou, FacilityRefused:
    """
    (found,) = set_facilities(acting_user=acting_user, wanted=[(outlet_code, wanted)], at=at)
    return found


def set_facilities(*, acting_user: User, wanted: Sequence[tuple[str, Wanted]], at: datetime) -> list[Facility]:
    """Enter facilities of any outlets, all of them or none, with one new plan; production units may stand behind.

    :raises NotFoundHere, LimitNotByYou, FacilityRefused:
    """
    _require(acting_user)
    with transaction.atomic():
        outlets = {code: visible_outlet(acting_user, code) for code in dict.fromkeys(code for code, _ in wanted)}
        Outlet.objects.select_for_update().filter(pk__in=list(outlets)).count()
        pairs = [(_put(outlets[code], one), one) for code, one in wanted]
        for facility, one in pairs:
            _relate(facility, one)
        for outlet in outlets.values():
            _check_channels(outlet)
        for facility, _ in pairs:
            _record(acting_user, "set_facility", at, facility)
        publish_plan(acting_user=acting_user, at=at)
    return [facility for facility, _ in pairs]


def end_facility(*, acting_user: User, outlet_code: str, name: str, end: date, at: datetime) -> Facility:
    """Let a facility, or its channel, end on a day (excluded); it stays for the time before.

    :raises NotFoundHere, LimitNotByYou, FacilityRefused:
    """
    _require(acting_user)
    outlet = visible_outlet(acting_user, outlet_code)
    with transaction.atomic():
        facility = Facility.objects.select_for_update().filter(outlet=outlet, name=name).first()
        if facility is None:
            raise NotFoundHere(what=Term(zh="设施", en="facility"), code=name)
        if facility.start and end <= facility.start:
            raise _refused(name, "停用日须晚于启用日", "it ends before it begins")
        facility.end = end
        facility.save(update_fields=["end"])
        _record(acting_user, "end_facility", at, facility)
        publish_plan(acting_user=acting_user, at=at)
    return facility


def unit_of(code: str, unit: str) -> str:
    """Return the unit of a channel: what the table of factors says of a process condition, else what was given."""
    known = factor(code)
    return unit if known.zh == code else known.unit


def _put(outlet: Outlet, wanted: Wanted) -> Facility:
    name, code = wanted.name.strip(), wanted.factor.strip()
    unit = unit_of(code, wanted.unit)
    for wrong, zh, en in _faults(wanted, name, code, unit):
        if wrong:
            raise _refused(name or "—", zh, en)
    values: dict[str, Any] = {"role": wanted.role, "factor": code, "unit": unit}
    values |= {"rated": wanted.rated if unit else None}
    values |= {"biological": wanted.biological and wanted.role == FacilityRole.TREATMENT}
    values |= {"start": wanted.start, "end": wanted.end}
    return Facility.objects.update_or_create(outlet=outlet, name=name, defaults=values)[0]


def _faults(wanted: Wanted, name: str, code: str, unit: str) -> Iterable[tuple[bool, str, str]]:
    """Yield what may be wrong: whether it is, and the words for it."""
    yield not name, "没有填写设施名称", "it has no name"
    yield wanted.role not in FacilityRole.values, "设施类型不在选项中", "its kind is none of the choices"
    yield not CODE.fullmatch(code), "通道编码须为 3 至 8 位字母或数字", "a channel's code has 3 to 8 letters or digits"
    yield (
        code[:1] in MEASURED,
        "w、a 开头的编码是水、气因子，不是通道",
        "a code in w or a is of the water or gas itself",
    )
    told = f"{code} {unit}"
    yield unit not in UNITS, f"{told} 不是功率、电流或运行状态", f"{told} is no power, current or state"
    yield wanted.rated is not None and not 0 < wanted.rated < 1e9, "额定值须大于零", "what is rated is above zero"
    ended = wanted.start and wanted.end and wanted.end <= wanted.start
    yield bool(ended), "停用日须晚于启用日", "it ends before it begins"
    related = bool(wanted.treats) and wanted.role != FacilityRole.TREATMENT
    yield related, "只有治污设施填写对应的产污设施", "only a treatment unit treats others"


def _relate(facility: Facility, wanted: Wanted) -> None:
    names = [name.strip() for name in wanted.treats if name.strip()]
    units = Facility.objects.filter(outlet=facility.outlet, role=FacilityRole.PRODUCTION)
    found = {unit.name: unit for unit in units}
    unknown = [name for name in names if name not in found]
    if unknown:
        missing = "、".join(unknown)
        raise _refused(
            facility.name, f"该排放口没有产污设施“{missing}”", f"the outlet has no production unit {missing}"
        )
    facility.treats.set([found[name] for name in names])


def _check_channels(outlet: Outlet) -> None:
    """:raises FacilityRefused: if two units claim one channel at one time."""
    rows = list(Facility.objects.filter(outlet=outlet).order_by("pk"))
    for place, one in enumerate(rows):
        for other in rows[:place]:
            if one.factor == other.factor and _overlap(one, other):
                why = f"通道 {one.factor} 同期已登记给“{other.name}”，请先停用后者"
                raise _refused(
                    one.name, why, f"channel {one.factor} is that of {other.name!r} at the time; end it first"
                )


def _overlap(one: Facility, other: Facility) -> bool:
    begins = max(one.start or date.min, other.start or date.min)
    return begins < min(one.end or date.max, other.end or date.max)


def _refused(name: str, zh: str, en: str) -> FacilityRefused:
    return FacilityRefused(name=name, why=Term(zh=zh, en=en))


def _require(user: User) -> None:
    if not may_set_facilities(user):
        raise LimitNotByYou(role=user.role_term, act=Term(zh="登记设施与通道", en="enter facilities and channels"))


def _record(user: User, act: str, at: datetime, facility: Facility) -> None:
    content: dict[str, Any] = {
        name: getattr(facility, name) for name in ("name", "role", "factor", "unit", "rated", "biological")
    }
    content |= {"outlet": facility.outlet_id, "treats": sorted(unit.name for unit in facility.treats.all())}
    content |= {
        name: day.isoformat() if day else None for name, day in (("from", facility.start), ("to", facility.end))
    }
    ledger.append(chain="facilities", acting_user=user, act=act, at=at, content=content)
