"""``qingtian registers``: what an office begins with, from workbooks."""

from __future__ import annotations

import argparse
from pathlib import Path

from qingtian.base import settings as base_settings
from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.office import start

SUMMARY = "enter the registers 建档 an office begins with: grids, enterprises, outlets, devices, people, from workbooks"
EXAMPLES = """\
  qingtian registers --blank books/        # empty workbooks, with what belongs in each column
  qingtian registers books/                # all rows of all of them, or none; again later for what is new
"""
WRITTEN = {"zh": "已写入空表 {file}", "en": "{file}: empty workbook"}
ENTERED = {"zh": "{file}：新登记 {n}", "en": "{file}: {n} new"}


class NoBooks(QingtianError):
    code = "registers.no_books"
    zh = "{folder} 中没有登记表。请先用 qingtian registers --blank {folder} 取得空表，填好后再运行。"
    en = "There is no workbook in {folder}. Get empty ones by `qingtian registers --blank {folder}` and fill them in."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="where the workbooks are")
    parser.add_argument("--blank", action="store_true", help="write the empty workbooks there, and enter nothing")


def run(args: argparse.Namespace) -> int:
    """Write the empty workbooks, or enter those of the folder and say how many rows were new.

    :raises EngineNotFound, NoBooks, BookRefused:
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
    if not there:
        raise NoBooks(folder=args.folder)
    for name, count in sites.enter_registers(there, at=times.now()).items():
        print(ENTERED[language].format(file=books[name], n=count))
    return 0
