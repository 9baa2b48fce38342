"""The front page, the results of a search, all values of a facet, and the help page."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import orjson
from flask import Blueprint, Response, redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from corpus.core.errors import BroadsheetError
from corpus.core.fields import BROWSED, COUNTED
from corpus.core.stated_date import StatedDate
from indexer.analysis.analyser import tokenise
from search.answer import Answer, Facet, Hit, Note, Sparkline, Timeline
from search.request import Request
from web.addresses import (
    LONGEST_LINKED,
    PARAMETERS,
    SIZES,
    Addresses,
    as_read,
    pairs,
    read_request,
    site_root,
)
from web.i18n.wording import bytes_label, day_label, decimal, language, number
from web.security.problems import Missing
from web.site import site
from web.templating import rendered
from web.views.date_fields import readable
from web.views.help import sections
from web.views.notes import note_text
from web.views.results import (
    FacetView,
    filter_chips,
    hidden_pairs,
    page_links,
    view_facet,
    view_facets,
    view_hit,
)
from web.views.timeline import draw, spark
from web.views.values import values_page

blueprint = Blueprint("pages", __name__)

FACET_OF = {parameter: facet for facet, parameter in PARAMETERS.items()}
_OF_THE_ARCHIVE = frozenset({
    "pages.home", "pages.results", "pages.facet", "compare.show", "shelf.keep_form",
    "shelf.show_list", "taking.show", "taking.dossier", "articles", "batch", "browse", "like",
})  # fmt: skip
"""Endpoints, and blueprints, whose pages need an archive that answers."""
_AS_TYPED = "typed"
"""The parameter that keeps a misspelt search as it was typed."""
_RECENT = (30, 90, 365)
_ENOUGH = 7
_DROP_SECONDS = 0.15
"""How long to look for what a search that found nothing could drop: some ways are enough."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A part of a search that found nothing, and what would be found without it."""

    label: str
    url: str
    total: str


@blueprint.before_app_request
def unready() -> Response | None:
    """Answer with the page that stands for the archive while it cannot answer."""
    if _OF_THE_ARCHIVE.isdisjoint((request.endpoint, request.blueprint)):
        return None
    status = site().status()
    if status.state in ("ready", "degraded"):
        return None
    response = rendered(
        "unready.html", 503 if status.state in ("broken", "away") else 200,
        status=status, percent=round(status.progress * 100),
        written=bytes_label(status.bytes), mends="broadsheet repair" in status.message,
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    # A header rather than a script: it works without one, and stops with the state.
    response.headers["Refresh"] = "3" if status.state == "building" else "10"
    return response


@blueprint.get("/")
def home() -> Response:
    """Answer with the front page."""
    shared = site()
    front = shared.remembered("front", _front)
    addresses = Addresses(Request(), request.script_root)
    zone = shared.zone
    return rendered(
        "home.html",
        status=shared.status(),
        outlets=front.outlets,
        zone=zone,
        request_=addresses.request,
        addresses=addresses,
        tags=view_facet(front.tags, addresses),
        since=day_label(front.since, zone),
        sparks={name: spark(curve, zone) for name, curve in front.sparks.items()},
        sections=view_facet(front.sections, addresses),
        hits=[view_hit(hit, addresses, zone) for hit in front.newest],
        drawing=draw(front.timeline, addresses, zone) if front.timeline else None,
    )


@dataclass(frozen=True, slots=True)
class Front:
    """What the front page shows; `since` is the first day of the news that `tags` counts."""

    newest: tuple[Hit, ...]
    timeline: Timeline | None
    sections: Facet
    tags: Facet
    since: StatedDate | None
    sparks: Mapping[str, Sparkline]
    outlets: int


def _front() -> Front:
    """Ask for what the front page shows."""
    engine = site().engine
    answer = engine.search(Request(sort="newest", size=7, facets=("section",), facet_size=14))
    sections = next(iter(answer.facets), Facet("section", (), 0))
    tags, since = _often()
    values = [value.value for value in tags.values]
    curves = engine.sparklines("tags", values) if values else {}
    outlets = engine.facet(Request(timeline=False), "source", size=1).distinct
    return Front(answer.hits, answer.timeline, sections, tags, since, curves, outlets)


def _often() -> tuple[Facet, StatedDate | None]:
    """Return the tags of recent news, and since when: a month, or longer where that has few.

    News is as old as it is beside the newest article, dates to come aside. Where there are no
    dates, or few tags, all tags count.
    """
    shared = site()
    now = datetime.now(UTC)
    last = min(shared.status().last or now, now)
    for days in _RECENT:
        since = StatedDate.of((last - timedelta(days=days)).astimezone(shared.zone).date())
        found = shared.engine.facet(Request(since=since, timeline=False), "tags", size=14)
        if len(found.values) >= _ENOUGH:
            return found, since
    return shared.engine.facet(Request(timeline=False), "tags", size=14), None


def facets_for(asked: Request) -> tuple[str, ...]:
    """Return the facets that a results page counts: months show once a year is chosen, and so on.

    The agencies' groups are counted when they are asked for, or their place is.
    """
    facets = list(COUNTED)
    chosen = {*asked.filters, *asked.excluded}
    if "places" in chosen:
        facets += BROWSED
    if chosen & {"year", "month", "day"}:
        facets.append("month")
    if chosen & {"month", "day"}:
        facets.append("day")
    return tuple(dict.fromkeys([*facets, *asked.filters, *asked.excluded]))


@blueprint.get("/search")
def results() -> Response:
    """Answer with a page of a search's results."""
    shared = site()
    asked = read_request(request.args, shared.config)
    asked, dates = readable(asked, shared.status())
    asked = replace(asked, facets=facets_for(asked))
    answer = shared.engine.search(asked)
    typed = typed_url = ""
    if _is_misspelt(asked, answer):
        typed = asked.text
        typed_url = f"{Addresses(asked, request.script_root).search()}&{_AS_TYPED}=1"
        asked = replace(asked, text=answer.suggestion)
        answer = shared.engine.search(asked)
    asked = as_read(asked, shared.zone.key)
    addresses = Addresses(asked, request.script_root)
    of_hits = addresses.of_hits(len(answer.hits))
    zone = shared.zone
    chips = filter_chips(asked, addresses)
    facets = view_facets(answer, addresses)
    last = min(answer.pages, max(shared.config.max_depth // asked.size, 1))
    response = rendered(
        "results.html",
        answer=answer,
        typed=typed,
        typed_url=typed_url,
        request_=asked,
        addresses=addresses,
        zone=zone,
        hits=[view_hit(hit, of_hits, zone) for hit in answer.hits],
        facets=facets,
        drawing=draw(answer.timeline, addresses, zone) if answer.timeline else None,
        chips=chips,
        dates=dates,
        words=[
            (chip.label, addresses.asking(chip.without))
            for chip in answer.chips
            if not addresses.is_long
        ],
        notes=[
            *(
                (f"{each.label} “{each.text}”: {each.problem}", "")
                for each in dates
                if each.problem
            ),
            *(
                (note_text(note), _without_quote(note, addresses))
                # The heading says which words the articles have.
                for note in answer.notes
                if note.code != "some-words"
            ),
        ],
        beginning=_beginning(asked, answer, addresses),
        drops=_drops(asked, answer) if not answer.hits and asked.page == 1 else (),
        pages=page_links(answer.page, last) if last > 1 else (),
        last=last,
        sizes=SIZES,
        sorts=_sorts(language()),
        # Without words nothing is more relevant: then the order is by date.
        sort="newest" if asked.sort == "relevance" and not asked.text else asked.sort,
        kept=[pair for pair in hidden_pairs(asked) if pair[0] != "q"],
        hidden=hidden_pairs(asked, facets),
        hidden_state=pairs(asked, paging=True),
        any_url=addresses.of(replace(asked, match="any", page=1, after="")),
        removing=gettext("Remove"),
        took=decimal(answer.took_ms, 1 if answer.took_ms < 10 else 0),
    )
    if len(asked.text) <= LONGEST_LINKED:
        _link(response, addresses, answer, last)
    return response


def _without_quote(note: Note, addresses: Addresses) -> str:
    """Return the search without a quotation mark that nothing closes, "" for other notes."""
    if note.code != "unbalanced-quote" or note.start < 0:
        return ""
    text = addresses.request.text
    return addresses.asking(f"{text[: note.start]}{text[note.end :]}".strip())


def _beginning(asked: Request, answer: Answer, addresses: Addresses) -> Drop | None:
    """Return the beginning of a searched word that finds something where nothing else did."""
    if answer.hits or asked.page > 1:
        return None
    words = [token.text for token in tokenise(asked.text) if token.text.isalpha()]
    for word in sorted(words, key=len, reverse=True)[:4]:
        start = word[: max(4, len(word) * 2 // 3)]
        if len(start) < len(word) and (total := _total(replace(asked, text=f"{start}*"))):
            return Drop(f"{start}*", addresses.asking(f"{start}*"), number(total))
    return None


def _total(asked: Request) -> int:
    """Return how much a search finds, 0 where it cannot be answered."""
    counted = replace(
        asked, page=1, after="", size=1, facets=(), timeline=False, snippets=False, suggest=False
    )
    try:
        return site().engine.search(counted).total
    except BroadsheetError:
        return 0


def _is_misspelt(asked: Request, answer: Answer) -> bool:
    """Whether to show what was meant at once: nothing has the words, and nothing else can be."""
    first = asked.page == 1 and not asked.after
    return first and not answer.total and answer.suggestion_sure and _AS_TYPED not in request.args


@lru_cache(maxsize=16)
def _sorts(code: str) -> tuple[tuple[str, str], ...]:
    """Return the orders on offer, each with its name in the language of the page, `code`."""
    return (
        ("relevance", gettext("Relevance")),
        ("recent", gettext("Relevant and recent")),
        ("newest", gettext("Newest")),
        ("oldest", gettext("Oldest")),
        ("added", gettext("Newest in the archive")),
    )


def _link(response: Response, addresses: Addresses, answer: Answer, last: int) -> None:
    """Say in ``Link`` headers (RFC 8288) where the neighbouring pages and the feeds are."""
    links = [
        f'<{addresses.taken_away("feed.atom")}>; rel="alternate"; type="application/atom+xml"',
        f'<{addresses.taken_away("feed.json")}>; rel="alternate"; type="application/feed+json"',
    ]
    if answer.page > 1:
        links.append(f'<{addresses.page(answer.page - 1)}>; rel="prev"')
    if answer.page < last:
        links.append(f'<{addresses.page(answer.page + 1)}>; rel="next"')
    response.headers["Link"] = ", ".join(links)


def _drops(asked: Request, answer: Answer) -> tuple[Drop, ...]:
    """Return which single part of a search that found nothing could go, most rewarding first."""
    addresses = Addresses(asked, request.script_root)
    tries = [
        (chip.label, replace(asked, text=chip.without, page=1, after=""))
        for chip in answer.chips[:8]
        if chip.without.strip()
    ]
    tries += [
        (f"{chip.label}: {chip.value}", chip.rest) for chip in filter_chips(asked, addresses)[:8]
    ]
    found = []
    until = time.monotonic() + _DROP_SECONDS
    for label, rest in tries:
        if time.monotonic() > until:
            break
        if total := _total(rest):
            found.append((total, Drop(label, addresses.of(rest), number(total))))
    return tuple(drop for _, drop in sorted(found, key=lambda each: -each[0]))


@blueprint.get("/facet/<parameter>")
def facet(parameter: str) -> Response:
    """Answer with all values of a facet in a result: to look through, filter and choose from."""
    name = FACET_OF.get(parameter)
    if name is None:
        raise Missing(gettext("There is no facet of this name."))
    shared = site()
    asked = as_read(read_request(request.args, shared.config), shared.zone.key)
    template = "facet_values.html" if request.args.get("fragment") == "1" else "facet.html"

    def carried(view: FacetView, by: str) -> dict[str, list[tuple[str, str]]]:
        """Return what the form of the values carries along, dates and matching included."""
        bounds = [pair for pair in pairs(asked) if pair[0] in ("from", "to", "match")]
        return {"hidden": [*hidden_pairs(asked, (view,)), *bounds]}

    return values_page(template, name, asked, carried)


@blueprint.get("/suggest")
def suggest() -> Response:
    """Answer with completions in the form that browsers' search bars take."""
    text = request.args.get("q", "").strip()[:200]
    found = site().engine.complete(text) if text else ()
    body = [text, [each.text for each in found]]
    return Response(orjson.dumps(body), mimetype="application/x-suggestions+json")


@blueprint.get("/opensearch.xml")
def opensearch() -> Response:
    """Answer with the OpenSearch description, by which browsers add a search engine."""
    kind = "application/opensearchdescription+xml"
    return rendered("opensearch.xml", mimetype=kind, root=site_root())


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Ask crawlers to read articles and leave the endless ways to combine filters alone."""
    lines = "User-agent: *\nDisallow: /search\nDisallow: /facet\nDisallow: /export\n"
    if site().config.sitemap:
        root = site_root()
        lines += f"Sitemap: {root}/sitemap.xml\n"
    return Response(lines, mimetype="text/plain")


@blueprint.get("/favicon.ico")
def favicon() -> AnyResponse:
    """Lead to the icon."""
    return redirect(request.script_root + "/static/icon.svg")


@blueprint.get("/help")
def help_page() -> Response:
    """Answer with the syntax of queries, with examples from the open archive."""
    shared = site()
    ready = shared.status().state in ("ready", "degraded")
    return rendered("help.html", sections=sections(live=ready))
