"""The stages of a kind as a picture can show them, drawn from the data: one column, and what leaves it.

Stages that are no ends stand below each other in the order of the file. Ends hang on the stages that lead to them.
What leads neither to the next stage nor to an end is a *jump*: it runs beside the column in a lane. Jumps to the same
stage from the same side share a lane, so that a procedure with many ways back stays narrow. No geometry here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from qingtian.law.machine.definition import Definition

START = ""
"""The row before the first stage: nothing is open yet."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """Acts that lead from one stage to another; the same two stages have one way."""

    source: str
    target: str
    acts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A stage that is no end (or `START`), the acts that stay in it, the way to the row below, the ways to ends."""

    stage: str
    stays: tuple[str, ...]
    onward: Way | None
    exits: tuple[Way, ...]


@dataclass(frozen=True, kw_only=True)
class Jump:
    """A way between two rows that are not neighbours downward; ``lane`` 0 runs next to the column."""

    way: Way
    start: int
    end: int
    lane: int

    @property
    def back(self) -> bool:
        return self.end < self.start


@dataclass(frozen=True, kw_only=True)
class Spine:
    """The picture's parts: rows from top to bottom, jumps beside them."""

    rows: tuple[Row, ...]
    jumps: tuple[Jump, ...]

    @property
    def lanes(self) -> int:
        return 1 + max((jump.lane for jump in self.jumps), default=-1)


def spine(definition: Definition) -> Spine:
    """Return the kind's stages laid out. Every transition of the kind stands in it exactly once."""
    ends = {stage.name for stage in definition.stages.values() if stage.end}
    order = [START, *(name for name in definition.stages if name not in ends)]
    place = {name: number for number, name in enumerate(order)}
    found = ways(definition)
    jumping = [way for way in found if way.target not in ends and _jumps(way, place)]
    return Spine(
        rows=tuple(_row(name, order[number + 1 : number + 2], found, ends) for number, name in enumerate(order)),
        jumps=tuple(_in_lanes(jumping, place)),
    )


def ways(definition: Definition) -> list[Way]:
    """Return the ways between stages in the order of the file; those that open a matter come from `START`."""
    acts: dict[tuple[str, str], list[str]] = {}
    for act in definition.acts.values():
        for source in definition.stages_of(act) or (START,):
            acts.setdefault((source, definition.target_of(act, stage=source)), []).append(act.name)
    return [Way(source=source, target=target, acts=tuple(names)) for (source, target), names in acts.items()]


def _jumps(way: Way, place: Mapping[str, int]) -> bool:
    return place[way.target] - place[way.source] not in (0, 1)


def _row(name: str, below: Sequence[str], found: Sequence[Way], ends: set[str]) -> Row:
    own = [way for way in found if way.source == name]
    return Row(
        stage=name,
        stays=tuple(act for way in own if way.target == name for act in way.acts),
        onward=next((way for way in own if way.target in below), None),
        exits=tuple(way for way in own if way.target in ends),
    )


def _in_lanes(jumping: Sequence[Way], place: Mapping[str, int]) -> Iterator[Jump]:
    """Give each bundle of jumps the innermost lane that is free along its whole length; short ones first."""
    bundles: dict[tuple[int, bool], list[Way]] = {}
    for way in jumping:
        start, end = place[way.source], place[way.target]
        bundles.setdefault((end, end < start), []).append(way)
    taken: list[list[range]] = []
    for span, bundle in sorted(((_span(bundle, place), bundle) for bundle in bundles.values()), key=_shortest):
        lane = next((number for number, lane in enumerate(taken) if not _meet(lane, span)), len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append(span)
        for way in bundle:
            yield Jump(way=way, start=place[way.source], end=place[way.target], lane=lane)


def _span(bundle: Sequence[Way], place: Mapping[str, int]) -> range:
    rows = [place[name] for way in bundle for name in (way.source, way.target)]
    return range(min(rows), max(rows) + 1)


def _shortest(bundle: tuple[range, list[Way]]) -> tuple[int, int]:
    return len(bundle[0]), bundle[0].start


def _meet(lane: Sequence[range], span: range) -> bool:
    return any(each.start < span.stop and span.start < each.stop for each in lane)
