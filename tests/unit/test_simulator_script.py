"""Scenario files: what they say, and what is said of one that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from qingtian.stream.hj212 import DEVIATIONS, Edition
from qingtian.stream.simulator import quirks, scenarios, schema, script
from qingtian.stream.simulator.device import SimulatedDevice
from qingtian.stream.simulator.scenarios import Scenario

FILE = """
zh: 三个版本
en: Three editions
behaviour: wrong_clock
devices:
  - mn: "A{number:03d}"
    count: 3
    edition: 2025
    key: 0123456789ABCDEF
    interval: 60
    factors: {w01018: {level: 30, limit: 50}}
  - mn: B
    medium: gas
    factors: {a21026: {level: 20, converted: true, unit: mg/m3, decimals: 3}}
    behaviour: {deviations: [checksum_modbus], gaps: 0.5, curve: [[0, 1], [60, 2]]}
"""


def test_it_reads_devices_and_behaviour() -> None:
    found = script.read(FILE, file="three.yaml")
    assert [player.device.mn for player in found.players] == ["A001", "A002", "A003", "B"]
    first, last = found.players[0], found.players[-1]
    assert (first.device.edition, first.device.key, first.device.interval_s) == (
        Edition.HJ2025,
        b"0123456789ABCDEF",
        60,
    )
    assert first.device.factors[0].unit == "mg/L"
    assert first.device.announces
    assert first.scenario.clock_offset_s == 2220
    assert (last.device.st, last.device.edition) == ("31", Edition.HJ2017)
    assert last.scenario.deviations == ["checksum_modbus"]
    assert last.scenario.clock_offset_s == 0


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        ("- a", "top level", "a table"),
        ("behaviour: {speed: 3}", "behaviour › speed", "no such key; there are lasts, rests"),
        ("behaviour: {noise: 2}", "behaviour › noise", "a number from 0 to 1, got 2"),
        ("behaviour: {noise: yes}", "behaviour › noise", "a number from 0 to 1, got True"),
        ("behaviour: {deviations: [stale]}", "behaviour › deviations", "deviation codes the simulator can make"),
        ("behaviour: {curve: [[5, 1], [1, 1]]}", "behaviour › curve", "seconds rising"),
        ("devices: [{factors: {w01018: {level: 1}}}]", "devices 1", "mn is missing"),
        ("devices: [{mn: A}]", "devices 1", "factors are missing"),
        ("devices: [{mn: A, count: 2, factors: {w01018: {level: 1}}}]", "devices 1", "needs a {number}"),
        ("devices: [{mn: 'A{n}', factors: {w01018: {level: 1}}}]", "devices 1", "cannot be read"),
        (
            "devices: [{mn: A, edition: 2011, factors: {w01018: {level: 1}}}]",
            "devices 1 › edition",
            "2005, 2017 or 2025",
        ),
        ("devices: [{mn: A, key: abc, factors: {w01018: {level: 1}}}]", "devices 1 › key", "16 characters"),
        (
            "devices: [{mn: A, key: 0123456789ABCDEF, factors: {w01018: {level: 1}}}]",
            "devices 1",
            "only the edition of 2025",
        ),
        ("devices: [{mn: A, factors: {w01018: {limit: 1}}}]", "devices 1 › factors › w01018", "level is missing"),
        ("devices: [{mn: A, factors: {11: {level: 1}}}]", "devices 1 › factors › 11", "in quotes"),
        ("behaviour: {\n  a: [", "line 2", "no YAML"),
    ],
)
def test_it_tells_where_a_file_is_wrong_and_why(text: str, place: str, why: str) -> None:
    with pytest.raises(script.ScenarioRefused) as refused:
        script.read(text, file="mine.yaml")
    told = refused.value.sentence("en")
    assert f"mine.yaml, {place}" in told
    assert why in told
    assert "mine.yaml" in refused.value.sentence("zh")


def test_it_takes_a_name_or_a_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(FILE, encoding="utf-8")
    assert len(script.load(str(file)).players) == 4
    assert script.load("silence").scenario.off
    with pytest.raises(scenarios.UnknownScenario, match="no such file"):
        script.load(str(tmp_path / "none.yaml"))


def test_every_key_fills_an_attribute_that_is_there() -> None:
    assert {key.attribute for key in schema.BEHAVIOUR.values()} <= set(Scenario.__slots__)
    special = {"count", "first", "behaviour"}
    assert {key.attribute for key in schema.DEVICE.values()} - special <= set(SimulatedDevice.__slots__)
    assert set(quirks.QUIRKS) <= set(DEVIATIONS)


def test_the_built_in_scenarios_tell_what_they_are() -> None:
    for name in scenarios.names():
        found = script.named(name)
        assert found.name == name
        assert found.zh
        assert found.en
