"""Several files of one paper in a real browser: chosen, dropped, pasted, from the camera; then looked at and saved."""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import typst
from playwright.sync_api import Browser, Page, expect
from tests.browser.sessions import DESK_SIZE, PHONE_SIZE, at, serious
from tests.whole_machine import Machine

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.demo import cast

pytestmark = [pytest.mark.browser, pytest.mark.engines]

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PDF = typst.compile(b"#set page(width: 90mm, height: 60mm)\nA page that was scanned", format="pdf")
SEND = """([field, kind, name, type, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type }));
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
  document.querySelector(field).dispatchEvent(event);
}"""
FIELD = "#paper-withdrawal"


def png(number: int) -> bytes:
    """A picture that is another file each time: what stands behind its end is not looked at."""
    return PNG + bytes([number])


def file(name: str, content: bytes, kind: str = "image/png") -> Any:
    return {"name": name, "mimeType": kind, "buffer": content}


def chosen(page: Page) -> list[str]:
    return [each.inner_text() for each in page.locator(f"{FIELD} [data-chosen-files] li b").all()]


def send(page: Page, kind: str, name: str, content: bytes) -> None:
    page.evaluate(SEND, [FIELD, kind, name, "image/png", base64.b64encode(content).decode()])


def received(page: Page, root: str) -> str:
    """Register a petition; return its address."""
    page.goto(f"{root}/matters/new/petition/")
    page.locator('select[name="source"]').select_option("visit")
    page.locator('select[name="district"]').select_option("440306")
    day = times.now().astimezone(BEIJING).date().isoformat()
    for name, value in {"petitioner": "刘某某", "received_on": day, "claim": "反映夜间施工噪声扰民"}.items():
        page.locator(f'[name="fact.{name}"]').fill(value)
    page.locator('[name="fact.class"][value="claim"]').check()
    page.locator("form.asking button.primary").click()
    expect(page.locator(".page-head .badge").first).to_have_text("已登记，待受理审查")
    return page.url.split("#")[0].split("?")[0]


def test_several_files_are_gathered_sent_and_looked_at(running_browser: Browser, live: Machine, tmp_path: Path) -> None:
    root = f"http://127.0.0.1:{live.web_port}"
    with at(running_browser, live, cast.DESK, DESK_SIZE) as page:
        matter = received(page, root)
        page.goto(f"{matter}act/withdraw/")
        files, wrong = page.locator(f"{FIELD} [data-files]"), page.locator(f"{FIELD} [data-files-wrong]")
        files.set_input_files([file("1 申请.pdf", PDF, "application/pdf"), file("2.png", png(2))])
        expect(page.locator(f"{FIELD} [data-chosen-files] li")).to_have_count(2)
        files.set_input_files(
            [file("3.png", png(3)), file("again.png", png(2)), file("a.exe", b"MZ"), file("0.png", b"")]
        )
        expect(wrong.locator("li")).to_have_count(3)
        said = wrong.inner_text()
        assert "again.png: 已选过" in said
        assert "a.exe: 类型不支持" in said
        assert "0.png: 文件是空的" in said
        send(page, "drop", "4.png", png(4))
        send(page, "paste", "image.png", png(5))
        page.locator(f"{FIELD} [data-camera]").set_input_files([file("6.png", png(6))])
        expect(page.locator(f"{FIELD} [data-chosen-files] li")).to_have_count(6)
        page.locator(f"{FIELD} [data-chosen-files] li").nth(2).get_by_role("button").click()
        names = chosen(page)
        assert names[:3] == ["1 申请.pdf", "2.png", "4.png"]
        assert names[3].endswith("image.png")
        assert len(names[3]) > len("image.png"), "a pasted picture has no name of its own: it gets the time"
        assert names[4:] == ["6.png"]
        assert serious(page) == []
        look(page, "upload_desk")
        page.locator("form.asking button.primary").click()
        page.locator("#papers a", has_text="撤回").first.click()
        expect(page.locator(".scan-of")).to_have_count(5)
        frame = page.frame_locator("iframe.scan")
        expect(page.locator("iframe.scan")).to_have_attribute("src", page.url.replace(root, "") + "files/1/")
        assert frame is not None
        for picture in page.locator("img.scan").all():
            picture.scroll_into_view_if_needed()
            page.wait_for_function("(image) => image.complete && image.naturalWidth > 0", arg=picture.element_handle())
        assert serious(page) == []
        page.evaluate("scrollTo(0, 0)")
        look(page, "paper_desk")
        with page.expect_download() as waiting:
            page.locator('a[href$="/original/"]').first.click()
        archive = ZipFile(io.BytesIO(waiting.value.path().read_bytes()))
        assert [name[:3] for name in archive.namelist()] == ["01 ", "02 ", "03 ", "04 ", "05 "]
        assert archive.read("01 1 申请.pdf") == PDF
        address = page.url
    with at(running_browser, live, cast.DESK, PHONE_SIZE) as page:
        page.goto(address)
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_SIZE["width"]
        look(page, "paper_phone")
        page.goto(f"{root}/matters/new/petition/")
        matter = received(page, root)
        page.goto(f"{matter}act/withdraw/")
        page.locator(f"{FIELD} [data-files]").set_input_files(
            [
                file("a-very-long-name-of-a-photo-that-somebody-took-somewhere-" * 2 + ".png", png(7)),
                file("8.png", png(8)),
            ]
        )
        expect(page.locator(f"{FIELD} [data-chosen-files] li")).to_have_count(2)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_SIZE["width"]
        assert serious(page) == []
        look(page, "upload_phone")


def look(page: Page, name: str) -> None:
    """Keep a picture for whoever wants to see it (QINGTIAN_SHOTS names a folder)."""
    if folder := os.environ.get("QINGTIAN_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_what_was_sent_before_stays_with_a_form_that_is_not_taken(running_browser: Browser, live: Machine) -> None:
    root = f"http://127.0.0.1:{live.web_port}"
    with at(running_browser, live, cast.DESK, DESK_SIZE, refused="409") as page:
        matter = received(page, root)
        page.goto(f"{matter}act/withdraw/")
        page.locator(f"{FIELD} [data-files]").set_input_files([file("1.png", png(1)), file("2.png", png(2))])
        expect(page.locator(f"{FIELD} [data-chosen-files] li")).to_have_count(2)
        # somebody else goes on with the matter meanwhile
        page.evaluate("document.querySelector('[name=revision]').value = '0'")
        page.locator("form.asking button.primary").click()
        kept = page.locator(f'{FIELD} [name="paper.withdrawal.kept"]')
        expect(kept).to_have_count(2)
        kept.first.uncheck()
        page.locator(f"{FIELD} [data-files]").set_input_files([file("3.png", png(3))])
        expect(page.locator(f"{FIELD} [data-chosen-files] li")).to_have_count(3)
        page.locator("form.asking button.primary").click()
        page.locator("#papers a", has_text="撤回").first.click()
        expect(page.locator(".scan-of h2")).to_have_text(["1. 2.png", "2. 3.png"])
