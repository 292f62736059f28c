"""A fact as a paper tells it: its value in the words of official Chinese, and what a template may ask of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from qingtian.base.times import BEIJING
from qingtian.law.machine.definition import Definition, Fact
from qingtian.law.machine.state import FactValue
from qingtian.law.machine.values import READ
from qingtian.office.papers import numerals

BLANK = "＿＿＿＿＿＿"
"""What a text shows of a fact that is not known: a line to write on."""
UNITS = {"CNY": "元", "day": "日", "hour": "小时", "month": "个月", "year": "年", "s": "秒"}
NOT_IN_XML = {code: None for code in range(32) if code not in (9, 10)} | dict.fromkeys((9, 0xFFFE, 0xFFFF))


@dataclass(frozen=True, kw_only=True, eq=False)
class Told:
    """A fact, or a day, in a paper. As text it is its value, or a line to write on; a list goes line by line.

    ``words``: an amount in capitals; ``formal``: a day in Chinese numerals; ``code``: the option of a choice. It is
    true if it is known, and, of yes or no, yes: zero is not missing. What is not known is neither more nor less.
    """

    name: str
    value: FactValue | None
    text: str = ""
    words: str = ""
    formal: str = ""
    code: str = ""
    lines: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        return self.value is not None

    def __str__(self) -> str:
        return self.text if self.known else BLANK

    def __bool__(self) -> bool:
        return self.value is True if isinstance(self.value, bool) else self.known

    def __iter__(self) -> Iterator[str]:
        return iter(self.lines)

    def __eq__(self, other: object) -> bool:
        return self.value == other or (bool(self.code) and self.code == other)

    def __hash__(self) -> int:
        return hash((self.name, self.text))

    def __gt__(self, other: object) -> bool:
        return self._against(other) > 0

    def __ge__(self, other: object) -> bool:
        return self._known_number() and self._against(other) >= 0

    def __lt__(self, other: object) -> bool:
        return self._against(other) < 0

    def __le__(self, other: object) -> bool:
        return self._known_number() and self._against(other) <= 0

    def _known_number(self) -> bool:
        return isinstance(self.value, int | Decimal)

    def _against(self, other: object) -> Decimal:
        number = other.value if isinstance(other, Told) else other
        if not isinstance(self.value, int | Decimal) or not isinstance(number, int | float | Decimal):
            return Decimal(0)
        return Decimal(self.value) - Decimal(str(number))


def of_day(on: date | None, *, name: str = "日期") -> Told:
    """Return a day as papers say it."""
    if on is None:
        return Told(name=name, value=None)
    return Told(name=name, value=on, text=numerals.day(on), formal=numerals.formal_day(on))


def of_fact(definition: Definition, name: str, written: object, *, people: Mapping[str, str]) -> Told:
    """Return a fact as the state wrote it (None: not known). ``people``: names by username."""
    fact = definition.facts[name]
    label = definition.words.of("facts", name).zh
    if written is None:
        return Told(name=label, value=None)
    value = READ[fact.type](written)
    if isinstance(value, datetime):
        return _moment(label, value)
    if isinstance(value, date):
        return of_day(value, name=label)
    if isinstance(value, tuple):
        lines = tuple(map(clean, value))
        return Told(name=label, value=value, text="；".join(lines), lines=lines)
    if isinstance(value, str):
        return _said(definition, fact, label, value, people)
    if isinstance(value, bool):
        return Told(name=label, value=value, text="是" if value else "否")
    return _number(fact, label, Decimal(value))


def clean(text: str) -> str:
    """Return a text without what cannot stand in a paper."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(NOT_IN_XML)


def _moment(label: str, at: datetime) -> Told:
    here = at.astimezone(BEIJING)
    text = f"{numerals.day(here.date())}{here.hour}时{here.minute:02d}分"
    return Told(name=label, value=at, text=text, formal=numerals.formal_day(here.date()))


def _said(definition: Definition, fact: Fact, label: str, value: str, people: Mapping[str, str]) -> Told:
    if fact.type == "choice":
        word = definition.words.of("choices", f"{fact.name}.{value}").zh
        return Told(name=label, value=value, text=word, code=value)
    text = clean(people.get(value, value) if fact.type == "person" else value)
    return Told(name=label, value=value, text=text, lines=tuple(text.splitlines()))


def _number(fact: Fact, label: str, value: Decimal) -> Told:
    plain = f"{value:f}"
    if fact.type == "money" and value == int(value):
        plain = f"{int(value)}"
    unit = UNITS.get(fact.unit, fact.unit)
    words = numerals.capitals(value) if fact.type == "money" else ""
    return Told(name=label, value=value, text=f"{plain}{unit}", words=words)
