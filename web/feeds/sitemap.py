"""The archive's pages listed for search engines (sitemaps.org), where the operator offers it.

``/sitemap.xml`` is an index with one part for each month; a part lists the articles of its month,
50,000 at most, as the protocol allows. Articles without a month are not listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from xml.sax.saxutils import escape

from flask import Blueprint, Response
from flask_babel import gettext

from search.request import Request
from web.addresses import site_root
from web.security.problems import Missing
from web.site import site

blueprint = Blueprint("sitemap", __name__)

_MOST = 50_000
_MOST_MONTHS = 10_000
_MONTH = re.compile(r"\d{4}-\d\d", re.ASCII)
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def _root() -> str:
    if not site().config.sitemap:
        raise Missing(gettext("There is nothing at this address."))
    return site_root()


@blueprint.get("/sitemap.xml")
def months() -> Response:
    """Answer with the index of the parts."""
    root = _root()
    found = site().engine.facet(Request(timeline=False), "month", size=_MOST_MONTHS, by="value")
    lines = [f"<sitemap><loc>{escape(root)}/sitemap-{each.value}.xml</loc></sitemap>\n"
             for each in found.values]  # fmt: skip
    page = f'{_HEAD}<sitemapindex xmlns="{_SPACE}">\n{"".join(lines)}</sitemapindex>\n'
    return Response(page, mimetype="application/xml")


@blueprint.get("/sitemap-<month>.xml")
def articles(month: str) -> Response:
    """Answer with the articles of a month, written while they are read."""
    root = _root()
    if _MONTH.fullmatch(month) is None:
        raise Missing(gettext("There is nothing at this address."))
    asked = Request(
        filters={"month": (month,)}, sort="oldest", facets=(), timeline=False, collapse=False,
    )  # fmt: skip
    found = islice(site().engine.scan(asked), _MOST)

    def lines() -> Iterator[str]:
        yield f'{_HEAD}<urlset xmlns="{_SPACE}">\n'
        for article in found:
            yield f"<url><loc>{escape(root)}/article/{article.id}</loc></url>\n"
        yield "</urlset>\n"

    return Response(lines(), mimetype="application/xml")
