"""The diagram of a kind (流程图) as SVG: stages in a column, ends on their right, ways back and forward in lanes.

Two drawings of the same data: *narrow* fits a phone and the side of a page, *annotated* names every act beside its
stage. Both are pictures to a screen reader; the table of acts says the same in words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as say

from qingtian.law.machine.definition import Definition
from qingtian.law.machine.spine import START, Row, Spine, Way, spine
from qingtian.portals.lettering import EM, LINE, TextLines, lettering
from qingtian.portals.matters import naming

LANE, EDGE, GAP = 11.0, 8.0, 22.0
PORT = 10.0
"""How far from a box's upper edge ways come in, and from its lower edge they go out."""
BOX, PILL, BRIDGE = 172.0, 118.0, 20.0
ACT_LINE, ACTS_WIDE, TARGET_WIDE = 23.0, 270.0, 190.0
DOT = 5.0


@dataclass(frozen=True, kw_only=True)
class Told:
    """One line beside a stage: an act, and where it leads (empty: it stays)."""

    act: str
    target: str
    end: bool


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A row with its place: ``top`` and ``height`` of its box, its words, what stands beside it."""

    row: Row
    top: float
    height: float
    words: TextLines
    told: tuple[Told, ...]

    @property
    def inward(self) -> float:
        return self.top + min(PORT, self.height / 2)

    @property
    def outward(self) -> float:
        return self.top + self.height - min(PORT, self.height / 2)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A drawing about to be written: what is drawn, where, and what of it is lit."""

    definition: Definition
    spine: Spine
    placed: tuple[Placed, ...]
    left: float
    stage: str
    passed: Collection[str]

    @property
    def right(self) -> float:
        return self.left + BOX

    @property
    def height(self) -> float:
        return self.placed[-1].top + self.placed[-1].height + EDGE

    def tone(self, stage: str) -> str:
        """Return the class of a stage: where the matter is, where it has been, or neither."""
        return "here" if stage and stage == self.stage else "passed" if stage in self.passed else ""


def diagram(
    definition: Definition, *, stage: str = "", passed: Collection[str] = (), annotated: bool = False
) -> SafeString:
    """Return the kind's diagram as an SVG element; ``stage`` is lit, ``passed`` are marked as behind it."""
    parts = spine(definition)
    sheet = Sheet(
        definition=definition,
        spine=parts,
        placed=tuple(_placed(definition, parts, annotated=annotated)),
        left=EDGE + LANE * parts.lanes + (4.0 if parts.lanes else 0.0),
        stage=stage,
        passed=passed,
    )
    beside = _annotations(sheet) if annotated else _exits(sheet)
    width = sheet.right + (BRIDGE + ACTS_WIDE + TARGET_WIDE if annotated else BRIDGE + PILL) + EDGE
    drawn = [*_jumps(sheet), *_onward(sheet), *_boxes(sheet), *beside]
    return format_html(
        '<svg class="flow" role="img" aria-label="{}" viewBox="0 0 {} {}" width="{}" height="{}">{}</svg>',
        _label(sheet),
        *(round(width), round(sheet.height)) * 2,
        format_html_join("", "{}", ((part,) for part in drawn)),
    )


def _label(sheet: Sheet) -> str:
    kind = naming.said(sheet.definition.manifest.words)
    where = say("it is at: %(stage)s") % {"stage": naming.stage(sheet.definition, sheet.stage)} if sheet.stage else ""
    told = say("Diagram of %(kind)s: the stages and what leads from one to the next") % {"kind": kind}
    return f"{told}; {where}" if where else told


def _placed(definition: Definition, parts: Spine, *, annotated: bool) -> Iterator[Placed]:
    top = EDGE
    for row in parts.rows:
        words = lettering(naming.stage(definition, row.stage) if row.stage else "", width=BOX - 2 * EM)
        told = tuple(_told(definition, parts, row)) if annotated else ()
        beside = ACT_LINE * len(told) if annotated else sum(height + 4 for height in _pill_heights(definition, row))
        own = len(words) * LINE + 16 if row.stage else 2 * DOT
        height = max(own, beside)
        yield Placed(row=row, top=top, height=height, words=words, told=told)
        top += height + GAP


def _told(definition: Definition, parts: Spine, row: Row) -> Iterator[Told]:
    """What leads on comes first, then the ways back and forward, the ends, and last what stays."""
    jumping = [jump.way for jump in parts.jumps if jump.way.source == row.stage]
    for way in (*([row.onward] if row.onward else []), *jumping, *row.exits):
        end = definition.stages[way.target].end
        yield from (Told(act=act, target=way.target, end=end) for act in way.acts)
    yield from (Told(act=act, target="", end=False) for act in row.stays)


def _pill_heights(definition: Definition, row: Row) -> list[float]:
    return [len(_pill(definition, way)) * LINE + 8 for way in row.exits]


def _pill(definition: Definition, way: Way) -> TextLines:
    return lettering(naming.stage(definition, way.target), width=PILL - 2 * EM)


def _boxes(sheet: Sheet) -> Iterator[SafeString]:
    middle = sheet.left + BOX / 2
    for one in sheet.placed:
        if one.row.stage == START:
            yield format_html('<circle class="start" cx="{}" cy="{}" r="{}"/>', middle, one.top + DOT, DOT)
            continue
        shape = '<rect class="stage {}" x="{}" y="{}" width="{}" height="{}" rx="6"/>'
        yield format_html(shape, sheet.tone(one.row.stage), sheet.left, one.top, BOX, one.height)
        yield _text(one.words, middle, one.top + one.height / 2, f"name {sheet.tone(one.row.stage)}")


def _text(lines: TextLines, x: float, middle: float, kind: str) -> SafeString:
    """Write lines around a middle; the first baseline lies a third of a line below its own middle."""
    first = middle - (len(lines) - 1) * LINE / 2 + LINE / 3.4
    spans = ((x, round(first + number * LINE, 1), line) for number, line in enumerate(lines))
    return format_html(
        '<text class="{}">{}</text>', kind, format_html_join("", '<tspan x="{}" y="{}">{}</tspan>', spans)
    )


def _onward(sheet: Sheet) -> Iterator[SafeString]:
    middle = sheet.left + BOX / 2
    for one, below in zip(sheet.placed, sheet.placed[1:], strict=False):
        if one.row.onward:
            start = one.top + (2 * DOT if one.row.stage == START else one.height)
            yield _line(sheet, one.row.onward, f"M{middle} {start}V{below.top - 5}")
            yield _arrow(sheet, one.row.onward, middle, below.top, "down")


def _jumps(sheet: Sheet) -> Iterator[SafeString]:
    """Ways beside the column: out of the lower left of a box, along the lane, into the upper left of another."""
    for jump in sheet.spine.jumps:
        start, end = sheet.placed[jump.start], sheet.placed[jump.end]
        lane = sheet.left - 8 - LANE * (jump.lane + 0.6)
        out, into, turn = start.outward, end.inward, 4.0 if jump.end > jump.start else -4.0
        first = sheet.left if jump.start else sheet.left + BOX / 2 - DOT
        path = (
            f"M{first} {out:.1f}H{lane + 4:.1f}q-4 0 -4 {turn}V{into - turn:.1f}q0 {turn} 4 {turn}H{sheet.left - 5:.1f}"
        )
        yield _line(sheet, jump.way, path, back=jump.back)
        yield _arrow(sheet, jump.way, sheet.left, into, "right")


def _line(sheet: Sheet, way: Way, path: str, *, back: bool = False) -> SafeString:
    """Draw a way; it says its acts when a pointer rests on it, and is lit if it leads on from where the matter is."""
    acts = " / ".join(naming.act(sheet.definition, name) for name in way.acts)
    kind = " ".join(
        ["way", *(["back"] if back else []), *(["lit"] if way.source and way.source == sheet.stage else [])]
    )
    return format_html('<path class="{}" d="{}"><title>{}</title></path>', kind, path, acts)


def _lit(sheet: Sheet, way: Way) -> str:
    return " lit" if way.source and way.source == sheet.stage else ""


ARROWS = {"down": "M{x} {y}l-4 -7h8z", "right": "M{x} {y}l-7 -4v8z"}


def _arrow(sheet: Sheet, way: Way, x: float, y: float, towards: str) -> SafeString:
    drawn = ARROWS[towards].format(x=round(x, 1), y=round(y, 1))
    return format_html('<path class="tip{}" d="{}"/>', _lit(sheet, way), drawn)


def _exits(sheet: Sheet) -> Iterator[SafeString]:
    """Ends as pills on the right of the stages that lead to them."""
    for one in sheet.placed:
        heights = _pill_heights(sheet.definition, one.row)
        top = one.top + (one.height - sum(height + 4 for height in heights) + 4) / 2
        for way, height in zip(one.row.exits, heights, strict=True):
            yield from _pill_at(sheet, way, top, height)
            top += height + 4


def _pill_at(sheet: Sheet, way: Way, top: float, height: float) -> Iterator[SafeString]:
    left, middle = sheet.right + BRIDGE, top + height / 2
    yield _line(sheet, way, f"M{sheet.right} {middle}H{left - 5}")
    yield _arrow(sheet, way, left, middle, "right")
    shape = '<rect class="end {}" x="{}" y="{}" width="{}" height="{}" rx="{}"/>'
    yield format_html(shape, sheet.tone(way.target), left, top, PILL, height, min(height / 2, 14))
    yield _text(_pill(sheet.definition, way), left + PILL / 2, middle, f"ending {sheet.tone(way.target)}")


def _annotations(sheet: Sheet) -> Iterator[SafeString]:
    """Every act on a line of its own beside the stage it is done in, and where it leads."""
    for one in sheet.placed:
        top = one.top + (one.height - ACT_LINE * len(one.told)) / 2
        for number, told in enumerate(one.told):
            yield from _annotation(sheet, told, top + ACT_LINE * (number + 0.5), of=one.row.stage)


def _annotation(sheet: Sheet, told: Told, middle: float, *, of: str) -> Iterator[SafeString]:
    start, column = sheet.right + BRIDGE, sheet.right + BRIDGE + ACTS_WIDE
    first = sheet.right if of else sheet.left + BOX / 2 + DOT
    yield format_html('<path class="tick" d="M{} {}H{}"/>', first, middle, start - 4)
    kind = "act" if told.target else "act stays"
    yield _text(_one_line(naming.act(sheet.definition, told.act), ACTS_WIDE - 16), start, middle, kind)
    if told.target:
        words = _one_line(naming.stage(sheet.definition, told.target), TARGET_WIDE - 30)
        mark = '<circle class="mark {}" cx="{}" cy="{}" r="4"/>'
        yield format_html(mark, "end" if told.end else "", column + 4, middle)
        yield _text(words, column + 16, middle, f"target {sheet.tone(told.target)}")


def _one_line(words: str, width: float) -> TextLines:
    lines: Sequence[str] = lettering(words, width=width)
    return (lines[0] if len(lines) == 1 else f"{lines[0].rstrip()}…",)
