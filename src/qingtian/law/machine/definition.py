"""A kind of matter as it was read: frozen. Its parts name each other; `qingtian check` holds them together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from qingtian.law.clocks import Words
from qingtian.law.machine.conditions import Condition
from qingtian.law.machine.patterns import Pattern

FactType = Literal["text", "date", "datetime", "money", "number", "whole", "choice", "yes_no", "person", "list"]
FACT_TYPES = ("text", "date", "datetime", "money", "number", "whole", "choice", "yes_no", "person", "list")
Move = Literal["start", "stop", "pause", "resume", "extend"]
MOVES: tuple[Move, ...] = ("start", "stop", "pause", "resume", "extend")
GateKind = Literal["officers", "notice", "review", "discussion"]
GATE_KINDS = ("officers", "notice", "review", "discussion")
EffectKind = Literal["publish", "withdraw", "tell", "count", "open"]
EFFECT_KINDS: tuple[EffectKind, ...] = ("publish", "withdraw", "tell", "count", "open")
PAPER_FORMS = ("letter", "table", "record", "receipt", "agreement", "application", "report")
NOTHING, ANY, SAME = "nothing", "any", "same"
"""``from: nothing`` opens a matter, ``from: any`` is every stage that is no end, ``to: same`` stays."""


@dataclass(frozen=True, kw_only=True)
class Law:
    """A law with its articles, and the days it is law for this kind (``end`` exclusive)."""

    text: str
    start: date | None = None
    end: date | None = None

    def in_force(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What an article is cited from: several laws where the law changed."""

    laws: tuple[Law, ...] = ()

    def on(self, day: date) -> str:
        """Return the citation for an act of that day."""
        return "；".join(law.text for law in self.laws if law.in_force(day))


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A figure that each authority may set for itself, with its default and where that comes from.

    ``least``, ``most``: how far the law lets an authority go; None: no bound.
    """

    name: str
    value: Decimal
    unit: str
    source: str
    least: Decimal | None = None
    most: Decimal | None = None
    line: int = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class Archive:
    """How long a file is kept after closing; ``years`` None: for ever 永久."""

    years: int | None
    basis: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Who the kind is: law, validity (``end`` exclusive), who opens it and from what, secrecy, archive, statistics.

    ``group``: where it stands in the catalogue (rules/kind_groups.yaml).
    """

    code: str
    version: int
    words: Words
    group: str
    start: date
    end: date | None
    basis: Basis
    opened_by: tuple[str, ...]
    opened_from: tuple[str, ...]
    secrecy: str
    archive: Archive
    statistics: Mapping[str, Words]
    settings: Mapping[str, Setting]

    def in_force(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, kw_only=True)
class Computed:
    """A computation of `computing.KNOWN`, the facts it is of, in their order, and which ``part`` of what comes out."""

    how: str
    of: tuple[str, ...]
    part: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of rules, and the choice by whose option its rows are taken; empty: all of them."""

    rule: str
    by: str


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing that is known of a matter: its type and unit, who fills it in, who sees it, and why it is asked."""

    name: str
    type: FactType
    unit: str
    options: tuple[str, ...]
    least: Decimal | None
    most: Decimal | None
    when: str
    """``past``: not after the day of the act; ``future``: not before it; ``any``."""
    filled_by: tuple[str, ...]
    seen_by: tuple[str, ...]
    """Roles; empty: everybody who may see the matter."""
    help: Words
    law: str
    proposed: str = ""
    """What a form proposes of a text: the name of the ``enterprise``, the sentence of the ``alert``; empty: nothing."""
    number_of: tuple[str, ...] = ()
    """Papers whose number it is: the act that makes one gives it by itself."""
    computed: Computed | None = None
    """How it follows from other facts; the acts that compute it say so, and nobody types it."""
    table: Table | None = None
    """The rows of a rule that its lines are about; a form asks row by row."""
    chosen_from: tuple[str, ...] = ()
    """Papers of other kinds (``penalty.decision``) whose numbers a form offers; another authority's may be typed."""
    line: int = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a paper's text, in the order of the page (docs/papers.md).

    ``text`` has placeholders; of ``list`` and ``party`` it is a fact. ``rows``: label and text of a table, the label
    empty where the text is a fact; of ``sign`` and ``opinions`` labels alone. ``when``: the condition it stands under.
    """

    kind: str
    text: str
    rows: tuple[tuple[str, str], ...]
    when: str
    line: int = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A document of the file: what it is called, which facts it shows, its volume (main 正卷, side 副卷).

    ``mark`` 文种代字 stands in its number, and gives one to a paper of the side volume; ``pattern``: its number has a
    form of its own; ``form`` is the house form it follows, empty: by its title; ``body`` what it says, empty: what the
    form says; ``template``: the kind's own Word file, empty: the house's.
    """

    name: str
    title: Words
    shows: tuple[str, ...]
    volume: str
    law: str
    mark: str = ""
    pattern: Pattern | None = None
    form: str = ""
    body: tuple[Part, ...] = ()
    template: bytes = field(default=b"", repr=False)
    line: int = field(compare=False)

    @property
    def numbered(self) -> bool:
        return self.volume == "main" or bool(self.mark) or self.pattern is not None


@dataclass(frozen=True, kw_only=True)
class Role:
    """What a person is in a matter. ``office``: office roles that may be it. ``assigned``: only who was named."""

    name: str
    office: tuple[str, ...]
    assigned: bool
    requires: tuple[str, ...]
    """Qualifications: ``enforcement`` 执法证, ``legal`` 法律职业资格."""
    line: int = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class Separation:
    """Roles that one person may not hold together in one matter 职责分离."""

    roles: tuple[str, ...]
    basis: Basis
    line: int = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class Stage:
    name: str
    end: bool
    line: int = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class Guard:
    """A condition with a name; its words say why the act has to wait and what to do."""

    name: str
    when: Condition
    basis: Basis
    line: int = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A step that the law puts before others.

    ``officers``: ``count`` persons of ``role`` are present. The others: one of the acts ``done`` has happened, after
    the last of the acts ``after``. ``notice`` waits besides until the clocks ``waits`` have run out or are stopped.
    ``when`` names the guard that says whether the gate stands at all (its scope); empty: always.
    """

    name: str
    kind: GateKind
    basis: Basis
    role: str
    count: int
    done: tuple[str, ...]
    after: tuple[str, ...]
    waits: tuple[str, ...]
    when: str
    line: int = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class ClockMove:
    """What an act does to a clock. ``since``: the fact with the day or moment it starts from (else the act's).

    ``count``: the fact with the length of an extension. ``reason``: why it is paused. ``runs_out``: nobody stops it.
    """

    move: Move
    clock: str
    variant: str
    since: str
    count: str
    reason: str
    when: str
    runs_out: bool
    line: int = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class EffectRule:
    """What follows outside: publish or withdraw a paper, tell a role, count a statistic, open another kind."""

    kind: EffectKind
    name: str
    when: str
    """The guard that has to hold for it; empty: always."""
    line: int = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class Act:
    """A transition 行为: from which stages to which, who may do it, what it asks, makes and sets going."""

    name: str
    sources: tuple[str, ...]
    target: str
    by: tuple[str, ...]
    basis: Basis
    asks: tuple[str, ...]
    may: tuple[str, ...]
    needs: tuple[str, ...]
    computes: tuple[str, ...]
    makes: tuple[str, ...]
    brings: tuple[str, ...]
    may_bring: tuple[str, ...]
    needs_papers: tuple[str, ...]
    assigns: tuple[str, ...]
    guards: tuple[str, ...]
    gates: tuple[str, ...]
    clocks: tuple[ClockMove, ...]
    effects: tuple[EffectRule, ...]
    line: int = field(compare=False)

    @property
    def opens(self) -> bool:
        return self.sources == (NOTHING,)

    @property
    def takes(self) -> tuple[str, ...]:
        return self.asks + self.may


TAKEN_OVER = "taken-over"
"""What stands in a history in place of an act where a matter was taken over; no act of a kind is so named."""
HOUSE_WORDS: Mapping[tuple[str, str], Words] = {("acts", TAKEN_OVER): Words(zh="存量录入", en="Taken over")}
"""Words for what no kind brings words for."""


@dataclass(frozen=True, kw_only=True)
class WordBook:
    """All words of a kind: section → name → words; of choices the name is ``fact.option``."""

    sections: Mapping[str, Mapping[str, Words]]

    def of(self, section: str, name: str) -> Words:
        own = self.sections.get(section, {}).get(name)
        return own or HOUSE_WORDS.get((section, name)) or Words(zh=name, en=name)


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A kind of matter in one version."""

    folder: str
    manifest: Manifest
    facts: Mapping[str, Fact]
    papers: Mapping[str, Paper]
    roles: Mapping[str, Role]
    separations: tuple[Separation, ...]
    stages: Mapping[str, Stage]
    guards: Mapping[str, Guard]
    gates: Mapping[str, Gate]
    acts: Mapping[str, Act]
    words: WordBook

    def stages_of(self, act: Act) -> tuple[str, ...]:
        """Return the stages an act may happen in; none for one that opens the matter."""
        if act.opens:
            return ()
        if act.sources == (ANY,):
            return tuple(stage.name for stage in self.stages.values() if not stage.end)
        return act.sources

    def target_of(self, act: Act, *, stage: str) -> str:
        return stage if act.target == SAME else act.target

    def roles_of(self, act: Act) -> tuple[str, ...]:
        return self.manifest.opened_by if act.opens else act.by

    @property
    def figures(self) -> dict[str, Decimal]:
        """The figure of each setting."""
        return {name: setting.value for name, setting in self.manifest.settings.items()}

    def with_settings(self, figures: Mapping[str, Decimal]) -> Definition:
        """Return the definition with an authority's own figures in place of the defaults; unknown names are ignored."""
        own = {
            name: replace(setting, value=figures.get(name, setting.value))
            for name, setting in self.manifest.settings.items()
        }
        return replace(self, manifest=replace(self.manifest, settings=own))
