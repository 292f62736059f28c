"""What a court reads in a report: no code of ours stands in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qingtian.office.evidence import vocabulary

OFFICE = Path(vocabulary.__file__).parents[1]
OTHER_CHAINS = {"silence", "lift", "set_quiet_hours"}
"""Acts that stand in no chain of an alert or a task."""


def acts() -> set[str]:
    """Return the acts that alerts, tasks, suspicions and packages write."""
    sources = (
        file.read_text()
        for app in ("alerts", "tasks", "suspicions", "evidence")
        for file in (OFFICE / app).glob("*.py")
    )
    return {act for text in sources for act in re.findall(r'act="([a-z_]+)"', text)} - OTHER_CHAINS


def test_every_act_of_an_alert_and_its_task_has_a_word() -> None:
    changes = {"opened", "reopened", "worsened", "continued", "recovered", "superseded"}
    assert len(acts()) > 10
    assert acts() | {f"episode_{change}" for change in changes} <= vocabulary.ACTS.keys()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("[memory:medium]", "凭记忆（把握一般）"),
        ("[memory:high] GB 18485-2014 table 4", "凭记忆（把握较大） GB 18485-2014 table 4"),
        ("Fungwingwaa/cee: DB44.pdf", "Fungwingwaa/cee: DB44.pdf"),
    ],
)
def test_it_says_in_words_how_sure_a_source_is(source: str, told: str) -> None:
    assert vocabulary.said_of(source) == told


def test_what_was_taken_back_supports_nothing() -> None:
    assert "撤销" in vocabulary.TAKEN_BACK
    assert "不得作为执法依据" in vocabulary.TAKEN_BACK
