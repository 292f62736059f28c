"""The page of an alert of closed periods: what it carries, the detector's picture, what was taken back; who sees it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.office_world import MONDAY, OUTLET, finding

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

CHART = {
    "factor": "w01018",
    "unit": "mg/L",
    "start": "2026-11-22T00:00:00+08:00",
    "period_s": 3600,
    "values": [20.1, 21.0, 23.3, 23.3, 23.3, 23.3, 23.3, 22.0],
    "marked": ["2026-11-22T02:00:00+08:00", "2026-11-22T07:00:00+08:00"],
    "lines": [],
    "bands": [],
}


def take(message: dict[str, Any]) -> int:
    from qingtian.office.tasks.api import take_finding

    taken = take_finding(message=message, at=MONDAY)
    assert taken is not None
    return int(taken.episode.pk)


def suspicion() -> dict[str, Any]:
    message = finding(level="suspicion")
    evidence = {
        "packets": [],
        "zh": "疑似恒值，请核查。",
        "en": "Suspected flat line.",
        "numbers": {},
        "charts": [CHART],
    }
    nothing = {"limit": None, "value": None, "peak": None, "times_over": None}
    return message | nothing | {"detector": "flat_line", "weight": 0.66, "period": "hour", "evidence": evidence}


def confirmed(*, certainty: str) -> dict[str, Any]:
    message = finding(level="confirmed")
    support = "penalty" if certainty == "read" else "warn"
    limit = message["limit"] | {"certainty": certainty}
    return message | {"detector": "confirmed_exceedance", "support": support, "limit": limit, "revision": 1}


def test_a_suspicion_shows_its_weight_and_picture_and_never_a_limit(as_person: Any) -> None:
    episode = take(suspicion())
    page = as_person("desk").get(f"/alerts/{episode}/").content.decode()
    assert "疑似恒值" in page
    assert '<svg class="spark"' in page
    assert "0.66" in page
    assert "疑点不等于违法" in page
    assert 'id="packets"' not in page
    told = json.loads(as_person("desk").get(f"/alerts/{episode}/?format=json").content)
    assert (told["level"], told["weight"], told["limit"]) == ("suspicion", 0.66, None)


def test_the_firm_sees_no_suspicion_of_itself_anywhere(as_person: Any) -> None:
    episode = take(suspicion())
    firm = as_person("firm")
    assert firm.get(f"/alerts/{episode}/").status_code == 404
    assert json.loads(firm.get("/alerts/?format=json").content)["rows"] == []
    assert "疑似恒值" not in firm.get(f"/outlets/{OUTLET}/").content.decode()
    assert [row["level"] for row in json.loads(as_person("officer").get("/alerts/?format=json").content)["rows"]]


@pytest.mark.parametrize(("certainty", "asked"), [("memory", True), ("read", False)])
def test_a_figure_from_memory_is_to_be_confirmed_first(certainty: str, asked: bool, as_person: Any) -> None:
    episode = take(confirmed(certainty=certainty))
    page = as_person("officer").get(f"/alerts/{episode}/").content.decode()
    assert ("须先经人员确认" in page) is asked
    assert f"/outlets/{OUTLET}/history/" in page


def test_what_was_taken_back_stays_and_says_why(as_person: Any) -> None:
    opened = confirmed(certainty="read")
    episode = take(opened)
    why = {"packets": [], "zh": "更正后为90，不再超标", "en": "90 after a correction"}
    take(opened | {"id": "c" * 32, "event": "closed", "reason": "superseded", "superseded_by": None, "evidence": why})
    page = as_person("desk").get(f"/alerts/{episode}/").content.decode()
    assert "已撤销" in page
    assert "更正后为90，不再超标" in page
    levels = json.loads(as_person("desk").get("/alerts/?format=json&level=confirmed").content)["rows"]
    assert [row["level"] for row in levels] == ["confirmed"]


def test_an_exceedance_that_ended_says_by_which_window_and_when(as_person: Any) -> None:
    episode = take(confirmed(certainty="read"))
    assert "仍在持续" in as_person("desk").get(f"/alerts/{episode}/").content.decode()
    recovery = {
        "data_time": "2026-11-24T00:00:00+08:00",
        "value": 80.0,
        "zh": "化学需氧量11月23日起的超标已结束。",
        "en": "COD: the exceedance of 23 November has ended.",
    }
    end = {"reason": "recovered", "superseded_by": None, "end": "2026-11-25T00:00:00+08:00", "recovery": recovery}
    closed = confirmed(certainty="read") | end | {"event": "closed", "id": "c" * 32}
    assert take(closed) == episode
    page = as_person("firm").get(f"/alerts/{episode}/").content.decode()
    assert "化学需氧量11月23日起的超标已结束。" in page
    assert "结束于" in page
    told = json.loads(as_person("desk").get(f"/alerts/{episode}/?format=json").content)
    assert (told["state"], told["ended_at"]) == ("recovered", "2026-11-25T00:00:00+08:00")


def test_a_suspicion_about_a_clock_is_about_the_device_and_no_factor(as_person: Any) -> None:
    told = suspicion() | {"detector": "clock_tampering", "factor": "", "factors": [], "period": "minute"}
    episode = take(told | {"evidence": {**told["evidence"], "charts": []}})
    page = as_person("desk").get(f"/alerts/{episode}/").content.decode()
    assert "设备整体" in page
    assert "时钟与时序异常" in page
    board = as_person("desk").get("/suspicions/").content.decode()
    assert "时钟与时序异常" in board


def test_the_rule_page_says_what_a_detector_is_given_and_what_it_is_not(as_person: Any) -> None:
    page = as_person("officer").get("/rules/detectors/treatment_off/").content.decode()
    assert "未供给" in page
    assert "未登记产污、治污设施及其通道的排放口不会提示任何情况" in page
    assert "登记了额定值的设施的分钟值" in page
    assert "按到达日逐日查看" in as_person("officer").get("/rules/detectors/clock_tampering/").content.decode()
    assert 'id="given"' not in as_person("officer").get("/rules/detectors/exceedance/").content.decode()


def test_a_value_below_a_lower_limit_is_shown_as_that_and_not_as_over_it(as_person: Any) -> None:
    acid = {"factor": "w01001", "lower": 6.0, "upper": 9.0, "unit": "dimensionless", "printed": "6~9"}
    message = confirmed(certainty="read")
    message |= {"factor": "w01001", "value": 5.2, "peak": 5.2, "times_over": 0.8, "limit": message["limit"] | acid}
    episode = take(message)
    desk = as_person("desk")
    for page in (f"/alerts/{episode}/", "/alerts/", "/desk/"):
        said = desk.get(page).content.decode()
        assert "低于限值 0.8" in said
        assert "超标 0.8 倍" not in said


def test_units_are_printed_with_raised_figures_wherever_a_sentence_names_them(as_person: Any) -> None:
    told = suspicion()
    episode = take(
        told | {"evidence": told["evidence"] | {"zh": "最高35mg/m³，请核查。", "charts": [CHART | {"unit": "mg/m3"}]}}
    )
    for page in (f"/alerts/{episode}/", "/suspicions/"):
        said = as_person("desk").get(page).content.decode()
        assert "35mg/m³" in said
        assert "mg/m3" not in said
