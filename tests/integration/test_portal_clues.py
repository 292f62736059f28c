"""Clues on the board: too light for an alarm, they reach no alert and no notice; several at one outlet add up."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from tests.office_world import OTHER_OUTLET, OUTLET

from qingtian.base import times
from qingtian.base.identifiers import deterministic

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

FACTOR = "w01018"


def clue(
    run: str,
    *,
    detector: str = "digit_pattern",
    weight: float = 0.3,
    number: int = 1,
    state: str = "running",
    outlet: str = OUTLET,
    days_ago: float = 1.0,
) -> dict[str, Any]:
    """Return a clue as the confirmer tells it."""
    start = (times.now() - timedelta(days=days_ago)).replace(minute=0, second=0, microsecond=0)
    evidence = {"packets": [], "zh": f"{run}：疑似换算", "en": f"{run}: suspected", "numbers": {}, "charts": []}
    nothing = dict.fromkeys(("limit", "value", "peak", "times_over"))
    return nothing | {
        "id": deterministic(run, number),
        "finding": deterministic("clue", run),
        "event": "opened" if number == 1 else "continued",
        "number": number,
        "state": state,
        "detector": detector,
        "detector_version": "1",
        "level": "suspicion",
        "cn": 2061,
        "outlet": outlet,
        "mn": "0" * 24,
        "factor": FACTOR,
        "factors": [FACTOR],
        "measure": "Avg",
        "period": "hour",
        "plan": 1,
        "band": 0,
        "weight": weight,
        "since": start.isoformat(),
        "data_time": start.isoformat(),
        "end": (start + timedelta(hours=6)).isoformat(),
        "running": state == "running",
        "received": start.isoformat(),
        "received_us": times.to_microseconds(start),
        "count": 6,
        "evidence": evidence,
    }


def picture(said: dict[str, Any]) -> dict[str, Any]:
    """Return the picture of a clue as a detector draws it."""
    marked = [said["since"], said["end"]]
    values = [40.0, 41.0, 42.0, 43.0]
    return {
        "factor": FACTOR,
        "unit": "mg/L",
        "start": said["since"],
        "period_s": 3600,
        "values": values,
        "marked": marked,
        "lines": [],
        "bands": [],
    }


def take(*messages: dict[str, Any]) -> list[Any]:
    from qingtian.office.suspicions import api

    return [api.take_clue(message=message, at=times.now()) for message in messages]


def board(client: Any, query: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(client.get(f"/suspicions/?format=json{query}").content)["rows"]
    return rows


def together(client: Any) -> dict[str, float]:
    from qingtian.office.suspicions import api

    return {one.outlet.pk: round(one.weight, 3) for one in api.board(client, at=times.now())}


def test_a_clue_stands_on_the_board_and_alarms_nobody(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.alerts.models import Episode, Notice

    take(clue("one"))
    assert (Episode.objects.count(), Notice.objects.count()) == (0, 0)
    (row,) = board(as_person("officer"))
    assert (row["detector"], row["weight"], row["clue"], row["alert"]) == ("digit_pattern", 0.3, True, None)
    page = as_person("officer").get("/suspicions/").content.decode()
    assert "one：疑似换算" in page
    assert ">线索<" in page
    table = list(
        csv.DictReader(io.StringIO(as_person("officer").get("/suspicions/?format=csv").content.decode("utf-8-sig")))
    )
    assert [one["clue"] for one in table] == ["True"]


def test_several_clues_of_an_outlet_add_up_and_one_alone_never_weighs_like_an_alarm(people: dict[str, Any]) -> None:
    take(clue("young", weight=0.84, outlet=OTHER_OUTLET))
    take(clue("a", weight=0.3), clue("b", detector="drift", weight=0.35), clue("c", detector="step", weight=0.2))
    # 1 − 0.7 · 0.65 · 0.8; of one clue 0.4 counts at most
    assert together(people["desk"]) == {OUTLET: 0.636, OTHER_OUTLET: 0.4}


def test_it_filters_clues_and_what_is_more(as_person: Any) -> None:
    from qingtian.office.tasks import api as tasks

    take(clue("light"))
    heavy = clue("heavy", detector="flat_line", weight=0.8) | {"band": 2}
    tasks.take_finding(message=heavy, at=times.now())
    client = as_person("desk")
    assert [row["detector"] for row in board(client)] == ["flat_line", "digit_pattern"]
    assert [row["detector"] for row in board(client, "&weight=clue")] == ["digit_pattern"]
    assert [row["detector"] for row in board(client, "&weight=alarm")] == ["flat_line"]
    assert client.get("/suspicions/?format=json&weight=nonsense").json()["code"] == "web.asked_unknown"


def test_the_newest_word_counts_and_an_older_one_told_again_does_not() -> None:
    from qingtian.office.suspicions.models import Clue

    first, second = clue("one"), clue("one", weight=0.45, number=2)
    assert [one is not None for one in take(first, second, first, second)] == [True, True, False, False]
    (row,) = Clue.objects.all()
    assert (row.number, row.weight) == (2, 0.45)


def test_what_was_taken_back_or_became_an_alarm_is_no_clue_any_more(as_person: Any) -> None:
    from qingtian.office.tasks import api as tasks

    take(clue("gone"), clue("gone", number=2, state="superseded"))
    take(clue("grown", detector="flat_line"))
    client = as_person("desk")
    assert [row["detector"] for row in board(client)] == ["flat_line"]
    grown = clue("grown", detector="flat_line", weight=0.7, number=2) | {"event": "opened", "band": 2}
    tasks.take_finding(message=grown, at=times.now())
    (row,) = board(client)
    assert (row["weight"], row["clue"]) == (0.7, False)


def test_it_shows_clues_to_no_firm_and_to_no_other_district(as_person: Any) -> None:
    take(clue("one"))
    finding = clue("one")["finding"]
    assert as_person("firm").get("/suspicions/").status_code == 403
    assert board(as_person("officer2")) == []
    form = {"cause": "plant", "reason": "x"}
    assert as_person("officer2").post(f"/suspicions/{finding}/explain/", form).status_code == 404
    assert as_person("firm").post(f"/suspicions/{finding}/explain/", form).status_code == 403
    assert "疑似换算" not in as_person("firm").get(f"/outlets/{OUTLET}/").content.decode()


def test_a_clue_can_be_explained_and_nobody_is_sent_for_it_alone(as_person: Any) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.suspicions import actions

    take(clue("one"))
    client, finding = as_person("officer"), clue("one")["finding"]
    page = client.get("/suspicions/").content.decode()
    assert f"explain-{finding}" in page
    assert f"look-{finding}" not in page
    refused = client.post(f"/suspicions/{finding}/look-into/", {"reason": "看看"})
    assert refused.status_code == 409
    assert "线索没有预警" in refused.content.decode()
    done = client.post(f"/suspicions/{finding}/explain/", {"cause": "plant", "reason": "新仪器位数不同"})
    assert done.status_code == 302
    assert board(client) == []
    entry = ledger.history(actions.chain(OUTLET))[-1]
    assert (entry.act, entry.content["finding"]) == ("explain_suspicion", finding)


def test_old_clues_are_cleared_away_by_the_rule() -> None:
    from qingtian.office.suspicions import api
    from qingtian.office.suspicions.models import Clue

    days = api.weighing(day=times.now().date()).clue_days
    take(clue("old", days_ago=days + 1), clue("new", days_ago=days - 1))
    assert api.clear_away(at=times.now()) == 1
    assert [one.payload["finding"] for one in Clue.objects.all()] == [clue("new")["finding"]]


@pytest.mark.parametrize(
    "wrong", [{"state": "odd"}, {"end": None}, {"weight": "x"}, {"evidence": {"zh": "", "en": ""}}]
)
def test_it_refuses_what_is_no_clue(wrong: dict[str, Any]) -> None:
    from qingtian.office.suspicions import api

    with pytest.raises(api.NoClue):
        take(clue("one") | wrong)
    with pytest.raises(Exception, match="SZ-X-9999"):
        take(clue("one") | {"outlet": "SZ-X-9999"})


def test_of_many_suspicions_of_an_outlet_the_heaviest_are_drawn_and_the_others_led_to(
    people: dict[str, Any], as_person: Any
) -> None:
    from qingtian.office.suspicions import api

    said = [clue(f"clue {number}", weight=0.2 + number / 100) for number in range(8)]
    take(*(one | {"evidence": one["evidence"] | {"charts": [picture(one)]}} for one in said))
    page = as_person("officer").get("/suspicions/").content.decode()
    assert page.count("<article") == 5
    assert "clue 7" in page
    assert "clue 0：" not in page
    assert f"/suspicions/?outlet={OUTLET}" in page
    alone = as_person("officer").get(f"/suspicions/?outlet={OUTLET}").content.decode()
    assert alone.count("<article") == 8
    # pictures are most of a message: the board is weighed without them, and they are asked for by what is drawn
    assert alone.count('class="spark"') == 8
    (mine,) = api.board(people["officer"], at=times.now())
    assert all("charts" not in one.payload["evidence"] for one in mine.suspicions)
