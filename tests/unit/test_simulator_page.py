"""docs/simulator.md: its tables are those the simulator works with, its example can be read."""

from __future__ import annotations

import re
from pathlib import Path

from qingtian.stream.hj212 import Edition
from qingtian.stream.simulator import script
from qingtian.stream.simulator.obedience.obey import EARLY
from qingtian.stream.simulator.reference import TABLES, filled

PAGE = Path(__file__).parents[2] / "docs" / "simulator.md"


def text() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_tables_of_the_page_are_those_of_the_simulator() -> None:
    assert filled(text()) == text(), "run: python -m qingtian.entry.reference docs/simulator.md"
    for name in TABLES:
        assert f"<!-- keys: {name} -->" in text()


def test_the_example_of_the_page_is_a_scenario_file() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", text(), re.DOTALL)
    found = script.read(example, file="example.yaml")
    assert len(found.players) == 102
    assert {player.device.edition for player in found.players} == set(Edition)


def test_every_request_it_obeys_is_on_the_page() -> None:
    table = text().partition("| asked |")[2].partition("\n\n")[0]
    told: set[int] = set()
    for first, last in re.findall(r"\b(\d{4})(?:–(\d{4}))?\b", table):
        told |= set(range(int(first), int(last or first) + 1))
    # 2013, 2052, 2062 of 2025 are answered from memory too, which has none
    assert set(EARLY) - told == {2013, 2052, 2062}
