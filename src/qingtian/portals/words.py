"""What codes are called on a page. The office keeps codes; people read these words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Word = str | Promise


@dataclass(frozen=True, kw_only=True)
class State:
    """A state as it is shown: a word, one of the meanings (``tone``) and a shape of ``icons.svg``."""

    word: Word
    tone: str = "plain"
    shape: str = "plain"


OUTLET_STATES = {
    "normal": State(word=_("Normal"), tone="normal", shape="normal"),
    "attention": State(word=_("Attention"), tone="attention", shape="attention"),
    "breach": State(word=_("Over the limit"), tone="breach", shape="breach"),
    "silent": State(word=_("Silent"), tone="silent", shape="silent"),
    "unknown": State(word=_("Never heard"), tone="silent", shape="silent"),
}

SEVERITIES = {
    1: State(word=_("Attention"), tone="attention", shape="attention"),
    2: State(word=_("Warning"), tone="attention", shape="attention"),
    3: State(word=_("Over the limit"), tone="breach", shape="breach"),
    4: State(word=_("Far over the limit"), tone="breach", shape="breach"),
}

BELOW = {
    3: State(word=_("Below the limit"), tone="breach", shape="breach"),
    4: State(word=_("Far below the limit"), tone="breach", shape="breach"),
}
"""The same where the limit is a lower one (pH, furnace temperature)."""

EPISODE_STATES = {
    "open": State(word=_("Going on"), tone="breach", shape="breach"),
    "recovered": State(word=_("Recovered"), tone="normal", shape="normal"),
    "closed": State(word=_("Closed"), shape="done"),
}

SUPERSEDED = State(word=_("Taken back"), shape="done")
"""How an episode stands of which late data, a mark or a plan left nothing."""

TASK_STATES = {
    "dispatched": State(word=_("Dispatched"), tone="attention", shape="attention"),
    "reassigned": State(word=_("Reassigned"), tone="attention", shape="attention"),
    "accepted": State(word=_("Accepted"), tone="brand"),
    "on_site": State(word=_("On site"), tone="brand", shape="normal"),
    "reported": State(word=_("Reported, to be reviewed"), tone="brand"),
    "returned": State(word=_("Returned"), tone="attention", shape="attention"),
    "reviewed": State(word=_("Reviewed"), tone="normal", shape="done"),
    "closed": State(word=_("Closed"), shape="done"),
    "merged": State(word=_("Merged"), shape="done"),
}

ROLES: dict[str, Word] = {
    "duty_desk": _("Duty desk"),
    "officer": _("Officer"),
    "grid_member": _("Grid member"),
    "reviewer": _("Reviewer"),
    "enterprise": _("Enterprise"),
    "leader": _("Leader"),
    "administrator": _("Administrator"),
}

DAY_KINDS = {
    "full": State(word=_("complete"), tone="normal", shape="normal"),
    "enough": State(word=_("enough for a day's mean"), tone="attention", shape="attention"),
    "short": State(word=_("too few valid hours"), tone="breach", shape="breach"),
    "none": State(word=_("nothing received"), tone="silent", shape="silent"),
    "off": State(word=_("nothing due: stopped or exempt by a mark")),
    "ahead": State(word=_("not judged")),
}
"""What a day of the completeness calendar is."""

CERTAINTIES = {
    "read": State(word=_("read in its source"), tone="normal", shape="done"),
    "memory": State(word=_("from memory, to be checked"), tone="attention", shape="attention"),
    "default": State(word=_("our engineering choice"), tone="brand"),
}
"""How sure we are of a rule."""

SUPPORTS = {
    "penalty": State(word=_("supports a penalty"), tone="normal", shape="done"),
    "warn": State(word=_("warns only, until confirmed"), tone="attention", shape="attention"),
}
"""What a limit can carry."""

BASES: dict[str, Word] = {"standard": _("standard"), "permit": _("permit")}

STEP_WORDS: dict[str, Word] = {"minute": _("minutes"), "hour": _("hours"), "day": _("days")}

RULE_FOLDERS: dict[str, Word] = {
    "": _("Alerts, tasks and devices"),
    "periods": _("How windows are made and judged"),
    "marks": _("Marks"),
    "quality": _("Quality control"),
    "findings": _("Live judging"),
    "suspicions": _("Suspicions"),
    "confirming": _("Confirmation"),
    "hj212": "HJ 212",
    "relay": _("Relay"),
    "clocks": _("Statutory clocks"),
    "case_files": _("Case files"),
    "file_review": _("Review of case files"),
}
"""The folders of rule files."""

SUSPICION_STATES = {
    "open": State(word=_("open"), tone="attention", shape="attention"),
    "tasked": State(word=_("looked into"), tone="brand", shape="normal"),
    "explained": State(word=_("explained"), shape="done"),
}
"""How a suspicion stands."""

EFFECTIVENESS = {
    "met": State(word=_("met"), tone="normal", shape="normal"),
    "below": State(word=_("below the line"), tone="breach", shape="breach"),
    "none": State(word=_("nothing due")),
}

MONTH_STATES = {
    "valid": State(word=_("valid"), tone="normal", shape="normal"),
    "few": State(word=_("too few hours"), tone="attention", shape="attention"),
    "running": State(word=_("going on")),
}

MEDIA: dict[str, Word] = {"water": _("Waste water"), "gas": _("Waste gas")}

LOGINS: dict[str, Word] = {
    "strict": _("a wrong password is refused"),
    "lenient": _("a wrong password is only noted"),
}
"""What becomes of a device's packet with a wrong password."""

BEGIN: Word = _(
    "Grids, enterprises, outlets, devices and people are entered on the machine from workbooks: "
    "`qingtian registers --blank books/` writes the empty ones, `qingtian registers books/` enters them."
)
"""How an office without any registers begins."""

LIMIT_MEDIA: dict[str, Word] = MEDIA | {
    "noise": _("Noise"),
    "air_fence": _("Air at the boundary"),
    "ambient_air": _("Ambient air"),
    "surface_water": _("Surface water"),
}
"""What standards limit, of which outlets emit the first two."""

FACILITY_ROLES: dict[str, Word] = {
    "production": _("production unit"),
    "treatment": _("treatment unit"),
    "pump": _("discharge pump"),
}

RANGE_STATES: dict[str, Word] = {
    "proposed": _("to be confirmed"),
    "standing": _("in force"),
    "refused": _("sent back"),
    "replaced": _("replaced"),
}

PERIODS: dict[str, Word] = {
    "instant": _("instant"),
    "5min": _("five minutes"),
    "hour": _("hour average"),
    "day": _("day average"),
}

LIMIT_PERIODS: dict[str, Word] = PERIODS | {
    "day_period": _("by day"),
    "night_period": _("by night"),
    "sample_mean": _("mean of samples"),
    "year": _("year average"),
    "day_max_8h": _("highest eight hours of the day"),
    "season": _("season average"),
}
"""Times that limits of standards hold for, of which devices report the first."""

LEVELS: dict[str, Word] = {
    "screening": _("Screening: warns early, proves nothing yet"),
    "period": _("Average of the limit's own period"),
    "confirmed": _("Confirmed: a valid window of a closed period"),
    "suspicion": _("Suspicion: to be checked by a person"),
    "quality": _("Quality control overdue or failed"),
    "capture": _("Data captured in a month or quarter"),
}

FLAGS: dict[str, Word] = {
    "N": _("valid"),
    "F": _("stopped"),
    "M": _("maintenance"),
    "S": _("entered by hand"),
    "D": _("fault"),
    "C": _("calibration"),
    "T": _("beyond range"),
    "B": _("no connection"),
}
"""Data flags of HJ 212-2017 table 5."""

WINDOW_REASONS: dict[str, Word] = {
    "missing": _("no data"),
    "flag": _("flagged as not valid"),
    "minutes": _("too few valid minutes"),
    "stopped": _("out of operation"),
    "marked": _("marked as maintenance or fault"),
    "zero_flow": _("nothing flowed"),
    "out_of_control": _("out of control"),
    "hours": _("too few valid hours"),
    "few_converted": _("too few hours could be converted"),
    "exempt": _("exempt by a mark"),
}
"""Why a window does not count (docs/periods.md)."""

DETECTORS: dict[str, Word] = {"exceedance": _("Exceedance")}

FINDING_EVENTS: dict[str, Word] = {
    "opened": _("Opened"),
    "worsened": _("Worsened"),
    "closed": _("Recovered"),
    "superseded": _("Taken back"),
}

REASONS: dict[str, Word] = {
    "bad_checksum": _("Checksum does not fit"),
    "bad_length": _("Length does not fit"),
    "unknown_mn": _("Unknown device (MN)"),
    "oversize": _("Longer than a packet may be"),
    "garbage": _("Not a packet"),
    "broken_segment": _("Part without meaning"),
    "wrong_password": _("Wrong password (PW)"),
    "no_key": _("Enciphered, no key fits"),
    "other_protocol": _("Another protocol"),
    "deviation": _("Refused by the device profile"),
    "not_activated": _("Logger asks to be registered"),
}

COMMANDS: dict[int, Word] = {
    2011: _("real-time"),
    2051: _("minute"),
    2061: _("hour"),
    2031: _("day"),
}
"""Uploads of HJ 212-2017 by command number (CN)."""

ACTS: dict[str, Word] = {
    "log_in": _("Logged in"),
    "register": _("Entered in the register"),
    "change_register": _("Changed in the register"),
    "end_register": _("Ended in the register"),
    "resume_register": _("In use again in the register"),
    "make_administrator": _("Entered as administrator from the terminal"),
    "lock_out": _("Login paused after failed tries"),
    "unlock": _("Unlocked"),
    "give_post": _("Post given"),
    "end_post": _("Post ended"),
    "record_certificate": _("Certificate recorded"),
    "withdraw_certificate": _("Certificate withdrawn"),
    "set_day": _("Day set by hand"),
    "clear_day": _("Day left to the official calendar again"),
    "make_feed": _("Calendar feed made"),
    "end_feed": _("Calendar feed ended"),
    "erase": _("Personal fields erased"),
    "make_token": _("Token made"),
    "revoke_token": _("Token revoked"),
    "set_preferences": _("Changed preferences"),
    "set_quiet_hours": _("Set quiet hours"),
    "add_relay_target": _("Added the platform"),
    "change_relay_target": _("Changed the platform"),
    "pause_relay_target": _("Paused the relay"),
    "resume_relay_target": _("Resumed the relay"),
    "silence": _("Silenced alerts"),
    "lift": _("Lifted a silence"),
    "file_mark": _("Mark filed"),
    "withdraw_mark": _("Mark withdrawn"),
    "review_mark": _("Mark reviewed"),
    "record_check": _("Check entered"),
    "correct_check": _("Check corrected"),
    "withdraw_check": _("Check withdrawn"),
    "review_check": _("Check reviewed"),
    "attach_to_check": _("Files of the check kept"),
    "set_regime": _("Way of quality control set"),
    "episode_opened": _("Alert opened"),
    "episode_reopened": _("Alert opened again"),
    "episode_worsened": _("Alert worsened"),
    "episode_continued": _("Alert continued"),
    "episode_recovered": _("Values recovered"),
    "episode_superseded": _("Taken back: new data, a mark or a plan left nothing of it"),
    "acknowledge": _("Seen by the duty desk"),
    "confirm": _("Confirmed by the enterprise"),
    "explain": _("Explained by the enterprise"),
    "close_episode": _("Alert closed"),
    "make_evidence": _("Evidence package made"),
    "dispatch": _("Dispatched"),
    "accept": _("Accepted"),
    "arrive": _("Arrived on site"),
    "report": _("Reported"),
    "review": _("Review approved"),
    "return": _("Returned"),
    "reassign": _("Reassigned"),
    "merge": _("Merged as a duplicate"),
    "close": _("Closed"),
    "escalate": _("Escalated: a clock ran out"),
    "take_in": _("Took in a duplicate"),
    "worsen": _("The alert worsened"),
    "explain_suspicion": _("Suspicion explained"),
    "look_into": _("Looked into again"),
    "command_device": _("Command given"),
    "command_sent": _("Sent to the device"),
    "command_accepted": _("Accepted by the device"),
    "command_executing": _("The device executes it"),
    "command_done": _("Carried out"),
    "command_refused": _("Refused or failed"),
    "command_timed_out": _("Timed out"),
    "command_expired": _("Expired, never sent"),
    "command_forgotten": _("Ended: no word of it came"),
    "pause_backfill": _("Back-fill paused"),
    "start_backfill": _("Back-fill started"),
    "do_job_again": _("Job put back into the queue"),
}
"""Acts of the ledger."""

NOTICES: dict[str, State] = {
    "marks": State(word=_("Hours of marks run out"), tone="attention", shape="attention"),
    "mark_waits": State(word=_("Mark to be reviewed"), tone="attention", shape="attention"),
    "opened": State(word=_("New alert"), tone="breach", shape="breach"),
    "worsened": State(word=_("Worse"), tone="breach", shape="breach"),
    "recovered": State(word=_("Recovered"), tone="normal", shape="normal"),
    "superseded": SUPERSEDED,
    "task": State(word=_("New task"), tone="attention", shape="attention"),
    "returned": State(word=_("Task returned"), tone="attention", shape="attention"),
    "overdue": State(word=_("Overdue"), tone="breach", shape="clock"),
    "due": State(word=_("Due soon"), tone="attention", shape="clock"),
    "matter": State(word=_("Matter"), tone="brand"),
    "digest": State(word=_("Digest"), tone="brand"),
}
"""Kinds of notices."""

HELD: dict[str, Word] = {
    "silenced": _("Silenced"),
    "grouped": _("Joined to another alert"),
    "quiet": _("Quiet hours"),
    "budget": _("Over the budget of the day"),
}
"""Why a notice was held back."""

CLOCKS: dict[str, Word] = {
    "accept": _("accept"),
    "first_check": _("first check on site"),
    "result": _("report"),
    "review": _("review"),
    "rework": _("rework"),
    "close": _("close"),
    "confirm": _("confirm"),
    "explain": _("explain"),
}

FIELDS: dict[str, Word] = {
    "package": _("package"),
    "manifest_sha256": _("digest of the manifest"),
    "cause": _("cause"),
    "text": _("text"),
    "planned_repair": _("planned repair"),
    "conclusion": _("conclusion"),
    "opinion": _("opinion"),
    "reason": _("reason"),
    "situation": _("situation"),
    "measures": _("measures"),
    "value": _("value"),
    "peak": _("peak"),
    "late": _("late"),
    "handler": _("handler"),
    "post": _("post"),
    "to": _("to"),
    "attempt": _("attempt"),
    "qn_rtn": "QnRtn",
    "exe_rtn": "ExeRtn",
    "parts": _("messages"),
    "job": _("job"),
    "attempts": _("attempts before"),
}
"""What of an entry's content is shown on a timeline; the whole of it stands behind the proof mark."""


def act(code: str) -> Word:
    """Return how an act is called; one without a word shows its own name, never nothing."""
    return ACTS.get(code, code.replace("_", " "))


def detector(code: str) -> Word:
    """Return how a detector is called."""
    return DETECTORS.get(code, code.replace("_", " "))
