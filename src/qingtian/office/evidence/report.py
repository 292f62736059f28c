"""What the report of a package says, as data for ``report.typ``: Chinese, for a reader who has but the paper."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from qingtian.base import times, units
from qingtian.office.alerts.api import EpisodeState, Severity
from qingtian.office.evidence import checks
from qingtian.office.evidence import packets as raw
from qingtian.office.evidence.arithmetic import CONFIRMED, compared
from qingtian.office.evidence.gathering import Material
from qingtian.office.evidence.packets import Packet
from qingtian.office.evidence.vocabulary import (
    ACTS,
    BASES,
    CERTAINTIES,
    EVENTS,
    LEVELS,
    PERIODS,
    SUPPORTS,
    TAKEN_BACK,
    said_of,
)
from qingtian.office.papers import api as papers
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import without_password

ROWS = 60
"""Lines of a long table in the report; the package's files have all of them."""

PRINTED = 3
HEX = 16


def data(
    material: Material,
    arithmetic: Sequence[Mapping[str, Any]],
    *,
    number: str,
    made_at: datetime,
    made_by: str,
    key: Mapping[str, str],
    digests: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Return everything the template prints."""
    return {
        "number": number,
        "made_at": clock(made_at),
        "made_by": made_by,
        "key": dict(key),
        "facts": _facts(material),
        "conclusion": _conclusion(material),
        "events": [_event(event, one) for event, one in zip(material.events, arithmetic, strict=True)],
        "chart": _chart(material, arithmetic),
        "limit": _limit(material),
        "plans": [
            {"number": name, "made_at": clock(datetime.fromisoformat(part["made_at"]))}
            for name, part in material.plans.items()
        ],
        "packets": [_packet(packet, digests) for packet in material.packets[-ROWS:]],
        "packet_count": len(material.packets),
        "cut": material.cut,
        "printed": [_printed(packet) for packet in _named(material)[-PRINTED:]],
        "marks": [_mark(mark) for mark in material.marks["register"]],
        "checks": [checks.line(check, at=clock(check["at"])) for check in material.marks["checks"]],
        "firm": _firm(material),
        "devices": [_device(device) for device in material.registers["devices"]],
        "chains": [
            {"name": name, "entries": [_entry(entry) for entry in entries]} for name, entries in material.chains.items()
        ],
        "rules": [
            {"name": name, "sha256": digests[f"rules/{name}"]["sha256"], "title": _title(text)}
            for name, text in material.rules.items()
        ],
    }


def clock(at: datetime | str | None) -> str:
    """Write an instant in Beijing time, to the second."""
    if not at:
        return "—"
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.astimezone(times.BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def figure(value: float | None, unit: str = "") -> str:
    if value is None:
        return "—"
    return f"{value:.7g}" + (f" {unit}" if unit else "")


def printed(text: str) -> str:
    """Write a limit as people print it: ≤, not <=, and m³, not m3."""
    return units.printed(text.replace("<=", "≤").replace(">=", "≥"))


def _stretch(material: Material) -> str:
    episode = material.episode
    first, last = clock(episode.since), clock(episode.recovered_at or episode.last_at)
    if episode.period == "day" and episode.level in (CONFIRMED, "period"):
        first, last = first[:10], last[:10]
    return first if first == last else f"{first} 至 {last}"


def _unit(material: Material) -> str:
    unit = material.episode.unit or sites.factor(material.episode.factor).unit
    return "" if unit in ("dimensionless", "无量纲") else units.printed(unit)


def _facts(material: Material) -> list[list[str]]:
    episode, unit = material.episode, _unit(material)
    firm = material.registers["enterprise"]
    return [
        ["预警编号", f"{episode.number}（{Severity(episode.severity).label}，{EpisodeState(episode.state).label}）"],
        ["排污单位", firm["name"] + (f"（统一社会信用代码 {firm['uscc']}）" if firm["uscc"] else "")],
        ["排放口", f"{material.registers['outlet']['name']}（{episode.outlet_id}）"],
        ["监测因子", f"{sites.factor(episode.factor).zh}（{episode.factor}）"],
        ["最低值" if _is_below(material) else "最高值", figure(episode.peak, unit)],
        ["限值", _bound(material)],
        ["数据时间", _stretch(material)],
        ["性质", LEVELS.get(episode.level, episode.level)],
    ]


def _is_below(material: Material) -> bool:
    """Say whether the episode went below a lower limit."""
    lower, peak = material.episode.limit.get("lower"), material.episode.peak
    return lower is not None and peak is not None and peak < lower


def _bound(material: Material) -> str:
    limit = material.episode.limit
    if not limit:
        return "无（疑点，不与限值比较）"
    return f"{PERIODS.get(limit['period'], limit['period'])} {printed(limit['printed'])}（{limit['standard']}）"


def _conclusion(material: Material) -> dict[str, str]:
    episode = material.episode
    supports = [event.get("support") for event in material.events if event["event"] != "closed"]
    level = "penalty" if "penalty" in supports else episode.level
    return {"sentence": episode.sentence_zh, "support": TAKEN_BACK if episode.superseded else SUPPORTS[level]}


def _event(event: Mapping[str, Any], made: Mapping[str, Any]) -> dict[str, Any]:
    word = "superseded" if event.get("reason") == "superseded" else event["event"]
    return {
        "title": f"{EVENTS[word]}　{clock(event['data_time'])}",
        "finding": event["finding"],
        "sentence": event["evidence"]["zh"],
        "detector": f"{event['detector']} {event['detector_version']}",
        "plan": str(event["plan"]),
        "steps": [printed(step) for step in made["steps"]["zh"]],
        "found_again": made["found_again"],
        "values": [_value(value) for value in made["values"]],
        "windows": [_window(row) for row in made["windows"][:ROWS]],
        "windows_count": len(made["windows"]),
    }


def _value(value: Mapping[str, Any]) -> list[str]:
    return [
        f"{value['sequence']}-{value['index']}",
        clock(value["data_time"]),
        str(value["qn"]),
        figure(value["value"]),
        str(value["flag"] or "—"),
        figure(value["rounded"]),
        "—" if value["beyond"] is None else "超出" if value["beyond"] else "未超出",
        "相符" if value["holds"] else "不符",
    ]


def _window(row: Mapping[str, Any]) -> list[str]:
    return [
        PERIODS.get(row["period"], row["period"]),
        clock(row["data_time"]),
        figure(row["value"]),
        figure(row["converted"]),
        figure(row["own"]),
        figure(row["reported"]),
        str(row["n"]),
        "有效" if row["valid"] else f"无效 {row['reason']}",
        str(row["excluded"] or "—"),
    ]


def _chart(material: Material, arithmetic: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Draw what the finding rests on: the windows of its period, or the values of its packets."""
    shown = max(zip(material.events, arithmetic, strict=True), key=lambda pair: len(pair[1]["windows"]))
    windows = [row for row in shown[1]["windows"] if row["period"] == "hour" and row["value"] is not None]
    points = _of_windows(windows, shown[0]) if windows else _of_packets(material)
    limit = material.episode.limit or {}
    label = f"{PERIODS.get(limit['period'], '')}限值 {printed(limit['printed'])}" if limit else ""
    lines = [
        papers.Line(value=float(limit[side]), label=label) for side in ("upper", "lower") if limit.get(side) is not None
    ]
    name = sites.factor(material.episode.factor).zh
    kind = "小时值" if windows else PACKET_KINDS.get(material.events[0]["cn"], "监测值")
    return papers.chart(points=points, limits=lines, unit=_unit(material), label=f"{name} {kind}")


PACKET_KINDS = {2011: "实时值", 2051: "分钟均值", 2061: "小时均值", 2031: "日均值"}


def _of_windows(windows: Sequence[Mapping[str, Any]], event: Mapping[str, Any]) -> list[papers.Point]:
    return [
        papers.Point(
            at=datetime.fromisoformat(row["data_time"]),
            value=row["value"],
            marked=bool(event["period"] == "hour" and event.get("limit") and compared(row["value"], event)["beyond"]),
            flag="" if row["valid"] else "×",
        )
        for row in windows
    ]


def _of_packets(material: Material) -> list[papers.Point]:
    event = material.events[0]
    mine = [packet for packet in material.packets if packet.cn == event["cn"] and packet.mn == event["mn"]]
    rows = raw.readings(mine).iter_rows(named=True)
    return [
        papers.Point(
            at=row["data_time"],
            value=row["value"],
            marked=bool(compared(row["value"], event)["beyond"]),
            flag=row["flag"] or "",
        )
        for row in rows
        if row["factor"] == event["factor"] and row["measure"] == event["measure"]
    ]


def _limit(material: Material) -> list[list[str]]:
    limit = material.episode.limit
    if not limit:
        return []
    confirmed = limit.get("confirmed") or {}
    facts = [
        ["标准原文", printed(limit["printed"])],
        ["标准号", limit["standard"]],
        ["时段", PERIODS.get(limit["period"], limit["period"])],
        ["依据", BASES.get(limit.get("basis", ""), "—")],
        ["出处", said_of(limit["source"])],
        ["可信程度", CERTAINTIES.get(limit["certainty"], limit["certainty"])],
        ["限值解释", printed((limit.get("explanation") or {}).get("zh", ""))],
    ]
    if confirmed:
        facts.append(["核对", f"{confirmed.get('by')}，{confirmed.get('at')}，{confirmed.get('document')}"])
    return [fact for fact in facts if fact[1]]


def _named(material: Material) -> list[Packet]:
    places = {(told["sequence"], told["index"]) for event in material.events for told in event["evidence"]["packets"]}
    named = [packet for packet in material.packets if (packet.sequence, packet.index) in places]
    return named or list(material.packets)


def _packet(packet: Packet, digests: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [
        f"{packet.sequence}-{packet.index}",
        times.from_microseconds(packet.received_us).strftime("%m-%d %H:%M:%S.%f")[:-3],
        clock(packet.data_time)[5:],
        str(packet.cn),
        packet.qn,
        str(len(packet.frame)),
        digests[f"{packet.name}.bin"]["sha256"],
    ]


def _printed(packet: Packet) -> dict[str, str]:
    text = without_password(packet.frame).decode("utf-8", "backslashreplace").strip()
    return {"title": f"{packet.name}.bin", "text": text}


def _mark(mark: Mapping[str, Any]) -> list[str]:
    return [
        f"{mark['label']}",
        f"{clock(mark['start'])} 至 {clock(mark['end'])}",
        mark["reason"],
        mark["state"],
        f"{mark['made_by']} {clock(mark['made_at'])}",
    ]


def _firm(material: Material) -> list[list[str]]:
    firm, outlet = material.registers["enterprise"], material.registers["outlet"]
    return [
        ["排污单位", f"{firm['name']}（{firm['code']}）" + ("（演示用虚构单位）" if firm["synthetic"] else "")],
        ["行业", firm["industry"] or "—"],
        ["排放口", f"{outlet['name']}（{outlet['code']}）"],
        ["执行标准", f"{outlet['standard']}　{outlet['source_type']}"],
        ["所在", f"{outlet['district']}　{outlet['grid']}"],
    ]


def _device(device: Mapping[str, Any]) -> list[str]:
    offset = device["clock_offset_s"]
    deviations = "、".join(f"{code} {count} 次" for code, count in device["deviations"].items())
    return [
        device["mn"],
        device["edition"] or "按报文",
        device["address"] or "—",
        "—" if offset is None else f"{offset:+.1f} 秒",
        deviations or "无",
    ]


def _entry(entry: Mapping[str, Any]) -> list[str]:
    act = str(entry["act"])
    return [str(entry["sequence"]), clock(entry["at"]), entry["actor_name"], ACTS.get(act, act), entry["hash"]]


def _title(text: str) -> str:
    lines: Iterator[str] = (line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("title:"))
    return next(lines, "").strip('"')


def as_file(content: Any) -> bytes:
    """Write a file of the package: JSON that people can read."""
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False, default=str).encode()
