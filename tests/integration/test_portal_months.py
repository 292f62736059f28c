"""The months of an outlet on a lake with real windows: means, validity, tonnes by month and quarter, the permit."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.office_world import OUTLET
from tests.periods_world import readings

from qingtian.base import times
from qingtian.base.settings import Settings
from qingtian.base.times import BEIJING
from qingtian.lake.writer import LakeWriter
from qingtian.stream.periods import api as periods

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

FACTOR = "w01018"
YEAR = times.now().astimezone(BEIJING).year - 1
PATH = f"/outlets/{OUTLET}/months/"


@pytest.fixture
def lake(office: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A lake of one's own that the pages read."""
    from qingtian.portals import history

    monkeypatch.setenv("QINGTIAN_LAKE_URL", str(tmp_path))
    history.windows.cache_clear()
    yield str(tmp_path)
    monkeypatch.undo()
    history.windows.cache_clear()


@pytest.fixture
def measured(lake: str) -> str:
    """January without its 15th and ten days of February: 50 mg/L in 10 m³ an hour."""
    from qingtian.office.sites.models import Device

    mn = Device.objects.filter(outlet_id=OUTLET).values_list("mn", flat=True)[0]
    days = [date(YEAR, 1, 1) + timedelta(days=number) for number in range(41) if number != 14]
    hours = [
        {"factor": FACTOR, "cn": 2061, "value": 50},
        {"factor": "w00000", "cn": 2061, "measure": "Cou", "value": 10},
    ]
    rows = pl.concat([readings(day, hours) for day in days]).with_columns(mn=pl.lit(mn))
    outlet = {"code": OUTLET, "medium": "water", "source_type": "", "operating": {}, "limits": [], "name": ""}
    plan = periods.read_plan({"number": 1, "outlets": [{**outlet, "devices": [{"mn": mn, "pw": "123456"}]}]})
    made = periods.windows(periods.rows_of(rows), plan, days=days).with_columns(revision=pl.lit(1, pl.Int32))
    LakeWriter(lake_url=lake, app_id="confirmer.0").append(
        {"periods": periods.lake_rows(made, sequence=1)}, last_sequence=1
    )
    return lake


def told(client: Any, query: str = "") -> dict[str, Any]:
    body: dict[str, Any] = json.loads(client.get(f"{PATH}?year={YEAR}&format=json{query}").content)
    return body


def test_it_tells_the_means_of_months_whether_they_count_and_what_was_emitted(measured: str, as_person: Any) -> None:
    body = told(as_person("officer"))
    january, february = [row for row in body["rows"] if row["factor"] == FACTOR]
    # 30 days of 24 hours; the day that is not there is due as well; 744 · 0.75 = 558
    assert [january[name] for name in ("month", "mean", "valid_hours", "due", "needed", "state")] == [
        *(f"{YEAR}-01", 50.0, 720, 744, 558, "valid")
    ]
    # 50 mg/L · 10 m³ · 10⁻³ = 0.5 kg an hour
    assert january["kg"] == pytest.approx(360)
    assert (february["valid_hours"], february["state"], february["kg"]) == (240, "few", pytest.approx(120))


def test_it_adds_up_quarters_that_are_over_with_what_stands_for_missing_hours(measured: str, as_person: Any) -> None:
    (first,) = [one for one in told(as_person("officer"))["quarters"] if one["first"] == f"{YEAR}-01-01"]
    quarter = (date(YEAR, 4, 1) - date(YEAR, 1, 1)).days * 24
    assert (first["factor"], first["missing"], first["open_hours"]) == (FACTOR, quarter - 960, 0)
    assert first["measured_kg"] == pytest.approx(480)
    # each gap at the mean of as many valid hours before it as are missing: 0.5 kg
    assert first["filled_kg"] == pytest.approx((quarter - 960) * 0.5)
    (by,) = first["replaced"]
    assert (by["method"], by["hours"], by["kg"]) == ("mean_before", quarter - 960, first["filled_kg"])
    page = as_person("officer").get(f"{PATH}?year={YEAR}&factor={FACTOR}").content.decode()
    assert "此前同样个数有效小时的均值" in page


def test_it_holds_the_year_against_what_the_permit_allows(measured: str, as_person: Any) -> None:
    from qingtian.office.sites.models import Outlet, PlanSnapshot

    client, form = as_person("officer"), {"factor": FACTOR, "tonnes": "0.4", "document": "91440300 第3页"}
    assert "未登记许可排放量" in client.get(f"{PATH}?year={YEAR}&factor={FACTOR}").content.decode()
    assert client.post(f"{PATH}permitted/", form).status_code == 302
    page = client.get(f"{PATH}?year={YEAR}&factor={FACTOR}").content.decode()
    # 0.48 t of 0.4 t
    assert "is-breach" in page
    assert "120" in page
    assert "91440300 第3页" in page
    assert told(client)["permitted"] == {FACTOR: {"tonnes": 0.4, "document": "91440300 第3页"}}
    assert PlanSnapshot.objects.exists()
    client.post(f"{PATH}permitted/", form | {"tonnes": ""})
    assert Outlet.objects.get(pk=OUTLET).operating["permitted_tonnes"] == {}


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"tonnes": "many"}, 400),
        ({"tonnes": "-1"}, 422),
        ({"tonnes": "NaN"}, 422),
        ({"document": " "}, 422),
        ({"factor": "zzz"}, 422),
    ],
)
def test_it_refuses_an_amount_that_is_none(wrong: dict[str, str], status: int, as_person: Any) -> None:
    form = {"factor": FACTOR, "tonnes": "0.4", "document": "许可证"} | wrong
    assert as_person("officer").post(f"{PATH}permitted/", form).status_code == status


def test_it_gives_the_same_rows_as_csv_and_draws_them(measured: str, as_person: Any) -> None:
    client = as_person("firm")
    table = list(csv.DictReader(io.StringIO(client.get(f"{PATH}?year={YEAR}&format=csv").content.decode("utf-8-sig"))))
    assert [row["kg"] for row in table] == [str(row["kg"] or "") for row in told(client)["rows"]]
    page = client.get(f"{PATH}?year={YEAR}").content.decode()
    assert page.count("<rect ") == 2
    assert "有效小时不足" in page


def test_it_hides_months_from_another_district_and_another_firm_and_the_form_from_the_firm(
    measured: str, as_person: Any
) -> None:
    assert [as_person(who).get(PATH).status_code for who in ("officer", "firm", "desk")] == [200, 200, 200]
    assert [as_person(who).get(PATH).status_code for who in ("officer2", "firm2")] == [404, 404]
    assert as_person("firm2").get(f"{PATH}?format=json").status_code == 404
    assert "permitted/" not in as_person("firm").get(f"{PATH}?year={YEAR}").content.decode()
    form = {"factor": FACTOR, "tonnes": "0.4", "document": "许可证"}
    answers = {who: as_person(who).post(f"{PATH}permitted/", form).status_code for who in ("firm", "desk", "officer2")}
    assert answers == {"firm": 403, "desk": 403, "officer2": 404}


def test_a_year_without_hours_says_what_to_do_and_nonsense_is_refused(lake: str, as_person: Any) -> None:
    client = as_person("desk")
    assert "qingtian replay" in client.get(PATH).content.decode()
    for nonsense in ("year=x", "year=99999999", "year=1999", "factor=zzz"):
        for form in ("html", "json", "csv"):
            assert client.get(f"{PATH}?{nonsense}&format={form}").status_code == 400, nonsense
    # a factor that there is may be asked for where it was not measured
    page = client.get(f"{PATH}?factor=a34013").content.decode()
    assert 'value="a34013" selected' in page


def test_it_keeps_its_queries_few(measured: str, as_person: Any, django_assert_queries: Any) -> None:
    client = as_person("desk")
    client.get(PATH)
    with django_assert_queries(12):
        assert client.get(f"{PATH}?year={YEAR}").status_code == 200
