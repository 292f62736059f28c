"""An evidence package checked on the command line: sentences or JSON, offline, no engine."""

from __future__ import annotations

import argparse

from qingtian.base import settings as base_settings
from qingtian.entry import given_file
from qingtian.office.evidence import checking
from qingtian.office.evidence.checking import Verdict


def run(args: argparse.Namespace) -> int:
    """Check ``args.file``; return 0 if everything holds, 1 if something does not.

    :raises FileUnreadable: if there is no such file.
    """
    verdict = checking.verify(given_file.content(args.file), public=args.key)
    language = base_settings.from_environment().language
    print(checking.as_json(verdict) if args.json else text(verdict, language))
    return 0 if verdict.holds else 1


def text(verdict: Verdict, language: str) -> str:
    """Return what holds and what does not, a line each, the judgement last."""
    zh, told = language == "zh", verdict.manifest
    head = []
    if told:
        names = ("number", "episode", "outlet", "made_at", "made_by_name", "made_by")
        head = ["  ".join(str(told.get(name, "—")) for name in names)]
    marks = {True: "✓", False: "✗"}
    lines = [f"{'·' if check.note else marks[check.holds]} {check.sentence(language)}" for check in verdict.checks]
    if verdict.holds:
        tail = "证据包完好。" if zh else "The package holds."
    else:
        tail = (
            "证据包不可信：有内容被改动或损坏。"
            if zh
            else "The package does not hold: something was changed or is damaged."
        )
    return "\n".join([*head, *lines, tail])
