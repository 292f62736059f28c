"""Papers: a template and data become a PDF; a chart becomes geometry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from qingtian.office.papers import api as papers
from qingtian.office.papers import typesetting

NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TEMPLATE = """
#import "paper.typ": *
#import "chart.typ": chart
#let data = json("data.json")
#show: paper.with(title: data.title, number: "证〔2026〕000001", made: "张三", authority: "某市生态环境局")
= #data.title
#if data.chart != none { chart(data.chart) }
"""


def template(folder: Path, text: str = TEMPLATE) -> Path:
    file = folder / "letter.typ"
    file.write_text(text)
    return file


def points(*values: float, marked: float = 50.0) -> list[papers.Point]:
    return [
        papers.Point(at=NINE + timedelta(minutes=minute), value=value, marked=value > marked)
        for minute, value in enumerate(values)
    ]


def a_chart(*values: float) -> Any:
    return papers.chart(
        points=points(*values), limits=[papers.Line(value=50, label="50 mg/L")], unit="mg/L", label="化学需氧量"
    )


def test_it_sets_a_template_with_data_as_an_archival_pdf(tmp_path: Path) -> None:
    made = papers.pdf(
        template=template(tmp_path), data={"title": "化学需氧量超标", "chart": a_chart(40, 55)}, made_at=NINE
    )
    assert made.startswith(b"%PDF-")
    assert b"NotoSansHans" in made
    assert b"<pdfaid:part>2</pdfaid:part>" in made


def test_it_sets_the_same_paper_from_the_same_data(tmp_path: Path) -> None:
    once, again = (
        papers.pdf(template=template(tmp_path), data={"title": "同一份", "chart": None}, made_at=NINE) for _ in range(2)
    )
    assert once == again


def test_it_says_what_the_template_asks_for_and_does_not_get(tmp_path: Path) -> None:
    with pytest.raises(papers.PaperRefused) as refused:
        papers.pdf(template=template(tmp_path), data={"title": "缺一项"}, made_at=NINE)
    assert "chart" in refused.value.sentence("zh")
    assert "letter.typ" in refused.value.sentence("en")


def test_a_template_reads_no_file_of_the_machine(tmp_path: Path) -> None:
    nosy = template(tmp_path, '#read("/etc/passwd")')
    with pytest.raises(papers.PaperRefused):
        papers.pdf(template=nosy, data={}, made_at=NINE)


def test_it_says_how_to_get_the_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "FONTS", tmp_path / "nowhere")
    with pytest.raises(papers.FontMissing, match=r"qingtian\.portals\.assets"):
        papers.pdf(template=template(tmp_path), data={"title": "无字体", "chart": None}, made_at=NINE)


def test_a_chart_has_all_places_inside_its_frame() -> None:
    drawn = a_chart(40, 55, 61.5, -2)
    places = [place for run in drawn["series"] for place in run] + drawn["marked"]
    assert all(0 <= part <= 1 for place in places for part in place)
    assert len(drawn["marked"]) == 2


def test_a_chart_draws_no_line_over_what_nobody_measured() -> None:
    seen = [point for number, point in enumerate(points(*range(20))) if not 8 <= number < 13]
    drawn = papers.chart(points=seen, limits=[], unit="", label="")
    assert drawn is not None
    assert [len(run) for run in drawn["series"]] == [8, 7]


def test_a_chart_tells_round_beijing_times() -> None:
    drawn = a_chart(*range(31))
    assert [tick["label"] for tick in drawn["x_ticks"]][:3] == ["09:00", "09:05", "09:10"]


@pytest.mark.parametrize("values", [(7.0,), (0.0, 0.0), (1e-9, 2e-9), (5.0, 5.0, 5.0), (1e9, -1e9)])
def test_a_chart_of_any_values_can_be_drawn(values: tuple[float, ...], tmp_path: Path) -> None:
    drawn = papers.chart(points=points(*values), limits=[], unit="", label="")
    assert papers.pdf(template=template(tmp_path), data={"title": "图", "chart": drawn}, made_at=NINE)


def test_a_chart_of_nothing_is_none() -> None:
    assert papers.chart(points=[], limits=[], unit="", label="") is None
