"""Pages of devices: standing, deviations by name, profile as an act; dead letters without passwords, read again."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

import pytest
from tests.integration.wire import frame

from qingtian.base.settings import Settings
from qingtian.base.times import BEIJING

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

AT = datetime(2026, 11, 22, 10, 0, tzinfo=BEIJING)


@pytest.fixture
def mn(office: Settings) -> str:
    """A device of the first firm, of which the gateway has told."""
    from qingtian.office.sites import api as sites
    from qingtian.office.sites.models import Device

    found: str = Device.objects.filter(outlet__enterprise="E0001").order_by("mn").values_list("mn", flat=True)[0]
    device = {
        "mn": found,
        "connected": True,
        "address": "192.0.2.7",
        "since": AT.isoformat(),
        "edition": "2017",
        "clock_offset_s": 61.5,
        "deviations": {"checksum_modbus": {"count": 1234, "last": AT.isoformat()}},
        "refused": {"wrong_password": 3},
        "lockouts": 1,
    }
    sites.take_sessions(message={"at": AT.isoformat(), "run": "one", "devices": [device]})
    return found


@pytest.fixture
def as_person(people: dict[str, Any]) -> Any:
    from django.test import Client

    def client(username: str, language: str = "zh-hans") -> Any:
        made = Client()
        people[username].language = language
        people[username].save(update_fields=["language"])
        made.force_login(people[username])
        return made

    return client


@pytest.mark.parametrize(
    ("language", "sentence"), [("zh-hans", "校验码是通常的 Modbus"), ("en", "The checksum is the ordinary Modbus")]
)
def test_a_device_shows_its_standing_and_each_deviation_by_name(
    language: str, sentence: str, as_person: Any, mn: str
) -> None:
    page = as_person("admin", language).get(f"/devices/{mn}/").content.decode()
    assert sentence in page
    assert "1,234" in page or "1 234" in page or "1234" in page
    assert "192.0.2.7" in page
    assert "HJ 212-2017" in page
    assert 'name="reason"' in page


def test_the_list_of_devices_is_a_page_json_and_csv_with_filters(as_person: Any, mn: str) -> None:
    client = as_person("desk")
    rows = client.get("/devices/?state=connected&format=json").json()["rows"]
    assert [row["mn"] for row in rows] == [mn]
    assert rows[0]["deviations"] == "checksum_modbus:1234"
    assert rows[0]["refused"] == "wrong_password:3"
    assert mn in client.get("/devices/?deviation=checksum_modbus&format=csv").content.decode()
    assert client.get("/devices/?deviation=gbk_text&format=json").json()["rows"] == []
    assert client.get(f"/devices/?q={mn}").status_code == 200


def test_an_outlet_tells_of_its_devices(as_person: Any, mn: str) -> None:
    from qingtian.office.sites.models import Device

    outlet = Device.objects.get(pk=mn).outlet_id
    page = as_person("firm").get(f"/outlets/{outlet}/").content.decode()
    assert "校验码是通常的 Modbus" in page
    assert f"/devices/{mn}/" in page
    (session,) = as_person("firm").get(f"/outlets/{outlet}/?format=json").json()["sessions"]
    assert (session["mn"], session["state"], session["deviations"]) == (mn, "connected", "checksum_modbus:1234")


def test_nobody_sees_the_device_of_another_firm(as_person: Any, mn: str) -> None:
    assert as_person("firm").get(f"/devices/{mn}/").status_code == 200
    assert as_person("firm2").get(f"/devices/{mn}/").status_code == 404
    assert 'name="reason"' not in as_person("firm").get(f"/devices/{mn}/").content.decode()


def test_the_administrator_sets_a_profile_with_a_reason(as_person: Any, mn: str) -> None:
    from qingtian.office.sites.models import Device

    form = {"d-checksum_modbus": "refuse", "d-spaces": "accept", "edition": "2005", "login": "lenient", "key": ""}
    client = as_person("admin")
    assert client.post(f"/devices/{mn}/profile/", form).status_code == 422
    assert client.post(f"/devices/{mn}/profile/", form | {"reason": "厂家说明"}).status_code == 302
    device = Device.objects.get(pk=mn)
    assert (device.profile, device.edition, device.login) == ({"checksum_modbus": "refuse"}, "2005", "lenient")
    assert as_person("desk").post(f"/devices/{mn}/profile/", form | {"reason": "x"}).status_code == 403


@pytest.fixture
def letter(mn: str) -> str:
    from qingtian.office.sites.api import take_dead_letter

    raw = frame(qn="20261122100000001", mn=mn)
    message = {"id": "a" * 32, "reason": "wrong_password", "received": AT.isoformat(), "received_us": 0}
    more = {"address": "192.0.2.9", "mn": mn, "detail": "PW is not the one of plan 3", "deviations": ["pw_wrong"]}
    take_dead_letter(letter=message | more | {"raw": base64.b64encode(raw).decode()})
    return mn


@pytest.mark.parametrize("form", ["html", "json", "csv"])
def test_passwords_in_dead_letters_are_for_the_administrator_alone(form: str, as_person: Any, letter: str) -> None:
    bare, coded = b"PW=123456", b"PW=123456".hex().encode()
    seen = as_person("desk").get(f"/deadletters/?format={form}").content
    assert bare not in seen
    assert coded not in seen
    assert b"pw_wrong" in seen or "登记的不同" in seen.decode()
    everything = as_person("admin").get(f"/deadletters/?format={form}").content
    assert bare in everything or coded in everything


def test_the_administrator_has_letters_read_again(as_person: Any, letter: str) -> None:
    from qingtian.office.sites.models import Replay

    page = as_person("admin").get("/deadletters/?reason=wrong_password").content.decode()
    assert 'action="/deadletters/replay/"' in page
    assert 'action="/deadletters/replay/"' not in as_person("desk").get("/deadletters/").content.decode()
    wish = {"reason": "wrong_password", "mn": letter, "why": "密码已更正"}
    assert as_person("desk").post("/deadletters/replay/", wish).status_code == 403
    assert as_person("admin").post("/deadletters/replay/", wish | {"why": ""}).status_code == 422
    assert as_person("admin").post("/deadletters/replay/", wish).status_code == 302
    assert list(Replay.objects.values_list("reason", "mn", "why")) == [("wrong_password", letter, "密码已更正")]
    assert "密码已更正" in as_person("admin").get("/deadletters/").content.decode()
