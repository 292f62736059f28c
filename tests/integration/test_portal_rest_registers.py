"""Marks and checks of quality control for programs: what the owner of the token may see and enter, each once."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from tests.integration.test_portal_rest import ask, token
from tests.office_world import MONDAY, OTHER_OUTLET, OUTLET

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

ALL = ("marks:read", "marks:act", "quality:read", "quality:act")
PNG = b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8ffff3f0005fe02fe"
        "0def46b80000000049454e44ae426082"
    )
).decode()
CHECK = {
    "outlet": OUTLET, "factor": "w01018", "kind": "standard_check", "at": "2026-11-20T08:00:00+08:00",
    "technician": "陈工", "pairs": [[50, 52]],
}  # fmt: skip
MARK = {
    "outlet": OUTLET, "kind": "device", "label": "维护", "start": "2026-11-20T08:00:00+08:00",
    "end": "2026-11-20T10:00:00+08:00", "reason": "更换泵管", "factors": ["w01018"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def on_monday(monkeypatch: pytest.MonkeyPatch, office: Any) -> None:
    from qingtian.portals import rest_registers

    moments = count()
    monkeypatch.setattr(rest_registers.times, "now", lambda: MONDAY + timedelta(milliseconds=next(moments)))


def test_a_check_is_entered_judged_and_read_again(people: dict[str, Any]) -> None:
    firm = token(people["firm"], *ALL)
    made = ask(firm, "quality/checks", CHECK | {"files": [{"name": "记录.png", "content": PNG}]})
    assert made.status_code == 201, made.content
    row = made.json()
    assert (row["verdict"], row["judged"]["error"], row["made_by"]) == ("passed", 4.0, people["firm"].name)
    assert [file["name"] for file in row["files"]] == ["记录.png"]
    assert ask(firm, f"quality/checks/{row['id']}").json() == row
    assert ask(firm, "quality/checks?state=live&verdict=passed").json() == [row]
    assert ask(firm, f"quality/checks?before={row['id']}").json() == []
    said = ask(firm, "quality/checks", CHECK | {"pairs": [], "verdict": "out_of_control"}).json()
    assert (said["judged"], said["state"]) == (None, "standing")


def test_a_mark_is_filed_and_read_again(people: dict[str, Any]) -> None:
    firm = token(people["firm"], *ALL)
    made = ask(firm, "marks", MARK)
    assert made.status_code == 201, made.content
    row = made.json()
    assert (row["label"], row["factors"], row["made_by"]) == ("维护", ["w01018"], people["firm"].name)
    assert ask(firm, f"marks/{row['id']}").json() == row
    assert ask(firm, f"marks?outlet={OUTLET}&kind=device&state={row['state']}").json() == [row]
    assert ask(firm, "marks?kind=condition").json() == []


def test_the_same_sent_twice_is_entered_once(people: dict[str, Any]) -> None:
    from qingtian.office.ledger.models import Entry

    firm = token(people["firm"], *ALL)
    first = [ask(firm, address, body).json() for address, body in (("marks", MARK), ("quality/checks", CHECK))]
    entries = Entry.objects.count()
    again = [ask(firm, address, body) for address, body in (("marks", MARK), ("quality/checks", CHECK))]
    assert [answer.status_code for answer in again] == [200, 200]
    assert [answer.json() for answer in again] == first
    assert Entry.objects.count() == entries
    # another figure is another check
    assert ask(firm, "quality/checks", CHECK | {"pairs": [[50, 53]]}).status_code == 201


def test_nobody_reads_or_enters_what_is_not_theirs(people: dict[str, Any]) -> None:
    firm = token(people["firm"], *ALL)
    mark, check = ask(firm, "marks", MARK).json()["id"], ask(firm, "quality/checks", CHECK).json()["id"]
    for username in ("firm2", "officer2"):
        other = token(people[username], *ALL)
        assert ask(other, "marks").json() == ask(other, "quality/checks").json() == []
        for answer in (ask(other, f"marks/{mark}"), ask(other, f"quality/checks/{check}")):
            assert (answer.status_code, answer.json()["code"]) == (404, "sites.not_found_here")
        for answer in (ask(other, "marks", MARK), ask(other, "quality/checks", CHECK)):
            assert (answer.status_code, answer.json()["code"]) == (404, "sites.not_found_here")
    for answer in (
        ask(firm, "marks", MARK | {"outlet": OTHER_OUTLET}),
        ask(firm, "quality/checks", CHECK | {"outlet": OTHER_OUTLET}),
    ):
        assert answer.status_code == 404
    grid = token(people["grid"], *ALL)
    for answer in (ask(grid, "marks", MARK), ask(grid, "quality/checks", CHECK)):
        assert (answer.status_code, answer.json()["code"]) == (403, "people.not_yours")
    reading = token(people["firm"], "marks:read", "quality:read")
    for answer in (ask(reading, "marks", MARK), ask(reading, "quality/checks", CHECK)):
        assert (answer.status_code, answer.json()["code"]) == (403, "web.scope_missing")
    acting = token(people["firm"], "marks:act", "quality:act")
    assert {ask(acting, address).status_code for address in ("marks", "quality/checks")} == {403}


@pytest.mark.parametrize(
    ("address", "body", "code"),
    [
        ("marks", MARK | {"start": "2026-11-20T08:00:00"}, "web.request_unreadable"),
        ("marks", MARK | {"label": "随意"}, "marks.no_such_label"),
        ("marks", MARK | {"end": MARK["start"]}, "marks.refused"),
        ("marks", MARK | {"factors": ["w" * 17]}, "marks.refused"),
        ("marks", MARK | {"mn": "F" * 24}, "marks.refused"),
        ("quality/checks", CHECK | {"at": "2027-01-01T00:00:00+08:00"}, "quality.refused"),
        ("quality/checks", CHECK | {"pairs": [[50]]}, "web.request_unreadable"),
        ("quality/checks", CHECK | {"pairs": []}, "quality.not_judged"),
        ("quality/checks", CHECK | {"technician": "陈" * 65}, "quality.refused"),
    ],
)
def test_what_cannot_be_is_refused_in_the_words_of_the_office(
    people: dict[str, Any], address: str, body: dict[str, Any], code: str
) -> None:
    answer = ask(token(people["firm"], *ALL), address, body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert ask(token(people["firm"], *ALL), address).json() == []


def test_a_filter_that_does_not_exist_is_refused(people: dict[str, Any]) -> None:
    firm = token(people["firm"], *ALL)
    for address in ("marks?state=open", "marks?kind=x", "quality/checks?verdict=good", "quality/checks?before=x"):
        assert ask(firm, address).status_code == 422, address
