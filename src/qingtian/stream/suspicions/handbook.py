"""The page of the detectors: ``python -m qingtian.stream.suspicions.handbook docs/detectors.md`` tells it anew.

What stands between the two marks of the page comes from the manifests; a test holds that it is up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from qingtian.law.rules import Rule
from qingtian.stream.suspicions.detectors import SeriesDetector, discover
from qingtian.stream.suspicions.manifest import Manifest
from qingtian.stream.suspicions.series import HOUR

BEGIN, END = "<!-- told from the manifests: begin -->", "<!-- told from the manifests: end -->"
STEPS = ("minute", "hour", "day")


def told(detectors: Sequence[SeriesDetector]) -> str:
    """Return the Markdown of all detectors: a line each, then the parameters of each."""
    return "\n".join([*_overview(detectors), *(line for each in detectors for line in _parameters(each.manifest))])


def renewed(page: str, detectors: Sequence[SeriesDetector]) -> str:
    """Return the page with what stands between the marks told anew."""
    before, rest = page.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    return f"{before}{BEGIN}\n{told(detectors)}\n{END}{after}"


def _overview(detectors: Sequence[SeriesDetector]) -> Iterator[str]:
    yield "| detector | needs | evidence | steps: looks back / ahead |"
    yield "|---|---|---|---|"
    for each in detectors:
        of = each.manifest
        reach = ", ".join(
            f"{step} {of.reach[step].back // HOUR} h / {of.reach[step].ahead // HOUR} h"
            for step in STEPS
            if step in of.reach
        )
        yield f"| `{of.code}` {of.zh}, {of.en.lower()} | {of.inputs['en']} | {of.evidence['en']} | {reach} |"


def _parameters(of: Manifest) -> Iterator[str]:
    yield ""
    yield f"### `{of.code}` {of.zh}"
    yield ""
    yield "| parameter | minute | hour | day | what | source | certainty |"
    yield "|---|---|---|---|---|---|---|"
    for rule in of.rules["parameters"]:
        cells = " | ".join(_cell(rule, step, of) for step in STEPS)
        yield f"| `{rule['name']}` | {cells} | {rule['en']} {rule['zh']} | {rule.source} | {rule.certainty} |"


def _cell(rule: Rule, step: str, of: Manifest) -> str:
    found = rule.get("value", rule.get(step)) if step in of.reach else None
    if found is None:
        return "–"
    return ", ".join(map(str, found)) if isinstance(found, list) else str(found)


def main(words: Sequence[str]) -> int:
    if len(words) != 1:
        sys.stderr.write("usage: python -m qingtian.stream.suspicions.handbook docs/detectors.md\n")
        return 2
    page = Path(words[0])
    page.write_text(renewed(page.read_text(encoding="utf-8"), discover(more=())), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
