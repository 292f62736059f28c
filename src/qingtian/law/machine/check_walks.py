"""The walks beside a kind: they hold, end at an end, and together do every act from every stage and reach every end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qingtian.base.errors import QingtianError, Term
from qingtian.law.calendar import Calendar
from qingtian.law.machine import walks
from qingtian.law.machine.definition import ANY, NOTHING, Definition
from qingtian.law.machine.problems import Problem
from qingtian.law.machine.walks import Walk, Walked

SORTS = ("plain", "longest", "stopped")
Steps = set[tuple[str, str]]


def problems(
    definition: Definition, told: Sequence[Walk], noted: list[Problem], *, calendar: Calendar
) -> list[Problem]:
    """Return what is wrong with the walks; shapes that reading notes while they run go to ``noted`` itself."""
    found: list[Problem] = list(_sorts(definition, told))
    done: Steps = set()
    ends: set[str] = set()
    for walk in told:
        found += _settings(definition, walk)
        steps = list(walks.run(walk, definition, calendar=calendar))
        found += _broken(walk, steps)
        done |= {(step.source, step.act) for step in steps if step.outcome}
        ends |= {step.outcome.state.stage for step in steps if step.outcome and step.outcome.state.closed}
    # a walk that broke off says nothing about what it would have reached
    broken = any(problem.code in ("walk_fails", "walk_open_end") for problem in found)
    return found if broken else [*found, *_uncovered(definition, done, ends)]


def _sorts(definition: Definition, told: Sequence[Walk]) -> Iterator[Problem]:
    missing = [sort for sort in SORTS if sort not in {walk.sort for walk in told}]
    if missing:
        fields = {"count": len(told), "missing": ", ".join(missing)}
        yield Problem(file=f"{definition.folder}/walks", line=1, code="too_few_walks", fields=fields)


def _settings(definition: Definition, walk: Walk) -> Iterator[Problem]:
    """A figure that the kind has not, stated by a walk, would be believed and do nothing."""
    known = definition.manifest.settings
    for name in walk.settings:
        if name not in known:
            fields = {"setting": name, "known": ", ".join(known) or "-"}
            line = walk.place.at("settings").at(name).line
            yield Problem(file=walk.name, line=line, code="walk_setting_unknown", fields=fields)


def _broken(walk: Walk, steps: Sequence[Walked]) -> Iterator[Problem]:
    for step in steps:
        if step.refusal:
            fields = {"number": step.number, "act": step.act, "why": _said(step.refusal), "refusal": step.refusal.code}
            yield Problem(file=walk.name, line=step.place.line, code="walk_fails", fields=fields)
            return
    last = next((step for step in reversed(steps) if step.outcome), None)
    if last and last.outcome and not last.outcome.state.closed:
        fields = {"stage": last.outcome.state.stage}
        yield Problem(file=walk.name, line=last.place.line, code="walk_open_end", fields=fields)


def _said(error: QingtianError) -> Term:
    return Term(zh=error.sentence("zh"), en=error.sentence("en"))


def _uncovered(definition: Definition, done: Steps, ends: set[str]) -> Iterator[Problem]:
    """An act that is possible in any stage needs one walk, not one for each stage."""
    file = f"{definition.folder}/machine.yaml"
    done |= {(ANY, act) for _, act in done}
    for act in definition.acts.values():
        stages = (ANY,) if act.sources == (ANY,) else definition.stages_of(act) or ("",)
        for source in stages:
            if (source, act.name) not in done:
                fields = {"act": act.name, "stage": source or NOTHING}
                yield Problem(file=file, line=act.line, code="act_not_walked", fields=fields)
    for stage in definition.stages.values():
        if stage.end and stage.name not in ends:
            yield Problem(file=file, line=stage.line, code="end_not_walked", fields={"stage": stage.name})
