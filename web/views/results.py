"""Answers as pages show them: plain values with every address and label worked out.

Templates only lay out. What they loop over is prepared here, because a call out of a template
costs more than an attribute of a slotted value, and a results page has some 90 rows of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import gettext
from markupsafe import Markup

from indexer.analysis.analyser import fold_value
from search.answer import Answer, Facet, Hit, Piece
from search.parameters import quoted
from search.request import Request
from web.addresses import PARAMETERS, Addresses, pairs
from web.escaping import escaped
from web.i18n.wording import (
    day_label,
    exact_label,
    facet_label,
    language,
    language_name,
    number,
    value_label,
)
from web.templating import GAP, parts, with_gaps

_SHOWN = 8
"""Values of a facet in the side bar; the rest is behind 'show more'."""

_MORE_TAGS = 6


class Link(NamedTuple):
    """A text and where it leads."""

    text: str
    url: str


class HitView(NamedTuple):
    """A hit as it is shown."""

    id: str
    url: str
    title: str
    snippet: str
    found_in: str
    day: str
    exact: str
    iso: str
    source: str
    section: str
    section_url: str
    tags: list[Link]
    lang: str
    tongue: str
    others: int
    others_url: str
    partial: bool
    hit: Hit


class ValueView(NamedTuple):
    """A value of a facet: `value` is asked for, `label` is read."""

    value: str
    label: str
    total: str
    selected: bool
    excluded: bool


class FacetView(NamedTuple):
    """A facet as a form shows it; `choices` is the markup of its values, with check boxes."""

    facet: str
    parameter: str
    label: str
    values: list[ValueView]
    choices: Markup
    more: int
    more_label: str
    url: str
    chosen: int


class FilterChip(NamedTuple):
    """A filter as a chip: the facet's name, the value, and the search without it."""

    label: str
    value: str
    rest: Request
    url: str
    excluded: bool = False


def marked(pieces: Iterable[Piece]) -> Markup:
    """Return runs of text with those that matched marked; what is no markup is escaped."""
    texts = [f"<mark>{escaped(text)}</mark>" if match else escaped(text) for text, match in pieces]
    return Markup("".join(texts))  # nosec B704


def view_hit(hit: Hit, addresses: Addresses, zone: ZoneInfo) -> HitView:
    """Return a hit as a results page shows it."""
    other = hit.language if hit.language != language() else ""
    title = marked(hit.title_pieces) if hit.title_pieces else hit.title
    return HitView(
        id=hit.id,
        url=addresses.article(hit.id),
        title=title or gettext("(no headline)"),
        snippet=marked(hit.snippet),
        found_in=facet_label(hit.found_in) if hit.found_in else "",
        day=day_label(hit.published, zone),
        exact=exact_label(hit.published),
        iso=hit.published or "",
        source=hit.source,
        section=hit.section,
        section_url=addresses.drilled("section", hit.section) if hit.section else "",
        tags=[Link(tag, addresses.drilled("tags", tag)) for tag in hit.tags[:_MORE_TAGS]],
        lang=other,
        tongue=language_name(other) if other else "",
        others=hit.versions - 1,
        others_url=addresses.versions(hit.id) if hit.versions > 1 else "",
        partial=hit.partial,
        hit=hit,
    )


@lru_cache(maxsize=8192)
def _offered(facet: str, value: str, code: str) -> tuple[str, str]:
    """Return the label of a value and its markup, in the language of the page, `code`, with gaps
    for the number of its articles and the beginning of the address that excludes it."""
    url, label = GAP + quoted(value), value_label(facet, value)
    return label, with_gaps(parts().offered(PARAMETERS[facet], value, label, GAP, url, False))


def view_facet(facet: Facet, addresses: Addresses, shown: int = 0) -> FacetView:
    """Return a facet as the side bar shows it: `shown` values, all when 0, chosen ones always."""
    name = facet.name
    values, choices = [], []
    excluding, code = escaped(addresses.excluding(name)), language()
    for position, (value, count, selected, excluded) in enumerate(facet.values):
        chosen = selected or excluded
        if shown and position >= shown and not chosen:
            break
        label, offered = _offered(name, value, code)
        total = number(count)
        values.append(ValueView(value, label, total, selected, excluded))
        if excluded:
            url = addresses.of(addresses.without(name, value))
            choices.append(parts().excluded(label, url))
        elif selected:
            url = addresses.excluded(name, value)
            choices.append(parts().offered(PARAMETERS[name], value, label, total, url, True))
        else:
            choices.append(offered % (total, excluding))
    return FacetView(
        facet=name,
        parameter=PARAMETERS[name],
        label=facet_label(name),
        values=values,
        choices=Markup("".join(choices)),  # nosec B704
        more=max(facet.distinct - len(values), 0),
        more_label=number(facet.distinct),
        url=addresses.facet(name),
        chosen=sum(value.selected or value.excluded for value in values),
    )


def view_facets(answer: Answer, addresses: Addresses) -> tuple[FacetView, ...]:
    """Return the facets that help: those with a choice to make, or one that was made."""
    views = []
    for facet in answer.facets:
        few = facet.distinct <= _SHOWN + 4
        view = view_facet(facet, addresses, 0 if few else _SHOWN)
        if view.chosen or len(view.values) > 1 or (len(view.values) == 1 and facet.name == "tags"):
            views.append(view)
    return tuple(views)


def filter_chips(request: Request, addresses: Addresses) -> tuple[FilterChip, ...]:
    """Return a request's filters and dates, each with the search without it."""
    chips = []
    for chosen, excluded in ((request.filters, False), (request.excluded, True)):
        for facet, values in chosen.items():
            for value in values:
                label, shown = facet_label(facet), value_label(facet, value)
                rest = addresses.without(facet, value)
                chips.append(FilterChip(label, shown, rest, addresses.of(rest), excluded))
    if request.since or request.until:
        span = f"{request.since or '…'} – {request.until or '…'}"
        if request.since == request.until:
            span = request.since
        rest = replace(request, since="", until="", page=1, after="")
        chips.append(FilterChip(gettext("Date"), span, rest, addresses.of(rest)))
    return tuple(chips)


def hidden_pairs(request: Request, views: Iterable[FacetView] = ()) -> list[tuple[str, str]]:
    """Return what a form about `views` must carry along: all of a request but what it shows."""
    own = {"from", "to", "match"} if views else set()
    folded = {
        (view.parameter, fold_value(value.value))
        for view in views if view.chosen for value in view.values if value.selected
    }  # fmt: skip
    return [
        (name, value)
        for name, value in pairs(request)
        if name not in own and (name, fold_value(value)) not in folded
    ]


def page_links(page: int, pages: int) -> Sequence[int]:
    """Return the numbers of the pages to link to: first, last, and those around; 0 is a gap."""
    near = sorted({1, pages, *range(max(1, page - 2), min(pages, page + 2) + 1)})
    numbers: list[int] = []
    for number_ in near:
        if numbers and number_ - numbers[-1] > 1:
            numbers.append(0)
        numbers.append(number_)
    return numbers
