"""The pages of a shelf: plain forms, each answered by a redirect to what they changed.

Results and articles lead here by links that anybody may follow: those pages are the same for all
readers and are kept in memory. What a form cannot be taken with is shown again with the form.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    request,
    session,
)
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from corpus.core.article import Article
from corpus.core.errors import BadRequestError, BroadsheetError
from search.request import Request
from web.addresses import Addresses, pairs, query_string, read_number, read_query, read_request
from web.i18n.wording import bad_request, day_label, exact_label, number
from web.security.problems import answer_problem
from web.shelf import lists, searches
from web.shelf.database import NotKeptError, ShelfError
from web.shelf.description import MOST_CHOSEN
from web.shelf.lists import ChangedMeanwhileError, Entry
from web.shelf.reader import check_form, reader, shelf
from web.shelf.searches import SavedSearch
from web.site import site
from web.templating import rendered
from web.views.articles import find as find_article
from web.views.results import filter_chips, page_links
from web.watch.reasons import reason_label

_log = logging.getLogger("broadsheet.web")

blueprint = Blueprint("shelf", __name__, url_prefix="/shelf")

_COUNT_SECONDS = 0.3
PAGE = 50
"""Articles on a page of a list."""

_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """An article of a list as it is shown; `url` is "" when it has left the archive."""

    entry: Entry
    url: str
    title: str
    byline: str
    day: str
    exact: str


@blueprint.before_request
def own_forms() -> None:
    """Refuse strangers, and forms of other sites, before anything is looked at."""
    reader()
    if request.method == "POST":
        check_form()


@blueprint.errorhandler(NotKeptError)
def missing(error: NotKeptError) -> Response:
    """Answer with 404, also for what is another reader's."""
    return answer_problem(
        404, gettext("There is nothing of this number on your shelf. It may be deleted.")
    )


@blueprint.app_errorhandler(ShelfError)
def unavailable(error: ShelfError) -> Response:
    """Say that the shelf is what cannot be used."""
    _log.error("the shelf is not available: %s", error)
    return answer_problem(
        503,
        gettext("What you keep cannot be read or changed just now. Searching works. Try again."),
        {"Retry-After": "30"},
    )


@blueprint.errorhandler(BadRequestError)
@blueprint.errorhandler(ChangedMeanwhileError)
def again(error: BadRequestError | ChangedMeanwhileError) -> Response:
    """Show a form again with what was wrong, so that nothing that was written is lost."""
    if request.method != "POST":
        raise error
    changed = error if isinstance(error, ChangedMeanwhileError) else None
    kept = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in ("csrf_token", "version")
    ]
    return rendered(
        "shelf/again.html", 409 if changed else 400, problem=str(error), fields=kept,
        changed=changed, request_=Request(), longest=lists.NOTE,
    )  # fmt: skip


def described(state: str) -> str:
    """Return what a search asks for, in words: what is typed, and its filters."""
    asked = asked_for(state)
    parts = [asked.text] if asked.text else []
    parts += [f"{chip.label}: {chip.value}" for chip in filter_chips(asked, Addresses(asked))]
    return " · ".join(parts) or gettext("All articles")


def asked_for(state: str) -> Request:
    """Return the request that a query string stands for."""
    return read_query(state, site().config)


@blueprint.get("")
def overview() -> AnyResponse:
    """Answer with all that the reader keeps."""
    who = reader()
    with shelf().reading() as db:
        saved, kept = searches.every(db, who), lists.every(db, who)
        problems = searches.problems(db, who)
    return rendered(
        "shelf/shelf.html", request_=Request(), reader=who, kept=kept,
        saved=[(each, described(each.state)) for each in saved], new=count_new(saved),
        problems={each: reason_label(reason) for each, reason in problems.items()},
    )  # fmt: skip


@blueprint.get("/search")
def search_form() -> AnyResponse:
    """Answer with the form that saves a search."""
    asked = read_request(request.args, site().config)
    state = query_string(pairs(asked))
    return rendered(
        "shelf/search_form.html", request_=asked, state=state, said=described(state),
        addresses=Addresses(asked, request.script_root),
    )  # fmt: skip


@blueprint.post("/searches")
def save_search() -> AnyResponse:
    """Save a search under a name."""
    state = query_string(pairs(asked_for(request.form.get("state", ""))))
    with shelf().writing() as db:
        name = request.form.get("name", "").strip() or described(state)[:100]
        saved, is_new = searches.save(db, reader(), name, state, site().status().arrived)
    if not is_new:
        flash(gettext("This search was saved already, as “%(name)s”.", name=saved.name))
    return _to(f"#search-{saved.id}")


@blueprint.post("/searches/<int:search>")
def change_search(search: int) -> AnyResponse:
    """Rename, watch or delete a saved search, or lead to what is new of it."""
    with shelf().writing() as db:
        if request.form.get("do") == "delete":
            searches.delete(db, reader(), search)
            return _to("#searches")
        match request.form.get("do"):
            case "new":
                saved = searches.find(db, reader(), search)
                searches.look(db, reader(), search, site().status().arrived)
                return redirect(Addresses(news_of(saved), request.script_root).search(), 303)
            case "watch":
                form = request.form
                alerts = searches.Alerts(
                    form.get("way", ""), form.get("target", ""), form.get("rhythm", "each")
                )
                searches.watch(db, reader(), search, alerts, site().status().arrived)
            case _:
                searches.change(db, reader(), search, request.form.get("name", ""))
    return _to(f"#search-{search}")


def news_of(saved: SavedSearch) -> Request:
    """Return the request for what came after a search was last looked at, the newest first."""
    asked = asked_for(saved.state)
    came = f"added:[{datetime.fromtimestamp(saved.looked + 1, UTC):%Y-%m-%dT%H:%M:%SZ} TO *]"
    if asked.text:
        bare = Request(text=asked.text, size=0, facets=(), timeline=False)
        came = f"({site().engine.search(bare).parsed}) {came}"
    return replace(asked, text=came, sort="added", page=1)


def count_new(saved: list[SavedSearch]) -> dict[int, int]:
    """Return how many articles came for each search since it was last looked at; where there are
    many searches, of the first ones, so that the page does not wait."""
    found: dict[int, int] = {}
    last, until = site().status().arrived, time.monotonic() + _COUNT_SECONDS
    for each in saved:
        if time.monotonic() > until:
            break
        if each.looked >= last:
            continue
        try:
            found[each.id] = site().engine.search(replace(_bare(news_of(each)), size=1)).total
        except BroadsheetError:
            continue
    return found


def _to(place: str) -> AnyResponse:
    return redirect(f"{request.script_root}/shelf{place}", 303)


@blueprint.get("/keep")
def keep_form() -> AnyResponse:
    """Answer with the form that puts articles on a list: chosen ones, a page's, or all found."""
    asked = read_request(request.args, site().config)
    which = request.args.get("which", "chosen")
    ids: list[str] = list(dict.fromkeys(request.args.getlist("id")))
    if which == "page":
        ids = [hit.id for hit in site().engine.search(_bare(asked)).hits]
    if which == "all":
        count, ids = site().engine.search(replace(_bare(asked), page=1, size=1)).shown, []
    else:
        count = len(ids)
    titles = [found_.title for each in ids[:_SHOWN] if (found_ := site().engine.article(each))]
    with shelf().reading() as db:
        kept = lists.every(db, reader())
    return rendered(
        "shelf/keep_form.html", request_=asked, which=which, ids=ids, count=count, kept=kept,
        titles=titles, most=lists.MOST_ENTRIES, state=query_string(pairs(asked)),
        addresses=Addresses(asked, request.script_root),
    )  # fmt: skip


def _bare(asked: Request) -> Request:
    return replace(asked, facets=(), timeline=False, snippets=False)


@blueprint.post("/keep")
def keep() -> AnyResponse:
    """Put articles on a list that there is, or on a new one."""
    form = request.form
    if form.get("which") == "all":
        articles = found(asked_for(form.get("state", "")))
    else:
        articles = chosen(form.getlist("id"))
    if not articles:
        raise bad_request("No article was chosen: go back and choose some.")
    with shelf().writing() as db:
        if form.get("name", "").strip():
            list_, _ = lists.create(db, reader(), form["name"])
        else:
            list_ = lists.find(db, reader(), _number(form.get("list", "")))
        new = lists.add(db, reader(), list_.id, articles)
    said = ngettext("%(count)s article added.", "%(count)s articles added.", new, count=number(new))
    if new < len(articles):
        known = len(articles) - new
        said += " " + ngettext(
            "%(count)s was on the list already.", "%(count)s were on the list already.", known,
            count=number(known),
        )  # fmt: skip
    flash(said)
    return _to(f"/lists/{list_.id}")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise bad_request("Choose a list, or name a new one.")
    return int(text)


def chosen(ids: Iterable[str]) -> list[Article]:
    """Return the articles of ids. Raises Missing when the archive has one of them not, and
    BadRequestError when they are too many."""
    named = dict.fromkeys(ids)
    if len(named) > MOST_CHOSEN:
        raise bad_request(
            "%(most)s articles can be chosen at once: choose fewer.", most=MOST_CHOSEN
        )
    return [find_article(each) for each in named]


def found(asked: Request) -> list[Article]:
    """Return all articles that a search finds. Raises BadRequestError when no list holds them."""
    whole = replace(_bare(asked), page=1, after="")
    count = site().engine.search(replace(whole, size=1)).shown
    if count > lists.MOST_ENTRIES:
        raise bad_request(
            "The search finds %(count)s articles, and a list holds %(most)s: narrow it.",
            count=number(count),
            most=number(lists.MOST_ENTRIES),
        )
    return list(site().engine.scan(whole))


@blueprint.post("/lists")
def create_list() -> AnyResponse:
    """Make an empty list."""
    with shelf().writing() as db:
        list_, is_new = lists.create(db, reader(), request.form.get("name", ""))
    if not is_new:
        flash(gettext("There was a list of this name already: this is it."))
    return _to(f"/lists/{list_.id}")


def entry_views(entries: Iterable[Entry]) -> list[EntryView]:
    """Return entries as they are shown: by the archive's own words, else by their citation."""
    shared = site()
    views = []
    for entry in entries:
        article = shared.engine.article(entry.article)
        shown = article or entry.cited
        byline = " · ".join(part for part in (", ".join(shown.authors), shown.source) if part)
        views.append(
            EntryView(
                entry=entry,
                url=f"{request.script_root}/article/{entry.article}" if article else "",
                title=shown.title or gettext("(no headline)"),
                byline=byline,
                day=day_label(shown.published, shared.zone),
                exact=exact_label(shown.published),
            )
        )
    return views


@blueprint.get("/lists/<int:list_id>")
def show_list(list_id: int) -> AnyResponse:
    """Answer with a page of a list."""
    tag, unread = request.args.get("tag", ""), request.args.get("unread") == "1"
    position = read_number(request.args, "page", 1, lists.MOST_ENTRIES)
    with shelf().reading() as db:
        list_ = lists.find(db, reader(), list_id)
        shown = lists.entries(
            db, reader(), list_id, offset=(position - 1) * PAGE, size=PAGE, tag=tag,
            unread=unread,
        )  # fmt: skip
        tags = lists.tags_of(db, list_id)
        total = lists.count(db, reader(), list_id, tag=tag, unread=unread)
    last = max(-(-total // PAGE), 1)
    narrowed = [pair for pair in (("tag", tag), ("unread", "1" if unread else "")) if pair[1]]
    # The link that was made just now is shown once: only its digest is kept.
    token, made_for = session.pop("token", ("", 0))
    return rendered(
        "shelf/list.html", request_=Request(), list=list_, entries=entry_views(shown),
        tags=tags, tag=tag, unread=unread, total=total, position=position, last=last,
        pages=page_links(position, last) if last > 1 else (),
        link=f"{request.script_root}/shared/{token}" if made_for == list_id else "",
        turn=f"{query_string(narrowed)}{'&' if narrowed else '?'}page=",
        here=query_string([*narrowed, ("page", str(position))]), longest=lists.NOTE,
        host=request.host_url.rstrip("/"),
    )  # fmt: skip


@blueprint.post("/lists/<int:list_id>")
def change_list(list_id: int) -> AnyResponse:
    """Rename, share or delete a list."""
    with shelf().writing() as db:
        match request.form.get("do"):
            case "delete":
                lists.delete(db, reader(), list_id)
                return _to("#lists")
            case "share":
                session["token"] = (lists.share(db, reader(), list_id), list_id)
            case "unshare":
                lists.unshare(db, reader(), list_id)
            case _:
                lists.rename(db, reader(), list_id, request.form.get("name", ""))
    return _to(f"/lists/{list_id}")


@blueprint.post("/lists/<int:list_id>/<article>")
def change_entry(list_id: int, article: str) -> AnyResponse:
    """Annotate, move, mark or remove an article of a list."""
    form, who = request.form, reader()
    with shelf().writing() as db:
        list_ = lists.find(db, who, list_id)
        match form.get("do"):
            case "remove":
                lists.remove(db, who, list_id, article)
            case "move":
                rank = read_number(form, "rank", 1, lists.MOST_ENTRIES)
                lists.move(db, who, list_id, article, rank)
            case "read" | "unread" as done:
                lists.mark(db, who, article, is_read=done == "read")
            case _:
                version = _number(form["version"]) if form.get("version") else None
                tags = form.get("tags", "").split(",")
                said = lists.Annotation(form.get("note", ""), tags, version)
                lists.annotate(db, who, list_.id, article, said)
    back = form.get("back", "")
    back = back if back.startswith("?") else ""
    return _to(f"/lists/{list_id}{back}#a-{article}")
