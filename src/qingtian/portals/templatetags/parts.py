"""The parts as tags: state badge, clock badge, value with limit, instant. /parts/ shows each of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from qingtian.base import times, units
from qingtian.base.times import BEIJING
from qingtian.office.alerts import api as alerts
from qingtian.office.sites.api import factor
from qingtian.portals import rule_sources, words
from qingtian.portals.citations import cite
from qingtian.portals.words import State

register = template.Library()

UP = State(word=gettext_lazy("up"), tone="normal", shape="normal")
DOWN = State(word=gettext_lazy("down"), tone="breach", shape="breach")
SOON = timedelta(minutes=30)
PLAIN = ("dimensionless", "无量纲")
"""What the table of factors calls pH and the like."""


def language() -> str:
    return get_language() or "zh-hans"


@register.simple_tag
@cache
def icon(name: str, kind: str = "icon") -> SafeString:
    """A drawing of ``icons.svg``; for the eye only, a word stands beside it."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', kind, static("img/icons.svg"), name
    )


@register.simple_tag
def shape(state: State) -> SafeString:
    return format_html('<span class="is-{}">{}</span>', state.tone, icon(state.shape, "shape"))


@register.simple_tag
def badge(state: State) -> SafeString:
    """State badge: shape, word and colour."""
    return _badge(state.tone, state.shape, str(state.word))


@lru_cache(maxsize=1024)
def _badge(tone: str, drawn: str, word: str) -> SafeString:
    return format_html('<span class="badge is-{}">{}{}</span>', tone, icon(drawn, "shape"), word)


@register.simple_tag
def outlet_state(code: str) -> SafeString:
    return badge(words.OUTLET_STATES.get(code, words.OUTLET_STATES["unknown"]))


@register.simple_tag
def severity(number: int, episode: Any = None) -> SafeString:
    """How loud an alert is; with the episode it says below the limit where the value lies below a lower one."""
    return badge(_loudness(number, episode))


def _loudness(number: int, episode: Any) -> State:
    usual = words.SEVERITIES.get(number, words.SEVERITIES[1])
    return words.BELOW.get(number, usual) if episode and is_below(episode.limit or {}, episode.peak) else usual


def is_below(bounds: Mapping[str, Any], value: float | None) -> bool:
    """Say whether a value lies below the lower of these limits."""
    lower = bounds.get("lower")
    return lower is not None and value is not None and value < lower


@register.simple_tag
def severity_shape(number: int, state: str = "open", episode: Any = None) -> SafeString:
    """The shape of an alert in a narrow row: how loud it is, or that it is over; the word is for screen readers."""
    shown = _loudness(number, episode) if state == "open" else words.EPISODE_STATES[state]
    return format_html('{}<span class="visually-hidden">{}</span>', shape(shown), shown.word)


@register.simple_tag
def up(is_up: bool) -> SafeString:
    """Whether an engine answers."""
    return badge(UP if is_up else DOWN)


@register.simple_tag
def cause(code: str) -> str:
    """The words of a cause code."""
    return alerts.causes(at=times.now(), language=language()).get(code, code)


@register.simple_tag
def episode_state(code: str) -> SafeString:
    return badge(words.EPISODE_STATES.get(code, State(word=code)))


@register.simple_tag
def task_state(code: str) -> SafeString:
    return badge(words.TASK_STATES.get(code, State(word=code)))


@register.filter
def number(value: float | str | None, decimals: int | None = None) -> str:
    """A figure as it is read: no needless digits; missing is a dash, zero is zero, and has no sign."""
    # a template gives the empty text for what is not there
    if value is None or value == "":
        return "—"
    figure = float(value) + 0.0
    if decimals is not None:
        return f"{figure:,.{decimals}f}"
    text = f"{figure:,.4g}" if abs(figure) < 10_000 else f"{figure:,.0f}"
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


@register.filter
def unit(text: str) -> str:
    """A unit as it is printed: m3 is m³."""
    return units.printed(_("times") if text == "times" else text)


@register.filter
def printed(text: str) -> str:
    """A limit as the standard prints it, with its sign."""
    found = text.replace("<=", "≤").replace(">=", "≥")
    return unit(found.removesuffix("times")) + _("times") if found.endswith(" times") else unit(found)


@register.simple_tag
def citation(standard: str, source: str, certainty: str = "") -> SafeString:
    """Where a limit is printed, as people cite it; where our rule file has it from stands in the title."""
    doubt = format_html(" · {}", _("from memory, to be checked")) if certainty == "memory" else ""
    cited = cite(standard=standard, source=source)
    return format_html('<span><cite title="{} {}">{}</cite>{}</span>', _("Source:"), source, cited, doubt)


def read_button(notice: int) -> SafeString:
    """Marks a notice as read; sends the form ``read-one`` of its page."""
    return format_html(
        '<button class="button small" form="read-one" name="id" value="{}">{}</button>', notice, _("Mark as read")
    )


@register.simple_tag
def quantity(value: float | None, measured_in: str = "") -> SafeString:
    """A figure with its unit."""
    if value is None:
        return format_html("{}", "—")
    return format_html('<span class="nowrap">{}<span class="unit">{}</span></span>', number(value), unit(measured_in))


@register.filter
def factor_name(code: str) -> str:
    # a suspicion about a clock is about no factor
    return factor(code).name(language()) if code else _("the device as a whole")


@register.filter
def instant(value: datetime | None) -> SafeString | str:
    """A Beijing time, the one way to show one: today by the clock, this year with month and day, else whole.

    All of it, with seconds and zone, on hover and for programs; what is left out (``data-left``) comes back on paper.
    """
    if value is None:
        return "—"
    iso = value.astimezone(BEIJING).isoformat(timespec="milliseconds")
    day, clock = iso[:10], iso[11:19]
    left = _left_out(day)
    shown = f"{day} {clock[:5]}".removeprefix(left)
    return SafeString(
        f'<time datetime="{iso}" title="{day} {clock} {_("Beijing time (UTC+8)")}" data-left="{left}" class="nowrap">'
        f"{shown}</time>"
    )


def clock_words(value: datetime | None) -> str:
    """`instant` as plain text, where no tag can stand: on the map."""
    if value is None:
        return "—"
    told = value.astimezone(BEIJING).isoformat(sep=" ", timespec="minutes")[:16]
    return told.removeprefix(_left_out(told[:10]))


def _left_out(day: str) -> str:
    """What of a day and a time goes without saying today: the day itself, or its year."""
    today = times.now().isoformat()[:10]
    if day == today:
        return f"{day} "
    return day[:5] if day[:4] == today[:4] else ""


@register.filter
def exact(value: datetime | None) -> SafeString | str:
    """A Beijing time with day and seconds, where the second itself is evidence: packets, findings, the ledger."""
    if value is None:
        return "—"
    local = value.astimezone(BEIJING)
    return format_html(
        '<time datetime="{}" title="{}" class="nowrap">{}</time>',
        local.isoformat(),
        _("Beijing time (UTC+8)"),
        local.strftime("%Y-%m-%d %H:%M:%S"),
    )


def span(seconds: float) -> str:
    """A length of time in the largest two units that matter."""
    return _span(int(abs(seconds)) // 60, language())


@lru_cache(maxsize=4096)
def _span(minutes: int, _language: str) -> str:
    """What lists say in row after row."""
    if minutes < 60:
        return ngettext("%(n)d min", "%(n)d min", minutes) % {"n": minutes}
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return _("%(h)d h %(m)d min") % {"h": hours, "m": minutes}
    return _("%(d)d d %(h)d h") % {"d": hours // 24, "h": hours % 24}


@register.filter
def ago(value: datetime | None) -> str:
    """How long ago it was."""
    if value is None:
        return "—"
    seconds = (times.now() - value).total_seconds()
    return _("just now") if seconds < 60 else _("%(span)s ago") % {"span": span(seconds)}


def clock_state(due: datetime, stopped: datetime | None, now: datetime) -> State:
    """What a clock says: stopped in time or late, overdue, soon due, or how much is left."""
    if stopped is not None:
        late = stopped > due
        return (
            State(
                word=_("late by %(span)s") % {"span": span((stopped - due).total_seconds())},
                tone="breach",
                shape="breach",
            )
            if late
            else State(word=_("in time"), tone="normal", shape="done")
        )
    left = (due - now).total_seconds()
    if left < 0:
        return State(word=_("overdue by %(span)s") % {"span": span(left)}, tone="breach", shape="breach")
    word = _("%(span)s left") % {"span": span(left)}
    return State(word=word, tone="attention", shape="attention") if due - now < SOON else State(word=word)


@register.simple_tag
def clock(
    due: datetime, stopped: datetime | None = None, title: str = "", basis: str = "", certainty: str = ""
) -> SafeString:
    """Clock badge: how much time is left; a click says until when, and by what rule."""
    state = clock_state(due, stopped, times.now())
    doubt = _("This rule was written down from memory and is to be checked.") if certainty == "memory" else ""
    return format_html(
        '<details class="clock"><summary><span class="badge is-{}">{}{}{}</span></summary>'
        "<p>{} {}<br>{} {}</p></details>",
        state.tone,
        icon("clock", "shape"),
        format_html("{} ", title) if title else "",
        state.word,
        _("Due at"),
        instant(due),
        rule_sources.said(basis) if basis else "",
        doubt,
    )


@register.simple_tag
def measure(
    value: float | None, limit: Mapping[str, Any] | float | None, measured_in: str, times_over: float | None = None
) -> SafeString:
    """Value with limit: the figure, how far beyond it, and a bar with the upper limit in its middle."""
    if value is None:
        return format_html("{}", "—")
    bounds = limit if isinstance(limit, Mapping) else {"upper": limit}
    lower, upper = bounds.get("lower"), bounds.get("upper")
    over = (upper is not None and value > upper) or (lower is not None and value < lower)
    tone = "breach" if over else "normal"
    bar: Any = ""
    if upper:
        width = min(value / upper / 2, 1.0) * 100
        bar = format_html(
            '<span class="bar is-{}"><svg aria-hidden="true" preserveAspectRatio="none" viewBox="0 0 100 6">'
            '<rect width="{}" height="6" fill="currentColor"/><rect class="limit" x="49.5" width="1" height="6"/>'
            "</svg></span>",
            tone,
            round(width, 1),
        )
    more = (
        format_html(' <strong class="is-breach">{}</strong>', beyond(bounds, value, times_over))
        if times_over is not None and over
        else ""
    )
    return format_html('<span class="measure"><span>{}{}</span>{}</span>', quantity(value, measured_in), more, bar)


def times_word(times_over: float | None) -> str:
    """How far over: 超标 0.22 倍 is (value − limit) ÷ limit."""
    return "" if times_over is None else _("%(times)s× over") % {"times": number(times_over, 2)}


def beyond(bounds: Mapping[str, Any], value: float | None, times_over: float | None) -> str:
    """How far beyond a limit: times over an upper one; beside a lower one (pH, furnace temperature) by how much."""
    lower, upper = bounds.get("lower"), bounds.get("upper")
    measured_in = unit(str(bounds.get("unit") or "")) if bounds.get("unit") not in PLAIN else ""
    if lower is None or value is None:
        return times_word(times_over)
    if is_below(bounds, value):
        return _("%(by)s below the limit") % {"by": f"{number(lower - value)} {measured_in}".strip()}
    if upper is not None and value > upper:
        return _("%(by)s above the limit") % {"by": f"{number(value - upper)} {measured_in}".strip()}
    return ""


@register.filter
def over(episode: Any) -> str:
    """How far an episode went beyond its limit."""
    return beyond(episode.limit or {}, episode.peak, episode.times_over)


@register.filter
def digest(text: str) -> SafeString:
    """A long hex text by its first digits; the whole of it on hover."""
    return format_html('<code class="mono" title="{}">{}…</code>', text, text[:12])


@register.filter
def size(count: float | None) -> str:
    """Bytes as people say them."""
    if count is None:
        return "—"
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return ""


@register.filter
def word_of(code: object, table: str) -> object:
    """The word of a code in one of the tables of `words` (``"ROLES"``, ``"MEDIA"`` …)."""
    return getattr(words, table).get(code, code)


@register.simple_tag
def district_name(district: Any) -> str:
    return str(district.name if language().startswith("zh") else district.name_en)


@register.simple_tag
def authority_name(authority: Any) -> str:
    """The name of an authority in the language of the page."""
    return in_language(authority.zh, authority.en)


@register.simple_tag
def own_name(thing: Any) -> str:
    """The name of an outlet or firm in the language of the page, where it has one."""
    return in_language(thing.name, thing.name_en)


def place_of(outlet: Any, enterprise: Any) -> SafeString:
    """An outlet with its firm below it, as lists name where something is."""
    return format_html('<span>{}<span class="sub">{}</span></span>', own_name(outlet), own_name(enterprise))


def in_language(zh: str, en: str) -> str:
    """The name for the page; who has no English name keeps the Chinese one."""
    return zh if language().startswith("zh") or not en else en


@register.filter
def clock_name(code: str) -> str:
    """The name of a clock of a task."""
    return str(words.CLOCKS.get(code, code))
