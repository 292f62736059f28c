"""Requests to devices: the catalogue, what each needs, its frame, and what of it may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pytest
from tests import hj212_shared

from qingtian.base.times import BEIJING
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.hj212.messages.catalogue import BODIES, Way
from qingtian.stream.requests import catalogue, frames, parameters, secrets

AT = datetime(2026, 1, 1, 8, 0, tzinfo=BEIJING)
DEVICE = {"qn": "20160801085857223", "mn": "010000A8900016F000169DC0", "pw": "123456", "system": "32"}


def test_every_request_of_the_standard_has_a_name_in_each_of_its_editions() -> None:
    wanted = {(cn, edition) for cn, way, edition in BODIES if way is Way.DOWN and not 9011 <= cn <= 9014}
    assert {(each.cn, edition) for each in catalogue.requests().values() for edition in each.editions} == wanted


def test_what_a_request_needs_is_told() -> None:
    assert parameters.needed(3020, Edition.HJ2017) == ("PolId", "InfoId", "[BeginTime]", "[EndTime]")
    assert parameters.needed(1022, Edition.HJ2005) == ("CODE-LowValue", "CODE-UpValue")
    assert parameters.needed(2012, Edition.HJ2025) == ()


def test_what_a_name_fixes_cannot_be_changed() -> None:
    request = catalogue.named("calibrate-zero")
    items = parameters.items(request, {"PolId": "w01018", "CalibrationType": "1"}, edition=Edition.HJ2025)
    assert items == [{"PolId": "w01018"}, {"CalibrationType": "0"}]


GIVEN = [
    ("set-timeout", {"OverTime": "5", "ReCount": "3"}, "C.1"),
    ("get-time", {"PolId": "w01018"}, "C.2"),
    ("set-time", {"PolId": "w01018", "SystemTime": "20160801085857"}, "C.3"),
    ("get-realtime-interval", {}, "C.5"),
    ("set-realtime-interval", {"RtdInterval": "30"}, "C.6"),
    ("set-minute-interval", {"MinInterval": "10"}, "C.8"),
    ("set-password", {"NewPW": "654321"}, "C.9"),
    ("realtime-on", {}, "C.10"),
    ("state-off", {}, "C.13"),
    ("history-minute", {"BeginTime": "20160801084000", "EndTime": "20160801084000"}, "C.20"),
    ("calibrate", {"PolId": "w01018"}, "C.30"),
    ("retain-sample", {}, "C.34"),
    ("set-sampling-cycle", {"PolId": "w01018", "CstartTime": "000000", "CTime": "2"}, "C.35"),
    ("get-log", {"PolId": "w01018", "BeginTime": "20160801010522", "EndTime": "20160801085857"}, "C.41"),
    ("get-parameter", {"PolId": "w01018", "InfoId": "i13004"}, "C.45"),
    ("set-parameter", {"PolId": "w01018", "InfoId": "i13004", "i13004-Info": "168.0"}, "C.46"),
]


@pytest.mark.parametrize(("name", "given", "table"), GIVEN)
def test_the_frame_is_the_one_that_the_standard_prints(
    name: str, given: Mapping[str, str], table: str, standard_requests: Mapping[str, str]
) -> None:
    request = catalogue.named(name)
    assert request.clause == table
    items = parameters.items(request, given, edition=Edition.HJ2017)
    raw = frames.frame(cn=request.cn, items=items, edition=Edition.HJ2017, at=AT, **DEVICE)
    assert raw[6:-6].decode() == standard_requests[table]


@pytest.fixture(scope="module")
def standard_requests() -> dict[str, str]:
    """The request of each table of annex C: the first segment that asks, of the system 32."""
    found: dict[str, str] = {}
    for row in hj212_shared.lines("hj212_standard_segments.jsonl"):
        for table in row["tables"]:
            if row["version"] == 2017 and row["cn"][0] in "123":
                found.setdefault(table.split()[0], row["segment"])
    return found


def test_the_clock_is_that_of_sending_if_none_is_given() -> None:
    request = catalogue.named("set-time")
    items = parameters.items(request, {}, edition=Edition.HJ2017)
    assert items == []
    raw = frames.frame(cn=1012, items=items, edition=Edition.HJ2017, at=AT, **DEVICE)
    assert b"CP=&&SystemTime=20260101080000&&" in raw


@pytest.mark.parametrize(
    ("name", "given", "edition", "error"),
    [
        ("set-timeout", {"OverTime": "5"}, Edition.HJ2017, parameters.ParameterMissing),
        ("set-timeout", {"OverTime": "five", "ReCount": "3"}, Edition.HJ2017, parameters.ParameterMissing),
        ("set-realtime-interval", {"RtdInterval": "29"}, Edition.HJ2017, parameters.ParameterBeyond),
        ("set-minute-interval", {"MinInterval": "7"}, Edition.HJ2017, parameters.ParameterBeyond),
        ("get-time", {"Pold": "w01018"}, Edition.HJ2017, parameters.ParameterUnknown),
        ("get-time", {"PolId": "w01018;SystemTime=1"}, Edition.HJ2017, parameters.ParameterUnsafe),
        ("get-time", {"PolId": "w01018&&"}, Edition.HJ2017, parameters.ParameterUnsafe),
        ("set-minute-interval", {"MinInterval": "10"}, Edition.HJ2005, parameters.NotInEdition),
        ("standard-check", {"PolId": "w01018"}, Edition.HJ2017, parameters.NotInEdition),
    ],
)
def test_what_a_device_could_not_understand_is_refused(
    name: str, given: Mapping[str, str], edition: Edition, error: type[Exception]
) -> None:
    with pytest.raises(error):
        parameters.items(catalogue.named(name), given, edition=edition)


def test_limits_of_2005_belong_to_their_factors() -> None:
    given = {"011-LowValue": "0", "101-UpValue": "9", "011-UpValue": "100", "101-LowValue": "6"}
    items = parameters.items(catalogue.named("set-limits"), given, edition=Edition.HJ2005)
    assert items == [{"011-LowValue": "0", "011-UpValue": "100"}, {"101-UpValue": "9", "101-LowValue": "6"}]


def test_no_password_is_shown() -> None:
    items = parameters.items(catalogue.named("set-password"), {"NewPW": "654321"}, edition=Edition.HJ2017)
    raw = frames.frame(cn=1072, items=items, edition=Edition.HJ2017, at=AT, **DEVICE)
    shown = secrets.masked(raw)
    assert "654321" not in shown
    assert "123456" not in shown
    assert "PW=******;MN=" in shown
    assert secrets.masked_items(items) == ({"NewPW": "******"},)
    with pytest.raises(parameters.ParameterUnknown) as told:
        parameters.items(catalogue.named("set-password"), {"NewPW": "654321", "X": "1"}, edition=Edition.HJ2017)
    assert "654321" not in told.value.sentence()
