"""The alert of too few data captured: told to the firm and its officer, with the arithmetic."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.office_world import MONDAY, OUTLET, finding

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

SENTENCE = "2026年10月数据捕集率低于90%：化学需氧量。其中化学需氧量应有744小时，有效612小时，捕集率82.2%，还差58小时。"


def captured(*, over: bool) -> dict[str, Any]:
    message = finding(level="capture", band=2 if over else 1, factor="")
    days = [100.0] * 20 + [0.0] * 11
    chart = {
        "factor": "w01018",
        "unit": "%",
        "start": "2026-10-01T00:00:00+08:00",
        "period_s": 86400,
        "values": days,
        "marked": ["2026-10-01T00:00:00+08:00", "2026-11-01T00:00:00+08:00"],
        "lines": [{"zh": "应达到", "en": "to be reached", "values": 90.0}],
        "bands": [],
    }
    nothing = {"limit": None, "value": None, "peak": None, "times_over": None}
    evidence = {"packets": [], "zh": SENTENCE, "en": "Too few.", "numbers": {}, "charts": [chart]}
    weight = {"weight": 0.75 if over else 0.55, "event": "worsened" if over else "opened"}
    return message | nothing | {"detector": "capture_month", "period": "month", "evidence": evidence} | weight


def take(message: dict[str, Any]) -> Any:
    from qingtian.office.tasks.api import take_finding

    taken = take_finding(message=message, at=MONDAY)
    assert taken is not None
    return taken


def told() -> set[str]:
    from qingtian.office.alerts.models import Notice

    return set(Notice.objects.values_list("user__username", flat=True))


def test_a_warning_goes_to_the_firm_and_its_officer_and_asks_for_nothing_yet(as_person: Any) -> None:
    taken = take(captured(over=False))
    assert {"firm", "officer"} <= told()
    assert not {"desk", "officer2", "firm2", "leader"} & told()
    assert not hasattr(taken.episode, "answer")


def test_a_month_that_is_over_is_the_same_alert_and_the_firm_is_to_explain_it(as_person: Any) -> None:
    before, after = take(captured(over=False)), take(captured(over=True))
    assert (after.episode.pk, after.change, after.episode.severity) == (before.episode.pk, "worsened", 2)
    page = as_person("firm").get(f"/alerts/{after.episode.pk}/").content.decode()
    assert "应有744小时，有效612小时" in page
    assert "月数据捕集率不足" in page
    assert '<svg class="spark"' in page
    assert f"/outlets/{OUTLET}/completeness/?year=" in page
    assert "疑点不等于违法" not in page
    assert "前后监测数据" not in page, "the device as a whole has no curve"
    row = json.loads(as_person("firm").get("/alerts/?format=json").content)["rows"][0]
    assert row["level"] == "capture"
    assert "月数据捕集率不足" in as_person("officer").get("/alerts/").content.decode()


def test_it_stands_on_no_board_of_suspicions_and_no_other_firm_sees_it(as_person: Any) -> None:
    taken = take(captured(over=True))
    assert "月数据捕集率不足" not in as_person("desk").get("/suspicions/").content.decode()
    assert as_person("firm2").get(f"/alerts/{taken.episode.pk}/").status_code == 404
    assert as_person("officer2").get(f"/alerts/{taken.episode.pk}/").status_code == 404
