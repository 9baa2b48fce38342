"""Ask by example: a text that is pasted, or a page that is uploaded, and what is like it.

Nothing of it is kept or logged: it comes by POST, and the answer is not cached.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, request
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup

from corpus.reading import read_bytes
from search.example.like import Like, article_of, like, text_of
from search.exports.to_json import like_to_json
from search.request import Request
from web.addresses import Addresses
from web.api.api import answered
from web.api.api import blueprint as api
from web.api.parameters import arguments, whole_number
from web.i18n.wording import day_label, number
from web.security.turns import one_turn
from web.site import site
from web.templating import rendered
from web.views.results import HitView, marked, view_hit

blueprint = Blueprint("like", __name__)

_NOTES = {
    "text-cut": lazy_gettext("Only the beginning of the text was read: it is too long."),
    "no-words": lazy_gettext("There are no words to look for in this."),
    "passages-left": lazy_gettext("Not all passages were looked for: shorten the text."),
}


@dataclass(frozen=True, slots=True)
class _EarlierView:
    """An article that shares passages, as it is shown."""

    url: str
    title: str
    source: str
    day: str
    iso: str
    words: str
    passages: tuple[tuple[str, Markup, Markup], ...]


@api.post("/api/v1/like")
def alike() -> Response:
    """Find what is like a text."""
    with one_turn():
        found = like(site().engine, article_of(arguments()["text"]), whole_number("size"))
    return answered(like_to_json(found))


@blueprint.get("/like")
def ask() -> Response:
    """Answer with the form for an example."""
    return _page("", None)


@blueprint.post("/like")
def answer() -> Response:
    """Answer with what is like a text or a page."""
    upload = request.files.get("file")
    with one_turn():
        if upload is not None and upload.filename:
            found, reason = read_bytes(upload.stream.read(), upload.filename[:200])
            if found is None:
                reason = reason or "it is empty"
                told = gettext("This file cannot be read: %(reason)s.", reason=reason)
                return _page("", None, told)
            example, text = found, text_of(found)
        else:
            text = request.form.get("text", "")
            example = article_of(text)
        if not text.strip():
            return _page(text, None, gettext("There is no text: paste some, or choose a file."))
        return _page(text, like(site().engine, example))


def _page(text: str, found: Like | None, problem: str = "") -> Response:
    addresses = Addresses(Request(), request.script_root)
    zone = site().zone
    earlier: list[_EarlierView] = []
    closest: list[HitView] = []
    if found is not None:
        closest = [view_hit(hit, addresses, zone) for hit in found.closest]
        earlier = [
            _EarlierView(
                addresses.article(each.id), each.title or gettext("(no headline)"), each.source,
                day_label(each.published, zone), each.published or "", number(each.words),
                tuple(
                    (number(one.words), marked(one.own), marked(one.theirs))
                    for one in each.passages
                ),
            )
            for each in found.earlier
        ]  # fmt: skip
    return rendered(
        "like.html", 400 if problem else 200, text=text, found=found, closest=closest,
        earlier=earlier, problem=problem,
        notes=[str(_NOTES[note.code]) for note in (found.notes if found else ())],
    )  # fmt: skip
