"""The catalogue of kinds of matter: each explained by its own data, counted as far as one may see."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.office_world import MONDAY

from qingtian.law.machine import shelf
from qingtian.law.machine.spine import START, spine, ways

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

VERSIONS = sorted(shelf.discover().kinds)


@pytest.fixture
def matter(people: dict[str, Any]) -> Any:
    """A petition in Bao'an: confidential, so that not everybody counts it."""
    from qingtian.office.matters import api as matters

    return matters.open_matter(
        acting_user=people["desk"],
        code="petition",
        at=MONDAY,
        origin=matters.Origin(source="visit", district="440306"),
        facts={"petitioner": "刘某某", "received_on": date(2026, 11, 20), "claim": "夜间噪声", "class": "claim"},
    )


@pytest.mark.parametrize(("code", "version"), VERSIONS, ids=lambda part: str(part))
def test_a_kind_explains_itself_wholly(code: str, version: int, as_person: Any) -> None:
    definition = shelf.discover().version(code, version)
    page = as_person("desk").get(f"/kinds/{code}/?version={version}")
    assert page.status_code == 200
    text = page.content.decode()
    words = definition.words.of
    for section, names in (("acts", definition.acts), ("stages", definition.stages), ("facts", definition.facts)):
        for name in names:
            assert words(section, name).zh in text, (section, name)
    for paper in definition.papers.values():
        assert paper.title.zh in text
    assert text.count('<details class="story') == len(list(walks_of(definition)))
    assert "walks.unexpected" not in text


def walks_of(definition: Any) -> list[Any]:
    from qingtian.law.machine import walks

    return walks.read(shelf.folder_of(definition), [])


@pytest.mark.parametrize(("code", "version"), VERSIONS, ids=lambda part: str(part))
def test_every_transition_of_a_kind_stands_in_its_diagram_once(code: str, version: int) -> None:
    definition = shelf.discover().version(code, version)
    drawn = spine(definition)
    told = [
        *((row.stage, way.target, act) for row in drawn.rows for way in row.exits for act in way.acts),
        *((row.stage, row.stage, act) for row in drawn.rows for act in row.stays),
        *((row.stage, row.onward.target, act) for row in drawn.rows if row.onward for act in row.onward.acts),
        *((jump.way.source, jump.way.target, act) for jump in drawn.jumps for act in jump.way.acts),
    ]
    assert sorted(told) == sorted((way.source, way.target, act) for way in ways(definition) for act in way.acts)
    ends = {stage.name for stage in definition.stages.values() if stage.end}
    assert {row.stage for row in drawn.rows} == {START, *definition.stages} - ends
    # two bundles of ways that share a lane do not meet
    for one in drawn.jumps:
        for other in drawn.jumps:
            same = (one.end, one.back) == (other.end, other.back)
            apart = max(one.start, one.end) < min(other.start, other.end)
            assert same or one.lane != other.lane or apart or max(other.start, other.end) < min(one.start, one.end)


def test_the_stage_asked_for_is_lit_in_both_drawings(as_person: Any) -> None:
    page = as_person("desk").get("/kinds/petition/?stage=accepted").content.decode()
    assert page.count('class="stage here"') == 2
    # the ways out of it are lit, and no other
    assert 'class="way lit"' in page
    plain = as_person("desk").get("/kinds/petition/?stage=nonsense").content.decode()
    assert ('class="stage here"' in plain, 'class="way lit"' in plain) == (False, False)


def test_its_drawings_fit_a_phone_and_a_page() -> None:
    from qingtian.portals.diagram import diagram

    for code, version in VERSIONS:
        definition = shelf.discover().version(code, version)
        slender, wide = (int(re.search(r'width="(\d+)"', diagram(definition, annotated=each))[1]) for each in (0, 1))
        assert slender <= 430, code
        assert wide <= 800, code


def test_a_clock_from_memory_says_so(as_person: Any) -> None:
    told = json.loads(as_person("desk").get("/kinds/penalty/?format=json").content)
    assert {"read", "memory"} >= {clock["certainty"] for clock in told["clocks"].values()}
    for code, _version in VERSIONS:
        told = json.loads(as_person("desk").get(f"/kinds/{code}/?format=json").content)
        page = as_person("desk").get(f"/kinds/{code}/").content.decode()
        doubtful = sum(clock["certainty"] == "memory" for clock in told["clocks"].values())
        assert page.count("凭记忆录入，待核对") >= doubtful, code


def test_it_lists_every_kind_once_with_what_is_under_way(as_person: Any, matter: Any) -> None:
    rows = json.loads(as_person("desk").get("/kinds/?format=json").content)["rows"]
    assert sorted(row["code"] for row in rows) == shelf.discover().codes()
    assert {row["code"]: row["live"] for row in rows}["petition"] == 1
    found = json.loads(as_person("desk").get("/kinds/?format=json&group=people&q=信访").content)["rows"]
    assert [row["code"] for row in found] == ["petition"]


@pytest.mark.parametrize("username", ["officer2", "grid", "firm"])
def test_it_does_not_count_what_a_person_must_not_see(username: str, as_person: Any, matter: Any) -> None:
    rows = json.loads(as_person(username).get("/kinds/?format=json").content)["rows"]
    assert {row["code"]: row["live"] for row in rows}["petition"] == 0


def test_a_kind_or_version_that_is_not_there_is_not_found(as_person: Any) -> None:
    for address in ("/kinds/nosuch/", "/kinds/penalty/?version=99", "/kinds/penalty/?version=x"):
        assert as_person("desk").get(address).status_code == 404, address


def test_an_older_version_says_that_it_is_no_longer_in_force(as_person: Any) -> None:
    page = as_person("desk").get("/kinds/credit_repair/?version=1").content.decode()
    assert "已失效" in page
    assert "/matters/new/credit_repair/" not in page


def test_its_pages_ask_the_database_few_times(as_person: Any, django_assert_queries: Any, matter: Any) -> None:
    client = as_person("desk")
    for address in ("/kinds/", "/kinds/penalty/"):
        client.get(address)
        with django_assert_queries(10):
            client.get(address)


def test_a_folder_that_could_not_be_used_is_named_to_the_office(
    as_person: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "half_done").mkdir()
    (tmp_path / "half_done" / "manifest.yaml").write_text("code: half_done", encoding="utf-8")
    monkeypatch.setenv("QINGTIAN_KINDS", str(tmp_path))
    assert "half_done" in as_person("desk").get("/kinds/").content.decode()
    assert "half_done" not in as_person("firm").get("/kinds/").content.decode()
    assert as_person("desk").get("/matters/new/").status_code == 200
