"""Exports whose records lie in tables or far from each other: their parts brought together.

Ghost writes tables that name each other's rows, JSON:API (Drupal) keeps authors and terms apart
in `included`, Trove lists articles under each category, Arc's search wraps stories. `joined` gives
the records that a whole export holds, for `corpus.records.shapes` to read.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from corpus.records.paths import value_at, values_at

Record = dict[str, Any]

_LISTS = (
    "category[].records.article[]",  # Trove, version 3
    "response.zone[].records.article[]",  # Trove, version 2
    "recentActivityArticles.activity[]",  # Event Registry, stream
)
_NAME = "attributes.display_name, attributes.name, attributes.title"
_SECTIONS = ("section", "sections", "category", "categories", "channel", "rubrik", "rubrique")


def joined(parsed: Any) -> list[Record] | None:
    """Return the records of an export of a kind that is known here, None for any other."""
    if not isinstance(parsed, dict):
        return None
    if posts := values_at(parsed, "db[].data.posts[], data.posts[]"):
        return _ghost(value_at(parsed, "db[].data, data"), posts)
    if "jsonfeed.org" in str(parsed.get("version", "")) and isinstance(parsed.get("items"), list):
        return _json_feed(parsed)
    if isinstance(parsed.get("jsonapi"), dict) and "data" in parsed:
        return _json_api(parsed)
    if values_at(parsed, "content_elements[type=story]"):  # Arc, search
        return [one for one in parsed["content_elements"] if isinstance(one, dict)]
    for path in _LISTS:
        if records := values_at(parsed, path):
            return [record for record in records if isinstance(record, dict)]
    return None


def _ghost(tables: Record, posts: list[Record]) -> list[Record]:
    """Give each post of a Ghost export its tags, authors and the title of the site."""
    names = {
        table: {row.get("id"): row.get("name") for row in values_at(tables, f"{table}[]")}
        for table in ("tags", "users")
    }
    outlet = value_at(tables, "settings[key=title].value")

    links: dict[str, dict[Any, list[Record]]] = {"posts_tags": {}, "posts_authors": {}}
    for table, of_post in links.items():
        for row in values_at(tables, f"{table}[]"):
            of_post.setdefault(row.get("post_id"), []).append(row)

    def linked(table: str, post: Record, key: str, rows: str) -> list[str]:
        found = links[table].get(post["id"], [])
        found = sorted(found, key=lambda row: row.get("sort_order") or 0)
        return [name for row in found if (name := names[rows].get(row.get(key)))]

    return [
        {
            **post,
            "tags": linked("posts_tags", post, "tag_id", "tags"),
            "authors": linked("posts_authors", post, "author_id", "users"),
            "outlet": outlet,
            "mobiledoc": post.get("mobiledoc"),
            "status": post.get("status") if post.get("type", "post") == "post" else "a page",
        }
        for post in posts
        if isinstance(post, dict) and "id" in post
    ]


def _json_feed(feed: Record) -> list[Record]:
    """Give each item of a JSON Feed (https://jsonfeed.org) what the feed says for all of them."""
    shared = {
        "outlet": feed.get("title"),
        "language": feed.get("language"),
        "authors": feed.get("authors") or feed.get("author"),
    }
    return [
        {**shared, "authors": item.get("author") or shared["authors"], **item}
        for item in feed["items"]
        if isinstance(item, dict)
    ]


def _json_api(parsed: Record) -> list[Record]:
    """Give each node of a JSON:API answer the names of what it is related to."""
    given = (one for one in values_at(parsed, "included[]") if isinstance(one, dict))
    included = {(one.get("type"), one.get("id")): one for one in given}
    base = value_at(parsed, "links.self.href, links.self") or ""
    records = []
    for node in values_at(parsed, "data[]"):
        if not isinstance(node, dict):
            continue
        record = dict(node)
        tags: list[str] = []
        for link in values_at(node, "relationships.*") and node["relationships"].values():
            for target in values_at(link, "data[]"):
                kind = str(target.get("type") or "")
                found = included.get((kind, target.get("id")))
                name = value_at(found, _NAME)
                if not isinstance(name, str):
                    continue
                vocabulary = kind.rpartition("--")[2]
                if kind.startswith("user--") or vocabulary in ("author", "person"):
                    record.setdefault("authors", []).append(name)
                elif vocabulary in _SECTIONS:
                    record.setdefault("section", name)
                elif kind.startswith("taxonomy_term--"):
                    tags.append(name)
        record["tags"] = tags
        alias = value_at(node, "attributes.path.alias")
        if isinstance(alias, str) and isinstance(base, str) and base.startswith("http"):
            record["canonicalurl"] = urljoin(base, alias)
        records.append(record)
    return records
