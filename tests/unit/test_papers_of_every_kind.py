"""Every paper of every kind is made from what its walks know: a Word file, and a PDF that says the same."""

from __future__ import annotations

import pytest
from tests.papers_world import folder_of, letters, of_word, walked_papers

from qingtian.law.machine import shelf
from qingtian.office.papers import api as papers
from qingtian.office.papers import forms, told
from qingtian.office.papers.api import Content

KINDS = [folder.name for folder in shelf.folders()]


def unsaid(each: Content, said: str) -> list[str]:
    """Return the facts of a paper in its house form that do not stand on it."""
    shown = (told.of_fact(each.definition, name, value, people={}) for name, value in each.facts.items())
    return [fact.name for fact in shown if letters(fact.text.split("；")[0]) not in said]


@pytest.mark.parametrize("code", KINDS)
def test_it_makes_every_paper_of_the_kind(code: str) -> None:
    found = list(walked_papers(folder_of(code)))
    assert {each.name for each in found} == set(found[0].definition.papers)
    for each in found:
        said = of_word(papers.docx(each))
        assert each.paper.title.zh in said, each.name
        assert [sign for sign in ("{{", "None", "Told(", "Undefined") if sign in said] == [], each.name
        if not each.paper.body:
            assert unsaid(each, said) == [], each.name


@pytest.mark.parametrize("code", KINDS)
def test_it_sets_each_text_of_its_own_and_each_form_once_as_a_pdf(code: str) -> None:
    seen: set[str] = set()
    for each in walked_papers(folder_of(code)):
        form = each.name if each.paper.body else forms.of(each.paper)
        if form not in seen:
            assert papers.render(each).pdf.startswith(b"%PDF-"), each.name
            seen.add(form)
