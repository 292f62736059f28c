"""What parsers of others say, in Chinese: asked with real faults, so that another version of theirs is noticed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typst
import yaml
from jinja2 import TemplateError

from qingtian.base import parsers
from qingtian.base.errors import Term
from qingtian.law.machine import documents, phrases
from qingtian.law.machine.problems import Problem
from qingtian.office.papers import api as papers

ENGLISH = re.compile(r"[a-z]{3,} [a-z]{2,}")
YAML = (
    *("a: b: c", "a: [1, 2", "a: {x: 1", "a:\n  - 1\n b: 2", "a: 'x", "a: @x", "a: *x", 'a: "\\q"', "- a\nb: 1"),
    *("a\nb: 1", "%x", "a: 1\n---\nb: 1", "a: &b 1\nc: &b 2", "a: \x01", "x: - 1", "a: }"),
)
JINJA = (
    *("{{ a", "{{ a b }}", "{% if a %}x", "{% for x %}", "{% foo %}", "{{ }}", "{{ a| }}", "{% endif %}"),
    *("{{ 'x }}", "{{ a ? b }}", "{# x", "{%", "{{ a[ }}"),
)
FILLED = ("{{ nothing.there }}", "{{ nothing }}", "{{ 1 / 0 }}", "{{ a|nosuch }}", "{{ a is nosuch }}")
TYPST = ("#nothing", "#(1", '#"a', "#let x = ", '#read("nosuch")', '#json("data.json").nosuch', "#(1/0)", "#text()")


@pytest.mark.parametrize("text", YAML)
def test_a_fault_in_yaml_is_said_in_chinese_with_line_and_column(text: str) -> None:
    problems: list[Problem] = []
    documents.parse(text, name="facts.yaml", problems=problems)
    (problem,) = problems
    said = problem.sentence("zh")
    assert not ENGLISH.search(said), said
    assert "\x01" in text or problem.code == "tab_in_yaml" or re.search(r"第 \d+ 列", said), said
    assert ENGLISH.search(problem.sentence("en"))


@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader], ids=["python", "libyaml"])
def test_both_readers_of_yaml_are_understood(loader: type[yaml.SafeLoader]) -> None:
    for text in YAML[:-3]:
        with pytest.raises(yaml.YAMLError) as fault:
            yaml.compose(text, Loader=loader)
        problem = str(getattr(fault.value, "problem", None) or fault.value)
        found = parsers.of_yaml(problem, column=None)
        assert found.zh != found.en or "\x01" in text, problem


@pytest.mark.parametrize("text", JINJA)
def test_a_fault_in_a_text_with_placeholders_is_said_in_chinese(text: str) -> None:
    why = phrases.fault(text)
    assert why is not None
    assert not ENGLISH.search(why.zh), why.zh
    assert why.en != why.zh


@pytest.mark.parametrize("text", FILLED)
def test_why_a_text_cannot_be_filled_in_is_said_in_chinese(text: str) -> None:
    with pytest.raises((TemplateError, ArithmeticError)) as fault:
        phrases.environment().from_string(text).render(a=1)
    said = parsers.of_jinja(str(fault.value))
    assert not ENGLISH.search(said.zh), said.zh


def faults(folder: Path) -> Iterator[papers.PaperRefused]:
    from datetime import UTC, datetime

    for place, text in enumerate(TYPST):
        template = folder / f"{place}.typ"
        template.write_text(text, encoding="utf-8")
        with pytest.raises(papers.PaperRefused) as refused:
            papers.pdf(template=template, data={}, made_at=datetime(2026, 11, 23, tzinfo=UTC))
        yield refused.value


def test_why_a_paper_cannot_be_set_is_said_in_chinese_without_english_hints(tmp_path: Path) -> None:
    for refused in faults(tmp_path):
        assert isinstance(refused.__cause__, typst.TypstError)
        assert not ENGLISH.search(refused.sentence("zh")), refused.sentence("zh")
        assert refused.__cause__.message in refused.sentence("en")


def test_what_is_not_known_stays_as_they_said_it() -> None:
    assert parsers.of_typst("something quite new") == Term(zh="something quite new", en="something quite new")
