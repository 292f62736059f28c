"""A petition and a penalty walked in a real browser by the people of the cast, each at their own, desk or phone.

Everything happens today, so the ways are those that need no waiting: a settled petition, a penalty whose party waives.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.sessions import AXE, DESK_SIZE, PHONE_SIZE, at, serious
from tests.whole_machine import Machine

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.demo import cast

pytestmark = [pytest.mark.browser, pytest.mark.engines]

PDF = b"%PDF-1.7\n" + b"0" * 200


def today() -> str:
    return times.now().astimezone(BEIJING).date().isoformat()


@dataclass(frozen=True, kw_only=True)
class Act:
    """One act of somebody: what is typed, ticked and brought; the stage that the page then shows."""

    who: cast.Person
    name: str
    stage: str
    facts: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, Sequence[str]] = field(default_factory=dict)
    present: Sequence[str] = ()
    papers: Sequence[str] = ()
    phone: bool = False


def petition() -> list[Act]:
    return [
        Act(
            who=cast.DESK,
            name="receive",
            stage="已登记，待受理审查",
            facts={"petitioner": "刘某某", "received_on": today(), "claim": "反映夜间施工噪声扰民", "class": "claim"},
        ),
        Act(who=cast.DESK, name="accept", stage="已受理", people={"handler": ["officer"]}),
        Act(
            who=cast.OFFICER,
            name="settle",
            stage="调解、和解成功",
            facts={"facts_found": "双方同意夜间停工"},
            papers=["agreement"],
            phone=True,
        ),
    ]


def penalty() -> list[Act]:
    officer, partner = cast.OFFICER, cast.PARTNER
    both = [officer.username, partner.username]
    return [
        Act(
            who=officer,
            name="discover",
            stage="线索",
            facts={
                "party": "虚构电镀厂",
                "party_kind": "entity",
                "violation": "涉嫌超标排放水污染物",
                "act_ended": today(),
                "harm": "none",
            },
        ),
        Act(
            who=cast.LEADER,
            name="file",
            stage="调查取证",
            facts={"four_conditions": "yes"},
            people={"investigator": both},
        ),
        Act(
            who=officer,
            name="inspect",
            stage="调查取证",
            facts={"evidence": "现场照片\n采样记录"},
            present=[partner.username],
            phone=True,
        ),
        Act(
            who=officer,
            name="report",
            stage="调查终结待审查",
            facts={
                "broken_law": "生态环境法典 1107",
                "penalty_law": "生态环境法典 1107",
                "factors": "超标倍数一至三倍\n初次违法",
            },
            people={"reviewer": [cast.REVIEWER.username]},
        ),
        Act(
            who=cast.REVIEWER,
            name="review_pass",
            stage="审查通过待告知",
            facts={
                "difficult": "no",
                "public_interest": "no",
                "proposed_fine": "60000",
                "proposed_confiscation": "0",
                "other_penalty": "none",
            },
        ),
        Act(
            who=officer,
            name="notify",
            stage="已事先告知",
            facts={
                "proposed_fine": "60000",
                "notice_received": today(),
                "hearing_offered": "yes",
                "service_method": "direct",
            },
            present=[partner.username],
            papers=["notice_receipt"],
        ),
        Act(who=cast.DESK, name="waive", stage="已事先告知", papers=["waiver"]),
        Act(
            who=cast.LEADER,
            name="decide",
            stage="已作出处罚决定",
            facts={"fine": "60,000"},
        ),
        Act(
            who=officer,
            name="serve",
            stage="已送达，待履行",
            facts={"service_method": "direct", "served_on": today()},
            present=[partner.username],
            papers=["service_receipt"],
            phone=True,
        ),
        Act(
            who=cast.CASHIER,
            name="pay",
            stage="已缴清",
            facts={"amount_paid": "60000", "late_days": "0", "surcharge": "0"},
            papers=["payment_proof"],
        ),
        Act(who=cast.DESK, name="publish_paid", stage="已缴清"),
        Act(who=cast.LEADER, name="close", stage="处罚-已履行结案"),
    ]


def fill(page: Page, act: Act) -> None:
    for name, value in act.facts.items():
        control = page.locator(f'[name="fact.{name}"]')
        if control.first.get_attribute("type") == "radio":
            page.locator(f'[name="fact.{name}"][value="{value}"]').check()
        else:
            control.fill(value)
    for role, names in act.people.items():
        for name in names:
            page.locator(f'[name="people.{role}"][value="{name}"]').check()
    for box in page.locator('[name="present"]').all():
        box.set_checked(box.get_attribute("value") in act.present)
    for paper in act.papers:
        file: Any = {"name": f"{paper}.pdf", "mimeType": "application/pdf", "buffer": PDF}
        page.locator(f'[name="paper.{paper}"][data-files]').set_input_files(files=[file])


def walk(browser: Browser, live: Machine, acts: Sequence[Act], *, kind: str, opening: Mapping[str, str]) -> str:
    """Do the acts one after the other, each by their own person; return the address of the matter."""
    root, address = f"http://127.0.0.1:{live.web_port}", ""
    for act in acts:
        with at(browser, live, act.who, PHONE_SIZE if act.phone else DESK_SIZE) as page:
            if not address:
                page.goto(f"{root}/matters/new/{kind}/")
                page.locator('select[name="source"]').select_option(opening["source"])
                if "district" in opening and page.locator('select[name="district"]').count():
                    page.locator('select[name="district"]').select_option(opening["district"])
                if "about" in opening:
                    page.locator('[name="about"]').fill(opening["about"])
            else:
                page.goto(address)
                page.locator(f'a[href$="/act/{act.name}/"]').first.click()
            fill(page, act)
            page.locator("form.asking button.primary").click()
            expect(page.locator(".page-head .badge").first).to_have_text(act.stage)
            address = page.url.split("#")[0].split("?")[0]
    return address


def printed(browser: Browser, live: Machine, who: cast.Person, address: str, title: str) -> None:
    """Download a paper of the file as a person does, and look at its first bytes."""
    with at(browser, live, who, DESK_SIZE) as page:
        page.goto(address)
        page.locator("#papers a", has_text=title).first.click()
        with page.expect_download() as waiting:
            page.locator('a[href$=".pdf"]').first.click()
        assert waiting.value.path().read_bytes()[:5] == b"%PDF-"


def clean(browser: Browser, live: Machine, who: cast.Person, paths: Sequence[str]) -> None:
    if not AXE.exists():
        pytest.fail("axe-core is not installed: python -m qingtian.portals.assets")
    for size in (DESK_SIZE, PHONE_SIZE):
        with at(browser, live, who, size) as page:
            for path in paths:
                page.goto(path if path.startswith("http") else f"http://127.0.0.1:{live.web_port}{path}")
                assert serious(page) == [], path
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= size["width"], (path, wide)


def test_a_petition_is_settled_by_a_desk_and_an_officer_on_a_phone(running_browser: Browser, live: Machine) -> None:
    opening = {"source": "visit", "district": "440306"}
    address = walk(running_browser, live, petition(), kind="petition", opening=opening)
    printed(running_browser, live, cast.DESK, address, "受理告知书")
    # who has no part in it does not even learn that it is there
    with at(running_browser, live, cast.ADMINISTRATOR, DESK_SIZE) as page:
        answer = page.request.get(address)
        assert answer.status == 404
    clean(running_browser, live, cast.DESK, [address, "/kinds/", "/kinds/petition/?stage=accepted"])


def test_a_penalty_goes_from_a_clue_to_the_closing(running_browser: Browser, live: Machine) -> None:
    opening = {"source": "inspection", "about": "E0001"}
    address = walk(running_browser, live, penalty(), kind="penalty", opening=opening)
    printed(running_browser, live, cast.OFFICER, address, "行政处罚决定书")
    with at(running_browser, live, cast.LEADER, DESK_SIZE) as page:
        page.goto(address)
        expect(page.locator("#timeline li")).not_to_have_count(0)
        page.goto(f"http://127.0.0.1:{live.web_port}/kinds/penalty/?stage=performed")
        expect(page.locator(".flow-wide .flow")).to_be_visible()
        expect(page.locator(".flow-narrow")).to_be_hidden()
    clean(running_browser, live, cast.OFFICER, [address, "/kinds/penalty/"])
    proof = live.run("qingtian", "verify", "--json", "--chain", f"matter:{address.rstrip('/').rpartition('/')[2]}")
    assert json.loads(proof.stdout.splitlines()[-1])["holds"] is True, proof.stdout + proof.stderr
