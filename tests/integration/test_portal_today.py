"""Where the day of an outlet is heading, on a lake with real windows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from tests.office_world import OUTLET
from tests.periods_world import moment, readings

from qingtian.base.settings import Settings
from qingtian.lake.writer import LakeWriter
from qingtian.stream.periods import api as periods

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

DAY = date(2026, 11, 20)
FACTOR = "w01018"
PATH = f"/outlets/{OUTLET}/today/"


@pytest.fixture
def measured(office: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """``measured(value)``: the outlet's hours of the day until noon; the pages think that it is ten past."""
    from qingtian.office.sites.models import Device
    from qingtian.portals import history

    monkeypatch.setenv("QINGTIAN_LAKE_URL", str(tmp_path))
    monkeypatch.setattr("qingtian.portals.today.times", SimpleNamespace(now=lambda: moment(DAY, "12:10")))
    history.windows.cache_clear()
    mn = Device.objects.filter(outlet_id=OUTLET).values_list("mn", flat=True)[0]

    def measure(value: float, *, until: str = "12:00") -> None:
        hours = [
            {"factor": FACTOR, "cn": 2061, "value": value, "to": until},
            {"factor": "w00000", "cn": 2061, "measure": "Cou", "value": 10, "to": until},
        ]
        rows = readings(DAY, hours).with_columns(mn=pl.lit(mn))
        outlet = {"code": OUTLET, "medium": "water", "source_type": "", "devices": [{"mn": mn}], "limits": []}
        plan = periods.read_plan({"number": 1, "outlets": [outlet]})
        made = periods.windows(periods.rows_of(rows), plan, days=[DAY]).with_columns(revision=pl.lit(1, pl.Int32))
        writer = LakeWriter(lake_url=str(tmp_path), app_id="confirmer.0")
        writer.append({"periods": periods.lake_rows(made.filter(period="hour"), sequence=1)}, last_sequence=1)

    yield measure
    monkeypatch.undo()
    history.windows.cache_clear()


def upper() -> float:
    """The outlet's day limit on the factor."""
    from qingtian.office.sites import api as sites
    from qingtian.office.sites.models import Outlet

    bound = [one.candidate.bound for one in sites.bindings(Outlet.objects.get(pk=OUTLET))]
    return min(float(one.upper) for one in bound if (one.factor, one.period) == (FACTOR, "day") and one.upper)


def told(client: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(client.get(f"{PATH}?format=json").content)["rows"]
    return [row for row in rows if row["factor"] == FACTOR]


@pytest.mark.parametrize(("share", "state"), [(0.5, "within"), (1.5, "likely"), (3.0, "certain")])
def test_it_says_where_the_day_mean_is_heading(
    share: float, state: str, measured: Callable[..., None], as_person: Any
) -> None:
    limit = upper()
    measured(share * limit)
    (row,) = told(as_person("officer"))
    assert (row["hours"], row["left"], row["state"]) == (12, 12, state)
    assert row["running"] == pytest.approx(share * limit)
    assert row["projected"] == pytest.approx(share * limit)
    # twelve hours of `share` and twelve of x make the limit: x = (2 - share) · limit
    assert row["room"] == pytest.approx((2 - share) * limit)


def test_the_page_of_the_outlet_brings_it(measured: Callable[..., None], as_person: Any) -> None:
    measured(1.5 * upper())
    browser = as_person("officer")
    assert PATH in browser.get(f"/outlets/{OUTLET}/").content.decode()
    page = browser.get(PATH).content.decode()
    assert "预计" in page
    assert "12" in page


def test_it_says_so_while_too_few_hours_are_known(measured: Callable[..., None], as_person: Any) -> None:
    measured(60.0, until="03:00")
    assert told(as_person("officer")) == []
    assert "4" in as_person("officer").get(PATH).content.decode()


def test_a_firm_sees_that_of_its_own_outlets_alone(measured: Callable[..., None], as_person: Any) -> None:
    measured(60.0)
    assert as_person("firm").get(PATH).status_code == 200
    assert as_person("firm2").get(PATH).status_code == 404
