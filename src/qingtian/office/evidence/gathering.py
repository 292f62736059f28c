"""Gather what a package holds: from the registers as this person may see them, the ledger, the lake, the rule files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from importlib.resources import files
from typing import Any

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.lake.originals import packets_between
from qingtian.lake.reader import Lake
from qingtian.law import rules
from qingtian.office.alerts import api as alerts
from qingtian.office.alerts.api import Episode
from qingtian.office.evidence import arithmetic
from qingtian.office.evidence.arithmetic import CONFIRMED, SUSPICION
from qingtian.office.evidence.checks import checks
from qingtian.office.evidence.packets import Packet, of_row
from qingtian.office.ledger import api as ledger
from qingtian.office.marks import api as marks
from qingtian.office.people.api import User
from qingtian.office.sites import api as sites
from qingtian.office.tasks import api as tasks

MOST = 5000
"""Packets taken for one event; of more, the newest, and the report says so."""

MOST_OF_DAYS = 100_000
"""The same for a confirmed one: all of them, or its windows would not come out again."""

AROUND = timedelta(minutes=30)
WINDOW_DATA = (2051, 2061, 2031)
RULES = ("severity", "episodes", "factor_units_2005")
FOLDERS = ("periods", "quality")


class EvidenceNotReady(QingtianError):
    code = "evidence.not_ready"
    zh = "预警 {number} 所依据的 {missing} 个数据包尚未写入数据湖，证据包未制作。请稍候几秒再试。"
    en = (
        "{missing} packets that alert {number} rests on have not reached the lake yet; no package was made. "
        "Try again in a few seconds."
    )


@dataclass(frozen=True, kw_only=True)
class Material:
    """All that goes into a package. ``plans`` by number; ``marks``: ``standing``, ``register`` and ``checks``."""

    episode: Episode
    events: Sequence[Mapping[str, Any]]
    packets: Sequence[Packet]
    cut: bool
    plans: Mapping[str, Mapping[str, Any]]
    marks: Mapping[str, Any]
    registers: Mapping[str, Any]
    chains: Mapping[str, Sequence[Mapping[str, Any]]]
    rules: Mapping[str, str]


def gather(user: User, *, episode_id: int, lake: Lake) -> Material:
    """Return what is known of an episode in the user's scope.

    :raises NotFoundHere: if there is none.
    :raises EvidenceNotReady: while packets that a finding names are on their way to the lake.
    :raises LakeUnreachable: if the lake does not answer.
    """
    episode = alerts.episode(user, episode_id)
    events = [row.payload for row in sorted(episode.findings.all(), key=lambda row: (row.data_time, row.taken_at))]
    outlet = sites.outlet(user, episode.outlet_id)
    packets, cut = _packets(episode, events, [device.mn for device in outlet.devices.all()], lake)
    numbers = sorted({int(event["plan"]) for event in events})
    start, end = _stretch(events)
    return Material(
        episode=episode,
        events=events,
        packets=packets,
        cut=cut,
        plans={str(number): part for number in numbers if (part := sites.plan_part(number, episode.outlet_id))},
        marks=_marks(user, episode.outlet_id, start, end) | {"checks": checks(user, outlet, start=start, end=end)},
        registers=_registers(user, outlet),
        chains=_chains(episode),
        rules=dict(_rules(events)),
    )


def _packets(
    episode: Episode, events: Sequence[Mapping[str, Any]], mns: Sequence[str], lake: Lake
) -> tuple[list[Packet], bool]:
    """Return the packets that the events rest on, in the order of the log, and whether some were left out."""
    found: dict[tuple[int, int], Packet] = {}
    cut = False
    # several findings of one day rest on the same packets
    for asked in {repr(wanted): wanted for event in events for wanted in [_asked(event, mns)]}.values():
        rows = packets_between(lake, **asked)
        cut |= len(rows) == asked["most"]
        found |= {(packet.sequence, packet.index): packet for packet in map(of_row, rows.iter_rows(named=True))}
    named = {(int(told["sequence"]), int(told["index"])) for event in events for told in event["evidence"]["packets"]}
    looked_up = {place: lake.packet(*place) for place in named - set(found)}
    if missing := [place for place, row in looked_up.items() if row is None]:
        raise EvidenceNotReady(number=episode.number, missing=len(missing))
    found |= {place: of_row(row) for place, row in looked_up.items() if row}
    return [found[place] for place in sorted(found)], cut


def _asked(event: Mapping[str, Any], mns: Sequence[str]) -> dict[str, Any]:
    """Return which packets an event rests on: of its run; of a confirmed one all that its days are made from."""
    if event["level"] in (CONFIRMED, SUSPICION):
        days = arithmetic.days_of(event)
        start = datetime.combine(days[0], time(), tzinfo=times.BEIJING)
        end = datetime.combine(days[-1], time(), tzinfo=times.BEIJING) + timedelta(days=1)
        with_minutes = event["level"] == CONFIRMED or event["period"] == "minute"
        cns, most = (WINDOW_DATA, MOST_OF_DAYS) if with_minutes else (WINDOW_DATA[1:], MOST)
        return {"mns": list(mns), "cns": cns, "start": start, "end": end, "most": most}
    since, until = (datetime.fromisoformat(event[name]) for name in ("since", "data_time"))
    return {"mns": [event["mn"]], "cns": [event["cn"]], "start": since - AROUND, "end": until + AROUND, "most": MOST}


def _stretch(events: Sequence[Mapping[str, Any]]) -> tuple[datetime, datetime]:
    starts = [datetime.fromisoformat(event["since"]) for event in events]
    ends = [datetime.fromisoformat(event.get("end") or event["data_time"]) for event in events]
    return min(starts) - timedelta(days=1), max(ends) + timedelta(days=1)


def _marks(user: User, outlet: str, start: datetime, end: datetime) -> dict[str, Any]:
    rows = [row for row in marks.marks(user, outlet=outlet) if row.start < end and row.end > start]
    names = ("kind", "label", "factors", "mn", "reason", "state", "suspicions")
    return {
        "standing": marks.standing(outlet),
        "register": [
            {
                "id": row.pk,
                **{name: getattr(row, name) for name in names},
                **{name: _local(getattr(row, name)) for name in ("start", "end", "made_at")},
                "made_by": row.made_by.name,
            }
            for row in rows
        ],
    }


def _registers(user: User, outlet: sites.Outlet) -> dict[str, Any]:
    firm = outlet.enterprise
    return {
        "enterprise": {name: getattr(firm, name) for name in ("code", "name", "uscc", "industry", "synthetic")},
        "outlet": {name: getattr(outlet, name) for name in ("code", "name", "medium", "standard", "source_type")}
        | {"district": outlet.district.name, "grid": outlet.grid.name, "operating": outlet.operating},
        "devices": [_device(found) for found in sites.device_standings(user, outlet=outlet.pk)],
    }


def _device(found: sites.DeviceStanding) -> dict[str, Any]:
    device, session = found.device, found.session
    return {
        "mn": device.mn,
        "edition": device.edition or (session.edition if session else ""),
        "profile": device.profile,
        "login": device.login,
        "state": found.state,
        "address": session.address if session else "",
        "since": _local(session.since) if session else None,
        "clock_offset_s": found.clock_offset_s,
        "deviations": {count.code: count.count for count in found.deviations},
        "refused": {count.code: count.count for count in found.refused},
    }


def _local(at: datetime | None) -> str | None:
    return at.astimezone(times.BEIJING).isoformat() if at else None


def _chains(episode: Episode) -> dict[str, list[dict[str, Any]]]:
    task = getattr(episode, "task", None)
    names = [alerts.chain(episode.pk), *([tasks.chain(task.pk)] if task else [])]
    return {name: ledger.records(name) for name in names}


def _rules(events: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield the rule files that judging rests on, by name, as they stand."""
    names = [*RULES, *(name for folder in FOLDERS for name in rules.names(folder))]
    for name in names:
        if text := rules.text(name):
            yield f"{name}.yaml", text
    for code in sorted({str(event["detector"]) for event in events}):
        manifest = files("qingtian.kinds").joinpath("detectors", code, "manifest.yaml")
        if manifest.is_file():
            yield f"detectors/{code}.yaml", manifest.read_text(encoding="utf-8")
