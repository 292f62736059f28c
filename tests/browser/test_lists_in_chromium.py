"""Lists under one's hands: they follow what is typed and chosen, keep it in the URL, and can be walked by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.sessions import DESK_SIZE, PHONE_SIZE, at
from tests.whole_machine import Machine

from qingtian.demo import cast

pytestmark = [pytest.mark.browser, pytest.mark.engines]


def test_a_list_follows_what_is_typed_and_is_walked_by_keyboard(running_browser: Browser, live: Machine) -> None:
    base = f"http://127.0.0.1:{live.web_port}"
    with at(running_browser, live, cast.DESK, DESK_SIZE) as page:
        page.goto(f"{base}/outlets/")
        rows = page.locator("#list tbody tr")
        code = rows.first.locator("a").first.get_attribute("href")
        assert code
        wanted = code.strip("/").split("/")[-1]
        page.locator("#q").press_sequentially(wanted)
        expect(page).to_have_url(re.compile(f"q={wanted}"))
        expect(rows).to_have_count(1)
        page.locator("#q").blur()
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{base}{code}")


def test_the_stages_of_a_kind_can_be_chosen_with_the_kind(running_browser: Browser, live: Machine) -> None:
    with at(running_browser, live, cast.DESK, DESK_SIZE) as page:
        page.goto(f"http://127.0.0.1:{live.web_port}/matters/")
        expect(page.locator("#f-stage")).to_have_count(0)
        page.select_option("#f-kind", "petition")
        expect(page.locator("#f-stage")).to_be_visible()
        page.select_option("#f-stage", "accepted")
        expect(page).to_have_url(re.compile("kind=petition.*stage=accepted"))
        # the stage of one kind is none of another
        page.select_option("#f-kind", "penalty")
        expect(page).to_have_url(re.compile(r"\?(?!.*stage=).*kind=penalty"))
        expect(page.locator("#f-stage")).to_have_value("")


def test_on_a_phone_the_filters_fold_until_one_of_them_narrows_the_list(
    running_browser: Browser, live: Machine
) -> None:
    with at(running_browser, live, cast.DESK, PHONE_SIZE) as page:
        page.goto(f"http://127.0.0.1:{live.web_port}/outlets/")
        state = page.locator("#f-state")
        expect(page.locator("#q")).to_be_visible()
        expect(state).to_be_hidden()
        page.locator("[data-fold]").click()
        page.select_option("#f-state", "unknown")
        expect(page).to_have_url(re.compile("state=unknown"))
        page.reload()
        expect(state).to_be_visible()


def test_on_a_phone_a_list_without_heads_is_put_into_another_order(running_browser: Browser, live: Machine) -> None:
    with at(running_browser, live, cast.DESK, PHONE_SIZE) as page:
        page.goto(f"http://127.0.0.1:{live.web_port}/outlets/")
        links = page.locator("#list td.first a")
        first = links.first.get_attribute("href")
        assert first
        expect(page.locator(".list thead")).to_be_hidden()
        page.select_option("#f-sort", "-code")
        expect(page).to_have_url(re.compile("sort=-code"))
        expect(links.first).not_to_have_attribute("href", first)
        page.locator("#q").fill("W")
        expect(page).to_have_url(re.compile("sort=-code.*q=W|q=W.*sort=-code"))
        page.reload()
        expect(page.locator("#f-sort")).to_have_value("-code")


def test_on_a_phone_a_long_page_folds_and_a_link_into_it_opens_its_card(
    running_browser: Browser, live: Machine
) -> None:
    with at(running_browser, live, cast.DESK, PHONE_SIZE) as page:
        page.goto(f"http://127.0.0.1:{live.web_port}/kinds/penalty/")
        first = page.locator("#acts tbody tr").first
        expect(first).to_be_hidden()
        page.locator('nav a[href="#acts"]').click()
        expect(first).to_be_visible()
        by = first.locator("td").nth(3)
        expect(by).to_be_hidden()
        first.locator(".unfold").click()
        expect(by).to_be_visible()
        expect(first.locator(".unfold")).to_have_attribute("aria-expanded", "true")


def test_on_a_desk_a_long_page_stands_open(running_browser: Browser, live: Machine) -> None:
    with at(running_browser, live, cast.DESK, DESK_SIZE) as page:
        page.goto(f"http://127.0.0.1:{live.web_port}/kinds/penalty/")
        expect(page.locator("#acts tbody tr").first.locator("td").nth(3)).to_be_visible()
        expect(page.locator(".unfold").first).to_be_hidden()


def test_the_help_of_the_keyboard_says_what_holds_on_the_page_and_it_does(
    running_browser: Browser, live: Machine
) -> None:
    base = f"http://127.0.0.1:{live.web_port}"
    with at(running_browser, live, cast.DESK, DESK_SIZE) as page:
        page.goto(f"{base}/outlets/")
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        expect(page.locator(".skip")).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.keyboard.press("?")
        sheet = page.locator("#keys")
        expect(sheet).to_be_visible()
        expect(sheet.get_by_text("/", exact=True)).to_be_visible()
        expect(sheet.get_by_text("j", exact=True)).to_be_visible()
        expect(sheet.get_by_text("x", exact=True)).to_be_hidden()
        page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
        page.keyboard.press("/")
        expect(page.locator("#q")).to_be_focused()
        page.locator("#q").press("?")
        expect(sheet).to_be_hidden()
