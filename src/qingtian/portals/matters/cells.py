"""What lists of matters show in their cells: name, kind, stage, due date, place; the same in inbox and register."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as say

from qingtian.base.times import BEIJING
from qingtian.office.matters.api import MOST_COUNTED, Matter
from qingtian.portals.matters import clocks, naming
from qingtian.portals.templatetags import parts
from qingtian.portals.templatetags.parts import language


def name(matter: Matter) -> SafeString:
    """Its number, which says the kind, and its title below; what was taken over has its old number there, too."""
    said = title(matter)
    return _above(matter.number, f"{matter.old_number} · {said}" if matter.old_number else said)


def _above(text: str, below: str) -> SafeString:
    """A text with another in small type below it; a badge stays what it is."""
    return SafeString(f'<span>{conditional_escape(text)}<span class="sub">{conditional_escape(below)}</span></span>')


def title(matter: Matter) -> str:
    """Its title; the kind, which number and title say in Chinese, stands before it in another language only."""
    definition = naming.definition_of(matter.code, matter.version)
    if definition is None:
        return matter.title
    words = definition.manifest.words
    rest = matter.title.removeprefix(words.zh).strip()
    if language().startswith("zh"):
        return rest or matter.title
    return " · ".join(part for part in (words.en, rest) if part)


def heading(matter: Matter) -> str:
    """Its whole title on a page of its own, with the kind in the language of the page."""
    return matter.title if language().startswith("zh") else title(matter)


def stage(matter: Matter) -> SafeString:
    return parts.badge(naming.stage_state(matter))


def due(matter: Matter, *, due: datetime | None, at: datetime) -> SafeString | str:
    """How much is left, and of which clock; a due date on a year without notice is marked."""
    if matter.closed or (due is None and matter.next_due is None):
        return "—"
    day = matter.opened_at.astimezone(BEIJING).date()
    clock = naming.clock(matter.next_clock, day=day) if matter.next_clock else ""
    badge = clocks.badge(due, at=at, provisional=matter.provisional)
    return _above(badge, clock)


def place(matter: Matter) -> SafeString | str:
    """The district, and the firm if there is one that the title does not name."""
    district = parts.district_name(matter.district) if matter.district else say("the whole city")
    firm = parts.own_name(matter.enterprise) if matter.enterprise else ""
    if not firm or firm in matter.title:
        return district
    return _above(district, firm)


def pick(matter: Matter) -> str:
    """What stands for a matter among those chosen: its key, and the revision that was seen."""
    return "" if matter.closed or matter.merged_into_id else f"{matter.pk}.{matter.revision}"


def looks(matter: Matter, *, due: datetime | None, at: datetime) -> tuple[Hashable, ...]:
    """Return all that the cells of a matter show, or that decides it; the day, because times are told by it."""
    firm, district = matter.enterprise, matter.district
    return (
        *(matter.pk, matter.number, matter.old_number, matter.title, matter.code, matter.version, matter.stage),
        *(matter.closed, matter.merged_into_id, matter.next_clock, matter.next_due, matter.provisional),
        *(matter.opened_at, matter.changed_at, matter.district_id, matter.enterprise_id),
        *((district.name, district.name_en) if district else ()),
        *((firm.name, firm.name_en) if firm else ()),
        *(at.astimezone(BEIJING).date(), due, str(clocks.due_state(due, at=at).word)),
    )


def at_most(count: int) -> str:
    """A figure that is counted up to a bound only."""
    return f"{count}+" if count >= MOST_COUNTED else str(count)
