"""Articles as official papers cite them: "行政处罚法 57、64(1)" → 《中华人民共和国行政处罚法》第五十七条、……第一项.

What kinds call in short has its title in rules/law_titles.yaml. Notes to ourselves (待核, 工程默认值) are for no paper.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from qingtian.law import rules
from qingtian.office.papers import numerals

CITED = re.compile(
    r"^(?P<name>.+?)(?P<year>[(（]\d{4}[)）])?(?:\s+(?:(?P<articles>\d[\d、,()\-–—至]*)|(?P<part>[^\d\s]+)))?$"
)
ARTICLE = re.compile(r"(?P<number>\d+)(?:\((?P<item>\d+)\))?")
NOTES = re.compile(r"（[^（）]*(?:待核|凭记忆|参照)[^（）]*）|工程默认值")
NO_TITLE = re.compile(r"[\d；《》、]")
"""Of these signs no title is made that the table does not know: numbers of documents, several laws at once."""


def written_out(text: str) -> str:
    """Return each law of a citation with its articles in words; what is cited in another way stays as it is."""
    return "；".join(found for each in NOTES.sub("", text).split("；") if (found := _law(each.strip())))


def _law(text: str) -> str:
    found = CITED.match(text)
    if found is None:
        return text
    name, articles = found["name"].strip(), found["articles"]
    title = _titles().get(name)
    if title is None and (not (articles or found["year"]) or NO_TITLE.search(name)):
        return text
    said = re.sub(r"[-–—至]", "至", (articles or "").replace(",", "、"))
    return f"《{title or name}》{ARTICLE.sub(_article, said)}"


def _article(found: re.Match[str]) -> str:
    item = f"第{numerals.counted(int(found['item']))}项" if found["item"] else ""
    return f"第{numerals.counted(int(found['number']))}条{item}"


@cache
def _titles() -> Mapping[str, str]:
    return {rule["short"]: rule["full"] for rule in rules.table("law_titles")}
