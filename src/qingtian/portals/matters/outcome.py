"""What will be so after an act, said before it is done: the stage, papers made, clocks, what follows outside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from qingtian.law.machine.definition import Act, ClockMove, Definition, EffectRule
from qingtian.portals.matters import naming
from qingtian.portals.words import Word

MOVES: dict[str, Word] = {
    "start": _("The clock “%(clock)s” starts."),
    "stop": _("The clock “%(clock)s” stops."),
    "pause": _("The clock “%(clock)s” is paused."),
    "resume": _("The clock “%(clock)s” runs on."),
    "extend": _("The clock “%(clock)s” is extended."),
}
FOLLOWS: dict[str, Word] = {
    "publish": _("“%(what)s” is published."),
    "withdraw": _("“%(what)s” is withdrawn from publication."),
    "tell": _("%(what)s: will be told."),
    "count": _("Counted in the annual report: %(what)s."),
    "open": _("“%(what)s” is offered to those who may open it."),
}


def does(definition: Definition, act: Act, *, stage: str, day: date) -> Iterator[str]:
    """Yield what follows from an act done in ``stage`` (empty: it opens the matter), in sentences."""
    target = definition.target_of(act, stage=stage)
    if target != stage:
        said = {"stage": naming.stage(definition, target)}
        ends = definition.stages[target].end
        yield (say("The matter ends: “%(stage)s”.") if ends else say("The matter goes to “%(stage)s”.")) % said
    for name in act.makes:
        yield say("“%(paper)s” is made, and frozen.") % {"paper": naming.paper(definition, name)}
    yield from (_move(move, day) for move in act.clocks)
    yield from (_follows(definition, rule, day) for rule in act.effects)


def _move(move: ClockMove, day: date) -> str:
    return _if(move.when, str(MOVES[move.move]) % {"clock": naming.clock(move.clock, day=day)})


def _follows(definition: Definition, rule: EffectRule, day: date) -> str:
    what = naming.affected(definition, rule.kind, rule.name, day=day)
    return _if(rule.when, str(FOLLOWS[rule.kind]) % {"what": what})


def _if(when: str, sentence: str) -> str:
    """Mark what happens only in some cases."""
    return say("%(sentence)s (where the case is so)") % {"sentence": sentence} if when else sentence
