"""What a form wishes of a target, checked: each thing that is wrong is said beside its field, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from qingtian.base.errors import QingtianError
from qingtian.office.relays.models import Edition
from qingtian.office.sites.api import Device, factors

CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,253}[A-Za-z0-9])?")
MN_THERE = re.compile(r"[0-9A-Za-z_-]{1,24}")
PW_THERE = re.compile(r"[^\s;,&=]{1,6}")
KEPT = "******"
"""Stands for the password that is there already."""
MOST_ANSWER_S, MOST_RETRIES = 99, 99
"""OverTime and ReCount, HJ 212-2017 table 5."""


class WishRefused(QingtianError):
    code = "relays.refused"
    zh = "转发目标没有保存：有{count}处需要更正，请看各栏下的说明。"
    en = "The target was not saved: {count} things are to be put right; see the words under each field."

    def __init__(self, problems: Mapping[str, QingtianError]) -> None:
        super().__init__(count=len(problems))
        self.problems = dict(problems)


class CodeWrong(QingtianError):
    code = "relays.code_wrong"
    zh = "编号“{given}”不可用。请用 1 到 32 个小写字母、数字或连字符，如 province-1。"
    en = "The code {given!r} cannot be used. Take 1 to 32 lower-case letters, digits or hyphens, such as province-1."


class CodeTaken(QingtianError):
    code = "relays.code_taken"
    zh = "已有编号为“{given}”的转发目标。请换一个编号，或修改原有目标。"
    en = "There is a target {given} already. Take another code, or change that one."


class NameMissing(QingtianError):
    code = "relays.name_missing"
    zh = "请填写目标平台的名称，例如“省监控平台”。"
    en = "Give the platform a name, such as “Province”."


class HostWrong(QingtianError):
    code = "relays.host_wrong"
    zh = "地址“{given}”既不是域名也不是 IP 地址。请填写目标平台给出的地址，不含端口。"
    en = "{given!r} is neither a host name nor an IP address. Give the address the platform named, without the port."


class PortWrong(QingtianError):
    code = "relays.port_wrong"
    zh = "端口“{given}”不是 1 到 65535 之间的数。请填写目标平台给出的端口。"
    en = "The port {given!r} is no number from 1 to 65535. Give the port the platform named."


class EditionWrong(QingtianError):
    code = "relays.edition_wrong"
    zh = "没有“{given}”这一版本。请从列出的版本中选择。"
    en = "There is no edition {given!r}. Choose one of those listed."


class PatienceWrong(QingtianError):
    code = "relays.patience_wrong"
    zh = "“{given}”不是 {least} 到 {most} 之间的数。请更正，或留空按标准执行。"
    en = "{given!r} is no number from {least} to {most}. Put it right, or leave it empty to go by the standard."


class FactorsUnknown(QingtianError):
    code = "relays.factors_unknown"
    zh = "因子表中没有 {given}。请使用 2017 版编码，如 w01018；留空表示全部转发。"
    en = "The factor table has no {given}. Use codes of 2017, such as w01018; leave it empty to pass on all."


class DevicesMissing(QingtianError):
    code = "relays.devices_missing"
    zh = "还没有写明转发哪些设备。请每行写一台：本平台的 MN、目标平台的 MN、目标平台的 PW。"
    en = "No device is named yet. Write one a line: its MN here, its MN there, its PW there."


class DeviceLineWrong(QingtianError):
    code = "relays.device_line_wrong"
    zh = "第{line}行“{given}”不可用：应为本平台 MN、目标 MN（1–24 个字母数字）、目标 PW（1–6 个字符），以空格隔开。"
    en = (
        "Line {line}, {given!r}, cannot be used: it takes the MN here, the MN there (1 to 24 letters and digits) and "
        "the PW there (1 to 6 characters), with blanks between."
    )


class DeviceUnknown(QingtianError):
    code = "relays.device_unknown"
    zh = "第{line}行：设备 {given} 未在本平台登记。请核对 MN，或先登记该设备。"
    en = "Line {line}: device {given} is not registered here. Check the MN, or register the device first."


class DeviceTwice(QingtianError):
    code = "relays.device_twice"
    zh = "第{line}行：{given} 出现了两次。每台设备在一个目标中只有一个 MN，目标的 MN 也不能重复。"
    en = "Line {line}: {given} stands twice. A device has one MN at a target, and no MN there belongs to two devices."


@dataclass(frozen=True, kw_only=True)
class DeviceWish:
    """A device and what it is called there. ``pw`` is never logged."""

    mn: str
    as_mn: str
    pw: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A target as it shall be. ``edition`` empty: as received; ``factors`` None: all."""

    name: str
    host: str
    port: int
    edition: str
    allow_commands: bool
    factors: tuple[str, ...] | None
    answer_s: float | None
    retries: int | None
    devices: tuple[DeviceWish, ...]


def read(form: Mapping[str, str], *, known: Mapping[str, str] | None = None) -> Wish:
    """Read a form: name, host, port, edition, allow_commands, factors, answer_s, retries, devices, all as text.

    ``known``: passwords there are already, by MN, for lines that say `KEPT`.

    :raises WishRefused: with what is wrong, by field.
    """
    problems: dict[str, QingtianError] = {}
    wish = Wish(
        name=_name(form, problems),
        host=_host(form, problems),
        port=_port(form, problems),
        edition=_edition(form, problems),
        allow_commands=form.get("allow_commands") == "1",
        factors=_factors(form, problems),
        answer_s=_number(form, "answer_s", 1, MOST_ANSWER_S, problems),
        retries=_number(form, "retries", 0, MOST_RETRIES, problems),
        devices=_devices(form, known or {}, problems),
    )
    if problems:
        raise WishRefused(problems)
    return wish


def _name(form: Mapping[str, str], problems: dict[str, QingtianError]) -> str:
    name = form.get("name", "").strip()[:96]
    if not name:
        problems["name"] = NameMissing()
    return name


def _host(form: Mapping[str, str], problems: dict[str, QingtianError]) -> str:
    host = form.get("host", "").strip()
    if not HOST.fullmatch(host):
        problems["host"] = HostWrong(given=host)
    return host


def _port(form: Mapping[str, str], problems: dict[str, QingtianError]) -> int:
    text = form.get("port", "").strip()
    port = int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else 0
    if not 1 <= port <= 65535:
        problems["port"] = PortWrong(given=text)
    return port


def _edition(form: Mapping[str, str], problems: dict[str, QingtianError]) -> str:
    edition = form.get("edition", "")
    if edition not in Edition.values:
        problems["edition"] = EditionWrong(given=edition)
    return edition


def _number(
    form: Mapping[str, str], name: str, least: int, most: int, problems: dict[str, QingtianError]
) -> int | None:
    text = form.get(name, "").strip().removesuffix(".0")
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else -1
    if not least <= number <= most:
        problems[name] = PatienceWrong(given=text, least=least, most=most)
    return number


def _factors(form: Mapping[str, str], problems: dict[str, QingtianError]) -> tuple[str, ...] | None:
    codes = tuple(dict.fromkeys(code for code in re.split(r"[\s,，;；、]+", form.get("factors", "")) if code))
    unknown = [code for code in codes if code not in factors()]
    if unknown:
        problems["factors"] = FactorsUnknown(given=", ".join(unknown))
    return codes or None


def _devices(
    form: Mapping[str, str], known: Mapping[str, str], problems: dict[str, QingtianError]
) -> tuple[DeviceWish, ...]:
    lines = [line for line in enumerate(form.get("devices", "").splitlines(), 1) if line[1].strip()]
    if not lines:
        problems["devices"] = DevicesMissing()
        return ()
    found: list[tuple[int, DeviceWish]] = []
    for number, text in lines:
        wish = _device(text, known)
        if wish is None:
            problems["devices"] = DeviceLineWrong(line=number, given=text.strip()[:60])
            return ()
        found.append((number, wish))
    for problem in _device_problems(found):
        problems["devices"] = problem
        break
    return tuple(wish for _, wish in found)


def _device(text: str, known: Mapping[str, str]) -> DeviceWish | None:
    words = text.split()
    if len(words) != 3:
        return None
    mn, as_mn, pw = words
    if pw == KEPT:
        pw = known.get(mn, "")
    fits = MN_THERE.fullmatch(as_mn) and PW_THERE.fullmatch(pw)
    return DeviceWish(mn=mn, as_mn=as_mn, pw=pw) if fits else None


def _device_problems(found: list[tuple[int, DeviceWish]]) -> Iterator[QingtianError]:
    here, there = set[str](), set[str]()
    registered = set(Device.objects.filter(mn__in=[one.mn for _, one in found]).values_list("mn", flat=True))
    for line, one in found:
        if one.mn not in registered:
            yield DeviceUnknown(line=line, given=one.mn)
        if one.mn in here or one.as_mn in there:
            yield DeviceTwice(line=line, given=one.mn if one.mn in here else one.as_mn)
        here.add(one.mn)
        there.add(one.as_mn)
