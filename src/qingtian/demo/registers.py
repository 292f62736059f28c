"""Write the demo city into the registers, in bulk; what is there already stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.hashers import make_password

from qingtian.demo import cast, geography
from qingtian.demo.city import PASSWORD_OF_DEVICES, CityDistrict, Firm
from qingtian.office.ledger.api import System
from qingtian.office.people.api import Certificate, District, DistrictOutline, Grid, Post, User
from qingtian.office.sites.api import Basis, Device, Enterprise, Facility, Limit, Outlet, limits_of, publish_plan

SEED = System("demo")
IN_OFFICE_SINCE = date(2024, 1, 1)

PERMIT_EVERY = 7
PERMIT_PART = Decimal("0.8")


def put_districts(districts: Sequence[CityDistrict]) -> None:
    """Put in districts with their outlines, and a grid for each subdistrict."""
    District.objects.bulk_create(
        (
            District(
                code=row.code,
                name=row.zh,
                name_en=row.en,
                lon=row.centre[0],
                lat=row.centre[1],
            )
            for row in districts
        ),
        ignore_conflicts=True,
    )
    DistrictOutline.objects.bulk_create(
        (DistrictOutline(district_id=row.code, geometry=geography.outline(row.code)) for row in districts),
        ignore_conflicts=True,
    )
    Grid.objects.bulk_create(
        (
            Grid(code=place.code, district_id=row.code, name=f"{place.zh}网格")
            for row in districts
            for place in row.places
        ),
        ignore_conflicts=True,
    )


def put_people(people: Sequence[cast.Person]) -> None:
    """Put in the cast, all with the demo's password, with their posts and certificates."""
    password = make_password(cast.PASSWORD)
    User.objects.bulk_create(
        (
            User(
                username=person.username,
                name=person.zh,
                role=person.role,
                district_id=person.district,
                grid_id=person.grid,
                enterprise=person.enterprise,
                synthetic=True,
                password=password,
            )
            for person in people
        ),
        ignore_conflicts=True,
    )
    keys = dict(User.objects.filter(synthetic=True).values_list("username", "pk"))
    Post.objects.bulk_create(
        (
            Post(user_id=keys[person.username], post=post, since=IN_OFFICE_SINCE)
            for person in people
            for post in person.posts
        ),
        ignore_conflicts=True,
    )
    Certificate.objects.bulk_create(
        (
            # no such number exists
            Certificate(
                user_id=keys[person.username], kind=kind, number=f"演示{person.username}", since=IN_OFFICE_SINCE
            )
            for person in people
            for kind in person.certificates
        ),
        ignore_conflicts=True,
    )


def put_firms(firms: Sequence[Firm]) -> None:
    """Put in enterprises, outlets, devices, and the limits and facilities of outlets that have none."""
    Enterprise.objects.bulk_create((_enterprise(firm) for firm in firms), ignore_conflicts=True)
    outlets = [_outlet(firm) for firm in firms]
    Outlet.objects.bulk_create(outlets, ignore_conflicts=True)
    Device.objects.bulk_create(
        (Device(mn=firm.mn, pw=PASSWORD_OF_DEVICES, outlet_id=firm.outlet_code) for firm in firms),
        ignore_conflicts=True,
    )
    limited = set(Limit.objects.values_list("outlet_id", flat=True).distinct())
    Limit.objects.bulk_create(
        limit
        for firm, outlet in zip(firms, outlets, strict=True)
        if outlet.code not in limited
        for limit in (*limits_of(outlet, factors=firm.factors), *_further_limits(firm, outlet), *_permit(firm, outlet))
    )
    _put_facilities(firms)


def _put_facilities(firms: Sequence[Firm]) -> None:
    """Put in the facilities of outlets that have none, and what treats what."""
    known = set(Facility.objects.values_list("outlet_id", flat=True).distinct())
    new = [firm for firm in firms if firm.kind.facilities and firm.outlet_code not in known]
    made = Facility.objects.bulk_create(
        Facility(outlet_id=firm.outlet_code, **{name: value for name, value in unit.items() if name != "treats"})
        for firm in new
        for unit in firm.kind.facilities
    )
    of = {(one.outlet_id, one.name): one for one in made}
    relation = Facility.treats.through
    relation.objects.bulk_create(
        relation(from_facility=of[firm.outlet_code, unit["name"]], to_facility=of[firm.outlet_code, name])
        for firm in new
        for unit in firm.kind.facilities
        for name in unit.get("treats", ())
    )


def publish(*, at: datetime) -> str:
    """Publish the plan and say which it is."""
    snapshot = publish_plan(acting_user=SEED, at=at)
    return f"{snapshot.number}, new" if snapshot else "unchanged"


def _further_limits(firm: Firm, outlet: Outlet) -> Iterator[Limit]:
    """Yield what a second, local standard asks of the firm's kind."""
    for standard, source_type in firm.kind.also:
        yield from limits_of(outlet, factors=firm.factors, standard=standard, source_type=source_type)


def _permit(firm: Firm, outlet: Outlet) -> Iterator[Limit]:
    """Yield the permit limits of every seventh firm: four fifths of the standard's upper bounds."""
    if int(firm.code[1:]) % PERMIT_EVERY:
        return
    for limit in limits_of(outlet, factors=list(firm.kind.limited)):
        if limit.upper is None or limit.period not in ("hour", "day"):
            continue
        limit.upper = (limit.upper * PERMIT_PART).normalize()
        limit.basis, limit.certainty, limit.source_type = Basis.PERMIT, "read", ""
        limit.standard, limit.source = f"排污许可证 虚构{firm.code}", "演示数据：虚构的排污许可证副本"
        limit.printed = f"<= {limit.upper:f} {limit.unit}"
        yield limit


def _enterprise(firm: Firm) -> Enterprise:
    return Enterprise(
        code=firm.code,
        name=firm.zh,
        name_en=firm.en,
        # no such code exists: all nines are outside the registration authorities' blocks
        uscc=f"99999999{firm.code[1:]:>010}",
        industry=firm.kind.zh,
        synthetic=True,
        district_id=firm.district.code,
        grid_id=firm.place.code,
        lon=firm.lon,
        lat=firm.lat,
    )


def _outlet(firm: Firm) -> Outlet:
    return Outlet(
        code=firm.outlet_code,
        name=firm.outlet_zh,
        name_en=firm.outlet_en,
        enterprise_id=firm.code,
        district_id=firm.district.code,
        grid_id=firm.place.code,
        medium=firm.kind.medium,
        standard=firm.kind.standard,
        source_type=firm.kind.source_type,
        lon=firm.lon,
        lat=firm.lat,
    )
