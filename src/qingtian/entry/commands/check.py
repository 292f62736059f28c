"""``qingtian check``: hold every kind folder to its rules, or draw one."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

from qingtian.base import settings as base_settings
from qingtian.law import calendar
from qingtian.law.machine import check, check_detector, shelf
from qingtian.law.machine.diagram import mermaid
from qingtian.law.machine.problems import Problem
from qingtian.law.machine.reading import FILES, Folder, load

SUMMARY = (
    "check the folders of kinds: matters 事项 (names, stages, clocks, words, walks), detectors (data); draw a matter"
)
EXAMPLES = """\
  qingtian check                              all kinds of the package and of QINGTIAN_KINDS
  qingtian check my-kinds/tree_planting       one folder (or a folder of such folders)
  qingtian check --json | jq '.problems[]'    for a program
  qingtian check --diagram penalty            the stages of a kind, as Mermaid text
exit codes: 0 nothing wrong, 1 problems found, 2 misused"""
AGAIN = (
    "改正后请再检查一次：建立在出错之处上的问题（如走查）要等改正后才检查。",
    "Correct these and check again: what stands on something broken, such as the walks, is only looked at then.",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folders", nargs="*", type=_folder, metavar="FOLDER", help="a kind, or a folder of kinds")
    parser.add_argument("--json", action="store_true", help="one JSON object for programs")
    parser.add_argument("--diagram", metavar="KIND", help="print the state diagram of a kind (code or folder)")


def _folder(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_dir():
        raise argparse.ArgumentTypeError(
            f"{text!r} is no folder; give the folder of a kind, or one that holds such folders"
        )
    return path


def run(args: argparse.Namespace) -> int:
    language = base_settings.from_environment().language
    if args.diagram:
        print(_drawn(args.diagram, language))
        return 0
    found = _found(args.folders)
    problems = [problem for each in found.values() for problem in each]
    if args.json:
        listed = [problem.as_dict() for problem in problems]
        print(json.dumps({"kinds": list(found), "problems": listed}, ensure_ascii=False, indent=2, default=str))
    else:
        print("\n".join(_report(found, language)))
    return 1 if problems else 0


def _drawn(name: str, language: str) -> str:
    folder = Path(name)
    if folder.is_dir():
        return mermaid(load(folder), language=language)
    return mermaid(shelf.discover().newest(name), language=language)


def _found(given: list[Path]) -> Mapping[str, list[Problem]]:
    """A folder that is given may open the kinds that exist, so those are read too."""
    all_ = list(shelf.folders(shelf.outside()))
    if not given:
        return {**check.every(all_, calendar=calendar.official()), **_detectors(shelf.detectors(shelf.outside()))}
    asked = [kind for folder in given for kind in _kinds(folder)]
    chosen = [folder for folder in asked if not check_detector.is_detector(folder)]
    names = {str(Path(str(folder)).resolve()) for folder in chosen}
    others = [folder for folder in all_ if str(Path(str(folder)).resolve()) not in names]
    found = check.every([*chosen, *others], calendar=calendar.official())
    return {str(folder): found[str(folder)] for folder in chosen} | _detectors(asked)


def _detectors(folders: list[Folder]) -> dict[str, list[Problem]]:
    return {str(each): check_detector.problems(each) for each in folders if check_detector.is_detector(each)}


def _kinds(folder: Path) -> list[Folder]:
    """A folder with a file of a kind is a kind, however broken, and one without folders too; else those in it are."""
    within = sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith((".", "__")))
    if not within or any(folder.joinpath(name).is_file() for name in FILES if name.endswith(".yaml")):
        return [folder]
    return list[Folder](within)


def _report(found: Mapping[str, list[Problem]], language: str) -> list[str]:
    lines = []
    for folder, problems in found.items():
        name = Path(folder).name
        lines.append(f"{'✗' if problems else '✓'} {name}")
        lines += [f"  {each.file}:{each.line}: {each.sentence(language)} [{each.code}]" for each in problems]
    chinese, count = language.startswith("zh"), sum(map(len, found.values()))
    lines.append(f"{len(found)} 种，{count} 处问题。" if chinese else _counted(len(found), count))
    if count:
        lines.append(AGAIN[0 if chinese else 1])
    return lines


def _counted(kinds: int, problems: int) -> str:
    return f"{kinds} kind{'s' * (kinds != 1)}, {problems} problem{'s' * (problems != 1)}."
