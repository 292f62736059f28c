"""Grids with their districts, and enterprises: a firm that moves takes its outlets along 迁址."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qingtian.office.people.api import District, DistrictOutline, Grid
from qingtian.office.sites.founding.rows import Changes, Register, degrees, letters, texts
from qingtian.office.sites.models import Enterprise, Outlet
from qingtian.office.sites.sheets import Cells, Fault, Line, number_in, text_in

NO_OUTLINE = {"type": "MultiPolygon", "coordinates": []}
OF_A_DISTRICT = {"district_name": "name", "district_en": "name_en", "lon": "lon", "lat": "lat"}
"""Columns that are of the district, with its fields."""
DISTRICT = re.compile(r"\d{6}")
USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
"""GB 32100-2015."""


class Grids(Register[Grid]):
    name, chain, key = "grids", "grid", "code"

    def known(self, keys: set[str]) -> dict[str, Grid]:
        named = {text_in(line.cells, "district") for line in self.lines}
        found = Grid.objects.filter(pk__in=keys).in_bulk()
        self.districts = District.objects.in_bulk([*named, *(grid.district_id for grid in found.values())])
        return found

    def longest(self) -> Mapping[str, int]:
        own = letters(Grid, code="code", name="name")
        return own | letters(District, district_name="name", district_en="name_en")

    def faults(self, line: Line, row: Grid | None) -> Iterator[Fault]:
        code = text_in(line.cells, "district")
        if code and not DISTRICT.fullmatch(code):
            yield self.fault(line, "district", "应为六位数字", "it has six digits")
        if row is not None and code and code != row.district_id:
            zh, en = "：已登记的网格不能换区，请另编新网格", "a grid stays in its district; register another"
            yield self.fault(line, "district", zh, en)
        if row is None:
            yield from self._other_district(line, code)

    def _other_district(self, line: Line, code: str) -> Iterator[Fault]:
        """Yield where a new grid says something else of its district than the register, or the first of its rows."""
        first = next(each for each in self.lines if text_in(each.cells, "district") == code)
        told = self._of_district(first.cells)
        known = self.districts.get(code)
        wanted = {name: getattr(known, OF_A_DISTRICT[name]) for name in told} if known else told
        for name, value in self._of_district(line.cells).items():
            if name in wanted and value != wanted[name]:
                zh = f"与该区已有的（{wanted[name]}）不一致；要改，请在该区一个已登记网格的行填“变更”"
                en = f"the district has {wanted[name]}; change it in the row of a grid that is registered"
                yield self.fault(line, name, zh, en)

    def said(self, cells: Cells) -> dict[str, Any]:
        return texts(cells, "name") | self._of_district(cells)

    def _of_district(self, cells: Cells) -> dict[str, Any]:
        return texts(cells, "district_name", "district_en") | degrees(cells)

    def make(self, cells: Cells) -> tuple[Grid, Mapping[str, object]]:
        code = text_in(cells, "district")
        if code not in self.districts:
            self.districts[code] = self._district(code, cells)
        grid = Grid.objects.create(code=text_in(cells, "code"), district_id=code, name=text_in(cells, "name"))
        return grid, {"name": grid.name, "district": code}

    def _district(self, code: str, cells: Cells) -> District:
        name = text_in(cells, "district_name")
        place = {column: number_in(cells.get(column)) or 0.0 for column in ("lon", "lat")}
        made = District.objects.create(code=code, name=name, name_en=text_in(cells, "district_en") or name, **place)
        DistrictOutline.objects.create(district=made, geometry=NO_OUTLINE)
        self.write(made, "register", {"name": name}, chain="district")
        return made

    def changes(self, row: Grid, cells: Cells) -> Changes:
        said = self.said(cells)
        held = {"name": row.name, **self._held(row)}
        return {name: (held[name], new) for name, new in said.items() if held[name] != new}

    def _held(self, row: Grid) -> dict[str, Any]:
        district = self.districts[row.district_id]
        return {column: getattr(district, field) for column, field in OF_A_DISTRICT.items()}

    def change(self, row: Grid, changes: Changes) -> None:
        if "name" in changes:
            row.name = changes["name"][1]
            row.save(update_fields=["name"])
        of_district = {name: pair for name, pair in changes.items() if name in OF_A_DISTRICT}
        if of_district:
            district = self.districts[row.district_id]
            for name, (_old, new) in of_district.items():
                setattr(district, OF_A_DISTRICT[name], new)
            district.save(update_fields=[OF_A_DISTRICT[name] for name in of_district])
            self.write(district, "change_register", {"changed": self._told(of_district)}, chain="district")


class Enterprises(Register[Enterprise]):
    name, chain, key = "enterprises", "enterprise", "code"

    def known(self, keys: set[str]) -> dict[str, Enterprise]:
        self.grids = Grid.objects.in_bulk({text_in(line.cells, "grid") for line in self.lines})
        return Enterprise.objects.select_for_update().in_bulk(keys)

    def longest(self) -> Mapping[str, int]:
        return letters(Enterprise, code="code", name="name", name_en="name_en", industry="industry")

    def faults(self, line: Line, row: Enterprise | None) -> Iterator[Fault]:
        yield from self.missing(line, "grid", self.grids)
        uscc = text_in(line.cells, "uscc")
        if uscc and not USCC.fullmatch(uscc):
            yield self.fault(line, "uscc", "应为 18 位数字或大写字母", "it has 18 digits or capital letters")

    def said(self, cells: Cells) -> dict[str, Any]:
        grid = {"grid_id": text_in(cells, "grid")} if "grid" in cells else {}
        return texts(cells, "name", "name_en", "uscc", "industry") | grid | degrees(cells)

    def make(self, cells: Cells) -> tuple[Enterprise, Mapping[str, object]]:
        said = self.said(cells)
        made = Enterprise.objects.create(
            code=text_in(cells, "code"), district_id=self.grids[said["grid_id"]].district_id, **said
        )
        return made, {"name": made.name, "uscc": made.uscc}

    def change(self, row: Enterprise, changes: Changes) -> None:
        super().change(row, changes)
        if "grid_id" in changes:
            row.district_id = self.grids[row.grid_id].district_id
            row.save(update_fields=["district"])
        before = {name: old for name, (old, _new) in changes.items() if name in ("grid_id", "lon", "lat")}
        for outlet in Outlet.objects.select_for_update().filter(enterprise=row).order_by("pk") if before else ():
            # what lay where the firm lay
            names = [name for name, old in before.items() if getattr(outlet, name) == old]
            move(self, outlet, row, names)


def move(register: Register[Any], outlet: Outlet, firm: Enterprise, names: Sequence[str]) -> None:
    """Let an outlet lie where its firm lies, as far as these columns say. What is open there already stays with whom it
    was given to.
    """
    told = {name: [getattr(outlet, name), getattr(firm, name)] for name in names}
    for name in names:
        setattr(outlet, name, getattr(firm, name))
    if "grid_id" in names:
        outlet.district_id = firm.district_id
    if told:
        outlet.save(update_fields=["grid", "district", "lon", "lat"])
        register.write(outlet, "change_register", {"changed": told, "with": f"enterprise:{firm.pk}"}, chain="outlet")
