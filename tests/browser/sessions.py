"""People at a real browser: logged in, on a desk or a phone; what axe says of the page they look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from tests.browser.chromium import PATIENCE
from tests.whole_machine import Machine

from qingtian.demo import cast

DESK_SIZE = {"width": 1440, "height": 900}
PHONE_SIZE = {"width": 390, "height": 844}
AXE = Path(__file__).resolve().parents[2] / ".tools" / "npm" / "node_modules" / "axe-core" / "axe.min.js"


@contextmanager
def at(browser: Browser, one: Machine, who: cast.Person, size: dict[str, int], *, refused: str = "") -> Iterator[Page]:
    """A browser of one's own in which this person is logged in. An error on its console fails the test; only that a
    page was answered with the status ``refused`` is expected where one is named."""
    context = browser.new_context(viewport=size, locale="zh-CN", reduced_motion="reduce")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(f"http://127.0.0.1:{one.web_port}/login/")
    page.fill("#username", who.username)
    page.fill("#password", cast.PASSWORD)
    page.click("main form.stack button")
    expect(page.locator(".rail nav")).to_be_attached()
    try:
        yield page
        unexpected = [said for said in wrong if not (refused and f"a status of {refused}" in said)]
        assert not unexpected, unexpected
    finally:
        context.close()


def serious(page: Page) -> list[str]:
    """Return what axe finds wrong, of serious or critical weight."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations'], exclude: [['.maplibregl-map']]})")
    return [
        f"{one['id']}: {one['nodes'][0]['target']} {one['nodes'][0]['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
