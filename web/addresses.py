"""Addresses: how a request becomes a URL and a URL a request.

The URL is the whole state of a search, so that every state can be shared, kept and gone back to.
`read_request` checks what came in against the site's limits; `Addresses` writes the addresses
that a page links to. A parameter that has its default value is left out, and the order is always
the same: one state has one address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar, get_args
from urllib.parse import parse_qsl

from flask import request as asking
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from corpus.core import fields
from corpus.core.fields import FACETS
from indexer.analysis.analyser import fold_value
from search.parameters import pairs, query_string, quoted
from search.query.limits import MAX_LENGTH
from search.query.parse import parse
from search.request import Match, Request, Sort
from web.config import WebConfig
from web.i18n.wording import bad_request

__all__ = [
    "LONGEST_LINKED", "PARAMETERS", "SIZES", "Addresses", "Parameters", "as_read", "pairs",
    "query_string", "read_choice", "read_number", "read_query", "read_request", "site_root",
    "value_query",
]  # fmt: skip

Default = TypeVar("Default", bool, None)

PARAMETERS: Mapping[str, str] = {facet: fields.PARAMETERS[facet] for facet in FACETS}
"""Facet to the name of its parameter; with a ``-`` before it, the values that are excluded."""

LONGEST_LINKED = 2_000
"""Characters of a query up to which ``Link`` headers repeat it: clients bound what they take."""

SIZES = (10, 25, 50, 100)
"""The page sizes on offer; any from 1 to the last is taken."""

_CURSOR_LENGTH = 2048
_SINGLE = dict.fromkeys(
    ("q", "from", "to", "match", "sort", "collapse", "explain", "expand", "half_life", "size",
     "page"), "",
)  # fmt: skip
"""The parameters that are there once, in the order of `search.parameters.pairs`."""
_LONG_LINKED = 8_000
"""Bytes of a quoted query up to which the links of a page carry it as it was typed."""
_LINKS_OF_HIT = 4
_BYTES_OF_HITS = 500_000
_DATE_LENGTH = 60


class Parameters(ImmutableMultiDict[str, str]):
    """The parameters of an address. One that is not there, as most of the twenty that are asked
    for, costs no exception, which takes 3 µs."""

    def get(  # type: ignore[override]
        self, key: str, default: Any = None, type: Any = None
    ) -> Any:
        """Return the first value of a parameter."""
        if type is not None:
            return super().get(key, default, type)
        values = dict.get(self, key)
        return values[0] if values else default


def read_request(
    arguments: MultiDict[str, str], config: WebConfig, *, facet_size: int = 12
) -> Request:
    """Read a request from the parameters of a URL.

    Raises BadRequestError for a number that is none, an unknown sort or match, and whatever is
    over the limits of `config`.
    """
    # What is beyond the bound is not read: one character of it, so that the answer says so.
    text = arguments.get("q", "").strip()[: MAX_LENGTH + 1]
    filters: dict[str, tuple[str, ...]] = {}
    excluded: dict[str, tuple[str, ...]] = {}
    for facet in FACETS:
        name = PARAMETERS[facet]
        for target, key in ((filters, name), (excluded, "-" + name)):
            if key not in arguments:
                continue
            given = [value for value in arguments.getlist(key) if value]
            values = tuple(dict.fromkeys(given))
            if len(given) > config.max_values:
                raise bad_request(
                    "‘%(name)s’ has %(chosen)s values; at most %(most)s are taken: drop some.",
                    name=key,
                    chosen=len(given),
                    most=config.max_values,
                )
            if values:
                target[facet] = values
    size = read_number(arguments, "size", 10, SIZES[-1])
    page = read_number(arguments, "page", 1, config.max_depth)
    after = _text(arguments, "after", _CURSOR_LENGTH)
    if page * size > max(config.max_depth, size) and not after:
        raise bad_request(
            "Page %(page)s lies beyond article %(most)s, the last that can be paged to: narrow "
            "the search, or export it whole.",
            page=page,
            most=config.max_depth,
        )
    expand = _flag(arguments, "expand", None)
    match: Match = read_choice(arguments, "match", get_args(Match))
    return Request(
        text=text,
        # The words that feedback adds need not occur.
        match="any" if expand else match,
        sort=read_choice(arguments, "sort", get_args(Sort)),
        filters=filters,
        excluded=excluded,
        since=_text(arguments, "from", _DATE_LENGTH),
        until=_text(arguments, "to", _DATE_LENGTH),
        page=page,
        size=size,
        after=after,
        facet_size=facet_size,
        collapse=_flag(arguments, "collapse", True),
        explain=_flag(arguments, "explain", False),
        expand=expand,
        half_life_days=float(read_number(arguments, "half_life", 30, 3650)),
    )


def _text(arguments: MultiDict[str, str], name: str, longest: int) -> str:
    """Return a text parameter of bounded length."""
    text = arguments.get(name, "").strip()
    if len(text) > longest:
        raise bad_request(
            "‘%(name)s’ is longer than %(most)s characters: shorten it.", name=name, most=longest
        )
    return text


def read_number(
    arguments: MultiDict[str, str], name: str, default: int, greatest: int, least: int = 1
) -> int:
    """Return a whole number from `least` to `greatest`, `default` where there is none.

    Raises BadRequestError for anything else: every number of an address is read here.
    """
    text = arguments.get(name, "").strip()
    if not text:
        return default
    # isdecimal alone takes in digits of other scripts, which are no numbers in a URL.
    whole = text.isascii() and text.isdecimal() and len(text) < 10
    if not whole or not least <= int(text) <= greatest:
        raise bad_request(
            "‘%(name)s’ takes a whole number from %(least)s to %(most)s.",
            name=name,
            least=least,
            most=greatest,
        )
    return int(text)


def read_choice(arguments: MultiDict[str, str], name: str, values: tuple[Any, ...]) -> Any:
    """Return one of `values`, the first when nothing was given.

    Raises BadRequestError for anything else.
    """
    text = arguments.get(name, "").strip()
    if text and text not in values:
        taken = ", ".join(filter(None, values))
        raise bad_request("‘%(name)s’ takes one of %(values)s.", name=name, values=taken)
    return text or values[0]


def _flag(arguments: MultiDict[str, str], name: str, default: Default) -> bool | Default:
    """Return a switch: 1 or 0."""
    match arguments.get(name, "").strip():
        case "":
            return default
        case "1":
            return True
        case "0":
            return False
    raise bad_request("‘%(name)s’ takes one of %(values)s.", name=name, values="1, 0")


def as_read(request: Request, timezone: str) -> Request:
    """Return a request with a long text cut to what is read of it, which is at most 512 words.

    A page repeats its text in some seventy links: with that of a whole book it would be megabytes.
    """
    if len(quoted(request.text).encode("utf-8", "replace")) <= _LONG_LINKED:
        return request
    read = parse(request.text, now=datetime.now(UTC), timezone=timezone)
    return replace(request, text=read.parsed)


class Addresses:
    """The addresses that the pages about one request link to; `root` is where the site begins.

    A results page has about 90 of them: what they share is written once.
    """

    __slots__ = ("_parts", "_starts", "request", "root", "state")

    def __init__(self, request: Request, root: str = "") -> None:
        self.request = request
        self.root = root
        found = pairs(request)
        self.state = query_string(found)
        values = [pair for pair in found if pair[0] not in _SINGLE]
        self._parts = {"q": "", "": query_string(values)[1:], **_SINGLE}
        self._parts |= {each[0]: query_string([each])[1:] for each in found if each[0] in _SINGLE}
        self._starts: dict[str, str] = {}

    def search(self) -> str:
        """Return the address of the result's first page."""
        return f"{self.root}/search{self.state}"

    def _plus(self, name: str, value: str) -> str:
        """Return the search with one parameter more."""
        start = self._starts.get(name)
        if start is None:
            joint = "&" if self.state else "?"
            start = self._starts[name] = f"{self.root}/search{self.state}{joint}{name}="
        return start + quoted(value)

    def narrowed(self, facet: str, value: str) -> str:
        """Return the search narrowed to a value of a facet."""
        chosen = self.request.filters.get(facet, ())
        if chosen and fold_value(value) in map(fold_value, chosen):
            return self.search()
        return self._plus(PARAMETERS[facet], value)

    def drilled(self, facet: str, value: str) -> str:
        """Return the search for those of its articles that have a value, as well as all else.

        Several values of one facet's filter widen a result: from the second on a value is asked
        for in the query instead.
        """
        chosen = self.request.filters.get(facet, ())
        if not chosen or fold_value(value) in map(fold_value, chosen):
            return self.narrowed(facet, value)
        return self.asking(f"{self.request.text} {value_query(facet, value)}".strip())

    def excluding(self, facet: str) -> str:
        """Return the search without the articles that have a value, up to the quoted value."""
        return self._plus("-" + PARAMETERS[facet], "")

    def excluded(self, facet: str, value: str) -> str:
        """Return the search without the articles that have a value, which it is narrowed to."""
        return self._changed(
            filters=_without(self.request.filters, facet, value),
            excluded={
                **self.request.excluded,
                facet: (*self.request.excluded.get(facet, ()), value),
            },
        )

    def without(self, facet: str, value: str) -> Request:
        """Return the request without the filter, or the exclusion, of a value."""
        return replace(
            self.request,
            page=1,
            after="",
            filters=_without(self.request.filters, facet, value),
            excluded=_without(self.request.excluded, facet, value),
        )

    def of(self, request: Request) -> str:
        """Return the address of another request on the same site."""
        return f"{self.root}/search{query_string(pairs(request, paging=True))}"

    def undated(self) -> str:
        """Return the search without its dates."""
        return self._replaced({"from": "", "to": ""})

    def around_dates(self) -> tuple[str, str]:
        """Return what stands around ``from=…&to=…`` in the search bounded by other dates."""
        before, _, after = self._replaced({"from": "\0", "to": ""}).partition("from=%00")
        return before, after

    def _replaced(self, changed: Mapping[str, str]) -> str:
        """Return the first page of the search with other single parameters, "" for the default."""
        new = {name: f"{name}={quoted(value)}" if value else "" for name, value in changed.items()}
        parts = "&".join([part for part in (self._parts | new).values() if part])
        return f"{self.root}/search?{parts}" if parts else f"{self.root}/search"

    def asking(self, text: str) -> str:
        """Return the search with another query text."""
        return self._replaced({"q": text})

    def sorted_by(self, sort: Sort) -> str:
        """Return the search in another order."""
        return self._replaced({"sort": "" if sort == "relevance" else sort})

    def sized(self, size: int) -> str:
        """Return the search with another page size."""
        return self._replaced({"size": "" if size == 10 else str(size)})

    def page(self, page: int) -> str:
        """Return another page of the result."""
        return self._replaced({"page": "" if page == 1 else str(page)})

    def bare(self) -> str:
        """Return the search for the same words without any filter or date."""
        return self._changed(filters={}, excluded={}, since="", until="")

    def _changed(self, **changes: Any) -> str:
        """Return the first page of the search with some of the request's parts changed."""
        changed: Request = replace(self.request, page=1, after="", **changes)
        return f"{self.root}/search{query_string(pairs(changed))}"

    def article(self, article_id: str) -> str:
        """Return an article as a hit of this search."""
        return f"{self.root}/article/{article_id}{self.state}"

    @property
    def is_long(self) -> bool:
        """Whether the search is so long that only the links that matter may repeat it."""
        return len(self.state) > _LONG_LINKED

    def of_hits(self, count: int) -> Addresses:
        """Return the addresses for the links of so many hits: without the search where it is so
        long that they would make the page megabytes."""
        if count * _LINKS_OF_HIT * len(self.state) <= _BYTES_OF_HITS:
            return self
        return Addresses(Request(), self.root)

    def versions(self, article_id: str) -> str:
        """Return the versions of an article's story."""
        return f"{self.root}/article/{article_id}/versions"

    def facet(self, facet: str) -> str:
        """Return the page of all values of a facet in this result."""
        return f"{self.root}/facet/{PARAMETERS[facet]}{self.state}"

    def browse(self, facet: str, value: str) -> str:
        """Return the page about a value of a facet."""
        return f"{self.root}/browse/{PARAMETERS[facet]}?value={quoted(value)}"

    def taken_away(self, name: str) -> str:
        """Return an export or a feed of this search: ``feed.atom``, ``export.csv``."""
        return f"{self.root}/{name}{self.state}"


def value_query(facet: str, value: str) -> str:
    """Return the query for the articles that have a value."""
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{PARAMETERS[facet]}:"{quoted}"'


def _without(
    chosen: Mapping[str, tuple[str, ...]], facet: str, value: str
) -> Mapping[str, tuple[str, ...]]:
    """Return chosen values without one."""
    folded = fold_value(value)
    rest = tuple(each for each in chosen.get(facet, ()) if fold_value(each) != folded)
    return {**{k: v for k, v in chosen.items() if k != facet}, **({facet: rest} if rest else {})}


def read_query(query: str, config: WebConfig) -> Request:
    """Return the request of a query string, with its ``?`` or without; see `read_request`."""
    return read_request(
        MultiDict(parse_qsl(query.removeprefix("?"), keep_blank_values=True)), config
    )


def site_root() -> str:
    """Return where readers reach the site, as they asked for it: ``https://host/prefix``."""
    return asking.host_url.rstrip("/") + asking.script_root
