"""A kind's stages as a diagram, drawn from the data: Mermaid text, for pages and for a terminal that renders it."""

from __future__ import annotations

from qingtian.law.machine import check_graph
from qingtian.law.machine.definition import Definition


def mermaid(definition: Definition, *, language: str = "zh") -> str:
    """Return a Mermaid ``stateDiagram-v2``; acts between the same two stages share an arrow."""
    chinese = language.startswith("zh")

    def said(section: str, name: str) -> str:
        words = definition.words.of(section, name)
        return (words.zh if chinese else words.en).replace(":", "：")

    lines = ["stateDiagram-v2"]
    lines += [f'  state "{said("stages", name)}" as {name}' for name in definition.stages]
    arrows: dict[tuple[str, str], list[str]] = {}
    for source, act, target in check_graph.edges(definition):
        arrows.setdefault((source or "[*]", target), []).append(said("acts", act))
    joined = " / "
    lines += [f"  {source} --> {target}: {joined.join(acts)}" for (source, target), acts in arrows.items()]
    lines += [f"  {stage.name} --> [*]" for stage in definition.stages.values() if stage.end]
    return "\n".join(lines)
