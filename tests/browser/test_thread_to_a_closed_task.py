"""The whole thread in a real browser: packets over TCP, an alert that appears by itself, three people, a closed task.

Engines and processes are the real ones (`qingtian up`). Officer and enterprise work on a phone.
"""

from __future__ import annotations

import json
import socket
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.sessions import AXE, DESK_SIZE, PHONE_SIZE, at, serious
from tests.whole_machine import Machine

from qingtian.base import times
from qingtian.demo import cast, city
from qingtian.stream.hj212.checksum import checksum, printed

pytestmark = [pytest.mark.browser, pytest.mark.engines]

FIRM = city.firms()[0]
LIMIT = 100.0
"""Chemical oxygen demand of firm E0001, mg/L (GB 39731-2020)."""
TRIGGER, RECOVERY = 3, 6
ARRIVES_WITHIN = 180_000
PICTURE = b"\xff\xd8\xff\xe0" + b"\x00" * 200


def frame(value: float, when: datetime) -> bytes:
    stamp = times.stamp(when)
    segment = (
        f"QN={times.stamp_milliseconds(when)};ST=32;CN=2011;PW={city.PASSWORD_OF_DEVICES};MN={FIRM.mn};Flag=5;"
        f"CP=&&DataTime={stamp};w01018-Rtd={value:.1f},w01018-Flag=N&&"
    ).encode()
    return b"##%04d%s%s\r\n" % (len(segment), segment, printed(checksum(segment)))


def send(one: Machine, values: list[float], since: datetime) -> None:
    """Send real packets, one after the other, each answered with 9014 before the next."""
    with socket.create_connection(("127.0.0.1", one.gateway_port), timeout=180) as line:
        line.settimeout(180)
        for place, value in enumerate(values):
            line.sendall(frame(value, since + timedelta(seconds=30 * place)))
            # these packets are ahead of the clock, so the gateway may ask for the time to be set in between
            answers = b""
            while b"CN=9014" not in answers:
                part = line.recv(4096)
                assert part
                answers += part


def the_device_is_known(one: Machine) -> bool:
    """The gateway takes the plan in when it likes; a packet within limits shows that it has."""
    try:
        send(one, [LIMIT / 2], times.now() - timedelta(minutes=20))
    except (AssertionError, OSError):
        return False
    return True


def test_it_walks_a_packet_to_a_closed_task_by_three_people(running_browser: Browser, live: Machine) -> None:
    live.wait(lambda: the_device_is_known(live), 180, "the device is known to the gateway")
    start = times.now() - timedelta(minutes=10)
    with at(running_browser, live, cast.DESK, DESK_SIZE) as desk:
        expect(desk.locator("[data-live='on']").first).to_be_visible()
        expect(desk.locator("#alerts .alert-row")).to_have_count(0)
        send(live, [LIMIT * 1.5] * TRIGGER, start)
        # nobody reloads: the alert arrives by itself
        arrived = desk.locator("#alerts .alert-row")
        expect(arrived).to_have_count(1, timeout=ARRIVES_WITHIN)
        expect(arrived).to_contain_text("化学需氧量")
        arrived.click()
        expect(desk.locator(".packet")).to_have_count(TRIGGER, timeout=ARRIVES_WITHIN)
        expect(desk.locator(".packet .bytes").first).to_contain_text(FIRM.mn)
        desk.get_by_role("button", name="签收").click()
        expect(desk.locator("#timeline")).to_contain_text("值班签收")
        alert = desk.url

    with at(running_browser, live, cast.FIRM, PHONE_SIZE) as firm:
        firm.get_by_role("link", name="确认并说明").click()
        firm.get_by_role("button", name="确认收到").click()
        firm.get_by_label("治理设施故障").check()
        firm.get_by_label("发生了什么，已采取什么措施").fill("曝气风机跳闸，已启用备用风机。")
        firm.get_by_role("button", name="提交说明").click()
        expect(firm.locator("#timeline")).to_contain_text("企业说明")
        expect(firm.locator("#timeline")).not_to_contain_text("派发")

    send(live, [LIMIT * 0.5] * RECOVERY, start + timedelta(minutes=2))

    with at(running_browser, live, cast.OFFICER, PHONE_SIZE) as officer:
        officer.locator(".list tbody a").first.click()
        officer.get_by_role("button", name="接收任务").click()
        officer.get_by_role("button", name="我已到场").click()
        officer.get_by_label("治理设施故障").check()
        officer.get_by_label("现场情况").fill("风机已恢复运行。")
        # the phone rings, the page is lost, the words are not
        officer.reload()
        expect(officer.get_by_label("现场情况")).to_have_value("风机已恢复运行。")
        officer.get_by_label("处置措施或要求").fill("责令当日内完成检修。")
        picture = {"name": "风机.jpg", "mimeType": "image/jpeg", "buffer": PICTURE}
        officer.get_by_label("照片或材料").set_input_files(files=[picture])  # type: ignore[list-item]
        officer.get_by_role("button", name="提交报告").click()
        expect(officer.locator("main")).to_contain_text("第 1 次报告")
        expect(officer.get_by_role("button", name="审核通过")).to_have_count(0)
        task = officer.url

    with at(running_browser, live, cast.REVIEWER, DESK_SIZE) as reviewer:
        reviewer.goto(task)
        reviewer.get_by_label("审核意见").fill("情况清楚，措施得当。")
        reviewer.get_by_role("button", name="审核通过").click()
        reviewer.get_by_label("办结意见").fill("设施恢复，数据达标。")
        reviewer.get_by_role("button", name="办结任务").click()
        expect(reviewer.locator(".page-head .badge").first).to_have_text("已办结")
        expect(reviewer.locator("#timeline .proof")).to_have_count(6)
        reviewer.goto(alert)
        expect(reviewer.locator(".page-head")).to_contain_text("已办结")

    proof = live.run("qingtian", "verify", "--json")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert json.loads(proof.stdout.splitlines()[-1])["holds"] is True


WHOSE_PAGES = {
    cast.DESK: (
        "/desk/",
        "/alerts/",
        "/alerts/1/",
        f"/outlets/{FIRM.outlet_code}/",
        "/enterprises/",
        "/enterprises/E0001/",
        "/inbox/",
        "/matters/",
        "/matters/import/petition/",
    ),
    cast.OFFICER: ("/notices/", "/tasks/", "/tasks/1/"),
    cast.FIRM: ("/enterprise/",),
    cast.ADMINISTRATOR: ("/system/", "/system/days/", "/people/", "/people/1/", "/ledger/", "/parts/"),
}


@pytest.mark.parametrize("who", WHOSE_PAGES, ids=lambda who: who.username)
def test_its_pages_are_clean_to_axe_in_light_and_dark(
    running_browser: Browser, live: Machine, who: cast.Person
) -> None:
    if not AXE.exists():
        pytest.fail("axe-core is not installed: python -m qingtian.portals.assets")
    with at(running_browser, live, who, DESK_SIZE) as page:
        found = {
            (theme, path): wrong
            for theme in ("light", "dark")
            for path in choose(page, theme, WHOSE_PAGES[who])
            if (wrong := look(page, live, path))
        }
    assert found == {}


def choose(page: Page, theme: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Set the theme, then give back the paths to look at in it."""
    page.locator(".menu summary").click()
    page.locator(f".menu button[value={theme}]").click()
    page.wait_for_load_state()
    return paths


def look(page: Page, live: Machine, path: str) -> list[str]:
    page.goto(f"http://127.0.0.1:{live.web_port}{path}")
    page.wait_for_timeout(300)
    return serious(page)
