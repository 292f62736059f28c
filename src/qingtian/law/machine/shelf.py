"""All kinds of matter there are: the folders of the package, and those of ``QINGTIAN_KINDS`` (separated as PATH is)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from qingtian.base.errors import QingtianError
from qingtian.law.machine import check_detector, check_frame, reading
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.documents import near
from qingtian.law.machine.problems import BrokenKind
from qingtian.law.machine.reading import Folder, load

FAMILY = "qingtian.kinds"
VARIABLE = "QINGTIAN_KINDS"


class UnknownKind(QingtianError):
    code = "kinds.unknown"
    zh = "没有事项 {name}。相近的有：{near}。请检查编码，或把它的文件夹放进 {variable} 所指的文件夹。"
    en = (
        "There is no kind of matter {name!r}. The nearest are: {near}. "
        "Check the code, or put its folder where {variable} points."
    )


class NoVersionInForce(QingtianError):
    code = "kinds.no_version"
    zh = "事项 {name} 在 {day} 没有有效的版本；已有：{known}。请核对日期，或增加一个版本。"
    en = "The kind {name} has no version for {day}; there are: {known}. Check the day, or add a version."


class KindsFolderMissing(QingtianError):
    code = "kinds.folder_missing"
    zh = "找不到文件夹 {folder}。请检查路径（{variable}）。"
    en = "There is no folder {folder}. Check the path ({variable})."


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """Every version of every kind, by code and version; ``left_out``: added folders that cannot be used, and why."""

    kinds: Mapping[tuple[str, int], Definition]
    left_out: tuple[BrokenKind, ...] = ()

    def codes(self) -> list[str]:
        return sorted({code for code, _ in self.kinds})

    def version(self, code: str, version: int) -> Definition:
        """Return the definition that a matter was opened under.

        :raises UnknownKind: if it is not there.
        """
        if (code, version) not in self.kinds:
            raise UnknownKind(name=f"{code} {version}", near=near(code, self.codes()), variable=VARIABLE)
        return self.kinds[code, version]

    def newest(self, code: str) -> Definition:
        """Return the version with the highest number.

        :raises UnknownKind: if there is no such kind.
        """
        return max(self._versions(code), key=lambda kind: kind.manifest.version)

    def on(self, code: str, *, day: date) -> Definition:
        """Return the version under which a matter opens on ``day``.

        :raises UnknownKind: if there is no such kind.
        :raises NoVersionInForce: if none of its versions is valid that day.
        """
        versions = self._versions(code)
        for kind in versions:
            if kind.manifest.in_force(day):
                return kind
        known = ", ".join(
            f"{kind.manifest.version}: {kind.manifest.start}..{kind.manifest.end or ''}" for kind in versions
        )
        raise NoVersionInForce(name=code, day=day, known=known)

    def _versions(self, code: str) -> list[Definition]:
        versions = [kind for (found, _), kind in self.kinds.items() if found == code]
        if not versions:
            raise UnknownKind(name=code, near=near(code, self.codes()), variable=VARIABLE)
        return versions


def outside(environment: Mapping[str, str] | None = None) -> list[Path]:
    """Return the folders that the environment adds; each holds folders of kinds."""
    said = (os.environ if environment is None else environment).get(VARIABLE, "")
    return [Path(part).expanduser().resolve() for part in said.split(os.pathsep) if part]


def folders(more: Sequence[Path] = ()) -> Iterator[Folder]:
    """Yield the folder of every kind: those of the package, then those in ``more``.

    :raises KindsFolderMissing: if one of ``more`` is no folder.
    """
    yield from _within(files(FAMILY).joinpath("matters"))
    for folder in more:
        if not folder.is_dir():
            raise KindsFolderMissing(folder=folder, variable=VARIABLE)
        yield from (each for each in _within(folder) if not check_detector.is_detector(each))


def detectors(more: Sequence[Path] = ()) -> list[Folder]:
    """Return the folders of the package's detectors and those in ``more``, for those who check their data."""
    added = [each for folder in more if folder.is_dir() for each in _within(folder) if check_detector.is_detector(each)]
    return [*_within(files(FAMILY).joinpath("detectors")), *added]


def folder_of(definition: Definition, *, more: Sequence[Path] | None = None) -> Folder | None:
    """Return the folder that a kind was read from, for its walks and its README; None if it is gone.

    :raises KindsFolderMissing: if one of ``more`` (by default those of the environment) is no folder.
    """
    found = folders(outside() if more is None else more)
    return next((each for each in found if each.name == definition.folder), None)


def _within(parent: Folder) -> list[Folder]:
    found = [each for each in parent.iterdir() if each.is_dir() and not each.name.startswith((".", "__"))]
    return sorted(found, key=lambda each: each.name)


@cache
def _shelf(more: tuple[Path, ...]) -> Shelf:
    own = [load(folder) for folder in folders()]
    readings = [(folder, reading.read(folder)) for folder in list(folders(more))[len(own) :]]
    codes = frozenset(
        kind.manifest.code for kind in (*own, *(found.definition for _, found in readings)) if kind is not None
    )
    kinds, left_out = list(own), []
    for folder, found in readings:
        problems = check_frame.problems(found, codes=codes, others=kinds)
        if found.definition is None or problems:
            left_out.append(BrokenKind.of(folder.name, problems))
        else:
            kinds.append(found.definition)
    shelved = {(kind.manifest.code, kind.manifest.version): kind for kind in _in_turn(kinds)}
    return Shelf(kinds=shelved, left_out=tuple(left_out))


def _in_turn(kinds: Sequence[Definition]) -> Iterator[Definition]:
    """Let a version without an end be law until the next one begins: nobody has to edit the package to follow it."""
    for kind in kinds:
        mine = kind.manifest
        later = [
            other.manifest.start
            for other in kinds
            if other.manifest.code == mine.code and other.manifest.version > mine.version
        ]
        end = min([each for each in (*later, mine.end) if each], default=None)
        yield kind if end == mine.end else replace(kind, manifest=replace(mine, end=end))


def discover(*, more: Sequence[Path] | None = None) -> Shelf:
    """Return all kinds; folders are read once. ``more`` defaults to those of the environment.

    An added folder that cannot be used is left out and named, and stops nothing else: the office goes on without it.
    """
    return _shelf(tuple(outside() if more is None else more))
