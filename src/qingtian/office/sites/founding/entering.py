"""Enter the workbooks of an office (建档): all rows of all of them, or none; then the plan that lets its devices in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from qingtian.base.errors import Term
from qingtian.office.sites.founding.books import FORMS
from qingtian.office.sites.founding.monitors import Devices, Outlets
from qingtian.office.sites.founding.outlines import FILE as OUTLINES
from qingtian.office.sites.founding.outlines import enter_outlines
from qingtian.office.sites.founding.people import People
from qingtian.office.sites.founding.places import Enterprises, Grids
from qingtian.office.sites.founding.rows import FOUNDER, Outcome, Register
from qingtian.office.sites.plan import publish_plan
from qingtian.office.sites.sheets import BookRefused, Line, refused

REGISTERS: tuple[type[Register[Any]], ...] = (Grids, Enterprises, Outlets, Devices, People)
"""In the order in which they are entered: each names what those before it hold."""


def enter_registers(
    books: Mapping[str, bytes], *, outlines: bytes | None = None, gcj02: bool = False, at: datetime
) -> dict[str, Outcome]:
    """Enter what the workbooks hold (by the names of `FORMS`), publish the plan; return what became of the rows.

    ``outlines``: those of the districts, see `enter_outlines`; what became of them is under the name of the file.

    A row whose code is registered changes nothing unless its column 办理 says so. Workbooks that were entered before
    change nothing.

    :raises BookRefused: if a workbook cannot be read or a row cannot be entered; nothing is entered then.
    :raises OutlinesRefused: the same of outlines.
    """
    read = _read(books)
    with transaction.atomic():
        entered = {}
        for register in REGISTERS:
            if register.name in read:
                opened = register(read[register.name], at=at)
                entered[register.name] = opened.enter()
        if outlines is not None:
            entered[OUTLINES] = enter_outlines(outlines, gcj02=gcj02, at=at)
        publish_plan(acting_user=FOUNDER, at=at)
    return entered


def _read(books: Mapping[str, bytes]) -> dict[str, list[Line]]:
    """:raises BookRefused: if any of the workbooks cannot be read; what is wrong with all of them is named."""
    read, whys, faults = {}, [], []
    for name, form in FORMS.items():
        if name in books:
            try:
                read[name] = form.lines(books[name])
            except BookRefused as error:
                whys.append(error.why)
                continue
            faults += [fault for line in read[name] for fault in form.faults(line)]
    if faults:
        whys.append(refused(faults).why)
    if whys:
        raise BookRefused(why=Term(zh="；".join(why.zh for why in whys), en="; ".join(why.en for why in whys)))
    return read


def blank_registers(names: Collection[str] = tuple(FORMS)) -> dict[str, bytes]:
    """Return the empty workbooks, by the names of their files."""
    return {name: FORMS[name].filled(()) for name in names}
