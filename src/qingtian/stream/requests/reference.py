"""The requests as a table: for `qingtian command --list` and docs/hj212.md, so that neither can lag behind."""

from __future__ import annotations

from collections.abc import Iterator

from qingtian.stream.hj212.editions import Edition
from qingtian.stream.requests.catalogue import Request, requests
from qingtian.stream.requests.parameters import SET_CLOCK, needed

HEAD = ("name", "CN", "editions", "parameters", "clause", "命令", "request")
SECOND_HAND = "*"
"""Behind the clause of what was not read in the standard itself."""


def rows() -> Iterator[tuple[str, ...]]:
    """Yield a row of `HEAD` for each request, in the order of their numbers."""
    for request in requests().values():
        editions = " ".join(f"{edition.value % 100:02d}" for edition in request.editions)
        clause = request.clause + (SECOND_HAND if request.certainty != "read" else "")
        yield request.name, f"{request.cn:04d}", editions, _parameters(request), clause, request.zh, request.en


def _parameters(request: Request) -> str:
    """Return what is to be given, those of an edition apart where they differ."""
    texts: dict[str, list[Edition]] = {}
    for edition in request.editions:
        names = [name for name in needed(request.cn, edition) if name.strip("[]") not in request.fixed]
        texts.setdefault(" ".join(_usual(request, name) for name in names), []).append(edition)
    if len(texts) == 1:
        return next(iter(texts))
    return "; ".join(f"{'/'.join(str(each.value) for each in found)}: {text or '–'}" for text, found in texts.items())


def _usual(request: Request, name: str) -> str:
    if request.cn == SET_CLOCK and name == "SystemTime":
        return "[SystemTime]"
    return f"[{name}={request.usual[name]}]" if name in request.usual else name
