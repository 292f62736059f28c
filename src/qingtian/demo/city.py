"""The demo city, the same at every call: districts, grids, firms, outlets and their devices. No database, no Django."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from qingtian.base.identifiers import deterministic
from qingtian.demo import geography
from qingtian.law import limits, rules
from qingtian.stream.simulator.device import SimulatedDevice, SimulatedFactor

PASSWORD_OF_DEVICES = "123456"  # noqa: S105 - HJ 212 prints it in every packet
SPREAD_DEGREES = 0.011
"""Firms lie about a kilometre around the point of their subdistrict."""

RUNS_AT = 0.85

ST_OF_MEDIUM = {"water": "32", "gas": "31"}
"""HJ 212-2017 table 5: 32 surface water pollution source, 31 air pollution source."""

FIRST_FIRMS = (("440306", 0), ("440305", 0))
"""The first firms stand where the cast of the demo works: district and number of the subdistrict."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A grid: a subdistrict with a point."""

    code: str
    zh: str
    en: str
    lon: float
    lat: float


@dataclass(frozen=True, kw_only=True)
class CityDistrict:
    code: str
    zh: str
    en: str
    weight: int
    places: tuple[Place, ...]

    @property
    def centre(self) -> tuple[float, float]:
        lons, lats = [place.lon for place in self.places], [place.lat for place in self.places]
        return sum(lons) / len(lons), sum(lats) / len(lats)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of outlet: limited factors with their level as a part of the limit, free factors in their unit.

    ``also``: standard and source type of further standards. ``facilities``: as `sites.models.Facility`, by name.
    """

    key: str
    zh: str
    en: str
    outlet: str
    outlet_en: str
    medium: str
    count: int
    standard: str
    source_type: str
    limited: Mapping[str, float]
    free: Mapping[str, float]
    also: Sequence[Sequence[str]] = ()
    facilities: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, kw_only=True)
class Firm:
    """An invented enterprise with one outlet and one device."""

    code: str
    zh: str
    en: str
    kind: Kind
    district: CityDistrict
    place: Place
    lon: float
    lat: float
    outlet_code: str
    outlet_zh: str
    outlet_en: str
    mn: str

    @property
    def factors(self) -> tuple[str, ...]:
        return (*self.kind.free, *self.kind.limited)


@cache
def _document() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(files("qingtian.demo").joinpath("city.yaml").read_text(encoding="utf-8"))
    return found


@cache
def districts() -> tuple[CityDistrict, ...]:
    """Return the nine districts."""
    return tuple(
        CityDistrict(
            code=row["code"],
            zh=row["zh"],
            en=row["en"],
            weight=row["weight"],
            places=tuple(_places(row["code"], row["places"])),
        )
        for row in _document()["districts"]
    )


def _places(district: str, rows: Sequence[Sequence[Any]]) -> Iterator[Place]:
    for number, (zh, en, lon, lat) in enumerate(rows, start=1):
        yield Place(code=f"{district}-{number:02d}", zh=zh, en=en, lon=lon, lat=lat)


@cache
def kinds() -> tuple[Kind, ...]:
    """Return the kinds of outlets."""
    return tuple(Kind(**row) for row in _document()["kinds"])


@cache
def firms() -> tuple[Firm, ...]:
    """Return the 1,177 firms: 577 with a water outlet, 600 with a gas outlet."""
    found: list[Firm] = []
    for kind in kinds():
        for _ in range(kind.count):
            found.append(_firm(len(found) + 1, kind))
    return tuple(found)


def _firm(number: int, kind: Kind) -> Firm:
    dice = random.Random(f"qingtian demo {number}")
    district, place = _where(number, dice)
    lon, lat = _point(district, place, dice)
    serial = f"{number:04d}"
    outlet_code = f"SZ-{'W' if kind.medium == 'water' else 'G'}-{serial}"
    return Firm(
        code=f"E{serial}",
        zh=f"虚构{place.zh}{number}号{kind.zh}",
        en=f"Fictitious {place.en} {kind.en} No. {number}",
        kind=kind,
        district=district,
        place=place,
        lon=lon,
        lat=lat,
        outlet_code=outlet_code,
        outlet_zh=f"虚构{place.zh}{number}号{kind.zh}{kind.outlet}",
        outlet_en=f"Fictitious {place.en} No. {number}, {kind.outlet_en}",
        mn=deterministic("qingtian demo device", outlet_code, length=24).upper(),
    )


def _where(number: int, dice: random.Random) -> tuple[CityDistrict, Place]:
    if number <= len(FIRST_FIRMS):
        code, place = FIRST_FIRMS[number - 1]
        district = next(row for row in districts() if row.code == code)
        return district, district.places[place]
    (district,) = dice.choices(districts(), [row.weight for row in districts()])
    return district, dice.choice(district.places)


def _point(district: CityDistrict, place: Place, dice: random.Random) -> tuple[float, float]:
    while True:
        point = (dice.gauss(place.lon, SPREAD_DEGREES), dice.gauss(place.lat, SPREAD_DEGREES))
        if geography.inside(district.code, point):
            return round(point[0], 6), round(point[1], 6)


@cache
def simulated_devices() -> tuple[SimulatedDevice, ...]:
    """Return every firm's device as the simulator plays it."""
    return tuple(_device(firm) for firm in firms())


def _device(firm: Firm) -> SimulatedDevice:
    kind = firm.kind
    bounds = [
        bound
        for standard, source_type in ((kind.standard, kind.source_type), *kind.also)
        for bound in limits.bounds(standard=standard, source_type=source_type)
    ]
    oxygen = {bound.reference_oxygen for bound in bounds if bound.reference_oxygen}
    dice = random.Random(f"qingtian demo level {firm.code}")
    return SimulatedDevice(
        mn=firm.mn,
        pw=PASSWORD_OF_DEVICES,
        st=ST_OF_MEDIUM[kind.medium],
        medium=kind.medium,
        outlet=firm.outlet_code,
        reference_oxygen=max(oxygen, default=9.0),
        factors=(
            *(_factor(code, firm, bounds, dice) for code in firm.factors),
            *(_channel(unit) for unit in kind.facilities),
        ),
    )


def _channel(unit: Mapping[str, Any]) -> SimulatedFactor:
    """A unit that runs draws nearly what is rated."""
    return SimulatedFactor(
        code=unit["factor"], typical=RUNS_AT * unit["rated"], unit=unit["unit"], decimals=1, spread=0.04
    )


def _factor(code: str, firm: Firm, bounds: Sequence[limits.Bound], dice: random.Random) -> SimulatedFactor:
    mine = [bound for bound in bounds if bound.factor == code]
    upper = min((bound.upper for bound in mine if bound.upper is not None), default=None)
    lower = max((bound.lower for bound in mine if bound.lower is not None), default=None)
    part = firm.kind.limited.get(code)
    level = firm.kind.free[code] if part is None else part * float(upper or Decimal(1))
    return SimulatedFactor(
        code=code,
        typical=level * dice.uniform(0.85, 1.15) if part is not None else level,
        unit=limits.factor_units().get(code, ""),
        decimals=_decimals(code, upper),
        upper=None if upper is None else float(upper),
        lower=None if lower is None else float(lower),
        spread=0.02 if part is None else 0.08,
        converted=any(bound.measure == limits.CONVERTED for bound in mine),
    )


@cache
def _printed_decimals() -> dict[str, int]:
    return {rule["code"]: rule["decimals"] for rule in rules.table("factors") if rule["decimals"] is not None}


def _decimals(code: str, upper: Decimal | None) -> int:
    """Return the decimals of the factor table, and more where the limit is so small that they would hide the value."""
    finest = 0 if upper is None else 3 if upper < 1 else 2 if upper < 20 else 1 if upper < 100 else 0
    return max(_printed_decimals().get(code, 2), finest)
