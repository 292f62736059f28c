"""Enter the registers an office begins with (建档): all rows of all workbooks, or none; what is there already stays."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import models, transaction

from qingtian.base.errors import Term
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import SHORTEST_PASSWORD, District, DistrictOutline, Grid, Role, User
from qingtian.office.sites.factors import factors
from qingtian.office.sites.founding_books import FORMS, MEDIA, ROLES
from qingtian.office.sites.limits import limits_of
from qingtian.office.sites.models import Device, Enterprise, Limit, Outlet
from qingtian.office.sites.plan import publish_plan
from qingtian.office.sites.sheets import BookRefused, Cells, number_in, text_in

FOUNDER = ledger.System("registers")
NO_OUTLINE = {"type": "MultiPolygon", "coordinates": []}
OUTLET_CODE = re.compile(r"[A-Za-z0-9-]{1,32}")
MN = re.compile(r"[0-9A-Za-z]{14,24}")
MOST_PW = 9
Rows = Sequence[Cells]
Fault = tuple[str, str]


def enter_registers(books: Mapping[str, bytes], *, at: datetime) -> dict[str, int]:
    """Enter what the workbooks hold (by the names of `FORMS`), publish the plan; return how many are new in each.

    A code that is registered already is left as it stands: to change it is an act of its own.

    :raises BookRefused: if a workbook cannot be read or a row cannot be entered; nothing is entered then.
    """
    read = {name: FORMS[name].read(books[name]) for name in FORMS if name in books}
    with transaction.atomic():
        entered = {name: ENTER[name](rows, at) for name, rows in read.items()}
        publish_plan(acting_user=FOUNDER, at=at)
    return entered


def _check(rows: Rows, faults: Callable[[Cells], Iterator[Fault]]) -> None:
    """:raises BookRefused: if any row has a fault; all of them are named by what the row is called."""
    found = [(next(iter(cells.values())), fault) for cells in rows for fault in faults(cells)]
    if found:
        zh = "；".join(f"“{called}”{said}" for called, (said, _) in found)
        en = "; ".join(f"{called}: {said}" for called, (_, said) in found)
        raise BookRefused(why=Term(zh=zh, en=en))


def _new(model: type[models.Model], rows: Rows, key: str, field: str = "pk") -> list[Cells]:
    """Return the rows whose key is not registered yet, each key once.

    :raises BookRefused: if a key stands there more than once; a district does, with each of its grids.
    """
    by_key = {text_in(cells, key): cells for cells in rows}
    if key != "district":
        twice = sorted(code for code, count in Counter(text_in(cells, key) for cells in rows).items() if count > 1)
        if twice:
            raise BookRefused(
                why=Term(zh=f"{'、'.join(twice)} 出现多次", en=f"{', '.join(twice)} stand there more than once")
            )
    known = set(model._default_manager.filter(**{f"{field}__in": by_key}).values_list(field, flat=True))
    return [cells for code, cells in by_key.items() if code not in known]


def _missing(model: type[models.Model], rows: Rows, key: str, named: Fault) -> Callable[[Cells], Iterator[Fault]]:
    """Return what says of a row that it names something that is not registered."""
    wanted = {text_in(cells, key) for cells in rows} - {""}
    lacking = wanted - set(model._default_manager.filter(pk__in=wanted).values_list("pk", flat=True))

    def faults(cells: Cells) -> Iterator[Fault]:
        code = text_in(cells, key)
        if code in lacking:
            yield f"：没有登记{named[0]} {code}", f"there is no {named[1]} {code}"

    return faults


def _write(chain: str, content: Mapping[str, object], at: datetime) -> None:
    ledger.append(chain=chain, acting_user=FOUNDER, act="register", at=at, content=content)


def _grids(rows: Rows, at: datetime) -> int:
    for cells in _new(District, rows, "district"):
        district = District.objects.create(
            code=text_in(cells, "district"),
            name=text_in(cells, "district_name"),
            name_en=text_in(cells, "district_en") or text_in(cells, "district_name"),
            lon=_degrees(cells, "lon"),
            lat=_degrees(cells, "lat"),
        )
        DistrictOutline.objects.create(district=district, geometry=NO_OUTLINE)
        _write(f"district:{district.pk}", {"name": district.name}, at)
    new = _new(Grid, rows, "code")
    for cells in new:
        grid = Grid.objects.create(
            code=text_in(cells, "code"), district_id=text_in(cells, "district"), name=text_in(cells, "name")
        )
        _write(f"grid:{grid.pk}", {"name": grid.name, "district": grid.district_id}, at)
    return len(new)


def _enterprises(rows: Rows, at: datetime) -> int:
    _check(rows, _missing(Grid, rows, "grid", ("网格", "grid")))
    new, grids = _new(Enterprise, rows, "code"), Grid.objects.in_bulk()
    for cells in new:
        grid = grids[text_in(cells, "grid")]
        made = Enterprise.objects.create(
            **{name: text_in(cells, name) for name in ("code", "name", "name_en", "uscc", "industry")},
            district_id=grid.district_id,
            grid=grid,
            lon=_degrees(cells, "lon"),
            lat=_degrees(cells, "lat"),
        )
        _write(f"enterprise:{made.pk}", {"name": made.name, "uscc": made.uscc}, at)
    return len(new)


def _outlets(rows: Rows, at: datetime) -> int:
    _check(rows, _missing(Enterprise, rows, "enterprise", ("企业", "enterprise")))
    _check(rows, _outlet_faults)
    new, firms = _new(Outlet, rows, "code"), Enterprise.objects.in_bulk()
    for cells in new:
        firm = firms[text_in(cells, "enterprise")]
        made = Outlet.objects.create(
            **{name: text_in(cells, name) for name in ("code", "name", "name_en", "standard", "source_type")},
            enterprise=firm,
            district_id=firm.district_id,
            grid_id=firm.grid_id,
            medium=MEDIA[text_in(cells, "medium")],
            lon=_degrees(cells, "lon", firm.lon),
            lat=_degrees(cells, "lat", firm.lat),
        )
        limits = Limit.objects.bulk_create(limits_of(made, factors=_factors(cells)))
        _write(f"outlet:{made.pk}", {"name": made.name, "standard": made.standard, "limits": len(limits)}, at)
    return len(new)


def _degrees(cells: Cells, key: str, usual: float = 0.0) -> float:
    """Return a coordinate; the form has seen that it is a number where it must be filled in."""
    given = number_in(cells.get(key))
    return usual if given is None else given


def _factors(cells: Cells) -> list[str]:
    return re.split(r"[\s,，、]+", text_in(cells, "factors"))


def _outlet_faults(cells: Cells) -> Iterator[Fault]:
    code, known = text_in(cells, "code"), factors()
    if not OUTLET_CODE.fullmatch(code):
        yield "：编号只能用字母、数字和短横线", "a code has letters, digits and hyphens"
    unknown = [one for one in _factors(cells) if one not in known]
    if unknown:
        yield f"：因子表中没有 {'、'.join(unknown)}", f"the factor table has no {', '.join(unknown)}"
    asked = Outlet(standard=text_in(cells, "standard"), source_type=text_in(cells, "source_type"))
    if not unknown and not any(limits_of(asked, factors=_factors(cells))):
        zh = f"：标准限值库中“{asked.standard}”“{asked.source_type}”对这些因子没有限值"
        yield zh, f"no limit of {asked.standard}, {asked.source_type} for these factors is known"


def _devices(rows: Rows, at: datetime) -> int:
    _check(rows, _missing(Outlet, rows, "outlet", ("排放口", "outlet")))
    _check(rows, _device_faults)
    new = _new(Device, rows, "mn")
    for cells in new:
        made = Device.objects.create(
            mn=text_in(cells, "mn"), pw=text_in(cells, "pw"), outlet_id=text_in(cells, "outlet")
        )
        _write(f"device:{made.pk}", {"outlet": made.outlet_id}, at)
    return len(new)


def _device_faults(cells: Cells) -> Iterator[Fault]:
    if not MN.fullmatch(text_in(cells, "mn")):
        yield "：MN 应为 14 至 24 位字母或数字", "an MN has 14 to 24 letters or digits"
    if len(text_in(cells, "pw")) > MOST_PW:
        yield f"：PW 最长 {MOST_PW} 位", f"a PW has {MOST_PW} characters at most"


def _people(rows: Rows, at: datetime) -> int:
    for model, key, named in (
        (District, "district", ("行政区", "district")),
        (Grid, "grid", ("网格", "grid")),
        (Enterprise, "enterprise", ("企业", "enterprise")),
    ):
        _check(rows, _missing(model, rows, key, named))
    new = _new(User, rows, "username", "username")
    _check(new, _person_faults)
    for cells in new:
        made = User.objects.create(
            username=text_in(cells, "username"),
            name=text_in(cells, "name"),
            role=ROLES[text_in(cells, "role")],
            district_id=text_in(cells, "district") or None,
            grid_id=text_in(cells, "grid") or None,
            enterprise=text_in(cells, "enterprise"),
            password=make_password(text_in(cells, "password")),
        )
        _write(f"user:{made.pk}", {"username": made.username, "role": made.role}, at)
    return len(new)


def _person_faults(cells: Cells) -> Iterator[Fault]:
    if len(text_in(cells, "password")) < SHORTEST_PASSWORD:
        yield (
            f"：初始密码不足 {SHORTEST_PASSWORD} 个字符",
            f"the password has fewer than {SHORTEST_PASSWORD} characters",
        )
    narrowed = {Role.ENTERPRISE: ("enterprise", "企业编号"), Role.GRID_MEMBER: ("grid", "网格编号")}
    key, heading = narrowed.get(ROLES[text_in(cells, "role")], ("", ""))
    if key and not text_in(cells, key):
        yield f"：该角色须填{heading}", f"this role needs the {key}"


ENTER: Mapping[str, Callable[[Rows, datetime], int]] = {
    "grids": _grids,
    "enterprises": _enterprises,
    "outlets": _outlets,
    "devices": _devices,
    "people": _people,
}


def blank_registers(names: Collection[str] = tuple(FORMS)) -> dict[str, bytes]:
    """Return the empty workbooks, by the names of their files."""
    return {name: FORMS[name].filled(()) for name in names}
