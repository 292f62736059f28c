"""Where a rule is from, in the language of the page: rule files say it as they found it, often in English (来源)."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import yaml
from django.utils.translation import get_language
from django.utils.translation import gettext as say

MEMORY = re.compile(r"\[memory[^\]]*\]\s*")


@cache
def _glossary() -> tuple[list[tuple[str, str]], list[tuple[re.Pattern[str], str]]]:
    text = files("qingtian.portals").joinpath("rule_words", "sources.yaml").read_text(encoding="utf-8")
    found = yaml.safe_load(text)
    pieces = sorted(found["pieces"].items(), key=lambda pair: -len(pair[0]))
    return pieces, [(re.compile(pattern), put) for pattern, put in found["patterns"]]


@cache
def in_chinese(source: str) -> str:
    """Return a source as a Chinese page says it; what has no Chinese form stays as it stands."""
    pieces, patterns = _glossary()
    for english, chinese in pieces:
        source = source.replace(english, chinese)
    for pattern, put in patterns:
        source = pattern.sub(put, source)
    return source.strip()


def said(source: str) -> str:
    """Return a source for the page, without the mark of a row written from memory: its certainty stands beside it."""
    told = in_chinese(source) if (get_language() or "zh").startswith("zh") else source
    return MEMORY.sub("", told).strip() or say("written from memory, without a document")
