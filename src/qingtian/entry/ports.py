"""The options by which `up` and `demo` choose where to listen; without them the environment decides."""

from __future__ import annotations

import argparse
from dataclasses import replace

from qingtian.base import settings as base_settings
from qingtian.base.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="address of the web pages (default: 127.0.0.1, or QINGTIAN_WEB_HOST)")
    parser.add_argument("--port", type=_port, help="port of the web pages (default: 8000, or QINGTIAN_WEB_PORT)")
    parser.add_argument(
        "--gateway-host", help="address devices connect to (default: 127.0.0.1, or QINGTIAN_GATEWAY_HOST)"
    )
    parser.add_argument(
        "--gateway-port", type=_port, help="port devices connect to (default: 9212, or QINGTIAN_GATEWAY_PORT)"
    )


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 65536:
        raise argparse.ArgumentTypeError(f"{text} is no port; ports are 1 to 65535")
    return port


def settings(args: argparse.Namespace) -> Settings:
    """Return the environment's settings with the options over them."""
    known = base_settings.from_environment()
    return replace(
        known,
        web_host=args.host or known.web_host,
        web_port=args.port or known.web_port,
        gateway_host=args.gateway_host or known.gateway_host,
        gateway_port=args.gateway_port or known.gateway_port,
    )
