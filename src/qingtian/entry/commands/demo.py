"""``qingtian demo``: everything of `up`, with a city of synthetic firms whose devices send real packets."""

from __future__ import annotations

import argparse
import os
import webbrowser

from qingtian.base.settings import Settings
from qingtian.entry import fresh, ports
from qingtian.entry.supervisor import Supervisor

SUMMARY = "run a living demo city (synthetic data) on this machine"
EXAMPLES = """\
  qingtian demo
  qingtian demo --fresh
  qingtian demo --port 8080 --gateway-port 9300 --no-browser
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    ports.add_arguments(parser)
    parser.add_argument("--fresh", action="store_true", help="delete the data folder's contents and start anew")
    parser.add_argument("--no-browser", action="store_true", help="open no browser window")


def _welcome(settings: Settings, url: str) -> str:
    from qingtian.demo import cast

    head = {
        "zh": f"演示城市（全部为合成数据）：{url}\n以下账号均可登录，密码 {cast.PASSWORD}：",
        "en": f"Demo city (all data synthetic): {url}\nLog in as one of these, password {cast.PASSWORD}:",
    }[settings.language]
    people = [f"  {person.username:<14} {person.describe(settings.language)}" for person in cast.PEOPLE]
    return "\n".join(["", head, *people, ""])


def _open(url: str) -> None:
    """Open the pages if this machine has a screen with a browser; a console browser would take our terminal."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    if not isinstance(browser, webbrowser.GenericBrowser) or isinstance(browser, webbrowser.BackgroundBrowser):
        browser.open(url)


def run(args: argparse.Namespace) -> int:
    from qingtian.demo import cast

    # the pages may not know the demo: they are told
    os.environ["QINGTIAN_DEMO_PASSWORD"] = cast.PASSWORD
    settings = ports.settings(args)
    if args.fresh:
        fresh.empty(settings.data)
    host, port = settings.gateway_host, settings.gateway_port
    supervisor = Supervisor(
        settings=settings,
        steps=("qingtian.demo.seed",),
        later=("qingtian.demo.casework",),
        simulate=("--city", "demo", "--host", host, "--port", str(port)),
    )

    def when_up() -> None:
        supervisor.narrator.write(_welcome(settings, supervisor.url))
        if not args.no_browser:
            _open(supervisor.url)

    return supervisor.run(when_up=when_up)
