"""Rules as an officer reads them: fields, codes and sources in words of the page's language, long tables filtered."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest

from qingtian.law import rules
from qingtian.law.rules import RuleTable

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

CHINESE = re.compile("[\u4e00-\u9fff]")
ENGLISH = re.compile(r"\b[a-z]{3,} [a-z]{2,}\b")


def tables() -> Iterator[RuleTable]:
    for folder in rules.folders():
        for name in rules.names(folder):
            yield rules.table(name)


def holds_codes(table: str, name: str) -> bool:
    from qingtian.portals import rule_reading

    return rule_reading.field(table, name).get("of", "unit") not in ("unit", "parameter")


@pytest.fixture
def chinese() -> Iterator[None]:
    from django.utils import translation

    with translation.override("zh-hans"):
        yield


def test_every_field_of_every_table_has_a_word_in_both_languages() -> None:
    from qingtian.portals import rule_reading

    wordless = {
        (table.name, name)
        for table in tables()
        for name in rule_reading.fields(table, table.name)
        if not CHINESE.search(rule_reading.field(table.name, name)["zh"])
    }
    assert not wordless, "name them in portals/rule_words/fields.yaml"


@pytest.mark.usefixtures("chinese")
def test_every_code_that_a_field_may_hold_has_a_word() -> None:
    from qingtian.portals import rule_reading

    bare = {
        (table.name, name, code)
        for table in tables()
        for rule in table
        for name, given in rule.values.items()
        for code in (given if isinstance(given, list) else [given])
        if isinstance(code, str) and code and holds_codes(table.name, name)
        if rule_reading.value(table.name, name, code) == code
    }
    # clocks of law are called by their code, and their row says what they are
    bare = {one for one in bare if not (one[1] == "clock" and one[0].startswith("clocks/"))}
    assert not bare, "say what they mean in portals/rule_words/values.yaml"


@pytest.mark.usefixtures("chinese")
def test_no_source_is_an_english_sentence_on_a_chinese_page() -> None:
    from qingtian.portals import detectors, rule_sources

    found = [*tables(), *(table for one in detectors.all_detectors().values() for table in one.tables.values())]
    said = {rule.source: rule_sources.said(rule.source) for table in found for rule in table}
    english = {source: words for source, words in said.items() if ENGLISH.search(words)}
    assert not english, "say them in portals/rule_words/sources.yaml"


@pytest.mark.usefixtures("chinese")
def test_figures_carry_their_units_and_shares_are_per_cent() -> None:
    from qingtian.portals import rule_reading

    assert rule_reading.value("periods/means", "min_minutes", 45) == "45 分钟"
    assert rule_reading.value("periods/means", "min_share", 0.75) == "75 %"
    assert rule_reading.value("periods/means", "min_hours", 0) == "0 小时"
    assert rule_reading.value("periods/means", "min_hours", None) == "—"
    assert rule_reading.value("backfill", "step_s", 86400) == "24 小时"
    assert rule_reading.value("marks/budgets", "hours_per_event", None) == "不限"
    (filing,) = (rule for rule in rules.table("clocks/penalty") if rule["clock"] == "PEN-FILE")
    assert rule_reading.value("clocks/penalty", "count", filing["count"], rule=filing) == "15 日"
    assert (
        rule_reading.value("clocks/penalty", "extensions", filing["extensions"], rule=filing) == "15 日（本机关负责人）"
    )


def test_a_table_is_read_in_words_and_found_by_them(as_person: Any) -> None:
    client = as_person("officer")
    page = client.get("/rules/routing/").content.decode()
    assert "有毒重金属" in page
    assert "toxic_metal" not in page
    found = client.get("/rules/routing/?q=有毒重金属&format=json").json()["rows"]
    assert [row["values.factor_class"] for row in found] == ["toxic_metal"]
    assert "Routing" not in page


def test_a_long_table_has_filters_with_counts(as_person: Any) -> None:
    client = as_person("officer")
    page = client.get("/rules/holidays/").content.decode()
    rest = sum(rule["kind"] == "workday" for rule in rules.table("holidays"))
    assert f"调休上班 ({rest})" in page
    rows = client.get("/rules/holidays/?values.kind=workday&format=json").json()["rows"]
    assert len(rows) == rest


def test_programs_still_get_a_table_as_the_file_has_it(as_person: Any) -> None:
    answer = as_person("officer").get("/rules/periods/means/?format=csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(answer)))
    assert rows[1]["values.min_minutes"] == "45"
    assert rows[1]["values"].startswith("medium: gas, period: hour")
    assert rows[1]["source"] == "HJ 75-2017: at least 45 valid minutes in a clock hour; monitoring.md §1.1"


def test_a_detector_tells_where_its_figures_are_from_in_chinese(as_person: Any) -> None:
    page = as_person("officer").get("/rules/detectors/drift/").content.decode()
    assert "工程默认值，参照业务资料《监测》§3" in page
    assert "小时数据" in page


def test_every_detector_of_the_package_explains_itself_in_chinese(as_person: Any) -> None:
    from qingtian.portals import detectors

    packaged = [one for one in detectors.all_detectors().values() if one.notes]
    assert len(packaged) > 15
    assert not [one.code for one in packaged if not CHINESE.search(one.notes["zh"])], "write a README.zh-CN.md"
    client = as_person("officer")
    page = client.get("/rules/detectors/silence/").content.decode()
    assert "标记可以说明因子缺失" in page
    assert "Short gaps" not in page


def test_every_folder_of_rules_has_a_heading() -> None:
    from qingtian.portals import words

    assert rules.folders() <= {*words.RULE_FOLDERS, "limits"}, "name it in portals/words.RULE_FOLDERS"


def test_notes_of_the_factor_table_are_read_in_the_language_of_the_page(as_person: Any) -> None:
    from qingtian.office.people.models import User

    client = as_person("desk")
    page = client.get("/rules/factors/").content.decode()
    assert "2005 版 B01 未印单位" in page
    assert "2005 table prints no unit" not in page
    User.objects.filter(username="desk").update(language="en")
    page = client.get("/rules/factors/").content.decode()
    assert "2005 table prints no unit" in page
    assert "未印单位" not in page


def test_a_detector_names_the_others_it_speaks_of_and_leads_to_them(as_person: Any) -> None:
    page = as_person("desk").get("/rules/detectors/flat_line/").content.decode()
    assert '<a href="/rules/detectors/zero_negative/">零值负值</a>' in page
    assert "<code>zero_negative" not in page
    # rows without a name have no column for it
    assert "参数</th>" not in as_person("desk").get("/rules/detectors/exceedance/").content.decode()
    assert "参数</th>" in page
