"""What a paper says: numerals, facts in words, texts with placeholders, Word templates; the same bytes every time."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from tests.papers_world import folder_of, inside, letters, of_word, walked_papers

from qingtian.law.machine.definition import Part
from qingtian.law.machine.reading import load
from qingtian.office.papers import api as papers
from qingtian.office.papers import citations, house, layout, numerals, rendering, told
from qingtian.office.papers.api import Content
from qingtian.office.papers.trial import content

DEMO = load(Path(__file__).parent / "broken_kinds" / "demo")
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
FACTS = {"party": "某饭店", "size": "big", "cost": "60000.00", "told_on": "2026-04-07", "names": ["甲", "乙"]}


def texts(*texts_: str, when: str = "", name: str = "letter", **facts: Any) -> list[str]:
    """Return the lines of a paper of the demo kind that says these texts."""
    parts = tuple(Part(kind="text", text=text, rows=(), when=when, line=1) for text in texts_)
    made = with_body(name, parts, {**FACTS, **facts})
    return [block.text for block in layout.blocks(made, layout.values(made))]


def with_body(name: str, parts: tuple[Part, ...], facts: dict[str, Any], template: bytes = b"") -> Content:
    from dataclasses import replace

    shows = ("party", "size", "cost", "told_on", "planned", "names")
    paper = replace(DEMO.papers[name], body=parts, shows=shows, template=template)
    kind = replace(DEMO, papers={**DEMO.papers, name: paper})
    return content(kind, name, facts, at=NOON)


def word_template(*lines: str) -> bytes:
    file = Document()
    for line in lines:
        file.add_paragraph(line)
    held = io.BytesIO()
    file.save(held)
    return held.getvalue()


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "零元整"),
        ("60000", "陆万元整"),
        ("59999.99", "伍万玖仟玖佰玖拾玖元玖角玖分"),
        ("10500.05", "壹万零伍佰元零伍分"),
        ("0.50", "伍角整"),
        ("0.05", "伍分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("100500", "壹拾万零伍佰元整"),
        ("1200030004.10", "壹拾贰亿零叁万零肆元壹角整"),
        ("20000500", "贰仟万零伍佰元整"),
    ],
)
def test_an_amount_in_capitals_as_banks_write_it(amount: str, said: str) -> None:
    assert numerals.capitals(Decimal(amount)) == said


@given(st.integers(min_value=1, max_value=10**15))
def test_two_amounts_are_never_written_alike_and_zeros_never_twice(cents: int) -> None:
    said = numerals.capitals(Decimal(cents) / 100)
    assert "零零" not in said
    assert said != numerals.capitals(Decimal(cents + 1) / 100)
    assert said.endswith(("整", "分"))


def test_days_and_articles_in_words() -> None:
    assert numerals.formal_day(date(2026, 11, 23)) == "二〇二六年十一月二十三日"
    assert numerals.formal_day(date(2030, 10, 1)) == "二〇三〇年十月一日"


@pytest.mark.parametrize(
    ("cited", "said"),
    [
        ("行政处罚法 57、64(1)", "《中华人民共和国行政处罚法》第五十七条、第六十四条第一项"),
        ("行政处罚法(2021) 36", "《中华人民共和国行政处罚法》第三十六条"),
        ("生态环境行政处罚办法(2023) 37-39", "《生态环境行政处罚办法》第三十七条至第三十九条"),
        (
            "国务院移送规定 6；信访工作条例 22",
            "《行政执法机关移送涉嫌犯罪案件的规定》第六条；《信访工作条例》第二十二条",
        ),
        ("环法规〔2022〕31号 21", "《生态环境损害赔偿管理规定》第二十一条"),
        ("环办执法〔2021〕10号", "环办执法〔2021〕10号"),
        ("备案管理办法（待核）", "《企业事业单位突发环境事件应急预案备案管理办法（试行）》"),
        ("工程默认值", ""),
    ],
)
def test_articles_are_cited_as_papers_cite_them(cited: str, said: str) -> None:
    assert citations.written_out(cited) == said


def test_facts_stand_in_official_words() -> None:
    line = "{{ party }} {{ size }} {{ cost }}（{{ cost.words }}） {{ told_on }} {{ told_on.formal }} {{ names }}"
    assert texts(line) == ["某饭店 大 60000元（陆万元整） 2026年4月7日 二〇二六年四月七日 甲；乙"]
    assert texts("{% for name in names %}{{ loop.index }}.{{ name }} {% endfor %}") == ["1.甲 2.乙"]
    assert texts("一\n二") == ["一", "二"]
    assert texts("{{ party }}。", party="他说完了。") == ["他说完了。"]


def test_what_is_not_known_is_a_line_to_write_on_and_zero_is_known() -> None:
    assert texts("于{{ planned }}完成") == [f"于{told.BLANK}完成"]
    assert texts("有", when="planned") == []
    assert texts("有", when="cost", cost="0.00") == ["有"]
    assert texts("罚", when="cost > 0", cost="0.00") == []
    assert texts("罚", when="cost > 0") == ["罚"]
    # what is not known is neither more nor less, nor equal
    assert texts("不多", when="planned > 0") == texts("不少", when="planned <= 0") == []
    assert texts("大", when="size == 'big'") == ["大"]


def test_a_fact_never_becomes_a_text_with_placeholders() -> None:
    assert texts("{{ party }}", party="{{ authority }} {% for %}") == ["{{ authority }} {% for %}"]
    made = content(DEMO, "letter", {**FACTS, "party": "<w:t>&{{ cost }}\x07\x0c</w:t>"}, at=NOON)
    assert "<w:t>&{{cost}}</w:t>" in of_word(papers.docx(made))


@pytest.mark.parametrize(
    "text",
    [
        "{{ nobody }}",
        "{{ party.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{{ party.nothing }}",
        "{{ 1 / 0 }}",
        "{% for each in 5 %}{% endfor %}",
        "{% include 'x' %}",
    ],
)
def test_a_text_that_cannot_be_filled_in_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(papers.TextRefused) as refused:
        texts(text)
    assert "qingtian check" in refused.value.sentence("en")
    assert "letter" in refused.value.sentence("zh")


def test_a_kind_s_own_word_template_is_filled_and_the_pdf_says_the_same() -> None:
    template = word_template(
        "致{{ party }}", "{%p for name in names %}", "· {{ name }}", "{%p endfor %}", "{{ authority }}"
    )
    made = with_body("notice", (), FACTS, template)
    word = papers.docx(made)
    assert of_word(word) == "致某饭店·甲·乙示例市生态环境局"
    assert rendering.of_word(word, made, draft=False).startswith(b"%PDF-")
    assert papers.render(made).template != papers.render(with_body("notice", (), FACTS)).template


@pytest.mark.parametrize("template", [b"no word file", word_template("{{ nobody }}"), word_template("{% for x in %}")])
def test_a_template_that_cannot_be_filled_is_refused_with_a_sentence(template: bytes) -> None:
    with pytest.raises(papers.TemplateRefused) as refused:
        papers.docx(with_body("notice", (), FACTS, template))
    assert "papers/notice.docx" in refused.value.sentence("en")


def test_the_same_paper_has_the_same_bytes_and_states_the_day_it_was_made() -> None:
    made = content(DEMO, "letter", FACTS, at=NOON)
    once, again = papers.render(made), papers.render(made)
    assert once == again
    properties = Document(io.BytesIO(once.docx)).core_properties
    assert (properties.title, properties.author) == ("办结函", "示例市生态环境局")
    assert properties.created == datetime(2026, 11, 23, 4, tzinfo=UTC)
    assert b"2026-11-23T" in once.pdf
    later = content(DEMO, "letter", {**FACTS, "party": "另一饭店"}, at=NOON)
    assert papers.render(later).pdf != once.pdf
    assert papers.render(later).template == once.template


@pytest.mark.parametrize("name", ["decision", "prior_notice", "site_record", "closing_form"])
def test_the_pages_say_all_that_the_word_file_says(name: str) -> None:
    made = next(each for each in walked_papers(folder_of("penalty")) if each.name == name)
    word = papers.docx(made)
    blocks = papers.sheet(word)["blocks"]
    assert letters("".join(map(_said, blocks))) == of_word(word)


def _said(block: dict[str, Any]) -> str:
    if "rows" in block:
        return "".join(_said(each) for row in block["rows"] for cell in row["cells"] for each in cell["blocks"])
    return "".join(run["text"] for run in block["runs"])


def test_the_house_s_template_is_the_one_that_is_built() -> None:
    built, kept = (ZipFile(io.BytesIO(file)) for file in (house.build(), papers.house_template()))
    assert built.namelist() == kept.namelist()
    differ = [name for name in built.namelist() if built.read(name) != kept.read(name)]
    assert differ == [], "run python -m qingtian.office.papers.house"


def test_a_penalty_decision_reads_like_one() -> None:
    decision = next(each for each in walked_papers(folder_of("penalty")) if each.name == "decision")
    said = of_word(papers.docx(decision))
    for phrase in (
        "统一社会信用代码：91000000000000000X",
        "元整）",
        "六十日内",
        "六个月内",
        "百分之三",
        "2026年12月23日",
    ):
        assert phrase in said, phrase
    assert "涉嫌" not in said, "a decision is no suspicion"
    # its parts are numbered without a gap, whatever was left out
    assert [number for number in "一二三四五" if f"{number}、" in said] == list("一二三四五")


def pages_of(pdf: bytes) -> int:
    return max(int(count) for count in re.findall(rb"/Count (\d+)", inside(pdf)))


def lines_of_28(count: int) -> bytes:
    """A Word file on the house's page with so many full lines of text of size three."""
    file = Document(io.BytesIO(papers.house_template()))
    for element in list(file.element.body)[:-1]:
        file.element.body.remove(element)
    for _ in range(count):
        file.add_paragraph("国" * 28, style="正文段").paragraph_format.first_line_indent = 0
    held = io.BytesIO()
    file.save(held)
    return held.getvalue()


@pytest.mark.parametrize(("lines", "pages"), [(1, 1), (22, 1), (23, 2), (44, 2), (45, 3)])
def test_a_page_has_22_lines_of_28_characters(lines: int, pages: int) -> None:
    made = content(DEMO, "letter", FACTS, at=NOON)
    assert pages_of(rendering.of_word(lines_of_28(lines), made, draft=False)) == pages


def test_text_is_set_in_song_headings_in_a_sans_and_no_typeface_is_left_out() -> None:
    decision = next(each for each in walked_papers(folder_of("penalty")) if each.name == "decision")
    said = inside(papers.render(decision).pdf)
    assert {name.decode() for name in re.findall(rb"/FontName ?/[A-Z]{6}\+([\w-]+)", said)} == {
        "NotoSerifSC-Regular",
        "NotoSerifSC-Bold",
        "NotoSansHans-Bold",
    }
    blocks = papers.sheet(papers.docx(decision))["blocks"]
    faces = {run["text"]: run["face"] for block in blocks for run in block["runs"]}
    assert (faces["行政处罚决定书"], faces["一、违法事实和证据"], faces["本决定依法公开。"]) == ("title", "hei", "song")


def test_a_seal_stays_with_the_text_before_it_and_a_heading_with_the_text_behind_it() -> None:
    decision = next(each for each in walked_papers(folder_of("penalty")) if each.name == "decision")
    blocks = papers.sheet(papers.docx(decision))["blocks"]
    told = [("".join(run["text"] for run in block["runs"]), block["keep"], block["align"]) for block in blocks]
    assert told[-3:] == [
        ("本决定依法公开。", True, "justify"),
        ("示例市生态环境局", True, "center"),
        ("2026年12月23日", False, "center"),
    ]
    assert all(keep for text, keep, _ in told if re.match("[一二三四五]、", text))
    assert not all(keep for _, keep, _ in told)


def test_what_a_party_applies_with_has_not_the_authority_on_top_and_goes_to_it() -> None:
    made = {each.name: of_word(papers.docx(each)) for each in walked_papers(folder_of("credit_repair"))}
    assert made["application"].startswith("信用修复申请书示例市生态环境局：")
    assert "申请人（签名或者盖章）" in made["application"]
    penalty = {each.name: of_word(papers.docx(each)) for each in walked_papers(folder_of("penalty"))}
    assert penalty["decision"].startswith("示例市生态环境局行政处罚决定书")
    assert penalty["notice_receipt"].startswith("示例市生态环境局"), "a form of the authority that others sign"


def test_a_sentence_ends_once_however_the_fact_ends() -> None:
    assert texts("{{ party }}。", party="已改正；") == ["已改正。"]
    assert texts("{{ party }}。", party="真的吗？") == ["真的吗？"]
    assert texts("{{ party }}。", party="已改正") == ["已改正。"]
