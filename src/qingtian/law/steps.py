"""The sentences by which a due date explains itself, in the order of the counting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from qingtian.law.clocks import Clock, Unit, Words
from qingtian.law.counting import Stretch
from qingtian.law.pauses import Pause
from qingtian.law.terms import Granted, Term

UNITS: dict[Unit, tuple[str, str]] = {
    "working_day": ("个工作日", "working day"),
    "day": ("日", "day"),
    "hour": ("小时", "hour"),
    "month": ("个月", "month"),
    "year": ("年", "year"),
}

SENTENCES = {
    "not_in_force": (
        "注意：该规则施行于{since}至{until}，起算日不在其内；结果仅供对照，不能作为依据。",
        "Mind: this rule is law from {since} to {until}; the start day is outside. The result is for comparison only.",
    ),
    "memory": (
        "注意：该期限的依据尚待核对原文（{confidence}）。",
        "Mind: the basis of this clock has yet to be checked with the text ({confidence}).",
    ),
    "note": ("说明：{words}", "Note: {words}"),
    "term": ("期限为{length}（{basis}）。", "The clock runs {length} ({basis})."),
    "variant": ("适用情形“{words}”：期限为{length}（{basis}）。", "Case “{words}”: the clock runs {length} ({basis})."),
    "extended": ("延长{length}{detail}，合计{total}。", "Extended by {length}{detail}, {total} in all."),
    "start": (
        "起算事件“{event}”的当日不计入，自次日起算（民法典201）。",
        "The day of the start event ({event}) is not counted (Civil Code 201).",
    ),
    "start_back": (
        "自“{event}”向前倒数，当日不计入。",
        "Counted back from: {event}. That day itself is not counted.",
    ),
    "start_hour": (
        "自“{event}”的时刻起算，夜间和节假日连续计算（民法典201）。",
        "Counted from the moment of: {event}; nights and holidays run on (Civil Code 201).",
    ),
    "midnight": (
        "只给出日期，没有给出时刻：按当日零时起算，取最早的到期时刻。",
        "A day without a time was given: counted from its midnight, which gives the earliest moment.",
    ),
    "counted": ("{kind}，计第{numbers}日。", "{kind}: day {numbers}."),
    "rest": ("{kind}，不计。", "{kind}: not counted."),
    "paused": ("期限中止，不计{detail}。", "The clock stands still: not counted{detail}."),
    "idle_pause": (
        "该中止期间不在期限之内，不影响期限{detail}。",
        "This pause lies outside the clock's time and changes nothing{detail}.",
    ),
    "no_ground": (
        "注意：所录规则没有载明可以扣除的时间，请核对中止的依据。",
        "Mind: the rule as recorded names no time that is not counted. Check what the pause stands on.",
    ),
    "months": (
        "数满{length}，至对应日；当月没有对应日的为月末日（民法典202）。",
        "{length} to the corresponding day, or the month's last (Civil Code 202).",
    ),
    "hours": ("数满{length}。", "{length} run."),
    "fixed": ("期限为按日历确定的日期。", "The rule names a fixed day of the calendar."),
    "end": ("期限的最后一日（计算所得）。", "The last day, as counted."),
    "not_rolled": (
        "当日为{kind}，该期限不顺延，以当日为准。",
        "That day is no working day ({kind}); this clock is not rolled forward.",
    ),
    "rolled": (
        "最后一日为{kind}，顺延至下一个工作日（民法典203）。",
        "No working day ({kind}): rolled to the next working day (Civil Code 203).",
    ),
    "rolled_back": (
        "该日为{kind}，提前至上一个工作日。",
        "No working day ({kind}): moved to the working day before it.",
    ),
    "provisional": (
        "暂定：其中有的年份尚无国务院办公厅节假日通知，只按周末计算；通知公布后应当重算。",
        "Provisional: a year concerned has no holiday notice yet, only weekends. Compute again when it is out.",
    ),
    "due": ("{means}。", "{means}."),
}

MEANS = {
    "by": ("最迟于此日完成", "Last day to act"),
    "by_moment": ("最迟于此刻完成", "Last moment to act"),
    "not_before": ("最短期限至此日届满，不得早于此日终结", "The shortest time ends here; nothing may end it earlier"),
    "until": ("至此日届满", "It ends with this day"),
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One sentence of an explanation and the days (or moments) it speaks of, both ends included."""

    first: date | datetime
    last: date | datetime
    zh: str
    en: str

    def as_dict(self) -> dict[str, str]:
        return {"from": self.first.isoformat(), "to": self.last.isoformat(), "zh": self.zh, "en": self.en}


def step(key: str, first: date | datetime, last: date | datetime | None = None, **fields: object) -> Step:
    """Fill a sentence; fields that are `Words` are said in the sentence's own language."""
    zh, en = SENTENCES[key]
    spoken = {
        name: (field.zh, field.en) if isinstance(field, Words) else (field, field) for name, field in fields.items()
    }
    return Step(
        first=first,
        last=first if last is None else last,
        zh=zh.format_map({name: pair[0] for name, pair in spoken.items()}),
        en=_capital(en.format_map({name: pair[1] for name, pair in spoken.items()})),
    )


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def length(count: int, unit: Unit) -> Words:
    """Say a length: 15个工作日, 15 working days."""
    zh, en = UNITS[unit]
    return Words(zh=f"{count}{zh}", en=f"{count} {en}{'' if count == 1 else 's'}")


def means(clock: Clock, due: date | datetime) -> Step:
    zh, en = MEANS["by_moment" if isinstance(due, datetime) else clock.means]
    return step("due", due, means=Words(zh=zh, en=en))


def of_term(term: Term, clock: Clock, day: date | datetime) -> list[Step]:
    """Say the plain length, or the variant's, and then each extension with the sum so far."""
    plain, special = length(term.count, term.unit), term.variant
    steps = [
        step("variant", day, words=special.words, length=plain, basis=special.source)
        if special
        else step("term", day, length=plain, basis=clock.basis)
    ]
    total = term.count
    for granted in term.granted:
        total += granted.count
        steps.append(
            step(
                "extended",
                day,
                length=length(granted.count, term.unit),
                detail=_detail_of_grant(granted),
                total=length(total, term.unit),
            )
        )
    return steps


def _detail_of_grant(granted: Granted) -> Words:
    rule, grant = granted.rule, granted.grant
    parts = [words for words in (rule.when, rule.paper) if words]
    approver = _said(grant.approver) if grant.approver else rule.approver
    if approver:
        parts.append(Words(zh=f"批准：{approver.zh}", en=f"approved by {approver.en}"))
    if grant.paper:
        parts.append(_said(grant.paper))
    return _bracketed(parts)


def of_stretch(stretch: Stretch) -> Step:
    """Say how a run of days was treated."""
    if stretch.pause:
        return step("paused", stretch.first, stretch.last, detail=of_pause(stretch.pause))
    assert stretch.kind is not None, "days that are neither paused nor asked for are said by the caller"
    kind = Words(zh=stretch.kind.zh, en=stretch.kind.en)
    if stretch.numbers is None:
        return step("rest", stretch.first, stretch.last, kind=kind)
    one, other = stretch.numbers
    numbers = str(one) if one == other else f"{one}–{other}"
    return step("counted", stretch.first, stretch.last, kind=kind, numbers=numbers)


def of_pause(pause: Pause) -> Words:
    return _bracketed([_said(said) for said in (pause.reason, pause.paper) if said])


def _said(text: str | Words) -> Words:
    """What is only said in one language is the same in both."""
    return Words(zh=text, en=text) if isinstance(text, str) else text


def _bracketed(parts: list[Words]) -> Words:
    if not parts:
        return Words(zh="", en="")
    zh, en = "；".join(part.zh for part in parts), "; ".join(part.en for part in parts)
    return Words(zh=f"（{zh}）", en=f" ({en})")
