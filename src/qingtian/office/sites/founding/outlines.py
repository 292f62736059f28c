"""Outlines of the districts 区界 from a GeoJSON file: read, simplified for a map of the city, entered."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson

from qingtian.base.coordinates import to_wgs84
from qingtian.base.errors import QingtianError, Term
from qingtian.base.outlines import Ring, simplify
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import District, DistrictOutline
from qingtian.office.sites.founding.rows import FOUNDER, Outcome

FILE = "districts.geojson"
CODES = ("code", "adcode", "行政区划代码", "id")
"""What the six digits of a district may be called among the properties of its outline."""
MOST_BYTES = 50 * 1024 * 1024
DECIMALS = 5
"""Of a degree: a metre."""
FEWEST = 3
"""Corners of an area; smaller islets vanish when they are simplified."""
Geometry = dict[str, Any]


class OutlinesRefused(QingtianError):
    code = "sites.outlines_refused"
    zh = "区界文件 districts.geojson 未导入：{why}。请改正后重新运行；没有登记任何内容。"
    en = "The outlines of districts.geojson were not taken in: {why}. Correct the file and run it again; nothing was "
    en += "entered."


def enter_outlines(content: bytes, *, gcj02: bool = False, at: datetime) -> Outcome:
    """Enter the outlines of districts that are registered, inside the caller's transaction.

    ``content``: a GeoJSON FeatureCollection (RFC 7946) of polygons, each with the code of its district; in WGS-84, or
    ``gcj02`` in the coordinates of Chinese web maps.

    :raises OutlinesRefused: if it is none, or names a district that is not registered.
    """
    wanted = dict(_read(content, gcj02=gcj02))
    there = {row.district_id: row for row in DistrictOutline.objects.select_for_update().filter(pk__in=wanted)}
    missing = sorted(set(wanted) - set(District.objects.filter(pk__in=wanted).values_list("pk", flat=True)))
    if missing:
        many = "、".join(missing)
        raise _refused(
            f"没有登记行政区 {many}，请先在“辖区与网格”中登记", f"{', '.join(missing)} are not registered yet"
        )
    done = [_enter(code, geometry, there.get(code), at) for code, geometry in wanted.items()]
    return Outcome(new=done.count("new"), changed=done.count("changed"), same=done.count("same"))


def _enter(code: str, geometry: Geometry, row: DistrictOutline | None, at: datetime) -> str:
    before = row.geometry["coordinates"] if row else []
    if before == geometry["coordinates"]:
        return "same"
    DistrictOutline.objects.update_or_create(district_id=code, defaults={"geometry": geometry})
    told = {"outline": [_points(before), _points(geometry["coordinates"])]}
    ledger.append(
        chain=f"district:{code}", acting_user=FOUNDER, act="change_register", at=at, content={"changed": told}
    )
    return "changed" if before else "new"


def _points(polygons: list[Any]) -> int:
    return sum(len(ring) for polygon in polygons for ring in polygon)


def _read(content: bytes, *, gcj02: bool) -> Iterator[tuple[str, Geometry]]:
    if len(content) > MOST_BYTES:
        raise _refused("超过 50 MB", "it is larger than 50 MB")
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise _refused("不是 JSON 文件", "it is no JSON") from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not features:
        raise _refused("不是含有区界的 FeatureCollection", "it is no FeatureCollection with outlines")
    met: set[str] = set()
    for number, feature in enumerate(features, start=1):
        code = _code(feature, number)
        if code in met:
            raise _refused(f"第 {number} 个区界的代码 {code} 重复", f"feature {number} names {code} again")
        met.add(code)
        yield code, _geometry(feature, number, gcj02=gcj02)


def _code(feature: Any, number: int) -> str:
    properties: Mapping[str, Any] = (feature.get("properties") or {}) if isinstance(feature, dict) else {}
    found = next((str(properties[name]) for name in CODES if properties.get(name)), "")
    if len(found) != 6 or not found.isdecimal():
        names = "、".join(CODES)
        raise _refused(
            f"第 {number} 个区界没有六位行政区划代码（属性 {names} 之一）",
            f"feature {number} has no code of six digits as one of {', '.join(CODES)}",
        )
    return found


def _geometry(feature: Mapping[str, Any], number: int, *, gcj02: bool) -> Geometry:
    """Return the outline as a MultiPolygon with few points."""
    geometry = feature.get("geometry") or {}
    try:
        polygons = {"Polygon": lambda own: [own], "MultiPolygon": list}[geometry["type"]](geometry["coordinates"])
        rings = [[_ring(ring, gcj02=gcj02) for ring in polygon] for polygon in polygons]
    except (KeyError, TypeError, ValueError) as error:
        zh = f"第 {number} 个区界不是 Polygon 或 MultiPolygon，或坐标不是经纬度"
        raise _refused(zh, f"feature {number} is no Polygon or MultiPolygon in degrees") from error
    # what is smaller than the tolerance is gone; a polygon is there as long as its outer ring is
    kept = [
        [ring for ring in polygon if len(ring) > FEWEST] for polygon in rings if polygon and len(polygon[0]) > FEWEST
    ]
    if not kept:
        raise _refused(f"第 {number} 个区界没有面积", f"feature {number} has no area")
    return {"type": "MultiPolygon", "coordinates": kept}


def _ring(points: Any, *, gcj02: bool) -> list[list[float]]:
    """:raises TypeError, ValueError: if it is no ring of degrees."""
    ring: Ring = [_point(point, gcj02=gcj02) for point in points]
    if len(ring) <= FEWEST:
        raise ValueError("a ring has four points at least")
    if ring[0] != ring[-1]:
        ring.append(ring[0])
    return [[round(lon, DECIMALS), round(lat, DECIMALS)] for lon, lat in simplify(ring)]


def _point(point: Any, *, gcj02: bool) -> tuple[float, float]:
    lon, lat = (float(each) for each in point[:2])
    if not (math.isfinite(lon) and abs(lon) <= 180 and abs(lat) <= 90):
        raise ValueError("no degrees")
    return to_wgs84(lon, lat) if gcj02 else (lon, lat)


def _refused(zh: str, en: str) -> OutlinesRefused:
    return OutlinesRefused(why=Term(zh=zh, en=en))
