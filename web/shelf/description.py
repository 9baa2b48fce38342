"""The shelf's part of the API's description (see `web.api.openapi`)."""

from __future__ import annotations

from typing import Any

from web.api.schemas import (
    COUNT,
    SOME,
    STATED,
    TEXT,
    TRUTH,
    listed,
    of_object,
    operation,
    query,
    ref,
    told,
    whole,
)
from web.shelf import lists, searches

MOST_CHOSEN = 500
"""Articles that can be named in one request."""

_SECONDS = told(COUNT, "Seconds since 1970.")
_NAME = {"type": "string", "maxLength": lists.NAME, "pattern": SOME}
_ARTICLE = {"type": "string", "pattern": "^[0-9a-f]{16}$"}
_WAYS = [
    {"properties": {"way": {"enum": [""]}}},
    *(
        {
            "properties": {
                "way": {"enum": [way]},
                "target": {"type": "string", "pattern": f"^{pattern}$"},
            },
            "required": ["way", "target"],
        }
        for way, pattern in searches.TARGETS.items()
    ),
]

SHELF_SCHEMAS: dict[str, Any] = {
    "SavedSearch": of_object(
        {
            "id": COUNT, "name": TEXT, "state": told(TEXT, "The query string of its page."),
            "described": told(TEXT, "What it asks for, in words."), "created": _SECONDS,
            "looked": told(COUNT, "Up to when its reader has seen what came; after it is new."),
            "way": {"enum": ["", *searches.TARGETS]},
            "target": told(TEXT, "Where alerts go to."), "rhythm": {"enum": ["each", "daily"]},
            "secret": told(TEXT, "By which its webhooks are signed."),
        }
    ),
    "SavedSearches": of_object({"searches": listed(ref("SavedSearch"))}),
    "News": of_object(
        {
            "count": told(COUNT, "Articles that came since its reader looked."),
            "search": told(TEXT, "The query string of the search that finds them."),
            "until": told(COUNT, "Up to when all articles came: send it as 'looked' when seen."),
        }
    ),
    "List": of_object(
        {
            "id": COUNT, "name": TEXT, "created": _SECONDS, "changed": _SECONDS,
            "is_shared": told(TRUTH, "Whether a link leads to it."), "count": COUNT,
        }
    ),
    "Lists": of_object({"lists": listed(ref("List"))}),
    "Entry": of_object(
        {
            "article": TEXT, "rank": told(COUNT, "Its place, from 1."), "note": TEXT,
            "tags": listed(TEXT), "version": told(COUNT, "Changes of note and tags so far."),
            "added": _SECONDS, "is_read": TRUTH, "cited": ref("Citation"),
        }
    ),
    "Citation": of_object(
        {"title": TEXT, "authors": listed(TEXT), "source": TEXT, "published": STATED, "url": TEXT}
    ),
    "Added": of_object(
        {"added": COUNT, "known": told(COUNT, "Those that were on the list already.")}
    ),
    "Link": of_object({"url": told(TEXT, "It is told here and never again.")}),
}  # fmt: skip
SHELF_SCHEMAS["ListedArticles"] = of_object(
    {**SHELF_SCHEMAS["List"]["properties"], "entries": listed(ref("Entry"))}
)


def _id(name: str, meaning: str) -> dict[str, Any]:
    number = {"type": "integer", "minimum": 1, "maximum": 2**53 - 1}
    return {"name": name, "in": "path", "required": True, "description": meaning, "schema": number}


_SEARCH, _LIST = _id("search", "The saved search's id."), _id("list_id", "The list's id.")
_ENTRY = {
    "name": "article", "in": "path", "required": True, "description": "The article's id.",
    "schema": _ARTICLE,
}  # fmt: skip


def _operation(
    name: str, summary: str, answers: dict[str, str], *parameters: dict[str, Any], **sent: Any
) -> dict[str, Any]:
    """Return an operation of the shelf: see `web.api.schemas.operation`."""
    problems = ("400", "403", "404", "409", "413", "429", "503")
    return operation(name, summary, answers, problems, *parameters, **sent)


_ASKED = told(
    {"type": "string", "maxLength": searches.STATE},
    "A search, as the query string of its page: q=bridge&tag=inquiry.",
)

SHELF_PATHS: dict[str, Any] = {
    "/shelf/searches": {
        "get": _operation("savedSearches", "List the saved searches", {"200": "SavedSearches"}),
        "post": _operation(
            "saveSearch", "Save a search, if it is not saved already",
            {"200": "SavedSearch", "201": "SavedSearch"}, required=["search"],
            body={
                "search": _ASKED,
                "name": told(
                    {"type": "string", "maxLength": lists.NAME},
                    "What to call it; what it asks for where this is left out.",
                ),
            },
        ),
    },
    "/shelf/searches/{search}": {
        "patch": _operation(
            "changeSearch", "Rename a saved search, set its alerts, or say up to when it was seen",
            {"200": "SavedSearch"}, _SEARCH, minProperties=1, anyOf=_WAYS,
            dependentRequired={"target": ["way"]},
            body={
                "name": _NAME,
                "way": told({"enum": ["", *searches.TARGETS]}, "How alerts go out."),
                "target": told(
                    {"type": "string", "maxLength": searches.TARGET},
                    "Where they go to: an address of mail, or of a webhook.",
                ),
                "rhythm": {"enum": ["each", "daily"]},
                "looked": told(
                    {"type": "integer", "minimum": 0, "maximum": 2**53 - 1},
                    "Up to when what came was seen, in seconds since 1970.",
                ),
            },
        ),
        "delete": _operation("deleteSearch", "Delete a saved search", {"204": ""}, _SEARCH),
    },
    "/shelf/searches/{search}/new": {
        "get": _operation(
            "newOfSearch", "Count what is new of a saved search", {"200": "News"}, _SEARCH
        ),
    },
    "/shelf/lists": {
        "get": _operation("lists", "List the lists, last changed first", {"200": "Lists"}),
        "post": _operation(
            "makeList", "Make a list, if there is none of this name",
            {"200": "List", "201": "List"}, body={"name": _NAME}, required=["name"],
        ),
    },
    "/shelf/lists/{list_id}": {
        "get": _operation(
            "list", "Read a list", {"200": "ListedArticles"}, _LIST,
            query("size", whole(1, 500, 50), "Articles to return."),
            query("page", whole(1, lists.MOST_ENTRIES, 1), "The page, from 1."),
            query("tag", TEXT, "Keep articles with this tag of yours."),
            query(
                "unread", {"type": "integer", "enum": [0, 1], "default": 0},
                "Keep articles that are not marked as read.",
            ),
        ),
        "patch": _operation(
            "renameList", "Rename a list", {"200": "List"}, _LIST, body={"name": _NAME},
            required=["name"],
        ),
        "delete": _operation("deleteList", "Delete a list with its notes", {"204": ""}, _LIST),
    },
    "/shelf/lists/{list_id}/entries": {
        "post": _operation(
            "addToList", "Put articles on a list: named ones, or all that a search finds",
            {"200": "Added"}, _LIST, minProperties=1, maxProperties=1,
            body={
                "ids": told(
                    {"type": "array", "items": _ARTICLE, "maxItems": MOST_CHOSEN}, "Articles."
                ),
                "search": _ASKED,
            },
        ),
    },
    "/shelf/lists/{list_id}/entries/{article}": {
        "patch": _operation(
            "changeEntry", "Change an article's note, tags, place or mark", {"200": "Entry"}, _LIST,
            _ENTRY,
            body={
                "note": {"type": "string", "maxLength": lists.NOTE},
                "tags": {
                    "type": "array", "maxItems": lists.TAGS,
                    "items": {"type": "string", "maxLength": lists.TAG},
                },
                "rank": told(
                    {"type": "integer", "minimum": 1, "maximum": lists.MOST_ENTRIES},
                    "The place to move it to, from 1.",
                ),
                "is_read": TRUTH,
                "version": told(
                    {"type": "integer", "minimum": 0, "maximum": 2**53 - 1},
                    "Change note and tags only if they have this version.",
                ),
            },
        ),
        "delete": _operation(
            "removeFromList", "Take an article off a list", {"204": ""}, _LIST, _ENTRY
        ),
    },
    "/shelf/lists/{list_id}/share": {
        "post": _operation(
            "shareList", "Make a link to a list, read only; the one before ends", {"200": "Link"},
            _LIST, body={},
        ),
        "delete": _operation("unshareList", "Revoke the link to a list", {"204": ""}, _LIST),
    },
}  # fmt: skip
