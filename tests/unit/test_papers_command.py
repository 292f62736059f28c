"""``qingtian papers``: a clerk looks at the papers of a kind, one's own folder included, before anybody uses them."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import pytest
from docx import Document
from tests.papers_world import of_word

from qingtian.entry.commands import papers
from qingtian.law.machine.shelf import UnknownKind

DEMO = Path(__file__).parent / "broken_kinds" / "demo"


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    papers.add_arguments(parser)
    return papers.run(parser.parse_args(words))


def test_it_writes_every_paper_of_a_folder_as_word_file_and_pdf(tmp_path: Path) -> None:
    assert run(str(DEMO), "-o", str(tmp_path)) == 0
    files = {file.name for file in tmp_path.iterdir()}
    assert files == {f"{name}.{form}" for name in ("record", "answer", "notice", "letter") for form in ("docx", "pdf")}
    assert "办结函" in of_word((tmp_path / "letter.docx").read_bytes())


def test_a_clerk_takes_the_house_s_template_and_makes_it_the_kind_s_own(tmp_path: Path) -> None:
    kind = shutil.copytree(DEMO, tmp_path / "demo")
    (kind / "papers").mkdir()
    own = kind / "papers" / "letter.docx"
    assert run("--template", str(own)) == 0
    file = Document(str(own))
    (top,) = (each for each in file.paragraphs if each.text == "{{ authority }}")
    top.text = "青天示范区{{ authority }}"
    file.save(str(own))
    assert run(str(kind), "letter", "-o", str(tmp_path / "out")) == 0
    assert of_word((tmp_path / "out" / "letter.docx").read_bytes()).startswith("青天示范区示例市生态环境局办结函")


def test_it_says_which_paper_cannot_be_made_and_makes_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kind = shutil.copytree(DEMO, tmp_path / "demo")
    (kind / "papers").mkdir()
    broken = Document()
    broken.add_paragraph("{{ parti }}")
    broken.save(str(kind / "papers" / "letter.docx"))
    assert run(str(kind), "-o", str(tmp_path / "out")) == 1
    assert "parti" in capsys.readouterr().out
    assert not (tmp_path / "out" / "letter.pdf").exists()
    assert (tmp_path / "out" / "notice.pdf").exists()


def test_it_names_the_nearest_kind_and_paper() -> None:
    with pytest.raises(UnknownKind, match="penalty"):
        run("penality")
    with pytest.raises(papers.NoSuchPaper, match="letter"):
        run(str(DEMO), "leter")
    assert run() == 2
