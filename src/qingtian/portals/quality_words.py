"""What quality control (质控) is called on a page: kinds, regimes, verdicts, states; figures as they are written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from qingtian.base.times import BEIJING
from qingtian.law.quality import kinds, stretches
from qingtian.office.quality.api import Check
from qingtian.office.sites.api import Outlet, factor
from qingtian.portals.templatetags import parts
from qingtian.portals.templatetags.parts import in_language, language
from qingtian.portals.words import State, Word

CHECK_STATES = {
    "standing": State(word=_("It counts"), tone="normal", shape="normal"),
    "to_review": State(word=_("To be reviewed"), tone="attention", shape="attention"),
    "rejected": State(word=_("Rejected"), tone="breach", shape="breach"),
    "superseded": State(word=_("Corrected"), shape="done"),
    "withdrawn": State(word=_("Withdrawn"), shape="done"),
}
VERDICTS = {
    "passed": State(word=_("Passed"), tone="normal", shape="done"),
    "adjust": State(word=_("To be adjusted"), tone="attention", shape="attention"),
    "out_of_control": State(word=_("Failed, out of control"), tone="breach", shape="breach"),
}
DUE_STATES = {
    "kept": State(word=_("In time"), tone="normal", shape="normal"),
    "soon": State(word=_("Due soon"), tone="attention", shape="attention"),
    "adjust": State(word=_("To be adjusted"), tone="attention", shape="attention"),
    "overdue": State(word=_("Past due"), tone="breach", shape="breach"),
    "failed": State(word=_("Failed, out of control"), tone="breach", shape="breach"),
}
LABELS: dict[str, Word] = {
    stretches.FAILED: _("a check failed"),
    stretches.OVERDUE: _("calibration overdue"),
}


def kind(code: str, outlet: Outlet, at: datetime) -> str:
    """Return what a kind of check is called."""
    found = kinds.kind(code, medium=outlet.medium, day=at.astimezone(BEIJING).date())
    return found.name(language()) if found else code


def regime(code: str, *, day: date) -> str:
    """Return what a regime is called; what is not under one says so."""
    found = kinds.regime(code, day=day)
    return found.name(language()) if found else str(_("no longer under quality control"))


def kind_of(row: Check) -> str:
    return kind(row.kind, row.outlet, row.at)


def judged(row: Check) -> str:
    """Return how a check was judged; by whom, if no rule did."""
    if not row.judged:
        return str(_("said by who did it"))
    return in_language(str(row.judged["zh"]), str(row.judged["en"]))


def error(row: Check) -> object:
    """Return the error with its unit, a dash where there is none."""
    if not row.judged or row.judged["figure"] == "each":
        return "—"
    return parts.quantity(round(row.judged["error"], 2), row.judged["unit"])


def pairs(row: Check) -> Sequence[tuple[object, object]]:
    """Return reference and measured values in the unit of the factor."""
    unit = factor(row.factor).unit
    return [(parts.quantity(known, unit), parts.quantity(measured, unit)) for known, measured in row.pairs]
