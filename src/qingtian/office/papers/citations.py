"""Articles as official papers cite them: "行政处罚法 57、64(1)" → 《行政处罚法》第五十七条、第六十四条第一项. Pure."""

from __future__ import annotations

import re

from qingtian.office.papers import numerals

LAW = re.compile(r"^(?P<name>[^\d；《》]+?)(?:[(（]\d{4}[)）])?\s+(?P<articles>\d[\d、,()\-–—至]*)$")
ARTICLE = re.compile(r"(?P<number>\d+)(?:\((?P<item>\d+)\))?")


def written_out(text: str) -> str:
    """Return each law of a citation with its articles in words; what is cited in another way stays as it is."""
    return "；".join(map(_law, text.split("；")))


def _law(text: str) -> str:
    found = LAW.match(text.strip())
    if found is None:
        return text.strip()
    articles = re.sub(r"[-–—至]", "至", found["articles"].replace(",", "、"))
    return f"《{found['name'].strip()}》{ARTICLE.sub(_article, articles)}"


def _article(found: re.Match[str]) -> str:
    item = f"第{numerals.counted(int(found['item']))}项" if found["item"] else ""
    return f"第{numerals.counted(int(found['number']))}条{item}"
