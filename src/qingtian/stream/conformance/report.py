"""The report: a table for a terminal, for a page (Markdown), for a program (JSON), with a sentence that sums it up."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from qingtian.base.errors import Term
from qingtian.stream.conformance.checks import Verdict
from qingtian.stream.conformance.run import Line

WORDS = {
    Verdict.HOLDS: Term(zh="成立", en="holds"),
    Verdict.FAILS: Term(zh="不成立", en="does not"),
    Verdict.UNTESTABLE: Term(zh="无法检验", en="not testable"),
}
HEADS = {
    "zh": ("检查", "应当", "条款", "结果", "所见"),
    "en": ("check", "what must hold", "clause", "result", "what was seen"),
}
WIDTH = 9
CLAUSE_WORDS = {
    "附录": "annex ",
    "表": "table ",
    "（第二手）": " (second-hand)",
    "（数据标记）": " (data marks)",
    "（自定义命令）": " (own commands)",
    "现场实践（标准未规定）": "practice, not in the standard",
    "（超时重发）": " (time-out and repetition)",
}
CLAUSE_WORD = re.compile("|".join(sorted(CLAUSE_WORDS, key=len, reverse=True)))


def text_line(line: Line, language: str) -> str:
    """Return a line for a terminal: verdict, id, what must hold, clause; what was seen below, if it is not well."""
    word = WORDS[line.verdict].said(language)
    pad = " " * max(0, WIDTH + 4 - _width(word))
    first = f"{word}{pad}{int(line.edition)}  {line.id:<26} {line.must.said(language)}"
    if line.verdict is Verdict.HOLDS:
        return first
    return f"{first}\n{' ' * (WIDTH + 4)}{line.seen.said(language)}  [{clause_in(language, line.clause)}]"


def clause_in(language: str, clause: str) -> str:
    """Return a clause in the words of a language: a table is 表, an annex 附录."""
    if language.startswith("zh"):
        return clause
    return CLAUSE_WORD.sub(lambda match: CLAUSE_WORDS[match[0]], clause)


def failing(lines: Sequence[Line]) -> list[Line]:
    """Return what does not hold."""
    return [line for line in lines if line.verdict is Verdict.FAILS]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def summary(lines: Sequence[Line], language: str) -> str:
    """Return how many hold, do not, could not be tested."""
    found = Counter(line.verdict for line in lines)
    told = (found[Verdict.HOLDS], found[Verdict.FAILS], found[Verdict.UNTESTABLE])
    if language.startswith("zh"):
        return "共 {} 项：成立 {}，不成立 {}，无法检验 {}。".format(len(lines), *told)
    return "{} checks: {} hold, {} do not, {} not testable.".format(len(lines), *told)


def markdown(lines: Sequence[Line], language: str) -> str:
    """Return a table of Markdown for each edition, and the summary."""
    out = []
    for edition in sorted({line.edition for line in lines}):
        mine = [line for line in lines if line.edition == edition]
        heads = HEADS["zh" if language.startswith("zh") else "en"]
        name = f"{int(edition)} 版" if language.startswith("zh") else f"Edition {int(edition)}"
        out += [f"### {name}", "", _row(heads), _row(["---"] * len(heads))]
        out += [_row(_cells(line, language)) for line in mine]
        out += ["", summary(mine, language), ""]
    return "\n".join(out)


def _cells(line: Line, language: str) -> list[str]:
    seen = line.seen.said(language)
    return [
        f"`{line.id}`",
        line.must.said(language),
        clause_in(language, line.clause),
        WORDS[line.verdict].said(language),
        f"`{seen}`" if "##" in seen or "=" in seen else seen,
    ]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
