"""Outlets with the limits of their standard, and devices: one that is replaced ends, and another is registered."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from qingtian.base.times import BEIJING
from qingtian.office.sites.factors import factors
from qingtian.office.sites.founding.books import ACT, END, MEDIA
from qingtian.office.sites.founding.places import move
from qingtian.office.sites.founding.rows import Changes, Ending, degrees, letters, texts
from qingtian.office.sites.limits import limits_of
from qingtian.office.sites.models import Basis, Device, Enterprise, Limit, Outlet
from qingtian.office.sites.sheets import Cells, Fault, Line, text_in

CODE = re.compile(r"[A-Za-z0-9-]{1,32}")
MN = re.compile(r"[0-9A-Za-z]{14,24}")
OF_LIMITS = ("standard", "source_type")


class Outlets(Ending[Outlet]):
    name, chain, key = "outlets", "outlet", "code"

    def known(self, keys: set[str]) -> dict[str, Outlet]:
        self.firms = Enterprise.objects.in_bulk({text_in(line.cells, "enterprise") for line in self.lines})
        rows = Outlet.objects.select_for_update(of=("self",)).prefetch_related("limits", "devices")
        return rows.in_bulk(keys)

    @property
    def today(self) -> date:
        return self.at.astimezone(BEIJING).date()

    def longest(self) -> Mapping[str, int]:
        return letters(Outlet, name="name", name_en="name_en", standard="standard", source_type="source_type")

    def faults(self, line: Line, row: Outlet | None) -> Iterator[Fault]:
        cells = line.cells
        yield from self.missing(line, "enterprise", self.firms)
        if row is None and not CODE.fullmatch(text_in(cells, "code")):
            yield self.fault(line, "code", "只能用字母、数字和短横线", "it has letters, digits and hyphens")
        medium = MEDIA.get(text_in(cells, "medium"))
        if row is not None and medium and medium != row.medium:
            zh, en = (
                "不能变更：测量方法随之不同，请停用后另行登记",
                "it cannot change; end the outlet and register another",
            )
            yield self.fault(line, "medium", zh, en)
        yield from self._factor_faults(line, row)

    def _factor_faults(self, line: Line, row: Outlet | None) -> Iterator[Fault]:
        named = _factors(line.cells)
        unknown = [one for one in named if one not in factors()]
        if unknown:
            many = "、".join(unknown)
            yield self.fault(line, "factors", f"：因子表中没有 {many}", f"the factor table has no {many}")
            return
        asked = self._as_said(row, line.cells)
        if (row is None or self._of_limits(row, line.cells)) and not self._wanted(asked, row, line.cells):
            zh = f"：标准限值库中“{asked.standard}”“{asked.source_type}”对这些因子没有限值"
            yield self.fault(line, "source_type", zh, f"no limit of {asked.standard} for these factors is known")

    def said(self, cells: Cells) -> dict[str, Any]:
        firm = {"enterprise_id": text_in(cells, "enterprise")} if "enterprise" in cells else {}
        return texts(cells, "name", "name_en", *OF_LIMITS) | firm | degrees(cells)

    def make(self, cells: Cells) -> tuple[Outlet, Mapping[str, object]]:
        said = self.said(cells)
        firm = self.firms[said["enterprise_id"]]
        made = Outlet.objects.create(
            code=text_in(cells, "code"),
            medium=MEDIA[text_in(cells, "medium")],
            district_id=firm.district_id,
            grid_id=firm.grid_id,
            **{"lon": firm.lon, "lat": firm.lat, **said},
        )
        limits = Limit.objects.bulk_create(limits_of(made, factors=_factors(cells)))
        return made, {"name": made.name, "standard": made.standard, "limits": len(limits)}

    def changes(self, row: Outlet, cells: Cells) -> Changes:
        found = dict(super().changes(row, cells))
        if self._of_limits(row, cells):
            held, wanted = self._held(row), self._wanted(self._as_said(row, cells), row, cells)
            if set(held) != set(wanted):
                found["limits"] = (held, wanted)
        return found

    def change(self, row: Outlet, changes: Changes) -> None:
        own = {name: pair for name, pair in changes.items() if name != "limits"}
        if own:
            super().change(row, own)
        if "enterprise_id" in own:
            move(self, row, self.firms[row.enterprise_id], ["grid_id"])
        if "limits" in changes:
            held, wanted = changes["limits"]
            self._end([limit for name, limit in held.items() if name not in wanted])
            Limit.objects.bulk_create(self._begun(limit) for name, limit in wanted.items() if name not in held)

    def in_use(self, row: Outlet) -> bool:
        return row.ended is None

    def switch(self, row: Outlet, *, on: bool) -> None:
        row.ended = None if on else self.today
        row.save(update_fields=["ended"])
        for device in () if on else row.devices.all():
            if device.active:
                device.active = False
                device.save(update_fields=["active"])
                self.write(device, "end_register", {"with": f"outlet:{row.pk}"}, chain="device")

    def _told(self, changes: Changes) -> dict[str, object]:
        limits = {name: [len(each) for each in pair] for name, pair in changes.items() if name == "limits"}
        return {**super()._told({name: pair for name, pair in changes.items() if name != "limits"}), **limits}

    def _of_limits(self, row: Outlet, cells: Cells) -> bool:
        """Say whether the row says anything of which limits hang."""
        other = any(name in cells and text_in(cells, name) != getattr(row, name) for name in OF_LIMITS)
        return other or "factors" in cells

    def _as_said(self, row: Outlet | None, cells: Cells) -> Outlet:
        """Return the outlet, not to be kept, with the standard that the row says."""
        own = {name: getattr(row, name) for name in OF_LIMITS} if row else {}
        return Outlet(code=text_in(cells, "code"), **(own | texts(cells, *OF_LIMITS)))

    def _held(self, row: Outlet) -> dict[tuple[str, ...], Limit]:
        """Return the limits of the outlet's own standard that have not ended, by what names them."""
        own = (limit for limit in row.limits.all() if limit.basis == Basis.STANDARD)
        mine = (limit for limit in own if (limit.standard, limit.source_type) == (row.standard, row.source_type))
        return {_name(limit): limit for limit in mine if limit.end is None or limit.end > self.today}

    def _wanted(self, asked: Outlet, row: Outlet | None, cells: Cells) -> dict[tuple[str, ...], Limit]:
        """Return the limits that the row asks for, of today and later where the outlet is there already."""
        measured: Collection[str] = _factors(cells)
        if row is not None and "factors" not in cells:
            measured = {limit.factor for limit in row.limits.all()}
        found = list(limits_of(asked, factors=measured))
        return {_name(one): one for one in found if row is None or one.end is None or one.end > self.today}

    def _end(self, limits: Collection[Limit]) -> None:
        for limit in limits:
            limit.end = self.today
        Limit.objects.bulk_update(limits, ["end"])

    def _begun(self, limit: Limit) -> Limit:
        """Return a limit that begins today, if it does not later."""
        limit.outlet = self.there[limit.outlet_id]
        limit.start = max(limit.start or self.today, self.today)
        return limit


def _name(limit: Limit) -> tuple[str, ...]:
    names = (limit.standard, limit.source_type, limit.factor, limit.period, limit.measure, limit.printed)
    return (*names, str(limit.end or ""))


def _factors(cells: Cells) -> list[str]:
    return [one for one in re.split(r"[\s,，、]+", text_in(cells, "factors")) if one]


class Devices(Ending[Device]):
    name, chain, key = "devices", "device", "mn"
    secret = frozenset({"pw"})

    def known(self, keys: set[str]) -> dict[str, Device]:
        rows = Device.objects.select_for_update(of=("self",)).select_related("outlet").in_bulk(keys)
        named = {text_in(line.cells, "outlet") for line in self.lines}
        self.outlets = Outlet.objects.in_bulk([*named, *(row.outlet_id for row in rows.values())])
        return rows

    def longest(self) -> Mapping[str, int]:
        return letters(Device, pw="pw")

    def faults(self, line: Line, row: Device | None) -> Iterator[Fault]:
        yield from self.missing(line, "outlet", self.outlets)
        if row is None and not MN.fullmatch(text_in(line.cells, "mn")):
            yield self.fault(line, "mn", "应为 14 至 24 位字母或数字", "it has 14 to 24 letters or digits")
        outlet = self.outlets.get(text_in(line.cells, "outlet") or (row.outlet_id if row else ""))
        act = text_in(line.cells, ACT)
        if outlet is not None and outlet.ended and act != END and (act or row is None):
            zh, en = (
                f"：{outlet.pk} 已停用，请先恢复该排放口",
                f"{outlet.pk} has ended; let the outlet be resumed first",
            )
            yield self.fault(line, "outlet", zh, en)

    def said(self, cells: Cells) -> dict[str, Any]:
        outlet = {"outlet_id": text_in(cells, "outlet")} if "outlet" in cells else {}
        return texts(cells, "pw") | outlet

    def make(self, cells: Cells) -> tuple[Device, Mapping[str, object]]:
        made = Device.objects.create(mn=text_in(cells, "mn"), **self.said(cells))
        return made, {"outlet": made.outlet_id}

    def in_use(self, row: Device) -> bool:
        return row.active

    def switch(self, row: Device, *, on: bool) -> None:
        row.active = on
        row.save(update_fields=["active"])
