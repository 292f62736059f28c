"""Papers of matters in the office: typeset after their act, once, kept as they were; read by who may read them."""

from __future__ import annotations

import io
import os
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.integration.test_office_matters_effects import in_a_process_that_dies, walked

pytestmark = [pytest.mark.engines]


def past_the_act(matter: Any) -> datetime:
    return datetime.fromisoformat(matter.state["history"][-1]["at"]) + timedelta(minutes=1)


def who_acted(matter: Any) -> Any:
    """Return somebody with a part in the matter: confidential ones are seen by nobody else."""
    from qingtian.office.people.models import User

    return User.objects.get(username=matter.state["history"][-1]["by"])


def the_paper(matter: Any, name: str) -> Any:
    from qingtian.office.matters.models import MatterPaper

    return MatterPaper.objects.filter(matter=matter, name=name).order_by("-version").first()


def typeset_acts(matter: Any) -> list[Any]:
    from qingtian.office.ledger.api import history
    from qingtian.office.matters.api import TYPESET, chain

    return [line for line in history(chain(matter.pk)) if line.act == TYPESET]


def said(paper: Any) -> str:
    """Return all that the Word file of a paper says."""
    from docx import Document

    from qingtian.office.objects import api as objects

    file = Document(io.BytesIO(objects.get(paper.docx)))
    cells = [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in file.paragraphs] + cells)


@pytest.mark.usefixtures("rolled_back")
def test_what_an_act_makes_is_typeset_after_it_and_frozen(people: dict[str, Any]) -> None:
    from qingtian.office.ledger.api import verify
    from qingtian.office.matters import api as matters
    from qingtian.office.matters import typesetting
    from qingtian.office.objects import api as objects

    matter = walked(people, "penalty", "plain", "decide")
    decision = the_paper(matter, "decision")
    assert (decision.pdf, decision.docx, decision.typeset_at) == ("", "", None)
    at = past_the_act(matter)
    user = who_acted(matter)
    read = matters.made_paper(matters.paper(user, decision.pk, at=at)[1], at=at)
    assert objects.get(read.pdf).startswith(b"%PDF-")
    assert decision.number in said(read)
    assert "深圳某电镀有限公司" in said(read)
    line = typeset_acts(matter)[-1]
    assert (line.content["pdf"], line.content["docx"]) == (read.pdf, read.docx)
    assert line.content["template"] == read.template != ""
    assert line.content["digest"] == decision.digest
    # once and for all: whoever comes later gets the same files, and the ledger says nothing twice
    assert typesetting.typeset(decision.pk, at=at + timedelta(days=400)).pdf == read.pdf
    assert len([each for each in typeset_acts(matter) if each.content["paper"] == "decision"]) == 1
    assert verify(chain=matters.chain(matter.pk)).holds


@pytest.mark.usefixtures("rolled_back")
def test_a_template_changed_later_changes_no_paper_of_before(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from qingtian.office.matters import api as matters
    from qingtian.office.papers import forms

    matter = walked(people, "petition", "plain", "accept")
    at = past_the_act(matter)
    notice = the_paper(matter, "acceptance_notice")
    before = matters.paper_file(who_acted(matter), notice.pk, form="pdf", at=at)
    monkeypatch.setattr(forms, "body", lambda paper: ())
    assert matters.paper_file(who_acted(matter), notice.pk, form="pdf", at=at) == before
    assert before.name.startswith("受理告知书 ")


@pytest.mark.usefixtures("rolled_back")
def test_what_cannot_be_typeset_waits_and_says_why_and_the_others_do_not(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from qingtian.law.machine.definition import Part
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import MatterPaper
    from qingtian.office.papers import forms
    from qingtian.office.papers.api import TextRefused

    matter = walked(people, "penalty", "plain", "decide")
    at = past_the_act(matter)
    of_the_house = forms.body

    def body(paper: Any) -> tuple[Part, ...]:
        if paper.name != "decision":
            return of_the_house(paper)
        return (Part(kind="text", text="{{ no_such_fact }}", rows=(), when="", line=1),)

    with monkeypatch.context() as broken:
        broken.setattr(forms, "body", body)
        decision = the_paper(matter, "decision")
        with pytest.raises(TextRefused) as refused:
            matters.made_paper(decision, at=at)
        assert "no_such_fact" in refused.value.sentence("zh")
        assert "qingtian check" in refused.value.sentence("zh")
        waiting = MatterPaper.objects.filter(matter=matter, origin="made").count()
        assert matters.typeset_waiting(at=at, most=1000) >= waiting - 1
    assert the_paper(matter, "decision").typeset_at is None
    assert not MatterPaper.objects.filter(matter=matter, origin="made", typeset_at=None).exclude(name="decision")
    assert not [line for line in typeset_acts(matter) if line.content["paper"] == "decision"]
    # the text is mended, and the paper is made after all
    assert matters.typeset_waiting(at=at, most=1000) >= 1
    assert the_paper(matter, "decision").pdf


@pytest.mark.usefixtures("rolled_back")
def test_it_says_of_a_brought_paper_what_there_is_of_it(people: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters

    matter = walked(people, "penalty", "plain", "notify")
    receipt = the_paper(matter, "notice_receipt")
    at = past_the_act(matter)
    with pytest.raises(matters.NoSuchFile) as refused:
        matters.paper_file(who_acted(matter), receipt.pk, form="pdf", at=at)
    assert "纸质" in refused.value.sentence("zh")
    notice = the_paper(matter, "prior_notice")
    with pytest.raises(matters.NoSuchFile, match="made here"):
        matters.paper_file(who_acted(matter), notice.pk, form="original", at=at)


@pytest.mark.usefixtures("rolled_back")
def test_a_draft_is_what_an_act_would_make_and_keeps_nothing(people: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import MatterPaper
    from qingtian.office.papers import api as papers
    from qingtian.office.sites.api import NotFoundHere

    matter = walked(people, "penalty", "plain", "notify")
    before = MatterPaper.objects.count()
    _, content = matters.draft(who_acted(matter), matter.pk, "decision", at=past_the_act(matter))
    assert content.number == ""
    assert papers.render(content, draft=True).pdf != papers.render(content).pdf
    assert MatterPaper.objects.count() == before
    with pytest.raises(NotFoundHere):
        matters.draft(who_acted(matter), matter.pk, "no_such_paper", at=past_the_act(matter))


@pytest.mark.usefixtures("rolled_back")
def test_a_number_with_a_mark_is_that_of_an_official_paper(people: dict[str, Any]) -> None:
    matter = walked(people, "penalty", "plain", "decide")
    number = the_paper(matter, "decision").number
    year = the_paper(matter, "decision").at.year
    assert number.endswith("号")
    assert f"罚〔{year}〕" in number


@pytest.fixture
def a_matter_that_stays(people: dict[str, Any], swept: None) -> Any:
    """A matter written for good, so that another process sees it."""
    return walked(people, "petition", "plain", "accept")


def test_killed_at_any_step_a_paper_is_typeset_once(a_matter_that_stays: Any, people: dict[str, Any]) -> None:
    from qingtian.office.ledger.api import verify
    from qingtian.office.matters import api as matters
    from qingtian.office.matters import kinds, typesetting
    from qingtian.office.objects import api as objects

    matter = a_matter_that_stays
    at = past_the_act(matter)
    notice = the_paper(matter, "acceptance_notice")

    definition = kinds.version(notice.content["kind"], notice.content["version"])
    particulars = typesetting.gathered(notice, definition)
    # made here: the threads of the typesetter do not live on in a child process
    made = typesetting.papers.render(typesetting.content_of(notice, definition, particulars))

    def dying(step: str) -> None:
        """Typeset, and end the process when ``step`` has been done."""
        typesetting.papers.render = lambda content: made  # type: ignore[assignment]
        where, name = {
            "rendered": (typesetting.papers, "render"),
            "kept": (typesetting.objects, "put"),
            "recorded": (typesetting, "_record"),
        }[step]
        real = getattr(where, name)

        def mortal(*given: Any, **named: Any) -> None:
            real(*given, **named)
            os._exit(9)

        setattr(where, name, mortal)
        typesetting.typeset(notice.pk, at=at)

    for step in ("rendered", "kept", "recorded"):
        assert in_a_process_that_dies(lambda step=step: dying(step)) == 9
        assert the_paper(matter, "acceptance_notice").typeset_at is None
        assert typeset_acts(matter) == []
    typeset = matters.made_paper(notice, at=at)
    assert objects.get(typeset.docx).startswith(b"PK")
    assert [line.content["paper"] for line in typeset_acts(matter)].count("acceptance_notice") == 1
    assert verify(chain=matters.chain(matter.pk)).holds
