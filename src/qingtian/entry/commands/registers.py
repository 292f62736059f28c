"""``qingtian registers``: what an office begins with, from workbooks."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from qingtian.base import settings as base_settings
from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.office import start

if TYPE_CHECKING:
    from qingtian.office.sites.api import Outcome

SUMMARY = (
    "enter, change and end rows of the registers 建档: grids, enterprises, outlets, devices, people, from workbooks"
)
EXAMPLES = """\
  qingtian registers --blank books/        # empty workbooks, with what belongs in each column
  qingtian registers books/                # all rows of all of them, or none; again later for what is new, or says
                                           # 变更 (change), 停用 (end) or 恢复 (resume) in its column 办理; and the
                                           # outlines of districts 区界 from books/districts.geojson, if it is there
"""
WRITTEN = {"zh": "已写入空表 {file}", "en": "{file}: empty workbook"}
COUNTED = {
    "new": {"zh": "新登记 {n}", "en": "{n} new"},
    "changed": {"zh": "变更 {n}", "en": "{n} changed"},
    "ended": {"zh": "停用 {n}", "en": "{n} ended"},
    "resumed": {"zh": "恢复 {n}", "en": "{n} resumed"},
    "same": {"zh": "与登记一致 {n}", "en": "{n} as registered"},
}
BETWEEN = {"zh": "，", "en": ", "}
NOTHING = {"zh": "没有内容", "en": "nothing in it"}
UNCHANGED = {"zh": "{file}：没有变化，{rows}", "en": "{file}: nothing changed, {rows}"}
ENTERED = {"zh": "{file}：{rows}", "en": "{file}: {rows}"}
LEFT = {
    "zh": "{file}：第 {rows} 行与登记不同，没有改动；要改，请在该行“办理”栏选“变更”",
    "en": "{file}: rows {rows} differ from the register and were left; to change it, choose 变更 in their column 办理",
}


class NoBooks(QingtianError):
    code = "registers.no_books"
    zh = "{folder} 中没有登记表。请先用 qingtian registers --blank {folder} 取得空表，填好后再运行。"
    en = "There is no workbook in {folder}. Get empty ones by `qingtian registers --blank {folder}` and fill them in."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="where the workbooks are")
    parser.add_argument("--gcj02", action="store_true", help="districts.geojson is in GCJ-02, not in WGS-84")
    parser.add_argument("--blank", action="store_true", help="write the empty workbooks there, and enter nothing")


def run(args: argparse.Namespace) -> int:
    """Write the empty workbooks, or enter those of the folder and say how many rows were new.

    :raises EngineNotFound, NoBooks, BookRefused, OutlinesRefused:
    """
    start.start()
    from qingtian.office.sites import api as sites

    language = base_settings.from_environment().language
    if args.blank:
        args.folder.mkdir(parents=True, exist_ok=True)
        for name, content in sites.blank_registers().items():
            file = args.folder / f"{name}.xlsx"
            # never over what somebody has filled in
            if not file.exists():
                file.write_bytes(content)
                print(WRITTEN[language].format(file=file))
        return 0
    books = {name: args.folder / f"{name}.xlsx" for name in sites.REGISTERS}
    there = {name: file.read_bytes() for name, file in books.items() if file.is_file()}
    districts = args.folder / sites.OUTLINES
    outlines = districts.read_bytes() if districts.is_file() else None
    if not there and outlines is None:
        raise NoBooks(folder=args.folder)
    files = {**books, sites.OUTLINES: districts}
    entered = sites.enter_registers(there, outlines=outlines, gcj02=args.gcj02, at=times.now())
    for name, outcome in entered.items():
        for line in told(outcome, file=files[name], language=language):
            print(line)
    return 0


def told(outcome: Outcome, *, file: Path, language: str) -> Iterator[str]:
    """Yield what became of a workbook: how many rows of each, and which rows differ and were left as they stand."""
    counts = {what: getattr(outcome, what) for what in COUNTED}
    rows = [COUNTED[what][language].format(n=count) for what, count in counts.items() if count]
    changed = any(count for what, count in counts.items() if what != "same")
    said = BETWEEN[language].join(rows) or NOTHING[language]
    if rows or not outcome.left:
        yield (ENTERED if changed else UNCHANGED)[language].format(file=file, rows=said)
    if outcome.left:
        yield LEFT[language].format(file=file, rows=BETWEEN[language].join(map(str, outcome.left)))
