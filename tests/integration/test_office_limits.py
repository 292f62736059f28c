"""Acts on limits: permit, further standards and confirmed figures, and what the plan then says."""

from __future__ import annotations

import zlib
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from tests.office_world import MONDAY, OUTLET

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]


def limits_in_plan(outlet: str, factor: str, period: str) -> list[dict[str, Any]]:
    """Return the limits of the newest plan."""
    from qingtian.office.sites.models import PlanSnapshot

    snapshot = PlanSnapshot.objects.order_by("-number").first()
    assert snapshot is not None
    document = orjson.loads(zlib.decompress(bytes(snapshot.document)))
    (found,) = [one for one in document["outlets"] if one["code"] == outlet]
    return [limit for limit in found["limits"] if (limit["factor"], limit["period"]) == (factor, period)]


def enter_permit(user: Any, **given: Any) -> Any:
    from qingtian.office.sites import api as sites

    plain = {"outlet_code": OUTLET, "factor": "w01018", "period": "day", "upper": Decimal(60), "at": MONDAY}
    papers = {"permit": "91440300TEST", "document": "许可证副本第12页"}
    return sites.set_permit_limit(acting_user=user, **(plain | papers | given))


def test_a_stricter_permit_limit_binds_from_its_day_on(people: dict[str, Any]) -> None:
    limit = enter_permit(people["admin"], start=date(2026, 12, 1))
    before, after = limits_in_plan(OUTLET, "w01018", "day")
    assert (before["basis"], before["to"]) == ("standard", "2026-12-01")
    assert (after["basis"], after["upper"], after["from"]) == ("permit", 60.0, "2026-12-01")
    assert "取最严：排污许可证 91440300TEST" in after["explanation"]["zh"]
    assert limit.certainty == "read"


def test_the_next_permit_limit_ends_the_one_before(people: dict[str, Any]) -> None:
    first = enter_permit(people["admin"], start=date(2026, 1, 1))
    enter_permit(people["admin"], upper=Decimal(55), start=date(2026, 7, 1))
    first.refresh_from_db()
    assert first.end == date(2026, 7, 1)


def test_every_act_on_a_limit_leaves_an_entry(people: dict[str, Any]) -> None:
    from qingtian.office.ledger.models import Entry
    from qingtian.office.sites import api as sites

    limit = enter_permit(people["admin"], start=date(2026, 1, 1))
    sites.end_permit_limit(acting_user=people["admin"], limit_id=limit.pk, end=date(2026, 12, 31), at=MONDAY)
    acts = Entry.objects.filter(chain="limits").order_by("sequence").values_list("act", flat=True)
    assert list(acts)[-2:] == ["set_permit_limit", "end_permit_limit"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"upper": None},
        {"lower": Decimal(1)},
        {"factor": "w99999"},
        {"period": "century"},
        {"start": date(2026, 2, 1), "end": date(2026, 1, 1)},
    ],
)
def test_it_refuses_a_limit_that_says_nothing_or_too_much(people: dict[str, Any], wrong: dict[str, Any]) -> None:
    from qingtian.office.sites import api as sites

    with pytest.raises(sites.LimitRefused):
        enter_permit(people["admin"], **wrong)


def test_only_who_keeps_the_register_enters_and_only_who_answers_for_it_confirms(people: dict[str, Any]) -> None:
    from qingtian.office.sites import api as sites

    limit = enter_permit(people["admin"])
    for user in people.values():
        if user.role not in ("officer", "administrator"):
            with pytest.raises(sites.LimitNotByYou):
                enter_permit(user)
        if user.role not in ("reviewer", "leader", "administrator"):
            with pytest.raises(sites.LimitNotByYou):
                sites.confirm_limit(acting_user=user, limit_id=limit.pk, document="x", at=MONDAY)


def test_a_figure_from_memory_supports_a_penalty_once_it_is_confirmed(people: dict[str, Any]) -> None:
    from qingtian.office.sites import api as sites
    from qingtian.office.sites.models import Limit, Outlet

    outlet = Outlet.objects.get(pk=OUTLET)
    twin = Outlet.objects.exclude(pk=OUTLET).filter(standard=outlet.standard).first()
    assert twin is not None
    rows = Limit.objects.filter(factor="w01018", period="day", basis="standard", standard=outlet.standard)
    rows.filter(outlet__in=[outlet, twin]).update(certainty="memory")
    limit = rows.filter(outlet=outlet).first()
    assert limit is not None
    enter_permit(people["admin"], upper=Decimal(500))
    # before the standard was in force the permit stands alone
    assert [one["support"] for one in limits_in_plan(OUTLET, "w01018", "day")] == ["penalty", "warn", "penalty"]
    reviewer = next(user for user in people.values() if user.role == "reviewer")
    sites.confirm_limit(
        acting_user=reviewer, limit_id=limit.pk, document="GB 39731-2020 表1", at=MONDAY + timedelta(hours=1)
    )
    _, binding = limits_in_plan(OUTLET, "w01018", "day")
    assert (binding["support"], binding["confirmed"]["by"]) == ("penalty", reviewer.name)
    assert {one["support"] for one in limits_in_plan(twin.pk, "w01018", "day")} == {"penalty"}


def test_a_further_standard_is_considered_beside_the_first(people: dict[str, Any]) -> None:
    from qingtian.office.sites import api as sites

    given = {"outlet_code": OUTLET, "standard": "DB44/26-2001", "source_type": "其他排污单位(第二时段,2002年起)/一级"}
    added = sites.apply_standard(acting_user=people["admin"], at=MONDAY, **given)
    assert added > 0
    with pytest.raises(sites.LimitRefused, match="already"):
        sites.apply_standard(acting_user=people["admin"], at=MONDAY, **given)


def test_the_plan_tells_how_an_outlet_is_measured(people: dict[str, Any]) -> None:
    from qingtian.office.sites import api as sites
    from qingtian.office.sites.models import PlanSnapshot

    sites.set_operating(acting_user=people["admin"], outlet_code=OUTLET, facts={"minute_interval": 10}, at=MONDAY)
    snapshot = PlanSnapshot.objects.order_by("-number").first()
    assert snapshot is not None
    outlets = orjson.loads(zlib.decompress(bytes(snapshot.document)))["outlets"]
    (found,) = [one for one in outlets if one["code"] == OUTLET]
    assert found["operating"] == {"minute_interval": 10}
    assert found["source_type"]
    with pytest.raises(sites.LimitRefused, match="no such facts"):
        sites.set_operating(acting_user=people["admin"], outlet_code=OUTLET, facts={"magic": 1}, at=MONDAY)
