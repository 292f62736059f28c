"""Pictures of every page, in both languages, light, dark and in care mode, on desk and phone: ``make screenshots``.

``python -m tests.browser.screenshots [--url http://127.0.0.1:8000] [--out screenshots] [--only desk,task]``: of a
running demo, or of one that is started for it in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize
from tests.browser.chromium import browser

from qingtian.demo import cast
from qingtian.entry.load.stage import free_port

SIZES: dict[str, ViewportSize] = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
LANGUAGES = ("zh-hans", "en")
# theme and care mode
LOOKS = {"light": ("light", "0"), "dark": ("dark", "0"), "care": ("light", "1")}
PATIENCE = 180.0

# name, who (empty: a stranger), path; a path with {alert}, {task} or {matter} takes the newest one this person sees
PAGES = (
    ("login", "", "/login/"),
    ("desk", "desk", "/desk/"),
    ("alerts", "desk", "/alerts/"),
    ("alert", "desk", "/alerts/{alert}/"),
    ("outlets", "desk", "/outlets/"),
    ("outlet", "desk", "/outlets/{outlet}/"),
    ("history", "desk", "{outlet}history/"),
    ("completeness", "desk", "{outlet}completeness/"),
    ("limits-of", "officer", "{outlet}limits/"),
    ("compare", "desk", "/compare/?outlet={code}"),
    ("effectiveness", "desk", "/effectiveness/"),
    ("suspicions", "desk", "/suspicions/"),
    ("rules", "desk", "/rules/"),
    ("detector", "desk", "/rules/detectors/drift/"),
    ("rule", "desk", "/rules/periods/means/"),
    ("rule-table", "desk", "/rules/factors/"),
    ("facilities", "desk", "/facilities/"),
    ("ranges", "desk", "/ranges/"),
    ("quality", "desk", "/quality/"),
    ("settings", "leader", "/kinds/penalty/settings/"),
    ("limits", "reviewer", "/limits/"),
    ("limit", "reviewer", "/limits/gb_18485_2014/1/"),
    ("commands", "desk", "/commands/"),
    ("backfill", "desk", "/backfill/"),
    ("deadletters", "desk", "/deadletters/"),
    ("tasks", "officer", "/tasks/"),
    ("task", "officer", "/tasks/{task}/"),
    ("review", "reviewer", "/tasks/{task}/"),
    ("inbox", "desk", "/inbox/"),
    ("feed", "desk", "/inbox/calendar/"),
    ("matters", "desk", "/matters/"),
    ("matter", "officer", "/matters/{matter}/"),
    ("new-matter", "officer", "/matters/new/"),
    ("kinds", "legal", "/kinds/"),
    ("kind", "legal", "/kinds/penalty/"),
    ("take-in", "desk", "/matters/import/petition/"),
    ("enterprises", "desk", "/enterprises/"),
    ("enterprise", "desk", "/enterprises/{enterprise}/"),
    ("notices", "officer", "/notices/"),
    ("firm", "firm", "/enterprise/"),
    ("firm-alert", "firm", "/alerts/{alert}/"),
    ("system", "admin", "/system/"),
    ("days", "admin", "/system/days/?day=2026-12-31&as=rest"),
    ("ledger", "admin", "/ledger/"),
    ("erase", "admin", "/ledger/erase/"),
    ("people", "admin", "/people/"),
    ("person", "admin", "/people/2/"),
    ("posts", "admin", "/people/posts/"),
    ("certificates", "admin", "/people/certificates/"),
    ("parts", "admin", "/parts/"),
    ("notfound", "officer", "/tasks/999999/"),
)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/login/", timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def demo() -> Iterator[str]:
    """A demo city of one's own."""
    web, gateway = free_port(), free_port()
    url = f"http://127.0.0.1:{web}"
    with tempfile.TemporaryDirectory(prefix="qingtian-pictures-", ignore_cleanup_errors=True) as folder:
        words = [sys.executable, "-m", "qingtian", "demo", "--no-browser", "--data", folder]
        words += ["--port", str(web), "--gateway-port", str(gateway)]
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        try:
            end = time.monotonic() + PATIENCE
            while not answers(url):
                if time.monotonic() > end or process.poll() is not None:
                    raise RuntimeError("the demo did not come up")
                time.sleep(0.5)
            # until devices have spoken and somebody is over a limit
            time.sleep(60)
            yield url
        finally:
            process.terminate()
            process.wait(30)


def come_in(context: BrowserContext, url: str, username: str) -> Page:
    page = context.new_page()
    page.goto(f"{url}/login/")
    if not username:
        return page
    page.fill("#username", username)
    page.fill("#password", cast.PASSWORD)
    page.click("main form.stack button")
    page.wait_for_url(lambda now: "/login/" not in now)
    return page


def prefer(page: Page, url: str, language: str, look: str) -> None:
    theme, care = LOOKS[look]
    token = page.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value") or ""
    form = {
        "csrfmiddlewaretoken": token,
        "next": "/parts-none/",
        "language": language,
        "theme": theme,
        "care_mode": care,
    }
    page.request.post(f"{url}/preferences/", form=form, headers={"Referer": url}, max_redirects=0)


def newest(page: Page, url: str, path: str) -> str | None:
    """The page of the newest row of a list, as this person sees it."""
    page.goto(f"{url}{path}")
    first = page.locator(".list tbody a").first
    return first.get_attribute("href") if first.count() else None


def target(page: Page, url: str, path: str) -> str | None:
    if "{alert}" in path:
        return newest(page, url, "/alerts/")
    if "{task}" in path:
        return newest(page, url, "/tasks/")
    if "{matter}" in path:
        return newest(page, url, "/matters/?kind=penalty")
    if "{enterprise}" in path:
        return newest(page, url, "/enterprises/?alerts=open") or newest(page, url, "/enterprises/")
    if "{outlet}" in path or "{code}" in path:
        found = newest(page, url, "/outlets/?state=breach") or newest(page, url, "/outlets/?state=normal")
        if found is None or path.startswith("/outlets/"):
            return found
        return path.replace("{outlet}", found).replace("{code}", found.removeprefix("/outlets/").strip("/"))
    return path


def settle(page: Page) -> None:
    page.wait_for_load_state("load")
    if page.locator("[data-map]:visible").count():
        page.wait_for_selector("[data-map][data-drawn]", timeout=20000)
    page.wait_for_timeout(900)


def complains(said: ConsoleMessage) -> bool:
    """Say whether the console names a fault of ours; that WebGL runs on the processor here is none."""
    return said.type in ("error", "warning") and "GL Driver Message" not in said.text


def stretch(page: Page, size: ViewportSize, *, whole: bool) -> None:
    """Make the window as high as the page: a bar that sticks to its edge must not lie across the picture."""
    page.set_viewport_size(size)
    if whole:
        height = int(page.evaluate("document.documentElement.scrollHeight"))
        page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})
        page.wait_for_timeout(300)


def shoot(running: Browser, url: str, out: Path, only: set[str]) -> list[str]:
    """Take all pictures; return what the browser complained about."""
    complaints: list[str] = []
    for who in dict.fromkeys(person for _, person, _ in PAGES):
        wanted = [(name, path) for name, person, path in PAGES if person == who and (not only or name in only)]
        if not wanted:
            continue
        for size, language, look in product(SIZES, LANGUAGES, LOOKS):
            context = running.new_context(viewport=SIZES[size], device_scale_factor=1, reduced_motion="reduce")
            page = come_in(context, url, who)
            page.on("console", lambda said: complaints.append(said.text) if complains(said) else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            prefer(page, url, language, look)
            for name, path in wanted:
                place = target(page, url, path)
                if place is None:
                    continue
                page.goto(f"{url}{place}")
                settle(page)
                stretch(page, SIZES[size], whole=size == "phone" or name != "desk")
                page.screenshot(path=out / f"{name}-{size}-{language}-{look}.png")
            context.close()
    return complaints


def main() -> int:
    parser = argparse.ArgumentParser(description="Take pictures of every page.")
    parser.add_argument("--url", help="of a running demo; without it one is started")
    parser.add_argument("--out", type=Path, default=Path("screenshots"))
    parser.add_argument("--only", default="", help="names of pages, separated by commas")
    args = parser.parse_args()
    # asked to stop, leave no demo behind
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))
    args.out.mkdir(parents=True, exist_ok=True)
    only = set(filter(None, args.only.split(",")))
    with browser() as running:
        if args.url:
            complaints = shoot(running, args.url.rstrip("/"), args.out, only)
        else:
            with demo() as url:
                complaints = shoot(running, url, args.out, only)
    sys.stdout.write(
        json.dumps({"pictures": len(list(args.out.glob("*.png"))), "complaints": sorted(set(complaints))}, indent=2)
        + "\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
