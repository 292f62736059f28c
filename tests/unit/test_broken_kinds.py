"""Broken kinds: the demo kind with one mistake each, and the sentence that has to tell the clerk."""

from __future__ import annotations

import base64
import io
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from docx import Document

from qingtian.law import calendar
from qingtian.law.machine import check
from qingtian.law.machine.problems import SENTENCES, Problem

HERE = Path(__file__).parent / "broken_kinds"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
QUOTED = re.compile(r"[\u4e00-\u9fff]+")
"""Names that the clerk wrote, and titles of laws, stand in both sentences as they are."""
MOST = 9
"""So many sentences at most for one broken kind; the one with three mistakes has most of them."""
EDITS: list[dict[str, Any]] = yaml.safe_load((HERE / "edits.yaml").read_text(encoding="utf-8"))


def broken(edit: dict[str, Any], folder: Path) -> Path:
    """Copy the demo kind and make the one mistake."""
    kind = shutil.copytree(HERE / "demo", folder / "demo")
    file = kind / edit["file"]
    if edit.get("delete"):
        file.unlink()
    elif "docx" in edit:
        word_file(file, edit["docx"], picture=edit.get("picture", False))
    elif "write" in edit:
        file.parent.mkdir(exist_ok=True)
        file.write_text(edit["write"], encoding="utf-8")
    else:
        text = file.read_text(encoding="utf-8")
        for each in (edit, edit.get("and"), edit.get("also")):
            if each:
                assert each["find"] in text, f"the demo kind no longer contains {each['find']!r}"
                text = text.replace(each["find"], each["put"], 1)
        file.write_text(text, encoding=edit.get("encoding", "utf-8"))
    return kind


def word_file(file: Path, text: str, *, picture: bool) -> None:
    """Write a Word template as a clerk would make it."""
    written = Document()
    run = written.add_paragraph(text).add_run()
    if picture:
        run.add_picture(io.BytesIO(PICTURE))
    file.parent.mkdir(exist_ok=True)
    written.save(str(file))


def problems(folder: Path) -> list[Problem]:
    return check.one(folder, known=[], calendar=calendar.official())


def test_the_demo_kind_itself_is_whole() -> None:
    assert problems(HERE / "demo") == []


def test_there_are_at_least_thirty_broken_kinds_each_with_its_own_name() -> None:
    assert len({edit["name"] for edit in EDITS}) == len(EDITS) >= 30


@pytest.mark.parametrize("edit", EDITS, ids=[edit["name"] for edit in EDITS])
def test_it_says_what_is_wrong_where_and_what_to_do(edit: dict[str, Any], tmp_path: Path) -> None:
    found = problems(broken(edit, tmp_path))
    mine = [each for each in found if each.code == edit["code"] and each.file == f"demo/{edit.get('in', edit['file'])}"]
    said = [each.sentence("en") for each in mine]
    assert any(edit["says"] in sentence for sentence in said), [f"{each.file}:{each.line} {each}" for each in found]
    if "line" in edit:
        assert edit["line"] in {each.line for each in mine}, [(each.line, each.sentence("en")) for each in mine]
    assert all(each.sentence("zh") != each.sentence("en") for each in mine)


@pytest.mark.parametrize("edit", EDITS, ids=[edit["name"] for edit in EDITS])
def test_it_speaks_one_language_at_a_time(edit: dict[str, Any], tmp_path: Path) -> None:
    for each in problems(broken(edit, tmp_path)):
        chinese, english = each.sentence("zh"), each.sentence("en")
        assert CHINESE.search(chinese), chinese
        quoted = {found for found in QUOTED.findall(english) if found in chinese}
        assert not CHINESE.search(english) or quoted, english


def test_what_follows_from_a_mistake_is_not_said_beside_it(tmp_path: Path) -> None:
    for number, edit in enumerate(EDITS):
        assert len(problems(broken(edit, tmp_path / str(number)))) <= MOST, edit["name"]


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    kind = shutil.copytree(HERE / "demo", tmp_path / "demo")
    words = kind / "words.yaml"
    words.write_text(words.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert problems(kind) == []


def test_every_sentence_has_a_broken_kind_that_calls_for_it() -> None:
    covered = {edit["code"] for edit in EDITS}
    between_kinds = {"versions_overlap", "version_twice", "not_opened_from", "rules_refused"}
    assert set(SENTENCES) - covered - between_kinds == set()
