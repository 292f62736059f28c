"""Figures of the authority in the machine: a matter is judged by those it was opened under; walks state their own."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from importlib.resources import as_file
from pathlib import Path

import pytest

from qingtian.law import calendar
from qingtian.law.machine import check, figures, record, shelf, walks
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.state import Refusal, State
from qingtian.law.machine.step import step

OFFICIAL = calendar.official()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the campaigns, which have one figure: how many days they last at most."""
    found = next(each for each in shelf.folders() if each.name == "campaign")
    with as_file(found) as there:
        shutil.copytree(there, tmp_path / "campaign")
    return tmp_path / "campaign"


def kind() -> Definition:
    return next(each for each in shelf.discover().kinds.values() if each.manifest.code == "campaign")


def plain(folder: Path) -> walks.Walk:
    return next(walk for walk in walks.read(folder, []) if walk.sort == "plain")


def walked(folder: Path, first: Definition, then: Definition) -> tuple[State | None, Refusal | None]:
    """Open as the plain walk does under one definition, and go on under the other until a refusal."""
    walk, state = plain(folder), None
    for row in walk.place.rows("acts"):
        if row.text("refused"):
            continue
        try:
            state = step(then if state else first, state, walks.event(walk, row), calendar=OFFICIAL).state
        except Refusal as refusal:
            return state, refusal
    return state, None


def test_the_figures_at_opening_count_whatever_is_set_since(folder: Path) -> None:
    default, strict = kind(), kind().with_settings({"longest_days": Decimal(1)})
    kept, refusal = walked(folder, default, strict)
    assert refusal is None
    assert kept is not None
    assert kept.settings == default.figures
    stopped, refusal = walked(folder, strict, default)
    assert refusal is not None
    assert refusal.code == "machine.guard"
    assert stopped is not None
    assert stopped.settings == {"longest_days": Decimal(1)}
    assert record.read(default, json.loads(json.dumps(record.written(stopped)))) == stopped


def test_a_record_from_before_there_were_figures_has_the_defaults(folder: Path) -> None:
    state, _ = walked(folder, kind(), kind())
    assert state is not None
    old = record.written(state)
    del old["settings"]
    del old["taken"]
    found = record.read(kind(), old)
    assert (found.settings, found.taken) == ({}, None)


def test_it_is_known_which_figures_an_act_is_judged_by() -> None:
    judged = {act.name: figures.judging(kind(), act) for act in kind().acts.values()}
    assert judged["pass_review"] == {"longest_days"}
    assert judged["prolong"] == {"longest_days"}
    assert not judged[next(act.name for act in kind().acts.values() if act.opens)]


def test_a_walk_is_walked_under_the_figures_that_it_states(folder: Path) -> None:
    file = next(path for path in (folder / "walks").iterdir() if "sort: plain" in path.read_text())
    file.write_text("settings: {longest_days: 1}\n" + file.read_text())
    assert plain(folder).settings == {"longest_days": Decimal(1)}
    found = check.one(folder, known=shelf.discover().codes(), calendar=OFFICIAL)
    assert {problem.code for problem in found} == {"walk_fails"}


def test_a_figure_that_the_kind_has_not_or_does_not_allow_is_named_with_its_line(folder: Path) -> None:
    file = next(path for path in (folder / "walks").iterdir() if "sort: plain" in path.read_text())
    file.write_text("settings: {longest_dais: 100}\n" + file.read_text())
    (problem,) = check.one(folder, known=shelf.discover().codes(), calendar=OFFICIAL)
    assert (problem.code, problem.line) == ("walk_setting_unknown", 1)
    assert "longest_days" in problem.sentence("zh")
    manifest = folder / "manifest.yaml"
    manifest.write_text(manifest.read_text().replace("least: 1", "least: 200"))
    codes = {problem.code for problem in check.one(folder, known=shelf.discover().codes(), calendar=OFFICIAL)}
    assert "setting_out_of_bounds" in codes
