"""All values of a facet, page by page: of a result to choose from, of the archive to browse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, request

from search.request import Request
from web.addresses import Addresses, pairs, query_string, read_number
from web.site import site
from web.templating import rendered
from web.views.results import FacetView, view_facet

_A_PAGE = 90
_LAST = 130


def values_page(
    template: str, facet: str, asked: Request, more: Callable[[FacetView, str], dict[str, Any]]
) -> Response:
    """Answer with the values that a request finds, as the address orders and narrows them.

    `more` is told the values and their order, ``count`` or ``value``, and returns what else the
    template shows.
    """
    contains = request.args.get("contains", "").strip()[:100]
    by = "value" if request.args.get("by") == "value" else "count"
    position = read_number(request.args, "values", 1, _LAST)
    found = site().engine.facet(
        asked, facet, contains=contains, offset=(position - 1) * _A_PAGE, size=_A_PAGE, by=by
    )
    addresses = Addresses(asked, request.script_root)
    view = view_facet(found, addresses)
    turn = [*pairs(asked), ("contains", contains), ("by", by)]
    return rendered(
        template, view=view, addresses=addresses, request_=asked, contains=contains, by=by,
        position=position, last=min(-(-found.distinct // _A_PAGE), _LAST), kept=pairs(asked),
        turn=query_string([pair for pair in turn if pair[1]]) + "&", distinct=found.distinct,
        **more(view, by),
    )  # fmt: skip
