"""The rules of the house, held by the code itself: imports, errors, commands, kinds, settings, files."""

from __future__ import annotations

import ast
import json
import os
import re
import string
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from qingtian.entry import cli

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "qingtian"
LONGEST_MODULE = 400
LONGEST_FUNCTION = 60

COMMANDS = {
    *("bench", "decode", "demo", "dispatcher", "gateway", "judge", "relay", "send", "simulate"),
    *("status", "up", "verify", "web", "worker"),
}


def sources() -> Iterator[tuple[str, str]]:
    for file in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in file.parts:
            yield file.relative_to(SOURCE).as_posix(), file.read_text(encoding="utf-8")


LIST_ERRORS = """
import importlib, json, os, pkgutil
os.environ.update(DJANGO_SETTINGS_MODULE="qingtian.office.settings", QINGTIAN_DATABASE_URL="postgresql://nobody@/none")
import django, qingtian
from qingtian.base.errors import QingtianError
django.setup()
for module in pkgutil.walk_packages(qingtian.__path__, "qingtian."):
    if ".migrations" not in module.name and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
waiting, found = [QingtianError], []
while waiting:
    for one in waiting.pop().__subclasses__():
        waiting.append(one)
        if "code" in vars(one):
            found.append([f"{one.__module__}.{one.__name__}", one.code, one.zh, one.en])
print(json.dumps(found))
"""


def error_classes(folder: Path) -> list[list[str]]:
    """Return name, code and sentences of every error class; read apart, so that no other test gets these settings."""
    words = [sys.executable, "-c", LIST_ERRORS]
    environment = {**os.environ, "QINGTIAN_DATA": str(folder)}
    told = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    found: list[list[str]] = json.loads(told.stdout.splitlines()[-1])
    return found


def places(template: str) -> set[str]:
    # a word of one language may be named for it: unit and unit_zh
    return {
        re.split(r"[.\[]", name)[0].removesuffix("_zh").removesuffix("_en")
        for _, name, _, _ in string.Formatter().parse(template)
        if name
    }


def test_imports_go_one_way() -> None:
    tool = Path(sys.executable).parent / "lint-imports"
    told = subprocess.run([str(tool), "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


def test_every_error_has_its_own_code_and_both_languages(tmp_path: Path) -> None:
    classes = error_classes(tmp_path)
    assert len(classes) > 50
    assert [code for code, count in Counter(one[1] for one in classes).items() if count > 1] == []
    for name, code, zh, en in classes:
        assert re.fullmatch(r"[a-z0-9_]+\.[a-z0-9_.]+", code), name
        assert re.search(r"[\u4e00-\u9fff]", zh), name
        assert not re.search(r"[\u4e00-\u9fff]", en), name
        # a language may need another form of a word (unit, unit_zh; move, done), never one fact less
        assert len(places(zh)) == len(places(en)), name


def test_the_promised_commands_are_there_and_explain_themselves() -> None:
    assert set(cli.command_names()) >= COMMANDS
    for name in cli.command_names():
        command = cli.load(name)
        assert command.SUMMARY, name
        assert f"qingtian {name}" in command.EXAMPLES, name


@pytest.mark.parametrize("words", [[], ["nosuch"]], ids=["nothing", "unknown"])
def test_a_misused_command_line_ends_with_two(words: list[str]) -> None:
    assert cli.main(words) == 2


def test_every_detector_brings_its_papers() -> None:
    folders = [file.parent for file in (SOURCE / "kinds" / "detectors").glob("*/manifest.yaml")]
    assert folders
    for folder in folders:
        for paper in ("README.md", "words.yaml", "detector.py"):
            assert (folder / paper).exists(), f"{folder.name} lacks {paper}"


def test_rooms_stay_small() -> None:
    for name, text in sources():
        assert text.count("\n") <= LONGEST_MODULE, f"{name}: split it by what it is about"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                assert lines <= LONGEST_FUNCTION, f"{name} {node.name}"


def test_every_setting_is_documented() -> None:
    used = {found for _, text in sources() for found in re.findall(r"QINGTIAN_[A-Z]+(?:_[A-Z]+)*", text)}
    told = set(re.findall(r"QINGTIAN_[A-Z]+(?:_[A-Z]+)*", (ROOT / "docs" / "settings.md").read_text()))
    assert used - told - {"QINGTIAN_WEB"} == set()


def test_locks_and_sources_name_no_host_of_a_registry() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        assert "://" not in (ROOT / lock).read_text(), lock
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()


def test_both_readmes_show_the_same_commands() -> None:
    english, chinese = ((ROOT / name).read_text() for name in ("README.md", "README.zh-CN.md"))
    commands = re.compile(r"^    (make \w+|\.venv/bin/qingtian [^#\n]*?)\s*(?:#|$)", re.MULTILINE)
    assert commands.findall(english) == commands.findall(chinese) != []
