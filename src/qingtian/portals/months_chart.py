"""The picture of a year of months, drawn by the server (SVG): bars of emission, their sum against what is permitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WIDTH, HEIGHT = 600.0, 180.0
SLOT = WIDTH / 12
GAP = 8.0


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A month: its place in the picture, its number and its tonnes."""

    x: float
    y: float
    width: float
    height: float
    number: int
    tonnes: float


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Bars of months, the running sum as a line, the height of what is permitted (None: nobody entered it).

    ``top`` is what the upper edge stands for, ``total`` the sum, both in tonnes.
    """

    bars: list[Bar]
    line: str
    permitted: float | None
    top: float
    total: float

    @property
    def months(self) -> list[tuple[int, float | None]]:
        """Every month of the year with its tonnes; None where nothing was counted."""
        known = {bar.number: bar.tonnes for bar in self.bars}
        return [(number, known.get(number)) for number in range(1, 13)]


def picture(tonnes: Mapping[int, float], *, permitted: float | None) -> Picture | None:
    """Return the picture of tonnes by month (1 to 12); None if there are none."""
    if not tonnes:
        return None
    total = sum(tonnes.values())
    top = max(total, permitted or 0.0) * 1.05 or 1.0
    bars, points, summed = [], [], 0.0
    for number in sorted(tonnes):
        height = HEIGHT * tonnes[number] / top
        left = SLOT * (number - 1)
        bar = Bar(
            x=round(left + GAP / 2, 1),
            y=round(HEIGHT - height, 1),
            width=round(SLOT - GAP, 1),
            height=round(height, 1),
            number=number,
            tonnes=tonnes[number],
        )
        bars.append(bar)
        points.append(f"{left + SLOT / 2:.1f},{_y(summed := summed + tonnes[number], top):.1f}")
    return Picture(
        bars=bars,
        line=" ".join(points if len(points) > 1 else points * 2),
        permitted=None if permitted is None else round(_y(permitted, top), 1),
        top=top,
        total=total,
    )


def _y(tonnes: float, top: float) -> float:
    return HEIGHT * (1 - tonnes / top)
