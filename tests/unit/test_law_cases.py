"""Due days worked by hand (``law_cases/*.yaml``), asked of the command itself.

A case: ``clock``, ``from``, ``due``; and if it has them ``pause``, ``extend`` (null: all that is allowed), ``variant``,
``provisional`` (default false), ``in_force`` (default true), ``basis``, and ``says``: words that a step must contain.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from qingtian.entry import cli

FILES = sorted((Path(__file__).parent / "law_cases").glob("*.yaml"))
CASES = [
    pytest.param(case, id=f"{file.stem}: {case['case']}")
    for file in FILES
    for case in yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
]


def words_of(case: dict[str, Any]) -> list[str]:
    words = ["law", "deadline", case["clock"], "--from", case["from"], "--json"]
    for pause in case.get("pause", ()):
        words += ["--pause", pause]
    for extension in case.get("extend", ()):
        words += ["--extend"] if extension == "null" else ["--extend", extension]
    return words + (["--variant", case["variant"]] if "variant" in case else [])


@pytest.mark.parametrize("case", CASES)
def test_it_is_due_on_the_day_worked_by_hand(case: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words_of(case)) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["due"] == case["due"]
    assert answer["provisional"] == (case.get("provisional") == "true")
    assert answer["in_force"] == (case.get("in_force") != "false")
    assert answer["basis"] == case.get("basis", answer["basis"])
    told = "\n".join(step["zh"] for step in answer["steps"])
    for words in case.get("says", ()):
        assert words in told
