"""Every row of the shared table of limits is in the rule files, word for word, and the files hold nothing else."""

from __future__ import annotations

import csv
import os
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from qingtian.law import rules

TABLE = Path(os.environ.get("QINGTIAN_SHARED", "../shared")) / "domain" / "limits.csv"
UNITS = {"ug/m3": "µg/m3", "degC": "°C"}
BLANK_ON_PURPOSE = 8
"""GB 18918-2002: instant values of the amendment of 2025, in force, their figures not read by anybody yet."""


def in_the_files() -> list[rules.Rule]:
    return [rule for name in rules.names("limits") for rule in rules.table(name)]


def of_file(rule: rules.Rule) -> tuple[object, ...]:
    limit = (rule["period"], rule["comparator"], rule["limit"] or "", rule["unit"])
    dates = (rule.start, rule.end, rule.get("reference_oxygen") or rule.get("reference_oxygen_for_combustion") or "")
    return (rule["standard"], rule["source_type"], rule["factor"] or "", rule["zh"], *limit, *dates)


def of_table(row: dict[str, str]) -> tuple[object, ...]:
    limit = (row["period"], row["comparator"], row["limit"], UNITS.get(row["unit"], row["unit"]))
    start = date.fromisoformat(row["effective_from"]) if row["effective_from"] else None
    # the table names the last day, a rule the first day after
    end = date.fromisoformat(row["effective_to"]) + timedelta(days=1) if row["effective_to"] else None
    dates = (start, end, row["reference_o2_percent"])
    return (row["standard"], row["source_type"], row["factor_code"], row["factor_zh"], *limit, *dates)


@pytest.mark.skipif(not TABLE.exists(), reason="the shared domain notes are not here")
def test_it_holds_every_row_of_the_table_and_no_other() -> None:
    rows = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
    assert Counter(map(of_file, in_the_files())) == Counter(map(of_table, rows))


def test_it_says_of_each_row_where_it_was_read_and_how_sure_that_is() -> None:
    for rule in in_the_files():
        remembered = "[memory" in rule.source + str(rule.get("note") or "")
        assert rule.certainty == "memory" if remembered else rule.certainty in ("read", "memory")


def test_it_keeps_the_rows_whose_figure_nobody_has_read() -> None:
    blank = [rule for rule in in_the_files() if rule["limit"] is None]
    assert len(blank) == BLANK_ON_PURPOSE
    assert {rule["standard"] for rule in blank} == {"GB 18918-2002"}
