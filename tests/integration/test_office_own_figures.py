"""Figures that an authority sets for itself: who may, what counts when and where, what a matter keeps of them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.matters_world import penalty

from qingtian.base import times
from qingtian.base.times import BEIJING

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]
WORDS = {"code": "penalty", "name": "hearing_entity", "reason": "听证标准调整", "document": "深环规〔2026〕3号"}


def day(days_ago: int = 0) -> Any:
    return (times.now() - timedelta(days=days_ago)).astimezone(BEIJING).date()


def put(people: dict[str, Any], value: object, *, days_ago: int = 40, by: str = "leader", **words: Any) -> Any:
    from qingtian.office.matters import api as matters

    given = {**WORDS, "authority": "SZ", "since": day(days_ago), **words}
    at = times.now() - timedelta(days=days_ago)
    figure = None if value is None else Decimal(str(value))
    return matters.set_figure(acting_user=people[by], value=figure, at=at, **given)


def figure(authority: str, *, days_ago: int = 0) -> Decimal:
    from qingtian.office.matters import api as matters
    from qingtian.office.matters import kinds

    on = day(days_ago)
    found = matters.figures_standing(kinds.on("penalty", day=on), matters.authority_named(authority, day=on), day=on)
    return {each.setting.name: each.value for each in found}["hearing_entity"]


def test_the_citys_figure_counts_for_a_district_until_it_has_its_own(people: dict[str, Any]) -> None:
    assert figure("BA") == 200_000
    put(people, 100_000, days_ago=40)
    put(people, 80_000, days_ago=20, authority="BA")
    assert [figure("BA", days_ago=n) for n in (41, 40, 20, 0)] == [200_000, 100_000, 80_000, 80_000]
    assert [figure("SZ"), figure("FT")] == [100_000, 100_000]
    put(people, None, days_ago=10, authority="BA")
    assert [figure("BA", days_ago=11), figure("BA")] == [80_000, 100_000]


def test_a_matter_is_judged_by_what_counted_when_it_was_opened(people: dict[str, Any]) -> None:
    from qingtian.law.machine.gates import GuardRefuses
    from qingtian.office.ledger import api as ledger
    from qingtian.office.matters import api as matters
    from qingtian.office.matters import kinds

    before = penalty(people, days_ago=30)
    put(people, 50_000, days_ago=29)
    # opened while 200,000 yuan counted: a fine of 60,000 needs no hearing to be offered
    old = penalty(people, upto="notify", days_ago=30)
    assert old.stage == "notified"
    with pytest.raises(GuardRefuses):
        penalty(people, upto="notify", days_ago=28)
    new = penalty(people, upto="review_pass", days_ago=28)
    assert (old.state["settings"]["hearing_entity"], new.state["settings"]["hearing_entity"]) == ("200000", "50000")
    entries = {line.act: line.content for line in ledger.history(matters.chain(old.pk))}
    opened = entries["discover"]["settings"]
    assert opened.keys() == old.state["settings"].keys()
    assert (opened["collective"], opened["hearing_entity"], opened["hearing_person"]) == ("500000", "200000", "5000")
    assert entries["notify"]["settings"] == {"hearing_entity": "200000", "hearing_person": "5000"}
    assert "settings" not in entries["inspect"]
    # the head can take a live matter to the figures of today, and says so
    words = {"acting_user": people["leader"], "matter_id": before.pk, "version": before.version, "at": times.now()}
    moved = matters.migrate_version(**words, reason="改用现行听证标准")
    assert moved.state["settings"]["hearing_entity"] == "50000"
    line = [each for each in ledger.history(matters.chain(before.pk)) if each.act == "migrate_version"][-1]
    assert line.content["settings"]["hearing_entity"] == "50000"
    with pytest.raises(matters.CannotMigrate):
        matters.migrate_version(**words, reason="再来一次")
    assert kinds.of(before).figures["hearing_entity"] == 200_000


def test_who_sets_a_figure_is_a_rule_and_nobody_else_may(people: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import MatterFigure
    from qingtian.office.people.api import NotYours

    before = MatterFigure.objects.count()
    for name in ("admin", "desk", "officer", "reviewer", "legal", "grid", "firm"):
        with pytest.raises(NotYours):
            put(people, 100_000, by=name)
    leader = people["leader"]
    leader.district_id = "440306"
    with pytest.raises(NotYours):
        put({"leader": leader}, 100_000, authority="SZ")
    with pytest.raises(NotYours):
        put({"leader": leader}, 100_000, authority="FT")
    assert MatterFigure.objects.count() == before
    row = put({"leader": leader}, 100_000, authority="BA")
    assert (row.by, row.document, MatterFigure.objects.count()) == ("leader", "深环规〔2026〕3号", before + 1)
    assert not matters.may_set(people["admin"], matters.authority_named("SZ", day=day()), at=times.now())


@pytest.mark.parametrize(
    ("value", "words", "why"),
    [
        (-1, {}, "不小于零"),
        ("NaN", {}, "不小于零"),
        ("1.005", {}, "两位小数"),
        (600_000, {"name": "collective"}, "超出法定范围 0～500,000"),
        (100, {"name": "no_such"}, "没有这项设定"),
        (100, {"authority": "XX"}, "没有这项设定或这个机关"),
        (100, {"reason": " "}, "理由和文号"),
        (100, {"document": ""}, "理由和文号"),
        (200_000, {"since": day(41)}, "不能早于今天"),
        (None, {}, "与届时已有的设定相同"),
    ],
)
def test_a_figure_that_cannot_be_is_refused_with_its_reason(
    value: object, words: dict[str, Any], why: str, people: dict[str, Any]
) -> None:
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import MatterFigure

    with pytest.raises(matters.FigureRefused) as refused:
        put(people, value, **words)
    assert why in refused.value.sentence()
    assert not MatterFigure.objects.exists()


PATH = "/kinds/penalty/settings/"


def test_the_page_shows_what_counts_and_only_the_head_gets_a_form(people: dict[str, Any], as_person: Any) -> None:
    put(people, 100_000)
    page = as_person("officer").get(f"{PATH}?authority=BA").content.decode()
    assert "100,000 元" in page
    assert "深环规〔2026〕3号" in page
    assert "深圳市生态环境局宝安管理局" in page
    assert "听证标准调整" in page
    for name in ("officer", "admin", "reviewer"):
        client = as_person(name)
        page = client.get(f"{PATH}?authority=BA&setting=hearing_entity").content.decode()
        assert ('id="set"' in page, "#set" in page) == (False, False), name
        form = {"authority": "SZ", "setting": "hearing_entity", "value": "1", "since": str(day()), "reason": "x"}
        assert client.post(PATH, {**form, "document": "y"}).status_code == 403, name
    assert as_person("firm").get(PATH).status_code == 403
    assert PATH not in as_person("firm").get("/kinds/penalty/").content.decode()
    assert PATH in as_person("officer").get("/kinds/penalty/").content.decode()
    rows = as_person("officer").get(f"{PATH}?format=json").json()["rows"]
    assert [(row["setting"], row["value"], row["document"]) for row in rows] == [
        ("hearing_entity", "100000.0000", "深环规〔2026〕3号")
    ]
    leader = as_person("leader").get(f"{PATH}?authority=SZ&setting=hearing_entity").content.decode()
    assert 'id="set"' in leader


def test_the_form_keeps_what_was_typed_and_says_what_is_wrong(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.matters.models import MatterFigure

    leader = as_person("leader")
    form = {
        "authority": "SZ", "setting": "collective", "value": "300000", "since": str(day()), "reason": "市局规定",
        "document": "深环〔2026〕8号",
    }  # fmt: skip
    for wrong, why in (
        ({"value": "60万"}, "应为数字"),
        ({"value": "600000"}, "超出法定范围"),
        ({"since": "明天"}, "应为日期"),
    ):
        answer = leader.post(PATH, {**form, **wrong})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert why in page
        assert "matters.figure_refused" in page
        assert 'value="深环〔2026〕8号"' in page
    assert not MatterFigure.objects.exists()
    answer = leader.post(PATH, {**form, "value": "300,000"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{PATH}?authority=SZ")
    assert "300,000 元" in leader.get(PATH).content.decode()
    answer = leader.post(PATH, {**form, "value": "", "again": "1"})
    assert answer.status_code == 302
    assert "恢复默认值" in leader.get(PATH).content.decode()
    assert leader.get("/kinds/petition/settings/").status_code == 200
    assert leader.get("/kinds/no_such/settings/").status_code == 404
    assert leader.get(f"{PATH}?authority=XX").status_code == 404


def test_programs_read_what_counts_and_what_a_matter_keeps(people: dict[str, Any], as_person: Any) -> None:
    put(people, 50_000, days_ago=30)
    matter = penalty(people, days_ago=29)
    one = as_person("officer").get(f"/matters/{matter.pk}/?format=json").json()
    assert one["settings"]["hearing_entity"] == "50000"
    page = as_person("officer").get(f"/matters/{matter.pk}/").content.decode()
    assert "50,000 元" in page
    from qingtian.office.people import api as offices

    words = {"acting_user": people["officer"], "name": "统计", "scopes": ["matters:read"], "at": times.now()}
    _, secret = offices.make_token(**words, days=30)
    headers = {"Authorization": f"Bearer {secret}"}
    client = as_person("officer")
    told = client.get("/api/v1/law/kinds/penalty?authority=BA", headers=headers).json()["settings"]["hearing_entity"]
    assert told["in_force"] == {
        "value": "50000", "authority": "SZ", "since": str(day(30)), "document": "深环规〔2026〕3号",
    }  # fmt: skip
    told = client.get("/api/v1/law/kinds/penalty", headers=headers).json()["settings"]["collective"]
    assert (told["most"], told["in_force"]["authority"]) == ("500000", None)
    one = client.get(f"/api/v1/matters/{matter.pk}", headers=headers).json()
    assert (Decimal(one["settings"]["hearing_entity"]), one["taken_over"]) == (50_000, False)
