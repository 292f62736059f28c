"""``qingtian law``: an answer for every clock, and a sentence for every bad word."""

from __future__ import annotations

import json

import pytest

from qingtian.entry import cli
from qingtian.law import clocks

NAMES = [clock.name for clock in clocks.every()]


@pytest.mark.parametrize("name", NAMES)
def test_it_answers_and_explains_every_clock(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["law", "deadline", name, "--from", "2026-11-23T09:00", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["clock"] == name
    assert (answer["due"] > "2026-11-23") != (name in {"PEN-HNOT", "DECN-HEAR"})
    assert answer["basis"]
    assert isinstance(answer["provisional"], bool)
    assert len(answer["steps"]) >= 3
    assert all(step["zh"] and step["en"] and step["from"] <= step["to"] for step in answer["steps"])
    assert answer["steps"][-1]["to"] == answer["due"]


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "顺延至下一个工作日"), ("en", "rolled to the next working day")]
)
def test_it_explains_in_the_language_of_the_reader(
    language: str, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QINGTIAN_LANG", language)
    assert cli.main(["law", "deadline", "PEN-PAY", "--from", "2026-02-03"]) == 0
    told = capsys.readouterr().out
    assert "2026-02-24" in told.splitlines()[0]
    assert words in told


def test_an_extension_names_who_approved_it_and_by_which_paper(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["PEN-DEC", "--from", "2026-02-12", "--extend", "all,张局长,深环延〔2026〕3号", "--extend", "20,集体讨论"]
    assert cli.main(["law", "deadline", *words, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    told = " ".join(step["zh"] for step in answer["steps"])
    assert "延长30日" in told
    assert "批准：张局长" in told
    assert "深环延〔2026〕3号" in told
    assert "延长20日" in told
    assert "批准：集体讨论" in told
    assert answer["due"] == "2026-07-02"


def test_it_lists_the_clocks_of_a_matter(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["law", "clocks", "--matter", "seizure", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [each["clock"] for each in listed] == ["SEIZE-URG", "SEIZE", "SEIZE-REL", "SEIZE-RELSRV", "SEIZE-COLL"]
    assert listed[1]["extensions"][0]["count"] == 30
    assert cli.main(["law", "clocks"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 97


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["PEN-DECC", "--from", "2026-03-02"], "PEN-DEC"),
        (["PEN-DEF", "--from", "2026-03-02", "--extend"], "terms.extension_not_foreseen"),
        (["PEN-DEC", "--from", "9999-12-01"], "calendar.out_of_range"),
        (["OGI-YEAR", "--from", "9999-12-01"], "calendar.out_of_range"),
        (["EMG-GEN", "--from", "9999-12-31T23:00"], "calendar.out_of_range"),
        (["EMG-GEN", "--from", "2026-03-02", "--pause", "2026-03-02..2026-03-03"], "deadlines.pause_not_possible"),
        (["PEN-HNOT", "--from", "2026-03-02", "--pause", "2026-03-02..2026-03-03"], "deadlines.pause_not_possible"),
        (["OGI-YEAR", "--from", "2026-03-02", "--pause", "2026-03-02..2026-03-03"], "deadlines.pause_not_possible"),
        (["REC-DEC", "--from", "2026-03-02", "--variant", "quick"], "clocks.unknown_variant"),
    ],
)
def test_it_refuses_with_a_sentence_and_code_1(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["law", "deadline", *words]) == 1
    streams = capsys.readouterr()
    assert said in streams.err
    assert not streams.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["PEN-DEC"], "--from"),
        (["PEN-DEC", "--from", "2026-02-30"], "day is out of range for month"),
        (["PEN-DEC", "--from", "yesterday"], "write 2026-02-12"),
        (["PEN-DEC", "--from", "0001-01-01T00:00+14:00"], "no day or moment"),
        (["PEN-DEC", "--from", "2026-03-02", "--pause", "2026-03-09"], "no `..`"),
        (["PEN-DEC", "--from", "2026-03-02", "--pause", "2026-03-09..2026-03-01"], "ends before it begins"),
        (["PEN-DEC", "--from", "2026-03-02", "--extend", "-3"], "no number of days"),
        (["PEN-DEC", "--from", "2026-03-02", "--extend", "many"], "no number of days"),
        (["PEN-DEC", "--from", "2026-03-02", "--extend", "0,张局长"], "no number of days"),
    ],
)
def test_it_calls_a_bad_word_misuse_and_says_how_to_write_it(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["law", "deadline", *words])
    assert end.value.code == 2
    assert said in capsys.readouterr().err
