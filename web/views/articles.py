"""An article to read: its text with the words that were searched for, its neighbours, its versions.

The address of an article is ``/article/<id>``, for good. With a search behind it (the same
parameters as ``/search``) the page also marks the words and leads on to the next hit.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import PurePosixPath

from flask import Blueprint, Response, request
from flask_babel import gettext
from markupsafe import Markup

from corpus.core.article import Article
from corpus.core.fields import VALUES
from search.exports.citations import FORMATS, bibtex, markdown, plain, ris, safe_url
from search.request import Request
from web.addresses import Addresses, as_read, read_request, site_root
from web.i18n.wording import facet_label, value_label
from web.security.problems import Missing
from web.site import site
from web.templating import rendered
from web.views.described import json_ld, meta_tags
from web.views.differences import compare
from web.views.results import view_hit

blueprint = Blueprint("articles", __name__)

MOST_SHOWN = 700_000
"""Characters of a text, as markup, that are shown on its page: more than any but a few have."""

_ID = re.compile(r"[0-9A-Za-z._~-]{1,64}")
_IN_HEAD = {"section", "source", "authors", "place", "language"}
"""Fields that stand beside the headline."""

_CITED = {"plain": plain, "bibtex": bibtex, "ris": ris, "markdown": markdown}


@dataclass(frozen=True, slots=True)
class Reading:
    """An article's text as it is shown, how many marks are in it, and whether it goes on."""

    title: Markup
    lead: Markup
    body: tuple[Markup, ...]
    marks: int
    goes_on: bool = False


def find(article_id: str) -> Article:
    """Return an article by id; raises Missing, which is answered with 404."""
    found = site().engine.article(article_id) if _ID.fullmatch(article_id) else None
    if found is None:
        raise Missing(gettext("The archive has no article of this id. It may have been removed."))
    return found


def read(article: Article, matches: Sequence[tuple[str, int, int]]) -> Reading:
    """Return an article's text with what matched marked; marks are numbered for 'next match'."""
    places: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for part, start, end in matches:
        places[part].append((start, end))
    numbers = count(1)
    title = _marked(article.title or gettext("(no headline)"), places["title"], numbers)
    lead = _marked(article.lead, places["lead"], numbers)
    body: list[Markup] = []
    left = MOST_SHOWN
    for position, text in enumerate(article.body):
        shown = _marked(text, places[f"body/{position}"], numbers)
        left -= len(shown)
        if left < 0 and body:
            break
        body.append(shown)
    goes_on = len(body) < len(article.body)
    return Reading(title, lead, tuple(body), next(numbers) - 1, goes_on)


_MARK = Markup('<mark id="m%s">%s</mark>')


def _marked(text: str, places: Sequence[tuple[int, int]], numbers: Iterator[int]) -> Markup:
    """Return a text, escaped, with some stretches of it marked and numbered."""
    parts: list[str] = []
    at = 0
    for start, end in places:
        parts += (text[at:start], _MARK % (next(numbers), text[start:end]))
        at = end
    # Joined to markup, what is none is escaped.
    return Markup("").join((*parts, text[at:]))


@blueprint.get("/article/<article_id>")
def show(article_id: str) -> Response:
    """Answer with an article."""
    shared = site()
    article = find(article_id)
    asked = as_read(read_request(request.args, shared.config), shared.zone.key)
    addresses = Addresses(asked, request.script_root)
    searched = bool(addresses.state)
    matches = shared.engine.matches(asked, article_id) if asked.text else ()
    before, after = shared.engine.neighbours(asked, article_id) if searched else (None, None)
    bare = Addresses(Request(), request.script_root)
    zone = shared.zone
    root = site_root()
    permalink = f"{root}/article/{article.id}"
    description = " ".join((article.lead or " ".join(article.body[:1])).split())[:200]
    response = rendered(
        "article.html",
        article=article,
        reading=read(article, matches),
        request_=asked,
        addresses=addresses,
        bare=bare,
        searched=searched,
        before=before,
        after=after,
        related=[view_hit(hit, bare, zone) for hit in shared.engine.related(article_id, 5)],
        versions=[view_hit(hit, bare, zone) for hit in shared.engine.versions(article_id)],
        groups=_groups(article, bare),
        origin=PurePosixPath(article.origin.path.replace("\\", "/")).name,
        provenance=[(facet_label(field), how) for field, how in article.provenance],
        original=safe_url(article.url),
        citations={name: cite(article, zone, permalink) for name, cite in _CITED.items()},
        cite_labels=(
            ("plain", gettext("In words")),
            ("bibtex", "BibTeX"),
            ("ris", "RIS"),
            ("markdown", "Markdown"),
        ),
        permalink=permalink,
        zone=zone,
        description=description,
        tags=meta_tags(article, zone, permalink, shared.config.name, description),
        described=json_ld(article, permalink, description),
    )
    links = [f'<{permalink}>; rel="canonical"']
    if before is not None:
        links.append(f'<{addresses.article(before.id)}>; rel="prev"')
    if after is not None:
        links.append(f'<{addresses.article(after.id)}>; rel="next"')
    response.headers["Link"] = ", ".join(links)
    return response


def _groups(article: Article, bare: Addresses) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what an article is filed under: (label, (value, its search))."""
    groups = []
    for name in VALUES:
        value = getattr(article, name)
        if value and name not in _IN_HEAD:
            values = value if isinstance(value, tuple) else (value,)
            groups.append(
                (
                    facet_label(name),
                    [(value_label(name, one), bare.narrowed(name, one)) for one in values],
                )
            )
    return groups


@blueprint.get("/article/<article_id>/cite/<name>")
def cite(article_id: str, name: str) -> Response:
    """Answer with a citation as a file."""
    if name not in FORMATS:
        raise Missing(
            gettext("There is no citation in this format: take plain, bibtex, ris or markdown.")
        )
    article = find(article_id)
    root = site_root()
    text = _CITED[name](article, site().zone, f"{root}/article/{article.id}")
    response = Response(text, mimetype=FORMATS[name])
    ending = {"bibtex": "bib", "ris": "ris"}.get(name)
    if ending:
        response.headers["Content-Disposition"] = f'attachment; filename="{article.id}.{ending}"'
    return response


@blueprint.get("/article/<article_id>/related")
def related(article_id: str) -> Response:
    """Answer with the articles most like one."""
    shared = site()
    article = find(article_id)
    bare = Addresses(Request(), request.script_root)
    hits = [view_hit(hit, bare, shared.zone) for hit in shared.engine.related(article_id, 25)]
    return rendered("related.html", article=article, hits=hits, bare=bare)


@blueprint.get("/article/<article_id>/versions")
def versions(article_id: str) -> Response:
    """Answer with the versions of a story, two of them compared word by word."""
    shared = site()
    article = find(article_id)
    every = shared.engine.versions(article_id)
    others = [hit for hit in every if hit.id != article_id]
    chosen = request.args.get("with", "")
    other = next((hit for hit in others if hit.id == chosen), others[0] if others else None)
    compared = find(other.id) if other is not None else None
    pair = (article, compared)
    if compared is not None and _moment(compared) < _moment(article):
        pair = (compared, article)
    bare = Addresses(Request(), request.script_root)
    return rendered(
        "versions.html",
        article=article,
        versions=[view_hit(hit, bare, shared.zone) for hit in every],
        other=compared,
        older=pair[0],
        newer=pair[1],
        paragraphs=compare(_text(pair[0]), _text(pair[1])) if pair[1] else (),
        bare=bare,
        zone=shared.zone,
    )


def _text(article: Article) -> list[str]:
    """Return what is compared of an article: title, lead, paragraphs."""
    return [text for text in (article.title, article.lead, *article.body) if text]


def _moment(article: Article) -> float:
    """Return when an article was last changed, for telling the older of two."""
    moment = article.updated or article.published
    return moment.start(site().zone).timestamp() if moment else 0.0
