"""Every paper of every kind is made from what its walks know: a Word file, and a PDF that says the same."""

from __future__ import annotations

import pytest
from tests.papers_world import folder_of, letters, of_word, walked_papers

from qingtian.law.machine import shelf
from qingtian.office.papers import api as papers
from qingtian.office.papers import forms, rendering, told
from qingtian.office.papers.api import Content

KINDS = [folder.name for folder in shelf.folders()]


def unsaid(each: Content, said: str) -> list[str]:
    """Return the facts of a paper in its house form that do not stand on it."""
    shown = (told.of_fact(each.definition, name, value, people={}) for name, value in each.facts.items())
    return [fact.name for fact in shown if letters(fact.text.split("；")[0]) not in said]


@pytest.mark.parametrize("code", KINDS)
def test_it_makes_every_paper_of_the_kind(code: str) -> None:
    """Word files of all; PDFs of each text of its own, and of each form once."""
    found = walked_papers(folder_of(code))
    assert {each.name for each in found} == set(found[0].definition.papers)
    forms_seen: set[str] = set()
    for each in found:
        word = papers.docx(each)
        said = of_word(word)
        assert each.paper.title.zh in said, each.name
        assert [sign for sign in ("{{", "None", "Told(", "Undefined", "。。") if sign in said] == [], each.name
        if not each.paper.body:
            assert unsaid(each, said) == [], each.name
        form = each.name if each.paper.body else forms.of(each.paper)
        if form not in forms_seen:
            assert rendering.of_word(word, each, draft=False).startswith(b"%PDF-"), each.name
            forms_seen.add(form)
