"""What authors of rules and kinds wrote beside them, as a page shows it: titles in two tongues, notes in Markdown."""

from __future__ import annotations

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString

from qingtian.portals import detectors, rule_sources
from qingtian.portals.templatetags.parts import in_language

register = template.Library()

CHINESE = "\u3400-\u9fff"
TWO_TONGUES = re.compile(rf"(?P<zh>.*[{CHINESE}）》”][0-9]*)[ ·:]+(?P<en>[^{CHINESE}]*[A-Za-z][^{CHINESE}]*)")
CODE = re.compile(r"`([^`]+)`")
ITEM = re.compile(r"^[-*] ", re.MULTILINE)


def own_half(title: str) -> str:
    """Return, of a title that says the same in Chinese and then in English, the half for the page."""
    found = TWO_TONGUES.fullmatch(title)
    return in_language(found["zh"], found["en"]) if found else title


@register.filter
def source_words(source: str) -> str:
    """Where a rule is from, in the language of the page."""
    return rule_sources.said(source)


@register.filter
def prose(text: str) -> SafeString:
    """A note in Markdown as paragraphs and lists, with code as code; its headings stand on the page already."""
    blocks = (block for block in re.split(r"\n\s*\n", text.strip()) if not block.startswith("#"))
    return SafeString("".join(_block(CODE.sub(_code, escape(block))) for block in blocks))


def _code(found: re.Match[str]) -> str:
    """A detector is named, and leads to its page; anything else stays code."""
    known = detectors.all_detectors().get(found[1])
    return f'<a href="/rules/detectors/{known.code}/">{escape(known.name)}</a>' if known else f"<code>{found[1]}</code>"


def _block(block: str) -> str:
    first, *items = ITEM.split(block)
    listed = "".join(f"<li>{item.strip()}</li>" for item in items)
    return (f"<p>{first.strip()}</p>" if first.strip() else "") + (f"<ul>{listed}</ul>" if listed else "")
