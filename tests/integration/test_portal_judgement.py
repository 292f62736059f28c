"""The pages of judgement on a lake with real windows: histories, completeness, effectiveness, limits, suspicions."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.office_world import OTHER_OUTLET, OUTLET, finding
from tests.periods_world import readings

from qingtian.base import times
from qingtian.base.settings import Settings
from qingtian.base.times import BEIJING
from qingtian.lake.tables import READINGS
from qingtian.lake.writer import LakeWriter
from qingtian.stream.periods import api as periods

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

DAY = times.now().astimezone(BEIJING).date() - timedelta(days=2)
FACTOR = "w01018"
HISTORY = f"/outlets/{OUTLET}/history/"
LIMIT = {"factor": FACTOR, "period": "day", "upper": 100.0, "lower": None, "unit": "mg/L", "measure": "Avg"}


@pytest.fixture
def lake(office: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A lake of one's own that the pages read."""
    from qingtian.portals import history

    monkeypatch.setenv("QINGTIAN_LAKE_URL", str(tmp_path))
    history.lake.cache_clear()
    history.windows.cache_clear()
    yield str(tmp_path)
    monkeypatch.undo()
    history.lake.cache_clear()
    history.windows.cache_clear()


def measure(url: str, day: date, entries: list[dict[str, Any]], *, sequence: int = 1, minutes: bool = True) -> None:
    """Put a day of readings (its ``minutes``), and the windows that judgement makes of it, into the lake."""
    from qingtian.office.sites.models import Device

    mn = Device.objects.filter(outlet_id=OUTLET).values_list("mn", flat=True)[0]
    rows = readings(day, entries, first=sequence).with_columns(mn=pl.lit(mn))
    table = rows.with_columns(day=pl.lit(day)).select(READINGS.schema.names).to_arrow().cast(READINGS.schema)
    last = sequence + len(entries) - 1
    if minutes:
        LakeWriter(lake_url=url, app_id="judge.0").append({"readings": table}, last_sequence=last)
    outlet = {"code": OUTLET, "medium": "water", "source_type": "", "operating": {}, "limits": [LIMIT], "name": ""}
    plan = periods.read_plan({"number": 1, "outlets": [{**outlet, "devices": [{"mn": mn, "pw": "123456"}]}]})
    made = periods.windows(periods.rows_of(rows), plan, days=[day]).with_columns(revision=pl.lit(1, pl.Int32))
    kept = periods.lake_rows(made, sequence=last)
    LakeWriter(lake_url=url, app_id="confirmer.0").append({"periods": kept}, last_sequence=last)


@pytest.fixture
def measured(lake: str) -> str:
    """Two days: a whole one with an hour of calibration, and one of which the last six hours are missing."""
    whole = [
        {"factor": FACTOR, "value": 40.0},
        {"factor": FACTOR, "value": 90.0, "from": "10:00", "to": "11:00", "flag": "C"},
    ]
    measure(lake, DAY, whole)
    measure(lake, DAY + timedelta(days=1), [{"factor": FACTOR, "value": 60.0, "to": "18:00"}], sequence=10)
    return lake


def days() -> str:
    return f"factor={FACTOR}&from={DAY}&to={DAY}"


def test_it_shows_minutes_with_their_flags_and_says_that_none_is_left_out(measured: str, as_person: Any) -> None:
    told = json.loads(as_person("officer").get(f"{HISTORY}?{days()}&step=minute&format=json").content)
    (line,) = told["series"]
    assert (told["records"], told["every_s"], len(line["at"])) == (1440, None, 1440)
    assert (told["to"] - told["from"]) == 86_400_000
    ((first, last, flag, word),) = told["flags"]
    assert (flag, word, last - first) == ("C", "校准", 3_600_000)
    assert "1,440" in told["told"]


def test_it_shows_the_windows_that_count_beside_our_own_and_those_that_do_not(measured: str, as_person: Any) -> None:
    told = json.loads(as_person("desk").get(f"{HISTORY}?{days()}&step=hour&format=json").content)
    assert told["confirmed"]
    roles = {line["role"]: line["value"] for line in told["series"]}
    assert set(roles) == {"counted", "own"}
    # water: the hour under calibration has no value that counts
    assert roles["counted"].count(None) == 1
    ((first, last, _reason, _word),) = told["invalid"]
    assert last - first == 3_600_000
    assert [limit["upper"] for limit in told["limits"]] == [100.0]


def test_it_draws_no_line_across_hours_that_nobody_measured(measured: str, as_person: Any) -> None:
    tomorrow = DAY + timedelta(days=1)
    measure(measured, tomorrow + timedelta(days=1), [{"factor": FACTOR, "value": 50.0, "to": "02:00"}], sequence=20)
    query = f"factor={FACTOR}&from={tomorrow}&to={tomorrow + timedelta(days=1)}&step=minute&format=json"
    (line,) = json.loads(as_person("desk").get(f"{HISTORY}?{query}").content)["series"]
    torn = line["value"].index(None)
    assert line["value"].count(None) == 1
    assert line["at"][torn + 1] - line["at"][torn - 1] > 5 * 3_600_000


def test_hours_are_shown_where_minutes_began_late_unless_somebody_chose_minutes(lake: str, as_person: Any) -> None:
    began, client = DAY + timedelta(days=1), as_person("desk")
    measure(lake, DAY, [{"factor": FACTOR, "value": 40.0}], minutes=False)
    measure(lake, began, [{"factor": FACTOR, "value": 60.0, "from": "20:00"}], sequence=10)
    both, alone = f"factor={FACTOR}&from={DAY}&to={began}&format=json", f"{HISTORY}?factor={FACTOR}&format=json"
    told = json.loads(client.get(f"{HISTORY}?{both}").content)
    assert (told["step"], min(line["at"][0] for line in told["series"])) == ("hour", told["from"])
    assert json.loads(client.get(f"{HISTORY}?{both}&step=minute").content)["step"] == "minute"
    # hours that reach no farther back tell less than minutes
    evening = f"from={began}T18:00&to={began}T23:00"
    assert json.loads(client.get(f"{alone}&{evening}&step=auto").content)["step"] == "minute"


def test_it_gives_the_same_points_as_csv(measured: str, as_person: Any) -> None:
    client = as_person("firm")
    told = json.loads(client.get(f"{HISTORY}?{days()}&step=hour&format=json").content)
    table = list(
        csv.DictReader(io.StringIO(client.get(f"{HISTORY}?{days()}&step=hour&format=csv").content.decode("utf-8-sig")))
    )
    values = [line["value"] for line in told["series"]]
    assert [row["value"] for row in table] == ["" if one is None else str(one) for line in values for one in line]
    assert {row["outlet"] for row in table} == {OUTLET}


@pytest.mark.parametrize("page", ["history", "completeness", "limits"])
def test_it_hides_them_from_another_district_and_another_firm(page: str, measured: str, as_person: Any) -> None:
    path = f"/outlets/{OUTLET}/{page}/"
    assert [as_person(who).get(path).status_code for who in ("officer", "firm", "desk")] == [200, 200, 200]
    assert [as_person(who).get(path).status_code for who in ("officer2", "firm2")] == [404, 404]
    assert as_person("firm2").get(f"{path}?format=json").status_code == 404
    assert as_person("firm2").get(f"/compare/?outlet={OUTLET}").status_code == 404


def test_it_refuses_nonsense_in_the_url(measured: str, as_person: Any) -> None:
    client = as_person("desk")
    for nonsense in ("range=99", "step=eon", "factor=zzz"):
        for form in ("html", "json", "csv"):
            assert client.get(f"{HISTORY}?{nonsense}&format={form}").status_code == 400, nonsense
    for nonsense in ("year=x", "year=99999999", "year=1999", "factor=zzz"):
        assert client.get(f"/outlets/{OUTLET}/completeness/?{nonsense}").status_code == 400, nonsense
    for nonsense in ("range=99", "factor=zzz", "cn=2019"):
        for path in (f"/outlets/{OUTLET}/", f"/outlets/{OUTLET}/readings/"):
            assert client.get(f"{path}?{nonsense}").status_code == 400, (path, nonsense)
    for nonsense in ("range=99", "factor=zzz", "step=eon"):
        assert client.get(f"/compare/?outlet={OUTLET}&{nonsense}").status_code == 400, nonsense
    # a factor that there is may be asked for where nobody measured it: nothing is shown, not another
    assert json.loads(client.get(f"/outlets/{OUTLET}/readings/?factor=a34013").content)["factor"] == "a34013"
    assert 'value="a34013" selected' in client.get(f"/outlets/{OUTLET}/completeness/?factor=a34013").content.decode()


def test_a_stretch_that_cannot_be_is_said_on_the_page_and_refused_to_a_program(measured: str, as_person: Any) -> None:
    client = as_person("desk")
    for wrong in ("from=x&to=y", "from=2026-01-02&to=2026-01-01", "from=2026-01-02"):
        for path in (f"{HISTORY}?", f"/compare/?outlet={OUTLET}&"):
            page = client.get(f"{path}{wrong}")
            assert page.status_code == 200
            assert "时段无效" in page.content.decode(), wrong
            refused = client.get(f"{path}{wrong}&format=json")
            assert (refused.status_code, refused.json()["code"]) == (400, "web.asked_unknown"), wrong
    for form in ("html", "json", "csv"):
        assert client.get(f"{HISTORY}?from=0001-01-01&to=9999-12-31&format={form}").status_code == 200


def test_it_says_that_a_stretch_cannot_be_and_what_is_shown_instead(measured: str, as_person: Any) -> None:
    client = as_person("officer")
    for wrong in (f"from={DAY}&to={DAY - timedelta(days=1)}", "from=2026-13-01&to=2026-13-02", f"to={DAY}"):
        assert "现显示最近七天" in client.get(f"{HISTORY}?{wrong}").content.decode(), wrong
    for right in ("", days(), "range=30d"):
        assert "现显示最近七天" not in client.get(f"{HISTORY}?{right}").content.decode(), right


def test_it_keeps_its_queries_few(measured: str, as_person: Any, django_assert_queries: Any) -> None:
    client = as_person("desk")
    pages = {
        f"{HISTORY}?format=json": 12,
        f"/outlets/{OUTLET}/completeness/": 12,
        "/effectiveness/": 12,
        f"/compare/?outlet={OUTLET}": 12,
        "/suspicions/": 14,
        "/limits/": 9,
        "/rules/": 9,
    }
    for path, most in pages.items():
        client.get(path)
        with django_assert_queries(most):
            assert client.get(path).status_code == 200, path


def test_it_colours_each_day_with_its_hours_and_says_it_in_words(measured: str, as_person: Any) -> None:
    rows = json.loads(as_person("officer").get(f"/outlets/{OUTLET}/completeness/?year={DAY.year}&format=json").content)[
        "rows"
    ]
    told = {row["date"]: row for row in rows}
    assert (told[str(DAY)]["valid"], told[str(DAY)]["due"], told[str(DAY)]["kind"]) == (23, 24, "full")
    tomorrow = told[str(DAY + timedelta(days=1))]
    assert (tomorrow["valid"], tomorrow["received"], tomorrow["kind"]) == (18, 18, "enough")
    assert told[str(DAY - timedelta(days=1))]["kind"] == "ahead"
    page = as_person("officer").get(f"/outlets/{OUTLET}/completeness/?year={DAY.year}").content.decode()
    assert f"{DAY}：有效 23 / 应有 24 小时，完整" in page


def test_it_lists_the_worst_first_and_only_what_is_in_scope(measured: str, as_person: Any) -> None:
    rows = json.loads(as_person("officer").get(f"/effectiveness/?month={DAY:%Y-%m}&format=json").content)["rows"]
    (row,) = [one for one in rows if one["code"] == OUTLET]
    if (DAY + timedelta(days=1)).month == DAY.month:
        # to the end of yesterday; midnight may have passed since this file was read
        due = 24 * (times.now().astimezone(BEIJING).date() - DAY).days
        assert (row["due"], row["received"], row["counted"]) == (due, 42, 41)
        assert row["effectiveness"] == pytest.approx(41 / due)
    below = json.loads(as_person("desk").get(f"/effectiveness/?month={DAY:%Y-%m}&line=below&format=json").content)[
        "rows"
    ]
    assert all(one["effectiveness"] < one["line"] for one in below)
    for who in ("officer2", "firm2"):
        assert json.loads(as_person(who).get("/effectiveness/?format=json").content)["rows"] == []


def test_it_says_what_is_missing_while_nothing_was_judged(lake: str, as_person: Any) -> None:
    assert "确认程序" in as_person("desk").get("/effectiveness/").content.decode()
    assert "确认程序" in as_person("desk").get(f"/outlets/{OUTLET}/completeness/").content.decode()
    told = json.loads(as_person("desk").get(f"{HISTORY}?format=json").content)
    assert told["series"] == []


# --- limits --------------------------------------------------------------------------------------


@pytest.fixture
def memory_row(office: Settings) -> Any:
    """A row from memory, under which an outlet of the demo stands."""
    from qingtian.law import limits as law
    from qingtian.office.sites.models import Limit
    from qingtian.portals.limits import rows

    row, bound = next(
        (one, bound)
        for one in rows()
        if one.rule.certainty == "memory" and one.rule["medium"] == "water"
        for bound in law.bounds(standard=one.rule["standard"], source_type=one.rule["source_type"])
        if (bound.factor, bound.period, bound.printed) == (one.rule["factor"], one.rule["period"], one.printed)
    )
    Limit.objects.create(
        outlet_id=OUTLET, factor=bound.factor, period=bound.period, upper=bound.upper, lower=bound.lower,
        unit=bound.unit, standard=bound.standard, source_type=row.rule["source_type"],
        source=bound.source, certainty="memory", printed=bound.printed,
    )  # fmt: skip
    return row


def test_it_lists_every_limit_of_every_standard_and_filters_them(as_person: Any) -> None:
    from qingtian.law import rules

    client = as_person("reviewer")
    every = sum(len(rules.table(name).rows) for name in rules.names("limits"))
    assert json.loads(client.get("/limits/?format=json").content)["count"] == every
    found = json.loads(client.get("/limits/?format=json&standard=GB 18485-2014&certainty=memory&q=a21026").content)[
        "rows"
    ]
    assert found
    assert {(row["standard"], row["factor"], row["certainty"]) for row in found} == {
        ("GB 18485-2014", "a21026", "memory")
    }


def test_it_lets_a_reviewer_confirm_a_figure_and_an_officer_not(as_person: Any, memory_row: Any) -> None:
    row = memory_row
    form = {"document": "标准原文第4页"}
    assert "确认数值" not in as_person("officer").get(row.path).content.decode()
    assert as_person("officer").post(f"{row.path}confirm/", form).status_code == 403
    reviewer = as_person("reviewer")
    assert "尚无人确认" in reviewer.get(row.path).content.decode()
    assert reviewer.post(f"{row.path}confirm/", form).headers["Location"] == row.path
    assert "标准原文第4页" in reviewer.get(row.path).content.decode()


def test_it_enters_a_permit_limit_that_then_binds_and_ends_it(as_person: Any) -> None:
    officer, path = as_person("officer"), f"/outlets/{OUTLET}/limits/"
    form = {
        "factor": FACTOR,
        "period": "day",
        "side": "upper",
        "bound": "60",
        "permit": "91440300X",
        "document": "副本第12页",
    }
    assert officer.post(f"{path}permit/", form).headers["Location"] == path
    told = json.loads(officer.get(f"{path}?format=json").content)["limits"]
    binds = [one for one in told if one["factor"] == FACTOR and one["period"] == "day"]
    # before and since the standard came into force
    assert {(one["upper"], one["basis"]) for one in binds} == {(60.0, "permit")}
    from qingtian.office.sites.models import Limit

    limit = Limit.objects.get(outlet_id=OUTLET, basis="permit")
    other = as_person("officer2").post(f"/outlets/{OTHER_OUTLET}/limits/end/", {"limit": limit.pk, "end": "2027-01-01"})
    assert other.status_code == 400
    officer.post(f"{path}end/", {"limit": limit.pk, "end": "2027-01-01"})
    limit.refresh_from_db()
    assert str(limit.end) == "2027-01-01"


def test_it_lets_nobody_else_enter_a_permit_limit(as_person: Any) -> None:
    form = {"factor": FACTOR, "period": "day", "side": "upper", "bound": "60", "permit": "1", "document": "1"}
    path = f"/outlets/{OUTLET}/limits/permit/"
    assert as_person("officer2").post(path, form).status_code == 404
    assert as_person("desk").post(path, form).status_code == 403
    assert as_person("firm").post(path, form).status_code == 403
    assert as_person("officer").post(path, {**form, "bound": "NaN"}).status_code == 400


# --- suspicions ----------------------------------------------------------------------------------


def suspicion(run: str, *, detector: str = "flat_line", weight: float = 0.8, hours_ago: float = 30.0) -> dict[str, Any]:
    """Return a suspicion as the confirmer tells it."""
    start = (times.now() - timedelta(hours=hours_ago)).replace(minute=0, second=0, microsecond=0)
    end = start + timedelta(hours=12)
    values = [40.0] * 10 + [63.0] * 12 + [None, 41.0]
    chart = {
        "factor": FACTOR, "unit": "mg/L", "start": start.isoformat(), "period_s": 3600, "values": values,
        "marked": [start.isoformat(), end.isoformat()], "bands": [],
        "lines": [{"zh": "日限值", "en": "day limit", "values": 100.0}],
    }  # fmt: skip
    base = finding(run=run, level="suspicion", at=start)
    evidence = {"packets": [], "zh": f"{run}：疑似恒值", "en": f"{run}: suspected", "numbers": {}, "charts": [chart]}
    return base | {
        "detector": detector,
        "factors": [FACTOR],
        "period": "hour",
        "limit": None,
        "value": None,
        "peak": None,
        "times_over": None,
        "weight": weight,
        "since": start.isoformat(),
        "end": end.isoformat(),
        "evidence": evidence,
    }


@pytest.fixture
def suspected(office: Settings) -> list[dict[str, Any]]:
    """Two detectors that suspect the same hours of one outlet."""
    from qingtian.office.tasks import api as tasks

    told = [suspicion("one"), suspicion("two", detector="replayed", weight=0.6)]
    for message in told:
        tasks.take_finding(message=message, at=times.now())
    return told


def board(client: Any, query: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(client.get(f"/suspicions/?format=json{query}").content)["rows"]
    return rows


def test_it_ranks_suspicions_and_says_what_supports_each(suspected: list[dict[str, Any]], as_person: Any) -> None:
    client = as_person("officer")
    assert [row["detector"] for row in board(client)] == ["flat_line", "replayed"]
    page = client.get("/suspicions/").content.decode()
    # 1 − 0.2 · 0.4
    assert "0.92" in page
    assert "同期另有" in page
    assert "该时段没有标记，也没有说明" in page
    assert '<polyline class="line"' in page
    assert page.count('<svg class="spark"') == 2


def test_it_shows_suspicions_to_nobody_else(suspected: list[dict[str, Any]], as_person: Any) -> None:
    assert as_person("firm").get("/suspicions/").status_code == 403
    assert board(as_person("officer2")) == []
    assert len(board(as_person("desk"))) == 2
    # neither do they stand as pins in the firm's own history
    query = f"{HISTORY}?factor={FACTOR}&range=7d&format=json"
    assert json.loads(as_person("firm").get(query).content)["findings"] == []
    assert len(json.loads(as_person("officer").get(query).content)["findings"]) == 2
    form = {"cause": "plant", "reason": "x"}
    finding_id = suspected[0]["finding"]
    assert as_person("officer2").post(f"/suspicions/{finding_id}/explain/", form).status_code == 404
    assert as_person("firm").post(f"/suspicions/{finding_id}/explain/", form).status_code == 403
    assert as_person("admin").post(f"/suspicions/{finding_id}/explain/", form).status_code == 403


def test_it_lets_a_standing_mark_speak_against(
    suspected: list[dict[str, Any]], as_person: Any, people: dict[str, Any]
) -> None:
    from qingtian.office.marks.models import Mark, State

    start, end = (datetime.fromisoformat(suspected[0][name]) for name in ("since", "end"))
    Mark.objects.create(
        outlet_id=OUTLET, kind="device", label="维护", start=start, end=end, reason="换管", state=State.FILED,
        made_by=people["firm"], made_at=start,
    )  # fmt: skip
    client = as_person("officer")
    assert [(row["weight"], row["weight_now"], row["marked"]) for row in board(client)] == [
        (0.8, 0.4, 1.0),
        (0.6, 0.3, 1.0),
    ]
    assert "标记“维护”" in client.get("/suspicions/").content.decode()


def test_it_takes_the_weight_of_what_is_explained_with_a_reason(
    suspected: list[dict[str, Any]], as_person: Any
) -> None:
    from qingtian.office.alerts import api as alerts
    from qingtian.office.alerts.models import FindingRecord
    from qingtian.office.ledger import api as ledger

    client, one = as_person("officer"), suspected[0]["finding"]
    path = f"/suspicions/{one}/explain/"
    assert client.post(path, {"cause": "plant", "reason": "  "}).status_code == 422
    assert client.post(path, {"cause": "nonsense", "reason": "批次生产"}).status_code == 422
    assert client.post(path, {"cause": "plant", "reason": "批次生产"}).status_code == 302
    assert [row["detector"] for row in board(client)] == ["replayed"]
    (row,) = board(client, "&state=explained")
    assert (row["finding"], row["weight"], row["weight_now"]) == (one, 0.8, 0.0)
    assert "批次生产" in client.get("/suspicions/?state=explained").content.decode()
    episode = FindingRecord.objects.get(finding=one).episode_id
    assert ledger.history(alerts.chain(episode))[-1].act == "explain_suspicion"


def test_it_makes_one_task_of_what_is_to_be_looked_into(suspected: list[dict[str, Any]], as_person: Any) -> None:
    client, path = as_person("desk"), f"/suspicions/{suspected[0]['finding']}/look-into/"
    assert client.post(path, {"reason": ""}).status_code == 422
    first = client.post(path, {"reason": "核对末位数字"}).headers["Location"]
    assert first.startswith("/tasks/")
    assert client.post(path, {"reason": "再看一次"}).headers["Location"] == first
    page = as_person("officer").get(first).content.decode()
    assert "核对末位数字" in page
    assert [row["state"] for row in board(client, "&detector=flat_line")] == ["tasked"]


def test_it_drops_what_was_superseded(suspected: list[dict[str, Any]], as_person: Any) -> None:
    from qingtian.office.tasks import api as tasks

    gone = suspected[0] | {"event": "closed", "id": "f" * 32, "reason": "superseded", "superseded_by": None}
    tasks.take_finding(message=gone, at=times.now())
    assert [row["detector"] for row in board(as_person("desk"))] == ["replayed"]
