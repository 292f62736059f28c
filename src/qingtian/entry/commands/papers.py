"""``qingtian papers``: the papers of a kind as its walks make them, to be looked at before anybody uses them."""

from __future__ import annotations

import argparse
from pathlib import Path

from qingtian.base.errors import QingtianError
from qingtian.law import calendar
from qingtian.law.machine import shelf
from qingtian.law.machine.documents import near
from qingtian.law.machine.reading import Folder
from qingtian.law.machine.shelf import UnknownKind
from qingtian.office.papers import trial
from qingtian.office.papers.api import Content, house_template, render

SUMMARY = "papers 文书 of a kind as its walks make them: Word files and PDFs to look at; the house's Word template"
EXAMPLES = """\
  qingtian papers penalty -o sample                 every paper of the kind, as .docx and .pdf
  qingtian papers my-kinds/tree_planting letter     one paper of a folder of yours, into this folder
  qingtian papers --template letter.docx            the house's Word template, to begin your own with
exit codes: 0 all made, 1 a paper cannot be made (the sentence says why), 2 misused"""


class NoSuchPaper(QingtianError):
    code = "papers.no_such_paper"
    zh = "事项 {kind} 没有文书 {name}。相近的有：{near}。"
    en = "The kind {kind!r} has no paper {name!r}. The nearest are: {near}."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", nargs="?", metavar="KIND", help="a kind's code, or its folder")
    parser.add_argument("names", nargs="*", metavar="PAPER", help="of these papers only")
    parser.add_argument("-o", "--output", type=Path, default=Path(), metavar="FOLDER", help="where to write (here)")
    parser.add_argument("--template", type=Path, metavar="FILE", help="write the house's Word template, and no paper")


def run(args: argparse.Namespace) -> int:
    if args.template:
        args.template.write_bytes(house_template())
        print(args.template)
        return 0
    if not args.kind:
        print("Name a kind (qingtian papers penalty), or --template FILE.")
        return 2
    args.output.mkdir(parents=True, exist_ok=True)
    made = [_write(each, args.output) for each in _chosen(args.kind, args.names)]
    return 0 if all(made) else 1


def _chosen(kind: str, names: list[str]) -> list[Content]:
    found = trial.walked(_folder(kind), calendar=calendar.official())
    known = {each.name: each for each in found}
    for name in names:
        if name not in known:
            raise NoSuchPaper(kind=kind, name=name, near=near(name, known))
    return [known[name] for name in names] or found


def _folder(kind: str) -> Folder:
    if Path(kind).is_dir():
        return Path(kind)
    folders = {folder.name: folder for folder in shelf.folders(shelf.outside())}
    if kind not in folders:
        raise UnknownKind(name=kind, near=near(kind, folders), variable=shelf.VARIABLE)
    return folders[kind]


def _write(content: Content, folder: Path) -> bool:
    """Write both files of a paper; say why if it cannot be made."""
    try:
        made = render(content)
    except QingtianError as error:
        print(f"✗ {content.name}: {error} [{error.code}]")
        return False
    for suffix, file in ((".docx", made.docx), (".pdf", made.pdf)):
        (folder / f"{content.name}{suffix}").write_bytes(file)
    print(f"✓ {content.name}  {content.paper.title.zh}")
    return True
