"""Dated rules: the day decides, and a row that cannot be trusted is refused with a sentence."""

from __future__ import annotations

from datetime import date

import pytest

from qingtian.law import rules

DOCUMENT = {
    "title": "pH of discharged water",
    "source": "GB 0000-2026 table 1",
    "rows": [
        {"factor": "w01001", "upper": 9, "to": date(2026, 3, 1)},
        {"factor": "w01001", "upper": 8.5, "from": date(2026, 3, 1), "certainty": "memory"},
    ],
}


def test_it_gives_the_value_of_the_day() -> None:
    table = rules.read(DOCUMENT, name="ph")
    assert [rule["upper"] for rule in table.at(date(2026, 2, 28))] == [9]
    assert [rule["upper"] for rule in table.at(date(2026, 3, 1))] == [8.5]


def test_it_keeps_the_source_and_how_sure_we_are() -> None:
    before, after = rules.read(DOCUMENT, name="ph")
    assert (before.source, before.certainty) == ("GB 0000-2026 table 1", "read")
    assert after.certainty == "memory"


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"source": None}, "no source"),
        ({"certainty": "hearsay"}, "certainty 'hearsay'"),
        ({"from": "2026-03-01x"}, "not a date"),
        ({"to be looked into": None}, "wants quotes"),
    ],
)
def test_it_refuses_a_row_that_cannot_be_trusted(broken: dict[str, object], words: str) -> None:
    document = DOCUMENT | {"rows": [{"factor": "w01001", "upper": 9} | broken]}
    if "source" in broken:
        document = document | {"source": None}
    with pytest.raises(rules.RuleRefused, match=words) as refusal:
        rules.read(document, name="ph")
    assert "第 1 条" in refusal.value.sentence("zh")


def test_it_says_which_file_is_missing() -> None:
    with pytest.raises(rules.RuleFileMissing, match="rules/no/such"):
        rules.table("no/such")


def test_every_rule_file_of_the_package_can_be_read() -> None:
    limits = rules.names("limits") if rules.has("limits") else []
    tables = [rules.table(name) for name in [*rules.names(), *limits]]
    assert all(table.rows for table in tables)
