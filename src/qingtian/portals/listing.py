"""A list is a URL: its filters, its order, its page, and the same rows as JSON and CSV (``?format=json|csv``)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Generic, TypeVar

import orjson
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingtian.base.times import BEIJING
from qingtian.portals import asked, headings, row_cells, saved
from qingtian.portals.page import wants
from qingtian.portals.words import Word

Row = TypeVar("Row")
WORDS = "words"
"""What the address of a file says that is for people."""
SIZE = 50
FURTHEST = 200
"""How many pages into a long list one may go; who has to go farther filters."""
MOST = 20_000
"""Rows of one CSV or JSON answer; a longer list is read page by page."""


@dataclass(frozen=True, kw_only=True)
class Column(Generic[Row]):
    """A column: ``value`` for machines (JSON, CSV) and for sorting, ``show`` for people (HTML)."""

    name: str
    title: Word
    value: Callable[[Row], object]
    show: Callable[[Row], object] | None = None
    number: bool = False
    # what only a program wants
    hidden: bool = False


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A filter of the list: a parameter of the URL with its possible values.

    ``also``: values that count besides, without being offered. ``opens``: other filters depend on it, so that the
    whole page is loaded when it is chosen; ``within``: the filter that this one depends on. ``usual``: what is shown
    where none is chosen, if that is not all.
    """

    name: str
    title: Word
    options: Sequence[tuple[str, Word]]
    also: Collection[str] = ()
    opens: bool = False
    within: str = ""
    usual: Word = ""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """A filter that is typed in: ``kind`` is that of the field, ``date`` or ``text``."""

    name: str
    title: Word
    kind: str = "text"


@dataclass(frozen=True, kw_only=True)
class Empty:
    """What stands where nothing is: what this is, why it is empty, what to do next."""

    title: Word
    why: Word
    path: str = ""
    act: Word = ""


@dataclass(frozen=True, kw_only=True)
class Listing(Generic[Row]):
    """How rows of one kind are listed. ``link`` is the page of a row, ``order`` the column it starts sorted by.

    ``orders``, of a list that is read page by page: the columns it can be sorted by (``-`` before one turns the order),
    and what the reader calls each order.
    """

    name: str
    columns: Sequence[Column[Row]]
    empty: Empty
    link: Callable[[Row], str] | None = None
    # rows that stand out, as what is unread
    marked: Callable[[Row], bool] | None = None
    # the meaning (`words.State.tone`) that colours a row's edge
    tone: Callable[[Row], str] | None = None
    # all that the cells of a row show, where it costs less to compare than to write (`row_cells`)
    looks: Callable[[Row], Hashable] | None = None
    # what stands for a row among those chosen for an act on many
    pick: Callable[[Row], str] | None = None
    choices: Sequence[Choice] = ()
    typed: Sequence[Typed] = ()
    orders: Mapping[str, str] = field(default_factory=dict)
    searched: Word = ""
    order: str = ""


@dataclass(frozen=True, kw_only=True)
class Head:
    title: Word
    number: bool
    url: str
    sorted: str


@dataclass(frozen=True, kw_only=True)
class Line:
    marked: bool
    tone: str
    pick: str
    # what the row is called where it is chosen
    name: str
    html: str
    """Its cells."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A page of a list, ready to be shown. Of a list that is read page by page nobody knows ``count`` and ``pages``."""

    heads: list[Head]
    lines: list[Line]
    count: int | None
    page: int
    pages: int | None
    earlier: str
    later: str
    json: str
    csv: str
    choices: list[tuple[Choice, str]]
    typed: list[tuple[Typed, str]]
    # every order one can ask for, with its name, and the one that is shown
    orders: list[tuple[str, str]]
    order: str
    search: str
    searched: Word
    filtered: bool
    clear: str
    empty: Empty
    keep: list[tuple[str, str]] = field(default_factory=list)

    @property
    def narrowed(self) -> bool:
        """Whether a filter that is typed in narrows the list."""
        return any(value for _field, value in self.typed)

    @property
    def chosen(self) -> bool:
        """Whether a filter that is chosen from narrows the list."""
        return any(value for _choice, value in self.choices)

    @property
    def picks(self) -> bool:
        """Whether rows can be chosen for an act on many."""
        return any(line.pick for line in self.lines)

    @property
    def span(self) -> tuple[int, int]:
        """The numbers of the first and the last row of this page."""
        first = (self.page - 1) * SIZE
        return first + 1, first + len(self.lines)


def url_with(query: QueryDict, **changes: object) -> str:
    """Return the query with some parameters set, or dropped if None."""
    changed = query.copy()
    for name, value in changes.items():
        changed.pop(name, None)
        if value is not None:
            changed[name] = str(value)
    return "?" + changed.urlencode()


def _key(value: object) -> tuple[int, float, str]:
    """Order anything: missing first, numbers and times by size, the rest by its letters."""
    if value is None:
        return (0, 0.0, "")
    if isinstance(value, datetime):
        return (1, value.timestamp(), "")
    if isinstance(value, int | float):
        return (1, float(value), "")
    return (2, 0.0, str(value))


def sort_rows(listing: Listing[Row], rows: Sequence[Row], wish: str) -> Sequence[Row]:
    """Return the rows by a column's name (``-`` before it turns the order); unknown names change nothing."""
    name, back = wish.removeprefix("-"), wish.startswith("-")
    for column in listing.columns:
        if column.name == name:
            return sorted(rows, key=lambda row: _key(column.value(row)), reverse=back)
    return rows


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(BEIJING).isoformat()
    if isinstance(value, Promise):
        return str(value)
    return value


def records(listing: Listing[Row], rows: Iterable[Row]) -> list[dict[str, object]]:
    """Return rows as machines read them: values by column name, times ISO 8601 in Beijing time."""
    return [{column.name: _plain(column.value(row)) for column in listing.columns} for row in rows]


def as_json(listing: Listing[Row], rows: Sequence[Row]) -> HttpResponse:
    body = {"list": listing.name, "count": len(rows), "rows": records(listing, rows[:MOST])}
    return HttpResponse(orjson.dumps(body, default=str), content_type="application/json")


def as_csv(request: HttpRequest, listing: Listing[Row], rows: Sequence[Row]) -> HttpResponse:
    """Answer with rows as programs read them, or (``?headings=words``) under headings that people read.

    :raises AskedUnknown: if the headings are to be anything else.
    """
    heads = [column.name for column in listing.columns]
    if asked.option(request.GET, "headings", (WORDS, "codes")) == WORDS:
        heads = headings.of([(column.name, column.title) for column in listing.columns])
    cells = ([_plain(column.value(row)) for column in listing.columns] for row in rows[:MOST])
    return saved.table(chain([heads], cells), name=listing.name)


def _ways(listing: Listing[Row], column: Column[Row]) -> list[str]:
    """Return the orders by a column, up and down, that the list can be asked for."""
    return [each for each in (column.name, f"-{column.name}") if not listing.orders or each in listing.orders]


def orders(listing: Listing[Row], columns: Sequence[tuple[Column[Row], str]]) -> Iterator[tuple[str, str]]:
    """Yield every order with its name, for where there is no head to press on; the list's own, where no head has it."""
    if listing.order.removeprefix("-") not in {column.name for column, _title in columns}:
        yield listing.order, _("as listed")
    for column, title in columns:
        for way in _ways(listing, column):
            yield (
                way,
                (_("%(column)s, descending") if way[0] == "-" else _("%(column)s, ascending")) % {"column": title},
            )


def _head(listing: Listing[Row], column: Column[Row], query: QueryDict, wish: str) -> Head:
    ways = [each for each in _ways(listing, column) if each != wish]
    sign = {column.name: "ascending", f"-{column.name}": "descending"}.get(wish, "")
    url = url_with(query, sort=ways[0], page=None) if ways else ""
    return Head(title=column.title, number=column.number, url=url, sorted=sign)


def _line(listing: Listing[Row], shown: Sequence[tuple[Column[Row], str]], row: Row) -> Line:
    link = listing.link(row) if listing.link else ""

    def made() -> str:
        return row_cells.html(((title, (c.show or c.value)(row), c.number) for c, title in shown), link)

    key = (listing.name, get_language(), listing.looks(row)) if listing.looks else None
    return Line(
        marked=bool(listing.marked and listing.marked(row)),
        tone=listing.tone(row) if listing.tone else "",
        pick=listing.pick(row) if listing.pick else "",
        name=str(listing.columns[0].value(row)) if listing.pick else "",
        html=row_cells.kept(key, made),
    )


def _check(request: HttpRequest, listing: Listing[Row]) -> None:
    """:raises AskedUnknown: if the URL filters or orders by what there is not."""
    query = request.GET
    for choice in listing.choices:
        asked.option(query, choice.name, [*(value for value, _word in choice.options), *choice.also])
    for each in listing.typed:
        if each.kind == "date":
            asked.day(query, each.name)
    columns = [each.name for each in listing.columns]
    asked.option(query, "sort", listing.orders or [*columns, *(f"-{name}" for name in columns)])


def sheet(request: HttpRequest, listing: Listing[Row], rows: Sequence[Row], wish: str) -> Sheet:
    """Return one page of rows that are already sorted by ``wish``."""
    pages = max(1, -(-len(rows) // SIZE))
    # a list may have become shorter since the address was made; the page says which one it is
    number = min(asked.whole(request.GET, "page", first=1, usual=1), pages)
    here = rows[(number - 1) * SIZE : number * SIZE]
    return _sheet(request, listing, here, wish, number=number, more=number < pages, count=len(rows), pages=pages)


def _sheet(
    request: HttpRequest,
    listing: Listing[Row],
    rows: Sequence[Row],
    wish: str,
    *,
    number: int,
    more: bool,
    count: int | None = None,
    pages: int | None = None,
) -> Sheet:
    query = request.GET
    shown = [column for column in listing.columns if not column.hidden]
    # said once, not in each row
    titled = [(column, str(column.title)) for column in shown]
    chosen = [(choice, query.get(choice.name, "")) for choice in listing.choices]
    typed = [(each, query.get(each.name, "")) for each in listing.typed]
    names = [*(choice.name for choice in listing.choices), *(each.name for each in listing.typed)]
    own = {*names, "q", "sort", "page", "format", "headings"}
    return Sheet(
        heads=[_head(listing, column, query, wish) for column in shown],
        lines=[_line(listing, titled, row) for row in rows],
        count=count,
        page=number,
        pages=pages,
        earlier=url_with(query, page=number - 1) if number > 1 else "",
        later=url_with(query, page=number + 1) if more else "",
        json=url_with(query, format="json", page=None),
        csv=url_with(query, format="csv", headings=WORDS, page=None),
        choices=chosen,
        typed=typed,
        orders=list(orders(listing, titled)),
        order=wish,
        search=query.get("q", ""),
        searched=listing.searched,
        filtered=any(value for _field, value in (*chosen, *typed)) or bool(query.get("q")),
        clear=request.path,
        empty=listing.empty,
        keep=[(name, query[name]) for name in query if name not in own],
    )


def answer(
    request: HttpRequest, listing: Listing[Row], rows: Sequence[Row], *, template: str, **context: object
) -> HttpResponse:
    """Answer with the list in the form that the URL asks for.

    :raises AskedUnknown: if it asks for what there is not.
    """
    _check(request, listing)
    wish = request.GET.get("sort") or listing.order
    ordered = sort_rows(listing, rows, wish) if wish else rows
    match wants(request):
        case "json":
            return as_json(listing, ordered)
        case "csv":
            return as_csv(request, listing, ordered)
    values: Mapping[str, object] = {"sheet": sheet(request, listing, ordered, wish), **context}
    return render(request, template, values)


Reader = Callable[[str, int, int], Sequence[Row]]
"""Reads rows in an order (a value of `Listing.orders`) from a place on, at most so many."""


def answer_long(
    request: HttpRequest, listing: Listing[Row], read: Reader[Row], *, template: str, **context: object
) -> HttpResponse:
    """Answer as `answer` does with a list of which only the page that is shown is read, and nobody counts the rest.

    :raises AskedUnknown: if the URL asks for what there is not.
    """
    _check(request, listing)
    wish = request.GET.get("sort") or listing.order
    order = listing.orders.get(wish, "")
    match wants(request):
        case "json":
            return as_json(listing, read(order, 0, MOST))
        case "csv":
            return as_csv(request, listing, read(order, 0, MOST))
    number = asked.whole(request.GET, "page", first=1, last=FURTHEST, usual=1)
    # one row more than is shown says whether there is a next page
    rows = read(order, (number - 1) * SIZE, SIZE + 1)
    more = len(rows) > SIZE and number < FURTHEST
    shown = _sheet(request, listing, rows[:SIZE], wish, number=number, more=more)
    return render(request, template, {"sheet": shown, **context})
